"""What must be so before a round of votes is frozen, opened and closed (Order 40, art. 8, 10, 20 and 22)."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Act, Refused
from app.enums import OverCap, ReviewStep, Role
from app.ground import clock
from app.models import Application, SealedBallot
from app.services.judging import opinions, scoring
from app.services.meeting import quorum, seats
from app.services.registers.committee_validity import validity_refusal
from app.services.results import paper_rounds
from app.services.results.results import Entry
from app.services.voting import key_holders, vote_rounds

SHOWN = 5
"""A refusal names so many candidates and counts all."""


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
    missing = [str(role.label) for role in vote_rounds.ORDER if role not in known]
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
    if not quorum.has_quorum(held.present, held.members):
        return gettext(
            "%(present)s of %(members)s members have signed in; at least %(needed)s must be there.",
            present=held.present, members=held.members, needed=quorum.quorum_needed(held.members),
        )  # fmt: skip
    if seats.presiding(act.session, plan.id) is None:
        return gettext(
            "Neither the chair nor a vice chair has signed in; one of them must preside."
        )
    return None


def is_due(act: Act) -> str | None:
    """The candidates follow from what was counted; nobody chooses them."""
    if vote_rounds.due(act) is None:
        return gettext("All candidates are decided; no further round is due.")
    return None


def has_opinions(act: Act) -> str | None:
    """Every candidate has the signed opinion of a group (Order 40, art. 22)."""
    due = vote_rounds.due(act)
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
    plan, due = paper_rounds.plan_of(act), vote_rounds.due(act)
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
    roll = set(vote_rounds.frozen(held)["roll"])
    there = sum(seat.id in roll for seat in seats.present(act.session, held.plan_id))
    if quorum.has_quorum(there, held.members):
        return None
    return gettext(
        "Only %(there)s of %(members)s members are still there; at least %(needed)s must be. Wait until they have "
        "signed in again, or make the round void and freeze it anew.",
        there=there, members=held.members, needed=quorum.quorum_needed(held.members),
    )  # fmt: skip


def have_voted_or_why_not(act: Act) -> str | None:
    """A vote is closed when everybody who is there has voted; earlier only with a reason. Raises Refused at it."""
    held = act.record
    there = {seat.id for seat in seats.present(act.session, held.plan_id)}
    cast = select(SealedBallot.seat_id).where(SealedBallot.round_id == held.id)
    missing = there & set(vote_rounds.voters(held)) - set(act.session.scalars(cast))
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
