"""Closed units: nothing goes into them or on at them; their cases are handed on to another unit."""

from typing import Any

import pytest

from app.engine import Refused
from app.enums import ApplicationState, Level, Role, RouteState
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Outbox, RouteNode, TransitionLog, Unit
from app.services.registers import committee_validity
from app.services.review import handovers, route_tree
from tests.support import factories
from tests.support.acting import fire, why_not
from tests.support.signing import signed_in

pytestmark = pytest.mark.usefixtures("app")
WHY = "该单位已撤并，职责由新单位承担（湘编办〔2026〕3号）"


def authority(region_code: str = "430100") -> Actor:
    return factories.actor(
        Role.HRSS, unit=factories.unit(kind="authority", region_code=region_code)
    )


def staffed(role: Role, **values: Any) -> Unit:
    """Make a unit with somebody in `role`."""
    unit = factories.unit(**values)
    factories.position(role, unit=unit)
    return unit


def closed(unit: Unit) -> Unit:
    unit.is_active = False
    db.session.flush()
    return unit


def hand_on(case: Application, actor: Actor, unit: Unit | int) -> None:
    key = unit if isinstance(unit, int) else unit.id
    fire(case, "hand_on", actor, opinion=WHY, details={"unit_id": key})


# submission and confirmation


@pytest.mark.parametrize("which", [0, 1, 2])
def test_no_way_leads_through_a_closed_unit(which: int) -> None:
    committee = factories.committee()
    units = [factories.unit() for _ in range(3)]
    for unit, superior in zip(units, [*units[1:], None], strict=True):
        factories.route(committee, unit, superior)
    closed(units[which])

    with pytest.raises(Refused, match=units[which].name):
        route_tree.route_for(units[0].id, committee.id, Level.ASSOCIATE)


def test_closed_unit_that_the_level_skips_stops_nothing() -> None:
    committee = factories.committee()
    school, county, city = (factories.unit() for _ in range(3))
    factories.route(committee, school, county)
    factories.route(committee, county, city, levels="345")
    factories.route(committee, city)
    closed(county)

    assert route_tree.route_for(school.id, committee.id, Level.SENIOR) == [city.id]


@pytest.mark.parametrize("which", ["unit", "superior"])
def test_place_with_a_closed_unit_is_neither_made_nor_confirmed(which: str) -> None:
    committee = factories.committee()
    unit, superior = factories.unit(), factories.unit()
    place = factories.route(committee, unit, superior, state=RouteState.PENDING)
    closed({"unit": unit, "superior": superior}[which])

    with pytest.raises(Refused, match="closed"):
        fire(place, "confirm", factories.actor(Role.UNIT, unit=unit))
    office = factories.actor(Role.OFFICE, committee=factories.committee(unit=committee.unit))
    new = RouteNode(
        committee_id=office.committee_ids[0],
        unit_id=unit.id,
        superior_id=superior.id,
        levels="12345",
    )
    with pytest.raises(Refused, match="closed"):
        fire(new, "place", office)


def test_committee_of_a_closed_organiser_does_nothing() -> None:
    committee = factories.committee()
    closed(committee.unit)

    why = committee_validity.validity_refusal(committee, factories.today())

    assert committee.unit.name in str(why)


# acts


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (ApplicationState.AT_UNIT, "check_pass"),
        (ApplicationState.AT_UNIT, "check_return"),
        (ApplicationState.CHECKED, "publish"),
        (ApplicationState.NOTICE_OVER, "report"),
    ],
)
def test_closed_unit_takes_no_step(state: ApplicationState, event: str) -> None:
    case = factories.application(state)
    clerk = factories.actor(Role.UNIT, unit=case.unit)
    closed(case.unit)

    assert "closed in the register" in str(why_not(case, event, clerk))


@pytest.mark.parametrize("event", ["superior_pass", "superior_return", "superior_end"])
def test_closed_superior_takes_no_step(event: str) -> None:
    superior = factories.unit()
    case = factories.application(ApplicationState.AT_SUPERIOR, superiors=(superior,))
    clerk = factories.actor(Role.SUPERIOR, unit=superior)
    closed(superior)

    assert "closed in the register" in str(why_not(case, event, clerk))


def test_case_is_not_passed_to_a_closed_unit() -> None:
    first, second = factories.unit(), factories.unit()
    case = factories.application(ApplicationState.AT_SUPERIOR, superiors=(first, second))
    closed(second)

    assert second.name in str(
        why_not(case, "superior_pass", factories.actor(Role.SUPERIOR, unit=first))
    )


# handing on


@pytest.mark.parametrize("state", list(handovers.AT_OWN_UNIT))
def test_case_of_a_closed_unit_goes_to_its_successor(state: ApplicationState) -> None:
    case = factories.application(state)
    before, successor = closed(case.unit), staffed(Role.UNIT)

    hand_on(case, authority(), successor)

    assert (case.state, case.unit_id) == (state, successor.id)
    assert case.holder_id in (successor.id, None)
    log = db.session.query(TransitionLog).filter_by(event="hand_on", subject_id=case.id).one()
    assert (log.details["handed_from"], log.details["handed_to"]) == (before.name, successor.name)
    assert log.opinion == WHY
    told = db.session.query(Outbox).filter_by(template="case.handed_on").one()
    assert told.payload["number"] == case.number


def test_successor_goes_on_where_the_closed_unit_stood() -> None:
    case = factories.application(ApplicationState.AT_UNIT)
    closed(case.unit)
    successor = staffed(Role.UNIT)

    hand_on(case, authority(), successor)

    assert why_not(case, "check_pass", factories.actor(Role.UNIT, unit=successor)) is None


def test_step_of_a_closed_superior_goes_to_its_successor() -> None:
    first, second = factories.unit(), factories.unit()
    case = factories.application(ApplicationState.AT_SUPERIOR, superiors=(first, second))
    closed(first)
    successor = staffed(Role.SUPERIOR)

    hand_on(case, authority(), successor)

    assert case.holder_id == successor.id
    assert [step.unit_id for step in case.route] == [successor.id, second.id]
    actor = factories.actor(Role.SUPERIOR, unit=successor)
    fire(case, "superior_pass", actor)
    assert case.holder_id == second.id


def test_successor_later_on_the_way_takes_the_case_at_once() -> None:
    first, second = factories.unit(), staffed(Role.SUPERIOR)
    third = factories.unit()
    case = factories.application(ApplicationState.AT_SUPERIOR, superiors=(first, second, third))
    closed(first)

    hand_on(case, authority(), second)

    assert case.holder_id == second.id
    assert [(step.position, step.unit_id) for step in case.route] == [(1, second.id), (2, third.id)]


def test_closed_unit_ahead_is_replaced_before_the_case_comes() -> None:
    first, second = factories.unit(), factories.unit()
    case = factories.application(ApplicationState.AT_SUPERIOR, superiors=(first, second))
    closed(second)
    successor = staffed(Role.SUPERIOR)

    hand_on(case, authority(), successor)

    assert case.holder_id == first.id
    fire(case, "superior_pass", factories.actor(Role.SUPERIOR, unit=first))
    assert case.holder_id == successor.id


def test_unit_above_the_closed_one_hands_on() -> None:
    above = factories.unit()
    unit = factories.unit(parent=above)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit)
    closed(unit)

    hand_on(case, factories.actor(Role.SUPERIOR, unit=above), staffed(Role.UNIT))

    assert case.unit_id != unit.id


@pytest.mark.parametrize("who", ["stranger", "other region", "nobody above"])
def test_nobody_else_hands_on(who: str) -> None:
    case = factories.application(ApplicationState.AT_UNIT)
    closed(case.unit)
    actor = {
        "stranger": lambda: factories.actor(Role.UNIT),
        "other region": lambda: authority("430700"),
        "nobody above": lambda: factories.actor(Role.SUPERIOR),
    }[who]()

    with pytest.raises(Refused):
        hand_on(case, actor, staffed(Role.UNIT))

    assert not case.unit.is_active


@pytest.mark.parametrize("wrong", ["closed", "empty", "unknown", "none"])
def test_impossible_successor_is_refused_at_its_field(wrong: str) -> None:
    case = factories.application(ApplicationState.AT_UNIT)
    closed(case.unit)
    unit: Unit | int = {
        "closed": lambda: closed(staffed(Role.UNIT)),
        "empty": factories.unit,
        "unknown": lambda: 999_999,
        "none": lambda: 0,
    }[wrong]()

    with pytest.raises(Refused) as caught:
        hand_on(case, authority(), unit)

    assert caught.value.field == "unit_id"


def test_case_of_an_active_unit_stays() -> None:
    case = factories.application(ApplicationState.AT_UNIT)

    with pytest.raises(Refused, match="usual way"):
        hand_on(case, authority(), staffed(Role.UNIT))


# the list


def test_stopped_cases_are_listed_and_handed_on_in_the_page(app: Any, client: Any) -> None:
    clerk = factories.position(
        Role.HRSS, unit=factories.unit(kind="authority", region_code="430100")
    )
    held = factories.application(ApplicationState.AT_UNIT)
    coming = factories.application(ApplicationState.AT_SUPERIOR, superiors=(
        factories.unit(), factories.unit(),
    ))  # fmt: skip
    usual = factories.application(ApplicationState.AT_UNIT)
    later = factories.application(ApplicationState.AT_OFFICE)
    closed(held.unit)
    closed(coming.route[1].unit)
    closed(later.unit)
    successor = staffed(Role.UNIT)
    signed_in(client, clerk)

    page = client.get("/g/1.1.4/closed/")
    answer = client.post(
        "/g/1.1.4/closed/act/hand_on",
        data={"row": f"{held.id}:{held.version}", "unit_id": str(successor.id), "opinion": WHY},
    )

    assert held.number in page.text
    assert coming.number in page.text
    assert usual.number not in page.text
    assert later.number not in page.text
    assert answer.status_code == 303
    assert held.unit_id == successor.id
    assert held.number not in client.get("/g/1.1.4/closed/").text
