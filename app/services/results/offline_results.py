"""Who passes an offline meeting: ranked from the votes and scores entered, by the plan's own over-cap rule.

Order 40, art. 21 and 22. Nobody types who passed. Candidates whom the rule has voted on again are decided by
further rounds on paper (`paper_rounds`), entered while the result waits for its confirmation.
"""

from collections import Counter
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy.orm import Session

from app.engine import Act
from app.enums import MeetingMode, PlanState, ResultReason
from app.models import Plan, Round
from app.services.files import attached_files
from app.services.results import online_results, outcomes
from app.services.results.results import OPINION_SHEET


@dataclass(frozen=True)
class Consequence:
    """What follows from the votes entered so far: how many by reason, how many are to be voted on again."""

    reasons: dict[ResultReason, int]
    undecided: int
    places: int
    unused: tuple[str, ...] = ()
    """Names of confirmed rounds that the votes no longer lead to."""

    @property
    def sentence(self) -> str:
        """What follows, in one or more sentences."""
        return " ".join(filter(None, (self._decided(), self._not_applied())))

    def _not_applied(self) -> str:
        if not self.unused:
            return ""
        return gettext(
            "%(rounds)s on paper does not apply any more: the votes entered lead to no such round.",
            rounds=gettext(", ").join(self.unused),
        )

    def _decided(self) -> str:
        parts = [
            f"{reason.label} {self.reasons[reason]}"
            for reason in ResultReason
            if self.reasons.get(reason)
        ]
        counted = gettext("By votes and limits: %(counts)s.", counts=gettext(", ").join(parts))
        if not self.undecided:
            return counted if parts else ""
        again = gettext(
            "%(count)s candidates are to be voted on again for %(places)s places: hold that round, then enter it "
            "under “Rounds held on paper”.",
            count=self.undecided,
            places=self.places,
        )
        return f"{counted} {again}" if parts else again


def settle(act: Act) -> None:
    """Compute rank, reason and pass of every candidate anew from everything that was entered."""
    plan = outcomes.plan_of(act)
    if plan.mode is MeetingMode.OFFLINE:
        compute(act.session, plan)
        act.notes["passed"] = sum(one.is_passed for one in plan.results)


def compute(session: Session, plan: Plan) -> None:
    """Store rank, reason, deciding round and pass of the results of an offline meeting."""
    session.expire(plan, ["results"])
    standings = outcomes.outcome_of_plan(session, plan).standings
    for result in plan.results:
        standing = standings[result.application_id]
        result.rank, result.reason = standing.rank, standing.reason
        result.round_id, result.is_passed = standing.round_id, standing.is_passed
    session.flush()


def consequence(session: Session, plan: Plan, *more: Round) -> Consequence:
    """Return what follows from the votes entered so far, or what will with `more` rounds."""
    outcome = outcomes.outcome_of_plan(session, plan, *more)
    reasons = Counter(one.reason for one in outcome.voted().values() if one.reason is not None)
    due = outcome.contests[0] if outcome.contests else None
    titles = {one.id: one.title for one in outcomes.rounds(session, plan)}
    return Consequence(
        dict(reasons),
        len(due.application_ids) if due else 0,
        due.places if due else 0,
        tuple(titles[key] for key in outcome.unused),
    )


def has_no_confirmed_round(act: Act) -> str | None:
    """Refuse to enter anew what a confirmed round stands on; sending it back to entry is another person's act."""
    plan: Plan = act.record
    if plan.state is not PlanState.ENTERED:
        return None
    confirmed = [one.title for one in outcomes.counted_rounds(act.session, plan)]
    if not confirmed:
        return None
    return gettext(
        "%(rounds)s on paper was confirmed on the votes that are entered. If they are wrong, another person of the "
        "office sends the result back to entry with the reason.",
        rounds=gettext(", ").join(confirmed),
    )


def is_decided(act: Act) -> str | None:
    """Refuse to confirm an offline result while candidates are to be voted on again."""
    return None if act.record.mode is MeetingMode.ONLINE else online_results.is_decided(act)


def has_opinions(act: Act) -> str | None:
    """Refuse an offline result without the opinions of at least three experts: tick and scan (art. 22)."""
    plan: Plan = act.record
    if plan.mode is MeetingMode.ONLINE:
        return None
    if not plan.opinions_signed:
        return gettext(
            "It was not ticked at the entry that at least three experts signed the opinion on every candidate "
            "(Order 40, art. 22). Enter the result again and tick it, once the opinions are signed."
        )
    if not attached_files.attachments_of(plan, OPINION_SHEET):
        return gettext(
            "The scan of the opinions signed by at least three experts is missing (Order 40, art. 22). Upload it."
        )
    return None
