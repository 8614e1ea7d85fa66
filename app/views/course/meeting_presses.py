"""The button of each open step of a meeting: whose it is, and the address of the act with the meeting chosen."""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext, pgettext

from app.enums import DrawState, FilingState, PlanState, ReviewStep, Role, RoundState, SeatState
from app.ground.actor import Actor
from app.models import Draw, Round
from app.services.course import result_steps
from app.services.course.meeting_course import Party, Standing, Step, StepKey
from app.services.course.meeting_facts import Facts
from app.services.meeting.seats import PRESIDING
from app.services.voting import key_holders, vote_rounds
from app.views.course.press_links import Press, page_of, route_press

__all__ = ["PRESIDING", "Press", "press_of"]
SHEET_LISTS = {
    ReviewStep.MATERIAL_REVIEW: "MaterialReviewView",
    ReviewStep.MATERIAL_SCORE: "MaterialScoreView",
    ReviewStep.INTERVIEW: "InterviewScoreView",
}


@dataclass(frozen=True)
class Turn:
    """An open step whose turn it may be for the actor."""

    step: Step
    facts: Facts
    actor: Actor
    parties: set[Party]

    @property
    def plan_id(self) -> int:
        return self.facts.plan.id


def press_of(step: Step, facts: Facts, actor: Actor, parties: set[Party]) -> Press | None:
    """Return the button of a step for the actor, None if it is not the actor's turn or permission."""
    if step.standing is not Standing.OPEN or not parties & set(step.waits_for):
        return None
    return PRESSES[step.key](Turn(step, facts, actor, parties))


def _act(label: str, view: str, button: str, pk: int, turn: Turn) -> Press | None:
    back = page_of(turn.plan_id)
    return route_press(label, button, view, "act", button=button, pk=pk, back=back)


def _form(label: str, permission: str, view: str, route: str, turn: Turn) -> Press | None:
    """Return the button to a form with the meeting chosen."""
    return route_press(
        label, permission, view, route, plan=turn.plan_id, back=page_of(turn.plan_id)
    )


def _list(label: str, view: str, turn: Turn, todo: str = "") -> Press | None:
    values = {"q.plan": turn.plan_id} | ({"todo": todo} if todo else {})
    return route_press(label, "list", view, "list", **values, back=page_of(turn.plan_id))


def _plan(turn: Turn) -> Press | None:
    if turn.facts.plan.state not in (PlanState.DRAFT, PlanState.RETURNED):
        return None
    return route_press(
        gettext("Edit"), "edit", "PlanView", "edit", pk=turn.plan_id, back=page_of(turn.plan_id)
    )


def _draw(turn: Turn) -> Press | None:
    draw, is_office = turn.facts.draw, turn.actor.role is Role.OFFICE
    if draw is None:
        return _form(gettext("Freeze the pool"), "add", "DrawCourseView", "add_record", turn)  # fmt: skip
    view = "DrawCourseView"
    if draw.void_asked_by is not None:
        is_own = draw.void_asked_by == turn.actor.user_id
        return (
            None if is_own else _act(gettext("Decide on the request"), view, "void", draw.id, turn)
        )
    if draw.state is DrawState.FROZEN:
        return _act(gettext("Commit"), view, "commit", draw.id, turn)
    if draw.state is DrawState.COMMITTED and draw.public_source and draw.value_confirmed_by is None:
        if not is_office:
            return _act(gettext("Check the public value"), view, "check_value", draw.id, turn)
        return _act(gettext("Enter the public value"), view, "value", draw.id, turn)
    return _reveal(turn, draw, is_office=is_office)


def _reveal(turn: Turn, draw: Draw, *, is_office: bool) -> Press | None:
    """Return the button to reveal a secret, for who committed it."""
    committed_by = draw.office_by if is_office else draw.supervisor_by
    if committed_by != turn.actor.user_id:
        return None
    return _act(gettext("Reveal"), "DrawCourseView", "reveal", draw.id, turn)


def _seats(turn: Turn) -> Press | None:
    if turn.actor.role is Role.JUDGE:
        return None
    if Party.SUPERVISOR in turn.step.waits_for:
        return _list(gettext("Decide on the refusal"), "MeetingSeatView", turn, "declines")
    is_called = any(one.state is SeatState.CALLED for one in turn.facts.seats)
    todo = "unanswered" if is_called else ""
    return _list(gettext("Note answers"), "MeetingSeatView", turn, todo)


def _chair(turn: Turn) -> Press | None:
    return _list(gettext("Appoint"), "MeetingSeatView", turn)


def _sign_in(turn: Turn) -> Press | None:
    own = turn.facts.own
    if own is None or own.state is SeatState.PRESENT:
        return None
    return _act(pgettext("meeting", "Sign in"), "OwnSeatView", "attend", own.id, turn)


def _interviews(turn: Turn) -> Press | None:
    counts = turn.facts.counts
    if counts.slots < counts.candidates:
        return _form(gettext("Generate"), "generate", "InterviewView", "generate", turn)
    if counts.moves:
        return _list(gettext("Decide on the request"), "SlotView", turn, "move")
    if counts.planned:
        return _list(pgettext("notice", "Send"), "SlotView", turn, "send")
    return _list(gettext("Held or absent"), "SlotView", turn)


def _scores(turn: Turn) -> Press | None:
    used = (view for step, view in SHEET_LISTS.items() if step.value in turn.facts.plan.steps)
    return _list(gettext("Fill in the sheets"), next(used), turn) if turn.facts.own else None  # fmt: skip


def _opinions(turn: Turn) -> Press | None:
    if turn.facts.own is None:
        return None
    return _list(gettext("Write or sign"), "OpinionView", turn)


def _keys(turn: Turn) -> Press | None:
    if any(one.user_id == turn.actor.user_id for one in turn.facts.holders.values()):
        return None
    return route_press(gettext("Take a code"), "key", "MeetingRoomView", "key", pk=turn.plan_id)


def _round(turn: Turn) -> Press | None:
    """Return the button of the round that is under way, or the one that freezes the next."""
    held = next((one for one in turn.facts.standing if one.state is not RoundState.COUNTED), None)
    if (asked := _void(turn)) is not None:
        return asked
    if held is None:
        return _form(gettext("Freeze the round"), "add", "RoundView", "add_record", turn)
    if held.state is RoundState.READY:
        return _act(gettext("Open the vote"), "RoundView", "open", held.id, turn)
    if held.state is RoundState.OPEN:
        return _vote(turn, held)
    if held.state is RoundState.CLOSED:
        return _count(turn)
    is_own = held.entered_by == turn.actor.user_id
    return None if is_own else _act(gettext("Check"), "PaperRoundView", "confirm", held.id, turn)


def _void(turn: Turn) -> Press | None:
    """Return the decision on a request to make the round void, for the side that has it."""
    asked = result_steps.void_request(turn.facts)
    if asked is None:
        return None
    held, side = asked
    if not turn.parties & set(side) or held.void_asked_by == turn.actor.user_id:
        return None
    return _act(gettext("Decide on the request"), "RoundView", "void", held.id, turn)


def _vote(turn: Turn, held: Round) -> Press | None:
    """Return the ballot for who has not voted, the close for whoever presides and has."""
    own, counts = turn.facts.own, turn.facts.counts
    is_there = (
        own is not None and own.state is SeatState.PRESENT and own.id in vote_rounds.voters(held)
    )
    if is_there and not counts.own_cast and Party.JUDGES in turn.step.waits_for:
        return route_press(pgettext("ballot", "Vote"), "vote", "VoteView", "ballot", held=held.id)
    if Party.CHAIR not in turn.parties:
        return None
    return _act(gettext("Close the vote"), "RoundView", "close", held.id, turn)


def _count(turn: Turn) -> Press | None:
    if (asked := _void(turn)) is not None:
        return asked
    closed = next(one for one in turn.facts.standing if one.state is RoundState.CLOSED)
    role = key_holders.ROLES.get(turn.actor.role)
    holder = turn.facts.holders.get(role) if role else None
    if holder is None or holder.user_id != turn.actor.user_id:
        return None
    return _act(gettext("Open the ballot box"), "RoundView", "release", closed.id, turn)


def _result(turn: Turn) -> Press | None:
    return _act(gettext("Compute the result"), "ResultView", "compute", turn.plan_id, turn)


def _minutes(turn: Turn) -> Press | None:
    return _act(gettext("Write the minutes"), "ResultView", "minutes", turn.plan_id, turn)


def _signatures(turn: Turn) -> Press | None:
    return route_press(
        gettext("Read and sign"), "sign", "MeetingResultView", "show", pk=turn.plan_id
    )


def _confirmation(turn: Turn) -> Press | None:
    if turn.facts.plan.entered_by == turn.actor.user_id:
        return None
    return _act(gettext("Check"), "ResultView", "confirm", turn.plan_id, turn)


def _notice(turn: Turn) -> Press | None:
    return _form(gettext("Publish"), "add", "ResultNoticeView", "add_record", turn)


def _filing(turn: Turn) -> Press | None:
    filing = turn.facts.filing
    if filing is not None and filing.state is FilingState.RETURNED:
        return route_press(
            gettext("File again"),
            "edit",
            "FilingView",
            "edit",
            pk=filing.id,
            back=page_of(turn.plan_id),
        )
    return _form(pgettext("filing", "File"), "add", "FilingView", "add_record", turn)


PRESSES: dict[StepKey, Callable[[Turn], Press | None]] = {
    StepKey.PLAN: _plan,
    StepKey.DRAW: _draw,
    StepKey.SEATS: _seats,
    StepKey.CHAIR: _chair,
    StepKey.SIGN_IN: _sign_in,
    StepKey.INTERVIEWS: _interviews,
    StepKey.SCORES: _scores,
    StepKey.OPINIONS: _opinions,
    StepKey.KEYS: _keys,
    StepKey.ROUND: _round,
    StepKey.COUNT: _count,
    StepKey.FURTHER: _round,
    StepKey.RESULT: _result,
    StepKey.MINUTES: _minutes,
    StepKey.SIGNATURES: _signatures,
    StepKey.CONFIRMATION: _confirmation,
    StepKey.NOTICE: _notice,
    StepKey.FILING: _filing,
}
