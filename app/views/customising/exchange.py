"""Changed values as a file: export, and import as a dry run whose result goes into the draft."""

import io
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.extensions import db
from app.forms.base import base as forms
from app.forms.base.file_fields import FileField
from app.ground import clock
from app.services.customising import catalogue, change_sets, values_file
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.web.security import require_actor


class ValuesForm(forms.Form):
    file = FileField(
        _("File"),
        description=_("A file that 【Export】 on this page has written, JSON, at most 4 MB."),
        render_kw={"accept": ".json,application/json", "data-max-mb": "4"},
    )


class ValuesExchange:
    """Routes of `CustomiseView` that move changes between installations."""

    @expose("/export.json")
    @guarded("list")
    def export(self) -> ResponseReturnValue:
        """Download what differs from the program's own."""
        name = f"customisation-{clock.local_date(clock.now()):%Y%m%d}.json"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        content = values_file.write(require_actor())
        return Response(content, mimetype="application/json", headers=headers)

    @expose("/import", methods=["GET", "POST"])
    @guarded("change")
    def read_in(self) -> ResponseReturnValue:
        """Read a file and show what it would change; nothing is stored before 【Collect in the draft】."""
        form = ValuesForm()
        if request.method == "POST" and form.validate():
            content = form.file.data.stream.read()
            try:
                return _dry_run(values_file.read(require_actor(), io.BytesIO(content)), content)
            except Refused as refusal:
                form.show(refusal)
        return self._file_page(form)

    @expose("/collect", methods=["POST"])
    @guarded("change")
    def collect(self) -> ResponseReturnValue:
        """Collect in the draft what a file changes that was shown before."""
        actor, at = require_actor(), clock.now()
        content = request.form.get("content", "").encode()
        try:
            found = values_file.read(actor, io.BytesIO(content))
            count = sum(
                change_sets.collect(actor, catalogue.AREAS[name], cells, at=at)
                for name, cells in found.values.items()
            )
        except Refused as refusal:
            db.session.rollback()
            form = ValuesForm(formdata=None)
            form.show(refusal)
            return self._file_page(form)
        db.session.commit()
        said = ngettext("%(num)s change collected in your draft; nothing holds yet.", "%(num)s changes collected in your draft; nothing holds yet.", count)  # fmt: skip
        flash(said, "success")
        return redirect(url_for("CustomiseView.draft"), 303)

    def _file_page(self, form: ValuesForm) -> ResponseReturnValue:
        page = {
            "title": gettext("Read in a file"),
            "form": form,
            "version": None,
            "back_url": url_for("CustomiseView.list"),
            "submit_label": gettext("Show what it would change"),
            "is_multipart": True,
            "notes": [
                gettext("This is a dry run: the next page shows what would change, nothing is stored."),
                gettext("What the file does not name stays as it is here."),
            ],
        }  # fmt: skip
        answer = render_template("form.html", page=page)
        return answer, 422 if form.errors or form.form_errors else 200


def _dry_run(found: values_file.Reading, content: bytes) -> ResponseReturnValue:
    rows = [row for name, cells in found.values.items() for row in _rows(found, name, cells)]
    page = {
        "title": gettext("What the file would change"),
        "rows": rows,
        "found": found,
        "content": content.decode(),
    }
    return render_template("customise_import.html", page=page)


def _rows(found: values_file.Reading, name: str, cells: dict[Any, Any]) -> list[Page]:
    area = catalogue.AREAS[name]
    items = area.items()
    return [
        {
            "scope": area.scope_label(cell[2]),
            "menu": items[cell[:2]].menu,
            "label": items[cell[:2]].label,
            "old": area.value_label(found.now[name][cell], items[cell[:2]]),
            "new": area.value_label(value, items[cell[:2]]),
        }
        for cell, value in cells.items()
    ]
