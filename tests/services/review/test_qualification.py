"""The qualification check of a committee's office and its one supplement."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import engine
from app.engine import Refused
from app.enums import ApplicationState, CorrectionState, Level, Role
from app.ground import clock
from app.ground.actor import SYSTEM, Actor
from app.models import Application, Committee, CommitteeSpecialty, Correction
from app.services.registers import working_days
from app.services.review import qualification
from tests.support import factories as f
from tests.support.acting import fire

REASON = "学历证书扫描件不清楚，请重新上传"
ITEMS = [{"section": "education", "text": REASON}]

pytestmark = pytest.mark.usefixtures("calendar")


@pytest.fixture
def calendar(app: Any) -> None:
    f.work_days()


@pytest.fixture
def case(app: Any) -> Application:
    return f.application(ApplicationState.AT_OFFICE)


@pytest.fixture
def office(case: Application) -> Actor:
    return f.actor(Role.OFFICE, committee=case.committee)


def ask(record: Application, actor: Actor, **details: Any) -> Any:
    return fire(record, "ask_correction", actor, opinion=REASON, details={"items": ITEMS} | details)


def correction_of(case: Application, session: Any) -> Correction:
    return session.scalars(select(Correction).filter_by(application_id=case.id)).one()


def test_pass_moves_to_qualified(case: Application, office: Actor) -> None:
    fire(case, "office_pass", office)

    assert case.state is ApplicationState.QUALIFIED


def test_office_of_another_committee_is_refused(case: Application) -> None:
    stranger = f.actor(Role.OFFICE, committee=f.committee())

    with pytest.raises(Refused, match="another committee"):
        fire(case, "office_pass", stranger)

    assert case.state is ApplicationState.AT_OFFICE


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"series_code": "01"}, "another series"),
        ({"level": Level.MIDDLE}, "judges up to"),
        ({"valid_to": f.in_days(-1)}, "approved again"),
        ({"valid_from": f.in_days(1)}, "approved again"),
        ({"is_active": False}, "switched off"),
    ],
)
def test_pass_outside_the_scope_is_refused(
    case: Application, office: Actor, changes: dict[str, Any], sentence: str
) -> None:
    f.series("01")
    for name, value in changes.items():
        setattr(case.committee, name, value)

    with pytest.raises(Refused, match=sentence):
        fire(case, "office_pass", office)


def test_pass_on_the_last_day_of_the_committee_is_allowed(case: Application, office: Actor) -> None:
    case.committee.valid_to = f.today()

    fire(case, "office_pass", office)

    assert case.state is ApplicationState.QUALIFIED


def test_committee_formed_by_specialty_judges_only_its_own(
    case: Application, office: Actor, session: Any
) -> None:
    committee: Committee = case.committee
    committee.is_by_specialty = True
    assert engine.why_not(case, "office_pass", actor=office, at=clock.now()) is None

    session.query(CommitteeSpecialty).filter_by(committee_id=committee.id).delete()

    why = engine.why_not(case, "office_pass", actor=office, at=clock.now())
    assert why is not None
    assert "formed by specialty" in why


def test_pass_after_the_office_window_is_refused(case: Application, office: Actor) -> None:
    move_batch_to_the_past(case)

    with pytest.raises(Refused, match="extension"):
        fire(case, "office_pass", office)


def test_pass_of_a_supplement_is_open_after_the_office_window(
    office: Actor, case: Application
) -> None:
    later, missed = (
        f.application(ApplicationState.CORRECTED, batch=case.batch) for _count in range(2)
    )
    for one, days in ((later, 3), (missed, 11)):
        f.add(
            Correction(
                application_id=one.id, items=[], deadline=f.in_days(-days), asked_at=clock.now()
            )
        )
    move_batch_to_the_past(case)

    with pytest.raises(Refused, match=f"{f.in_days(-1)}"):
        fire(missed, "office_pass", office)
    fire(later, "office_pass", office)

    assert later.state is ApplicationState.QUALIFIED


def move_batch_to_the_past(case: Application) -> None:
    batch = case.batch
    for name in (
        "apply_start",
        "apply_end",
        "resubmit_end",
        "unit_end",
        "superior_end",
        "office_end",
        "material_cutoff",
    ):
        setattr(batch, name, getattr(batch, name) - timedelta(days=200))


def test_refusal_without_reason_is_refused(case: Application, office: Actor) -> None:
    with pytest.raises(Refused):
        fire(case, "office_refuse", office, opinion="不同意")

    assert case.state is ApplicationState.AT_OFFICE


def test_refusal_ends_the_application_for_this_year(case: Application, office: Actor) -> None:
    fire(case, "office_refuse", office, opinion=REASON)

    assert case.state is ApplicationState.ENDED


def test_supplement_is_due_after_the_working_days_of_the_setting(
    case: Application, office: Actor, session: Any
) -> None:
    ask(case, office)

    correction = correction_of(case, session)
    assert case.state is ApplicationState.IN_CORRECTION
    assert correction.deadline == working_days.add_working_days(f.today(), 5)
    assert correction.state is CorrectionState.OPEN
    assert correction.items == ITEMS
    assert case.due_at == clock.end_of_day(correction.deadline)
    assert case.returned_sections == {"education": REASON}


def test_supplement_may_be_due_later(case: Application, office: Actor, session: Any) -> None:
    ask(case, office, deadline=f.in_days(40))

    assert correction_of(case, session).deadline == f.in_days(40)


@pytest.mark.parametrize("days", [-1, 0, 3, 91, 4000])
def test_supplement_with_an_unfit_deadline_is_refused(
    case: Application, office: Actor, days: int
) -> None:
    with pytest.raises(Refused, match="must be due between") as refusal:
        ask(case, office, deadline=f.in_days(days))

    assert refusal.value.field == "deadline"


@pytest.mark.parametrize(
    "items",
    [
        None,
        [],
        [{"section": "", "text": "  "}],
        [{"section": "education", "text": ""}],
        [{"section": "education", "text": "无"}],
        [*ITEMS, {"section": "", "text": "？？？"}],
    ],
)
def test_supplement_without_a_real_item_is_refused(
    case: Application, office: Actor, items: Any
) -> None:
    with pytest.raises(Refused) as refusal:
        ask(case, office, items=items)

    assert refusal.value.field == "items"


def test_second_supplement_is_refused(case: Application, office: Actor) -> None:
    ask(case, office)
    again = f.application(ApplicationState.AT_OFFICE, batch=case.batch)
    f.add(
        Correction(
            application_id=again.id, items=ITEMS, deadline=f.in_days(5), asked_at=clock.now()
        )
    )

    with pytest.raises(Refused, match="there is only one"):
        ask(again, office)


def test_supplement_closes_when_handed_in(case: Application, office: Actor, session: Any) -> None:
    ask(case, office)
    act = engine.Act(case, "answer_correction", office, clock.now())

    qualification.close_correction(act)

    assert correction_of(case, session).state is CorrectionState.ANSWERED
    assert case.returned_sections == {}


def test_supplement_can_be_handed_in_until_midnight_of_its_day(
    case: Application, office: Actor, session: Any
) -> None:
    ask(case, office)
    day: date = correction_of(case, session).deadline
    in_time = engine.Act(case, "answer_correction", office, clock.end_of_day(day))
    too_late = engine.Act(
        case, "answer_correction", office, clock.start_of_day(day + timedelta(days=1))
    )

    assert qualification.is_in_correction_time(in_time) is None
    assert str(day) in str(qualification.is_in_correction_time(too_late))
    assert qualification.is_past_deadline(in_time) is not None
    assert qualification.is_past_deadline(too_late) is None


def test_supplement_never_asked_for_cannot_be_handed_in(case: Application, office: Actor) -> None:
    act = engine.Act(case, "answer_correction", office, clock.now())

    assert qualification.is_in_correction_time(act) is not None
    assert qualification.is_past_deadline(act) is not None


def test_missed_supplement_lapses_by_the_clock(
    case: Application, office: Actor, session: Any
) -> None:
    ask(case, office)
    after = clock.end_of_day(correction_of(case, session).deadline) + timedelta(seconds=1)

    engine.fire(case, "lapse", actor=SYSTEM, at=after)

    assert case.state is ApplicationState.LAPSED
    assert correction_of(case, session).state is CorrectionState.MISSED
