"""Rounds of votes: freezing (candidates, roll, recusals, rules, key), opening, closing, deletion of keys."""

import hashlib
import json
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import KeyRole, OverCap
from app.ground import database
from app.models import (
    Application,
    KeyHolder,
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

FROZEN_ALG = "zc-round-v2"
ORDER = (KeyRole.CHAIR, KeyRole.SUPERVISOR, KeyRole.OFFICE)


def draft(session: Session, plan: Plan, at: datetime) -> Round:
    """Return a new unsaved round for the round that is due; `freeze` fills it."""
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


def share_context(vote_round: Round, role: KeyRole, for_role: KeyRole) -> str:
    """Return the context string that binds a sealed key part to a round and two roles."""
    return f"share:{vote_round.id}:{role.value}:{for_role.value}"


def ballot_context(vote_round: Round) -> str:
    """Return the context string that binds a sealed ballot to a round and its frozen data."""
    return f"ballot:{vote_round.id}:{vote_round.frozen_hash}"


def count_cast(session: Session, round_id: int) -> int:
    """Return the number of ballots cast in a round."""
    query = select(func.count(SealedBallot.id)).where(SealedBallot.round_id == round_id)
    return int(session.scalar(query) or 0)


def voters(vote_round: Round) -> list[int]:
    """Return the seats of the roll that may vote on at least one candidate."""
    facts = frozen(vote_round)
    away = Counter(seat for seat, _place in facts["recused"])
    return [seat for seat in facts["roll"] if away[seat] < len(facts["candidates"])]


def count_idle(vote_round: Round) -> int:
    """Return how many judges of the roll are recused from every candidate."""
    return len(frozen(vote_round)["roll"]) - len(voters(vote_round))


def frozen(vote_round: Round) -> dict[str, Any]:
    """Return the frozen data of a round, parsed from its JSON text."""
    data: dict[str, Any] = json.loads(vote_round.frozen)
    return data


def freeze(act: Act) -> None:
    """Store candidates, roll, recusals, rules and keys with their digest, and seal the key to its holders."""
    session, vote_round = act.session, act.record
    wanted = due_round(act) or NextRound(())
    there = seats.present(session, vote_round.plan_id)
    for seat in there:
        attendance.renew_recusals(act, seat)
    voters = [seat.id for seat in there]
    vote_round.present = len(voters)
    cases = _cases(session, wanted)
    recused = _recused(session, vote_round.plan_id, cases, voters)
    session.add_all(RoundVoter(round_id=vote_round.id, seat_id=seat) for seat in voters)
    session.add_all(_candidates(vote_round, cases, recused, len(voters)))
    _seal_key(act)
    # the database takes no roll and no candidates once the round has the digest of what was frozen
    session.flush()
    vote_round.frozen = _canonical(act, cases, voters, recused)
    vote_round.frozen_hash = hashlib.sha256(vote_round.frozen.encode()).hexdigest()
    session.flush()
    act.notes["candidates"], act.notes["roll"] = len(cases), len(voters)
    act.notes["frozen_hash"] = vote_round.frozen_hash


def _recused(
    session: Session, plan_id: int, cases: list[Application], voters: list[int]
) -> list[list[int]]:
    """Return the recusals of the roll as pairs of seat and number on the ballot."""
    pairs = recusals.recused_pairs(session, plan_id)
    return [
        [seat, place]
        for place, case in enumerate(cases, start=1)
        for seat in voters
        if (seat, case.id) in pairs
    ]


def due_round(act: Act) -> NextRound | None:
    """Return the round that is due after the counted rounds, or None."""
    return outcomes.next_round(act.session, outcomes.plan_of(act))


def _cases(session: Session, due: NextRound) -> list[Application]:
    query = select(Application).where(Application.id.in_(due.application_ids))
    return list(session.scalars(query.order_by(Application.level, Application.number)))


def _candidates(
    vote_round: Round, cases: list[Application], recused: list[list[int]], voters: int
) -> list[RoundCandidate]:
    away = [place for _seat, place in recused]
    return [
        RoundCandidate(
            round_id=vote_round.id, application_id=case.id, position=place,
            eligible=voters - away.count(place),
        )
        for place, case in enumerate(cases, start=1)
    ]  # fmt: skip


def _canonical(
    act: Act, cases: list[Application], voters: list[int], recused: list[list[int]]
) -> str:
    vote_round, plan = act.record, outcomes.plan_of(act)
    facts = {
        "alg": FROZEN_ALG,
        "plan": plan.id,
        "round": vote_round.number,
        "candidates": [case.number for case in cases],
        "roll": voters,
        "recused": recused,
        "options": "yna",
        "denominator": plan.denominator.value,
        "over_cap": plan.over_cap.value,
        "places": vote_round.places,
        "limits": _limits(act, cases),
        "members": vote_round.members,
        "present": vote_round.present,
        "sealed_with": vote_round.alg,
        "public_key": vote_round.public_key,
        "holders": {role.value: one.public_key for role, one in _holders(act).items()},
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _limits(act: Act, cases: list[Application]) -> list[dict[str, Any]]:
    """Return the yes limits of a ballot: the places of a further round, or the caps of levels (LIMIT_YES)."""
    vote_round, plan = act.record, outcomes.plan_of(act)
    if vote_round.places is not None:
        return [{"positions": list(range(1, len(cases) + 1)), "most": vote_round.places}]
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
    """Create the round's key pair; store the private key only as three sealed parts."""
    vote_round, private = act.record, sealing.new_key()
    vote_round.public_key = sealing.public_of(private)
    holders = _holders(act)
    first, second, third = (role.value for role in ORDER)
    parts = sealing.split(private, (first, second, third))
    for role in ORDER:
        act.session.add(
            seal_share(vote_round, role, role, parts[role.value], holders[role].public_key)
        )


def _holders(act: Act) -> dict[KeyRole, KeyHolder]:
    return key_holders.holders_of_plan(act.session, act.record.plan_id)


def seal_share(
    vote_round: Round, role: KeyRole, for_role: KeyRole, part: dict[str, str], public: str
) -> RoundShare:
    """Return the key part of `role`, sealed to the public key of the holder `for_role`."""
    plain = json.dumps(part, sort_keys=True).encode()
    context = share_context(vote_round, role, for_role)
    sealed = sealing.seal(public, plain, context, vote_round.alg)
    return RoundShare(round_id=vote_round.id, role=role, for_role=for_role, sealed=sealed)


def note_opened(act: Act) -> None:
    """Record when the round was opened."""
    act.record.opened_at = act.at


def note_closed(act: Act) -> None:
    """Record when the round was closed and how many ballots were cast."""
    act.record.closed_at = act.at
    act.notes["cast"] = count_cast(act.session, act.record.id)


def delete_ballots_and_key(act: Act) -> None:
    """Delete the sealed ballots and all parts of the key, so that no ballot can be opened any more."""
    key = act.record.id
    act.session.execute(delete(RoundShare).where(RoundShare.round_id == key))
    act.session.execute(
        update(SealedBallot).where(SealedBallot.round_id == key).values(sealed=None),
        execution_options={"synchronize_session": False},
    )
    database.forget_when_committed(act.session)
