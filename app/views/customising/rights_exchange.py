"""Permissions as a file: export, and import as a dry run whose result goes into the draft."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.engine import Refused
from app.ground import clock
from app.services.customising import rights_file
from app.views.base.access import guarded
from app.views.customising.file_page import ChosenFile, file_page
from app.views.customising.rights_catalogue import RIGHTS
from app.web.security import require_actor


class ExchangePages:
    """Routes of `GrantView` that move permissions between installations."""

    @expose("/export.json")
    @guarded("list")
    def export(self) -> ResponseReturnValue:
        """Download the permissions that hold now."""
        name = f"menu-permissions-{clock.local_date(clock.now()):%Y%m%d}.json"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        return Response(rights_file.write(RIGHTS), mimetype="application/json", headers=headers)

    @expose("/import", methods=["GET", "POST"])
    @guarded("change")
    def read_in(self) -> ResponseReturnValue:
        """Read a file and show what it would change; nothing is stored before 【Collect in the draft】."""
        form = ChosenFile()
        if request.method == "POST" and form.validate():
            try:
                stream = form.file.data.stream
                return _dry_run(rights_file.read(require_actor(), RIGHTS, stream))
            except Refused as refusal:
                form.show(refusal)
        return file_page(form, url_for("GrantView.list"))


def _dry_run(found: rights_file.Reading) -> ResponseReturnValue:
    items = RIGHTS.items()
    rows: list[dict[str, Any]] = [
        {
            "value": ":".join(cell),
            "is_on": value,
            "role": RIGHTS.scope_label(cell[2]),
            "menu": items[cell[:2]].menu,
            "label": items[cell[:2]].label,
            "old": RIGHTS.value_label(not value),
            "new": RIGHTS.value_label(value),
        }
        for cell, value in found.values.items()
    ]
    page = {"title": gettext("What the file would change"), "rows": rows, "found": found}
    return render_template("rights/import.html", page=page)
