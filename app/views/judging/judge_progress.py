"""A judge's progress per case: column, search field and conditions used by all lists of a judge."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from flask import abort, g, request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, select

from app import settings
from app.enums import AssessmentState, InterviewState, Labelled, OpinionState, ReviewStep
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Assessment, Interview, Opinion, OpinionSigner, Seat
from app.services.judging import assessments
from app.views.base.columns import Cell, Column
from app.views.base.search import SearchField
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
Found = TypeVar("Found")
OPINIONS = (Progress.TODO, Progress.TO_SIGN, Progress.SIGNED, Progress.COMPLETE)


def progress_of(record: Application, step: ReviewStep) -> Progress:
    """Return the progress of the signed-in judge with a case; all cases are read once per request."""
    return _progress_by_case(step).get(record.id, Progress.TODO)


def is_open(record: Application, step: ReviewStep) -> bool:
    """Return whether the judge still has something to do on the case."""
    return progress_of(record, step) in (Progress.TODO, Progress.DRAFT, Progress.TO_SIGN)


def column(step: ReviewStep) -> Column:
    """Return the column 我的进度 of the list of `step`."""

    def cell(record: Application) -> Cell:
        found = progress_of(record, step)
        return Cell(str(found.label), tone=TONES[found], kind="tag")

    return Column("progress", _("My progress"), cell, "tag")


def signatures_column() -> Column:
    """Return the column with the number of signatures under the opinion; it shows no names."""

    def cell(record: Application) -> Cell:
        count = _once_per_request("signatures", _signature_counts).get(record.id, 0)
        return Cell(f"{count} / {settings.get('opinion_signers')}", kind="short")

    return Column("signed", _("Signatures"), cell)


def slot_column() -> Column:
    """Return the column with room and time of the interview."""

    def cell(record: Application) -> Cell:
        return Cell(_once_per_request("slots", _slots).get(record.id) or "—")

    return Column("slot", _("Interview"), cell)


def slot_of(record: Application) -> str:
    """Return room, time and order of the interview, an empty text if there is none."""
    return str(_once_per_request("slots", _slots).get(record.id) or "")


def done_condition(actor: Actor, step: ReviewStep) -> ColumnElement[bool]:
    """Return the condition that the judge has nothing left to do on a candidate in `step`."""
    mine = select(Seat.id).where(Seat.user_id == actor.user_id)
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


def _progress_by_case(step: ReviewStep) -> dict[int, Progress]:
    return _once_per_request(step.value, lambda: _read_progress(step))


def _read_progress(step: ReviewStep) -> dict[int, Progress]:
    session, actor = db.session(), require_actor()
    if step is ReviewStep.OPINION:
        return _opinion_progress(actor)
    words = {AssessmentState.DRAFT: Progress.DRAFT, AssessmentState.SUBMITTED: Progress.DONE}
    found = {key: words[state] for key, state in assessments.states(session, actor, step).items()}
    if step is ReviewStep.INTERVIEW:
        absent = select(Interview.application_id).where(Interview.state == InterviewState.ABSENT)
        found |= {
            key: Progress.ABSENT
            for key in session.scalars(absent)
            if found.get(key) is not Progress.DONE
        }
    return found


def _opinion_progress(actor: Actor) -> dict[int, Progress]:
    mine = select(Seat.id).where(Seat.user_id == actor.user_id)
    plans = select(Seat.plan_id).where(Seat.user_id == actor.user_id)
    signed = set(
        db.session.scalars(select(OpinionSigner.opinion_id).where(OpinionSigner.seat_id.in_(mine)))
    )
    rows = db.session.execute(
        select(Opinion.id, Opinion.application_id, Opinion.state).where(Opinion.plan_id.in_(plans))
    )
    return {
        application: Progress.COMPLETE
        if state is OpinionState.COMPLETE
        else Progress.SIGNED
        if key in signed
        else Progress.TO_SIGN
        for key, application, state in rows
    }


def _signature_counts() -> dict[int, int]:
    plans = select(Seat.plan_id).where(Seat.user_id == require_actor().user_id)
    rows = db.session.execute(
        select(Opinion.application_id)
        .join(OpinionSigner, OpinionSigner.opinion_id == Opinion.id)
        .where(Opinion.plan_id.in_(plans))
    )
    counts: dict[int, int] = {}
    for (key,) in rows:
        counts[key] = counts.get(key, 0) + 1
    return counts


def _slots() -> dict[int, str]:
    plans = select(Seat.plan_id).where(Seat.user_id == require_actor().user_id)
    found = db.session.scalars(select(Interview).where(Interview.plan_id.in_(plans)))
    return {
        one.application_id: gettext(
            "%(time)s, %(room)s, number %(order)s",
            time=f"{clock.local(one.starts_at):%m-%d %H:%M}",
            room=one.room,
            order=one.order,
        )
        for one in found
    }


def _once_per_request(key: str, compute: Callable[[], Found]) -> Found:
    """Return the result of `compute`, cached under `key` for the present request."""
    current = request._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    if "judging" not in g or g.judging[0] is not current:
        g.judging = (current, {})
    kept = g.judging[1]
    if key not in kept:
        kept[key] = compute()
    return kept[key]
