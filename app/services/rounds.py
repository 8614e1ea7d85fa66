"""Rounds of votes: frozen with candidates, roll and recusals; opened and closed by whoever presides."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.enums import KeyRole, OverCap, ReviewStep, Role
from app.models import (
    Application,
    Plan,
    Round,
    RoundCandidate,
    RoundShare,
    RoundVoter,
    SealedBallot,
)
from app.services import (
    key_holders,
    opinions,
    outcomes,
    paper_rounds,
    recusals,
    results,
    scoring,
    sealing,
    seats,
    sitting,
)
from app.services.outcomes import NextRound
from app.services.qualification import validity_refusal
from app.services.results import Entry
from app.workflow.engine import Act, Refused

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


# what must be so before a round


def is_day(act: Act) -> str | None:
    """A meeting votes on its days, while its committee is valid (Order 40, art. 8), if its plan has a vote."""
    plan, today = paper_rounds.plan_of(act), clock.local_date(act.at)
    if not plan.is_on(today):
        return gettext(
            "The meeting runs from %(first)s to %(last)s; it votes on these days only.",
            first=plan.opens_on, last=plan.closes_on,
        )  # fmt: skip
    if ReviewStep.VOTE.value not in plan.steps:
        return gettext(
            "The plan of this meeting has no step “%(step)s”.", step=ReviewStep.VOTE.label
        )
    return validity_refusal(plan.committee, today)


def has_holders(act: Act) -> str | None:
    """All three parts of the key have their holder."""
    known = key_holders.of_plan(act.session, act.record.plan_id)
    missing = [str(role.label) for role in ORDER if role not in known]
    if not missing:
        return None
    return gettext(
        "No code for the ballot box was taken yet by: %(who)s. Each takes one under “Review meeting”.",
        who="、".join(missing),
    )


def has_quorum(act: Act) -> str | None:
    """Two thirds of an odd number of members have signed in, one of them presides (Order 40, art. 10 and 20)."""
    held, plan = act.record, paper_rounds.plan_of(act)
    if held.members % 2 == 0 or held.members < plan.committee.min_size:
        return gettext(
            "The meeting has %(members)s members; it needs an odd number of at least %(least)s.",
            members=held.members, least=plan.committee.min_size,
        )  # fmt: skip
    if not results.has_quorum(held.present, held.members):
        return gettext(
            "%(present)s of %(members)s members have signed in; at least %(needed)s must be there.",
            present=held.present, members=held.members, needed=results.quorum_needed(held.members),
        )  # fmt: skip
    if seats.presiding(act.session, plan.id) is None:
        return gettext(
            "Neither the chair nor a vice chair has signed in; one of them must preside."
        )
    return None


def is_due(act: Act) -> str | None:
    """The candidates follow from what was counted; nobody chooses them."""
    if _due(act) is None:
        return gettext("All candidates are decided; no further round is due.")
    return None


def has_opinions(act: Act) -> str | None:
    """Every candidate has the signed opinion of a group (Order 40, art. 22)."""
    due = _due(act)
    return _opinions_missing(act, due.application_ids if due else ())


def _opinions_missing(act: Act, application_ids: Sequence[int]) -> str | None:
    missing = opinions.missing(act.session, act.record.plan_id, application_ids)
    if not missing:
        return None
    return gettext(
        "%(count)s candidates have no opinion signed by three experts who are not recused: %(numbers)s.",
        count=len(missing),
        numbers=_numbers(act, missing),
    )


def _numbers(act: Act, application_ids: Sequence[int]) -> str:
    query = select(Application.number).where(Application.id.in_(application_ids))
    return "、".join(act.session.scalars(query.order_by(Application.number).limit(SHOWN)))


def has_opinions_on_paper(act: Act) -> str | None:
    """A round on paper needs the same opinions; where no judge sits in the system, they are on paper as well."""
    entry = act.details.get("entry")
    if not isinstance(entry, Entry) or not seats.count_members(act.session, act.record.plan_id):
        return None
    return _opinions_missing(act, [votes.application_id for votes in entry.votes])


def has_scores(act: Act) -> str | None:
    """Where scores decide between equal votes, every candidate has one before the vote: none is zero by silence."""
    plan, due = paper_rounds.plan_of(act), _due(act)
    if due is None or plan.over_cap is not OverCap.RANK or not scoring.steps_of(plan):
        return None
    scores = scoring.scores_of(act.session, plan)
    missing = [key for key in due.application_ids if key not in scores]
    if not missing:
        return None
    return gettext(
        "%(count)s candidates have no score yet: %(numbers)s. Scores decide between equal votes here; judges submit "
        "their sheets first.",
        count=len(missing), numbers=_numbers(act, missing),
    )  # fmt: skip


def is_presiding(act: Act) -> str | None:
    """The chair presides, in the chair's absence a vice chair (Order 40, art. 20)."""
    seat = seats.presiding(act.session, act.record.plan_id)
    if seat is not None and seat.user_id == act.actor.user_id:
        return None
    return gettext("Only whoever presides over the meeting opens and closes a round.")


def still_has_quorum(act: Act) -> str | None:
    """Who left since the round was frozen may leave too few for a vote (Order 40, art. 20; domain rule 43)."""
    held = act.record
    roll = set(frozen(held)["roll"])
    there = sum(seat.id in roll for seat in seats.present(act.session, held.plan_id))
    if results.has_quorum(there, held.members):
        return None
    return gettext(
        "Only %(there)s of %(members)s members are still there; at least %(needed)s must be. Wait until they have "
        "signed in again, or make the round void and freeze it anew.",
        there=there, members=held.members, needed=results.quorum_needed(held.members),
    )  # fmt: skip


def have_voted_or_why_not(act: Act) -> str | None:
    """A vote is closed when everybody who is there has voted; earlier only with a reason. Raises Refused at it."""
    held = act.record
    there = {seat.id for seat in seats.present(act.session, held.plan_id)}
    cast = select(SealedBallot.seat_id).where(SealedBallot.round_id == held.id)
    missing = there & set(voters(held)) - set(act.session.scalars(cast))
    if not missing or act.opinion:
        return None
    raise Refused(
        gettext(
            "%(count)s judges who are there have not voted yet. Wait for them, or give the reason for closing now.",
            count=len(missing),
        ),
        "opinion",
    )


def may_void(act: Act) -> str | None:
    """Whoever presides, or the office of the committee, gives a round up."""
    if act.actor.role is Role.OFFICE:
        return paper_rounds.is_own_committee(act)
    return is_presiding(act)


# freezing


def freeze(act: Act) -> None:
    """Lay down candidates, roll, recusals and rules, and seal the key to its holders."""
    session, held = act.session, act.record
    due = _due(act) or NextRound(())
    there = seats.present(session, held.plan_id)
    for seat in there:
        sitting.renew_recusals(act, seat)
    voters = [seat.id for seat in there]
    held.present = len(voters)
    cases = _cases(session, due)
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


def _due(act: Act) -> NextRound | None:
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
