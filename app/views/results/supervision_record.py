"""监督过程: record of an online meeting for its supervisor: draw, seats, sign-in, rounds, openings, acts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext, pgettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app import scopes, settings
from app.engine import Workflow
from app.enums import MeetingMode, Role, RoundState, SeatState
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Draw, Plan, Round, Seat, TransitionLog
from app.services.exports import table_export
from app.services.results import outcomes, supervision_record
from app.views.base import detail_sections, exporting
from app.views.base.access import guarded
from app.views.base.aliases import Label
from app.views.base.base import GuideView
from app.views.base.columns import Cell, Column, cell_of
from app.views.base.detail_sections import DetailSection
from app.views.meeting import meeting_link
from app.web.security import require_actor

SHOWN_OPENINGS, SHOWN_ACTS = 200, 500
"""Maximum rows on the page, the newest ones; the Excel export has more openings."""


def online_meetings(actor: Actor) -> ColumnElement[bool]:
    """Return the condition for online meetings the actor may see."""
    return scopes.visible(Plan, actor) & (Plan.mode == MeetingMode.ONLINE)


class CourseView(GuideView):
    """监督过程: all events of an online meeting, without votes, scores and opinions."""

    guide = "course"
    label = _("Course of supervision")
    purpose = _(
        "How an online meeting went: draw, seats, sign-in, rounds, who opened which case when, every act in "
        "its order. Nobody's choice, score or opinion is shown here."
    )
    empty = _("There is no online meeting.")
    roles = (Role.SUPERVISOR, Role.OFFICE)
    names_judges = True
    model = Plan
    scope = staticmethod(online_meetings)
    list_columns: ClassVar[list[str | Column]] = [
        meeting_link.linked(Plan, "name"),
        "committee",
        "opens_on",
        "closes_on",
        "seats",
        "state",
    ]
    search_columns: ClassVar[list[str]] = ["name", "committee", "opens_on", "state"]

    def sections(self, record: Plan, actor: Actor) -> list[DetailSection]:
        session = db.session()
        seats = supervision_record.seats(session, record.id)
        acts = supervision_record.acts(session, record.id, SHOWN_ACTS)
        names = ["name", "committee", "mode", "opens_on", "closes_on", "place", "seats", "alternates",
                 "denominator", "recusal_rule"]  # fmt: skip
        return [
            detail_sections.pairs("plan", gettext("Plan"), record, names),
            draw_section(supervision_record.draws(session, record.id), acts),
            seat_section(seats),
            sign_in_section(seats),
            round_section(record, acts),
            opening_section(record),
            act_section(acts, _record_names(record, seats)),
        ]

    def links(self, record: Plan, actor: Actor) -> list[tuple[Label, str]]:
        limit, label = settings.get("export_max_rows"), gettext("Openings as Excel")
        if supervision_record.count_openings(db.session(), record.id) > limit:
            label = gettext("Openings as Excel (only the last %(limit)s)", limit=f"{limit:,}")
        return [(label, self.url("openings", pk=record.id))]

    @expose("/<int:pk>/openings.xlsx")
    @guarded("show")
    def openings(self, pk: int) -> ResponseReturnValue:
        """Download as Excel who opened which case when, up to the row limit of exports."""
        plan = self.find(pk, require_actor())
        limit = settings.get("export_max_rows")
        found = supervision_record.openings(db.session(), plan.id, limit)
        rows = ([one.judge, one.number, one.first_at, one.last_at, one.times] for one in found)
        note = exporting.file_note(limit, supervision_record.count_openings(db.session(), plan.id))
        return table_export.download(str(self.label), _opening_columns(), rows, note=note)


def draw_section(draws: Sequence[Draw], acts: Sequence[TransitionLog]) -> DetailSection:
    """Return the section of all draw attempts: pool, commitments, time, reason why one is void."""
    columns = [gettext("Attempt"), gettext("State"), gettext("Experts in the pool"), gettext("Of them eligible"),
               gettext("Digest of the pool"), gettext("Commitment of the office"),
               gettext("Commitment of the supervisor"), gettext("Drawn at"), gettext("Reason to void it")]  # fmt: skip
    rows = [
        [cell_of(one.attempt), cell_of(one.state, is_state=True), cell_of(one.pool_size),
         cell_of(one.eligible_size), cell_of(one.pool_hash),
         _commitment(one, one.office_digest, Role.OFFICE, acts),
         _commitment(one, one.supervisor_digest, Role.SUPERVISOR, acts),
         cell_of(one.drawn_at), cell_of(one.void_reason)]
        for one in draws
    ]  # fmt: skip
    return DetailSection(
        "draw", gettext("Draw"), "table", columns=columns, rows=rows, count=len(rows)
    )


def _commitment(draw: Draw, digest: str | None, role: Role, acts: Sequence[TransitionLog]) -> Cell:
    """Return the digest with the time at which this role committed."""
    if digest is None:
        return Cell("—")
    moments = (
        one.at
        for one in acts
        if one.subject_type == Draw.__tablename__
        and one.subject_id == draw.id
        and one.actor_role is role
        and one.event.startswith("commit")
    )
    at = next(moments, None)
    return Cell(f"{digest} · {_moment(at)}" if at else digest)


def seat_section(seats: Sequence[Seat]) -> DetailSection:
    """Return the section that counts seats by state, such as accepted or declined."""
    counts = supervision_record.count_seats(seats)
    pairs = [(state.label, cell_of(counts[state])) for state in SeatState]
    return DetailSection("seats", gettext("Seats"), "pairs", pairs=pairs, count=len(seats))


def sign_in_section(seats: Sequence[Seat]) -> DetailSection:
    """Return the section of judges who signed in, with the times of signing in and leaving."""
    there = [seat for seat in seats if seat.attended_at is not None]
    names = ["user", "role", "group_name", "attended_at", "left_at", "state"]
    return detail_sections.table_of("sign-in", pgettext("meeting", "Sign-in"), there, names)


def round_section(plan: Plan, acts: Sequence[TransitionLog]) -> DetailSection:
    """Return the section with the times of every round and the number of ballots, without votes."""
    rounds = outcomes.rounds(db.session(), plan)
    void_reasons = {
        one.subject_id: one.opinion
        for one in acts
        if one.subject_type == "round" and one.target == RoundState.VOID
    }
    columns = [gettext("Round"), gettext("On paper"), gettext("Present"), gettext("Ballots cast"),
               gettext("Frozen"), gettext("Opened"), gettext("Closed"), gettext("Counted at"), gettext("State"),
               gettext("Reason")]  # fmt: skip
    rows = [
        [cell_of(one.title), cell_of(one.is_on_paper), cell_of(one.present), cell_of(one.cast),
         cell_of(one.frozen_at), cell_of(one.opened_at), cell_of(one.closed_at), cell_of(one.counted_at),
         cell_of(one.state, is_state=True), cell_of(void_reasons.get(one.id))]
        for one in rounds
    ]  # fmt: skip
    return DetailSection(
        "rounds", gettext("Rounds"), "table", columns=columns, rows=rows, count=len(rows)
    )


def opening_section(plan: Plan) -> DetailSection:
    """Return the section of the latest openings: who opened which case when."""
    count = supervision_record.count_openings(db.session(), plan.id)
    found = supervision_record.openings(db.session(), plan.id, SHOWN_OPENINGS)
    label = gettext("Cases opened")
    if count > SHOWN_OPENINGS:
        label = gettext("Cases opened (the last %(count)s)", count=SHOWN_OPENINGS)
    rows = list(_opening_rows(found))
    return DetailSection(
        "openings", label, "table", columns=_opening_columns(), rows=rows, count=count
    )


def _opening_columns() -> list[str]:
    return [gettext("Judge"), gettext("Application number"), gettext("First opened"),
            gettext("Last opened"), gettext("Times")]  # fmt: skip


def _opening_rows(found: Sequence[supervision_record.Opening]) -> Iterable[list[Cell]]:
    for one in found:
        yield [cell_of(one.judge), cell_of(one.number), Cell(_moment(one.first_at)),
               Cell(_moment(one.last_at)), cell_of(one.times)]  # fmt: skip


def act_section(acts: Sequence[TransitionLog], names: dict[tuple[str, int], str]) -> DetailSection:
    """Return the section of all acts on plan, draw, seats and rounds, in order, each with its record."""
    columns = [gettext("Time"), gettext("Record"), gettext("Act"), gettext("Name"), gettext("Role"),
               gettext("Opinion")]  # fmt: skip
    labels = _event_labels()
    rows = [
        [Cell(_moment(one.at)), cell_of(names.get((one.subject_type, one.subject_id))),
         Cell(str(labels.get((one.subject_type, one.event), one.event))),
         cell_of(one.actor_name or gettext("the system")), cell_of(one.actor_role), cell_of(one.opinion)]
        for one in acts
    ]  # fmt: skip
    return DetailSection(
        "acts", pgettext("log", "Acts"), "table", columns=columns, rows=rows, count=len(rows)
    )


def _record_names(plan: Plan, seats: Sequence[Seat]) -> dict[tuple[str, int], str]:
    """Return the display name of each record of the meeting, by (table, id)."""
    session = db.session()
    names = {(Plan.__tablename__, plan.id): gettext("Plan")}
    for draw in supervision_record.draws(session, plan.id):
        names[Draw.__tablename__, draw.id] = gettext("Draw %(attempt)s", attempt=draw.attempt)
    for seat in seats:
        names[Seat.__tablename__, seat.id] = gettext("Seat of %(judge)s", judge=seat.user.real_name)
    for vote_round in outcomes.rounds(session, plan):
        names[Round.__tablename__, vote_round.id] = vote_round.title
    return names


def _event_labels() -> dict[tuple[str, str], Label]:
    return {
        (model.__tablename__, event): row.label
        for model in supervision_record.FOLLOWED
        for event, row in Workflow.registry[model].rows.items()
    }


def _moment(at: datetime) -> str:
    return f"{clock.local(at):%Y-%m-%d %H:%M:%S}"
