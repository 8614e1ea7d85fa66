"""Objections raised during a notice and their inquiry (menus 1.1.1 and 1.2.6, A5 and D2).

An objection stops its application until it is settled with written findings. Its author is stored
encrypted and shown only to the handler.
"""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import settings
from app.engine import Act, Refused, fire, require_reason
from app.enums import FINAL, ApplicationState, NoticeKind, NoticeState, ObjectionState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Notice, NoticeItem, Objection, Plan, Unit
from app.services.files import attached_files
from app.services.messages import outbox
from app.services.registers import working_days

EVIDENCE = "evidence"
DISPUTED = (ApplicationState.DISPUTED, ApplicationState.RESULT_DISPUTED)


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
    """Return an unsaved objection with the unit that handles it and the day it is due.

    A complaint about the unit's own head goes to the superior unit, because nobody inquires into their own
    case (domain rule 56). Raises Refused when it was received before or after the notice,
    `working_days.UnknownDay` beyond the calendar.
    """
    if why := _untimely_refusal(notice, received_at):
        raise Refused(why, "received_on")
    return Objection(
        notice_id=notice.id,
        application_id=application_id,
        unit_id=_superior_unit(notice.unit_id) if is_about_leader else notice.unit_id,
        author=author,
        contact=contact,
        content=content,
        received_at=received_at,
        due_on=due_on(received_at),
    )


def _superior_unit(unit_id: int) -> int:
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
    """Return the day by which an objection must be settled: working days after it was received."""
    return working_days.add_working_days(
        clock.local_date(received_at), settings.get("objection_days")
    )


def says_something(act: Act) -> None:
    """Refuse an objection that does not say what is objected to. Raises Refused at `content`."""
    require_reason(act.record.content, "content")


def is_in_time(act: Act) -> str | None:
    """Refuse an objection received outside the notice, which ends at 24:00 of its last day.

    Refuse it also when it lies in the future, or the notice was cancelled or does not name the application.
    """
    record = act.record
    notice = act.session.get_one(Notice, record.notice_id)
    if record.received_at > act.at:
        return gettext("The objection cannot have been received in the future.")
    if notice.state is NoticeState.CANCELLED or not _is_named_in(act, notice):
        return gettext("The chosen person does not stand in this notice. Choose again.")
    return _untimely_refusal(notice, record.received_at)


def _untimely_refusal(notice: Notice, received_at: datetime) -> str | None:
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


def _is_named_in(act: Act, notice: Notice) -> bool:
    found = select(NoticeItem.id).where(
        NoticeItem.notice_id == notice.id,
        NoticeItem.application_id == act.record.application_id,
    )
    return act.session.scalars(found).first() is not None


def is_recorder(act: Act) -> str | None:
    """Only the notice's unit, or a handler, may record an objection; never its subject.

    The unit records it even if the superior unit handles it.
    """
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
    """Only the notice's unit/office or its superior may handle an objection, never its subject."""
    if why := _refuse_accused(act):
        return why
    if handles(act.record, act.session.get_one(Notice, act.record.notice_id), act.actor):
        return None
    return gettext("This objection is handled by another unit.")


def handles(objection: Objection, notice: Notice, actor: Actor) -> bool:
    """Return whether `actor` handles the objection and may therefore see its author."""
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
    """Return (notice item id, label) for everybody named in a result notice of these committees.

    The label names person, unit and notice. Left out are cancelled notices and applications already sent to
    filing, because nobody can object to them any more.
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
            Application.state.in_(
                (
                    ApplicationState.IN_RESULT_NOTICE,
                    ApplicationState.RESULT_DISPUTED,
                    ApplicationState.RESULT_CLEAR,
                )
            ),
        )
        .order_by(NoticeItem.id.desc())
    )
    return [(key, f"{name} · {unit}（{title}）") for key, name, unit, title in rows]


def dispute(act: Act) -> None:
    """Store the evidence and stop the application, unless an earlier objection has stopped it already."""
    application = _application(act)
    evidence = act.details.get("evidence")
    if evidence is not None:
        attached_files.attach(
            act.record, evidence.stored, EVIDENCE, evidence.name, act.actor, act.at
        )
    act.notes["application"] = application.number
    notice = act.session.get_one(Notice, act.record.notice_id)
    if act.record.unit_id != notice.unit_id and notice.kind is NoticeKind.UNIT:
        _notify_superior(act, application)
    if application.state not in DISPUTED:
        event = "result_object" if notice.kind is NoticeKind.RESULT else "object"
        fire(application, event, actor=act.actor, at=act.at)


def _notify_superior(act: Act, application: Application) -> None:
    act.notes["handed_to"] = act.session.get_one(Unit, act.record.unit_id).name
    outbox.queue_message_to_unit(
        act.session,
        act.record.unit_id,
        "objection.handed_up",
        at=act.at,
        url="/g/1.1.3/complaints/",
        number=application.number,
        unit=act.actor.unit_name,
        due=clock.text(clock.end_of_day(act.record.due_on)),
    )


def settle_rejected(act: Act) -> None:
    """Store the findings of a rejected objection; resume the application if no other objection is open."""
    application = _settle(act)
    others = select(Objection.id).where(
        Objection.application_id == application.id, Objection.state == ObjectionState.OPEN
    )
    if application.state in DISPUTED and act.session.scalars(others).first() is None:
        is_result = application.state is ApplicationState.RESULT_DISPUTED
        event = "result_objection_rejected" if is_result else "objection_rejected"
        fire(application, event, actor=act.actor, at=act.at, opinion=act.opinion)


def settle_return(act: Act) -> None:
    """Store the findings and return the application to the applicant; it then needs a new notice."""
    application = _settle(act)
    if application.state is not ApplicationState.RETURNED and application.state not in FINAL:
        fire(
            application,
            "objection_return",
            actor=act.actor,
            at=act.at,
            opinion=act.opinion,
            details=act.details,
        )


def settle_end(act: Act) -> None:
    """Store the findings and end the application for this year; after a result notice cancel its result."""
    application = _settle(act)
    if application.state in FINAL:
        return
    is_result = application.state is ApplicationState.RESULT_DISPUTED
    event = "result_objection_upheld" if is_result else "objection_end"
    fire(application, event, actor=act.actor, at=act.at, opinion=act.opinion)


def _settle(act: Act) -> Application:
    """Store the opinion as the findings and return the application concerned."""
    act.record.findings = act.opinion
    application = _application(act)
    act.notes["application"] = application.number
    return application


def _application(act: Act) -> Application:
    return act.session.get_one(Application, act.record.application_id)
