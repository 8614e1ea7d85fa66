"""What may become a column: every list of cases × every field that some published version of the form has."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from flask import current_app
from flask_babel.speaklater import LazyString

from app.extensions import db
from app.models import Application
from app.services.customising import catalogue, screens
from app.services.customising.catalogue import Place
from app.services.customising.dossier_area import DossierArea, ListedField
from app.services.customising.dossier_order import PREFIX
from app.services.form import published_forms
from app.services.form.form_parts import Form
from app.views.case.application import ApplicationView
from app.views.case.dossier_fields import READERS, field_label
from app.views.customising.rights_catalogue import menu_label
from app.views.frame.menu_tree import current_menu

KEPT = "zhicheng.dossier_catalogue"
CHAPTERS = ("1.1.", "1.2.")
"""Beginnings of the menus whose lists may show fields of dossiers."""


def lists() -> list[Any]:
    """Return the views of the lists, in the order of the menu."""
    return [view for view in current_menu().views() if _is_list(view)]


def _is_list(view: Any) -> bool:
    is_of_cases = issubclass(view, ApplicationView) and view.model is Application
    return is_of_cases and view.guide.startswith(CHAPTERS) and set(view.roles) <= READERS


def items() -> Mapping[Place, ListedField]:
    """Return every list × field, fields of the form in use first; built once per worker and published form."""
    forms = published_forms.newest_first(db.session())
    versions = [one.version for one in forms]
    kept: tuple[list[Form], Mapping[Place, ListedField]] | None = current_app.extensions.get(KEPT)
    if kept is None or not published_forms.are_same(kept[0], forms):
        made = {(one.target, one.key): one for one in _items(forms)} if versions else {}
        kept = current_app.extensions[KEPT] = forms, made
    return kept[1]


def orders_of(view: str, fields: Collection[str] | None = None) -> dict[str, Any]:
    """Return the orders by fields of the dossier that a list may open in: value → words; only by `fields`, if given."""
    found: dict[str, Any] = {}
    for (target, key), item in items().items():
        if target == view and (fields is None or key in fields):
            found |= screens.two_orders(f"{PREFIX}{key}", item.label)
    return found


def _items(forms: Sequence[Form]) -> Iterator[ListedField]:
    fields: dict[str, Any] = {}
    for form in forms:
        for key, section, field in published_forms.listed_fields(form):
            fields.setdefault(key, (section, field, form is forms[0]))
    for view in lists():
        for key, (section, field, is_in_use) in fields.items():
            yield ListedField(
                view.__name__,
                key,
                group=LazyString(lambda section=section: section.label),
                menu=LazyString(partial(menu_label, view)),
                label=LazyString(partial(field_label, section, field)),
                kind=field.kind,
                is_in_use=is_in_use,
            )


DOSSIER = DossierArea(items)
catalogue.register(DOSSIER)
