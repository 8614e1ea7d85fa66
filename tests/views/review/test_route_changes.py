"""Menus 1.6.1 and 1.6.2: branches that move and levels put in between, confirmed once for all."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role, RouteChangeState, RouteState
from app.models import Committee, RouteChange, RouteNode, TransitionLog, Unit
from app.services.review.route_branches import way_in_words
from tests.support import factories
from tests.support.signing import client_of


class Tree:
    """County with three schools below the city, which stands right below the committee."""

    def __init__(self) -> None:
        self.committee: Committee = factories.committee()
        self.city, self.county = factories.unit("甲市教育局"), factories.unit("乙县教育局")
        self.schools = [factories.unit(f"{name}学校") for name in "东西南"]
        factories.route(self.committee, self.city)
        factories.route(self.committee, self.county, self.city)
        self.places = [factories.route(self.committee, one, self.county) for one in self.schools]

    def address(self, act: str, unit: Unit | None) -> str:
        at = f"&at={unit.id}" if unit else ""
        return f"/g/1.6.1/changes/{act}?committee={self.committee.id}{at}"

    def way(self, unit: Unit) -> str:
        return way_in_words(self.committee.id, unit.id)


@pytest.fixture
def tree(app: Flask) -> Tree:
    return Tree()


@pytest.fixture
def office(app: Flask, tree: Tree) -> FlaskClient:
    return client_of(app, factories.position(Role.OFFICE, committee=tree.committee))


def clerk_of(app: Flask, unit: Unit) -> FlaskClient:
    return client_of(app, factories.position(Role.SUPERIOR, unit=unit))


def press(client: FlaskClient, menu: str, button: str, change: RouteChange, **typed: Any) -> Any:
    row = {"row": f"{change.id}:{change.version}"}
    return client.post(f"/g/{menu}/changes/act/{button}", data={**row, **typed})


def level_form(unit: Unit, *lower: Unit) -> dict[str, Any]:
    return {
        "superior_id": str(unit.id),
        "levels": ["1", "2"],
        "lower": [str(one.id) for one in lower],
    }


def test_level_is_put_in_between_confirmed_once_and_undone(
    app: Flask, tree: Tree, office: FlaskClient, session: Session
) -> None:
    district = factories.unit("丙学区中心")
    clerk = clerk_of(app, district)
    east, west, south = tree.schools

    page = office.get(tree.address("insert", tree.county))
    answer = office.post(tree.address("insert", tree.county), data=level_form(district, east, west))
    change = session.query(RouteChange).one()
    before = [tree.way(one) for one in tree.schools]
    confirmed = press(clerk, "1.6.2", "confirm", change, decision="confirm")

    assert "3 units, 0 running cases, 0 positions" in page.text
    assert (answer.status_code, confirmed.status_code) == (303, 303)
    assert before[0] == "东学校 → 乙县教育局 → 甲市教育局"
    assert tree.way(east) == "东学校 → 丙学区中心 → 乙县教育局 → 甲市教育局"
    assert tree.way(south) == "南学校 → 乙县教育局 → 甲市教育局"
    placed = session.query(RouteNode).filter_by(unit_id=district.id).one()
    assert (placed.state, placed.levels) == (RouteState.CONFIRMED, "12")
    logged = session.query(TransitionLog).filter_by(subject_type="route_node").count()
    assert logged == 3

    undone = press(office, "1.6.1", "undo", change)

    assert undone.status_code == 303
    assert change.state is RouteChangeState.UNDONE
    assert [tree.way(one) for one in tree.schools] == before
    assert session.query(RouteNode).filter_by(unit_id=district.id).count() == 0


def test_branch_moves_with_everything_below_and_running_cases_keep_their_route(
    app: Flask, tree: Tree, office: FlaskClient, session: Session
) -> None:
    other = factories.unit("丁市教育局")
    factories.route(tree.committee, other)
    clerk = clerk_of(app, other)
    case = factories.application(
        ApplicationState.AT_SUPERIOR,
        batch=factories.batch(committee=tree.committee),
        unit=tree.schools[0],
        superiors=(tree.county, tree.city),
    )
    typed = {"kind": "move", "superior_id": str(other.id)}

    page = office.get(tree.address("move", tree.county))
    office.post(tree.address("move", tree.county), data=typed)
    change = session.query(RouteChange).one()
    listed = clerk.get("/g/1.6.2/changes/")
    press(clerk, "1.6.2", "confirm", change, decision="confirm")

    assert "4 units, 1 running cases" in page.text
    assert "乙县教育局" in listed.text
    assert tree.way(tree.schools[0]) == "东学校 → 乙县教育局 → 丁市教育局"
    assert [step.unit_id for step in case.route] == [tree.county.id, tree.city.id]
    assert {place.state for place in tree.places} == {RouteState.CONFIRMED}


def test_units_right_below_move_and_their_old_superior_stays(
    app: Flask, tree: Tree, office: FlaskClient, session: Session
) -> None:
    factories.position(Role.SUPERIOR, unit=tree.city)
    typed = {"kind": "move_below", "superior_id": str(tree.city.id)}

    office.post(tree.address("move", tree.county), data=typed)
    change = session.query(RouteChange).one()
    press(clerk_of(app, tree.city), "1.6.2", "confirm", change, decision="confirm")

    assert [tree.way(one) for one in (*tree.schools[:1], tree.county)] == [
        "东学校 → 甲市教育局",
        "乙县教育局 → 甲市教育局",
    ]


def test_circle_is_refused_with_the_way_in_words(
    tree: Tree, office: FlaskClient, session: Session
) -> None:
    factories.position(Role.SUPERIOR, unit=tree.schools[0])
    typed = {"kind": "move", "superior_id": str(tree.schools[0].id)}

    answer = office.post(tree.address("move", tree.city), data=typed)

    assert answer.status_code == 422
    assert "东学校 → 乙县教育局 → 甲市教育局" in answer.text
    assert session.query(RouteChange).count() == 0


@pytest.mark.parametrize("wrong", ["nobody there", "closed", "no place", "same", "unknown"])
def test_superior_that_cannot_be_is_refused_at_its_field(
    tree: Tree, office: FlaskClient, session: Session, wrong: str
) -> None:
    is_open = wrong != "closed"
    superior = tree.city if wrong == "same" else factories.unit("戊局", is_active=is_open)
    if wrong != "nobody there":
        factories.position(Role.SUPERIOR, unit=superior)
    if wrong in ("nobody there", "closed"):
        factories.route(tree.committee, superior)
    key = "99999999" if wrong == "unknown" else str(superior.id)

    answer = office.post(
        tree.address("move", tree.county), data={"kind": "move", "superior_id": key}
    )

    assert answer.status_code == 422
    assert session.query(RouteChange).count() == 0


def test_unit_concerned_disputes_but_only_the_asked_one_confirms(
    app: Flask, tree: Tree, office: FlaskClient, session: Session
) -> None:
    district = factories.unit("丙学区中心")
    factories.position(Role.UNIT, unit=district)
    east = client_of(app, factories.position(Role.UNIT, unit=tree.schools[0]))
    stranger = clerk_of(app, factories.unit())
    office.post(tree.address("insert", tree.county), data=level_form(district, tree.schools[0]))
    change = session.query(RouteChange).one()

    alone = press(east, "1.6.2", "confirm", change, decision="confirm")
    unseen = press(stranger, "1.6.2", "confirm", change, decision="confirm")
    without_reason = press(east, "1.6.2", "confirm", change, decision="dispute", opinion="")
    disputed = press(
        east, "1.6.2", "confirm", change, decision="dispute", opinion="本校直属县教育局"
    )

    statuses = [one.status_code for one in (alone, unseen, without_reason, disputed)]
    assert statuses == [422, 404, 422, 303]
    assert (change.state, change.answer) == (RouteChangeState.DISPUTED, "本校直属县教育局")
    assert tree.places[0].superior_id == tree.county.id


def test_place_changed_meanwhile_stops_the_confirmation_and_the_undoing(
    app: Flask, tree: Tree, office: FlaskClient, session: Session
) -> None:
    district = factories.unit("丙学区中心")
    clerk = clerk_of(app, district)
    office.post(tree.address("insert", tree.county), data=level_form(district, tree.schools[0]))
    change = session.query(RouteChange).one()
    edited = {"levels": ["3"], "superior_id": str(tree.county.id)}
    place = tree.places[0]
    office.post(f"/g/1.6.1/{place.id}/edit", data={**edited, "version": str(place.version)})

    answer = press(clerk, "1.6.2", "confirm", change, decision="confirm")

    assert answer.status_code == 422
    assert "东学校" in answer.text
    assert change.state is RouteChangeState.PROPOSED
    assert press(office, "1.6.1", "withdraw", change).status_code == 303


def test_undoing_is_refused_while_others_stand_below_the_new_level(
    app: Flask, tree: Tree, office: FlaskClient, session: Session
) -> None:
    district = factories.unit("丙学区中心")
    clerk = clerk_of(app, district)
    office.post(tree.address("insert", tree.county), data=level_form(district, tree.schools[0]))
    change = session.query(RouteChange).one()
    press(clerk, "1.6.2", "confirm", change, decision="confirm")
    factories.route(tree.committee, factories.unit("新学校"), district)

    answer = press(office, "1.6.1", "undo", change)

    assert answer.status_code == 422
    assert "新学校" in answer.text
    assert change.state is RouteChangeState.CARRIED_OUT


def test_second_change_of_a_unit_waits_for_the_first(
    app: Flask, tree: Tree, office: FlaskClient, session: Session
) -> None:
    district = factories.unit("丙学区中心")
    factories.position(Role.UNIT, unit=district)
    form = level_form(district, tree.schools[0])
    office.post(tree.address("insert", tree.county), data=form)

    answer = office.post(tree.address("insert", tree.county), data=form)

    assert answer.status_code == 422
    assert session.query(RouteChange).count() == 1


def test_trees_of_other_offices_do_not_exist(tree: Tree, app: Flask) -> None:
    other = client_of(app, factories.position(Role.OFFICE, committee=factories.committee()))

    answers = [
        other.get(tree.address("insert", tree.county)),
        other.get(tree.address("move", tree.county)),
        other.get("/g/1.6.1/changes/insert?committee=x&at=1"),
    ]

    assert [one.status_code for one in answers] == [404, 404, 404]


def test_level_needs_units_that_go_below_it(tree: Tree, office: FlaskClient) -> None:
    answer = office.post(tree.address("insert", tree.county), data=level_form(factories.unit("己")))

    assert answer.status_code == 422
    assert "己" in answer.text
