"""The configuration as a file: export, and import as a comparison whose changes go into drafts."""

import io
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, ngettext

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.services.configuration import comparing, configuration_file
from app.services.configuration.comparing import Comparison
from app.services.configuration.tables_area import TABLE_ROWS
from app.services.customising import catalogue, change_sets
from app.services.form import form_drafts, form_versions
from app.services.ground import own_files
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.customising.file_page import ChosenFile, file_page
from app.views.customising.rights_draft import say_collected
from app.views.form import form_pages
from app.web.security import require_actor

catalogue.register(TABLE_ROWS)

FORM = "form"
"""The name of the application form among the parts of a file."""
MOST_LINES = 300
"""Most lines of one list on the page; how many there are is said."""


class ExchangePages:
    """Routes of a page that moves the configuration, or the areas in `exchanged`, between installations."""

    endpoint: str
    exchanged: ClassVar[Collection[str] | None] = None
    file_name: ClassVar[str] = "configuration"

    @expose("/export.json")
    @guarded("list")
    def export(self) -> ResponseReturnValue:
        """Download the configuration as it holds now."""
        name = f"{self.file_name}-{clock.local_date(clock.now()):%Y%m%d}.json"
        headers = {"Content-Disposition": f"attachment; filename={name}"}
        content = configuration_file.write(configuration_file.here(self.exchanged))
        return Response(content, mimetype="application/json", headers=headers)

    @expose("/import", methods=["GET", "POST"])
    @guarded("change")
    def read_in(self) -> ResponseReturnValue:
        """Read a file and show how it differs; nothing is stored before 【Collect in the draft】."""
        form = ChosenFile()
        if request.method == "POST" and form.validate():
            with form.file.data.stream as stream:
                data = stream.read(configuration_file.MOST_MB * own_files.MB + 1)
            try:
                return comparison_page(
                    self._compare(data),
                    data.decode("utf-8", "replace"),
                    back_url=url_for(f"{self.endpoint}.list"),
                    collect_url=url_for(f"{self.endpoint}.collect"),
                )
            except Refused as refusal:
                form.show(refusal)
        return self._file_page(form)

    @expose("/collect", methods=["POST"])
    @guarded("change")
    def collect(self) -> ResponseReturnValue:
        """Collect in the draft what a file changes that was shown before; a form that differs becomes its draft."""
        data, parts = request.form.get("content", "").encode(), request.form.getlist("part")
        try:
            found = self._compare(data)
            count, is_form_begun = _collect(found, parts)
        except Refused as refusal:
            db.session.rollback()
            form = ChosenFile(formdata=None)
            form.show(refusal)
            return self._file_page(form)
        db.session.commit()
        if not is_form_begun or count:
            say_collected(count)
        if is_form_begun:
            flash(gettext("The form became a draft under “Application form”; publish it there after these changes."), "success")  # fmt: skip
        return redirect(url_for(f"{self.endpoint}.{'draft' if count else 'list'}"), 303)

    def _compare(self, data: bytes) -> Comparison:
        content = configuration_file.read(io.BytesIO(data))
        return comparing.compare(require_actor(), content, self.exchanged)

    def _file_page(self, form: ChosenFile) -> ResponseReturnValue:
        note = gettext("What the file does not name stays as it is here.")
        return file_page(form, url_for(f"{self.endpoint}.list"), [note])


def comparison_page(
    found: Comparison, content: str, *, back_url: str, collect_url: str
) -> ResponseReturnValue:
    """Show how a file differs, with the presses that collect its parts; `content` is the file as it is sent along."""
    page = {
        "title": gettext("The file beside this installation"),
        "lines": found.lines[:MOST_LINES],
        "count": found.size,
        "parts": _parts(found),
        "lists": _lists(found),
        "content": content,
        "back_url": back_url,
        "collect_url": collect_url,
    }
    here = form_versions.in_force().body
    differences = form_pages.differences(here, found.form) if found.form else []
    return render_template("exchange.html", page=page, differences=differences)


def _collect(found: Comparison, parts: Sequence[str]) -> tuple[int, bool]:
    """Collect the chosen parts; return how many changes, and whether the form became a draft."""
    actor, at = require_actor(), clock.now()
    chosen = {name: cells for name, cells in found.values.items() if name in parts and cells}
    count = sum(
        change_sets.collect(actor, catalogue.AREAS[name], cells, at=at, beside=chosen)
        for name, cells in chosen.items()
    )
    is_form_begun = found.form is not None and FORM in parts
    if is_form_begun:
        form_drafts.begin(actor=actor, body=found.form)
    return count, is_form_begun


def _parts(found: Comparison) -> list[Page]:
    """Return the parts of the file that can be collected, each with how much it changes."""
    parts: list[Page] = [
        {"name": name, "label": catalogue.AREAS[name].label, "count": len(cells)}
        for name, cells in found.values.items()
        if cells
    ]
    if found.form is not None:
        label = gettext("Application form")
        parts.append({"name": FORM, "label": label, "count": found.form_size})
    return parts


def _lists(found: Comparison) -> list[Page]:
    """Return what stays out of the draft: names, reasons, other people's areas, what only this installation has."""
    found_lists: list[tuple[str, list[Any]]] = [
        (gettext("Not in this installation, left out"), found.unknown),
        (gettext("May not be set, left out"), found.refused),
        (gettext("Differs, and somebody else reads it in"), [_sentence(one) for one in found.others]),
        (gettext("Only in this installation; it stays"), [_sentence(one, is_one=True) for one in found.only_here]),
    ]  # fmt: skip
    return [
        {"title": title, "count": len(lines), "lines": lines[:MOST_LINES], "more": _more(lines)}
        for title, lines in found_lists
        if lines
    ]


def _sentence(line: comparing.Line, *, is_one: bool = False) -> str:
    place = " · ".join(filter(None, (line.area, line.scope, line.menu, line.label)))
    values = line.old if is_one else f"{line.old} → {line.new}"
    return f"{place}{gettext(': ')}{values}"


def _more(lines: Sequence[str]) -> str:
    count = max(len(lines) - MOST_LINES, 0)
    return ngettext("%(num)s more", "%(num)s more", count) if count else ""
