"""Opening the box: two holders give their parts, the ballots are opened in memory, shuffled, counted, destroyed.

What is stored of a vote is a letter among shuffled letters of one candidate, without voter, moment or order.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Act, Refused
from app.enums import Choice, KeyRole, RoundState
from app.models import Round, RoundShare, SealedBallot
from app.services.voting import ballots, key_holders, sealing, vote_rounds
from app.services.voting.sealing import Unopened

Part = dict[str, str]


# guards and checks


def is_holder(act: Act) -> str | None:
    """Whoever took the code gives it, in the position it was taken in."""
    role = key_holders.ROLES.get(act.actor.role)
    holder = key_holders.of_plan(act.session, act.record.plan_id).get(role) if role else None
    if holder is not None and holder.user_id == act.actor.user_id:
        return None
    return gettext("You hold no part of the key of this ballot box.")


def has_not_given(act: Act) -> str | None:
    """Each holder gives the own part once; it takes two different ones."""
    role = _role(act)
    if not any(one.role is role and one.for_role is not role for one in _shares(act)):
        return None
    return gettext("Your part of the key was given already; the second holder is due.")


def opens_share(act: Act) -> str | None:
    """The code opens the own part. Raises Refused at the code."""
    _own_part(act)
    return None


def given(session: Session, round_id: int) -> list[KeyRole]:
    """Return who has passed the own part of the key on."""
    query = select(RoundShare.role).where(
        RoundShare.round_id == round_id, RoundShare.role != RoundShare.for_role
    )
    return sorted(set(session.scalars(query)), key=vote_rounds.ORDER.index)


def next_state(act: Act) -> RoundState:
    """Return counted with the second part, closed with the first."""
    return RoundState.COUNTED if _given(act) else RoundState.CLOSED


# the effect


def release(act: Act) -> None:
    """Pass the own part on, sealed to the other two; with the second part count."""
    given = _given(act)
    if given is None:
        _pass_on(act)
    else:
        _count(act, _private_key(act, given))


def _pass_on(act: Act) -> None:
    role, part = _role(act), _own_part(act)
    holders = key_holders.of_plan(act.session, act.record.plan_id)
    for other in vote_rounds.ORDER:
        if other is not role:
            act.session.add(
                vote_rounds.seal_share(act.record, role, other, part, holders[other].public_key)
            )
    act.session.flush()


def _private_key(act: Act, given: RoundShare) -> bytes:
    role = _role(act)
    other = _open(act, given)
    key = sealing.join(role.value, _own_part(act), given.role.value, other)
    if sealing.public_of(key) != act.record.public_key:
        raise Refused(gettext("The two parts do not make the key of this round."))
    return key


def _count(act: Act, private: bytes) -> None:
    held: Round = act.record
    facts = vote_rounds.frozen(held)
    sealed = act.session.scalars(select(SealedBallot).where(SealedBallot.round_id == held.id)).all()
    if len(sealed) > len(facts["roll"]):
        raise Refused(
            gettext("There are more ballots than judges on the roll. Make the round void.")
        )
    opened = [(one.seat_id, _letters(held, private, one)) for one in sealed]
    held.invalid = sum(not is_valid(letters, facts, seat) for seat, letters in opened)
    held.cast, held.counted_at = len(sealed), act.at
    tallied = tally(opened, facts)
    for candidate in ballots.candidates(act.session, held):
        votes = tallied[candidate.position - 1]
        candidate.opened = "".join(votes)
        candidate.yes, candidate.no, candidate.abstain = (
            votes.count(choice.value) for choice in Choice
        )
    act.notes["cast"], act.notes["invalid"] = held.cast, held.invalid
    act.session.flush()
    vote_rounds.destroy(act)


def _letters(held: Round, private: bytes, ballot: SealedBallot) -> str:
    """Return what a ballot says; one that was cast unreadable says nothing, one that was changed stops the count."""
    try:
        plain = sealing.unseal(private, ballot.sealed or "", vote_rounds.ballot_context(held))
        return plain.decode("ascii")
    except (Unopened, UnicodeDecodeError):
        if ballots.is_as_cast(ballot):
            return ""
        raise Refused(
            gettext(
                "A ballot does not open: it was damaged or changed. Nothing was counted; make the round void "
                "and vote again."
            )
        ) from None


def is_valid(letters: str, facts: Mapping[str, Any], seat: int) -> bool:
    """Return whether a ballot says one thing about everybody its judge may vote on, within its limits."""
    count, away = len(facts["candidates"]), _away(facts, seat)
    if len(letters) != count or set(letters) - ballots.LETTERS:
        return False
    if any(
        (letters[place - 1] == ballots.RECUSED) != (place in away) for place in range(1, count + 1)
    ):
        return False
    return all(
        sum(letters[place - 1] == Choice.YES.value for place in limit["positions"]) <= limit["most"]
        for limit in facts["limits"]
    )


def tally(opened: Sequence[tuple[int, str]], facts: Mapping[str, Any]) -> list[list[str]]:
    """Return the letters on every candidate, shuffled apart from each other: no pattern leads to a voter.

    An invalid ballot abstains on everybody; from whom a judge is recused, nothing is counted.
    """
    box: list[list[str]] = [[] for _candidate in facts["candidates"]]
    for seat, letters in opened:
        is_counted = is_valid(letters, facts, seat)
        for place in set(range(1, len(box) + 1)) - _away(facts, seat):
            box[place - 1].append(letters[place - 1] if is_counted else Choice.ABSTAIN.value)
    for votes in box:
        secrets.SystemRandom().shuffle(votes)
    return box


def _away(facts: Mapping[str, Any], seat: int) -> set[int]:
    return {place for who, place in facts["recused"] if who == seat}


def _role(act: Act) -> KeyRole:
    return key_holders.ROLES[act.actor.role]


def _shares(act: Act) -> Sequence[RoundShare]:
    return act.session.scalars(select(RoundShare).where(RoundShare.round_id == act.record.id)).all()


def _given(act: Act) -> RoundShare | None:
    """Return the part that another holder has passed on to the one who acts."""
    role = _role(act)
    return next(
        (one for one in _shares(act) if one.for_role is role and one.role is not role), None
    )


def _own_part(act: Act) -> Part:
    role = _role(act)
    own = next(one for one in _shares(act) if one.role is role and one.for_role is role)
    return _open(act, own)


def _open(act: Act, share: RoundShare) -> Part:
    role, held = _role(act), act.record
    code = str(act.details.get("code") or "")
    key = sealing.key_of_code(code, key_holders.context(held.plan_id, role))
    try:
        plain = sealing.unseal(
            key, share.sealed, vote_rounds.share_context(held, share.role, share.for_role)
        )
    except Unopened:
        raise Refused(
            gettext(
                "This is not the code you took for this meeting. Type its twenty letters again."
            ),
            "code",
        ) from None
    part: Part = json.loads(plain)
    return part
