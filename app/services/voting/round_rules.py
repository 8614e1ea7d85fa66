"""Guards for freezing, opening, closing and voiding a round of votes (Order 40, art. 8, 10, 20 and 22)."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act, Refused, require_reason
from app.enums import OverCap, ReviewStep
from app.ground import clock
from app.models import Application, SealedBallot
from app.services.judging import opinions, scoring
from app.services.meeting import quorum, seats
from app.services.registers import committees
from app.services.registers.committee_validity import validity_refusal
from app.services.results import outcomes
from app.services.results.results import Entry
from app.services.review import barring
from app.services.voting import key_holders, vote_rounds

SHOWN = 20
"""Maximum of candidates a refusal lists; it counts all."""


def is_day(act: Act) -> str | None:
    """Refuse outside the meeting days, without the step vote, or an invalid committee (Order 40, art. 8)."""
    plan, today = outcomes.plan_of(act), clock.local_date(act.at)
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
    """Refuse if one of the three parts of the key has no holder."""
    known = key_holders.holders_of_plan(act.session, act.record.plan_id)
    missing = [str(role.label) for role in vote_rounds.ORDER if role not in known]
    if not missing:
        return None
    return gettext(
        "No code for the ballot box was taken yet by: %(who)s. Each takes one under “Review meeting”.",
        who="、".join(missing),
    )


def has_quorum(act: Act) -> str | None:
    """Require an odd number of members, and two thirds of them signed in (Order 40, art. 10 and 20)."""
    vote_round, plan = act.record, outcomes.plan_of(act)
    least = committees.least_members(plan.committee)
    if vote_round.members % 2 == 0 or vote_round.members < least:
        return gettext(
            "The meeting has %(members)s members; it needs an odd number of at least %(least)s.",
            members=vote_round.members, least=least,
        )  # fmt: skip
    if not quorum.has_quorum(vote_round.present, vote_round.members):
        return gettext(
            "%(present)s of %(members)s members have signed in; at least %(needed)s must be there.",
            present=vote_round.present, members=vote_round.members,
            needed=quorum.quorum_needed(vote_round.members),
        )  # fmt: skip
    return None


def has_presiding(act: Act) -> str | None:
    """Refuse without somebody who presides (Order 40, art. 20)."""
    if seats.presiding(act.session, act.record.plan_id) is None:
        return gettext(
            "Neither the chair nor a vice chair has signed in; one of them must preside."
        )
    return None


def is_due(act: Act) -> str | None:
    """Refuse if no further round is due; its candidates follow from the counted rounds."""
    if vote_rounds.due_round(act) is None:
        return gettext("All candidates are decided; no further round is due.")
    return None


def has_nobody_barred(act: Act) -> str | None:
    """Refuse to freeze a round with somebody who is barred by now (Order 40, art. 14 and 39)."""
    due = vote_rounds.due_round(act)
    ids = due.application_ids if due else ()
    return barring.due_refusal(act.session, outcomes.plan_of(act), ids, act.at)


def has_opinions(act: Act) -> str | None:
    """Refuse if a candidate of the due round has no complete group opinion (Order 40, art. 22)."""
    due = vote_rounds.due_round(act)
    return _opinions_missing(act, due.application_ids if due else ())


def _opinions_missing(act: Act, application_ids: Sequence[int]) -> str | None:
    missing = opinions.candidates_without_opinion(act.session, act.record.plan_id, application_ids)
    if not missing:
        return None
    return gettext(
        "%(count)s candidates have no opinion signed by three experts who are not recused: %(numbers)s.",
        count=len(missing),
        numbers=_numbers(act, missing),
    )


def _numbers(act: Act, application_ids: Sequence[int]) -> str:
    query = select(Application.number, Application.name).where(Application.id.in_(application_ids))
    found = act.session.execute(query.order_by(Application.number).limit(SHOWN + 1)).all()
    return names_of([f"{number} {name}" for number, name in found])


def names_of(candidates: Sequence[str]) -> str:
    """Return the first candidates for a refusal, with an ellipsis if there are more."""
    return gettext(", ").join([*candidates[:SHOWN], *(["……"] if len(candidates) > SHOWN else [])])


def has_opinions_on_paper(act: Act) -> str | None:
    """Refuse a paper round of judges with seats if a candidate has no complete group opinion."""
    entry = act.details.get("entry")
    if not isinstance(entry, Entry) or not seats.count_members(act.session, act.record.plan_id):
        return None
    return _opinions_missing(act, [votes.application_id for votes in entry.votes])


def has_opinion_sheet(act: Act) -> str | None:
    """Require tick and scan of the opinions where no judge has a seat in the system (Order 40, art. 22).

    The opinions are then on paper too. A further round is about people whose opinions are known. Raises Refused
    at the field.
    """
    is_first = act.record.places is None
    if not is_first or seats.count_members(act.session, act.record.plan_id):
        return None
    if not act.details.get("opinions_signed"):
        raise Refused(
            gettext(
                "Tick that at least three experts signed the opinion on every candidate (Order 40, art. 22). Without "
                "opinions nobody can be voted on."
            ),
            "opinions_signed",
        )
    if act.details.get("opinions") is None:
        raise Refused(
            gettext("Upload the scan of the opinions signed by at least three experts."), "opinions"
        )
    return None


def has_scores(act: Act) -> str | None:
    """Require a score for every candidate if scores break ties; a missing score must not count as 0."""
    plan, due = outcomes.plan_of(act), vote_rounds.due_round(act)
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
    """Refuse everyone but the presiding judge: the chair, in absence a vice chair (Order 40, art. 20)."""
    seat = seats.presiding(act.session, act.record.plan_id)
    if seat is not None and seat.user_id == act.actor.user_id:
        return None
    return gettext("Only whoever presides over the meeting opens and closes a round.")


def still_has_quorum(act: Act) -> str | None:
    """Refuse if too few judges of the roll are still present (Order 40, art. 20; domain rule 43)."""
    vote_round = act.record
    roll = set(vote_rounds.frozen(vote_round)["roll"])
    there = sum(seat.id in roll for seat in seats.present(act.session, vote_round.plan_id))
    if quorum.has_quorum(there, vote_round.members):
        return None
    return gettext(
        "Only %(there)s of %(members)s members are still there; at least %(needed)s must be. Wait until they have "
        "signed in again, or make the round void and freeze it anew.",
        there=there, members=vote_round.members, needed=quorum.quorum_needed(vote_round.members),
    )  # fmt: skip


def have_voted_or_why_not(act: Act) -> str | None:
    """Require a reason to close a round before all present judges voted. Raises Refused at `opinion`."""
    vote_round = act.record
    there = {seat.id for seat in seats.present(act.session, vote_round.plan_id)}
    cast = select(SealedBallot.seat_id).where(SealedBallot.round_id == vote_round.id)
    missing = there & set(vote_rounds.voters(vote_round)) - set(act.session.scalars(cast))
    if not missing:
        return None
    if act.opinion:
        require_reason(act.opinion, "opinion")
        return None
    raise Refused(
        gettext(
            "%(count)s judges who are there have not voted yet. Wait for them, or give the reason for closing now.",
            count=len(missing),
        ),
        "opinion",
    )
