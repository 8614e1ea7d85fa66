"""A level is put into a review tree in Chromium, confirmed once, and undone; the health check and a trial look on."""

from typing import Any

import pytest
from flask import Flask

from app.enums import Role, RouteState
from app.extensions import db
from app.models import Committee, Position, RouteNode, Unit
from app.services.review.route_branches import way_in_words
from tests.browser.measure import Measure, task
from tests.journeys.hands import Found
from tests.support import factories, signing


@pytest.fixture
def committee(app: Flask) -> Committee:
    made = factories.committee(name="教师系列评委会")
    factories.batch(committee=made)
    return made


def ready(position: Position) -> str:
    """Give the account of a position its password and return its name."""
    return str(signing.give_password(position.user).username)


def way_of(committee_id: int, unit_id: int) -> str:
    """Return the way of a unit as stored now, and leave no transaction open beside the program's."""
    way = way_in_words(committee_id, unit_id)
    db.session.commit()
    return way


def place(committee: Committee, name: str, superior: Unit | None, **values: Any) -> Unit:
    unit = factories.unit(name)
    factories.position(Role.UNIT if superior else Role.SUPERIOR, unit=unit)
    factories.route(committee, unit, superior, **values)
    return unit


@task("insert-a-level", 12)
def test_level_is_put_in_between_and_undone(
    committee: Committee, new_hand: Any, measured: Measure
) -> None:
    county = place(committee, "桃源县教育局", None)
    schools = [place(committee, name, county) for name in ("东街小学", "西街小学")]
    district = factories.unit("漳江学区中心校")
    office = ready(factories.position(Role.OFFICE, committee=committee))
    head = ready(factories.position(Role.SUPERIOR, unit=district))
    key, school, added = committee.id, schools[0].id, district.id
    before = way_of(key, school)
    clerk, asked = new_hand(), new_hand()

    clerk.sign_in(office)
    asked.sign_in(head)
    with measured(clerk, asked):
        clerk.go("评委会下级单位管理")
        clerk.press("树形查看")
        clerk.press("桃源县教育局")
        clerk.press("在其下插入一级")
        assert "涉及 2 个单位" in clerk.text
        clerk.fill({"superior_id": Found("漳江学区")})
        clerk.picture(
            "insert-a-level",
            ".title",
            "main form .card",
            pressed=clerk.screen.locator("main .lookup"),
            tall=520,
        )
        clerk.press("提交确认")
        assert "“漳江学区中心校”在 1.6.2 中一次确认" in clerk.text
        change = clerk.path
        assert way_of(key, school) == before

        asked.go("审核层级配置单位确认")
        asked.press("整支迁移与插入一级")
        asked.follow(asked.screen.locator("main a", has_text="漳江学区中心校").first)
        asked.fill({"decision": "确认"})
        asked.picture("insert-a-level-2", "#acts", tall=360)
        asked.press("确认", within="acts")
    assert way_of(key, school) == "东街小学 → 漳江学区中心校 → 桃源县教育局"

    clerk.open(change)
    clerk.press("撤销", within="acts")
    assert "已撤销" in clerk.text
    assert way_of(key, school) == before
    assert db.session.query(RouteNode).filter_by(unit_id=added).count() == 0


def test_planted_faults_are_found_and_a_route_is_tried(committee: Committee, new_hand: Any) -> None:
    county = place(committee, "桃源县教育局", None)
    place(committee, "东街小学", county, state=RouteState.PENDING)
    place(committee, "失路小学", factories.unit("树外局"))
    closed = place(committee, "撤并小学", county)
    closed.is_active = False
    factories.route(committee, factories.unit("空岗小学"), county)
    first, second = factories.unit("甲学区"), factories.unit("乙学区")
    for unit, superior in ((first, second), (second, first)):
        factories.position(Role.SUPERIOR, unit=unit)
        factories.route(committee, unit, superior)
    office = ready(factories.position(Role.OFFICE, committee=committee))
    db.session.commit()
    clerk = new_hand()

    clerk.sign_in(office)
    clerk.open("/g/route-health/")
    counts = "nodes => Object.fromEntries(nodes.map(one => [one.id.slice(2), one.dataset.count]))"
    found = clerk.screen.locator("main section[data-count]").evaluate_all(counts)
    assert found == {"broken": "1", "circle": "2", "closed": "1", "nobody": "1", "pending": "1"}
    assert "甲学区 → 乙学区 → 甲学区" in clerk.text

    clerk.open("/g/route-trial/")
    typed = {"unit_id": Found("东街小学"), "committee_id": "教师系列评委会", "level": "中级"}
    clerk.fill(typed)
    clerk.press("试算")
    assert "按此路线申报会被拦住" in clerk.text
    assert clerk.text.index("1. 东街小学") < clerk.text.index("2. 桃源县教育局")
