"""The way up the review tree: confirmed, without circles, kept as it was at submission."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.engine import Refused, fire, fire_all
from app.enums import ApplicationState, Level, QuotaKind, QuotaState, Role, RouteState, UnitKind
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Attachment, Committee, RouteNode, Unit
from app.services.files import attached_files
from app.services.registers import deadlines
from app.services.review import route_tree, routing
from tests.support import factories
from tests.support.acting import act_on

pytestmark = pytest.mark.usefixtures("app")

RECOMMENDED = {"recommendation": "工作业绩突出，同意推荐"}


def chain(committee: Committee, *units: Unit, **values: object) -> list[RouteNode]:
    """Place `units`, each below the next one, the last straight below the committee."""
    return [
        factories.route(committee, unit, superior, **values)
        for unit, superior in zip(units, [*units[1:], None], strict=True)
    ]


def reported(
    *superiors: Unit, unit: Unit | None = None, **values: object
) -> tuple[Application, Actor]:
    """Return an application ready to be reported, with its proof, and the clerk who may."""
    where = unit or factories.unit()
    record = factories.application(
        ApplicationState.NOTICE_OVER, unit=where, superiors=superiors, **values
    )
    factories.work_days()
    factories.notice([record], starts_on=factories.in_days(-9), ends_on=factories.in_days(-2))
    record.submitted_at = clock.now() - timedelta(days=20)
    factories.attachment(record, routing.PROOF)
    return record, factories.actor(Role.UNIT, unit=where)


# the tree


def test_route_for_climbs_to_the_committee() -> None:
    committee = factories.committee()
    school, county, city = (factories.unit() for _ in range(3))
    chain(committee, school, county, city)

    assert route_tree.route_for(school.id, committee.id, Level.ASSOCIATE) == [county.id, city.id]
    assert route_tree.route_for(city.id, committee.id, Level.ASSOCIATE) == []


def test_route_for_skips_units_that_do_not_take_the_level() -> None:
    committee = factories.committee()
    school, county, city = (factories.unit() for _ in range(3))
    nodes = chain(committee, school, county, city)
    nodes[2].levels = "12"

    assert route_tree.route_for(school.id, committee.id, Level.MIDDLE) == [county.id]
    assert route_tree.route_for(school.id, committee.id, Level.SENIOR) == [county.id, city.id]


def test_route_for_names_the_unit_without_a_place() -> None:
    committee = factories.committee()
    school, county = factories.unit("长沙一中"), factories.unit("岳麓区教育局")
    factories.route(committee, school, county)

    with pytest.raises(Refused, match="岳麓区教育局"):
        route_tree.route_for(school.id, committee.id, Level.ASSOCIATE)
    with pytest.raises(Refused, match="no place"):
        route_tree.route_for(county.id, committee.id, Level.ASSOCIATE)


@pytest.mark.parametrize(
    ("state", "words"), [(RouteState.PENDING, "1.6.2"), (RouteState.DISPUTED, "disputes")]
)
def test_route_for_names_the_unit_that_has_not_confirmed(state: RouteState, words: str) -> None:
    committee = factories.committee()
    school, county = factories.unit("长沙一中"), factories.unit("岳麓区教育局")
    nodes = chain(committee, school, county)
    nodes[1].state = state

    with pytest.raises(Refused, match=f"岳麓区教育局.*{words}"):
        route_tree.route_for(school.id, committee.id, Level.ASSOCIATE)


def test_route_for_refuses_a_circle() -> None:
    committee = factories.committee()
    one, two = factories.unit("甲"), factories.unit("乙")
    factories.route(committee, one, two)
    factories.route(committee, two, one)

    with pytest.raises(Refused, match="circle"):
        route_tree.route_for(one.id, committee.id, Level.ASSOCIATE)


def test_route_for_looks_at_one_committees_tree_only() -> None:
    committee, other = factories.committee(), factories.committee()
    school, county = factories.unit(), factories.unit()
    chain(committee, school)
    chain(other, school, county)

    assert route_tree.route_for(school.id, committee.id, Level.ASSOCIATE) == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=6, max_size=6))
def test_route_for_ends_in_every_tree(session: Session, superiors: list[int | None]) -> None:
    committee = factories.committee()
    units = [factories.unit() for _ in superiors]
    for place, superior in enumerate(superiors):
        if superior != place:
            factories.route(committee, units[place], None if superior is None else units[superior])

    expected = _expected(superiors)

    for place, unit in enumerate(units):
        try:
            found = route_tree.route_for(unit.id, committee.id, Level.ASSOCIATE)
        except Refused:
            found = None
        wanted = expected[place]
        assert found == (None if wanted is None else [units[i].id for i in wanted])


def _expected(superiors: list[int | None]) -> list[list[int] | None]:
    """The same by hand: None where the way meets itself or a unit without a place."""
    ways: list[list[int] | None] = []
    for start in range(len(superiors)):
        way, at = [start], start
        while (above := superiors[at]) is not None and above not in way:
            way.append(above)
            at = above
        ways.append(way[1:] if superiors[at] is None else None)
    return ways


# keeping the tree


@pytest.fixture
def office() -> Actor:
    return factories.actor(Role.OFFICE, committee=factories.committee())


def place(office: Actor, unit: Unit, superior: Unit | None = None) -> RouteNode:
    node = RouteNode(
        committee_id=office.committee_ids[0],
        unit_id=unit.id,
        superior_id=superior.id if superior else None,
        levels="12345",
    )
    fire(node, "place", actor=office, at=clock.now())
    return node


def test_place_waits_for_the_units_confirmation(office: Actor) -> None:
    unit = factories.unit()
    clerk = factories.actor(Role.UNIT, unit=unit)

    node = place(office, unit)
    assert node.state is RouteState.PENDING
    fire(node, "confirm", actor=clerk, at=clock.now())

    assert node.state is RouteState.CONFIRMED
    assert node.settled_at is not None


def test_place_refuses_a_second_place_of_the_unit(office: Actor) -> None:
    unit = factories.unit("长沙一中")
    place(office, unit)

    with pytest.raises(Refused, match=r"长沙一中.*already"):
        place(office, unit)


def test_place_refuses_another_offices_tree(office: Actor) -> None:
    stranger = factories.actor(Role.OFFICE, committee=factories.committee())
    node = RouteNode(
        committee_id=office.committee_ids[0], unit_id=factories.unit().id, levels="12345"
    )

    with pytest.raises(Refused, match="another office"):
        fire(node, "place", actor=stranger, at=clock.now())


def test_place_refuses_a_superior_without_a_place(office: Actor) -> None:
    with pytest.raises(Refused, match="no place"):
        place(office, factories.unit(), factories.unit())


def test_place_refuses_a_unit_as_its_own_superior(office: Actor) -> None:
    unit = factories.unit()

    with pytest.raises(Refused, match="own superior"):
        place(office, unit, unit)


def test_replace_refuses_to_close_a_circle(office: Actor, session: Session) -> None:
    top, middle, bottom = factories.unit("局"), factories.unit("处"), factories.unit("所")
    first = place(office, top)
    place(office, middle, top)
    place(office, bottom, middle)
    session.commit()

    first.superior_id = bottom.id
    with pytest.raises(Refused, match="circle at “局”"):
        fire(first, "replace", actor=office, at=clock.now())
    session.rollback()

    assert first.superior_id is None


def test_replace_asks_for_confirmation_again(office: Actor) -> None:
    unit, above = factories.unit(), factories.unit()
    place(office, above)
    node = place(office, unit)
    fire(node, "confirm", actor=factories.actor(Role.UNIT, unit=unit), at=clock.now())

    node.superior_id = above.id
    fire(node, "replace", actor=office, at=clock.now())

    assert (node.state, node.settled_at) == (RouteState.PENDING, None)


def test_confirm_refuses_another_units_place(office: Actor) -> None:
    node = place(office, factories.unit())

    with pytest.raises(Refused, match="another unit"):
        fire(node, "confirm", actor=factories.actor(Role.UNIT), at=clock.now())


def test_dispute_needs_a_reason(office: Actor) -> None:
    unit = factories.unit()
    node, clerk = place(office, unit), factories.actor(Role.SUPERIOR, unit=unit)

    with pytest.raises(Refused):
        fire(node, "dispute", actor=clerk, at=clock.now(), opinion="无")
    fire(node, "dispute", actor=clerk, at=clock.now(), opinion="本单位隶属省教育厅")

    assert node.state is RouteState.DISPUTED


# an application on its way


def test_is_usable_says_why_not() -> None:
    record = factories.application(ApplicationState.DRAFT)

    assert "no place" in str(routing.is_usable(act_on(record)))

    factories.route(record.committee, record.unit)
    assert routing.is_usable(act_on(record)) is None


def test_take_snapshot_keeps_the_way_when_the_tree_changes(session: Session) -> None:
    record = factories.application(ApplicationState.DRAFT)
    county = factories.unit()
    nodes = chain(record.committee, record.unit, county)
    act = act_on(record)

    routing.take_snapshot(act)
    nodes[0].superior_id = None
    session.flush()

    assert [step.unit_id for step in record.route] == [county.id]
    assert record.submitted_at == act.at


def test_take_snapshot_lets_a_unit_go_on_seeing_what_it_returned() -> None:
    county, city = factories.unit(), factories.unit()
    record = factories.application(ApplicationState.AT_SUPERIOR, superiors=(county, city))
    arrived = record.route[0].arrived_at
    chain(record.committee, record.unit, county, city)

    routing.take_snapshot(act_on(record))

    assert [(step.unit_id, step.arrived_at) for step in record.route] == [
        (county.id, arrived),
        (city.id, None),
    ]
    assert record.route_position == 0


def test_report_goes_straight_to_the_committee_without_a_superior() -> None:
    record, clerk = reported()

    fire(record, "report", actor=clerk, at=clock.now(), details=RECOMMENDED)

    assert record.state is ApplicationState.AT_OFFICE
    assert record.holder_id == record.committee.unit_id
    assert record.recommendation == RECOMMENDED["recommendation"]


def test_superiors_pass_it_on_one_after_another() -> None:
    county, city = factories.unit(), factories.unit()
    record, clerk = reported(county, city)
    seen = []

    fire(record, "report", actor=clerk, at=clock.now(), details=RECOMMENDED)
    for superior in (county, city):
        seen.append((record.state, record.holder_id, record.route_position))
        fire(
            record,
            "superior_pass",
            actor=factories.actor(Role.SUPERIOR, unit=superior),
            at=clock.now(),
        )

    assert seen == [
        (ApplicationState.AT_SUPERIOR, county.id, 1),
        (ApplicationState.AT_SUPERIOR, city.id, 2),
    ]
    assert record.state is ApplicationState.AT_OFFICE
    assert all(step.arrived_at and step.passed_at for step in record.route)


def test_superior_pass_is_for_the_present_holder_only() -> None:
    county, city = factories.unit("县局"), factories.unit("市局")
    record = factories.application(ApplicationState.AT_SUPERIOR, superiors=(county, city))

    with pytest.raises(Refused, match="县局"):
        fire(
            record,
            "superior_pass",
            actor=factories.actor(Role.SUPERIOR, unit=city),
            at=clock.now(),
        )

    assert (record.state, record.route_position) == (ApplicationState.AT_SUPERIOR, 1)


def test_superior_return_sends_it_back_to_the_applicant() -> None:
    county = factories.unit()
    record = factories.application(ApplicationState.AT_SUPERIOR, superiors=(county,))

    fire(
        record,
        "superior_return",
        actor=factories.actor(Role.SUPERIOR, unit=county),
        at=clock.now(),
        opinion="业绩证明材料不清晰，请重新上传",
        details={"sections": {"papers": "模糊"}},
    )

    assert (record.state, record.holder_id, record.frozen_at) == (
        ApplicationState.RETURNED,
        None,
        None,
    )
    assert record.returned_sections["papers"] == "模糊"


@pytest.mark.parametrize(
    ("details", "field"), [({}, "recommendation"), ({"recommendation": "  "}, "recommendation")]
)
def test_report_asks_for_a_recommendation(details: dict[str, str], field: str) -> None:
    record, clerk = reported()

    with pytest.raises(Refused, match="recommendation") as refusal:
        fire(record, "report", actor=clerk, at=clock.now(), details=details)

    assert refusal.value.field == field


def test_report_asks_for_the_proof_of_the_notice(session: Session) -> None:
    record, clerk = reported()
    proof = session.query(Attachment).filter_by(subject_id=record.id).one()
    proof.removed_at = clock.now()
    session.flush()

    with pytest.raises(Refused, match="proof"):
        fire(record, "report", actor=clerk, at=clock.now(), details=RECOMMENDED)

    assert record.state is ApplicationState.NOTICE_OVER


def test_report_takes_the_proof_at_the_notice() -> None:
    record, clerk = reported()
    notice = factories.notice(
        [record], starts_on=factories.in_days(-9), ends_on=factories.in_days(-2)
    )
    factories.attachment(notice, routing.PROOF)

    assert routing.has_recommendation(act_on(record, actor=clerk, details=RECOMMENDED)) is None


def test_report_keeps_the_uploaded_proof(session: Session) -> None:
    record, clerk = reported()
    given = session.query(Attachment).filter_by(subject_id=record.id).one()
    proof = SimpleNamespace(stored=given.file, name="公示证明.pdf")
    given.removed_at = clock.now()

    fire(record, "report", actor=clerk, at=clock.now(), details=RECOMMENDED | {"proof": proof})

    assert [one.name for one in attached_files.attachments_of(record, routing.PROOF)] == [
        "公示证明.pdf"
    ]


def test_report_ends_with_the_units_last_day() -> None:
    record, clerk = reported()
    last = clock.end_of_day(record.batch.unit_end)

    assert deadlines.is_in_time(act_on(record, at=last)) is None
    with pytest.raises(Refused, match=record.batch.unit_end.isoformat()):
        fire(
            record,
            "report",
            actor=clerk,
            at=last + timedelta(microseconds=1),
            details=RECOMMENDED,
        )


def test_superior_pass_ends_with_the_superiors_last_day() -> None:
    county = factories.unit()
    record = factories.application(ApplicationState.AT_SUPERIOR, superiors=(county,))
    last = clock.end_of_day(record.batch.superior_end)

    assert deadlines.is_in_time(act_on(record, at=last)) is None
    with pytest.raises(Refused, match=record.batch.superior_end.isoformat()):
        fire(
            record,
            "superior_pass",
            actor=factories.actor(Role.SUPERIOR, unit=county),
            at=last + timedelta(seconds=1),
        )


def test_report_of_a_public_institution_needs_an_approved_quota_line() -> None:
    school = factories.unit("长沙一中", kind=UnitKind.PUBLIC)
    record, clerk = reported(unit=school)

    with pytest.raises(Refused, match="quota"):
        fire(record, "report", actor=clerk, at=clock.now(), details=RECOMMENDED)
    line = factories.quota(school, state=QuotaState.SUBMITTED, granted=0)
    assert routing.has_quota(act_on(record)) is not None
    line.state, line.granted = QuotaState.APPROVED, 1
    factories.add(line)

    fire(record, "report", actor=clerk, at=clock.now(), details=RECOMMENDED)
    assert record.state is ApplicationState.AT_OFFICE


@pytest.mark.parametrize("other", [{"level": Level.MIDDLE}, {"review_year": 2001}])
def test_report_takes_no_quota_line_of_another_level_or_year(other: dict[str, object]) -> None:
    school = factories.unit(kind=UnitKind.PUBLIC)
    factories.quota(school, **other)
    record = factories.application(ApplicationState.NOTICE_OVER, unit=school)

    assert routing.has_quota(act_on(record)) is not None


@pytest.mark.parametrize(
    ("lines", "is_refused"),
    [
        ([(2, 2)], True),
        ([(2, 2), (1, 1)], True),
        ([(2, 1)], False),
        ([(2, 2), (1, 0)], False),
    ],
)
def test_report_needs_a_post_that_is_left(lines: list[tuple[int, int]], is_refused: bool) -> None:
    school = factories.unit(kind=UnitKind.PUBLIC)
    for kind, (granted, used) in zip(QuotaKind, lines, strict=False):
        factories.quota(school, kind=kind, asked=granted, granted=granted, used=used)
    record = factories.application(ApplicationState.NOTICE_OVER, unit=school)

    why = routing.has_quota(act_on(record))

    assert (why is not None) is is_refused
    assert not is_refused or "none is left" in str(why)


def test_report_of_many_moves_all_or_none() -> None:
    unit = factories.unit()
    good, clerk = reported(unit=unit)
    bad = factories.application(ApplicationState.NOTICE_OVER, unit=unit)

    with pytest.raises(Refused, match="Nothing was changed"):
        fire_all([good, bad], "report", actor=clerk, at=clock.now(), details=RECOMMENDED)
