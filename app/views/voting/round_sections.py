"""Sections of a round's page: preview of the freeze, ballot box, votes, proof."""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import scopes
from app.enums import Role, RoundState, SeatState
from app.extensions import db
from app.ground import crypto, signing
from app.ground.actor import Actor
from app.models import Round, RoundCandidate, SealedBallot, Seat
from app.services.judging import score_spread, scoring
from app.services.meeting import seats
from app.services.results import outcomes
from app.services.voting import vote_count, vote_rounds
from app.views.base import detail_sections
from app.views.base.aliases import Label
from app.views.base.columns import Cell, Column, computed
from app.views.base.detail_sections import DetailSection


def preview(vote_round: Round, actor: Actor) -> list[DetailSection]:
    """Return voters and candidates of a round frozen on trial; the page rolls the freeze back afterwards."""
    scores = scoring.scores_of(db.session(), vote_round.plan)
    spreads = score_spread.spreads_of(db.session(), vote_round.plan)
    rows = [
        [Cell(str(one.position)), Cell(one.application.number), Cell(one.application.name),
         Cell(one.application.level.label), Cell(outcomes.needed_text(vote_round.plan, one, vote_round)), Cell(score_spread.text(spreads.get(one.application_id)), links=[(scoring.format_score(scores.get(one.application_id)), None)])]
        for one in _candidates(vote_round, actor)
    ]  # fmt: skip
    columns = [gettext("No."), gettext("Application number"), gettext("Name"), gettext("Level"),
               gettext("May vote"), gettext("Score")]  # fmt: skip
    return [
        DetailSection("who", gettext("Who votes"), "pairs", pairs=_who_votes(vote_round)),
        DetailSection("due", gettext("Candidates"), "table", columns=columns, rows=rows, count=len(rows)),
    ]  # fmt: skip


def _who_votes(vote_round: Round) -> list[tuple[Label, Cell]]:
    absent = [one for one in members(vote_round.plan_id) if one.state is not SeatState.PRESENT]
    return [
        (gettext("Members"), Cell(str(vote_round.members))),
        (gettext("On the roll"), Cell(str(vote_round.present))),
        (gettext("Not signed in"), Cell("、".join(one.user.real_name for one in absent) or "—")),
        (gettext("Recused from every candidate"), Cell(str(vote_rounds.count_idle(vote_round)))),
        (
            gettext("For each candidate"),
            Cell(outcomes.needed_range(vote_round.plan, vote_round) or "—"),
        ),
    ]


def members(plan_id: int) -> list[Seat]:
    """Return the seats of the members with their names, by their place in the draw."""
    query = select(Seat).where(Seat.plan_id == plan_id, Seat.state.in_(seats.MEMBERS))
    return list(db.session.scalars(query.options(joinedload(Seat.user)).order_by(Seat.place)))


def protection() -> DetailSection:
    """Return the explanation, for chair and key holders, of what the sealed vote protects against."""
    lines = (
        gettext(
            "Protected: nobody reads a ballot before the count, neither in the database nor in a backup nor in a log; "
            "the key exists in three parts only, of which two are needed."
        ),
        gettext(
            "Protected: after the count no vote can be traced to a judge, neither by order nor by time nor by a pattern; "
            "ballots and parts of the key are destroyed."
        ),
        gettext(
            "Protected: who changes a round, its roll or a ballot in the database without this program is found out when "
            "the vote is closed; who changes a counted round or a result, when its record is checked."
        ),
        gettext(
            "Not protected: whoever controls the running program at the moment of the count; a judge's own device; "
            "and when all vote alike, or few may vote on a candidate, the result itself says how they voted."
        ),
        gettext(
            "Not protected: a copy of the database from while a round was open, in the hands of somebody who also has two "
            "codes. Destroy your code as soon as no further round is held."
        ),
    )
    return detail_sections.text(
        "protection", gettext("What the sealed vote protects against"), "\n".join(lines)
    )


def second_count() -> DetailSection:
    """Return the section that tells holders of the key how the box is opened a second time."""
    sentence = gettext(
        "Who wants to count again on another computer downloads the sealed box before it is opened here; the ballots are "
        "destroyed at the count. Two holders open the file with open_box.py from the page “Check a draw or a vote”. Whoever "
        "has the file and two codes can read every ballot with its receipt: delete it after the second count."
    )
    return detail_sections.text("second", gettext("Second count"), sentence)


def ballot_box_section(vote_round: Round) -> DetailSection:
    """Return the section of the ballot box: ballots cast, voters recused from all, key parts given."""
    cast = vote_rounds.count_cast(db.session(), vote_round.id)
    roll = len(vote_rounds.voters(vote_round))
    counted = gettext("%(cast)s of %(roll)s", cast=cast, roll=roll)
    pairs = [(gettext("Ballots cast"), Cell(counted))]
    if needed := outcomes.needed_range(vote_round.plan, vote_round):
        pairs.append((gettext("For each candidate"), Cell(needed)))
    if idle := vote_rounds.count_idle(vote_round):
        pairs.append((gettext("Recused from every candidate"), Cell(str(idle))))
    if vote_round.state is RoundState.CLOSED:
        pairs.append((gettext("Parts of the key given"), Cell(_key_parts_text(vote_round))))
    return DetailSection("box", gettext("Ballot box"), "pairs", pairs=pairs)


def _key_parts_text(vote_round: Round) -> str:
    given = vote_count.released_roles(db.session(), vote_round.id)
    who = "、".join(str(role.label) for role in given)
    if not given:
        return gettext("none yet; two are needed")
    return gettext("%(who)s; another holder is needed", who=who)


def votes(vote_round: Round, actor: Actor) -> DetailSection:
    """Return the section with the counted votes on the candidates."""
    needed = computed(
        "eligible",
        gettext("May vote"),
        lambda one: outcomes.needed_text(vote_round.plan, one, vote_round),
    )
    names: list[str | Column] = [
        "position",
        "application.number",
        "application.name",
        needed,
        "yes",
        "no",
        "abstain",
    ]
    return detail_sections.table_of(
        "votes", gettext("Votes"), _candidates(vote_round, actor), names
    )


def _candidates(vote_round: Round, actor: Actor) -> list[RoundCandidate]:
    """Return the candidates of a round; a judge does not see those of the own recusals (art. 26)."""
    query = select(RoundCandidate).where(RoundCandidate.round_id == vote_round.id)
    if actor.role is Role.JUDGE:
        query = query.where(RoundCandidate.application_id.not_in(scopes.recused_from(actor)))
    loaded = query.options(joinedload(RoundCandidate.application))
    return list(db.session.scalars(loaded.order_by(RoundCandidate.position)))


def trackers(vote_round: Round) -> DetailSection:
    """Return the section with the receipts of all counted ballots, as the verifier takes them."""
    query = select(SealedBallot.tracker, SealedBallot.digest).where(
        SealedBallot.round_id == vote_round.id
    )
    receipts = db.session.execute(query.order_by(SealedBallot.tracker))
    return detail_sections.text(
        "trackers",
        gettext("Receipts of the ballots counted"),
        "\n".join(f"{tracker}:{digest}" for tracker, digest in receipts),
    )


def proof(vote_round: Round) -> DetailSection:
    """Return the section with what a verifier of the record is told: its digest and the key's fingerprint."""
    pairs = [
        (gettext("Digest of the record"), Cell(signing.digest(vote_round.signed_record) or "—")),
        (gettext("Fingerprint of the key"), Cell(crypto.fingerprint())),
    ]
    return DetailSection("proof", gettext("Proof"), "pairs", pairs=pairs)
