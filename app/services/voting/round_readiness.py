"""Whether a round can be frozen: all that is missing in one refusal, and the question below a share of scores."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app import settings
from app.engine import Act, Refused
from app.enums import RecusalState, ReviewStep
from app.models import Application, Assessment, Assignment, Plan, Recusal, Seat
from app.services.judging import scoring
from app.services.meeting.seats import MEMBERS
from app.services.results import outcomes
from app.services.voting import round_rules, vote_rounds

PERCENT = 100


@dataclass(frozen=True)
class Below:
    """A candidate whom too few judges scored in a step: `scores` of the `judges` assigned."""

    number: str
    name: str
    step: ReviewStep
    scores: int
    judges: int

    def __str__(self) -> str:
        return f"{self.number} {self.name}（{self.step.label} {self.scores}/{self.judges}）"


def is_ready(act: Act) -> str | None:
    """Refuse to freeze while something is missing, and say everything that is in one sentence each.

    Key codes, quorum, chair, undecided recusals, opinions, and scores where they decide (Order 40, art. 8, 20, 22, 26).
    """
    rules = (
        round_rules.has_holders,
        round_rules.has_quorum,
        round_rules.has_presiding,
        has_no_open_recusals,
        round_rules.has_opinions,
        round_rules.has_scores,
    )
    found = [why for rule in rules if (why := rule(act)) is not None]
    if len(found) < 2:
        return found[0] if found else None
    points = " ".join(f"({place}) {why}" for place, why in enumerate(found, start=1))
    return gettext(
        "%(count)s things are missing before the round can be frozen: %(points)s",
        count=len(found), points=points,
    )  # fmt: skip


def has_no_open_recusals(act: Act) -> str | None:
    """Refuse while a request for recusal about a candidate of the round is undecided (Order 40, art. 26)."""
    query = (
        select(Application.number, Application.name)
        .join(Recusal, Recusal.application_id == Application.id)
        .where(Application.id.in_(_due(act)), Recusal.state == RecusalState.ASKED)
    )
    asked = act.session.execute(query.order_by(Application.number)).all()
    if not asked:
        return None
    return gettext(
        "%(count)s requests for recusal are not decided: %(names)s. The office decides on them under “Recusal of judges”.",
        count=len(asked), names=round_rules.names_of([f"{number} {name}" for number, name in asked]),
    )  # fmt: skip


def is_scored_enough(act: Act) -> str | None:
    """Ask before freezing with candidates whom too few judges scored (setting `score_share_percent`).

    Who goes on ticks it; the log row then names the candidates and the share. Raises Refused at `goes_on`.
    """
    plan, share = outcomes.plan_of(act), settings.get("score_share_percent")
    below = [
        one
        for one in shares(act.session, plan, _due(act))
        if one.scores * PERCENT < share * one.judges
    ]
    if not below:
        return None
    if act.details.get("goes_on"):
        act.notes["score_share_percent"] = share
        act.notes["below_share"] = [f"{one.number} {one.step.value} {one.scores}/{one.judges}" for one in below]  # fmt: skip
        return None
    raise Refused(
        gettext(
            "%(count)s candidates were scored by fewer than %(share)s%% of their judges: %(names)s. Wait for the scores, "
            "or tick to freeze all the same.",
            count=len(below),
            share=share,
            names=round_rules.names_of([str(one) for one in below]),
        ),
        "goes_on",
    )


def shares(session: Session, plan: Plan, application_ids: tuple[int, ...]) -> Iterator[Below]:
    """Yield how many of the judges assigned to each candidate scored, in each scored step of the meeting.

    Nobody scores a candidate who was absent from the interview.
    """
    for step in sorted(scoring.steps_of(plan)):
        handed = scoring.is_handed_in() & (Assessment.step == step)
        query = (
            select(
                Application.number,
                Application.name,
                func.sum(case((Assessment.id.is_not(None), 1), else_=0)),
                func.count(Assignment.id),
            )
            .join(Assignment, Assignment.application_id == Application.id)
            .join(Seat, Seat.id == Assignment.seat_id)
            .outerjoin(Assessment, handed)
            .where(Application.id.in_(application_ids), Seat.state.in_(MEMBERS))
        )
        if step is ReviewStep.INTERVIEW:
            query = query.where(Application.id.not_in(scoring.absent(plan.id)))
        query = query.group_by(Application.number, Application.name)
        for number, name, scores, judges in session.execute(query.order_by(Application.number)):
            yield Below(number or "", name, step, scores, judges)


def _due(act: Act) -> tuple[int, ...]:
    due = vote_rounds.due_round(act)
    return due.application_ids if due else ()
