"""Extensions from entry to withdrawal: what is refused, what is stored, who is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Refused
from app.enums import (
    ApplicationState,
    BatchState,
    ExtensionKind,
    ExtensionState,
    Role,
    Stage,
)
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Batch, Committee, Extension, Outbox, TransitionLog
from app.services.jobs import scheduled_jobs
from app.services.review import extensions
from tests.support import factories as make
from tests.support.acting import fire, press, why_not

pytestmark = pytest.mark.usefixtures("app")


def authority(region: str = "430000") -> Actor:
    return make.actor(Role.HRSS, unit=make.unit(region_code=region))


def new(batch: Batch | None, **values: Any) -> Extension:
    usual = {
        "kind": ExtensionKind.BATCH,
        "stage": Stage.APPLY,
        "review_year": make.today().year,
        "region_code": "430000",
        "batch_id": batch.id if batch else None,
        "until": make.in_days(40),
        "document_number": "湘职改办〔2026〕12号",
        "approved_by": "王主任",
        "reason": "洪水中断网络三天，顺延办理",
    }
    return Extension(**usual | values)


def refusal(made: Extension, actor: Actor) -> Refused:
    with pytest.raises(Refused) as caught:
        fire(made, "propose", actor)
    return caught.value


def told(session: Session, template: str) -> set[int | None]:
    return set(session.scalars(select(Outbox.user_id).where(Outbox.template == template)))


def in_force(batch: Batch, **values: Any) -> Extension:
    """Enter and confirm an extension; its authority has one person only."""
    actor = authority()
    made = new(batch, proposed_by=actor.user_id, **values)
    fire(made, "propose", actor)
    fire(made, "confirm", actor)
    return made


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"until": make.in_days(-1)}, "until", "already over"),
        ({"until": make.in_days(30)}, "until", "anyway"),
        ({"until": make.in_days(61)}, "until", "would be stuck"),
        ({"until": make.in_days(701)}, "until", ""),
        ({"document_number": ""}, "document_number", ""),
        ({"document_number": "12"}, "document_number", ""),
        ({"approved_by": ""}, "approved_by", ""),
        ({"reason": "无"}, "reason", ""),
        ({"kind": ExtensionKind.UNIT}, "unit_id", "whom"),
        ({"kind": ExtensionKind.PERSON}, "person_number", "whom"),
        ({"kind": ExtensionKind.SERIES, "batch_id": None}, "series_code", "whom"),
        ({"batch_id": None}, "batch_id", "whom"),
        ({"review_year": 2001}, "batch_id", "open batch"),
        ({"stage": Stage.RESUBMIT, "until": make.in_days(45)}, "until", "anyway"),
        ({"stage": Stage.UNIT, "until": make.in_days(91)}, "until", "would be stuck"),
        ({"stage": Stage.SUPERIOR, "until": make.in_days(121)}, "until", "would be stuck"),
    ],
)
def test_entry_is_refused_at_its_field(values: dict[str, Any], field: str, words: str) -> None:
    refused = refusal(new(make.batch(), **values), authority())

    assert refused.field == field
    assert words in refused.sentence


def test_entry_for_a_closed_batch_is_refused() -> None:
    batch = make.batch(state=BatchState.CLOSED)

    refused = refusal(new(batch), authority())

    assert (refused.field, batch.name in refused.sentence) == ("batch_id", True)


def test_entry_by_another_region_is_refused() -> None:
    batch = make.batch(committee=make.committee(region_code="430100"))

    assert (
        "another region" in refusal(new(batch, region_code="430700"), authority("430700")).sentence
    )
    fire(new(batch, region_code="430100"), "propose", authority("430100"))


def test_supplement_of_a_person_who_was_not_asked_is_refused() -> None:
    record = make.application(ApplicationState.AT_OFFICE)
    made = new(
        record.batch,
        kind=ExtensionKind.PERSON,
        person_id=record.person_id,
        stage=Stage.SUPPLEMENT,
    )

    assert refusal(made, authority()).field == "stage"


def test_whoever_entered_it_does_not_confirm_it_where_there_is_somebody_else() -> None:
    bureau = make.unit(region_code="430000")
    first = make.actor(Role.HRSS, unit=bureau)
    made = new(make.batch(), proposed_by=first.user_id)
    fire(made, "propose", first)

    assert why_not(made, "confirm", first) is None
    second = make.actor(Role.HRSS, unit=bureau)
    assert "another person" in (why_not(made, "confirm", first) or "")
    fire(made, "confirm", second)

    assert made.state is ExtensionState.IN_FORCE


def test_confirmation_asks_everything_again() -> None:
    actor, batch = authority(), make.batch()
    made = new(batch)
    fire(made, "propose", actor)
    batch.apply_end = batch.resubmit_end = make.in_days(45)

    with pytest.raises(Refused, match="anyway"):
        fire(made, "confirm", actor)


@pytest.mark.parametrize("role", [Role.OFFICE, Role.UNIT, Role.SUPERIOR, Role.APPLICANT])
def test_only_the_authority_enters_an_extension(role: Role) -> None:
    assert "position" in refusal(new(make.batch()), make.actor(role, unit=make.unit())).sentence


def held(state: ApplicationState, batch: Batch, **values: Any) -> Application:
    me, _position = make.applicant()
    return make.application(state, person=me, batch=batch, **values)


def test_extension_moves_the_stored_deadline_of_whom_it_concerns_only() -> None:
    batch = make.batch()
    mine, other = (held(ApplicationState.AT_UNIT, batch) for _count in range(2))
    draft = held(ApplicationState.DRAFT, batch)
    in_force(
        batch,
        kind=ExtensionKind.UNIT,
        unit_id=mine.unit_id,
        stage=Stage.UNIT,
        until=make.in_days(70),
    )

    assert mine.due_at == clock.end_of_day(make.in_days(70))
    assert (other.due_at, draft.due_at) == (None, None)


def test_extension_tells_whom_it_concerns_once(session: Session) -> None:
    batch = make.batch()
    drafts = [held(ApplicationState.DRAFT, batch) for _count in range(2)]
    held(ApplicationState.AT_UNIT, batch)
    held(ApplicationState.DRAFT, make.batch())
    office = make.position(Role.OFFICE, committee=batch.committee)

    in_force(batch)

    assert told(session, "deadline.extended") == {
        office.user_id,
        *(one.person.user_id for one in drafts),
    }


@pytest.mark.parametrize(
    ("kind", "stage", "until"),
    [
        (ExtensionKind.UNIT, Stage.UNIT, 70),
        (ExtensionKind.SERIES, Stage.UNIT, 70),
        (ExtensionKind.PERSON, Stage.UNIT, 70),
    ],
)
def test_extension_of_the_units_stage_tells_the_clerk(
    session: Session, kind: ExtensionKind, stage: Stage, until: int
) -> None:
    batch = make.batch()
    record = held(ApplicationState.AT_UNIT, batch)
    clerk = make.position(Role.UNIT, unit=record.unit)
    stranger = make.position(Role.UNIT, unit=make.unit())
    whom: dict[ExtensionKind, dict[str, Any]] = {
        ExtensionKind.UNIT: {"unit_id": record.unit_id},
        ExtensionKind.SERIES: {"series_code": record.series_code, "batch_id": None},
        ExtensionKind.PERSON: {"person_id": record.person_id},
    }

    in_force(batch, kind=kind, stage=stage, until=make.in_days(until), **whom[kind])

    assert clerk.user_id in told(session, "deadline.extended")
    assert stranger.user_id not in told(session, "deadline.extended")


def test_withdrawn_extension_gives_the_earlier_deadline_back(session: Session) -> None:
    batch = make.batch()
    record = held(ApplicationState.AT_UNIT, batch)
    clerk = make.position(Role.UNIT, unit=record.unit)
    made = in_force(batch, stage=Stage.UNIT, until=make.in_days(70))

    with pytest.raises(Refused):
        press(made, "withdraw", authority())
    press(made, "withdraw", authority(), "文件已废止，恢复原时间")

    assert made.state is ExtensionState.WITHDRAWN
    assert record.due_at == clock.end_of_day(batch.unit_end)
    assert told(session, "deadline.withdrawn") == {clerk.user_id}


def test_log_says_what_was_granted(session: Session) -> None:
    made = in_force(make.batch())

    logs = session.scalars(select(TransitionLog).filter_by(subject_type="extension")).all()

    assert [log.event for log in logs] == ["propose", "confirm"]
    assert all(
        (log.details["until"], log.details["document_number"], log.details["stage"])
        == (f"{made.until}", made.document_number, "apply")
        for log in logs
    )


def test_clock_marks_what_has_passed_and_nothing_changes_by_it(session: Session) -> None:
    batch = make.batch()
    record = held(ApplicationState.AT_UNIT, batch)
    made = in_force(batch, stage=Stage.UNIT, until=make.in_days(70))
    due = record.due_at

    with pytest.raises(Refused, match="lasts until"):
        engine.fire(made, "end", actor=scheduled_jobs.SYSTEM, at=clock.end_of_day(made.until))
    session.commit()
    done = scheduled_jobs.run(clock.end_of_day(made.until) + timedelta(seconds=1))

    session.expire_all()
    assert done["extensions"] == 1
    assert (made.state, record.due_at) == (ExtensionState.ENDED, due)


def test_person_is_found_by_either_number() -> None:
    record = make.application()

    assert extensions.person_of(f" {record.number.lower()} ") is record.person
    assert extensions.person_of(record.person.id_number) is record.person
    for typed in ("", "SB9", "43009919850307101", "x" * 40, record.number[:-1]):
        with pytest.raises(Refused, match="There is nobody"):
            extensions.person_of(typed)


def test_closing_ends_what_nobody_dealt_with_in_time(session: Session) -> None:
    committee: Committee = make.committee()
    past = {
        name: make.in_days(-days)
        for name, days in {
            "apply_start": 60, "apply_end": 50, "resubmit_end": 40, "unit_end": 30, "superior_end": 20,
            "office_end": 10, "material_cutoff": 50,
        }.items()
    }  # fmt: skip
    batch, actor = make.batch(committee=committee, **past), authority()
    stuck = held(ApplicationState.CHECKED, batch, due_at=clock.end_of_day(batch.unit_end))
    running = make.extension(batch, stage=Stage.OFFICE, until=make.in_days(1))

    assert "An extension" in (why_not(batch, "close", actor) or "")
    press(running, "withdraw", actor, "已无人需要，收回延期")
    wide = make.extension(
        kind=ExtensionKind.SERIES, series_code=committee.series_code, until=make.in_days(1)
    )
    assert "An extension" in (why_not(batch, "close", actor) or "")
    press(wide, "withdraw", actor, "已无人需要，收回延期")
    disputed = held(ApplicationState.DISPUTED, batch, due_at=clock.end_of_day(batch.unit_end))
    assert "still under way" in (why_not(batch, "close", actor) or "")
    disputed.state = ApplicationState.ENDED
    session.flush()
    fire(batch, "close", actor)
    session.commit()
    done = scheduled_jobs.run(clock.now())

    session.expire_all()
    assert done["expired"] == 1
    assert (stuck.state, stuck.due_at, stuck.holder_id) == (ApplicationState.ENDED, None, None)
    assert stuck.person.user_id in told(session, "application.expire")
