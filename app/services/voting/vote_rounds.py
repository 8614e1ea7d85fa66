"""Rounds of votes: frozen with candidates, roll and recusals; opened and closed by whoever presides."""

import hashlib
import json
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import KeyRole, OverCap
from app.models import (
    Application,
    Plan,
    Round,
    RoundCandidate,
    RoundShare,
    RoundVoter,
    SealedBallot,
)
from app.services.draw import attendance, recusals
from app.services.meeting import seats
from app.services.results import outcomes, paper_rounds
from app.services.results.outcomes import NextRound
from app.services.voting import key_holders, sealing

FROZEN_ALG = "zc-round-v1"
ORDER = (KeyRole.CHAIR, KeyRole.SUPERVISOR, KeyRole.OFFICE)
SHOWN = 5


def draft(session: Session, plan: Plan, at: datetime) -> Round:
    """Return the unsaved round that is due in a meeting; freezing fills it."""
    due = outcomes.next_round(session, plan)
    return Round(
        plan_id=plan.id,
        number=paper_rounds.next_number(session, plan.id),
        places=due.places if due else None,
        members=seats.count_members(session, plan.id),
        present=len(seats.present(session, plan.id)),
        alg=sealing.ALG,
        frozen_at=at,
    )


def share_context(held: Round, role: KeyRole, for_role: KeyRole) -> str:
    """Return for what a sealed part of a key is good."""
    return f"share:{held.id}:{role.value}:{for_role.value}"


def ballot_context(held: Round) -> str:
    """Return for what a sealed ballot is good: this round as it was frozen."""
    return f"ballot:{held.id}:{held.frozen_hash}"


def count_cast(session: Session, round_id: int) -> int:
    """Return how many ballots lie in the box."""
    query = select(func.count(SealedBallot.id)).where(SealedBallot.round_id == round_id)
    return int(session.scalar(query) or 0)


def voters(held: Round) -> list[int]:
    """Return the seats of the roll that may vote on at least one candidate."""
    facts = frozen(held)
    away = Counter(seat for seat, _place in facts["recused"])
    return [seat for seat in facts["roll"] if away[seat] < len(facts["candidates"])]


def count_idle(held: Round) -> int:
    """Return how many of the roll are recused from every candidate."""
    return len(frozen(held)["roll"]) - len(voters(held))


def frozen(held: Round) -> dict[str, Any]:
    """Return what was frozen."""
    data: dict[str, Any] = json.loads(held.frozen)
    return data


# freezing


def freeze(act: Act) -> None:
    """Lay down candidates, roll, recusals and rules, and seal the key to its holders."""
    session, held = act.session, act.record
    wanted = due(act) or NextRound(())
    there = seats.present(session, held.plan_id)
    for seat in there:
        attendance.renew_recusals(act, seat)
    voters = [seat.id for seat in there]
    held.present = len(voters)
    cases = _cases(session, wanted)
    kept_away = recusals.pairs(session, held.plan_id)
    recused = [
        [seat, place]
        for place, case in enumerate(cases, start=1)
        for seat in voters
        if (seat, case.id) in kept_away
    ]
    session.add_all(RoundVoter(round_id=held.id, seat_id=seat) for seat in voters)
    session.add_all(_candidates(held, cases, recused, len(voters)))
    held.frozen = _canonical(act, cases, voters, recused)
    held.frozen_hash = hashlib.sha256(held.frozen.encode()).hexdigest()
    act.notes["candidates"], act.notes["roll"] = len(cases), len(voters)
    act.notes["frozen_hash"] = held.frozen_hash
    _seal_key(act)


def due(act: Act) -> NextRound | None:
    """Return the round that follows from what was counted."""
    return outcomes.next_round(act.session, paper_rounds.plan_of(act))


def _cases(session: Session, due: NextRound) -> list[Application]:
    query = select(Application).where(Application.id.in_(due.application_ids))
    return list(session.scalars(query.order_by(Application.level, Application.number)))


def _candidates(
    held: Round, cases: list[Application], recused: list[list[int]], voters: int
) -> list[RoundCandidate]:
    away = [place for _seat, place in recused]
    return [
        RoundCandidate(
            round_id=held.id, application_id=case.id, position=place,
            eligible=voters - away.count(place),
        )
        for place, case in enumerate(cases, start=1)
    ]  # fmt: skip


def _canonical(
    act: Act, cases: list[Application], voters: list[int], recused: list[list[int]]
) -> str:
    held, plan = act.record, paper_rounds.plan_of(act)
    facts = {
        "alg": FROZEN_ALG,
        "plan": plan.id,
        "round": held.number,
        "candidates": [case.number for case in cases],
        "roll": voters,
        "recused": recused,
        "options": "yna",
        "denominator": plan.denominator.value,
        "over_cap": plan.over_cap.value,
        "places": held.places,
        "limits": _limits(act, cases),
        "members": held.members,
        "present": held.present,
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _limits(act: Act, cases: list[Application]) -> list[dict[str, Any]]:
    """Return how often one ballot may say yes: to no more than there are places, or than the level's cap."""
    held, plan = act.record, paper_rounds.plan_of(act)
    if held.places is not None:
        return [{"positions": list(range(1, len(cases) + 1)), "most": held.places}]
    if plan.over_cap is not OverCap.LIMIT_YES:
        return []
    caps = outcomes.rules_of(act.session, plan).caps
    return [
        {
            "positions": [
                place for place, case in enumerate(cases, start=1) if case.level is level
            ],
            "most": most,
        }
        for level, most in sorted(caps.items())
    ]


def _seal_key(act: Act) -> None:
    """Make the round's key pair; the private key is kept in three sealed parts only."""
    held, private = act.record, sealing.new_key()
    held.public_key = sealing.public_of(private)
    holders = key_holders.of_plan(act.session, held.plan_id)
    first, second, third = (role.value for role in ORDER)
    parts = sealing.split(private, (first, second, third))
    for role in ORDER:
        act.session.add(seal_share(held, role, role, parts[role.value], holders[role].public_key))
    act.session.flush()


def seal_share(
    held: Round, role: KeyRole, for_role: KeyRole, part: dict[str, str], public: str
) -> RoundShare:
    """Return the part of one holder sealed to a holder's public key."""
    plain = json.dumps(part, sort_keys=True).encode()
    sealed = sealing.seal(public, plain, share_context(held, role, for_role))
    return RoundShare(round_id=held.id, role=role, for_role=for_role, sealed=sealed)


# opening, closing, giving up


def note_opened(act: Act) -> None:
    act.record.opened_at = act.at


def note_closed(act: Act) -> None:
    act.record.closed_at = act.at
    act.notes["cast"] = count_cast(act.session, act.record.id)


def destroy(act: Act) -> None:
    """Delete what could open a ballot: the sealed texts and all parts of the key."""
    key = act.record.id
    act.session.execute(delete(RoundShare).where(RoundShare.round_id == key))
    act.session.execute(
        update(SealedBallot).where(SealedBallot.round_id == key).values(sealed=None),
        execution_options={"synchronize_session": False},
    )
