"""The checklist of a meeting as one reader sees it: own share, names for those who may see them, the buttons."""

from collections.abc import Sequence
from dataclasses import replace

from flask import url_for
from flask_babel import gettext, pgettext

from app.enums import MeetingDuty, Role, RoundState
from app.extensions import appbuilder
from app.ground import clock
from app.ground.actor import Actor
from app.models import Round, Seat, TransitionLog
from app.services.course import meeting_duties
from app.services.course.meeting_course import Party, Standing, Step, StepKey
from app.services.course.meeting_facts import Facts
from app.services.course.meeting_steps import presiding
from app.services.course.result_steps import checklist
from app.services.meeting import seats
from app.services.voting import vote_rounds
from app.views.base.case_timeline import ROLES_THAT_SEE_JUDGES
from app.views.base.columns import Cell
from app.views.base.detail_sections import DetailSection
from app.views.course import meeting_presses

OF_JUDGES = (
    StepKey.PLAN,
    StepKey.SEATS,
    StepKey.CHAIR,
    StepKey.SIGN_IN,
    StepKey.SCORES,
    StepKey.OPINIONS,
    StepKey.ROUND,
    StepKey.COUNT,
    StepKey.FURTHER,
    StepKey.RESULT,
)
"""Steps that every judge sees; whoever presides also sees those in `OF_CHAIR`."""
OF_CHAIR = (StepKey.KEYS, StepKey.MINUTES, StepKey.SIGNATURES, StepKey.CONFIRMATION)
DUTY_OF = {step: duty for duty, step in meeting_duties.STEP_OF.items()}
STANDINGS = {Standing.OPEN: "", Standing.LATER: "rest", Standing.DONE: "ok"}


def section(facts: Facts, actor: Actor) -> DetailSection:
    """Return the checklist with the steps that concern the actor."""
    shown = [_own_share(one, facts) for one in checklist(facts) if _concerns(one, facts, actor)]
    columns = [gettext("Step"), gettext("State"), gettext("By whom, waiting for what"), gettext("Operation")]  # fmt: skip
    done = sum(one.is_done for one in shown)
    label = gettext("Course of the meeting: %(done)s of %(count)s steps done", done=done, count=len(shown))  # fmt: skip
    rows = [_row(number, one, facts, actor) for number, one in enumerate(shown, start=1)]
    return DetailSection("course", label, "table", columns=columns, rows=rows)


def _concerns(step: Step, facts: Facts, actor: Actor) -> bool:
    if actor.role is not Role.JUDGE:
        return True
    is_chair = Party.CHAIR in parties_of(facts, actor)
    return step.key in OF_JUDGES or (is_chair and step.key in OF_CHAIR)


def _own_share(step: Step, facts: Facts) -> Step:
    """Return the step of a judge with the own figures, where everybody has a part of it."""
    counts, own = facts.counts, facts.own
    if own is None or step.standing is not Standing.OPEN:
        return step
    if step.key in (StepKey.ROUND, StepKey.FURTHER):
        return _own_vote(step, own, facts.standing[-1:])
    if step.key is StepKey.SCORES:
        return _share(step, counts.own_sheets, counts.own_sheets_due)
    if step.key is StepKey.OPINIONS:
        return _share(step, counts.own_opinions, counts.own_cases)
    return step


def _own_vote(step: Step, own: Seat, rounds: Sequence[Round]) -> Step:
    """Return the step of an open round; a judge who is not on its roll is told why."""
    held = next((one for one in rounds if one.state is RoundState.OPEN), None)
    if held is None or own.id in vote_rounds.frozen(held)["roll"]:
        return step
    said = gettext(
        "You signed in after the roll of %(round)s was frozen; you vote in the next one.",
        round=held.title,
    )
    return replace(step, says=said, waits_for=())


def _share(step: Step, done: int, due: int) -> Step:
    said = gettext("You: %(done)s of %(due)s", done=done, due=due)
    if done >= due:
        return Step(step.key, Standing.DONE, said)
    return Step(step.key, Standing.OPEN, said, (Party.JUDGES,))


def parties_of(facts: Facts, actor: Actor) -> set[Party]:
    """Return as what the actor takes part; a vice chair presides while no chair is there."""
    if actor.role is Role.OFFICE:
        return {Party.OFFICE}
    if actor.role is Role.SUPERVISOR:
        return {Party.SUPERVISOR}
    if facts.own is None:
        return set()
    is_chair = facts.own is (seats.first_presiding(facts.seats) or presiding(facts))
    return {Party.JUDGES, Party.CHAIR} if is_chair else {Party.JUDGES}


def _row(number: int, step: Step, facts: Facts, actor: Actor) -> list[Cell]:
    press = meeting_presses.press_of(step, facts, actor, parties_of(facts, actor))
    name = Cell(f"{number}. {step.key.label}")
    reminders = _reminders(step, facts, actor)
    said = _text(step, facts, actor)
    return [name, _state(step, is_mine=press is not None), said, _button(press, reminders)]


def _state(step: Step, *, is_mine: bool) -> Cell:
    if is_mine:
        return Cell(gettext("Your turn"), "wait", kind="tag")
    labels = {
        Standing.DONE: pgettext("step", "Done"),
        Standing.OPEN: pgettext("step", "Waiting"),
        Standing.LATER: pgettext("step", "Later"),
    }
    return Cell(labels[step.standing], STANDINGS[step.standing], kind="tag")


def _text(step: Step, facts: Facts, actor: Actor) -> Cell:
    """Return who did it when, or who has to and why; judges by name only for who may read their names."""
    if step.waits_for:
        who = gettext(", ").join(str(party.label) for party in step.waits_for)
        said = gettext("%(who)s: %(why)s", who=who, why=step.says)
        return Cell(" ".join(part for part in (said, _names(step, facts, actor)) if part))
    at = step.log.at if step.log else step.at
    missing = _names(step, facts, actor) if meeting_duties.is_waited_for(step, facts) else ""
    parts = [
        step.says,
        missing,
        _who(step.log, actor),
        f"{clock.local(at):%Y-%m-%d %H:%M}" if at else "",
    ]
    return Cell(" · ".join(part.rstrip("。.") for part in parts if part) or "—")


def _who(log: TransitionLog | None, actor: Actor) -> str:
    """Return who did an act: the name for office and supervisor, for judges the role only (Order 40, art. 25)."""
    if log is None:
        return ""
    role = str(log.actor_role.label)
    return f"{role} {log.actor_name}".strip() if actor.role in ROLES_THAT_SEE_JUDGES else role


def _names(step: Step, facts: Facts, actor: Actor) -> str:
    """Return the names of the judges who have not answered or signed in, for office and supervisor."""
    duty = DUTY_OF.get(step.key)
    if (
        duty not in (MeetingDuty.SEAT, MeetingDuty.SIGN_IN)
        or actor.role not in ROLES_THAT_SEE_JUDGES
    ):
        return ""
    names = "、".join(one.user.real_name for one in meeting_duties.not_yet(facts, duty))
    return gettext("Not yet: %(names)s.", names=names) if names else ""


def _reminders(step: Step, facts: Facts, actor: Actor) -> list[tuple[str, str]]:
    """Return the button that reminds whoever an open step waits for, for the office and who may preside."""
    duty, own = DUTY_OF.get(step.key), facts.own
    is_chair = own is not None and own.role in meeting_presses.PRESIDING
    is_for_judges = Party.JUDGES in step.waits_for or step.key is StepKey.SIGN_IN
    others = set(step.waits_for) - parties_of(facts, actor) or is_for_judges
    if duty is None or not meeting_duties.is_waited_for(step, facts) or not others:
        return []
    if not (actor.role is Role.OFFICE or is_chair):
        return []
    if not appbuilder.sm.has_access("can_remind", "MeetingRoomView"):
        return []
    url = url_for("MeetingRoomView.remind", pk=facts.plan.id, duty=duty.value)
    return [(gettext("Remind"), url)]


def _button(press: meeting_presses.Press | None, reminders: Sequence[tuple[str, str]]) -> Cell:
    if press is None:
        return Cell("", posts=reminders)
    return Cell(press.label, url=press.url, kind="press", posts=reminders)
