"""Objections raised during a notice and their inquiry (menus 1.1.1 and 1.2.6, A5 and D2).

An objection stops its application until it is settled with written findings. Who raised it is kept
encrypted and shown to the handler alone.
"""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, settings
from app.actor import Actor
from app.enums import FINAL, NoticeKind, NoticeState, ObjectionState, Role, S
from app.models import Application, Notice, NoticeItem, Objection, Plan, Unit
from app.services import files, working_days
from app.workflow.engine import Act, Refused, fire

EVIDENCE = "evidence"
DISPUTED = (S.DISPUTED, S.RESULT_DISPUTED)


def draft(
    *,
    notice: Notice,
    application_id: int,
    content: str,
    received_at: datetime,
    author: str | None = None,
    contact: str | None = None,
) -> Objection:
    """Return an objection that is not saved yet, with its handler and its term.

    Raises Refused when it came in before or after the notice, `working_days.UnknownDay` beyond the calendar.
    """
    if why := _untimely(notice, received_at):
        raise Refused(why, "received_on")
    return Objection(
        notice_id=notice.id,
        application_id=application_id,
        unit_id=notice.unit_id,
        author=author,
        contact=contact,
        content=content,
        received_at=received_at,
        due_on=due_on(received_at),
    )


def due_on(received_at: datetime) -> date:
    """Return the day by which an objection is to be settled, in working days after it came in."""
    return working_days.add_working_days(
        clock.local_date(received_at), settings.get("objection_days")
    )


def is_in_time(act: Act) -> str | None:
    """An objection counts if it came in while the notice hung, 24:00 of its last day included."""
    record = act.record
    notice = act.session.get_one(Notice, record.notice_id)
    if record.received_at > act.at:
        return gettext("The objection cannot have been received in the future.")
    if notice.state is NoticeState.CANCELLED or not _names(act, notice):
        return gettext("The chosen person does not stand in this notice. Choose again.")
    return _untimely(notice, record.received_at)


def _untimely(notice: Notice, received_at: datetime) -> str | None:
    first, last = clock.start_of_day(notice.starts_on), clock.end_of_day(notice.ends_on)
    if first <= received_at <= last:
        return None
    return gettext(
        "Objections were taken from %(first)s to the end of %(last)s; this one came in at"
        " %(received)s. Check day and time; later ones go to the superior unit as a complaint.",
        first=notice.starts_on.isoformat(),
        last=notice.ends_on.isoformat(),
        received=f"{clock.local(received_at):%Y-%m-%d %H:%M}",
    )


def _names(act: Act, notice: Notice) -> bool:
    found = select(NoticeItem.id).where(
        NoticeItem.notice_id == notice.id,
        NoticeItem.application_id == act.record.application_id,
    )
    return act.session.scalars(found).first() is not None


def is_handler(act: Act) -> str | None:
    """The unit or office whose notice it is inquires, but never the person accused."""
    application = act.session.get_one(Application, act.record.application_id)
    if act.actor.person_id is not None and act.actor.person_id == application.person_id:
        return gettext("The objection concerns yourself; somebody else must handle it.")
    if handles(act.session.get_one(Notice, act.record.notice_id), act.actor):
        return None
    return gettext("This objection is handled by another unit.")


def handles(notice: Notice, actor: Actor) -> bool:
    """Say whether objections against `notice` are for `actor` to handle, who then learns their author."""
    if notice.kind is NoticeKind.RESULT:
        return (
            actor.role is Role.OFFICE
            and notice.plan is not None
            and notice.plan.committee_id in actor.committee_ids
        )
    return actor.role is Role.UNIT and actor.unit_id == notice.unit_id


def named_in_results(session: Session, committee_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return (notice item, person and notice) for everybody named in a result of these committees.

    Those whose filing was decided are past objecting and left out.
    """
    rows = session.execute(
        select(NoticeItem.id, Application.name, Unit.name, Notice.title)
        .join(Notice, Notice.id == NoticeItem.notice_id)
        .join(Plan, Plan.id == Notice.plan_id)
        .join(Application, Application.id == NoticeItem.application_id)
        .join(Unit, Unit.id == Application.unit_id)
        .where(
            Plan.committee_id.in_(committee_ids),
            Notice.kind == NoticeKind.RESULT,
            Notice.state != NoticeState.CANCELLED,
            Application.state.in_((S.IN_RESULT_NOTICE, S.RESULT_DISPUTED, S.RESULT_CLEAR)),
        )
        .order_by(NoticeItem.id.desc())
    )
    return [(key, f"{name} · {unit}（{title}）") for key, name, unit, title in rows]


def dispute(act: Act) -> None:
    """Keep the evidence and stop the application, unless an earlier objection did."""
    application = _application(act)
    evidence = act.details.get("evidence")
    if evidence is not None:
        files.attach(act.record, evidence.stored, EVIDENCE, evidence.name, act.actor, act.at)
    act.notes["application"] = application.number
    if application.state not in DISPUTED:
        notice = act.session.get_one(Notice, act.record.notice_id)
        event = "result_object" if notice.kind is NoticeKind.RESULT else "object"
        fire(application, event, actor=act.actor, at=act.at)


def settle_rejected(act: Act) -> None:
    """Let the application go on when this was its last open objection."""
    application = _settle(act)
    others = select(Objection.id).where(
        Objection.application_id == application.id, Objection.state == ObjectionState.OPEN
    )
    if application.state in DISPUTED and act.session.scalars(others).first() is None:
        is_result = application.state is S.RESULT_DISPUTED
        event = "result_objection_rejected" if is_result else "objection_rejected"
        fire(application, event, actor=act.actor, at=act.at, opinion=act.opinion)


def settle_return(act: Act) -> None:
    """Send the application back to the applicant; afterwards it needs a new notice."""
    application = _settle(act)
    if application.state is not S.RETURNED and application.state not in FINAL:
        fire(
            application,
            "objection_return",
            actor=act.actor,
            at=act.at,
            opinion=act.opinion,
            details=act.details,
        )


def settle_end(act: Act) -> None:
    """End the application for this year; after a result notice its result is cancelled."""
    application = _settle(act)
    if application.state in FINAL:
        return
    is_result = application.state is S.RESULT_DISPUTED
    event = "result_objection_upheld" if is_result else "objection_end"
    fire(application, event, actor=act.actor, at=act.at, opinion=act.opinion)


def _settle(act: Act) -> Application:
    """Keep the findings and return the application concerned."""
    act.record.findings = act.opinion
    application = _application(act)
    act.notes["application"] = application.number
    return application


def _application(act: Act) -> Application:
    return act.session.get_one(Application, act.record.application_id)
