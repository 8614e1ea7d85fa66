"""A judge's progress per case: column, search field and conditions used by all lists of a judge."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, Subquery, case, func, select

from app import settings
from app.enums import AssessmentState, InterviewState, Labelled, OpinionState, ReviewStep
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Assessment, Interview, Opinion, OpinionSigner, Seat
from app.views.base.columns import Cell, Column
from app.views.base.search import SearchField
from app.views.judging.judge_seats import assigned_candidates
from app.web.security import require_actor


class Progress(Labelled):
    """The judge's progress with one case."""

    TODO = "todo", _("Not begun")
    DRAFT = "draft", _("Draft")
    DONE = "done", _("Submitted")
    ABSENT = "absent", _("Absent")
    TO_SIGN = "to_sign", _("Your signature is due")
    SIGNED = "signed", _("Signed by you")
    COMPLETE = "complete", _("Complete")


TONES = {
    Progress.TODO: "wait", Progress.DRAFT: "wait", Progress.TO_SIGN: "wait", Progress.DONE: "ok",
    Progress.SIGNED: "ok", Progress.COMPLETE: "ok", Progress.ABSENT: "rest",
}  # fmt: skip
SHEETS = (Progress.TODO, Progress.DRAFT, Progress.DONE)
OPINIONS = (Progress.TODO, Progress.TO_SIGN, Progress.SIGNED, Progress.COMPLETE)


@dataclass(frozen=True)
class Work:
    """A judge's progress with one case, its interview if there is one, and the signatures under its opinion."""

    progress: Progress = Progress.TODO
    slot: str = ""
    signatures: int = 0

    @property
    def is_open(self) -> bool:
        return self.progress in (Progress.TODO, Progress.DRAFT, Progress.TO_SIGN)


def progress_of(record: Application, step: ReviewStep) -> Progress:
    """Return the progress of the signed-in judge with a case; all cases are read once per request."""
    return _work(record, step).progress


def done_of_all(step: ReviewStep) -> tuple[int, int]:
    """Return how many cases of the signed-in judge in `step` are done, and how many there are."""
    found = _read_once(step).values()
    return sum(not one.is_open for one in found), len(found)


def is_open(record: Application, step: ReviewStep) -> bool:
    """Return whether the judge still has something to do on the case."""
    return _work(record, step).is_open


def column(step: ReviewStep) -> Column:
    """Return the column 我的进度 of the list of `step`."""

    def cell(record: Application) -> Cell:
        found = progress_of(record, step)
        return Cell(str(found.label), tone=TONES[found], kind="tag")

    return Column("progress", _("My progress"), cell, "tag")


def signatures_column() -> Column:
    """Return the column with the number of signatures under the opinion; it shows no names."""

    def cell(record: Application) -> Cell:
        count = _work(record, ReviewStep.OPINION).signatures
        return Cell(f"{count} / {settings.get('opinion_signers')}", kind="short")

    return Column("signed", _("Signatures"), cell)


def slot_column() -> Column:
    """Return the column with room and time of the interview."""

    def cell(record: Application) -> Cell:
        return Cell(slot_of(record) or "—")

    return Column("slot", _("Interview"), cell)


def slot_of(record: Application) -> str:
    """Return room, time and order of the interview, an empty text if there is none."""
    return _work(record, ReviewStep.INTERVIEW).slot


def done_condition(actor: Actor, step: ReviewStep) -> ColumnElement[bool]:
    """Return the condition that the judge has nothing left to do on a candidate in `step`."""
    mine = _own_seats(actor)
    if step is ReviewStep.OPINION:
        signed = select(OpinionSigner.opinion_id).where(OpinionSigner.seat_id.in_(mine))
        settled = select(Opinion.application_id).where(
            (Opinion.state == OpinionState.COMPLETE) | Opinion.id.in_(signed)
        )
        return Application.id.in_(settled)
    submitted = select(Assessment.application_id).where(
        Assessment.seat_id.in_(mine),
        Assessment.step == step,
        Assessment.state == AssessmentState.SUBMITTED,
    )
    if step is not ReviewStep.INTERVIEW:
        return Application.id.in_(submitted)
    absent = select(Interview.application_id).where(Interview.state == InterviewState.ABSENT)
    return Application.id.in_(submitted) | Application.id.in_(absent)


def is_heard_by_now() -> ColumnElement[bool]:
    """Return the condition that the interview of a candidate has begun; before, no score is taken."""
    begun = select(Interview.application_id).where(
        Interview.state != InterviewState.ABSENT, Interview.starts_at <= clock.now()
    )
    return Application.id.in_(begun)


class ProgressSearch(SearchField):
    """Search field for the judge's progress: unfinished or finished cases."""

    def __init__(self, step: ReviewStep) -> None:
        choices = [("open", _("to do")), ("done", _("done"))]
        super().__init__("progress", _("My progress"), "select", None, choices)
        self.step = step

    def condition(self, args: Mapping[str, str]) -> ColumnElement[bool] | None:
        value = args.get("q.progress", "").strip()
        if not value:
            return None
        if value not in dict(self.choices):
            abort(400)
        is_done = done_condition(require_actor(), self.step)
        return is_done if value == "done" else ~is_done


def _work(record: Application, step: ReviewStep) -> Work:
    return _read_once(step).get(record.id, Work())


def _read_once(step: ReviewStep) -> dict[int, Work]:
    """Return the judge's work by case, read once for the present request."""
    current = request._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    if "judging" not in g or g.judging[0] is not current:
        g.judging = (current, {})
    kept: dict[ReviewStep, dict[int, Work]] = g.judging[1]
    if step not in kept:
        kept[step] = _opinions() if step is ReviewStep.OPINION else _sheets(step)
    return kept[step]


def _sheets(step: ReviewStep) -> dict[int, Work]:
    actor = require_actor()
    cases = _own_cases(actor, step)
    case_id = cases.c.id
    own = (
        (Assessment.application_id == case_id)
        & (Assessment.step == step)
        & Assessment.seat_id.in_(_own_seats(actor))
    )
    query = (
        select(case_id, Assessment.state, Interview)
        .select_from(cases)
        .outerjoin(Assessment, own)
        .outerjoin(Interview, Interview.application_id == case_id)
    )
    return {
        key: Work(_progress_of_sheet(step, state, interview), _slot(interview))
        for key, state, interview in db.session.execute(query).tuples()
    }


def _progress_of_sheet(
    step: ReviewStep, state: AssessmentState | None, interview: Interview | None
) -> Progress:
    if state is AssessmentState.SUBMITTED:
        return Progress.DONE
    is_absent = interview is not None and interview.state is InterviewState.ABSENT
    if step is ReviewStep.INTERVIEW and is_absent:
        return Progress.ABSENT
    return Progress.TODO if state is None else Progress.DRAFT


def _slot(interview: Interview | None) -> str:
    if interview is None:
        return ""
    return gettext(
        "%(time)s, %(room)s, number %(order)s",
        time=f"{clock.local(interview.starts_at):%m-%d %H:%M}",
        room=interview.room,
        order=interview.order,
    )


def _opinions() -> dict[int, Work]:
    actor = require_actor()
    cases = _own_cases(actor, ReviewStep.OPINION)
    case_id = cases.c.id
    own = case((OpinionSigner.seat_id.in_(_own_seats(actor)), 1), else_=0)
    query = (
        select(case_id, Opinion.state, func.count(OpinionSigner.id), func.sum(own))
        .select_from(cases)
        .outerjoin(Opinion, Opinion.application_id == case_id)
        .outerjoin(OpinionSigner, OpinionSigner.opinion_id == Opinion.id)
        .group_by(case_id, Opinion.state)
    )
    return {
        key: Work(_progress_of_opinion(state, is_signed=bool(signed)), signatures=count)
        for key, state, count, signed in db.session.execute(query).tuples()
    }


def _progress_of_opinion(state: OpinionState | None, *, is_signed: bool) -> Progress:
    if state is None:
        return Progress.TODO
    if state is OpinionState.COMPLETE:
        return Progress.COMPLETE
    return Progress.SIGNED if is_signed else Progress.TO_SIGN


def _own_cases(actor: Actor, step: ReviewStep) -> Subquery:
    return select(Application.id).where(assigned_candidates(actor, step)).subquery()


def _own_seats(actor: Actor) -> Select[tuple[int]]:
    return select(Seat.id).where(Seat.user_id == actor.user_id)
