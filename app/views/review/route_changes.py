"""Tabs of 1.6.1 and 1.6.2: branches that move and levels put in between, confirmed in one round."""

from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy.orm import selectinload

from app import engine, scopes
from app.engine import Refused
from app.enums import Level, Role, RouteChangeKind
from app.extensions import db
from app.forms.base.base import Form
from app.forms.route_changes import BranchForm, LevelForm
from app.ground import clock
from app.ground.actor import Actor
from app.models import Committee, RouteChange, Unit
from app.services.review import route_branches, route_changes, route_tree
from app.todos.declared import Todo
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column, computed
from app.views.base.declarations import Button
from app.views.base.detail_sections import DetailSection
from app.web.security import require_actor

CHANGE: Column = computed("change", _("What changes"), route_changes.name_of)


PLACES = Column(
    "places",
    _("Places that change"),
    lambda one: len(one.lines),
    "number",
    load=(selectinload(RouteChange.lines),),
)


class RouteChangeBase(GuideView):
    """Base of the tabs of the office and of the units concerned."""

    model = RouteChange
    record_loading = (selectinload(RouteChange.lines),)
    list_columns: ClassVar[list[str | Column]] = [
        "committee", CHANGE, PLACES,
        "asked_unit", "proposed_at", "settled_at", "state",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["committee", "asked_unit", "state"]

    def name_of(self, record: RouteChange) -> str:
        return route_changes.name_of(record)

    def sections(self, record: RouteChange, actor: Actor) -> list[DetailSection]:
        facts = [*self.list_columns, "proposer", *(["answer"] if record.answer else [])]
        return [
            detail_sections.pairs("basic", gettext("Change of the review tree"), record, facts),
            _places(record),
            detail_sections.text("holds", gettext("What it holds"), _holds(record)),
        ]


def _places(record: RouteChange) -> DetailSection:
    committee = gettext("the committee")
    rows = []
    for line in record.lines:
        before = line.superior_before.name if line.superior_before else committee
        after = line.superior_after.name if line.superior_after else committee
        was = before if line.state_before else gettext("no place")
        rows.append([Cell(line.unit.name), Cell(after, was=was)])
    label = gettext("Places that change")
    columns = [gettext("Unit"), gettext("Superior in this tree")]
    return DetailSection("places", label, "table", columns=columns, rows=rows, count=len(rows))


def _holds(record: RouteChange) -> str:
    return size_text(record.committee_id, [line.unit_id for line in record.lines])


def size_text(committee_id: int, roots: list[int]) -> str:
    """Return in words what branches hold and what becomes of their running cases."""
    found = route_branches.size(committee_id, roots)
    return gettext(
        "%(units)s units, %(cases)s running cases, %(positions)s positions. Running cases stay on the route they began with; one that is returned takes the new route when it is submitted again.",
        units=found.units,
        cases=found.cases,
        positions=found.positions,
    )


class RouteChangeView(RouteChangeBase):
    """1.6.1 Changes of many places at once, proposed by the committee's office."""

    guide = "1.6.1"
    slug = "changes"
    label = _("Changes of the review tree")
    tab_label = _("Branches and levels")
    purpose = _(
        "Move a whole branch or put a level in between: one proposal, confirmed once by the new superior. The tree stays as it is until then. Begin in the tree, at the unit concerned."
    )
    empty = _("No branch was moved and no level put in between so far.")
    roles = (Role.OFFICE,)
    scope = staticmethod(scopes.route_changes_of_my_committees)
    buttons = (
        Button(
            "withdraw",
            _p("route change", "Withdraw"),
            events={"withdraw": _p("route change", "Withdraw")},
            confirm=_("%(count)s changes end; the review tree stays as it is."),
            tone="",
        ),
        Button(
            "undo",
            _p("route change", "Undo"),
            events={"undo": _p("route change", "Undo")},
            confirm=_("%(count)s changes are undone: every place goes back to where it was."),
            tone="stop",
        ),
    )

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "propose"]

    def list_links(self, actor: Actor) -> list[tuple[Any, str]]:
        return [*super().list_links(actor), (gettext("To the tree"), "/g/1.6.1/tree")]

    @expose("/move", methods=["GET", "POST"])
    @guarded("propose", fires=(RouteChange, "propose"))
    def move(self) -> ResponseReturnValue:
        """Ask where the branch of the unit that the address names goes, and propose it."""
        committee, unit = _place_of_address()
        if unit is None:
            flash(gettext("Choose the unit in the tree first, then press this."), "warning")
            return redirect(f"/g/1.6.1/tree?committee={committee.id}")
        form = BranchForm(data={"kind": RouteChangeKind.MOVE.value})
        notes = [size_text(committee.id, [unit.id]), _way(committee, unit), ROUND]
        facts = {"committee_id": committee.id, "unit_id": unit.id}
        title = gettext("Move the branch of “%(unit)s”", unit=unit.name)
        return self._page(title, form, notes, facts)

    @expose("/insert", methods=["GET", "POST"])
    @guarded("propose", fires=(RouteChange, "propose"))
    def insert(self) -> ResponseReturnValue:
        """Ask which unit goes between the unit that the address names, or the committee, and those below it."""
        committee, unit = _place_of_address()
        lower = route_branches.lower_places(committee.id, unit.id if unit else None)
        all_lower = [str(one.unit_id) for one in lower]
        form = LevelForm(data={"levels": [one.value for one in Level], "lower": all_lower})
        form.lower.offered = [(str(one.unit_id), one.unit.name) for one in lower]
        notes = [size_text(committee.id, [one.unit_id for one in lower]), ROUND]
        facts = {
            "committee_id": committee.id,
            "unit_id": unit.id if unit else None,
            "kind": RouteChangeKind.INSERT,
        }
        title = gettext(
            "Put a level in below “%(unit)s”", unit=unit.name if unit else committee.name
        )
        return self._page(title, form, notes, facts)

    def _page(
        self, title: str, form: Form, notes: list[Any], facts: dict[str, Any]
    ) -> ResponseReturnValue:
        if request.method == "POST" and form.validate():
            try:
                return self._propose(_data(form) | facts)
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
        back = f"/g/1.6.1/tree?committee={facts['committee_id']}"
        page = {
            "title": title,
            "form": form,
            "notes": notes,
            "back_url": back + (f"&at={facts['unit_id']}" if facts["unit_id"] else ""),
            "submit_label": gettext("Propose for confirmation"),
            "version": None,
        }
        return render_template("form.html", page=page), 200 if request.method == "GET" else 422

    def _propose(self, data: dict[str, Any]) -> ResponseReturnValue:
        actor, at = require_actor(), clock.now()
        change = route_changes.draft(data, actor, at)
        log = engine.fire(change, "propose", actor=actor, at=at)
        said = gettext(
            "Proposed: %(change)s, %(count)s places. “%(unit)s” confirms it once under 1.6.2. Receipt %(receipt)s.",
            change=route_changes.name_of(change),
            count=len(change.lines),
            unit=change.asked_unit.name,
            receipt=log.receipt,
        )
        db.session.commit()
        flash(said, "success")
        return redirect(self.detail_url(change), 303)


ROUND = _(
    "Nothing moves before the confirmation; until then the tree and its confirmed places stay in use."
)


def _data(form: Form) -> dict[str, Any]:
    data = form.values()
    if "kind" in data:
        data["kind"] = RouteChangeKind(data["kind"])
    if "lower" in data:
        data["lower"] = [int(key) for key in data["lower"]]
    return data


def _way(committee: Committee, unit: Unit) -> str:
    way = route_branches.way_in_words(committee.id, unit.id)
    return gettext("Way at present: %(way)s", way=f"{way}{route_branches.ARROW}{committee.name}")


def _place_of_address() -> tuple[Committee, Unit | None]:
    """Return committee, the first if none is named, and unit of the address. Abort 404 on those that are not the actor's."""
    actor, typed = require_actor(), request.args.get("committee", "")
    named = (one for one in actor.committee_ids if not typed or str(one) == typed)
    key = next(named, None) or abort(404)
    committee = db.session.get_one(Committee, key)
    at = request.args.get("at", "")
    if not at:
        return committee, None
    if not (at.isascii() and at.isdigit() and len(at) < 10):
        abort(404)
    place = route_tree.place_of(int(at), committee.id) or abort(404)
    return committee, place.unit


class RouteChangeAnswerView(RouteChangeBase):
    """1.6.2 Changes of many places that the unit confirms for all, or that move its own place."""

    guide = "1.6.2"
    slug = "changes"
    label = _("Changes of the review tree to be confirmed")
    tab_label = _("Branches and levels")
    purpose = _(
        "Branches that go below your unit, levels put in between, and changes of your own place. The unit named confirms once for all."
    )
    empty = _("No change of a review tree concerns your unit.")
    roles = (Role.UNIT, Role.SUPERIOR)
    scope = staticmethod(scopes.route_changes_of_own_unit)
    todos = (
        Todo(
            "confirm_change",
            _("Changes of the tree to be confirmed"),
            ("confirm",),
            whose=scopes.route_changes_asked_of_me,
        ),
    )
    buttons = (
        Button(
            "confirm",
            _("Confirm"),
            events={"confirm": _("Confirm"), "dispute": _("Dispute")},
        ),
    )
