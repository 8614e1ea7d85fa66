"""调整截止时间: the stage ends of an open batch move by document, and those concerned are told."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState, BatchState, Role, Stage
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Batch, Outbox
from app.services.registers import deadlines
from app.services.review import deadline_changes
from tests.support import factories as make
from tests.support.acting import press, why_not
from tests.support.counting import statements

pytestmark = pytest.mark.usefixtures("app")

WHY = "洪水中断网络三天，全省顺延"
DOCUMENT = {"document_number": "湘职改办〔2026〕12号"}


def authority(region: str = "430000") -> Actor:
    return make.actor(Role.HRSS, unit=make.unit(region_code=region))


def move(batch: Batch, actor: Actor | None = None, **dates: date | None) -> Any:
    return press(batch, "adjust", actor or authority(), WHY, **DOCUMENT | dates)


def test_moved_dates_hold_and_are_in_the_log() -> None:
    batch = make.batch()
    before = batch.unit_end

    log = move(batch, unit_end=make.in_days(75), superior_end=None, office_end=batch.office_end)

    assert (batch.unit_end, batch.state) == (make.in_days(75), BatchState.OPEN)
    assert log.opinion == WHY
    assert log.details == DOCUMENT | {"moved": {"unit_end": [f"{before}", f"{make.in_days(75)}"]}}


@pytest.mark.parametrize(
    ("dates", "field", "words"),
    [
        ({}, "apply_end", "as before"),
        ({"unit_end": make.in_days(60)}, "apply_end", "as before"),
        ({"unit_end": make.in_days(-1)}, "unit_end", "already over"),
        ({"apply_end": make.in_days(46)}, "resubmit_end", "lies before"),
        ({"unit_end": make.in_days(91)}, "superior_end", "lies before"),
        ({"office_end": make.in_days(89)}, "office_end", "lies before"),
        ({"apply_end": make.in_days(29)}, "material_cutoff", "lies before"),
        ({"office_end": make.in_days(701)}, "office_end", "approved again"),
        ({"unit_end": make.in_days(75), "document_number": ""}, "document_number", "document"),
        ({"unit_end": make.in_days(75), "document_number": "1"}, "document_number", "document"),
    ],
)
def test_move_is_refused_at_its_field(dates: dict[str, Any], field: str, words: str) -> None:
    batch = make.batch()
    before = {column: getattr(batch, column) for column in deadlines.LAST_DAY.values()}

    with pytest.raises(Refused) as caught:
        move(batch, **dates)

    assert caught.value.field == field
    assert words in caught.value.sentence
    assert {column: getattr(batch, column) for column in before} == before


def test_move_needs_a_reason() -> None:
    with pytest.raises(Refused) as caught:
        press(make.batch(), "adjust", authority(), "无", **DOCUMENT, unit_end=make.in_days(75))

    assert caught.value.field == "opinion"


@pytest.mark.parametrize("state", [one for one in BatchState if one is not BatchState.OPEN])
def test_only_an_open_batch_is_moved(state: BatchState) -> None:
    assert why_not(make.batch(state=state), "adjust", authority()) is not None


def test_authority_of_another_region_moves_nothing() -> None:
    batch = make.batch(committee=make.committee(region_code="430100"))

    assert "another region" in (why_not(batch, "adjust", authority("430700")) or "")


def held(state: ApplicationState, batch: Batch, **values: Any) -> Application:
    me, _position = make.applicant()
    return make.application(state, person=me, batch=batch, **values)


def test_move_stores_the_deadlines_and_tells_those_in_the_stage(session: Session) -> None:
    batch, elsewhere = make.batch(), make.batch()
    waiting, other = (
        held(ApplicationState.CHECKED, batch),
        held(ApplicationState.CHECKED, elsewhere),
    )
    draft = held(ApplicationState.DRAFT, batch)
    clerk = make.position(Role.UNIT, unit=waiting.unit)
    office = make.position(Role.OFFICE, committee=batch.committee)
    make.position(Role.UNIT, unit=other.unit)
    make.extension(batch, stage=Stage.UNIT, until=make.in_days(80))

    move(batch, unit_end=make.in_days(75))

    assert waiting.due_at == clock.end_of_day(make.in_days(80))
    assert draft.due_at == clock.end_of_day(batch.apply_end)
    assert other.due_at is None
    rows = session.scalars(select(Outbox).filter_by(template="deadline.moved")).all()
    assert {row.user_id for row in rows} == {clerk.user_id, office.user_id}
    assert len(rows) == 2
    assert f"{make.in_days(75)}" in rows[0].payload["lines"]


def test_deadlines_of_many_are_stored_by_as_many_statements_as_one(session: Session) -> None:
    batch, sent = make.batch(), []
    for count in (1, 6):
        for _one in range(count):
            held(ApplicationState.CHECKED, batch)
        session.flush()
        make.extension(batch, stage=Stage.UNIT, until=make.in_days(70 + count))
        with statements() as said:
            deadline_changes.refresh(session, Application.batch_id == batch.id)
        sent.append(len(said))

    assert sent[0] == sent[1]
