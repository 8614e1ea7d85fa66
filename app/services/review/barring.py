"""Barred people in meetings: found at every step, and taken out without stopping the others.

A bar or penalty that begins during the procedure ends it for this person alone (Order 40, art. 14 and 39).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.engine import Act, Refused
from app.enums import ApplicationState, PlanState, Role, RoundState
from app.models import Application, Plan, Round, RoundCandidate
from app.services.meeting import candidates, round_lock
from app.services.registers import committee_validity, regions
from app.services.review import custody
from app.services.rules import standing
from app.services.rules.rule_personal import bar_refusal

NAMED = 5
"""A refusal names at most this many barred people and counts the rest."""
BEFORE_RESULT = (
    ApplicationState.CHECKED,
    ApplicationState.NOTICE_OVER,
    ApplicationState.QUALIFIED,
    ApplicationState.IN_REVIEW,
)
AFTER_RESULT = (
    ApplicationState.PASSED,
    ApplicationState.IN_RESULT_NOTICE,
    ApplicationState.RESULT_CLEAR,
    ApplicationState.IN_FILING,
)


def barred_among(
    session: Session, query: Select[Any], at: datetime
) -> list[tuple[Application, str]]:
    """Return the applications of `query` whose person is barred or under a penalty now, each with why."""
    found: Sequence[Application] = session.scalars(
        query.options(joinedload(Application.person), joinedload(Application.unit))
    ).all()
    why = reasons(session, found, at)
    return [(one, why[one.id]) for one in found if one.id in why]


def reasons(session: Session, applications: Sequence[Application], at: datetime) -> dict[int, str]:
    """Return by application id why its person is barred now, or was on the day of the vote."""
    found = standing.refusals(session, applications, at)
    days = _days_of_vote(session, applications)
    for one in applications:
        day = days.get(one.plan_id or 0)
        if one.id not in found and day and (why := bar_refusal(one.person, day)):
            found[one.id] = why
    return found


def _days_of_vote(session: Session, applications: Sequence[Application]) -> dict[int, date]:
    """Return the days of the vote by plan id; the relationship `plan` may be older than `plan_id`."""
    plans = {one.plan_id for one in applications if one.plan_id is not None}
    query = select(Plan.id, Plan.voted_on).where(Plan.id.in_(plans), Plan.voted_on.is_not(None))
    return {key: day for key, day in session.execute(query) if day} if plans else {}


def sentence_about(found: Sequence[tuple[Application, str]]) -> str | None:
    """Return the refusal that names the barred people and where they are taken out; None for nobody."""
    if not found:
        return None
    lines = gettext("; ").join(f"{one.number} {why}" for one, why in found[:NAMED])
    return gettext(
        "Barred: %(count)s. %(lines)s Take them out under “Barred people”; the others then go on.",
        count=len(found),
        lines=lines,
    )


def target_of(act: Act) -> ApplicationState:
    """Return the state of somebody taken out: ended for this year, or the pass cancelled."""
    is_before = act.record.state in BEFORE_RESULT
    return ApplicationState.ENDED if is_before else ApplicationState.CANCELLED


def is_in_charge(act: Act) -> str | None:
    """Refuse everybody but the holder unit, the committee's office, and the authority during a filing."""
    record, role = act.record, act.actor.role
    if role is Role.UNIT:
        return custody.is_holder(act)
    if role is Role.OFFICE:
        return _office_refusal(act)
    if record.state is not ApplicationState.IN_FILING:
        return gettext("The committee's office takes this person out.")
    if regions.covers(act.actor, record.committee.region_code):
        return None
    return gettext("The committee belongs to another region; its own authority decides.")


def _office_refusal(act: Act) -> str | None:
    state = act.record.state
    if state in (ApplicationState.CHECKED, ApplicationState.NOTICE_OVER):
        return gettext("The application is with its unit, which takes this person out.")
    if state is ApplicationState.IN_FILING:
        return gettext("The filing is with the authority, which takes this person out.")
    return committee_validity.is_own_committee(act)


def is_barred(act: Act) -> str | None:
    """Refuse to take out somebody who is neither barred nor under a penalty now."""
    if reasons(act.session, [act.record], act.at):
        return None
    return gettext(
        "%(name)s is neither barred nor under a penalty; only such people are taken out.",
        name=act.record.name,
    )


def is_not_voted_on(act: Act) -> str | None:
    """Refuse to take a candidate out of a vote that is prepared or held, or of an entered result.

    If such a candidate passes, the confirmation of the result cancels the pass.
    """
    record = act.record
    if record.state is not ApplicationState.IN_REVIEW:
        return None
    plan = act.session.get(Plan, record.plan_id or 0)
    is_entered = plan is not None and plan.state is PlanState.ENTERED
    if not is_entered and not round_lock.is_bound(act.session, record.id):
        return None
    return gettext(
        "The vote on this candidate is prepared or held. A round that is not counted yet can be made void first; "
        "otherwise the confirmation of the result cancels the pass of a barred person by itself."
    )


def leave_plan(act: Act) -> None:
    """Record the bar in the log; take somebody without a result out of the plan and its base of rates."""
    record = act.record
    act.notes["bar"] = reasons(act.session, [record], act.at).get(record.id, "")
    if record.state is ApplicationState.ENDED and record.plan_id is not None:
        act.notes["plan_id"] = record.plan_id
        record.plan_id = None


def refuse_barred_choice(act: Act) -> None:
    """Refuse a plan whose chosen candidates include barred people. Raises Refused at the choice."""
    with act.session.no_autoflush:
        query = select(Application).where(candidates.is_chosen(act))
        why = sentence_about(barred_among(act.session, query, act.at))
    if why:
        raise Refused(why, candidates.FIELD)


def bound_refusal(act: Act) -> str | None:
    """Refuse to agree to a plan while a candidate bound to it is barred."""
    query = select(Application).where(
        Application.plan_id == act.record.id, Application.state == ApplicationState.QUALIFIED
    )
    return sentence_about(barred_among(act.session, query, act.at))


def frozen_refusal(act: Act) -> str | None:
    """Refuse to open a round in which somebody is barred by now.

    Candidates of an earlier counted round stay, as their votes stand.
    """
    vote_round: Round = act.record
    query = select(Application).join(
        RoundCandidate, RoundCandidate.application_id == Application.id
    )
    query = query.where(
        RoundCandidate.round_id == vote_round.id,
        Application.id.not_in(candidates_voted_on(vote_round.plan_id)),
    )
    why = sentence_about(barred_among(act.session, query, act.at))
    return why and gettext("Make the round void, then freeze it anew. %(why)s", why=why)


def due_refusal(
    session: Session, plan: Plan, application_ids: Sequence[int], at: datetime
) -> str | None:
    """Return why a round with these candidates is not frozen: somebody not voted on yet is barred."""
    query = select(Application).where(
        Application.id.in_(application_ids), Application.id.not_in(candidates_voted_on(plan.id))
    )
    return sentence_about(barred_among(session, query, at))


def candidates_voted_on(plan_id: int) -> Select[tuple[int]]:
    """Return the query for the candidates of the meeting's counted rounds."""
    return (
        select(RoundCandidate.application_id)
        .join(Round, Round.id == RoundCandidate.round_id)
        .where(Round.plan_id == plan_id, Round.state == RoundState.COUNTED)
    )
