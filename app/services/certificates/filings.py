"""Filing of a meeting's result (menu 1.2.7): submission, the authority's recomputation, certificates.

Order 40, art. 27 and 38. Each meeting has one filing. One wrong line refuses the whole filing; the refusal
names the wrong lines.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act
from app.enums import ApplicationState, MeetingMode, NoticeKind, NoticeState, PlanState
from app.models import Application, Filing, Notice, Plan, TransitionLog
from app.services.certificates import certificates
from app.services.files import attached_files
from app.services.ground import log_chain
from app.services.quotas import quotas
from app.services.registers import regions
from app.services.results import (
    problem_list,
    results,
)
from app.services.review import barring, notices

MINUTES, NOTICE_PROOF = "minutes", "notice_proof"
PAPERS = (MINUTES, results.RESULT_SHEET, NOTICE_PROOF)
SIGNED_ONLINE = (MINUTES, results.RESULT_SHEET)
"""Papers that need no upload for an online meeting, because it signs them in this system."""
NUMBER_LENGTH = 64


def plan_of(act: Act) -> Plan:
    """Return the plan of the filing; a filing not yet saved has only the id of its plan."""
    filing: Filing = act.record
    return filing.plan or act.session.get_one(Plan, filing.plan_id)


def is_own_committee(act: Act) -> str | None:
    """Refuse every office but that of the committee whose meeting is filed."""
    if plan_of(act).committee_id in act.actor.committee_ids:
        return None
    return gettext("This meeting belongs to another committee; its own office files it.")


def is_ready(act: Act) -> str | None:
    """Refuse a filing unless the result is confirmed and its notice has ended.

    Refuse it also when the meeting has a filing already, an objection is open, or nobody is left to file.
    """
    session, plan = act.session, plan_of(act)
    if plan.state is not PlanState.CONCLUDED:
        return gettext(
            "The result of this meeting is not confirmed yet (menu 1.2.5); only then can it be filed."
        )
    if _is_filed_already(session, act.record, plan):
        return gettext("This meeting has a filing already; open that one.")
    if why := _notice_problem(session, plan):
        return why
    passed = passed_of(session, plan)
    barred = barring.sentence_about(_barred(session, passed, act.at))
    return problem_list.sentence(
        [*_candidate_problems(session, passed), *([barred] if barred else [])]
    )


def _barred(
    session: Session, passed: Sequence[Application], at: datetime
) -> list[tuple[Application, str]]:
    live = [one for one in passed if one.state is not ApplicationState.CANCELLED]
    why = barring.reasons(session, live, at)
    return [(one, why[one.id]) for one in live if one.id in why]


def _is_filed_already(session: Session, filing: Filing, plan: Plan) -> bool:
    with session.no_autoflush:
        other = session.scalar(select(Filing.id).where(Filing.plan_id == plan.id))
    return other is not None and other != filing.id


def _notice_problem(session: Session, plan: Plan) -> str | None:
    states = set(
        session.scalars(
            select(Notice.state).where(Notice.plan_id == plan.id, Notice.kind == NoticeKind.RESULT)
        )
    )
    if NoticeState.RUNNING in states:
        return gettext("The notice of this result is still running; file it after its last day.")
    if NoticeState.OVER not in states:
        return gettext("The result has not been in public notice yet (menu 1.2.6).")
    return None


def plans_to_file(session: Session, committee_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return (id, name) of the plans of these committees whose result notice ended and that have no filing."""
    rows = session.execute(
        select(Plan.id, Plan.name)
        .where(Plan.committee_id.in_(committee_ids), awaits_filing())
        .order_by(Plan.id.desc())
    )
    return [(key, name) for key, name in rows]


def awaits_filing() -> ColumnElement[bool]:
    """Return the condition for plans whose result notice has ended and that have no filing."""
    ended = select(Notice.plan_id).where(
        Notice.kind == NoticeKind.RESULT, Notice.state == NoticeState.OVER
    )
    return (
        (Plan.state == PlanState.CONCLUDED)
        & Plan.id.in_(ended)
        & Plan.id.not_in(select(Filing.plan_id))
    )


def passed_of(session: Session, plan: Plan) -> list[Application]:
    """Return the applications of `plan` that the meeting passed, in whatever state they are now."""
    return [
        result.application for result in results.results_of_plan(session, plan) if result.is_passed
    ]


def _candidate_problems(session: Session, passed: Sequence[Application]) -> Iterable[str]:
    """Yield a sentence for everyone who passed and is neither cleared by notice nor cancelled (guide 1.2.7).

    Yield one more when all of them are cancelled.
    """
    disputed = notices.disputed_among(session, [item.id for item in passed])
    for item in passed:
        if item.state is ApplicationState.RESULT_DISPUTED or (
            item.state is not ApplicationState.CANCELLED and item.id in disputed
        ):
            yield candidate_line(
                item, gettext("an objection is still under inquiry; settle it first.")
            )
        elif item.state not in (ApplicationState.RESULT_CLEAR, ApplicationState.CANCELLED):
            yield candidate_line(
                item,
                gettext(
                    "is in the state “%(state)s”; the notice must end first.",
                    state=item.state.label,
                ),
            )
    if all(item.state is ApplicationState.CANCELLED for item in passed):
        yield gettext("Nobody of this meeting is left to be filed.")


def has_papers(act: Act) -> str | None:
    """Require the document number, minutes, signed result sheet and proof of the notice (guide 1.2.7)."""
    if not _stripped(act.record.document_number):
        return gettext("Enter the document number of the filing.")
    missing = [str(label) for kind, label in paper_labels() if not _has_paper(act, kind)]
    if not missing:
        return None
    return gettext("Still missing: %(papers)s. Upload them.", papers=gettext(", ").join(missing))


def paper_labels() -> list[tuple[str, str]]:
    """Return (kind, name) of the papers that every filing needs."""
    names = (
        gettext("Minutes of the meeting"),
        gettext("Signed result sheet"),
        gettext("Proof of the notice"),
    )
    return list(zip(PAPERS, names, strict=True))


def attachment_labels() -> dict[str, str]:
    """Return {kind: name} of everything attached to a filing or to its meeting."""
    return dict(paper_labels()) | {results.OPINION_SHEET: gettext("Signed opinions")}


def _has_paper(act: Act, kind: str) -> bool:
    """Return whether a paper is uploaded, or not needed because it is known from the meeting.

    Online meetings sign minutes and result sheet in this system; offline, the result sheet attached to the
    plan when the result was confirmed counts.
    """
    if kind in SIGNED_ONLINE and plan_of(act).mode is MeetingMode.ONLINE:
        return True
    if act.details.get(kind) is not None:
        return True
    if act.record.id and attached_files.attachments_of(act.record, kind):
        return True
    return kind == results.RESULT_SHEET and bool(attached_files.attachments_of(plan_of(act), kind))


def hand_in(act: Act) -> None:
    """Attach the papers and send every candidate cleared by notice to the authority.

    `details[kind]` holds the stored file and the name of the paper of that kind.
    """
    filing, plan = act.record, plan_of(act)
    filing.reported_at = act.at
    act.notes["log_head"] = str(log_chain.head(act.session))
    for kind in PAPERS:
        if (paper := act.details.get(kind)) is not None:
            attached_files.attach(filing, paper.stored, kind, paper.name, act.actor, act.at)
    _fire_all(act, plan, ApplicationState.RESULT_CLEAR, "file")


def log_head(session: Session, filing: Filing) -> str:
    """Return the head of the log chain when `filing` was last handed in, "" if it was not noted."""
    query = select(TransitionLog.details).where(
        TransitionLog.subject_type == Filing.__tablename__,
        TransitionLog.subject_id == filing.id,
        TransitionLog.event.in_(("file", "refile")),
    )
    details = session.scalars(query.order_by(TransitionLog.id.desc()).limit(1)).first()
    return str((details or {}).get("log_head", ""))


def is_in_region(act: Act) -> str | None:
    """Refuse an authority for the filing of a committee of another region."""
    if regions.covers(act.actor, plan_of(act).committee.region_code):
        return None
    return gettext("This committee belongs to another region; its own authority decides.")


def has_approval_number(act: Act) -> str | None:
    """Require the number of the authority's approval document."""
    number = _stripped(act.details.get("approval_number"))
    if 0 < len(number) <= NUMBER_LENGTH:
        return None
    return gettext(
        "Enter the number of the approval document, at most %(length)s characters.",
        length=NUMBER_LENGTH,
    )


def issue(act: Act) -> None:
    """Use a post, issue the certificate and close the application for everyone in the filing."""
    filing, plan, session = act.record, plan_of(act), act.session
    filing.approval_number = _stripped(act.details.get("approval_number"))
    session.flush()
    for item in _in_state(session, plan, ApplicationState.IN_FILING):
        _use_post(session, item)
        certificate = certificates.new_certificate(session, filing, item, at=act.at)
        engine.fire(certificate, "issue", actor=act.actor, at=act.at)
        engine.fire(item, "certify", actor=act.actor, at=act.at)
    act.notes["approval_number"] = filing.approval_number


def _use_post(session: Session, item: Application) -> None:
    if item.unit.kind.needs_quota:
        quotas.consume(session, item.unit_id, item.review_year, item.level, item.specialty_code)


def return_candidates(act: Act) -> None:
    """Return every candidate in the filing to the office until the filing is submitted again."""
    _fire_all(act, plan_of(act), ApplicationState.IN_FILING, "file_return")


def _fire_all(act: Act, plan: Plan, state: ApplicationState, event: str) -> None:
    for item in _in_state(act.session, plan, state):
        engine.fire(item, event, actor=act.actor, at=act.at, opinion=act.opinion)


def _in_state(session: Session, plan: Plan, state: ApplicationState) -> list[Application]:
    return [item for item in passed_of(session, plan) if item.state is state]


def _stripped(value: Any) -> str:
    return str(value or "").strip()


def candidate_line(item: Application, why: str) -> str:
    return f"{item.number} {item.name}: {why}"
