"""Counts a round after two key holders have released their parts of the key.

Ballots are decrypted in memory, shuffled, counted and deleted. Only the shuffled letters of each candidate
are stored, without voter, time or order of the ballots.
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
from app.ground import signing
from app.models import Round, RoundShare, SealedBallot
from app.services.voting import (
    ballot_rules,
    ballots,
    key_holders,
    round_record,
    sealing,
    vote_rounds,
)
from app.services.voting.sealing import Unopened

Part = dict[str, str]


def is_holder(act: Act) -> str | None:
    """Refuse everyone except the person registered as key holder for the actor's role."""
    role = key_holders.ROLES.get(act.actor.role)
    holder = (
        key_holders.holders_of_plan(act.session, act.record.plan_id).get(role) if role else None
    )
    if holder is not None and holder.user_id == act.actor.user_id:
        return None
    return gettext("You hold no part of the key of this ballot box.")


def has_not_given(act: Act) -> str | None:
    """Refuse a second release by the same holder; two different holders are needed."""
    role = _role(act)
    if not any(one.role is role and one.for_role is not role for one in _shares(act)):
        return None
    return gettext("Your part of the key was given already; the second holder is due.")


def opens_share(act: Act) -> str | None:
    """Refuse a code that does not decrypt the holder's part. Raises Refused at `code`."""
    _own_part(act)
    return None


def released_roles(session: Session, round_id: int) -> list[KeyRole]:
    """Return the roles of the holders who have released their part of the key."""
    query = select(RoundShare.role).where(
        RoundShare.round_id == round_id, RoundShare.role != RoundShare.for_role
    )
    return sorted(set(session.scalars(query)), key=vote_rounds.ORDER.index)


def next_state(act: Act) -> RoundState:
    """Return COUNTED for the second released part, CLOSED for the first."""
    return RoundState.COUNTED if _released_share(act) else RoundState.CLOSED


def release(act: Act) -> None:
    """Release the actor's part: seal the first one to the other holders; count the round with the second."""
    given = _released_share(act)
    if given is None:
        _release_own_part(act)
    else:
        _count(act, _private_key(act, given))


def _release_own_part(act: Act) -> None:
    role, part = _role(act), _own_part(act)
    holders = key_holders.holders_of_plan(act.session, act.record.plan_id)
    for other in vote_rounds.ORDER:
        if other is not role:
            act.session.add(
                vote_rounds.seal_share(act.record, role, other, part, holders[other].public_key)
            )
    act.session.flush()


def _private_key(act: Act, given: RoundShare) -> bytes:
    role = _role(act)
    other = _open_share(act, given)
    key = sealing.join(role.value, _own_part(act), given.role.value, other)
    if sealing.public_of(key) != act.record.public_key:
        raise Refused(gettext("The two parts do not make the key of this round."))
    return key


def _count(act: Act, private: bytes) -> None:
    vote_round: Round = act.record
    facts = vote_rounds.frozen(vote_round)
    sealed = act.session.scalars(
        select(SealedBallot).where(SealedBallot.round_id == vote_round.id)
    ).all()
    if len(sealed) > len(facts["roll"]):
        raise Refused(
            gettext("There are more ballots than judges on the roll. Make the round void.")
        )
    opened = [(one.seat_id, _decrypt_ballot(vote_round, private, one)) for one in sealed]
    vote_round.invalid = sum(
        not ballot_rules.is_valid(letters, facts, seat) for seat, letters in opened
    )
    vote_round.cast, vote_round.counted_at = len(sealed), act.at
    tallied = tally(opened, facts)
    for candidate in ballots.candidates(act.session, vote_round):
        votes = tallied[candidate.position - 1]
        candidate.opened = "".join(votes)
        candidate.yes, candidate.no, candidate.abstain = (
            votes.count(choice.value) for choice in Choice
        )
    act.notes["cast"], act.notes["invalid"] = vote_round.cast, vote_round.invalid
    vote_round.signed_record = round_record.signed(act.session, vote_round)
    act.notes["record"] = signing.digest(vote_round.signed_record)
    act.session.flush()
    vote_rounds.delete_ballots_and_key(act)


def _decrypt_ballot(vote_round: Round, private: bytes, ballot: SealedBallot) -> str:
    """Decrypt a ballot, "" if it was cast unreadable; `is_as_cast` has refused one that was changed since."""
    try:
        context = vote_rounds.ballot_context(vote_round)
        plain = sealing.unseal(private, ballot.sealed or "", context, ballot.alg)
        return plain.decode("ascii")
    except (Unopened, UnicodeDecodeError):
        return ""


def tally(opened: Sequence[tuple[int, str]], facts: Mapping[str, Any]) -> list[list[str]]:
    """Return the letters of every candidate, each list shuffled separately, so that no voter can be traced.

    An invalid ballot abstains on every candidate; candidates the judge is recused from get no letter.
    """
    letters_by_candidate: list[list[str]] = [[] for _candidate in facts["candidates"]]
    for seat, letters in opened:
        is_counted = ballot_rules.is_valid(letters, facts, seat)
        for place in set(range(1, len(letters_by_candidate) + 1)) - ballot_rules.recused_positions(
            facts, seat
        ):
            letters_by_candidate[place - 1].append(
                letters[place - 1] if is_counted else Choice.ABSTAIN.value
            )
    for votes in letters_by_candidate:
        secrets.SystemRandom().shuffle(votes)
    return letters_by_candidate


def _role(act: Act) -> KeyRole:
    return key_holders.ROLES[act.actor.role]


def _shares(act: Act) -> Sequence[RoundShare]:
    return act.session.scalars(select(RoundShare).where(RoundShare.round_id == act.record.id)).all()


def _released_share(act: Act) -> RoundShare | None:
    """Return the share that another holder has released to the acting holder, or None."""
    role = _role(act)
    return next(
        (one for one in _shares(act) if one.for_role is role and one.role is not role), None
    )


def _own_part(act: Act) -> Part:
    role = _role(act)
    own = next(one for one in _shares(act) if one.role is role and one.for_role is role)
    return _open_share(act, own)


def _open_share(act: Act, share: RoundShare) -> Part:
    role, vote_round = _role(act), act.record
    code = str(act.details.get("code") or "")
    holder = key_holders.holders_of_plan(act.session, vote_round.plan_id)[role]
    key = sealing.key_of_code(code, key_holders.context(vote_round.plan_id, role), holder.alg)
    context = vote_rounds.share_context(vote_round, share.role, share.for_role)
    try:
        plain = sealing.unseal(key, share.sealed, context, vote_round.alg)
    except Unopened:
        raise Refused(
            gettext(
                "This is not the code you took for this meeting. Type its twenty letters again."
            ),
            "code",
        ) from None
    part: Part = json.loads(plain)
    return part
