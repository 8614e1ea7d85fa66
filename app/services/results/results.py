"""Results of offline meetings: checks of the typed votes, storing, and confirmation.

Order 40, art. 20 and 21: two thirds of the members must be present, two thirds of those
present must vote yes. Abstentions, recusals and ballots not cast do not count as yes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session, joinedload

from app import engine
from app.engine import Act
from app.enums import ApplicationState, MeetingMode, PlanState
from app.ground import clock
from app.models import Application, Plan, Result
from app.services.files import attached_files
from app.services.meeting import caps
from app.services.registers.committee_validity import validity_refusal
from app.services.results.problem_list import sentence
from app.services.review import barring

RESULT_SHEET, OPINION_SHEET = "result_sheet", "opinion_sheet"
SCANS = {"scan": RESULT_SHEET, "opinions": OPINION_SHEET}
"""Form field of a scan → kind of attachment."""


@dataclass(frozen=True)
class Votes:
    """The counted votes on one candidate."""

    application_id: int
    yes: int
    no: int
    abstain: int
    note: str = ""
    score: int | None = None
    """The score of the meeting in hundredths, where its plan ranks by it."""

    @property
    def cast(self) -> int:
        return self.yes + self.no + self.abstain


@dataclass(frozen=True)
class Entry:
    """A result as typed or read from Excel, unchecked."""

    members: int
    present: int
    voted_on: date
    votes: tuple[Votes, ...]
    opinions_signed: bool = False
    """Whether at least three experts signed the opinion on every candidate (Order 40, art. 22)."""


def candidates(session: Session, plan: Plan) -> list[Application]:
    """Return the candidates of `plan` in the order of the result sheet."""
    return list(
        session.scalars(
            select(Application)
            .where(Application.plan_id == plan.id)
            .options(
                joinedload(Application.unit),
                joinedload(Application.title),
                joinedload(Application.specialty),
            )
            .order_by(Application.level, Application.specialty_code, Application.number)
        )
    )


def cancelled_line(rows: Sequence[Result]) -> str:
    """Return a sentence with those who passed the vote and lost the pass afterwards; empty for nobody.

    The sheet and the minutes keep what was voted; printed later, they say what became of it.
    """
    lost = [
        f"{one.application.name} {one.application.number}"
        for one in rows
        if one.is_passed and one.application.state is ApplicationState.CANCELLED
    ]
    names = gettext(", ").join(lost)
    return gettext("Passed the vote, cancelled afterwards: %(names)s.", names=names) if lost else ""


def results_of_plan(session: Session, plan: Plan) -> list[Result]:
    """Return the stored results of `plan` in the order of the result sheet."""
    return list(
        session.scalars(
            select(Result)
            .join(Result.application)
            .where(Result.plan_id == plan.id)
            .options(
                joinedload(Result.application).joinedload(Application.unit),
                joinedload(Result.application).joinedload(Application.title),
                joinedload(Result.application).joinedload(Application.specialty),
                joinedload(Result.application).joinedload(Application.person),
            )
            .order_by(Application.level, Application.specialty_code, Application.number)
        )
    )


def plans_to_publish(session: Session, committee_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Return (id, name) of these committees' concluded plans with passed applications, newest first."""
    rows = session.execute(
        select(Plan.id, Plan.name)
        .where(Plan.committee_id.in_(committee_ids), awaits_notice())
        .order_by(Plan.id.desc())
    )
    return [(key, name) for key, name in rows]


def awaits_notice() -> ColumnElement[bool]:
    """Return the condition for concluded plans whose passed candidates have not been in public notice."""
    passed = select(Application.id).where(
        Application.plan_id == Plan.id, Application.state == ApplicationState.PASSED
    )
    return (Plan.state == PlanState.CONCLUDED) & passed.exists()


def is_offline(act: Act) -> str | None:
    """Refuse an online meeting: its result is computed from its rounds, never typed (guide 1.2.5)."""
    if act.record.mode is MeetingMode.OFFLINE:
        return None
    return gettext(
        "This meeting votes online: its result is computed from the closed round and cannot be typed in."
    )


def meeting_has_begun(act: Act) -> str | None:
    """Refuse a result before the first day of the meeting."""
    opens_on: date = act.record.opens_on
    if clock.local_date(act.at) >= opens_on:
        return None
    return gettext(
        "The meeting opens on %(day)s; its result can be entered from that day on.",
        day=opens_on.isoformat(),
    )


def is_second_person(act: Act) -> str | None:
    """Refuse a confirmation by the person who entered the figures or signed the result."""
    plan: Plan = act.record
    if act.actor.user_id in (plan.chair_signed_by, plan.supervisor_signed_by):
        return gettext("You have signed this result; another person of the office must confirm it.")
    if plan.entered_by is not None and plan.entered_by != act.actor.user_id:
        return None
    return gettext("The result was entered by you; a second person of the office must confirm it.")


def committee_was_valid(act: Act) -> str | None:
    """Refuse if the committee's approval was not valid on the day of the vote (Order 40, art. 8 and 38)."""
    plan: Plan = act.record
    if plan.voted_on is None:
        return gettext("The day of the vote is missing: enter the result again.")
    return validity_refusal(plan.committee, plan.voted_on)


def has_sheet(act: Act) -> str | None:
    """Refuse an offline result without the scan of the signed result sheet (guide 1.2.5)."""
    if act.record.mode is MeetingMode.ONLINE or attached_files.attachments_of(
        act.record, RESULT_SHEET
    ):
        return None
    return gettext(
        "The scan of the signed result sheet is missing. Print the sheet, have it signed and sealed, "
        "and upload the scan."
    )


def is_within_caps(act: Act) -> str | None:
    """Refuse if the passed candidates exceed the pass rate of a level or the post quota of a unit.

    Barred people do not count: the confirmation cancels their pass.
    """
    session, plan = act.session, act.record
    passed = _passed(session, plan)
    barred = barring.reasons(session, passed, act.at)
    return sentence(cap_problems(session, plan, [one for one in passed if one.id not in barred]))


def _passed(session: Session, plan: Plan) -> list[Application]:
    return [result.application for result in results_of_plan(session, plan) if result.is_passed]


def cap_problems(session: Session, plan: Plan, passed: Sequence[Application]) -> list[str]:
    """Return a sentence for every level over its rate and every unit over its quota."""
    rates = caps.rate_excesses(session, plan, passed)
    quotas = caps.quota_excesses(session, passed)
    return [*(rate.sentence for rate in rates), *(quota.sentence for quota in quotas)]


def store(act: Act) -> None:
    """Store the entry and its scans in place of earlier ones; who passed follows from it (`offline_results`)."""
    plan: Plan = act.record
    entry: Entry = act.details["entry"]
    act.session.execute(delete(Result).where(Result.plan_id == plan.id))
    act.session.expire(plan, ["results"])
    plan.members, plan.present, plan.voted_on = entry.members, entry.present, entry.voted_on
    plan.entered_by, plan.opinions_signed = act.actor.user_id, entry.opinions_signed
    act.session.add_all(_result(plan, votes, entry.present) for votes in entry.votes)
    act.session.flush()
    for earlier in attached_files.attachments_of(plan, RESULT_SHEET):
        attached_files.detach(earlier, act.at)  # the old scan shows other figures
    for name, kind in SCANS.items():
        if (scan := act.details.get(name)) is not None:
            attached_files.attach(plan, scan.stored, kind, scan.name, act.actor, act.at)
    act.notes["members"], act.notes["present"] = entry.members, entry.present
    act.notes["voted_on"] = entry.voted_on.isoformat()


def _result(plan: Plan, votes: Votes, present: int) -> Result:
    return Result(
        plan_id=plan.id,
        application_id=votes.application_id,
        yes=votes.yes,
        no=votes.no,
        abstain=votes.abstain,
        is_passed=False,
        note=votes.note,
        counted_of=present,
        score=votes.score,
    )


def decide(act: Act) -> None:
    """Fire `decide_pass` or `decide_fail` on every application of the meeting; take barred people out."""
    for result in results_of_plan(act.session, act.record):
        event = "decide_pass" if result.is_passed else "decide_fail"
        engine.fire(result.application, event, actor=act.actor, at=act.at)
    _take_barred_out(act)


def _take_barred_out(act: Act) -> None:
    """Cancel the pass of everybody barred by now; the votes stay and the others go on."""
    passed = _passed(act.session, act.record)
    barred = barring.reasons(act.session, passed, act.at)
    for one in passed:
        if one.id in barred:
            engine.fire(one, "bar_out", actor=act.actor, at=act.at, opinion=barred[one.id])
    act.notes["barred"] = [one.number for one in passed if one.id in barred]
