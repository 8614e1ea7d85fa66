"""Changed values as a file: export, and import as a dry run whose result goes into the draft."""

import io
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.services.customising import catalogue, change_sets, values_file
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.customising.file_page import ChosenFile, file_page
from app.views.customising.rights_draft import say_collected
from app.web.security import require_actor


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
        form = ChosenFile()
        if request.method == "POST" and form.validate():
            content = form.file.data.stream.read()
            try:
                return _dry_run(values_file.read(require_actor(), io.BytesIO(content)), content)
            except Refused as refusal:
                form.show(refusal)
        return _file_page(form)

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
            form = ChosenFile(formdata=None)
            form.show(refusal)
            return _file_page(form)
        db.session.commit()
        say_collected(count)
        return redirect(url_for("CustomiseView.draft"), 303)


def _file_page(form: ChosenFile) -> ResponseReturnValue:
    note = gettext("What the file does not name stays as it is here.")
    return file_page(form, url_for("CustomiseView.list"), [note])


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
