"""Every act of a stage × before and after its end, with an extension of each kind, and with somebody else's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import engine
from app.engine import Refused
from app.enums import ApplicationState as S
from app.enums import ApplyMode, ExtensionKind, ExtensionState, Level, Role, Stage
from app.ground import clock
from app.ground.actor import SYSTEM, Actor
from app.models import Application, Batch, Correction, Extension, Person
from app.services.dossier import new_application
from app.services.registers import deadlines
from app.services.registers.deadlines import Deadline
from app.services.review import routing
from app.workflow import APPLICATION
from tests.support import factories as make

pytestmark = pytest.mark.usefixtures("app")

ACTS = (
    ("submit", S.DRAFT, Stage.APPLY),
    ("restore", S.DISCARDED, Stage.APPLY),
    ("resubmit", S.RETURNED, Stage.RESUBMIT),
    ("answer_correction", S.IN_CORRECTION, Stage.SUPPLEMENT),
    ("check_pass", S.AT_UNIT, Stage.UNIT),
    ("check_return", S.AT_UNIT, Stage.UNIT),
    ("check_end", S.AT_UNIT, Stage.UNIT),
    ("publish", S.CHECKED, Stage.UNIT),
    ("report", S.NOTICE_OVER, Stage.UNIT),
    ("superior_pass", S.AT_SUPERIOR, Stage.SUPERIOR),
    ("superior_return", S.AT_SUPERIOR, Stage.SUPERIOR),
    ("superior_end", S.AT_SUPERIOR, Stage.SUPERIOR),
    ("superior_send_back", S.AT_SUPERIOR, Stage.SUPERIOR),
    ("office_pass", S.AT_OFFICE, Stage.OFFICE),
    ("office_pass", S.CORRECTED, Stage.OFFICE),
    ("office_refuse", S.AT_OFFICE, Stage.OFFICE),
    ("office_refuse", S.CORRECTED, Stage.OFFICE),
    ("office_send_back", S.AT_OFFICE, Stage.OFFICE),
    ("office_send_back", S.CORRECTED, Stage.OFFICE),
    ("ask_correction", S.AT_OFFICE, Stage.OFFICE),
)
FREE = {
    "begin": "has a test of its own",
    "take_back": "has a test of its own",
    "give_up": "nobody is held in a procedure",
    "discard": "a draft is the applicant's own",
    "lapse": "the clock's, after the end",
    "expire": "the clock's, after the end",
    "notice_over": "the clock's, by the days of the notice",
    "unpublish": "a wrong notice comes down at any time",
    "object": "the public objects by the days of the notice",
    "objection_rejected": "an inquiry has to come to its end",
    "objection_return": "asks only whether time is left to submit again",
    "objection_end": "an inquiry has to come to its end",
    "entrust": "a case may change hands at any time",
    "release": "a case may change hands at any time",
    "hand_on": "a closed unit's cases have to go on",
    "bar_out": "a bar holds at any time",
}
"""Acts before the meeting that do not depend on the stage's end, and why."""
LATER = timedelta(days=3)


@dataclass
class Desk:
    """An application and somebody who may act on it."""

    record: Application
    actor: Actor

    def why_not(self, event: str, at: datetime) -> str:
        return str(engine.why_not(self.record, event, actor=self.actor, at=at) or "")


def desk(event: str, state: S) -> Desk:
    """Make an application in `state` on which all guards of `event` agree but the one about the deadline."""
    superior, school = make.unit(), make.unit()
    me, position = make.applicant(unit=school)
    record = make.application(state, person=me, unit=school, superiors=(superior,))
    if state in (S.IN_CORRECTION, S.CORRECTED):
        make.add(
            Correction(
                application_id=record.id, items=[], deadline=make.in_days(8), asked_at=clock.now()
            )
        )
    if event == "report":
        make.work_days()
        make.notice([record], starts_on=make.in_days(-9), ends_on=make.in_days(-2))
        make.attachment(record, routing.PROOF)
    if state is S.DISPUTED:
        make.objection(make.notice([record], unit=school), record)
    role = next(iter(APPLICATION.rows[event].roles))
    if role is Role.APPLICANT:
        return Desk(record, make.actor_of(position))
    places = {
        Role.UNIT: {"unit": school},
        Role.SUPERIOR: {"unit": superior},
        Role.OFFICE: {"committee": record.committee},
    }
    return Desk(record, make.actor(role, **places[role]))


def end_of(one: Desk, stage: Stage) -> Deadline:
    found = deadlines.of(one.record, stage)
    assert found is not None
    return found


KINDS: dict[ExtensionKind, Callable[[Application], dict[str, Any]]] = {
    ExtensionKind.BATCH: lambda record: {"batch": record.batch},
    ExtensionKind.UNIT: lambda record: {"batch": record.batch, "unit_id": record.unit_id},
    ExtensionKind.SERIES: lambda record: {"series_code": record.series_code},
    ExtensionKind.PERSON: lambda record: {"person_id": record.person_id},
}


def foreign(kind: ExtensionKind, record: Application) -> dict[str, Any]:
    """Return whom an extension of this kind is for when it is not for `record`."""
    return {
        ExtensionKind.BATCH: lambda: {"batch": make.batch()},
        ExtensionKind.UNIT: lambda: {"batch": record.batch, "unit_id": make.unit().id},
        ExtensionKind.SERIES: lambda: {"series_code": make.series("06").code},
        ExtensionKind.PERSON: lambda: {"person_id": make.person().id},
    }[kind]()


def grant(one: Desk, stage: Stage, kind: ExtensionKind, whom: dict[str, Any]) -> Extension:
    until = end_of(one, stage).day + 2 * LATER
    return make.extension(kind=kind, stage=stage, until=until, **whom)


def test_every_act_before_the_meeting_has_its_stage_or_a_reason_without() -> None:
    before = {
        event
        for event, row in APPLICATION.rows.items()
        if not row.source or set(row.source) & set(deadlines.STAGE_OF)
    }

    assert before == {event for event, _state, _stage in ACTS} | set(FREE)


@pytest.mark.parametrize(("event", "state", "stage"), ACTS)
def test_act_is_refused_after_the_end_of_its_stage(event: str, state: S, stage: Stage) -> None:
    one = desk(event, state)
    last = end_of(one, stage)

    assert f"{last.day}" not in one.why_not(event, last.moment)
    refused = one.why_not(event, last.moment + timedelta(microseconds=1))
    assert f"{last.day}" in refused
    assert "extension" in refused


@pytest.mark.parametrize("kind", ExtensionKind)
@pytest.mark.parametrize(("event", "state", "stage"), ACTS)
def test_extension_gives_time_until_its_day(
    event: str, state: S, stage: Stage, kind: ExtensionKind
) -> None:
    one = desk(event, state)
    usual = end_of(one, stage)
    said = one.why_not(event, usual.moment)
    given = grant(one, stage, kind, KINDS[kind](one.record))

    assert one.why_not(event, usual.moment + LATER) == said
    assert one.why_not(event, clock.end_of_day(given.until)) == said
    over = one.why_not(event, clock.end_of_day(given.until) + timedelta(microseconds=1))
    assert f"{given.until}" in over


@pytest.mark.parametrize("kind", ExtensionKind)
@pytest.mark.parametrize(("event", "state", "stage"), ACTS)
def test_extension_of_somebody_else_gives_no_time(
    event: str, state: S, stage: Stage, kind: ExtensionKind
) -> None:
    one = desk(event, state)
    usual = end_of(one, stage)
    grant(one, stage, kind, foreign(kind, one.record))

    assert f"{usual.day}" in one.why_not(event, usual.moment + LATER)


@pytest.mark.parametrize("state", [ExtensionState.PROPOSED, ExtensionState.WITHDRAWN])
@pytest.mark.parametrize(("event", "place", "stage"), ACTS[4:12:3])
def test_extension_that_is_not_in_force_gives_no_time(
    event: str, place: S, stage: Stage, state: ExtensionState
) -> None:
    one = desk(event, place)
    usual = end_of(one, stage)
    grant(one, stage, ExtensionKind.BATCH, {"batch": one.record.batch, "state": state})

    assert f"{usual.day}" in one.why_not(event, usual.moment + LATER)


@pytest.mark.parametrize("other", [one for one in Stage if one is not Stage.UNIT])
def test_extension_of_another_stage_gives_no_time(other: Stage) -> None:
    one = desk("check_pass", S.AT_UNIT)
    usual = end_of(one, Stage.UNIT)
    make.extension(one.record.batch, stage=other, until=usual.day + LATER)

    assert f"{usual.day}" in one.why_not("check_pass", usual.moment + LATER)


def test_extension_of_another_region_or_year_gives_no_time() -> None:
    one = desk("check_pass", S.AT_UNIT)
    usual = end_of(one, Stage.UNIT)
    wide: dict[str, Any] = {
        "kind": ExtensionKind.UNIT,
        "unit_id": one.record.unit_id,
        "stage": Stage.UNIT,
        "until": usual.day + LATER,
    }
    make.extension(**wide, region_code="430700")
    make.extension(**wide, review_year=one.record.review_year - 1)

    assert f"{usual.day}" in one.why_not("check_pass", usual.moment + LATER)


def test_superiors_own_extension_lets_it_audit_later() -> None:
    one = desk("superior_pass", S.AT_SUPERIOR)
    usual = end_of(one, Stage.SUPERIOR)
    whom = {"batch": one.record.batch, "unit_id": one.actor.unit_id}
    grant(one, Stage.SUPERIOR, ExtensionKind.UNIT, whom)

    assert one.why_not("superior_pass", usual.moment + LATER) == ""


@pytest.mark.parametrize(
    ("event", "state"),
    [
        ("check_return", S.AT_UNIT),
        ("superior_return", S.AT_SUPERIOR),
        ("objection_return", S.DISPUTED),
    ],
)
def test_return_is_refused_when_no_time_is_left_to_submit_again(event: str, state: S) -> None:
    one = desk(event, state)
    usual = end_of(one, Stage.RESUBMIT)
    late = usual.moment + timedelta(seconds=1)

    assert one.why_not(event, usual.moment) == ""
    assert f"{usual.day}" in one.why_not(event, late)
    grant(one, Stage.RESUBMIT, ExtensionKind.PERSON, {"person_id": one.record.person_id})
    assert one.why_not(event, late) == ""


def begin(person: Person, actor: Actor, batch: Batch, at: datetime) -> Application:
    title = make.title(Level.ASSOCIATE, batch.committee.series_code)
    return new_application.begin_application(
        batch=batch,
        mode=ApplyMode.NORMAL,
        level=Level.ASSOCIATE,
        title_code=title.code,
        specialty_code=f"{batch.committee.series_code}001",
        unit_id=person.unit_id or 0,
        actor=actor,
        at=at,
    )


@pytest.mark.parametrize("kind", ExtensionKind)
def test_late_application_begins_with_an_extension_only(kind: ExtensionKind) -> None:
    me, position = make.applicant()
    actor, batch = make.actor_of(position), make.batch()
    late = clock.end_of_day(batch.apply_end) + timedelta(seconds=1)

    with pytest.raises(Refused, match=f"{batch.apply_end}"):
        begin(me, actor, batch, late)
    make.extension(
        kind=kind,
        until=batch.apply_end + LATER,
        **{
            ExtensionKind.BATCH: {"batch": batch},
            ExtensionKind.UNIT: {"unit_id": me.unit_id},
            ExtensionKind.SERIES: {"series_code": batch.committee.series_code},
            ExtensionKind.PERSON: {"batch": batch, "person_id": me.id},
        }[kind],
    )
    begun = begin(me, actor, batch, late)

    assert begun.due_at == clock.end_of_day(batch.apply_end + LATER)


def test_late_application_is_taken_back_only_while_it_can_be_submitted_again() -> None:
    me, position = make.applicant()
    one = Desk(make.application(S.AT_UNIT, person=me), make.actor_of(position))
    late = clock.end_of_day(one.record.batch.apply_end) + timedelta(seconds=1)

    assert "window is over" in one.why_not("take_back", late)
    grant(one, Stage.APPLY, ExtensionKind.PERSON, {"person_id": me.id})
    assert one.why_not("take_back", late) == ""


def test_supplement_may_be_checked_for_some_days_after_it_was_due() -> None:
    record = desk("office_pass", S.CORRECTED).record
    for column in (*deadlines.LAST_DAY.values(), "material_cutoff"):
        setattr(record.batch, column, make.in_days(9))

    assert deadlines.of(record) == Deadline(Stage.OFFICE, make.in_days(8 + 10))
    given = make.extension(record.batch, stage=Stage.SUPPLEMENT, until=make.in_days(20))
    assert deadlines.of(record) == Deadline(Stage.OFFICE, given.until + timedelta(days=10))


def test_missed_supplement_lapses_after_its_extension_only() -> None:
    one = desk("answer_correction", S.IN_CORRECTION)
    usual = end_of(one, Stage.SUPPLEMENT)
    given = grant(one, Stage.SUPPLEMENT, ExtensionKind.PERSON, {"person_id": one.record.person_id})

    with pytest.raises(Refused, match="not overdue"):
        engine.fire(one.record, "lapse", actor=SYSTEM, at=usual.moment + LATER)
    engine.fire(
        one.record, "lapse", actor=SYSTEM, at=clock.end_of_day(given.until) + timedelta(seconds=1)
    )

    assert one.record.state is S.LAPSED
