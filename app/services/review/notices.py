"""Public notices of both kinds (Order 40, art. 17 and 27).

The day a notice is posted does not count; it ends at 24:00 of its last working day. The end is computed
from the official calendar and cannot be entered.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, object_session

from app import settings
from app.engine import Act, Refused, fire_all
from app.enums import ApplicationState, NoticeKind, NoticeState, ObjectionState, Role, Stage
from app.extensions import db
from app.ground import clock, read_once
from app.models import Application, Notice, NoticeItem, Objection, Plan
from app.services.registers import deadlines, working_days

LENGTH = {NoticeKind.UNIT: "notice_days", NoticeKind.RESULT: "result_notice_days"}
"""The setting that holds the length in working days, by kind of notice."""
WAITING = {NoticeKind.UNIT: ApplicationState.CHECKED, NoticeKind.RESULT: ApplicationState.PASSED}
"""The state of an application before its notice."""
STATE_IN_NOTICE = {
    NoticeKind.UNIT: ApplicationState.IN_NOTICE,
    NoticeKind.RESULT: ApplicationState.IN_RESULT_NOTICE,
}
"""The state of an application during its notice."""
PUBLISH = {NoticeKind.UNIT: "publish", NoticeKind.RESULT: "publish_result"}
"""The event of an application when its notice is opened."""
RELEASE = {NoticeKind.UNIT: "notice_over", NoticeKind.RESULT: "result_over"}
"""The event of an application when its notice has ended."""
RESULT_STATES = (
    ApplicationState.IN_RESULT_NOTICE,
    ApplicationState.RESULT_DISPUTED,
    ApplicationState.RESULT_CLEAR,
)
"""States of an application whose result notice counts, not its notice in the unit."""


def draft(*, kind: NoticeKind, starts_on: date, at: datetime, **values: Any) -> Notice:
    """Return an unsaved notice with its last day computed.

    Raises Refused for a first day in the past, `working_days.UnknownDay` beyond the calendar.
    """
    _refuse_past_start(starts_on, at)
    return Notice(
        kind=kind,
        starts_on=starts_on,
        ends_on=last_day(kind, starts_on),
        created_at=at,
        **values,
    )


def last_day(kind: NoticeKind, starts_on: date) -> date:
    """Return the last day of a notice posted on `starts_on`, by the length that holds on that day.

    Raises `working_days.UnknownDay`.
    """
    return working_days.add_working_days(starts_on, settings.get(LENGTH[kind], starts_on))


def is_long_enough(act: Act) -> str | None:
    """Refuse a notice that begins in the past or is shorter than the rule demands.

    A notice in a unit that would end too late for reporting, which begins the day after it, is refused unless
    `details["accept_late"]` is set.
    """
    record = act.record
    _refuse_past_start(record.starts_on, act.at)
    least = last_day(record.kind, record.starts_on)
    if record.ends_on < least:
        return gettext(
            "A notice posted on %(first)s must hang until %(last)s.",
            first=record.starts_on.isoformat(),
            last=least.isoformat(),
        )
    if record.kind is NoticeKind.UNIT and not act.details.get("accept_late"):
        _refuse_late_end(act)
    return None


def _refuse_past_start(starts_on: date, at: datetime) -> None:
    if starts_on < clock.local_date(at):
        raise Refused(
            gettext(
                "The first day of a notice cannot lie in the past. Choose today or a later day."
            ),
            "starts_on",
        )


def _refuse_late_end(act: Act) -> None:
    last = _units_deadline(act)
    if last is None or act.record.ends_on < last:
        return
    raise Refused(
        gettext(
            "This notice ends on %(ends)s; its people can be reported from the next day on, which is after"
            " the units' deadline of %(last)s. It would have to be posted by %(latest)s. Tick the box to"
            " open it all the same.",
            ends=act.record.ends_on.isoformat(),
            last=last.isoformat(),
            latest=working_days.latest_start(
                last - working_days.ONE_DAY,
                settings.get(LENGTH[act.record.kind], act.record.starts_on),
            ).isoformat(),
        ),
        "accept_late",
    )


def _units_deadline(act: Act) -> date | None:
    """Return the earliest end of the unit's stage among the chosen applications."""
    query = select(Application).where(Application.id.in_(_chosen_ids(act)))
    chosen = act.session.scalars(query.options(joinedload(Application.batch))).all()
    known = deadlines.of_batches(act.session, list({one.batch for one in chosen}))
    days = (known.deadline(deadlines.case_of(one), Stage.UNIT).day for one in chosen)
    return min(days, default=None)


def has_candidates(act: Act) -> str | None:
    """Refuse a notice without candidates, or by somebody other than the unit or office it belongs to.

    A unit names applications filed in it; a result notice names all who passed in the plan.
    """
    if act.record.kind is NoticeKind.RESULT:
        return _refuse_result_notice(act)
    if act.actor.role is not Role.UNIT or act.actor.unit_id != act.record.unit_id:
        return gettext("A notice inside a unit is opened by that unit.")
    chosen = _chosen_ids(act)
    if not chosen:
        raise Refused(gettext("Choose at least one application."), "application_ids")
    if len(_candidates(act)) < len(chosen):
        raise Refused(
            gettext("One of the chosen applications is not filed in your unit. Choose again."),
            "application_ids",
        )
    return None


def _refuse_result_notice(act: Act) -> str | None:
    plan = act.session.get_one(Plan, act.record.plan_id)
    if act.actor.role is not Role.OFFICE or plan.committee_id not in act.actor.committee_ids:
        return gettext("The notice of a result is opened by the committee's own office.")
    if not _candidates(act):
        return gettext(
            "Nobody of the plan “%(plan)s” is waiting for a result notice.", plan=plan.name
        )
    return None


def _chosen_ids(act: Act) -> set[int]:
    return {int(chosen) for chosen in act.details.get("application_ids") or ()}


def _candidates(act: Act) -> list[Application]:
    """Return the applications that the notice is to name, ordered by name."""
    record, query = act.record, select(Application).order_by(Application.name, Application.id)
    if record.kind is NoticeKind.RESULT:
        query = query.where(
            Application.plan_id == record.plan_id, Application.state == ApplicationState.PASSED
        )
    else:
        query = query.where(
            Application.id.in_(_chosen_ids(act)), Application.unit_id == record.unit_id
        )
    return list(act.session.scalars(query))


def publish_candidates(act: Act) -> None:
    """Add the candidates to the notice and move each into notice, all or none. Raises RefusedRows."""
    record, candidates = act.record, _candidates(act)
    act.session.add_all(
        NoticeItem(notice_id=record.id, application_id=candidate.id) for candidate in candidates
    )
    act.notes["applications"] = [candidate.number for candidate in candidates]
    fire_all(candidates, PUBLISH[record.kind], actor=act.actor, at=act.at)


def is_own(act: Act) -> str | None:
    """Refuse every unit but the one that opened the notice."""
    if act.actor.unit_id == act.record.unit_id:
        return None
    return gettext("This notice belongs to another unit.")


def has_no_dispute(act: Act) -> str | None:
    """Refuse while an objection against the notice is open."""
    if _count_open_objections(act.session, Objection.notice_id == act.record.id) == 0:
        return None
    return gettext("An objection against this notice is open. Settle it first.")


def take_back_candidates(act: Act) -> None:
    """Move the applications still in this notice back to the state before it."""
    fire_all(
        _applications_in_notice(act), "unpublish", actor=act.actor, at=act.at, opinion=act.opinion
    )


def has_ended(act: Act) -> str | None:
    """Refuse to end a notice before 24:00 of its last day."""
    return _running_refusal(act.record, act.at)


def release_candidates(act: Act) -> None:
    """Move the applications still in the ended notice on to their next state."""
    fire_all(_applications_in_notice(act), RELEASE[act.record.kind], actor=act.actor, at=act.at)


def _applications_in_notice(act: Act) -> list[Application]:
    """Return the applications in public notice that no later notice of the same kind names."""
    record = act.record
    later = (
        select(NoticeItem.id)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .where(
            NoticeItem.application_id == Application.id,
            Notice.kind == record.kind,
            Notice.id > record.id,
        )
    )
    query = (
        select(Application)
        .join(NoticeItem, NoticeItem.application_id == Application.id)
        .where(
            NoticeItem.notice_id == record.id,
            Application.state == STATE_IN_NOTICE[record.kind],
            ~later.exists(),
        )
        .order_by(Application.id)
    )
    return list(act.session.scalars(query))


def latest_notice(session: Session, application: Application, kind: NoticeKind) -> Notice | None:
    """Return the last notice of `kind` that names the application."""
    return _latest_notices(session, [application.id])[application.id].get(kind)


def read_for(applications: Sequence[Application]) -> None:
    """Read at once the open objections and the latest notices of `applications`."""
    session, keys = (
        object_session(applications[0]) or db.session(),
        [one.id for one in applications],
    )
    _open_objections(session, keys)
    _latest_notices(session, keys)


def _latest_notices(
    session: Session, keys: Sequence[int]
) -> Mapping[int, Mapping[NoticeKind, Notice]]:
    def read(missing: Sequence[int]) -> Mapping[int, Mapping[NoticeKind, Notice]]:
        query = (
            select(NoticeItem.application_id, Notice)
            .join(Notice, NoticeItem.notice_id == Notice.id)
            .where(NoticeItem.application_id.in_(missing))
            .order_by(Notice.id)
        )
        found: dict[int, dict[NoticeKind, Notice]] = {}
        for key, notice in session.execute(query).tuples():
            found.setdefault(key, {})[notice.kind] = notice
        return found

    return read_once.of_many(session, "latest notices", keys, (Notice, NoticeItem), read, {})


def _open_objections(session: Session, keys: Sequence[int]) -> Mapping[int, int]:
    def read(missing: Sequence[int]) -> Mapping[int, int]:
        query = (
            select(Objection.application_id, func.count())
            .where(Objection.application_id.in_(missing), Objection.state == ObjectionState.OPEN)
            .group_by(Objection.application_id)
        )
        return dict(session.execute(query).tuples().all())

    return read_once.of_many(session, "open objections", keys, (Objection,), read, 0)


def is_over(act: Act) -> str | None:
    """Refuse as long as the application's notice has not ended."""
    is_result = act.record.state in RESULT_STATES
    notice = latest_notice(
        act.session, act.record, NoticeKind.RESULT if is_result else NoticeKind.UNIT
    )
    return (
        gettext("There is no notice yet.") if notice is None else _running_refusal(notice, act.at)
    )


def has_finished_notice(act: Act) -> str | None:
    """Refuse an application whose current material was not in a complete notice.

    Material submitted again after the notice was opened needs a new notice.
    """
    record = act.record
    notice = latest_notice(act.session, record, NoticeKind.UNIT)
    if notice is None or notice.state is NoticeState.CANCELLED:
        return gettext("This application has not been in public notice yet. Open one under 1.1.1.")
    if record.submitted_at is not None and notice.created_at < record.submitted_at:
        return gettext(
            "The material was handed in again on %(day)s, after its notice. Open a new notice under"
            " 1.1.1.",
            day=clock.local_date(record.submitted_at).isoformat(),
        )
    return _running_refusal(notice, act.at)


def has_no_open_objection(act: Act) -> str | None:
    """Refuse while an objection against the application is open."""
    count = _open_objections(act.session, [act.record.id])[act.record.id]
    if count == 0:
        return None
    return gettext(
        "%(count)s objections against the application %(number)s are open. They must be settled first.",
        count=count,
        number=act.record.number,
    )


def disputed() -> Select[Any]:
    """Return the query for the notices with an open objection."""
    return select(Objection.notice_id).where(
        Objection.notice_id.is_not(None), Objection.state == ObjectionState.OPEN
    )


def disputed_among(session: Session, application_ids: Sequence[int]) -> set[int]:
    """Return those of the applications against which an objection is open."""
    return set(
        session.scalars(
            select(Objection.application_id).where(
                Objection.application_id.in_(application_ids),
                Objection.state == ObjectionState.OPEN,
            )
        )
    )


def state_after_inquiry(act: Act) -> ApplicationState:
    """Return the state after a rejected objection: in notice again while it runs, else after the notice."""
    is_result = act.record.state is ApplicationState.RESULT_DISPUTED
    kind = NoticeKind.RESULT if is_result else NoticeKind.UNIT
    notice = latest_notice(act.session, act.record, kind)
    if notice is not None and _running_refusal(notice, act.at) is not None:
        return STATE_IN_NOTICE[kind]
    return ApplicationState.RESULT_CLEAR if is_result else ApplicationState.NOTICE_OVER


def _running_refusal(notice: Notice, at: datetime) -> str | None:
    if at > clock.end_of_day(notice.ends_on):
        return None
    return gettext(
        "The notice hangs until the end of %(day)s. It can go on from the next day.",
        day=notice.ends_on.isoformat(),
    )


def _count_open_objections(session: Session, which: Any) -> int:
    return session.scalars(
        select(func.count(Objection.id)).where(which, Objection.state == ObjectionState.OPEN)
    ).one()
