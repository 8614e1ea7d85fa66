"""Values of a dictionary as a workbook: export, and import after a dry run that shows what changes."""

import json
from typing import Any

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.extensions import db
from app.forms.base import base as forms
from app.services.codes import value_sheets
from app.services.codes.value_sheets import Outcome, Row
from app.services.exports import workbook
from app.services.exports.workbook import XLSX
from app.views.codes.code_page import today, values_url
from app.web.security import require_actor


class ImportForm(forms.Form):
    file = forms.upload(_("Excel file"), ("xlsx",))


class SheetPages:
    """Routes of `ValuePage` that write a dictionary into a workbook and read it back."""

    head: Any
    render: Any

    @expose("/sheet/")
    def sheet_view(self) -> ResponseReturnValue:
        """Download the values of a dictionary."""
        head = self.head()
        name = gettext("%(name)s, values", name=head.name)
        return workbook.attachment(value_sheets.write(db.session(), head), f"{name}.xlsx", XLSX)

    @expose("/import/", methods=("GET", "POST"))
    def import_view(self) -> ResponseReturnValue:
        """Read a workbook, show what it would change, and store that once it is pressed again."""
        head, form = self.head(), ImportForm()
        if request.method == "GET":
            return self._import_page(form)
        is_confirmed = "rows" in request.form
        try:
            if not is_confirmed and not form.validate():
                return self._import_page(form), 422
            rows = (
                _sent()
                if is_confirmed
                else value_sheets.read(db.session(), head, form.file.data.stream)
            )
            found = value_sheets.enter(
                db.session(), head, rows, actor=require_actor(), today=today()
            )
            if is_confirmed:
                db.session.commit()
                flash(_done(found), "success")
                return redirect(values_url(request.values["kind"]), 303)
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            return self._import_page(form), 422
        db.session.rollback()
        return self._import_page(form, found=found, rows=json.dumps(value_sheets.packed(rows)))

    def _import_page(self, form: ImportForm, **found: Any) -> str:
        head = self.head()
        page = {"head": head, "form": form, "return_url": values_url(head.code), **found}
        answer: str = self.render("admin/codes/import.html", **page)
        return answer


def _sent() -> list[Row]:
    try:
        return value_sheets.unpacked(json.loads(request.form["rows"]))
    except ValueError:
        return value_sheets.unpacked([])


def _done(found: Outcome) -> str:
    return gettext(
        "Taken from the file: %(added)s new values, %(changed)s changed ones, %(unchanged)s as they were.",
        added=len(found.added),
        changed=len(found.changed),
        unchanged=found.unchanged,
    )
