"""1.3.1–1.3.5: the working lists of a judge. Reviewing, scoring and voting are not available here yet."""

from typing import Any, ClassVar

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app import scopes
from app.actor import Actor
from app.enums import MeetingMode, ReviewStep, Role
from app.models import Application, Plan
from app.views import detail
from app.views.application import ApplicationView
from app.views.ch1_2_plans import uses
from app.views.detail import DetailSection


def _candidates(actor: Actor, step: ReviewStep) -> ColumnElement[bool]:
    """Candidates of the judge's own online meetings that use `step`."""
    meetings = select(Plan.id).where(
        scopes.visible(Plan, actor), Plan.mode == MeetingMode.ONLINE, uses(step)
    )
    return scopes.visible(Application, actor) & Application.plan_id.in_(meetings)


class SeatView(ApplicationView):
    """What the five lists have in common; each says by its scope which step of the meeting it serves."""

    roles = (Role.JUDGE,)
    empty = _(
        "No candidate is assigned to your seat. Candidates appear while an online meeting in which you "
        "sit runs; people of your own unit never do."
    )
    list_columns: ClassVar[list[Any]] = ["number", "name", "title", "specialty", "plan", "state"]
    search_columns: ClassVar[list[str]] = ["name", "number", "title", "specialty", "plan"]

    def sections(self, record: Any, actor: Actor) -> list[DetailSection]:
        meeting = detail.pairs(
            "plan", gettext("Meeting"), record.plan, ["name", "opens_on", "closes_on", "place"]
        )
        return [*super().sections(record, actor), meeting]


class MaterialReviewView(SeatView):
    """1.3.1: the candidates whose material the judge will review."""

    guide = "1.3.1"
    label = _("Material review")
    purpose = _(
        "Candidates assigned to your seat, with their material. This page shows them; the review is not "
        "handed in here yet."
    )

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return _candidates(actor, ReviewStep.MATERIAL_REVIEW)


class InterviewScoreView(SeatView):
    """1.3.2: the candidates the judge will score in the interview."""

    guide = "1.3.2"
    label = _("Interview scores")
    purpose = _(
        "Candidates of your meetings with an interview. This page shows them; scores are not given here "
        "yet."
    )

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return _candidates(actor, ReviewStep.INTERVIEW)


class MaterialScoreView(SeatView):
    """1.3.3: the candidates whose material the judge will score."""

    guide = "1.3.3"
    label = _("Material scores")
    purpose = _(
        "Candidates of your meetings whose material is scored. This page shows them with their material; "
        "scores are not given here yet."
    )

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return _candidates(actor, ReviewStep.MATERIAL_SCORE)


class VoteView(SeatView):
    """1.3.4: the candidates the meeting will vote on."""

    guide = "1.3.4"
    label = _("Vote")
    purpose = _(
        "Candidates your meeting will vote on. This page shows them; votes are not cast here yet."
    )

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return _candidates(actor, ReviewStep.VOTE)


class OpinionView(SeatView):
    """1.3.5: the candidates the judge's group will write an opinion on."""

    guide = "1.3.5"
    label = _("Review opinion")
    purpose = _(
        "Candidates your group will write an opinion on. This page shows them; opinions are not written "
        "here yet."
    )

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return _candidates(actor, ReviewStep.OPINION)
