"""Who has an application in hand, since when, until when."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.engine import Refused, fire
from app.enums import ApplicationState, Level, Role, UnitKind
from app.ground import clock
from app.models import Correction
from app.services.review import custody
from tests.support import factories
from tests.support.acting import act_on
from tests.support.pressing import EACH_CHECKED

pytestmark = pytest.mark.usefixtures("app")


def test_by_unit_holds_until_the_end_of_the_units_last_day() -> None:
    record = factories.application(ApplicationState.AT_UNIT)
    act = act_on(record)

    custody.give_to_unit(act)

    assert record.holder_id == record.unit_id
    assert record.held_since == act.at
    assert record.due_at == clock.end_of_day(record.batch.unit_end)


@pytest.mark.parametrize(
    ("state", "deadline"),
    [(ApplicationState.DRAFT, "apply_end"), (ApplicationState.RETURNED, "resubmit_end")],
)
def test_by_applicant_holds_until_the_day_of_the_state(
    state: ApplicationState, deadline: str
) -> None:
    record = factories.application(state)

    custody.give_to_applicant(act_on(record))

    assert record.holder_id is None
    assert record.due_at == clock.end_of_day(getattr(record.batch, deadline))


def test_by_applicant_holds_a_supplement_until_its_deadline() -> None:
    record = factories.application(ApplicationState.IN_CORRECTION)
    deadline = factories.in_days(5)
    factories.add(
        Correction(application_id=record.id, items=["x"], deadline=deadline, asked_at=clock.now())
    )

    custody.give_to_applicant(act_on(record))

    assert record.due_at == clock.end_of_day(deadline)


def test_by_office_notes_the_first_arrival_once() -> None:
    record = factories.application(ApplicationState.AT_OFFICE, office_at=None)
    first = act_on(record)

    custody.give_to_office(first)
    custody.give_to_office(act_on(record, at=first.at + timedelta(days=3)))

    assert record.holder_id == record.committee.unit_id
    assert record.office_at == first.at
    assert record.due_at == clock.end_of_day(record.batch.office_end)


def test_by_office_sets_no_deadline_once_the_check_is_done() -> None:
    record = factories.application(ApplicationState.QUALIFIED)

    custody.give_to_office(act_on(record))

    assert record.due_at is None


def test_by_authority_finds_the_authority_of_the_region_or_above_it() -> None:
    province = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    factories.position(Role.HRSS, unit=province)
    committee = factories.committee(region_code="430700", level=Level.MIDDLE)
    record = factories.application(
        ApplicationState.IN_FILING, batch=factories.batch(committee=committee)
    )

    custody.give_to_authority(act_on(record))
    above = record.holder_id
    city = factories.unit(kind=UnitKind.AUTHORITY, region_code="430700")
    factories.position(Role.HRSS, unit=city)
    custody.give_to_authority(act_on(record))

    assert (above, record.holder_id) == (province.id, city.id)


def test_by_authority_leaves_the_holder_empty_where_no_authority_works() -> None:
    record = factories.application(ApplicationState.IN_FILING)

    custody.give_to_authority(act_on(record))

    assert record.holder_id is None
    assert record.held_since is not None


def test_by_nobody_empties_everything() -> None:
    record = factories.application(ApplicationState.AT_UNIT)

    custody.give_to_nobody(act_on(record))

    assert (record.holder_id, record.held_since, record.due_at) == (None, None, None)
    assert custody.holder_name(act_on(record)) == "nobody"


def test_note_return_keeps_reasons_and_opens_the_material() -> None:
    record = factories.application(ApplicationState.NOTICE_OVER)
    act = act_on(
        record,
        opinion="年度考核缺一年",
        details={"sections": {"papers": "缺刊号", "work": " "}},
    )

    custody.note_return(act)

    assert record.returned_sections == {"papers": "缺刊号", "": "年度考核缺一年"}
    assert record.frozen_at is None
    assert act.notes["sections"] == record.returned_sections


def test_note_return_gives_listed_sections_the_opinion() -> None:
    record = factories.application(ApplicationState.AT_UNIT)

    custody.note_return(act_on(record, opinion="缺页", details={"sections": ["papers"]}))

    assert record.returned_sections == {"papers": "缺页", "": "缺页"}


def test_clear_return_forgets_the_reasons() -> None:
    record = factories.application(ApplicationState.AT_UNIT, returned_sections={"": "缺页"})

    custody.clear_return(act_on(record))

    assert record.returned_sections == {}


def test_is_holder_names_who_has_the_application() -> None:
    unit = factories.unit("长沙一厂")
    record = factories.application(ApplicationState.AT_UNIT, unit=unit)

    why = custody.is_holder(act_on(record))

    assert why is not None
    assert "长沙一厂" in why
    assert custody.is_holder(act_on(record, actor=factories.actor(Role.UNIT, unit=unit))) is None


def test_is_holder_refuses_an_actor_without_a_unit_on_the_applicants_own() -> None:
    record = factories.application(ApplicationState.RETURNED)

    why = custody.is_holder(act_on(record, actor=factories.actor(Role.JUDGE)))

    assert why is not None
    assert "the applicant" in why


def test_first_check_refuses_the_applicants_own_clerk_position() -> None:
    unit = factories.unit()
    person = factories.person(unit=unit)
    clerk = factories.actor(Role.UNIT, unit=unit, person=person)
    record = factories.application(ApplicationState.AT_UNIT, person=person)

    with pytest.raises(Refused, match="your own"):
        fire(record, "check_pass", actor=clerk, at=clock.now())

    assert record.state is ApplicationState.AT_UNIT


def test_first_check_passes_returns_and_ends(session: Session) -> None:
    unit = factories.unit()
    clerk = factories.actor(Role.UNIT, unit=unit)
    passed, returned, ended = (
        factories.application(ApplicationState.AT_UNIT, unit=unit) for _ in range(3)
    )

    fire(passed, "check_pass", actor=clerk, at=clock.now(), details=EACH_CHECKED)
    back = {"sections": {"papers": "缺首页"}}
    why = "论文缺首页，请补充"
    fire(returned, "check_return", actor=clerk, at=clock.now(), opinion=why, details=back)
    fire(ended, "check_end", actor=clerk, at=clock.now(), opinion="不在职，不符合条件")

    assert [one.state for one in (passed, returned, ended)] == [
        ApplicationState.CHECKED,
        ApplicationState.RETURNED,
        ApplicationState.ENDED,
    ]
    assert [one.holder_id for one in (passed, returned, ended)] == [unit.id, None, None]
    assert ended.held_since is None


@pytest.mark.parametrize("opinion", ["", "  ", "无", "。。。", "aaaa"])
def test_return_needs_a_reason_that_says_something(opinion: str) -> None:
    unit = factories.unit()
    record = factories.application(ApplicationState.AT_UNIT, unit=unit)
    clerk = factories.actor(Role.UNIT, unit=unit)

    with pytest.raises(Refused):
        fire(record, "check_return", actor=clerk, at=clock.now(), opinion=opinion)

    assert record.state is ApplicationState.AT_UNIT
