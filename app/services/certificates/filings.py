"""Filing the result of a meeting (menu 1.2.7): handing in, the authority's recomputation, the certificates.

Order 40, art. 27 and 38. One filing stands for one meeting: one line
that is not right refuses all of them, and the refusal names the lines.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act
from app.enums import MeetingMode, NoticeKind, NoticeState, PlanState, S
from app.models import Application, Filing, Notice, Plan, Result
from app.services.certificates import certificates
from app.services.files import attached_files
from app.services.meeting import quorum
from app.services.quotas import quotas
from app.services.registers import regions
from app.services.registers.committee_validity import validity_refusal
from app.services.results import outcome_rules, result_verification, results

MINUTES, NOTICE_PROOF = "minutes", "notice_proof"
PAPERS = (MINUTES, results.RESULT_SHEET, NOTICE_PROOF)
SIGNED_ONLINE = (MINUTES, results.RESULT_SHEET)
"""Papers that an online meeting has signed in the program itself."""
NUMBER_LENGTH = 64


def plan_of(act: Act) -> Plan:
    """Return the plan of the filing; a filing not yet saved knows only its number."""
    filing: Filing = act.record
    return filing.plan or act.session.get_one(Plan, filing.plan_id)


# handing in


def is_own_committee(act: Act) -> str | None:
    """Only the office of the committee that met files its result."""
    if plan_of(act).committee_id in act.actor.committee_ids:
        return None
    return gettext("This meeting belongs to another committee; its own office files it.")


def is_ready(act: Act) -> str | None:
    """The result is confirmed, its notice has ended, no objection is open, and somebody is left to file."""
    session, plan = act.session, plan_of(act)
    if plan.state is not PlanState.CONCLUDED:
        return gettext(
            "The result of this meeting is not confirmed yet (menu 1.2.5); only then can it be filed."
        )
    if _is_filed_already(session, act.record, plan):
        return gettext("This meeting has a filing already; open that one.")
    if why := _notice_problem(session, plan):
        return why
    return results.sentence(_candidate_problems(passed_of(session, plan)))


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
    ended = select(Notice.plan_id).where(
        Notice.kind == NoticeKind.RESULT, Notice.state == NoticeState.OVER
    )
    rows = session.execute(
        select(Plan.id, Plan.name)
        .where(
            Plan.committee_id.in_(committee_ids),
            Plan.state == PlanState.CONCLUDED,
            Plan.id.in_(ended),
            Plan.id.not_in(select(Filing.plan_id)),
        )
        .order_by(Plan.id.desc())
    )
    return [(key, name) for key, name in rows]


def passed_of(session: Session, plan: Plan) -> list[Application]:
    """Return the applications of `plan` that the meeting passed, whatever became of them."""
    return [result.application for result in results.of_plan(session, plan) if result.is_passed]


def _candidate_problems(passed: Sequence[Application]) -> Iterable[str]:
    """Everyone who passed stands clear or was cancelled (guide 1.2.7)."""
    for item in passed:
        if item.state is S.RESULT_DISPUTED:
            yield _line(item, gettext("an objection is still under inquiry; settle it first."))
        elif item.state not in (S.RESULT_CLEAR, S.CANCELLED):
            yield _line(
                item,
                gettext(
                    "is in the state “%(state)s”; the notice must end first.",
                    state=item.state.label,
                ),
            )
    if all(item.state is S.CANCELLED for item in passed):
        yield gettext("Nobody of this meeting is left to be filed.")


def has_papers(act: Act) -> str | None:
    """Document number, minutes, signed result sheet and proof of the notice (guide 1.2.7)."""
    if not _text(act.record.document_number):
        return gettext("Enter the document number of the filing.")
    missing = [str(label) for kind, label in paper_labels() if not _has_paper(act, kind)]
    if not missing:
        return None
    return gettext("Still missing: %(papers)s. Upload them.", papers=gettext(", ").join(missing))


def paper_labels() -> list[tuple[str, str]]:
    """Return kind and name of the papers every filing carries."""
    names = (
        gettext("Minutes of the meeting"),
        gettext("Signed result sheet"),
        gettext("Proof of the notice"),
    )
    return list(zip(PAPERS, names, strict=True))


def _has_paper(act: Act, kind: str) -> bool:
    """What was signed here need not be uploaded: the sheet confirmed with the result, online minutes and sheet."""
    if kind in SIGNED_ONLINE and plan_of(act).mode is MeetingMode.ONLINE:
        return True
    if act.details.get(kind) is not None:
        return True
    if act.record.id and attached_files.of(act.record, kind):
        return True
    return kind == results.RESULT_SHEET and bool(attached_files.of(plan_of(act), kind))


def hand_in(act: Act) -> None:
    """Keep the papers and send every clear candidate to the authority.

    A detail named like the paper holds the stored file and its name.
    """
    filing, plan = act.record, plan_of(act)
    filing.reported_at = act.at
    for kind in PAPERS:
        if (paper := act.details.get(kind)) is not None:
            attached_files.attach(filing, paper.stored, kind, paper.name, act.actor, act.at)
    _fire_all(act, plan, S.RESULT_CLEAR, "file")


# the authority


def is_in_region(act: Act) -> str | None:
    """An authority decides the filings of the committees of its region."""
    if regions.covers(act.actor, plan_of(act).committee.region_code):
        return None
    return gettext("This committee belongs to another region; its own authority decides.")


def is_right(act: Act) -> str | None:
    """Everything is computed once more; one wrong line refuses the whole filing."""
    lines = problems(act.session, plan_of(act))
    if not lines:
        return None
    return " ".join(
        [gettext("The filing is refused as a whole; return it with these lines:"), *lines]
    )


def problems(session: Session, plan: Plan) -> list[str]:
    """Return every line of the result of `plan` that does not stand when it is computed again."""
    stored = results.of_plan(session, plan)
    passed = [
        result
        for result in stored
        if result.is_passed and result.application.state is not S.CANCELLED
    ]
    return [
        *_meeting_problems(plan),
        *_result_problems(session, plan, stored),
        *(why for result in passed if (why := _person_problem(plan, result.application))),
        *results.cap_problems(session, plan, [result.application for result in passed]),
    ]


def _meeting_problems(plan: Plan) -> Iterable[str]:
    if plan.voted_on is None or plan.members is None or plan.present is None:
        yield gettext("The figures of the meeting are missing.")
        return
    if why := validity_refusal(plan.committee, plan.voted_on):
        yield why
    if plan.members % 2 == 0 or plan.members < plan.committee.min_size:
        yield gettext(
            "%(members)s members: the committee needs an odd number, at least %(least)s.",
            members=plan.members,
            least=plan.committee.min_size,
        )
    if not quorum.has_quorum(plan.present, plan.members):
        yield gettext(
            "%(present)s of %(members)s members were present; at least %(needed)s are needed.",
            present=plan.present,
            members=plan.members,
            needed=quorum.quorum_needed(plan.members),
        )


def _result_problems(session: Session, plan: Plan, stored: Sequence[Result]) -> Iterable[str]:
    """An offline result is held against the figures entered, an online one against its counted rounds."""
    if plan.mode is MeetingMode.ONLINE:
        for result, why_not in result_verification.problems(session, plan, stored):
            yield _line(result.application, why_not)
        return
    yield from (why for result in stored if (why := _result_problem(plan, result)))


def _result_problem(plan: Plan, result: Result) -> str | None:
    present = plan.present or 0
    votes = results.Votes(result.application_id, result.yes, result.no, result.abstain)
    if why := results.votes_problem(votes, present):
        return _line(result.application, why)
    if result.is_passed == outcome_rules.is_pass(result.yes, present):
        return None
    return _line(
        result.application,
        gettext(
            "%(yes)s yes of %(present)s present; %(needed)s are needed to pass.",
            yes=result.yes,
            present=present,
            needed=quorum.votes_needed(present),
        ),
    )


def _person_problem(plan: Plan, item: Application) -> str | None:
    """A bar in force on the day of the vote is checked once more."""
    if item.state is not S.IN_FILING:
        return _line(item, gettext("is in the state “%(state)s”.", state=item.state.label))
    until = item.person.banned_until
    if until is not None and plan.voted_on is not None and plan.voted_on <= until:
        return _line(item, gettext("is barred until %(day)s.", day=until.isoformat()))
    return None


def has_approval_number(act: Act) -> str | None:
    """The authority's agreement carries the number of its document."""
    number = _text(act.details.get("approval_number"))
    if 0 < len(number) <= NUMBER_LENGTH:
        return None
    return gettext(
        "Enter the number of the approval document, at most %(length)s characters.",
        length=NUMBER_LENGTH,
    )


def issue(act: Act) -> None:
    """Take the post, issue the certificate and close the application, for everyone in the filing."""
    filing, plan, session = act.record, plan_of(act), act.session
    filing.approval_number = _text(act.details.get("approval_number"))
    session.flush()
    for item in _in_state(session, plan, S.IN_FILING):
        _take_post(session, item)
        certificate = certificates.build(session, filing, item, at=act.at)
        engine.fire(certificate, "issue", actor=act.actor, at=act.at)
        engine.fire(item, "certify", actor=act.actor, at=act.at)
    act.notes["approval_number"] = filing.approval_number


def _take_post(session: Session, item: Application) -> None:
    if item.unit.kind.needs_quota:
        quotas.consume(session, item.unit_id, item.review_year, item.level, item.specialty_code)


def give_back(act: Act) -> None:
    """Every candidate waits at the office again until the filing is handed in once more."""
    _fire_all(act, plan_of(act), S.IN_FILING, "file_return")


def _fire_all(act: Act, plan: Plan, state: S, event: str) -> None:
    for item in _in_state(act.session, plan, state):
        engine.fire(item, event, actor=act.actor, at=act.at, opinion=act.opinion)


def _in_state(session: Session, plan: Plan, state: S) -> list[Application]:
    return [item for item in passed_of(session, plan) if item.state is state]


def _line(item: Application, why: str) -> str:
    return f"{item.number} {item.name}: {why}"


def _text(value: Any) -> str:
    return str(value or "").strip()
