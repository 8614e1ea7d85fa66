"""The health check finds each planted fault, and nothing in a sound tree."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import true

from app import settings
from app.enums import ApplicationState, Duty, Role, RouteState
from app.ground import clock
from app.models import Committee, Unit
from app.services.review import tree_health
from app.services.review.tree_health import Finding
from tests.support import factories
from tests.support.counting import statements

pytestmark = pytest.mark.usefixtures("app")


class Tree:
    """A sound tree: a school below a county, both with somebody, and an office."""

    def __init__(self) -> None:
        self.committee: Committee = factories.committee()
        factories.position(Role.OFFICE, committee=self.committee)
        self.county = self.unit("乙县教育局", Role.SUPERIOR)
        self.school = self.unit("东学校", Role.UNIT)
        self.place = factories.route(self.committee, self.county)
        self.lower = factories.route(self.committee, self.school, self.county)

    def unit(self, name: str, role: Role) -> Unit:
        made = factories.unit(name)
        factories.position(role, unit=made)
        return made

    def findings(self, units: Any = None) -> dict[str, Finding]:
        found = tree_health.check(
            Committee.id == self.committee.id,
            Unit.id == 0 if units is None else units,
            days=30,
            at=clock.now(),
        )
        return {one.key: one for one in found if one.count}

    def names(self, units: Any = None) -> dict[str, tuple[int, list[str]]]:
        found = self.findings(units)
        return {key: (one.count, [name.name for name in one.names]) for key, one in found.items()}


@pytest.fixture
def tree() -> Tree:
    return Tree()


def test_sound_tree_has_no_finding(tree: Tree) -> None:
    assert tree.names() == {}


def test_superior_without_a_place_is_found(tree: Tree) -> None:
    lost = tree.unit("失路学校", Role.UNIT)
    factories.route(tree.committee, lost, factories.unit("无位局"))

    assert tree.names() == {"broken": (1, ["失路学校"])}


def test_circle_is_named_in_words_and_what_hangs_below_is_counted(tree: Tree) -> None:
    first, second = tree.unit("甲局", Role.SUPERIOR), tree.unit("乙局", Role.SUPERIOR)
    below = tree.unit("挂靠学校", Role.UNIT)
    factories.route(tree.committee, first, second)
    factories.route(tree.committee, second, first)
    factories.route(tree.committee, below, first)

    found = tree.findings()

    assert list(found) == ["circle"]
    assert found["circle"].count == 3
    assert [one.more for one in found["circle"].names] == ["甲局 → 乙局 → 甲局"]


def test_two_circles_are_told_apart_and_a_circle_of_another_tree_is_not_shown(tree: Tree) -> None:
    units = [tree.unit(f"{name}局", Role.SUPERIOR) for name in "甲乙丙丁戊"]
    for lower, upper in ((0, 1), (1, 0), (2, 3), (3, 4), (4, 2)):
        factories.route(tree.committee, units[lower], units[upper])
    other = factories.committee()
    factories.route(other, units[0], units[1])
    factories.route(other, units[1], units[0])

    circle = tree.findings()["circle"]

    assert circle.count == 5
    assert [one.more for one in circle.names] == [
        "甲局 → 乙局 → 甲局",
        "丙局 → 丁局 → 戊局 → 丙局",
    ]


def test_closed_unit_on_the_way_is_found_once(tree: Tree) -> None:
    tree.county.is_active = False

    assert tree.names() == {"closed": (1, ["乙县教育局"])}


@pytest.mark.parametrize("how", ["position ended", "account off", "only the other role"])
def test_station_where_nobody_can_act_is_found(tree: Tree, how: str) -> None:
    empty = factories.unit("空岗局")
    factories.route(tree.committee, tree.unit("西学校", Role.UNIT), empty)
    factories.route(tree.committee, empty)
    if how == "position ended":
        factories.position(Role.SUPERIOR, unit=empty, is_active=False)
    elif how == "account off":
        factories.position(Role.SUPERIOR, unit=empty).user.active = False
    else:
        factories.position(Role.UNIT, unit=empty)

    assert tree.names() == {"nobody": (1, ["空岗局"])}


def test_missing_person_responsible_is_found_where_two_are_always_needed(tree: Tree) -> None:
    factories.position(Role.SUPERIOR, unit=tree.county, duty=Duty.HEAD)
    settings.store_value("two_persons_superior", "2")
    settings.store_value("two_persons_unit", "2")
    settings.store_value("two_persons_office", "2")

    names = tree.names()

    assert set(names) == {"two_persons", "office"}
    assert names["two_persons"] == (1, ["东学校"])


def test_person_responsible_alone_is_found(tree: Tree) -> None:
    alone = factories.unit("独任学校")
    factories.position(Role.UNIT, unit=alone, duty=Duty.HEAD)
    factories.route(tree.committee, alone, tree.county)

    assert tree.names() == {"two_persons": (1, ["独任学校"])}


def test_unanswered_and_disputed_places_are_found(tree: Tree) -> None:
    tree.lower.state, tree.place.state = RouteState.PENDING, RouteState.DISPUTED

    assert tree.names() == {"pending": (1, ["东学校"]), "disputed": (1, ["乙县教育局"])}


@pytest.mark.parametrize(("days", "found"), [(29, {}), (31, {"stuck": (2, ["乙县教育局"])})])
def test_cases_that_lie_longer_than_the_days_asked_for_are_counted(
    tree: Tree, days: int, found: dict[str, Any]
) -> None:
    batch = factories.batch(committee=tree.committee)
    for _number in range(2):
        factories.application(
            ApplicationState.AT_SUPERIOR,
            batch=batch,
            unit=tree.school,
            superiors=(tree.county,),
            held_since=clock.now() - timedelta(days=days),
        )

    assert tree.names() == found


def test_unit_with_drafts_but_without_a_place_is_found(tree: Tree) -> None:
    batch = factories.batch(committee=tree.committee)
    factories.application(batch=batch, unit=factories.unit("未入树学校"))

    assert tree.names() == {"without_place": (1, ["未入树学校"])}


def test_unit_with_clerks_in_no_tree_is_found_for_those_who_look_after_all(tree: Tree) -> None:
    tree.unit("漏网学校", Role.UNIT)

    found = tree.names(true())

    assert found["in_no_tree"] == (1, ["漏网学校"])


def test_office_without_anybody_is_found() -> None:
    committee = factories.committee()

    found = tree_health.check(Committee.id == committee.id, Unit.id == 0, days=30, at=clock.now())

    assert [one.names[0].committee for one in found if one.key == "office"] == [committee.name]


def test_number_of_statements_does_not_grow_with_the_tree(tree: Tree) -> None:
    with statements() as few:
        tree.findings()
    for number in range(40):
        upper, lower = factories.unit(f"上{number}"), factories.unit(f"下{number}")
        factories.route(tree.committee, upper, lower)
        factories.route(tree.committee, lower, upper)
        factories.route(tree.committee, factories.unit(f"挂{number}"), factories.unit())

    with statements() as many:
        found = tree.findings()

    assert found["circle"].count == 80
    assert len(found["broken"].names) == tree_health.SHOWN
    assert len(many) == len(few)
