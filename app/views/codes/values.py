"""Flask-Admin page of the values of one dictionary: edited in place, put in order, retired, merged, as a workbook."""

from collections.abc import Iterator
from typing import Any, ClassVar

from flask import abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select

from app.engine import Refused
from app.extensions import db
from app.models import Dictionary, DictItem
from app.services.codes import dictionary_uses, usage, used_forms
from app.services.codes.ordering import ValuesInOrder
from app.services.form.form_parts import localized
from app.views.codes.code_page import CodePage, Fault, today, values_url
from app.views.codes.row_order import OrderPages
from app.views.codes.value_merge import MergePages
from app.views.codes.value_sheets import SheetPages
from app.views.registers import maintenance_fields
from app.views.registers.maintenance_base import labelled


@labelled(_("Values of a dictionary"))
class ValuePage(MergePages, OrderPages, SheetPages, CodePage):
    model_class = DictItem
    permission_of = "DictionaryPage"
    named = ("label", "code", "valid_from", "valid_to", "standard", "is_active")
    list_template = "admin/codes/values.html"
    create_template = "admin/codes/value_new.html"
    order_fields = ("kind",)
    column_default_sort: ClassVar[Any] = [("order", False), ("id", False)]
    column_editable_list = ("label", "valid_from", "valid_to", "standard")
    column_searchable_list = ("label", "code")

    def head(self) -> Dictionary:
        """Return the dictionary the address names; 404 for none."""
        if "dictionary_head" not in g:
            kind = request.values.get("kind", "")
            g.dictionary_head = db.session.get(Dictionary, kind) or abort(404)
        head: Dictionary = g.dictionary_head
        return head

    def ordered(self) -> ValuesInOrder:
        """Return the values of the dictionary that the address names."""
        g.pop("dictionary_head", None)
        return ValuesInOrder(db.session(), self.head())

    def ordered_url(self) -> str:
        return values_url(self.head().code)

    @expose("/")
    def index_view(self) -> ResponseReturnValue:
        """List the values of a dictionary; without one lead to the dictionaries."""
        if "kind" not in request.args:
            return redirect(url_for("DictionaryPage.index_view"))
        answer: ResponseReturnValue = super().index_view()
        return answer

    def get_query(self) -> Any:
        return super().get_query().filter(DictItem.kind == self.head().code)

    def get_count_query(self) -> Any:
        return super().get_count_query().filter(DictItem.kind == self.head().code)

    def render(self, template: str, **kwargs: Any) -> Any:
        if template == self.list_template:
            head = self.head()
            kwargs |= {
                "head": head,
                "head_name": localized((head.name, head.name_en)),
                "places": dictionary_uses.places_of_dictionary(db.session(), head.code),
                "order": self.order_of(kwargs),
            }
        return super().render(template, **kwargs)

    def get_save_return_url(self, model: DictItem, is_created: bool = False) -> str:
        return values_url(model.kind)

    def build_new_instance(self) -> DictItem:
        kind = self.head().code
        last = db.session.scalar(select(func.max(DictItem.order)).where(DictItem.kind == kind))
        return DictItem(kind=kind, order=(last or 0) + 1)

    def create_form(self, obj: Any = None) -> Any:
        self.head()
        return super().create_form(obj)

    def edit_form(self, obj: Any = None) -> Any:
        g.dictionary_head = db.session.get_one(Dictionary, obj.kind)
        return super().edit_form(obj)

    def get_url(self, endpoint: str, **kwargs: Any) -> str:
        """Return an address; that of a new value names its dictionary."""
        if endpoint == ".create_view":
            kwargs.setdefault("kind", self.head().code)
        url: str = super().get_url(endpoint, **kwargs)
        return url

    def name_of(self, row: DictItem) -> str:
        return f"{row.label}（{row.code}）"

    def faults(self, form: Any, row: DictItem | None) -> Iterator[Fault]:
        yield from super().faults(form, row)
        first, last = (
            form[name].data if name in form else getattr(row, name, None)
            for name in ("valid_from", "valid_to")
        )
        if first and last and last < first:
            yield "valid_to", gettext("The last day lies before the first one.")
            return
        try:
            if row is None:
                dictionary_uses.require_open(db.session(), self.head().code)
            else:
                dictionary_uses.require_change(
                    db.session(),
                    row,
                    today=today(),
                    is_active=row.is_active,
                    first=first,
                    last=last,
                )
        except Refused as refusal:
            yield "code" if row is None else "valid_to", refusal.sentence
        if "code" in form and (row is None or form.code.data != row.code):
            kind = row.kind if row else self.head().code
            same = select(DictItem.id).filter_by(kind=kind, code=form.code.data)
            if db.session.scalar(same):
                yield "code", maintenance_fields.taken(form.code.data)

    def code_refusal(self, row: DictItem, *, is_thorough: bool = False) -> str | None:
        return dictionary_uses.code_refusal(db.session(), row, is_thorough=is_thorough)

    def retiring_refusal(self, row: DictItem) -> str | None:
        try:
            dictionary_uses.require_may_end(db.session(), row, last=None, today=today())
        except Refused as refusal:
            return refusal.sentence
        return None

    def taking_back_refusal(self, row: DictItem) -> str | None:
        try:
            dictionary_uses.require_change(
                db.session(), row, today=today(), is_active=True, first=row.valid_from, last=row.valid_to
            )  # fmt: skip
        except Refused as refusal:
            return refusal.sentence
        return None

    def concerned(self, row: DictItem) -> str:
        return gettext(
            "%(count)s applications have it and go on showing it; nobody can choose it any more.",
            count=usage.count_applications(db.session(), row.kind, row.code),
        )

    def after_model_change(self, form: Any, model: DictItem, is_created: bool) -> None:
        """Say of a new value where it is offered from now on and how many applications are being filled in there."""
        if is_created:
            g.said = _added(model)


def _added(item: DictItem) -> str:
    forms = used_forms.used_forms(db.session())
    places = [
        place
        for place in used_forms.fields_of_dictionary(forms, item.kind)
        if not place.form.is_draft
    ]
    if not places:
        return gettext(
            "Added: %(name)s. No published form offers this dictionary yet.", name=item.label
        )
    return gettext(
        "Added: %(name)s. It is offered in %(places)s; %(count)s applications are being filled in there.",
        name=item.label,
        places=dictionary_uses.joined([str(one) for one in places]),
        count=usage.count_filling_in(db.session(), [one.form.version for one in places]),
    )
