"""Messages to whoever can go on with a result: those who sign it, and the second person who confirms it."""

from sqlalchemy import select

from app.engine import Act
from app.enums import PlanState, Role
from app.models import Plan, TransitionLog, User
from app.services.messages import recipients
from app.services.results import minutes, offline_results, outcomes

SIGNATURES, RESULTS, PAPER = "/g/meeting-result/", "/g/1.2.5/", "/g/1.2.5/paper/"


def tell_signers_of_text(act: Act) -> None:
    """Tell those who sign that minutes were written or changed; stands before `minutes.write`."""
    if minutes.is_changed(act):
        _tell_signers(act)


def tell_signers_of_result(act: Act) -> None:
    """Tell those who sign that the result was computed again; without minutes there is nothing to sign yet."""
    if act.record.minutes:
        _tell_signers(act)


def _tell_signers(act: Act) -> None:
    plan: Plan = act.record
    watching = recipients.of_committee(act.session, plan.committee_id, Role.SUPERVISOR)
    chairs = minutes.chair_accounts(act.session, plan)
    signers = select(User.id).where(User.id.in_(watching) | User.id.in_(chairs))
    others = signers.where(User.id != (plan.entered_by or 0))
    recipients.tell(act, others, "result.sign", url=f"{SIGNATURES}{plan.id}", plan=plan.name)


def tell_when_signed(act: Act) -> None:
    """Tell the office that the result can be confirmed, once the second of both signatures is there."""
    plan: Plan = act.record
    if plan.chair_signed_at and plan.supervisor_signed_at:
        _tell_second_person(act, plan)


def tell_second_person(act: Act) -> None:
    """Tell the office that an entered offline result can be confirmed.

    After a correction only whoever entered it before is told: the others know already.
    """
    plan: Plan = act.record
    if offline_results.is_decided(act) is None:
        _tell_second_person(act, plan, only=_entered_before(act))


def tell_second_person_of_round(act: Act) -> None:
    """Tell the office that a round entered from paper can be confirmed."""
    plan = outcomes.plan_of(act)
    recipients.tell(
        act,
        recipients.of_committee(act.session, plan.committee_id, Role.OFFICE),
        "round.confirm_paper",
        url=f"{PAPER}{act.record.id}",
        plan=plan.name,
        round=act.record.title,
        number=act.record.number,
    )


def tell_when_decided(act: Act) -> None:
    """Tell the office that an offline result can be confirmed, once a further round on paper decided it."""
    plan = outcomes.plan_of(act)
    of_plan = Act(plan, act.event, act.actor, act.at)
    if plan.state is PlanState.ENTERED and offline_results.is_decided(of_plan) is None:
        _tell_second_person(act, plan)


def _tell_second_person(act: Act, plan: Plan, only: int | None = None) -> None:
    office = recipients.of_committee(act.session, plan.committee_id, Role.OFFICE)
    able = select(User.id).where(
        User.id.in_(office),
        User.id.not_in(
            [one or 0 for one in (plan.entered_by, plan.chair_signed_by, plan.supervisor_signed_by)]
        ),
    )
    if only is not None:
        able = able.where(User.id == only)
    recipients.tell(act, able, "result.confirm_due", url=f"{RESULTS}{plan.id}", plan=plan.name)


def _entered_before(act: Act) -> int | None:
    """Return who entered the result before this correction, None at the first entry."""
    query = select(TransitionLog.event, TransitionLog.actor_id).where(
        TransitionLog.subject_type == Plan.__tablename__,
        TransitionLog.subject_id == act.record.id,
        TransitionLog.event.in_(("enter", "reopen")),
    )
    last = act.session.execute(query.order_by(TransitionLog.id.desc()).limit(1)).first()
    return last.actor_id if last and last.event == "enter" else None
