"""1.3.4: candidates of the open voting round, the ballot form, and the ballot's receipt."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from app import scopes
from app.engine import Refused
from app.enums import Choice, ReviewStep, Role, RoundState
from app.extensions import db
from app.ground import clock, crypto
from app.ground.actor import Actor
from app.models import Application, Round, RoundCandidate, SealedBallot, Seat
from app.services.results import outcomes
from app.services.voting import ballot_facts, ballot_rules, ballots, vote_rounds, vote_waits
from app.todos.declared import Todo
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.base.columns import Column
from app.views.judging.judge_seats import SeatView, candidates
from app.web.security import require_actor

CHOICE = "choice-"


class VoteView(SeatView):
    """投票: a judge on the roll of the open round casts one secret ballot."""

    guide = "1.3.4"
    label = _("Vote")
    purpose = _(
        "Candidates of the round that is open now. One ballot over all of them, secret, once; nobody can change it."
    )
    empty = _(
        "No round in which you can vote is open now. Sign in to the meeting; whoever presides opens the round."
    )
    verb: ClassVar[Label] = _("Vote")
    list_columns: ClassVar[list[str | Column]] = [
        "number",
        "name",
        "unit",
        "title",
        "specialty",
        "plan",
    ]

    todos = (
        Todo(
            "vote",
            _("Candidates to vote on"),
            moves=((SealedBallot, "cast"),),
            whose=lambda actor: Application.id.not_in(scopes.in_my_cast_ballots(actor)),
            roles=(Role.JUDGE,),
        ),
    )

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "vote"]

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return candidates(actor, ReviewStep.VOTE) & Application.id.in_(scopes.in_my_rounds(actor))

    def name_of(self, record: Application) -> str:
        return str(record.name)

    def empty_text(self, actor: Actor) -> Label:
        """Return what the judge waits for, shown when the list is empty."""
        return vote_waits.status_for_user(db.session(), actor.user_id) or self.empty

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        if not self.may("vote"):
            return []
        return [
            self._link(vote_round, actor)
            for vote_round in ballots.open_rounds(db.session(), actor.user_id)
        ]

    def _link(self, vote_round: Round, actor: Actor) -> tuple[Label, str]:
        if ballots.ballot_of_user(db.session(), vote_round, actor.user_id) is not None:
            return _("You have voted: receipt"), self.url("receipt", held=vote_round.id)
        return self.verb, self.url("ballot", held=vote_round.id)

    def links(self, record: Application, actor: Actor) -> list[tuple[Label, str]]:
        return [*super().links(record, actor), *self.list_links(actor)]

    @expose("/round/<int:held>", methods=["GET", "POST"])
    @guarded("vote", fires=(SealedBallot, "cast"))
    def ballot(self, held: int) -> ResponseReturnValue:
        """Show the ballot of the round with the id `held`, or cast it."""
        actor = require_actor()
        record, seat = self._find_round(held, actor)
        if ballots.ballot_of_user(db.session(), record, actor.user_id) is not None:
            return redirect(self.url("receipt", held=held))
        if request.method == "GET":
            return self._ballot_page(record, seat, actor)
        try:
            sealed = request.form.get("sealed") or _seal(record, seat)
            ballots.cast(record, sealed, actor=actor, at=clock.now())
            db.session.commit()
        except Refused as refusal:
            return self._refused(held, actor, refusal.sentence)
        except IntegrityError:
            already = gettext("You have voted in this round already; a ballot cannot be changed.")
            return self._refused(held, actor, already)
        return redirect(self.url("receipt", held=held), 303)

    @expose("/round/<int:held>/receipt")
    @guarded("vote", fires=(SealedBallot, "cast"))
    def receipt(self, held: int) -> ResponseReturnValue:
        """Show the receipt of the own ballot: it confirms that the ballot was cast, not the votes on it."""
        actor = require_actor()
        record, _seat = self._find_round(held, actor)
        cast = ballots.ballot_of_user(db.session(), record, actor.user_id)
        if cast is None:
            return redirect(self.url("ballot", held=held))
        page = {"title": gettext("Receipt of the ballot"), "purpose": record.name}
        receipt, box = ballots.receipt(cast), ballots.box_of(record)
        return render_template(
            "meeting/receipt.html", page=page, receipt=receipt, fingerprint=crypto.fingerprint(), box=box,
            is_in_box=(receipt.tracker, receipt.digest) in box, back_url=self.back_url(),
        )  # fmt: skip

    def _find_round(self, key: int, actor: Actor) -> tuple[Round, Seat]:
        """Return the round and the judge's seat if it is on the roll; abort with 404 otherwise."""
        query = select(Round).where(Round.id == key, scopes.visible(Round, actor))
        loading = joinedload(Round.plan)
        found: Round = db.session.scalars(query.options(loading)).one_or_none() or abort(404)
        return found, ballots.voter_of(db.session(), found, actor.user_id) or abort(404)

    def _refused(self, key: int, actor: Actor, sentence: str) -> ResponseReturnValue:
        db.session.rollback()
        vote_round, seat = self._find_round(key, actor)
        if vote_round.state is not RoundState.OPEN:
            flash(sentence, "danger")
            return redirect(self.back_url(), 303)
        return self._ballot_page(vote_round, seat, actor, sentence, 422)

    def _ballot_page(
        self, vote_round: Round, seat: Seat, actor: Actor, refusal: str = "", status: int = 200
    ) -> ResponseReturnValue:
        if vote_round.state is not RoundState.OPEN:
            flash(gettext("This round is not open; no ballot can be cast now."), "warning")
            return redirect(self.back_url())
        if vote_round not in ballots.open_rounds(db.session(), actor.user_id):
            flash(vote_waits.status_for_user(db.session(), actor.user_id) or self.empty, "warning")
            return redirect(self.back_url())
        facts = vote_rounds.frozen(vote_round)
        page = {
            "title": gettext("Ballot, %(round)s", round=vote_round.title),
            "purpose": vote_round.plan.name,
        }
        return render_template(
            "meeting/ballot.html", page=page, held=vote_round, rows=_ballot_lines(vote_round, seat, facts),
            limits=facts["limits"], choices=list(Choice), refusal=refusal, alg=vote_round.alg,
            context=vote_rounds.ballot_context(vote_round), back_url=self.back_url(),
        ), status  # fmt: skip


def _ballot_lines(vote_round: Round, seat: Seat, facts: Mapping[str, Any]) -> list[Page]:
    """Return the lines of the ballot; candidates of own recusals appear by number only."""
    recused = {place for who, place in facts["recused"] if who == seat.id}
    query = select(RoundCandidate).where(RoundCandidate.round_id == vote_round.id)
    loading = joinedload(RoundCandidate.application)
    found = db.session.scalars(
        query.options(loading.joinedload(Application.unit), loading.joinedload(Application.title))
        .order_by(RoundCandidate.position)
    ).all()  # fmt: skip
    shown = [one.application_id for one in found if one.position not in recused]
    known = ballot_facts.facts_of(db.session(), vote_round.plan, seat, shown)
    return [
        {
            "position": one.position,
            "field": f"{CHOICE}{one.position}",
            "is_recused": one.position in recused,
            "application": None if one.position in recused else one.application,
            "facts": known.get(one.application_id),
            "needed": outcomes.needed_text(vote_round.plan, one, vote_round),
            "chosen": request.form.get(f"{CHOICE}{one.position}", ""),
        }
        for one in found
    ]


def _seal(vote_round: Round, seat: Seat) -> str:
    """Seal the chosen letters here, for browsers that cannot. Raises Refused for an invalid ballot."""
    return ballots.seal_letters(vote_round, _letters(vote_round), seat.id)


def _letters(vote_round: Round) -> str:
    """Return the choices as one letter per candidate; the sign of a recusal may come from the form."""
    count = ballots.count_candidates(vote_round)
    chosen = [request.form.get(f"{CHOICE}{place}", "") for place in range(1, count + 1)]
    return "".join(one if one in ballot_rules.LETTERS and one else "?" for one in chosen)
