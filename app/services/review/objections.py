"""Objections raised during a notice and their inquiry (menus 1.1.1 and 1.2.6, A5 and D2).

An objection stops its application until it is settled with written findings. Its author is stored
encrypted and shown only to the handler.
"""

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from app import settings
from app.engine import Act, Refused, fire, require_reason
from app.enums import (
    FINAL,
    ApplicationState,
    IntegrityGround,
    NoticeKind,
    NoticeState,
    ObjectionState,
    Role,
)
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Notice, NoticeItem, Objection, Plan, Unit
from app.services.files import attached_files
from app.services.registers import integrity, working_days
from app.services.review import custody, inquiry_bodies

EVIDENCE = "evidence"
DISPUTED = (ApplicationState.DISPUTED, ApplicationState.RESULT_DISPUTED)
STOPS = {
    ApplicationState.IN_NOTICE: "object",
    ApplicationState.NOTICE_OVER: "object",
    ApplicationState.IN_RESULT_NOTICE: "result_object",
    ApplicationState.RESULT_CLEAR: "result_object",
}
"""State in which an objection stops the application → the event that stops it."""
RETURNABLE = (
    ApplicationState.DISPUTED,
    ApplicationState.AT_UNIT,
    ApplicationState.RETURNED,
    ApplicationState.CHECKED,
    ApplicationState.AT_SUPERIOR,
)
PASSED = (
    ApplicationState.PASSED,
    ApplicationState.IN_RESULT_NOTICE,
    ApplicationState.RESULT_DISPUTED,
    ApplicationState.RESULT_CLEAR,
    ApplicationState.IN_FILING,
)
"""States of an application that has passed its meeting and has no certificate yet."""


def draft(
    *,
    notice: Notice,
    application_id: int,
    content: str,
    received_at: datetime,
    author: str | None = None,
    contact: str | None = None,
    is_about_staff: bool = False,
) -> Objection:
    """Return an unsaved objection with the day it is due; its body is found when it is registered.

    `is_about_staff` counts only from a receiver above the people who handle the case. Raises Refused when it was
    received before the notice, `working_days.UnknownDay` beyond the calendar.
    """
    if why := _untimely_refusal(notice, received_at):
        raise Refused(why, "received_on")
    return Objection(
        notice_id=notice.id,
        application_id=application_id,
        unit_id=notice.unit_id,
        is_about_staff=is_about_staff,
        author=author,
        contact=contact,
        content=content,
        received_at=received_at,
        due_on=due_on(received_at),
    )


def due_on(received_at: datetime) -> date:
    """Return the day by which an objection must be settled: working days after it was received."""
    return working_days.add_working_days(
        clock.local_date(received_at), settings.get("objection_days")
    )


def says_something(act: Act) -> None:
    """Refuse an objection that does not say what is objected to. Raises Refused at `content`."""
    require_reason(act.record.content, "content")


def is_in_time(act: Act) -> str | None:
    """Refuse an objection received before the notice was posted; one after its end goes to whoever has the case.

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
    if clock.start_of_day(notice.starts_on) <= received_at:
        return None
    return gettext(
        "The notice was posted on %(first)s; this objection came in at %(received)s, before it. Check day and time.",
        first=notice.starts_on.isoformat(),
        received=f"{clock.local(received_at):%Y-%m-%d %H:%M}",
    )


def _is_named_in(act: Act, notice: Notice) -> bool:
    found = select(NoticeItem.id).where(
        NoticeItem.notice_id == notice.id,
        NoticeItem.application_id == act.record.application_id,
    )
    return act.session.scalars(found).first() is not None


def is_recorder(act: Act) -> str | None:
    """Only the notice's unit or office, or a body above it, may record an objection; never its subject."""
    if why := _refuse_accused(act):
        return why
    actor, notice = act.actor, act.session.get_one(Notice, act.record.notice_id)
    application = _application(act)
    is_own = {
        Role.UNIT: notice.kind is NoticeKind.UNIT
        and actor.unit_id in (notice.unit_id, application.unit_id),
        Role.OFFICE: application.committee_id in actor.committee_ids,
        Role.SUPERIOR: _is_above(act, notice),
        Role.HRSS: inquiry_bodies.is_of_region(act, notice, application),
    }
    return None if is_own.get(actor.role) else _other_unit()


def _is_above(act: Act, notice: Notice) -> bool:
    unit = act.session.get_one(Unit, notice.unit_id)
    return unit.id != act.actor.unit_id and f"/{act.actor.unit_id}/" in unit.path


def _other_unit() -> str:
    return gettext("This objection is handled by another unit.")


def _refuse_accused(act: Act) -> str | None:
    application = act.session.get_one(Application, act.record.application_id)
    if act.actor.person_id is None or act.actor.person_id != application.person_id:
        return None
    return gettext("The objection concerns yourself; somebody else must handle it.")


def is_handler(act: Act) -> str | None:
    """Only the body that has the objection may handle it, never its subject."""
    if why := _refuse_accused(act):
        return why
    if not handles(act.record, _application(act), act.actor):
        return _other_unit()
    return custody.closed_refusal(act.session.get_one(Unit, act.record.unit_id))


def is_inquirer(act: Act) -> str | None:
    """Refuse to move an application for an objection that is not the actor's."""
    own: ColumnElement[bool] = Objection.unit_id == act.actor.unit_id
    if act.actor.role is Role.OFFICE and act.record.committee_id in act.actor.committee_ids:
        own = true()
    found = select(Objection.id).where(
        Objection.application_id == act.record.id,
        own | (Objection.recorded_unit_id == act.actor.unit_id),
    )
    return None if act.session.scalars(found.limit(1)).first() is not None else _other_unit()


def handles(objection: Objection, application: Application, actor: Actor) -> bool:
    """Return whether `actor` handles the objection and may therefore see its author."""
    if actor.role is not objection.handler_role:
        return False
    if actor.role is Role.OFFICE:
        return application.committee_id in actor.committee_ids
    return actor.unit_id == objection.unit_id


def named_in_results(session: Session, committee_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return (notice item id, label) for everybody named in a result notice of these committees.

    The label names person, unit and notice. Left out are cancelled notices and applications that have ended.
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
            Application.state.in_((*PASSED, ApplicationState.CERTIFIED)),
        )
        .order_by(NoticeItem.id.desc())
    )
    return [(key, f"{name} · {unit}（{title}）") for key, name, unit, title in rows]


def dispute(act: Act) -> None:
    """Store the evidence and stop the application where its step can be stopped.

    Elsewhere it stays where it is, and no body passes it on while the objection is open.
    """
    application = _application(act)
    evidence = act.details.get("evidence")
    if evidence is not None:
        attached_files.attach(
            act.record, evidence.stored, EVIDENCE, evidence.name, act.actor, act.at
        )
    act.notes["application"] = application.number
    if (event := STOPS.get(application.state)) is not None:
        fire(application, event, actor=act.actor, at=act.at)


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


def can_return(act: Act) -> str | None:
    """Refuse to return a case that has gone on beyond the units."""
    application = _application(act)
    if application.state in RETURNABLE or application.state in FINAL:
        return None
    return gettext(
        "The application %(number)s is in the state “%(state)s”; it cannot be returned for changes any more. Decide "
        "whether the objection is upheld or not.",
        number=application.number,
        state=application.state.label,
    )


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


def can_end(act: Act) -> str | None:
    """Refuse to uphold an objection while the meeting judges the case, or before a certificate is revoked."""
    application = _application(act)
    if application.state is ApplicationState.IN_REVIEW:
        return gettext(
            "The application %(number)s is being judged in a meeting. Uphold the objection when the result of the "
            "meeting is confirmed.",
            number=application.number,
        )
    if application.state is ApplicationState.CERTIFIED:
        return gettext(
            "The certificate of %(number)s is issued. Revoke it first (menu 1.7.1) with the decision document, then "
            "record here that the objection is upheld.",
            number=application.number,
        )
    return None


def settle_end(act: Act) -> None:
    """Store the findings and end the application for this year; once it has passed, cancel its result.

    A cancelled result enters the applicant in the integrity file and bars them (Order 40, art. 39), unless the
    objection was about the people who handled the case.
    """
    application = _settle(act)
    if application.state in FINAL:
        return
    has_passed = application.state in PASSED
    event = "result_objection_upheld" if has_passed else "objection_end"
    fire(application, event, actor=act.actor, at=act.at, opinion=act.opinion)
    if has_passed and not act.record.is_about_staff:
        integrity.record(act, application, IntegrityGround.CANCELLED)


def _settle(act: Act) -> Application:
    """Store the opinion as the findings and return the application concerned."""
    act.record.findings = act.opinion
    application = _application(act)
    act.notes["application"] = application.number
    return application


def _application(act: Act) -> Application:
    return act.session.get_one(Application, act.record.application_id)
