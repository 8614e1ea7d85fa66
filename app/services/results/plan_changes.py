"""Guards and effects of other lines for an agreed plan (menu 1.2.2): asked for by the office, agreed by the authority.

The authority has agreed to the plan (guide 1.2.2), so it also agrees to other lines. What a line may still be changed
for: how votes and scores are counted, until the first round is frozen, as voters are told it; the caps, until
places were given by them, and never above those of the batch. Two thirds of the votes is law (Order 40, art. 21).
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act, Refused
from app.enums import OverCap, PlanChangeState, PlanState, RoundState
from app.ground.actor import Actor
from app.models import Plan, PlanChange, Round, TransitionLog
from app.services.meeting import plan_faults
from app.services.meeting.lines import Lines, lines_of
from app.services.registers import committee_validity, regions
from app.services.results import outcomes, trials
from app.services.results.trials import Fate, Figures

COUNTING = ("aggregation", "trim_from", "material_share", "denominator", "over_cap")
"""Lines of how votes and scores are counted."""
CAPS = tuple(plan_faults.CAPS.values())
ASKED = (*COUNTING, *CAPS)
"""Lines that may be asked for, as long as they are not fixed."""


def fixed(plan: Plan, rounds: Sequence[Round]) -> dict[str, str]:
    """Return the lines of `plan` with these `rounds` that can only be tried by now: name → why."""
    law = gettext(
        "Two thirds of the votes is law (Order 40, art. 21); other lines can only be tried."
    )
    standing = [one for one in rounds if one.state is not RoundState.VOID]
    found = {"pass_line": law}
    if plan.state is not PlanState.APPROVED:
        computed = gettext("The result is computed; send it back first, or only try.")
        return found | dict.fromkeys(ASKED, computed)
    if standing:
        told = gettext(
            "Fixed since the first round was frozen, as the vote is held by it; it can only be tried."
        )
        found |= dict.fromkeys(COUNTING, told)
    if (why := _caps_fixed(plan, standing)) is not None:
        found |= dict.fromkeys(CAPS, why)
    return found


def _caps_fixed(plan: Plan, standing: list[Round]) -> str | None:
    """Return why the caps can only be tried: places were given by them, or a vote on them is under way."""
    if standing and plan.over_cap is OverCap.LIMIT_YES:
        return gettext("The ballots were frozen with these caps; others can only be tried.")
    if any(one.places is not None for one in standing):
        return gettext(
            "A further round was frozen for the places of these caps; others can only be tried."
        )
    if any(one.state is not RoundState.COUNTED for one in standing):
        return gettext("A round is under way; finish it first. Until then caps can only be tried.")
    return None


def report(
    session: Session, plan: Plan, wanted: Lines, *, actor: Actor, at: datetime, reason: str
) -> TransitionLog:
    """Report the lines `wanted` to the authority, with the snapshot of what they lead to. Raises Refused."""
    figures = trials.figures_of(session, plan)
    change = PlanChange(
        plan_id=plan.id,
        plan=plan,
        snapshot=_snapshot(plan, figures, wanted),
        figures=trials.digest_of(figures),
        reason=reason,
        reported_at=at,
        asked_by=actor.user_id,
    )
    return engine.fire(change, "report", actor=actor, at=at, opinion=reason)


def _snapshot(plan: Plan, figures: Figures, wanted: Lines) -> str:
    trial = trials.compare(figures, lines_of(plan), wanted)
    everybody = trial.groups(lambda item: True).get(True)
    moves = trial.moves()
    facts = {
        "before": lines_of(plan).stored(),
        "after": wanted.stored(),
        "rounds": [one.number for one in figures.rounds],
        "passes": [everybody.before, everybody.after] if everybody else None,
        "again": [everybody.again_before, everybody.again_after] if everybody else None,
        "in": [one.item.number for one in moves if one.joins],
        "out": [one.item.number for one in moves if one.leaves],
        "again_instead": [one.item.number for one in moves if one.after is Fate.AGAIN],
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def snapshot_of(change: PlanChange) -> dict[str, Any]:
    """Return the snapshot of a change, parsed from its JSON text."""
    data: dict[str, Any] = json.loads(change.snapshot)
    return data


def wanted_by(change: PlanChange) -> dict[str, Any]:
    """Return the lines that a change asks for as stored values, those that differ only: name → value."""
    facts = snapshot_of(change)
    return {name: value for name, value in facts["after"].items() if facts["before"][name] != value}


def changes_of_plan(session: Session, plan_id: int) -> list[PlanChange]:
    """Return the changes asked for in a meeting, latest first."""
    query = select(PlanChange).where(PlanChange.plan_id == plan_id)
    return list(session.scalars(query.order_by(PlanChange.id.desc())))


def logs_of_plan(session: Session, plan_id: int) -> list[TransitionLog]:
    """Return the log rows of the agreed changes of a meeting, oldest first."""
    query = select(TransitionLog).where(
        TransitionLog.subject_type == Plan.__tablename__,
        TransitionLog.subject_id == plan_id,
        TransitionLog.event == "change_lines",
    )
    return list(session.scalars(query.order_by(TransitionLog.id)))


def is_own_committee(act: Act) -> str | None:
    """Refuse an office for the plan of another committee."""
    return committee_validity.is_own_committee(Act(_plan(act), act.event, act.actor, act.at))


def is_in_region(act: Act) -> str | None:
    """Refuse an authority for the plan of a committee of another region."""
    if regions.covers(act.actor, _plan(act).committee.region_code):
        return None
    return gettext("The committee belongs to another region; its own authority decides.")


def is_only_one(act: Act) -> str | None:
    """Refuse a second change of a meeting while one waits for its decision."""
    with act.session.no_autoflush:
        if act.session.scalar(_waiting(_plan(act).id)) is None:
            return None
    return gettext(
        "Other lines of this meeting wait for the authority's decision; take them back first."
    )


def has_none_waiting(act: Act) -> str | None:
    """Refuse to compute a result while other lines wait for the authority: they may lead to another one."""
    waiting = act.session.scalar(_waiting(act.record.id))
    if waiting is None:
        return None
    return gettext(
        "Other lines of this meeting wait for the authority's decision. Compute the result once it has decided, or "
        "take the change back."
    )


def _waiting(plan_id: int) -> Select[tuple[int]]:
    return select(PlanChange.id).where(
        PlanChange.plan_id == plan_id, PlanChange.state == PlanChangeState.REPORTED
    )


def is_possible(act: Act) -> str | None:
    """Refuse lines that are fixed or not allowed, and none at all; the row of the plan is locked for it.

    Raises Refused at the line.
    """
    change, session = act.record, act.session
    with session.no_autoflush:
        locked = select(Plan).where(Plan.id == _plan(act).id).with_for_update()
        plan = session.scalars(locked.execution_options(populate_existing=True)).one()
        if lines_of(plan).stored() != snapshot_of(change)["before"]:
            return gettext("The plan was changed since these lines were tried; try them again.")
        asked = wanted_by(change)
        if not asked:
            return gettext("These are the lines of the plan; change one of them first.")
        whys = fixed(plan, outcomes.rounds(session, plan))
        for name in asked:
            if name in whys:
                raise Refused(whys[name], name)
        for name, sentence in plan_faults.line_faults(lines_by(plan, asked), plan.batch):
            raise Refused(sentence, name)
    return None


def lines_by(plan: Plan, stored: dict[str, Any]) -> Lines:
    """Return the lines of `plan` with these stored values instead."""
    kinds = {name: type(getattr(plan, name)) for name in ASKED}
    values = {name: kinds[name](value) for name, value in stored.items() if name in kinds}
    return replace(lines_of(plan), **values)


def note_report(act: Act) -> None:
    """Note in the log row of the report what was asked for and the digest of the figures."""
    act.notes.update(wanted_by(act.record), figures=act.record.figures)


def apply(act: Act) -> None:
    """Put the lines into the plan, with a log row of its own, and note the digest of the figures by now."""
    change, plan = act.record, _plan(act)
    act.notes["figures"] = trials.digest_of(trials.figures_of(act.session, plan))
    engine.fire(
        plan,
        "change_lines",
        actor=act.actor,
        at=act.at,
        opinion=change.reason,
        details={"change": change},
    )


def write(act: Act) -> None:
    """Write the lines of an agreed change into the plan; the log row keeps both, and the number of the change."""
    change: PlanChange = act.details["change"]
    plan: Plan = act.record
    facts, wanted = snapshot_of(change), wanted_by(change)
    lines = lines_by(plan, wanted)
    for name in wanted:
        setattr(plan, name, getattr(lines, name))
    act.notes.update(
        change=change.id, figures=change.figures, after=wanted,
        before={name: facts["before"][name] for name in wanted},
    )  # fmt: skip


def _plan(act: Act) -> Plan:
    """Return the plan of a change; an unsaved one has it as well."""
    plan: Plan = act.record.plan
    return plan
