"""Objections raised during a notice and their inquiry (menus 1.1.1 and 1.2.6, A5 and D2).

An objection stops its application until it is settled with written findings. Who raised it is kept
encrypted and shown to the handler alone.
"""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import settings
from app.engine import Act, Refused, fire
from app.enums import FINAL, NoticeKind, NoticeState, ObjectionState, Role, S
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Notice, NoticeItem, Objection, Plan, Unit
from app.services.files import attached_files
from app.services.messages import outbox
from app.services.registers import working_days

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
    is_about_leader: bool = False,
) -> Objection:
    """Return an objection that is not saved yet, with its handler and its term.

    A complaint about the unit's own head goes to the unit above: nobody inquires into himself (domain rule 56).
    Raises Refused when it came in before or after the notice, `working_days.UnknownDay` beyond the calendar.
    """
    if why := _untimely(notice, received_at):
        raise Refused(why, "received_on")
    return Objection(
        notice_id=notice.id,
        application_id=application_id,
        unit_id=_unit_above(notice.unit_id) if is_about_leader else notice.unit_id,
        author=author,
        contact=contact,
        content=content,
        received_at=received_at,
        due_on=due_on(received_at),
    )


def _unit_above(unit_id: int) -> int:
    above = db.session.get_one(Unit, unit_id).parent_id
    if above is None:
        raise Refused(
            gettext(
                "The register names no unit above yours. Hand this complaint to the human resources authority in writing."
            ),
            "is_about_leader",
        )
    return above


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


def is_recorder(act: Act) -> str | None:
    """The unit or office whose notice it is takes objections in, whoever settles them afterwards."""
    notice = act.session.get_one(Notice, act.record.notice_id)
    if notice.kind is NoticeKind.UNIT and act.actor.unit_id == notice.unit_id:
        return _refuse_accused(act)
    return is_handler(act)


def _refuse_accused(act: Act) -> str | None:
    application = act.session.get_one(Application, act.record.application_id)
    if act.actor.person_id is None or act.actor.person_id != application.person_id:
        return None
    return gettext("The objection concerns yourself; somebody else must handle it.")


def is_handler(act: Act) -> str | None:
    """The unit or office whose notice it is inquires, or the unit above; but never the person accused."""
    if why := _refuse_accused(act):
        return why
    if handles(act.record, act.session.get_one(Notice, act.record.notice_id), act.actor):
        return None
    return gettext("This objection is handled by another unit.")


def handles(objection: Objection, notice: Notice, actor: Actor) -> bool:
    """Say whether the objection is for `actor` to handle, who then learns its author."""
    if notice.kind is NoticeKind.RESULT:
        return (
            actor.role is Role.OFFICE
            and notice.plan is not None
            and notice.plan.committee_id in actor.committee_ids
        )
    is_own = objection.unit_id == notice.unit_id
    role = Role.UNIT if is_own else Role.SUPERIOR
    return actor.role is role and actor.unit_id == objection.unit_id


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
        attached_files.attach(
            act.record, evidence.stored, EVIDENCE, evidence.name, act.actor, act.at
        )
    act.notes["application"] = application.number
    notice = act.session.get_one(Notice, act.record.notice_id)
    if act.record.unit_id != notice.unit_id and notice.kind is NoticeKind.UNIT:
        _tell_above(act, application)
    if application.state not in DISPUTED:
        event = "result_object" if notice.kind is NoticeKind.RESULT else "object"
        fire(application, event, actor=act.actor, at=act.at)


def _tell_above(act: Act, application: Application) -> None:
    act.notes["handed_to"] = act.session.get_one(Unit, act.record.unit_id).name
    outbox.tell_unit(
        act.session,
        act.record.unit_id,
        "objection.handed_up",
        at=act.at,
        url="/g/1.1.3/complaints/",
        number=application.number,
        unit=act.actor.unit_name,
        due=act.record.due_on.isoformat(),
    )


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
