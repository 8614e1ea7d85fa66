"""The boxes of the review form (评审表) in their order, and the last of them: filing and certificate."""

from collections.abc import Iterator

from flask_babel import gettext
from sqlalchemy import select

from app.enums import FINAL, ApplicationState, FilingState, NoticeKind
from app.models import Application, Certificate, Filing, TransitionLog
from app.services.certificates import certificates
from app.services.dossier.review_form import Box
from app.services.results.decision_boxes import decision_boxes, vote_blank
from app.services.review import review_boxes
from app.services.review.review_boxes import Course, session_of, signed

DECIDED = frozenset(
    {
        ApplicationState.PASSED,
        ApplicationState.FAILED,
        ApplicationState.IN_RESULT_NOTICE,
        ApplicationState.RESULT_DISPUTED,
        ApplicationState.RESULT_CLEAR,
        ApplicationState.IN_FILING,
        ApplicationState.CERTIFIED,
        ApplicationState.CANCELLED,
        ApplicationState.REVOKED,
    }
)
"""States of an application whose result is confirmed."""
FILED = (ApplicationState.CERTIFIED, ApplicationState.REVOKED)


def boxes(application: Application, *, is_own: bool = False) -> list[Box]:
    """Return the boxes, unsigned and empty where nothing is decided yet.

    What the committee decided appears once its result is confirmed. On the applicant's own copy (`is_own`)
    every box stays empty until the case is decided.
    """
    recommended, posted, checked, qualified, group, vote, filed = _labels()
    if is_own and application.state not in DECIDED | FINAL:
        empty = [Box(label) for label in (recommended, posted, checked, qualified, group)]
        return [*empty, vote_blank(vote), Box(filed)]
    course = review_boxes.course_of(application)
    is_decided = application.state in DECIDED
    decided = (
        decision_boxes(group, vote, application) if is_decided else (Box(group), vote_blank(vote))
    )
    return [
        review_boxes.recommendation_box(recommended, course),
        review_boxes.notice_box(posted, application, NoticeKind.UNIT),
        *review_boxes.superior_boxes(checked, course),
        review_boxes.office_box(qualified, course),
        *decided,
        *_filing_boxes(filed, course),
    ]


def _labels() -> list[str]:
    return [
        gettext("Recommendation of the unit"),
        gettext("Public notice inside the unit"),
        gettext("Check by the superior units"),
        gettext("Qualification check by the committee's office"),
        gettext("Opinion of the expert group"),
        gettext("Review and vote of the committee"),
        gettext("Filing by the human resources authority"),
    ]


def _filing_boxes(label: str, course: Course) -> Iterator[Box]:
    """Yield the box of the filing; somebody who was not passed has none."""
    application = course.application
    if application.state is ApplicationState.CANCELLED:
        log = course.last("result_objection_upheld", "bar_out")
        yield Box(label, [_cancelled_sentence(log)], signed=signed(log))
    elif application.state in FILED and (filing := _agreed_filing(application)) is not None:
        number = filing.approval_number
        lines = [gettext("Filed under the approval document %(number)s.", number=number)]
        lines += _certificate_lines(application)
        yield Box(label, lines, signed=signed(_agreement(filing)))
    elif application.state is not ApplicationState.FAILED:
        yield Box(label)


def _cancelled_sentence(log: TransitionLog | None) -> str:
    if log is not None and log.event == "bar_out":
        return gettext("The pass was cancelled because of a bar; it is not filed.")
    return gettext("The pass was cancelled after an objection; it is not filed.")


def _agreed_filing(application: Application) -> Filing | None:
    query = select(Filing).where(
        Filing.plan_id == application.plan_id, Filing.state == FilingState.AGREED
    )
    return session_of(application).scalars(query).one_or_none()


def _agreement(filing: Filing) -> TransitionLog | None:
    return (
        session_of(filing)
        .scalars(
            select(TransitionLog)
            .where(
                TransitionLog.subject_type == Filing.__tablename__,
                TransitionLog.subject_id == filing.id,
                TransitionLog.event == "agree",
            )
            .order_by(TransitionLog.id.desc())
            .limit(1)
        )
        .first()
    )


def _certificate_lines(application: Application) -> Iterator[str]:
    query = select(Certificate).where(Certificate.application_id == application.id)
    found = session_of(application).scalars(query.order_by(Certificate.id))
    for one in found:
        yield gettext(
            "Certificate %(number)s, issued on %(day)s: %(state)s.",
            number=certificates.grouped(one.number),
            day=one.issued_on,
            state=one.state.label,
        )
