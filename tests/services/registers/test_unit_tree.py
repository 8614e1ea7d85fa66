"""The register of units as a tree: read level by level, opened along one path, searched."""

import pytest

from app.models import Unit
from app.services.ground import trees
from app.services.registers import units
from app.services.registers.unit_tree import UnitTree
from tests.support import counting, factories

pytestmark = pytest.mark.usefixtures("app")


def names(nodes: list[trees.Node]) -> list[str]:
    return [node.label for node in nodes]


@pytest.fixture
def family() -> list[Unit]:
    """Make a province, two cities and a school below the second."""
    province = factories.unit("A省厅")
    first = factories.unit("B市局", parent=province)
    second = factories.unit("C市局", parent=province)
    return [province, first, second, factories.unit("D学校", parent=second)]


def test_level_holds_what_is_right_below(family: list[Unit]) -> None:
    province, first, second, _school = family

    nodes, has_more = trees.level(UnitTree(), province.id)

    found = [(node.key, node.label, node.has_children) for node in nodes]
    assert found == [(first.id, "B市局", False), (second.id, "C市局", True)]
    assert not has_more
    assert names(trees.level(UnitTree(), None)[0]) == ["A省厅"]


def test_opened_along_one_path_in_one_statement(family: list[Unit]) -> None:
    province, _first, second, school = family
    path = UnitTree().path(school.id)

    with counting.statements() as sent:
        top = trees.opened(UnitTree(), path)

    assert len(sent) == 1
    assert path == [province.id, second.id, school.id]
    assert names(top.children) == ["A省厅"]
    assert names(top.children[0].children) == ["B市局", "C市局"]
    assert names(top.children[0].children[1].children) == ["D学校"]
    assert top.children[0].children[0].children == []


def test_long_level_is_cut_and_the_chosen_node_still_shown(
    family: list[Unit], monkeypatch: pytest.MonkeyPatch
) -> None:
    province = family[0]
    last = [factories.unit(f"E{number}县", parent=province) for number in range(3)][-1]
    monkeypatch.setattr(trees, "PER_LEVEL", 2)

    below = trees.opened(UnitTree(), [province.id, last.id]).children[0]
    nodes, has_more = trees.level(UnitTree(), province.id, start=2)

    assert names(below.children) == ["B市局", "C市局", "E2县"]
    assert below.has_more
    assert (names(nodes), has_more) == (["E0县", "E1县"], True)


def test_search_finds_by_name_and_credit_code(family: list[Unit]) -> None:
    school = family[-1]

    assert names(trees.found(UnitTree(), "学校")) == ["D学校"]
    assert names(trees.found(UnitTree(), school.credit_code.lower())) == ["D学校"]
    assert names(trees.found(UnitTree(), "%")) == []


def test_moved_unit_takes_its_subtree_along(family: list[Unit]) -> None:
    _province, first, second, school = family

    units.move(second, first.id)

    factories.db.session.refresh(school)
    assert UnitTree().path(school.id) == [family[0].id, first.id, second.id, school.id]
