"""The review tree of a committee level by level."""

import pytest

from app.services.ground import trees
from app.services.review.route_levels import RouteTree
from tests.support import factories

pytestmark = pytest.mark.usefixtures("app")


def shape(node: trees.Node) -> list[object]:
    return [node.label, *map(shape, node.children)] if node.children else [node.label]


def test_tree_of_one_committee_only() -> None:
    committee, other = factories.committee(), factories.committee()
    city, county, school = factories.unit("A市"), factories.unit("B县"), factories.unit("C校")
    factories.route(committee, city)
    factories.route(committee, county, city)
    factories.route(committee, school, county)
    factories.route(other, school)

    tree = RouteTree(committee.id)
    top = trees.opened(tree, tree.path(school.id))

    assert shape(top) == ["", ["A市", ["B县", ["C校"]]]]
    assert RouteTree(other.id).path(school.id) == [school.id]
    assert RouteTree(other.id).path(city.id) == []
    assert [node.label for node in trees.found(tree, "校")] == ["C校"]


def test_place_below_a_unit_without_place_stands_at_the_top() -> None:
    committee, missing, unit = factories.committee(), factories.unit("缺位"), factories.unit("Z校")
    factories.route(committee, unit, missing)

    nodes, _more = trees.level(RouteTree(committee.id), None)

    assert [node.label for node in nodes] == ["Z校"]


def test_tree_that_runs_in_a_circle_ends() -> None:
    committee, first, second = factories.committee(), factories.unit("甲"), factories.unit("乙")
    factories.route(committee, first, second)
    factories.route(committee, second, first)

    path = RouteTree(committee.id).path(first.id)

    assert set(path) == {first.id, second.id}
    assert shape(trees.opened(RouteTree(committee.id), path))[0] == ""
