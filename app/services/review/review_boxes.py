"""Boxes of the review form (评审表) filled in on the way up: unit, notice, superior units, office.

Order 40, art. 16 to 19. Each names body and date of the act in force; it is empty where there is none.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from app.enums import NoticeKind, NoticeState, ObjectionState
from app.extensions import db
from app.ground import clock
from app.models import Application, Notice, Objection, TransitionLog
from app.models.base import Base
from app.services.dossier.review_form import Box
from app.services.review import notices

HANDED_IN_ANEW = ("submit", "resubmit")
"""Events after which what was decided before does not count any more; a supplement is none of them."""


@dataclass(frozen=True)
class Course:
    """The acts on an application since it was last handed in, oldest first."""

    application: Application
    logs: Sequence[TransitionLog]

    def last(self, *events: str, unit_id: int | None = None) -> TransitionLog | None:
        """Return the latest act of these kinds, of one unit if given."""
        found = (
            log
            for log in reversed(self.logs)
            if log.event in events and unit_id in (None, log.unit_id)
        )
        return next(found, None)


def course_of(application: Application) -> Course:
    """Return the acts on an application that still count."""
    found = list(
        session_of(application).scalars(
            select(TransitionLog)
            .where(
                TransitionLog.subject_type == Application.__tablename__,
                TransitionLog.subject_id == application.id,
            )
            .order_by(TransitionLog.id)
        )
    )
    begins = [place for place, log in enumerate(found) if log.event in HANDED_IN_ANEW]
    return Course(application, found[begins[-1] :] if begins else found)


def recommendation_box(label: str, course: Course) -> Box:
    """Return the box of the unit that recommended the applicant."""
    text = course.application.recommendation
    return Box(label, [text] if text.strip() else [], signed=signed(course.last("report")))


def notice_box(label: str, application: Application, kind: NoticeKind) -> Box:
    """Return the box of a notice: from when to when, where, which objections; signed once it has ended."""
    notice = notices.latest_notice(session_of(application), application, kind)
    if notice is None or _is_of_earlier_material(notice, application):
        return Box(label)
    ended = body(notice.unit.name, notice.ends_on) if notice.state is NoticeState.OVER else ""
    return Box(label, list(_notice_lines(notice, application)), signed=ended)


def _is_of_earlier_material(notice: Notice, application: Application) -> bool:
    """Return whether the material was handed in again after a notice in the unit."""
    handed_in = application.submitted_at
    is_in_unit = notice.kind is NoticeKind.UNIT
    return is_in_unit and handed_in is not None and notice.created_at < handed_in


def _notice_lines(notice: Notice, application: Application) -> Iterator[str]:
    facts = {"first": notice.starts_on, "last": notice.ends_on, "place": notice.place}
    if notice.state is NoticeState.OVER:
        yield gettext("Posted from %(first)s to %(last)s at: %(place)s.", **facts)
    elif notice.state is NoticeState.RUNNING:
        yield gettext("Posted since %(first)s, until the end of %(last)s, at: %(place)s.", **facts)
    else:
        yield gettext("The notice of %(first)s to %(last)s at %(place)s was cancelled.", **facts)
    if notice.state is not NoticeState.CANCELLED:
        yield _objections_line(notice, application)


def _objections_line(notice: Notice, application: Application) -> str:
    states = session_of(application).scalars(
        select(Objection.state).where(
            Objection.notice_id == notice.id, Objection.application_id == application.id
        )
    )
    counts = Counter(states)
    if not counts:
        return (
            gettext("No objection was received.")
            if notice.state is NoticeState.OVER
            else gettext("No objection has been received so far.")
        )
    return gettext(
        "Objections received: %(count)s; upheld: %(upheld)s, not upheld: %(rejected)s, under inquiry: %(open)s.",
        count=counts.total(),
        upheld=counts[ObjectionState.UPHELD],
        rejected=counts[ObjectionState.REJECTED],
        open=counts[ObjectionState.OPEN],
    )


def superior_boxes(label: str, course: Course) -> list[Box]:
    """Return a box for each superior unit that decided, in the order of the route; an empty one if none did."""
    found = []
    for step in course.application.route:
        log = course.last("superior_pass", "superior_end", unit_id=step.unit_id)
        at = log.at if log else step.passed_at
        if at is not None:
            found.append(Box(label, [_verdict(log)], signed=body(step.unit.name, at)))
    return found or [Box(label)]


def _verdict(log: TransitionLog | None) -> str:
    """Return the opinion written with an act, or what was decided."""
    if log is None or log.event == "superior_pass":
        return (log.opinion if log else "") or gettext("Audit passed")
    return gettext("Audit not passed: %(reason)s", reason=log.opinion)


def office_box(label: str, course: Course) -> Box:
    """Return the box of the qualification check by the committee's office."""
    log = course.last("office_pass", "office_refuse")
    if log is None:
        return Box(label)
    lines = list(_supplement_lines(course))
    if log.event == "office_pass":
        lines.append(log.opinion or gettext("Audit passed"))
    else:
        lines.append(gettext("Audit not passed: %(reason)s", reason=log.opinion))
    return Box(label, lines, signed=signed(log))


def _supplement_lines(course: Course) -> Iterator[str]:
    asked, answered = course.last("ask_correction"), course.last("answer_correction")
    if asked is not None and answered is not None:
        yield gettext(
            "Supplement asked for on %(asked)s, handed in on %(answered)s.",
            asked=clock.local_date(asked.at),
            answered=clock.local_date(answered.at),
        )


def signed(log: TransitionLog | None) -> str:
    """Return body and date of an act, empty if it did not happen."""
    return body(log.unit_name, log.at) if log is not None else ""


def body(name: str, day: date | datetime | None) -> str:
    """Return a body with the day on which it acted, empty if one of them is unknown."""
    if isinstance(day, datetime):
        day = clock.local_date(day)
    return f"{name}  {day}" if day is not None and name else ""


def session_of(record: Base) -> Session:
    """Return the session of a record, or that of the request."""
    return object_session(record) or db.session()
