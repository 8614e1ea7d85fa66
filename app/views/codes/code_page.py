"""Base of the pages of code tables: rows are retired, not deleted, and a code in use does not change."""

from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.helpers import get_redirect_target
from flask_babel import gettext
from sqlalchemy.orm.exc import StaleDataError
from wtforms import Form

from app.extensions import db
from app.ground import clock
from app.services.codes import table_uses
from app.services.ground import versions
from app.views.base import editing
from app.views.registers.maintenance_base import MaintenanceView, subject_of

Fault = tuple[str, str]


class CodePage(MaintenanceView):
    """A page whose rows have a code, a name and `is_active`; the button 停用 takes a row out of use."""

    unformed = ("is_active",)
    column_filters: ClassVar[Any] = ("is_active",)

    def code_refusal(self, row: Any, *, is_thorough: bool = False) -> str | None:
        """Return why the code of a row cannot be changed, or None."""
        return table_uses.code_refusal(db.session(), row)

    def retiring_refusal(self, row: Any) -> str | None:
        """Return why a row cannot be retired, naming the places that need it, or None."""
        return table_uses.retiring_refusal(db.session(), row)

    def taking_back_refusal(self, row: Any) -> str | None:
        """Return why a retired row cannot be used again, or None."""
        return None

    def concerned(self, row: Any) -> str:
        """Return in words what a retirement means to records that have the row."""
        return gettext("Records that have it go on showing it; new ones cannot choose it any more.")

    def name_of(self, row: Any) -> str:
        return f"{row.name}（{row.code}）"

    def faults(self, form: Any, row: Any) -> Iterator[Fault]:
        """Yield (field, sentence) of what refuses a change of `row`, None for a new one."""
        if row is None or "code" not in form or form.code.data == row.code:
            return
        if why := self.code_refusal(row, is_thorough=True):
            yield "code", why

    def validate_form(self, form: Any) -> bool:
        """Validate the form on submit, then ask what refuses the change."""
        if not super().validate_form(form):
            return False
        found = list(self.faults(form, form._obj))
        for name, sentence in found:
            if name in form:
                form[name].errors = [*form[name].errors, sentence]
            else:
                form.form_errors.append(sentence)
        return not found

    def edit_form(self, obj: Any = None) -> Any:
        """Return the form of a row; a code in use is shown and cannot be typed over."""
        form = super().edit_form(obj)
        is_page = (request.endpoint or "").endswith(".edit_view")
        if is_page and (why := self.code_refusal(obj)):
            form.code.render_kw = {**(form.code.render_kw or {}), "readonly": True}
            form.code.description = why
        return form

    @expose("/switch/", methods=("GET", "POST"))
    def switch_view(self) -> ResponseReturnValue:
        """Ask, then retire a row or take it back into use."""
        row = self.get_one(request.values.get("id", "")) or abort(404)
        back = get_redirect_target() or self.get_save_return_url(row)
        why = self.retiring_refusal(row) if row.is_active else self.taking_back_refusal(row)
        if request.method == "POST" and why is None:
            why = self._switch(row, editing.seen_version())
            if why is None:
                return redirect(back, 303)
            row = self.get_one(request.values["id"])
        page = {"row": row, "name": self.name_of(row), "why": why, "concerned": self.concerned(row)}
        answer = self.render("admin/codes/switch.html", return_url=back, form=Form(), **page)
        return answer, 422 if request.method == "POST" else 200

    def _switch(self, row: Any, seen: int) -> str | None:
        """Retire a row or take it back; return why not, if somebody else has changed it."""
        name, subject = self.name_of(row), subject_of(row)
        said = _retired(name, self.concerned(row)) if row.is_active else _taken_back(name)
        versions.require_version(row, seen)
        row.is_active = not row.is_active
        try:
            self.on_model_change(None, row, False)
            db.session.commit()
        except StaleDataError:
            db.session.rollback()
            return versions.outdated_refusal(subject).sentence
        flash(said, "success")
        return None


def values_url(kind: str) -> str:
    """Return the address of the values of a dictionary."""
    return url_for("ValuePage.index_view", kind=kind)


def today() -> date:
    """Return the present day in Hunan."""
    return clock.local_date(clock.now())


def _retired(name: str, concerned: str) -> str:
    return gettext("Retired: %(name)s. %(concerned)s", name=name, concerned=concerned)


def _taken_back(name: str) -> str:
    return gettext("In use again: %(name)s.", name=name)
