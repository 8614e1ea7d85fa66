"""1.3.4: the candidates the meeting will vote on."""

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app.actor import Actor
from app.enums import ReviewStep
from app.views.judge_seats import SeatView, candidates


class VoteView(SeatView):
    """1.3.4: the candidates the meeting will vote on."""

    guide = "1.3.4"
    label = _("Vote")
    purpose = _(
        "Candidates your meeting will vote on. This page shows them; votes are not cast here yet."
    )

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return candidates(actor, ReviewStep.VOTE)
