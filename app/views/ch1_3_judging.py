"""1.3.1–1.3.3 and 1.3.5: the working lists of a judge, the unfinished first; each opens the desk of its step."""

from typing import Any, ClassVar

from flask import g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement, Select, case, func, select

from app import scopes
from app.actor import Actor
from app.enums import AssessmentState, MeetingMode, OpinionState, ReviewStep, Role
from app.extensions import db
from app.models import Application, Assessment, Opinion, OpinionSigner, Plan, Seat
from app.services import anonymity, assessments
from app.views import case_changes, detail
from app.views.application import ApplicationView, section_of
from app.views.base import GuideView
from app.views.ch1_2_plans import uses
from app.views.columns import Cell, computed
from app.views.desk import Desk
from app.views.detail import DetailSection
from app.views.opinion_desk import OpinionDesk
from app.views.score_sheets import OfflineSheets

TONES = {AssessmentState.SUBMITTED: "ok", AssessmentState.DRAFT: "wait"}


def candidates(actor: Actor, step: ReviewStep) -> ColumnElement[bool]:
    """Candidates of the judge's own online meetings that use `step`."""
    meetings = select(Plan.id).where(
        scopes.visible(Plan, actor), Plan.mode == MeetingMode.ONLINE, uses(step)
    )
    return scopes.visible(Application, actor) & Application.plan_id.in_(meetings)


class SeatView(ApplicationView):
    """What the lists have in common; each says which step of the meeting it serves."""

    step: ClassVar[ReviewStep]
    roles = (Role.JUDGE,)
    empty = _(
        "No candidate is assigned to your seat. Candidates appear while an online meeting in which you "
        "sit runs; people of your own unit never do."
    )
    list_columns: ClassVar[list[Any]] = [
        "number", computed("name", _("Name"), anonymity.name_of), "title", "specialty", "plan",
    ]  # fmt: skip
    search_columns: ClassVar[list[str]] = ["name", "number", "title", "specialty", "plan"]
    exclude_route_methods = GuideView.exclude_route_methods | {"form_pdf", "dossier_xlsx"}

    @classmethod
    def conditions(cls, actor: Actor) -> list[Any]:
        """A search by name finds nobody in an anonymous meeting: it would tell who is there."""
        conditions = super().conditions(actor)
        if request.args.get("q.name"):
            open_meetings = select(Plan.id).where(Plan.is_anonymous.is_(False))
            conditions.append(Application.plan_id.in_(open_meetings))
        return conditions

    def name_of(self, record: Any) -> str:
        return anonymity.name_of(record)

    def head(self, record: Any, actor: Actor) -> dict[str, Any]:
        head = super().head(record, actor)
        if anonymity.is_hidden(record):
            head["facts"] = [(gettext("Way of applying"), record.mode.label)]
        return head

    def sections(self, record: Any, actor: Actor) -> list[DetailSection]:
        shown = anonymity.sections(record, case_changes.handed_in(record))
        meeting = detail.pairs(
            "plan", gettext("Meeting"), record.plan, ["name", "opens_on", "closes_on", "place"]
        )
        return [*(section_of(one) for one in shown), meeting]

    def links(self, record: Any, actor: Actor) -> list[tuple[Any, str]]:
        return []

    def changes(self, record: Any) -> dict[str, Any] | None:
        return None


class SheetView(Desk, SeatView):
    """A list with the judge's own progress; the unfinished stand first."""

    verb = _("Score")
    list_columns: ClassVar[list[Any]] = [
        *SeatView.list_columns, computed("progress", _("My progress"), lambda row: progress(row)),
    ]  # fmt: skip

    @classmethod
    def scope_of_step(cls, actor: Actor) -> ColumnElement[bool]:
        return candidates(actor, cls.step)

    def rows(self, actor: Actor) -> Select[Any]:
        return super().rows(actor).order_by(case((self.is_done(actor), 1), else_=0))

    @classmethod
    def is_done(cls, actor: Actor) -> ColumnElement[bool]:
        """Whether the judge has nothing more to do on a candidate in this step."""
        return (
            select(Assessment.id)
            .join(Seat, Seat.id == Assessment.seat_id)
            .where(
                Seat.user_id == actor.user_id,
                Assessment.application_id == Application.id,
                Assessment.step == cls.step,
                Assessment.state == AssessmentState.SUBMITTED,
            )
            .exists()
        )

    def note(self, actor: Actor) -> Any:
        query = select(func.count()).select_from(Application).where(*self.conditions(actor))
        total = db.session.scalar(query) or 0
        done = db.session.scalar(query.where(self.is_done(actor))) or 0
        return gettext("%(done)s of %(total)s done", done=done, total=total) if total else None

    def own_states(self, actor: Actor) -> dict[int, Any]:
        return dict(assessments.states(db.session(), actor, self.step))


def progress(row: Application) -> Cell:
    """Return how far the judge is with one candidate, read once for the whole page."""
    state = g.desk_states.get(row.id) if "desk_states" in g else None
    if state is None:
        return Cell(_("Not begun"), "stop")
    return Cell(str(state.label), TONES.get(state, "ok"), kind="tag")


class MaterialReviewView(SheetView):
    """1.3.1: does the material pass?"""

    guide = "1.3.1"
    label = _("Material review")
    purpose = _(
        "Read the material of each candidate and decide whether it passes; a refusal has its reason."
    )
    verb = _("Audit")
    step = ReviewStep.MATERIAL_REVIEW

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return candidates(actor, ReviewStep.MATERIAL_REVIEW)


class InterviewScoreView(OfflineSheets, SheetView):
    """1.3.2: the points of the interview."""

    guide = "1.3.2"
    label = _("Interview scores")
    purpose = _(
        "Give the points of the plan's items while the candidate is heard; who is absent gets none."
    )
    step = ReviewStep.INTERVIEW

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return candidates(actor, ReviewStep.INTERVIEW)


class MaterialScoreView(OfflineSheets, SheetView):
    """1.3.3: the points over the material, which stands beside the sheet."""

    guide = "1.3.3"
    label = _("Material scores")
    purpose = _(
        "Give the points of the plan's items; the material stands beside the sheet. Drafts save themselves."
    )
    step = ReviewStep.MATERIAL_SCORE

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return candidates(actor, ReviewStep.MATERIAL_SCORE)


class OpinionView(OpinionDesk, SheetView):
    """1.3.5: the written opinion of the judge's group, before the vote."""

    guide = "1.3.5"
    label = _("Review opinion")
    purpose = _(
        "One judge writes the opinion of the group, at least three sign it; then the meeting can vote."
    )
    verb = _("Review opinion")
    step = ReviewStep.OPINION
    list_columns: ClassVar[list[Any]] = [
        *SeatView.list_columns, computed("progress", _p("opinion", "Opinion"), lambda row: progress(row)),
    ]  # fmt: skip

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return candidates(actor, ReviewStep.OPINION)

    @classmethod
    def is_done(cls, actor: Actor) -> ColumnElement[bool]:
        """Complete, or signed by oneself."""
        signed = (
            select(OpinionSigner.opinion_id)
            .join(Seat, Seat.id == OpinionSigner.seat_id)
            .where(Seat.user_id == actor.user_id)
        )
        return (
            select(Opinion.id)
            .where(
                Opinion.application_id == Application.id,
                (Opinion.state == OpinionState.COMPLETE) | Opinion.id.in_(signed),
            )
            .exists()
        )

    def own_states(self, actor: Actor) -> dict[int, Any]:
        mine = select(Application.id).where(*self.conditions(actor))
        query = select(Opinion.application_id, Opinion.state)
        return dict(
            db.session.execute(query.where(Opinion.application_id.in_(mine))).tuples().all()
        )


__all__ = [
    "InterviewScoreView",
    "MaterialReviewView",
    "MaterialScoreView",
    "OpinionView",
    "SeatView",
]
