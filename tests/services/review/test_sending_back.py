"""A case that goes back to an earlier station of its route: where to, who is told, and what is refused."""

from typing import Any

import pytest
from flask import Flask

from app import engine, scopes
from app.engine import Refused
from app.enums import ApplicationState, ObjectionState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Batch, Outbox, TransitionLog, Unit
from app.services.review import sending_back
from tests.support import factories as f

WHY = "公示证明未盖章，请重新上传后再报"


@pytest.fixture
def batch(app: Flask) -> Batch:
    f.work_days()
    return f.batch()


@pytest.fixture
def units(app: Flask) -> tuple[Unit, Unit, Unit]:
    """The unit of the applicant, and the two above it on the way up."""
    return f.unit("县一中"), f.unit("县教育局"), f.unit("市教育局")


@pytest.fixture
def office(batch: Batch) -> Actor:
    return f.actor(Role.OFFICE, committee=batch.committee)


def at_office(batch: Batch, units: tuple[Unit, ...], **values: Any) -> Application:
    made: Application = f.application(
        values.pop("state", ApplicationState.AT_OFFICE),
        batch=batch,
        unit=units[0],
        superiors=units[1:],
        **values,
    )
    return made


def back(case: Application, actor: Actor, station: str, opinion: str = WHY) -> TransitionLog:
    event = f"{actor.role.value}_send_back"
    return engine.fire(
        case,
        event,
        actor=actor,
        at=clock.now(),
        opinion=opinion,
        details={"station": station, "leader": f.LEADER},
    )


def test_stations_passed_are_offered_by_name(batch: Batch, units: tuple[Unit, ...]) -> None:
    case = at_office(batch, units)
    half_way = at_office(batch, units, state=ApplicationState.AT_SUPERIOR, route_position=2)

    assert [one.key for one in sending_back.passed_by(case)] == [
        "check", "report", "step-1", "step-2",
    ]  # fmt: skip
    assert [one.key for one in sending_back.passed_by(half_way)] == ["check", "report", "step-1"]
    assert "县教育局" in sending_back.name_of(case, "step-1")


@pytest.mark.parametrize(
    ("station", "state", "place"),
    [
        ("check", ApplicationState.AT_UNIT, 0),
        ("report", ApplicationState.NOTICE_OVER, 0),
        ("step-1", ApplicationState.AT_SUPERIOR, 1),
        ("step-2", ApplicationState.AT_SUPERIOR, 2),
    ],
)
def test_office_sends_a_case_back_to_each_station(
    batch: Batch, units: tuple[Unit, ...], office: Actor, station: str,
    state: ApplicationState, place: int,
) -> None:  # fmt: skip
    case = at_office(batch, units)
    role = Role.SUPERIOR if place else Role.UNIT
    told = f.position(role, unit=units[place])
    db.session.query(Outbox).delete()

    log = back(case, office, station)
    db.session.refresh(case)

    assert (case.state, case.holder_id, case.route_position) == (state, units[place].id, place)
    assert case.due_at is not None
    assert log.details["sent_back_to"] == sending_back.name_of(case, station)
    assert [step.passed_at is None for step in case.route] == [
        step.position >= place for step in case.route
    ]
    messages = db.session.query(Outbox).filter_by(user_id=told.user_id).all()
    assert [one.template for one in messages] == ["case.sent_back"]
    assert messages[0].payload["opinion"] == WHY


def test_case_sent_back_waits_in_the_menu_of_its_receiver_and_goes_up_again(
    batch: Batch, units: tuple[Unit, ...], office: Actor
) -> None:
    case = at_office(batch, units)
    first, second = (f.actor(Role.SUPERIOR, unit=unit) for unit in units[1:])
    back(case, office, "step-1")

    waits = db.session.query(Application.id).filter(scopes.held_by_my_node(first)).all()
    assert [key for (key,) in waits] == [case.id]
    for actor in (first, second):
        engine.fire(
            case, "superior_pass", actor=actor, at=clock.now(), details={"leader": f.LEADER}
        )
    db.session.refresh(case)
    assert (case.state, case.holder_id) == (
        ApplicationState.AT_OFFICE, batch.committee.unit_id,
    )  # fmt: skip


def test_superior_sends_back_to_its_unit_and_to_the_one_below(
    batch: Batch, units: tuple[Unit, ...]
) -> None:
    second = f.actor(Role.SUPERIOR, unit=units[2])
    cases = [
        at_office(batch, units, state=ApplicationState.AT_SUPERIOR, route_position=2)
        for _ in range(2)
    ]

    back(cases[0], second, "step-1")
    back(cases[1], second, "report")

    assert [case.state for case in cases] == [
        ApplicationState.AT_SUPERIOR, ApplicationState.NOTICE_OVER,
    ]  # fmt: skip
    assert [case.holder_id for case in cases] == [units[1].id, units[0].id]


@pytest.mark.parametrize("station", ["", "step-2", "step-9", "office", "step-x"])
def test_station_not_passed_is_refused_at_its_field(
    batch: Batch, units: tuple[Unit, ...], station: str
) -> None:
    case = at_office(batch, units, state=ApplicationState.AT_SUPERIOR, route_position=2)
    second = f.actor(Role.SUPERIOR, unit=units[2])

    with pytest.raises(Refused, match="only those it has passed") as refused:
        back(case, second, station)
    assert refused.value.field == "station"
    assert case.state is ApplicationState.AT_SUPERIOR


@pytest.mark.parametrize("opinion", ["", "无", "……"])
def test_reason_is_required(
    batch: Batch, units: tuple[Unit, ...], office: Actor, opinion: str
) -> None:
    case = at_office(batch, units)

    with pytest.raises(Refused) as refused:
        back(case, office, "check", opinion)
    assert refused.value.field == "opinion"


def test_station_whose_time_is_over_is_refused(
    batch: Batch, units: tuple[Unit, ...], office: Actor
) -> None:
    late = f.batch(
        committee=batch.committee, review_year=batch.review_year - 1, apply_start=f.in_days(-90),
        apply_end=f.in_days(-60), resubmit_end=f.in_days(-50), unit_end=f.in_days(-1),
        material_cutoff=f.in_days(-60),
    )  # fmt: skip
    case = at_office(late, units)

    with pytest.raises(Refused, match="would leave no time") as refused:
        back(case, office, "report")
    assert refused.value.field == "station"
    back(case, office, "step-2")


def test_closed_unit_is_not_offered(batch: Batch, units: tuple[Unit, ...], office: Actor) -> None:
    case = at_office(batch, units)
    units[1].is_active = False
    db.session.flush()

    assert "step-1" not in [one.key for one in sending_back.passed_by(case)]
    with pytest.raises(Refused):
        back(case, office, "step-1")


def test_open_objection_is_settled_first(
    batch: Batch, units: tuple[Unit, ...], office: Actor
) -> None:
    case = at_office(batch, units)
    f.objection(f.notice([case], unit=units[0]), case, state=ObjectionState.OPEN)

    with pytest.raises(Refused):
        back(case, office, "check")
    assert case.state is ApplicationState.AT_OFFICE


def test_only_the_holder_sends_back(batch: Batch, units: tuple[Unit, ...]) -> None:
    case = at_office(batch, units, state=ApplicationState.AT_SUPERIOR, route_position=2)
    other_office = f.actor(Role.OFFICE, committee=f.committee())

    with pytest.raises(Refused):
        back(case, f.actor(Role.SUPERIOR, unit=units[1]), "check")
    with pytest.raises(Refused):
        back(at_office(batch, units), other_office, "check")


def test_applicant_is_told_that_nothing_is_asked(
    batch: Batch, units: tuple[Unit, ...], office: Actor
) -> None:
    person, position = f.applicant(unit=units[0])
    case = at_office(batch, units, person=person)

    back(case, office, "report")

    templates = db.session.query(Outbox.template).filter_by(user_id=position.user_id).all()
    assert [one for (one,) in templates] == ["application.office_send_back"]
