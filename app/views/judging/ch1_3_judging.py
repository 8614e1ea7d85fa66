"""1.3.1, 1.3.2, 1.3.3 and 1.3.5: the judge's lists of candidates, one per review step."""

from typing import ClassVar

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ColumnElement

from app.enums import ReviewStep
from app.ground.actor import Actor
from app.views.base.columns import Column
from app.views.base.declarations import Button
from app.views.judging import judge_progress
from app.views.judging.judge_desk import COMPARE
from app.views.judging.judge_opinions import GroupOpinionView
from app.views.judging.judge_seats import NAME, assigned_candidates
from app.views.judging.judge_sheets import SheetView

COLUMNS: list[str | Column] = ["number", NAME, "title", "specialty", "plan"]


class MaterialReviewView(SheetView):
    """1.3.1: the judge decides for every assigned candidate whether the material passes."""

    guide = "1.3.1"
    label = _("Material review")
    purpose = _("Read the material of your candidates and say whether it passes.")
    step = ReviewStep.MATERIAL_REVIEW
    buttons = (
        Button(
            "assess",
            _("Audit"),
            {"pass": _("Audit passed"), "refuse": _("Audit not passed")},
            is_page=True,
        ),
        COMPARE,
    )
    list_columns: ClassVar[list[str | Column]] = [*COLUMNS, judge_progress.column(step)]

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return assigned_candidates(actor, ReviewStep.MATERIAL_REVIEW)


class InterviewScoreView(SheetView):
    """1.3.2: the judge scores the interviews of the own group."""

    guide = "1.3.2"
    label = _("Interview scores")
    purpose = _("Score the interviews. Who was absent gets no sheet.")
    step = ReviewStep.INTERVIEW
    buttons = (Button("assess", _p("act", "Score"), {"submit": _("Submit")}, is_page=True), COMPARE)
    list_columns: ClassVar[list[str | Column]] = [
        *COLUMNS,
        judge_progress.slot_column(),
        judge_progress.column(step),
    ]

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return assigned_candidates(actor, ReviewStep.INTERVIEW)


class MaterialScoreView(SheetView):
    """1.3.3: the judge scores the material of every assigned candidate."""

    guide = "1.3.3"
    label = _("Material scores")
    purpose = _("Score the material of your candidates, beside the papers that prove it.")
    step = ReviewStep.MATERIAL_SCORE
    buttons = (Button("assess", _p("act", "Score"), {"submit": _("Submit")}, is_page=True), COMPARE)
    list_columns: ClassVar[list[str | Column]] = [*COLUMNS, judge_progress.column(step)]

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return assigned_candidates(actor, ReviewStep.MATERIAL_SCORE)


class OpinionView(GroupOpinionView):
    """1.3.5: the group writes its opinion on every candidate before the vote; three judges sign it."""

    guide = "1.3.5"
    label = _("Review opinion")
    purpose = _("Write the opinion of your group, or sign the one that is there, before the vote.")
    step = ReviewStep.OPINION
    buttons = (
        Button("opinion", _("Review opinion"), {"write": _("Review opinion")}, is_page=True),
        COMPARE,
    )
    list_columns: ClassVar[list[str | Column]] = [
        *COLUMNS,
        judge_progress.signatures_column(),
        judge_progress.column(step),
    ]

    @staticmethod
    def scope(actor: Actor) -> ColumnElement[bool]:
        return assigned_candidates(actor, ReviewStep.OPINION)
