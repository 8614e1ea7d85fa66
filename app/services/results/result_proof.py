"""Proof of a meeting's result: recomputes from the log chain, the counted votes and the rules what is stored.

`note_counts` and `note_results` put digests of the figures into the acts that count a round and confirm a
result, so that the chain covers the figures too.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import Choice, PlanState, RoundState
from app.models import (
    Application,
    Draw,
    Filing,
    Plan,
    Result,
    Round,
    RoundCandidate,
    SealedBallot,
    TransitionLog,
)
from app.models.base import Stateful
from app.services.ground import log_verification
from app.services.results import outcomes, result_verification, results

COUNTING, CONFIRMING = ("release", "confirm_paper"), ("confirm",)
"""Events whose log rows hold the digest of a round's figures, and of the results."""


@dataclass(frozen=True)
class Check:
    """One thing that was recomputed, what was compared, and the sentences of what does not agree."""

    label: str
    what: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """What was checked and what was not."""

    checks: tuple[Check, ...]
    unchecked: tuple[str, ...]
    head: str

    @property
    def is_right(self) -> bool:
        return not any(one.faults for one in self.checks)


def note_counts(act: Act) -> None:
    """Note the digest of a round's figures in the act that counted it."""
    if act.record.state is RoundState.COUNTED:
        act.session.flush()
        act.notes["counts"] = counts_digest(act.session, act.record)


def note_results(act: Act) -> None:
    """Note the digest of all results in the act that confirmed them."""
    act.session.flush()
    act.notes["results"] = results_digest(results.results_of_plan(act.session, act.record))


def counts_digest(session: Session, vote_round: Round) -> str:
    """Return the SHA-256 of the figures of a counted round."""
    votes = _candidates(session, vote_round)
    return _digest(
        [
            vote_round.number,
            vote_round.frozen_hash,
            vote_round.members,
            vote_round.present,
            vote_round.cast,
            vote_round.invalid,
            *([one.application_id, one.position, one.eligible, one.opened, one.yes, one.no, one.abstain]
              for one in votes),
        ]
    )  # fmt: skip


def results_digest(stored: Sequence[Result]) -> str:
    """Return the SHA-256 of the results of a meeting."""
    return _digest(
        [
            [one.application_id, one.yes, one.no, one.abstain, one.is_passed, one.round_id, one.counted_of,
             one.score, one.rank, one.reason.value if one.reason else None]
            for one in sorted(stored, key=lambda one: one.application_id)
        ]
    )  # fmt: skip


def _digest(facts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()


def _candidates(session: Session, vote_round: Round) -> Sequence[RoundCandidate]:
    query = select(RoundCandidate).where(RoundCandidate.round_id == vote_round.id)
    return session.scalars(query.order_by(RoundCandidate.position)).all()


def proof(session: Session, plan: Plan) -> Proof:
    """Recompute the result of `plan`; it writes nothing."""
    stored = results.results_of_plan(session, plan)
    rounds = outcomes.rounds(session, plan)
    records: list[Stateful] = [
        plan,
        *rounds,
        *session.scalars(select(Draw).where(Draw.plan_id == plan.id)),
        *session.scalars(select(Filing).where(Filing.plan_id == plan.id)),
        *(one.application for one in stored),
    ]
    logs = _logs(session, records, rounds)
    checked = log_verification.check_rows(
        session, TransitionLog.__tablename__, (one.id for one in logs)
    )
    counted = [one for one in rounds if one.state is RoundState.COUNTED]
    checks = (
        _acts_check(checked.links, checked.faults),
        _states_check(tuple(_state_faults(records, logs))),
        _counts_check(
            len(counted),
            tuple(fault for one in counted for fault in _round_faults(session, one, logs)),
        ),
        _results_check(len(stored), tuple(_result_faults(session, plan, stored, logs))),
    )
    return Proof(checks, tuple(_unchecked(plan, counted, logs)), str(checked.head))


def _acts_check(count: int, faults: tuple[str, ...]) -> Check:
    said = gettext(
        "%(count)s acts on the meeting, its rounds and candidates: each is what was written then.",
        count=count,
    )
    return Check(gettext("Acts"), said, faults)


def _states_check(faults: tuple[str, ...]) -> Check:
    said = gettext(
        "Each record went from state to state without a gap, and its state is that of its last act."
    )
    return Check(gettext("States"), said, faults)


def _counts_check(count: int, faults: tuple[str, ...]) -> Check:
    said = gettext(
        "%(count)s counted rounds: what was frozen, the opened votes, the figures.", count=count
    )
    return Check(gettext("Counts"), said, faults)


def _results_check(count: int, faults: tuple[str, ...]) -> Check:
    said = gettext(
        "%(count)s results: each follows from its count, and they are those confirmed.", count=count
    )
    return Check(gettext("Result"), said, faults)


def _logs(
    session: Session, records: Sequence[Stateful], rounds: Sequence[Round]
) -> list[TransitionLog]:
    """Return the acts on `records` and on the ballots of `rounds`, oldest first."""
    ballots = session.scalars(
        select(SealedBallot.id).where(SealedBallot.round_id.in_([one.id for one in rounds]))
    )
    subjects = [
        *((one.__tablename__, one.id) for one in records),
        *((SealedBallot.__tablename__, key) for key in ballots),
    ]
    found: list[TransitionLog] = []
    for start in range(0, len(subjects), log_verification.CHUNK):
        some = subjects[start : start + log_verification.CHUNK]
        about = tuple_(TransitionLog.subject_type, TransitionLog.subject_id).in_(some)
        found += session.scalars(select(TransitionLog).where(about))
    return sorted(found, key=lambda one: one.id)


def _state_faults(records: Sequence[Stateful], logs: Sequence[TransitionLog]) -> Iterable[str]:
    of: dict[tuple[str, int], list[TransitionLog]] = {}
    for log in logs:
        of.setdefault((log.subject_type, log.subject_id), []).append(log)
    for record in records:
        acts = of.get((record.__tablename__, record.id), [])
        states = ["", *(one.target for one in acts)]
        is_gapless = [one.source for one in acts] == states[:-1]
        if not is_gapless or states[-1] != record.state.value:
            yield gettext(
                "%(name)s: its state does not follow from its acts.", name=_name_of(record)
            )


def _name_of(record: Stateful) -> str:
    if isinstance(record, Application):
        return f"{record.number} {record.name}"
    return str(getattr(record, "name", "") or f"{record.__tablename__} {record.id}")


def _noted(logs: Sequence[TransitionLog], record: Stateful, events: Sequence[str], key: str) -> Any:
    """Return what the last of `events` on `record` noted under `key`, or None."""
    noted = [
        log.details.get(key)
        for log in logs
        if (log.subject_type, log.subject_id) == (record.__tablename__, record.id)
        and log.event in events
    ]
    return noted[-1] if noted else None


def _round_faults(
    session: Session, vote_round: Round, logs: Sequence[TransitionLog]
) -> Iterable[str]:
    name = vote_round.name
    if vote_round.frozen and not _is_frozen_as_noted(vote_round, logs):
        yield gettext("%(name)s: what was frozen was changed.", name=name)
    for one in _candidates(session, vote_round):
        if one.opened is not None and not _adds_up(one):
            yield gettext(
                "%(name)s, number %(position)s on the ballot: the figures are not those of the opened votes.",
                name=name,
                position=one.position,
            )
    noted = _noted(logs, vote_round, COUNTING, "counts")
    if noted is not None and noted != counts_digest(session, vote_round):
        yield gettext("%(name)s: the figures are not those of the count.", name=name)


def _is_frozen_as_noted(vote_round: Round, logs: Sequence[TransitionLog]) -> bool:
    digest = hashlib.sha256(vote_round.frozen.encode()).hexdigest()
    noted = _noted(logs, vote_round, ("freeze",), "frozen_hash")
    return digest == vote_round.frozen_hash and noted in (None, digest)


def _adds_up(vote: RoundCandidate) -> bool:
    letters = vote.opened or ""
    counted = tuple(letters.count(choice.value) for choice in Choice)
    return counted == (vote.yes, vote.no, vote.abstain) and sum(counted) == len(letters)


def _result_faults(
    session: Session, plan: Plan, stored: Sequence[Result], logs: Sequence[TransitionLog]
) -> Iterable[str]:
    if outcomes.counted_rounds(session, plan) and all(one.round_id for one in stored):
        for result, why in result_verification.problems(session, plan, stored):
            yield f"{result.application.number} {result.application.name}: {why}"
    noted = _noted(logs, plan, CONFIRMING, "results")
    if noted is not None and noted != results_digest(stored):
        yield gettext("The results are not those that were confirmed.")


def _unchecked(
    plan: Plan, counted: Sequence[Round], logs: Sequence[TransitionLog]
) -> Iterable[str]:
    """Yield what this proof does not show, for the reader."""
    if not counted:
        yield gettext(
            "The votes: they were counted on paper; compare the result sheet that was signed."
        )
    if any(not one.is_on_paper for one in counted):
        yield gettext(
            "Whether the opened votes are the ballots that were cast: export the box under 评审会议 and check it "
            "with tools/verify_ballots.py; each judge looks for the own receipt in it."
        )
    if any(_noted(logs, one, COUNTING, "counts") is None for one in counted):
        yield gettext(
            "Rounds counted before their figures were noted in the act: only their votes are added up."
        )
    if plan.state is not PlanState.CONCLUDED:
        yield gettext("The result is not confirmed yet, so it may still change.")
    elif _noted(logs, plan, CONFIRMING, "results") is None:
        yield gettext("The result was confirmed before results were noted in the act.")
    yield gettext(
        "Acts that were deleted at the end of the log: that needs the whole chain (flask verify-log)."
    )
    yield gettext(
        "Whether the judges were the right people and voted freely, and what stands on paper."
    )
    yield gettext(
        "The key of the chain: who runs the program can read it. Compare the head with one printed earlier on "
        "signed minutes (flask verify-log --head)."
    )
