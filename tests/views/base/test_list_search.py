"""Above every list: one box over its main columns, and ranges for its days and numbers."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, Role, UnitKind
from app.extensions import appbuilder, db
from app.models import Application, Unit
from app.services.accounts import persons
from app.views.base.base import GuideView
from app.views.registers.ch1_4_batches import BatchView
from tests.support import factories, signing, world
from tests.support.counting import statements
from tests.views import desk

NUMBER = "43009919920101105X"
NAMES = ["王建国", "李娜", "赵敏"]


@pytest.fixture
def superior(app: Flask) -> Unit:
    return factories.unit("常德市教育局")


@pytest.fixture
def cases(superior: Unit) -> list[Application]:
    """Three cases of two units, handed in on 1, 2 and 3 June, late in the evening."""
    schools = [factories.unit("长沙市第一中学", parent=superior), factories.unit(parent=superior)]
    made = []
    for at, name in enumerate(NAMES):
        unit = schools[at // 2]
        person = factories.person(name, unit=unit, **({} if at else {"id_number": NUMBER}))
        case = factories.application(
            ApplicationState.AT_SUPERIOR, unit=unit, person=person, name=name, superiors=(superior,)
        )
        case.held_since = case.submitted_at = datetime(2026, 6, 1 + at, 15, 30, tzinfo=UTC)
        made.append(case)
    db.session.commit()
    return made


@pytest.fixture
def clerk(app: Flask, superior: Unit) -> FlaskClient:
    return signing.client_of(app, factories.position(Role.SUPERIOR, unit=superior))


def found(client: FlaskClient, **query: str) -> set[str]:
    page = client.get("/g/1.1.3/", query_string={k.replace("__", "."): v for k, v in query.items()})
    assert page.status_code == 200
    return {name for name in NAMES if name in page.text}


def test_the_box_searches_every_main_column(clerk: FlaskClient, cases: list[Application]) -> None:
    expected = {
        "建国": {"王建国"},
        cases[1].number: {"李娜"},
        "第一中学": {"王建国", "李娜"},
        "第一中学 李": {"李娜"},
        "李\u3000长沙": {"李娜"},
        "赵 第一中学": set(),
        "%": set(),
        "": set(NAMES),
    }

    assert {typed: found(clerk, q__any=typed) for typed in expected} == expected


def test_a_search_of_what_waits_stays_with_it(clerk: FlaskClient, cases: list[Application]) -> None:
    page = clerk.get("/g/1.1.3/?todo=waiting").text
    sent = clerk.post("/g/1.1.3/search", data={"todo": "waiting", "q.any": "李", "q.number": ""})

    assert '<input type="hidden" name="todo" value="waiting">' in page
    assert 'class="btn" href="/g/1.1.3/?todo=waiting"' in page
    assert parse_qs(urlsplit(sent.location).query) == {"todo": ["waiting"], "q.any": ["李"]}
    assert set(re.findall("王建国|李娜|赵敏", clerk.get(sent.location).text)) == {"李娜"}


def test_the_box_and_a_field_narrow_together(clerk: FlaskClient, cases: list[Application]) -> None:
    assert found(clerk, q__any="第一中学", q__name="李") == {"李娜"}


def test_an_id_number_in_the_box_stands_in_no_address(
    app: Flask, clerk: FlaskClient, cases: list[Application]
) -> None:
    led = [
        clerk.post("/g/1.1.3/search", data={"q.any": NUMBER.lower()}),
        clerk.get("/g/1.1.3/", query_string={"q.any": NUMBER}),
    ]
    administrator = signing.client_of(app, factories.position(Role.SYSADMIN))
    elsewhere = administrator.post("/g/accounts/search", data={"q.any": NUMBER})

    for answer in led:
        assert parse_qs(urlsplit(answer.location).query) == {
            "q.id_number": [persons.index_of(NUMBER)]
        }
        assert "王建国" in clerk.get(answer.location).text
    assert NUMBER not in elsewhere.location


def test_the_box_of_a_program_is_in_scope(
    app: Flask, clerk: FlaskClient, superior: Unit, cases: list[Application]
) -> None:
    token = world.token(factories.actor(Role.SUPERIOR, unit=factories.unit("湘西州教育局")))
    own = world.token(factories.actor(Role.SUPERIOR, unit=superior))

    theirs, ours = (
        clerk.get("/api/v1/g/1.1.3/?q.any=李", headers=world.bearer(one)).get_json()["rows"]
        for one in (token, own)
    )

    assert not theirs
    assert [row["id"] for row in ours] == [cases[1].id]


def test_ranges_include_both_days(clerk: FlaskClient, cases: list[Application]) -> None:
    for column in ("submitted_at", "held_since"):
        ends = {f"q__{column}__from": "2026年6月1日", f"q__{column}__to": "2026-06-02"}
        assert found(clerk, **ends) == {"王建国", "李娜"}
        assert found(clerk, **{f"q__{column}__from": "20260603"}) == {"赵敏"}


def test_a_range_turned_round_is_said_and_nothing_is_lost(
    clerk: FlaskClient, superior: Unit, cases: list[Application]
) -> None:
    typed = {"q.submitted_at.from": "2026-06-03", "q.submitted_at.to": "2026-06-01", "q.name": "李"}

    led = clerk.post("/g/1.1.3/search", data=typed)
    page = clerk.get(led.location)

    assert page.status_code == 400
    assert "2026-06-03" in page.text
    assert "2026-06-01" in page.text
    assert 'value="李"' in page.text
    assert re.search(r'role="alert"><div class="prose">[^<]*2026-06-03[^<]*2026-06-01', page.text)
    assert not any(name in page.text for name in NAMES)
    program = led.location.replace("/g/", "/api/v1/g/")
    token = world.token(factories.actor(Role.SUPERIOR, unit=superior))
    assert clerk.get(program, headers=world.bearer(token)).status_code == 400
    assert clerk.get(led.location.replace("/?", "/act/audit?all=1&")).status_code == 400


@pytest.mark.parametrize("typed", ["gestern", "2026-02-30", "1899-01-01", "2026-06-01'"])
def test_no_day_is_said_and_stays_typed(
    clerk: FlaskClient, cases: list[Application], typed: str
) -> None:
    page = clerk.get("/g/1.1.3/", query_string={"q.held_since.from": typed})

    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.text
    assert typed.replace("'", "&#39;") in page.text


def test_numbers_have_ranges(app: Flask) -> None:
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    administrator = signing.client_of(app, factories.position(Role.HRSS, unit=bureau))
    for year in (2024, 2025, 2026):
        factories.batch(name=f"批次{year}", review_year=year)
    db.session.commit()

    url = next(v.route_base for v in appbuilder.baseviews if isinstance(v, BatchView)) + "/"

    def years(query: str) -> list[int]:
        answer = administrator.get(f"{url}?{query}")
        text = answer.text
        return [answer.status_code, *(y for y in (2024, 2025, 2026) if f"批次{y}" in text)]

    assert years("q.review_year.from=2025") == [200, 2025, 2026]
    assert years("q.review_year.from=２０２４&q.review_year.to=2025") == [200, 2024, 2025]
    assert years("q.review_year=2025") == [200, 2025]
    assert years("q.review_year.from=2026&q.review_year.to=2025") == [400]
    assert years("q.review_year.to=-1") == [200]
    for wrong in ("x", "2025.5", "1e400", "NaN", "99999999999", "-"):
        assert years(f"q.review_year.from={wrong}") == [400]


def test_every_list_with_days_or_numbers_has_their_ranges(app: Flask) -> None:
    views = [v for v in appbuilder.baseviews if isinstance(v, GuideView) and v.guide]
    missing = [
        (type(view).__name__, column.key)
        for view in views
        for column in view.columns
        if column.order is not None
        and column.kind in ("moment", "day", "number")
        and not getattr(column.order, "foreign_keys", None)
        and column.key not in {one.name for one in view.searched}
    ]

    for view in views:
        assert all(one in view.searched for one in view.search_fields), view
    assert len(views) > 40
    assert not missing
    assert [
        type(view).__name__
        for view in views
        if view.searched[:1] and view.searched[0].name != "any"
    ] == []


def test_box_and_ranges_cost_one_statement_for_the_units(
    app: Flask, clerk: FlaskClient, cases: list[Application]
) -> None:
    query = "q.any=第一中学&q.submitted_at.from=2026-01-01"
    clerk.get("/g/1.1.3/")

    with statements() as plain:
        clerk.get("/g/1.1.3/")
    with statements() as searched:
        clerk.get(f"/g/1.1.3/?{query}")

    assert len(searched) <= len(plain) + 1 <= 12


def test_the_box_finds_nobody_by_name_in_an_anonymous_meeting(app: Flask) -> None:
    for is_anonymous in (True, False):
        plan = desk.plan(is_anonymous=is_anonymous)
        judge = desk.judge(app, plan)
        case = desk.candidate(plan, judge, name="欧阳明远")
        db.session.commit()

        by_name = judge.client.get("/g/1.3.3/?q.any=欧阳").text
        by_number = judge.client.get(f"/g/1.3.3/?q.any={case.number}").text

        assert (f"/g/1.3.3/{case.id}" in by_name) is not is_anonymous
        assert f"/g/1.3.3/{case.id}" in by_number
