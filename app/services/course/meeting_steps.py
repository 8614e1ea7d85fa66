"""The steps of an online meeting before its first round: whose turn it is and why; pure rules over `Facts`.

Later steps name the earlier ones that they wait for. The steps after the round are in `result_steps.py`.
"""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext

from app.enums import DrawState, OverCap, PlanState, ReviewStep, Role, SeatState
from app.models import Seat, TransitionLog
from app.services.course.meeting_course import PARTY_OF_KEY, Course, Party, StepKey
from app.services.course.meeting_facts import Facts
from app.services.draw import draws
from app.services.meeting import quorum, seats


def preparation(facts: Facts) -> Course:
    """Return the steps from the plan to the codes for the ballot box."""
    course = Course(facts)
    _plan(course)
    _draw(course)
    _seats(course)
    _chair(course)
    _sign_in(course)
    _interviews(course)
    _scores(course)
    _opinions(course)
    _keys(course)
    return course


def _plan(course: Course) -> None:
    plan = course.facts.plan
    if plan.state is PlanState.REPORTED:
        course.open(
            StepKey.PLAN, gettext("The authority decides on the reported plan."), Party.HRSS
        )
    elif plan.state is PlanState.DRAFT:
        course.open(StepKey.PLAN, gettext("Not reported: change it and report it."), Party.OFFICE)
    elif plan.state is PlanState.RETURNED:
        why = course.facts.log(plan, "return")
        said = why.opinion if why else ""
        course.open(
            StepKey.PLAN, gettext("Returned, change it and report it again: %(why)s", why=said), Party.OFFICE
        )  # fmt: skip
    else:
        course.done(StepKey.PLAN, log=course.facts.log(plan, "agree"))


def _draw(course: Course) -> None:
    facts, key = course.facts, StepKey.DRAW
    draw = facts.draw
    if draw is None and facts.seats:
        course.done(key)
    elif course.awaits(key, StepKey.PLAN):
        return
    elif draw is None:
        _draw_due(course)
    elif draw.void_asked_by is not None:
        course.open(
            key,
            gettext("One side asked to make it void; the other side decides."),
            *_other_side(facts.log(draw, "ask_void")),
        )
    elif draw.state is DrawState.DRAWN:
        course.done(key, log=facts.log(draw, "open_supervisor"), at=draw.drawn_at)
    else:
        course.open(key, *_draw_turn(facts))


def _other_side(asked: TransitionLog | None) -> tuple[Party, ...]:
    """Return who decides on a request to make the draw void."""
    if asked is None:
        return Party.OFFICE, Party.SUPERVISOR
    return (Party.OFFICE,) if asked.actor_role is Role.SUPERVISOR else (Party.SUPERVISOR,)


def _draw_due(course: Course) -> None:
    facts, key = course.facts, StepKey.DRAW
    first = draws.first_day(facts.plan)
    if facts.today < first:
        course.later(
            key, gettext("Judges are drawn from %(day)s on, so that names do not leak.", day=first)
        )
    elif facts.today > facts.plan.closes_on:
        course.later(key, gettext("The meeting ended on %(day)s.", day=facts.plan.closes_on))
    else:
        course.open(key, gettext("The office freezes the pool of experts."), Party.OFFICE)


def _draw_turn(facts: Facts) -> tuple[str, *tuple[Party, ...]]:
    """Return what a draw under way waits for, and who has to do it."""
    draw = facts.draw
    if draw is None or draw.state is DrawState.OPENING:
        return gettext("The supervisor reveals last; then the seats are drawn."), Party.SUPERVISOR
    if draw.state is DrawState.FROZEN:
        sides = ((Party.OFFICE, draw.office_digest), (Party.SUPERVISOR, draw.supervisor_digest))
        missing = tuple(party for party, digest in sides if digest is None)
        return gettext("The pool is frozen; the secret is still to be committed."), *missing
    if not draw.public_source or draw.value_confirmed_by is not None:
        return gettext("The office reveals its secret first."), Party.OFFICE
    if draw.value_by is not None:
        return gettext(
            "The supervisor compares the value with the official announcement and confirms it."
        ), Party.SUPERVISOR
    return gettext(
        "The office enters the value of the public source from %(day)s on.", day=draw.source_day
    ), Party.OFFICE


def _seats(course: Course) -> None:
    facts, key = course.facts, StepKey.SEATS
    if course.awaits(key, StepKey.DRAW):
        return
    called = [one for one in facts.seats if one.state is SeatState.CALLED]
    noted = [one for one in called if one.decline_noted_by is not None]
    taken = gettext("%(taken)s of %(wanted)s seats taken", taken=len(facts.members), wanted=facts.plan.seats)  # fmt: skip
    if facts.standing or (not called and len(facts.members) >= facts.plan.seats):
        course.done(key, taken, at=_latest([one.answered_at for one in facts.members]))
    elif noted:
        course.open(
            key,
            gettext("%(taken)s; a refusal by telephone waits for the supervisor.", taken=taken),
            Party.SUPERVISOR,
        )
    elif called:
        course.open(
            key,
            gettext("%(taken)s, %(count)s have not answered.", taken=taken, count=len(called)),
            Party.JUDGES,
            Party.OFFICE,
        )
    else:
        course.open(key, gettext("%(taken)s, and no alternate is left.", taken=taken), Party.OFFICE)


def _latest(moments: Sequence[datetime | None]) -> datetime | None:
    return max((one for one in moments if one is not None), default=None)


def presiding(facts: Facts) -> Seat | None:
    """Return the seat of the chair, without one that of the first vice chair."""
    found = [one for one in facts.members if one.role in seats.PRESIDING]
    return min(found, key=lambda one: seats.PRESIDING.index(one.role), default=None)


def _chair(course: Course) -> None:
    facts, key, seat = course.facts, StepKey.CHAIR, presiding(course.facts)
    if seat is not None:
        course.done(key, str(seat.role.label), facts.log(seat, "appoint"))
    elif course.awaits(key, StepKey.DRAW):
        return
    elif facts.members:
        course.open(key, gettext("The office appoints the chair."), Party.OFFICE)
    else:
        course.later(key, gettext("No judge has accepted yet."))


def _sign_in(course: Course) -> None:
    facts, key, plan = course.facts, StepKey.SIGN_IN, course.facts.plan
    present, members = len(facts.present), len(facts.members)
    if not members:
        if not course.awaits(key, StepKey.DRAW):
            course.later(key, gettext("No judge has accepted yet."))
        return
    signed = gettext(
        "%(present)s of %(members)s signed in, at least %(needed)s are needed",
        present=present, members=members, needed=quorum.quorum_needed(members),
    )  # fmt: skip
    is_presided = any(one.role in seats.PRESIDING for one in facts.present)
    if facts.standing or (quorum.has_quorum(present, members) and is_presided):
        course.done(key, signed, at=_latest([one.attended_at for one in facts.members]))
    elif facts.today < plan.opens_on:
        course.later(key, gettext("The meeting opens on %(day)s.", day=plan.opens_on))
    elif facts.today > plan.closes_on:
        course.later(key, gettext("The meeting ended on %(day)s.", day=plan.closes_on))
    elif quorum.has_quorum(present, members):
        course.open(key, gettext("%(signed)s; the chair has not.", signed=signed), Party.CHAIR)
    else:
        course.open(key, signed, Party.JUDGES)


def _interviews(course: Course) -> None:
    facts, key, counts = course.facts, StepKey.INTERVIEWS, course.facts.counts
    if ReviewStep.INTERVIEW.value not in facts.plan.steps or course.awaits(key, StepKey.PLAN):
        return
    held = gettext(
        "%(held)s of %(count)s interviews held", held=counts.held, count=counts.candidates
    )
    if facts.standing or 0 < counts.candidates <= counts.held:
        course.done(key, held)
        return
    turns = (
        (counts.candidates - counts.slots, gettext("%(count)s candidates have no slot.")),
        (counts.moves, gettext("%(count)s candidates ask for another time.")),
        (counts.planned, gettext("%(count)s notices are to be sent.")),
    )
    said = next((text % {"count": count} for count, text in turns if count > 0), None)
    if said is None and facts.today < facts.plan.opens_on:
        course.later(key, gettext("All notices are sent; the meeting opens on %(day)s.", day=facts.plan.opens_on))  # fmt: skip
    else:
        course.open(key, said or held, Party.OFFICE)


def _scores(course: Course) -> None:
    facts, key, counts = course.facts, StepKey.SCORES, course.facts.counts
    if not {"material_review", "material_score", "interview"} & set(facts.plan.steps):
        return
    handed = gettext("%(done)s of %(due)s sheets handed in", done=counts.sheets, due=counts.sheets_due)  # fmt: skip
    if 0 < counts.sheets_due <= counts.sheets:
        course.done(key, handed)
    elif facts.standing:
        course.done(key, gettext("%(sheets)s; the rest is not taken any more", sheets=handed))
    elif _is_ahead(course, key):
        return
    elif counts.sheets_due:
        course.open(key, handed, Party.JUDGES)
    else:
        course.later(key, gettext("No sheet is due yet."))


def _opinions(course: Course) -> None:
    facts, key, counts = course.facts, StepKey.OPINIONS, course.facts.counts
    signed = gettext(
        "%(done)s of %(due)s opinions signed", done=counts.opinions, due=counts.candidates
    )
    if facts.standing or 0 < counts.candidates <= counts.opinions:
        course.done(key, signed)
    elif not _is_ahead(course, key):
        course.open(key, signed, Party.JUDGES)


def _is_ahead(course: Course, key: StepKey) -> bool:
    """Note work of judges as later and return True while nobody has accepted or the meeting is not open."""
    plan, today = course.facts.plan, course.facts.today
    if not course.facts.members:
        course.later(key, gettext("No judge has accepted yet."))
    elif today < plan.opens_on:
        course.later(key, gettext("The meeting opens on %(day)s.", day=plan.opens_on))
    elif today > plan.closes_on:
        course.later(key, gettext("The meeting ended on %(day)s.", day=plan.closes_on))
    else:
        return False
    return True


def _keys(course: Course) -> None:
    facts, key = course.facts, StepKey.KEYS
    missing = [party for role, party in PARTY_OF_KEY.items() if role not in facts.holders]
    if not missing:
        course.done(key, at=_latest([one.registered_at for one in facts.holders.values()]))
    elif facts.plan.state in (PlanState.ENTERED, PlanState.CONCLUDED):
        course.done(key, gettext("The votes were on paper."))
    elif not course.awaits(key, StepKey.PLAN):
        course.open(key, gettext("%(count)s of 3 codes are taken.", count=3 - len(missing)), *missing)  # fmt: skip


def needed_for_a_round(facts: Facts) -> tuple[StepKey, ...]:
    """Return the steps without which no round is frozen; scores where they decide between equal votes and none is there.

    With some sheets handed in, freezing names the candidates without a score and asks about missing sheets.
    """
    is_unscored = facts.plan.over_cap is OverCap.RANK and not facts.counts.sheets
    scores = (StepKey.SCORES,) if is_unscored else ()
    return StepKey.CHAIR, StepKey.SIGN_IN, *scores, StepKey.OPINIONS, StepKey.KEYS
