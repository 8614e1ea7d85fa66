"""The computed result of an online meeting, signed by the program, so that a later change is noticed."""

from typing import Any

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import MeetingMode
from app.ground import signing
from app.models import Plan, Result, Round
from app.services.results import outcomes, results

ALG = "zc-result-v1"
COUNTED = ("position", "eligible", "opened", "yes", "no", "abstain")


def sign(act: Act) -> None:
    """Sign the result that was just computed, and note its digest."""
    plan: Plan = act.record
    plan.signed_result = signing.stored(facts(act.session, plan))
    act.notes["result"] = signing.digest(plan.signed_result)


def rounds_are_as_counted(act: Act) -> str | None:
    """Refuse to compute a result from counted rounds that are not as the program signed them."""
    rounds = outcomes.counted_rounds(act.session, act.record)
    changed = [one.title for one in rounds if not one.is_on_paper and not _is_as_counted(one)]
    if not changed:
        return None
    return gettext(
        "Somebody changed %(rounds)s in the database without this program, after it was counted. No result can follow "
        "from it: tell the supervisor and the administrator.",
        rounds=gettext(", ").join(changed),
    )


def _is_as_counted(vote_round: Round) -> bool:
    """Return whether the votes of a round are those of its record, and the program signed the record."""
    if vote_round.signed_record is None or not signing.is_own(vote_round.signed_record):
        return False
    counted = signing.facts_of(vote_round.signed_record)
    now = [
        [one.position, one.eligible, one.opened, one.yes, one.no, one.abstain]
        for one in vote_round.candidates
    ]
    then = [[one[name] for name in COUNTED] for one in counted["candidates"]]
    facts = (vote_round.id, vote_round.frozen, vote_round.cast, vote_round.invalid)
    return now == then and facts == tuple(
        counted[name] for name in ("round_id", "frozen", "cast", "invalid")
    )


def is_as_signed(act: Act) -> str | None:
    """Refuse to confirm an online result that is not the one the program computed, or of changed rounds."""
    plan: Plan = act.record
    if plan.mode is not MeetingMode.ONLINE:
        return None
    kept = plan.signed_result
    if kept and signing.is_own(kept):
        signed = signing.facts_of(kept)
        signed.pop("taken_over", None)
        if signed == facts(act.session, plan):
            return rounds_are_as_counted(act)
    return gettext(
        "Somebody changed the result or a counted round in the database without this program. Send the result back to "
        "entry, and tell the supervisor and the administrator."
    )


def facts(session: Session, plan: Plan) -> dict[str, Any]:
    """Return the result of every candidate as it is stored, and the digests of the rounds it follows from."""
    rounds = outcomes.counted_rounds(session, plan)
    numbers = {one.id: one.number for one in rounds}
    return {
        "alg": ALG,
        "plan": plan.id,
        "rounds": [
            {"number": one.number, "record": signing.digest(one.signed_record)} for one in rounds
        ],
        "results": [
            _result(one, numbers.get(one.round_id or 0))
            for one in results.results_of_plan(session, plan)
        ],
    }


def _result(one: Result, number: int | None) -> dict[str, Any]:
    return {
        "candidate": one.application.number,
        "round": number,
        "yes": one.yes,
        "no": one.no,
        "abstain": one.abstain,
        "of": one.counted_of,
        "passed": one.is_passed,
    }
