"""Flask-Admin page of the dictionaries: their heads; each leads to its values."""

from typing import Any, ClassVar

from flask import g
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from markupsafe import Markup
from sqlalchemy import func, select

from app.extensions import db
from app.models import Dictionary, DictItem
from app.services.codes import dictionary_uses
from app.views.codes.code_page import CodePage, today, values_url
from app.views.codes.values import ValuePage
from app.views.registers.maintenance_base import labelled


def _counts() -> dict[str, int]:
    """Return how many values each dictionary offers today; read once per request."""
    if "dictionary_counts" not in g:
        query = select(DictItem.kind, func.count()).where(DictItem.is_offered_on(today()))
        g.dictionary_counts = dict(db.session.execute(query.group_by(DictItem.kind)).tuples().all())
    counts: dict[str, int] = g.dictionary_counts
    return counts


def _values_link(_view: Any, _context: Any, head: Dictionary, _name: str) -> Markup:
    words = gettext("%(count)s values", count=_counts().get(head.code, 0))
    return Markup('<a href="{}">{}<span class="visually-hidden"> {}</span></a>').format(
        values_url(head.code), words, head.name
    )


@labelled(_("Dictionaries"))
class DictionaryPage(CodePage):
    model_class = Dictionary
    how_to = ("add-and-retire-a-value",)
    inside = (ValuePage,)
    named = ("name", "code", "name_en", "is_closed", "is_active")
    purpose = _(
        "What choices offer. “Values” opens a dictionary; it says where the dictionary is used."
    )
    column_editable_list = ("name", "name_en")
    column_filters = ("is_closed", "is_active")
    column_searchable_list = ("name", "code", "name_en")
    column_formatters: ClassVar[dict[str, Any]] = {"values": _values_link}

    def code_refusal(self, row: Dictionary, *, is_thorough: bool = False) -> str | None:
        query = select(DictItem.id).where(DictItem.kind == row.code).limit(1)
        if db.session.scalar(query):
            return gettext("The code cannot be changed: the dictionary has values.")
        if places := dictionary_uses.places_of_dictionary(db.session(), row.code):
            return gettext(
                "The code cannot be changed: %(places)s.", places=dictionary_uses.joined(places)
            )
        return None

    def retiring_refusal(self, row: Dictionary) -> str | None:
        return dictionary_uses.dictionary_refusal(db.session(), row)

    def concerned(self, row: Dictionary) -> str:
        return gettext("No form can use it any more; its values stay as they are.")

    def get_save_return_url(self, model: Dictionary, is_created: bool = False) -> str:
        """Lead from a new dictionary to its values, of which it has none yet."""
        if is_created:
            return values_url(model.code)
        url: str = super().get_save_return_url(model, is_created)
        return url


DictionaryPage.column_list = ["name", "code", "values", "name_en", "is_closed", "is_active"]
DictionaryPage.column_labels = {**DictionaryPage.column_labels, "values": _("Values")}
MENUS = (DictionaryPage,)
INSIDE = DictionaryPage.inside
"""Pages that another page leads to, with its permissions."""
