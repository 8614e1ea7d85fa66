"""统计: applications by state, unit, series and year, and where they wait; each number opens its list."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import Select

from app import scopes, settings
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.services.exports import table_export
from app.services.statistics import backlog, counts
from app.views.base import figures, search
from app.views.base.access import guarded, signed_in_actor
from app.views.base.aliases import Label, Page
from app.views.base.columns import Column
from app.views.base.list_rows import LARGEST_PAGE, matching_rows
from app.views.case.application import ApplicationView
from app.views.statistics import statistics_pages as pages
from app.views.statistics.holder_field import HolderField


class StatisticsView(ApplicationView):
    """统计: the figures of everything the position may see, and the list behind each of them."""

    guide = "statistics"
    label = _("Statistics")
    purpose = _("All applications your position may see, counted. Each number opens its list.")
    empty = _("There is no application in your scope yet.")
    roles = (Role.UNIT, Role.SUPERIOR, Role.OFFICE, Role.HRSS)
    scope = staticmethod(scopes.applications)
    can_export = True
    default_view = "charts"
    list_columns: ClassVar[list[str | Column]] = [
        "number", "name", "unit", "series", "title", "state", "holder", "held_since", "due_at",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = [
        "review_year", "batch", "series", "unit", "state", "level", "name", "id_number", "number", "submitted_at",
    ]  # fmt: skip

    def _init_properties(self) -> None:
        super()._init_properties()
        self.search_fields.append(HolderField())

    def tab_links(self, actor: Actor) -> list[Page]:
        """Return the two sides of the menu, the figures and the list behind them, both as narrowed."""
        kept, is_list = pages.narrowing(request.args), request.endpoint == f"{self.endpoint}.list"
        sides = [("charts", gettext("Figures"), not is_list), ("list", gettext("List"), is_list)]
        return [
            {"label": label, "url": figures.address(route, kept), "is_current": is_current, "count": None}
            for route, label, is_current in sides
        ]  # fmt: skip

    @expose("/charts")
    @guarded("list")
    def charts(self) -> ResponseReturnValue:
        """Show the charts and the largest piles of waiting applications, as narrowed by the search above them."""
        frame = self._frame("charts", self.label)
        if frame["faults"]:
            return self.render_template("statistics.html", page=frame), 400
        shown = pages.shown(self._counted(pages.TOP + 1, pages.TOP + 1), frame["args"])
        return self.render_template("statistics.html", page=frame | shown)

    @expose("/units")
    @guarded("list")
    def units(self) -> ResponseReturnValue:
        """Show all units with their number of applications, the most first."""
        return self._all(
            "units", gettext("By unit"), figures.UNIT_HEADINGS, counts.by_unit, figures.unit_table
        )

    @expose("/waiting")
    @guarded("list")
    def stuck(self) -> ResponseReturnValue:
        """Show all piles of waiting applications by step and holder, the largest first."""
        return self._all(
            "stuck",
            gettext("Where it is stuck"),
            figures.PILE_HEADINGS,
            backlog.piles,
            figures.pile_table,
        )

    @expose("/charts.xlsx")
    @guarded("export")
    def workbook(self) -> ResponseReturnValue:
        """Download the figures as Excel, a sheet for each chart."""
        args = pages.narrowing(request.args)
        if search.faults(self.searched, args):
            abort(400)
        limits = settings.get("export_max_rows"), backlog.MOST_AT_ONCE
        sheets = pages.sheets(self._counted(*limits), pages.chosen(self.searched, args), limits)
        return table_export.download_sheets(str(self.label), sheets)

    def _rows(self) -> Select[Any]:
        """Return the query for the applications that are counted: the one of the list."""
        return matching_rows(self, signed_in_actor(), pages.narrowing(request.args))

    def _counted(self, most_units: int, most_piles: int) -> pages.Figures:
        session, rows = db.session(), self._rows()
        return pages.Figures(
            counts.totals(session, rows),
            counts.by_unit(session, rows, limit=most_units),
            backlog.piles(session, rows, limit=most_piles),
        )

    def _frame(self, route: str, title: Label) -> Page:
        """Return what all pages of the figures have: title, tabs, the search and to what it narrows them."""
        args = pages.narrowing(request.args)
        faults = search.faults(self.searched, args)
        return {
            "title": title,
            "purpose": self.purpose,
            "tabs": self.tab_links(signed_in_actor()),
            "args": args,
            "faults": faults,
            "search": [one.shown(args) for one in self.searched if one.name in pages.NARROWED],
            "search_url": figures.address(route, {}),
            "chosen": "" if faults else pages.chosen(self.searched, args),
            "export_url": figures.address("workbook", args) if self.may("export") else None,
            "back_url": figures.address("charts", args),
            "day": clock.now(),
        }

    def _all(
        self,
        route: str,
        title: Label,
        headings: Sequence[Label],
        count: Callable[..., Sequence[Any]],
        table: Callable[[figures.Args, Sequence[Any]], list[list[Page]]],
    ) -> ResponseReturnValue:
        """Show one page of a table of figures that is too long for the page of charts."""
        number = request.args.get("page", 1, type=int)
        if not 1 <= number <= LARGEST_PAGE:
            abort(400)
        frame, size = self._frame(route, title) | {"headings": headings}, pages.PAGE_SIZE
        if frame["faults"]:
            return self.render_template("statistics_all.html", page=frame), 400
        found = count(db.session(), self._rows(), limit=size + 1, offset=(number - 1) * size)
        args = frame["args"]
        shown = {
            "rows": table(args, found[:size]),
            "prev_url": figures.address(route, args | {"page": number - 1}) if number > 1 else None,
            "next_url": figures.address(route, args | {"page": number + 1})
            if len(found) > size
            else None,
        }
        return self.render_template("statistics_all.html", page=frame | shown)
