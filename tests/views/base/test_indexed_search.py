"""Searches over many rows are answered by indexes on both databases, and find what a scan would find."""

import pytest
from flask import Flask
from sqlalchemy import Select, insert, or_, select, text

from app.enums import ApplicationState
from app.extensions import db
from app.models import Application, Person, Unit
from app.models.base import metadata
from app.views.base.search import indexed
from app.views.base.search.field import contains
from tests.support import factories

NAMES = ["王建国", "李建", "欧阳建国", "阿卜杜拉·建国买买提", "Anna Jianguo", "赵敏"]
NUMBERS = ["2026000001182", "2026000011820", "2025000001183"]
MANY = 3000


@pytest.fixture
def cases(app: Flask) -> list[Application]:
    unit = factories.unit("长沙市第一中学")
    return [
        factories.application(
            ApplicationState.AT_UNIT, unit=unit, person=factories.person(name, unit=unit), name=name,
            **({"number": NUMBERS[at]} if at < len(NUMBERS) else {}),
        )
        for at, name in enumerate(NAMES)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("建", {"王建国", "李建", "欧阳建国", "阿卜杜拉·建国买买提"}),
        ("建国", {"王建国", "欧阳建国", "阿卜杜拉·建国买买提"}),
        ("阳建国", {"欧阳建国"}),
        ("JIANGUO", {"Anna Jianguo"}),
        ("买买提", {"阿卜杜拉·建国买买提"}),
        ("王建国人", set()),
        ("%建", set()),
    ],
)
def test_a_name_is_found_by_any_part(
    cases: list[Application], typed: str, expected: set[str]
) -> None:
    assert (
        set(db.session.scalars(select(Application.name).where(contains([Application.name], typed))))
        == expected
    )


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("2026", set(NUMBERS[:2])), ("1182", {NUMBERS[0]}), ("0001183", {NUMBERS[2]}), (NUMBERS[1], {NUMBERS[1]}), ("118", set()), ("00011", set())],
)  # fmt: skip
def test_a_number_is_found_by_its_beginning_or_end(
    cases: list[Application], typed: str, expected: set[str]
) -> None:
    found = select(Application.number).where(contains([Application.number], typed))
    assert set(db.session.scalars(found)) & set(NUMBERS) == expected


def test_no_search_goes_through_all_rows(cases: list[Application]) -> None:
    _add_people()
    name, number = Application.name, Application.number
    searches = [
        select(Person.id).where(contains([Person.name], "匿匿")),
        select(Person.id).where(indexed.name_begins(Person.name, "匿匿")),
        select(Application.id).where(or_(contains([name], "匿匿"), contains([number], "匿匿匿匿"), Application.unit_id.in_([1]))),
    ]  # fmt: skip

    for query in searches:
        plan = "\n".join(_plan(query))
        assert "Seq Scan" not in plan, plan
        assert "SCAN" not in plan, plan
        assert "ix_" in plan, plan


def test_few_units_are_named_in_a_condition_and_many_are_not(app: Flask) -> None:
    for number in range(indexed.MOST_KEYS):
        factories.unit(f"长沙市第{number}中学")

    def units(name: str) -> str:
        found = select(Unit.id).where(Unit.name.contains(name))
        return str(indexed.among(Application.unit_id, found))

    assert units("没有的学校") == "false"
    assert "SELECT" not in units("中学")
    factories.unit("株洲市第一中学")
    assert "SELECT" in units("中学")


def test_the_expressions_of_indexes_are_those_of_the_models(app: Flask) -> None:
    named = {
        index.name
        for table in ("application", "certificate", "person")
        for index in metadata.tables[table].indexes
    }
    assert {f"ix_{table}_name_{part}" for table in ("application", "certificate", "person") for part in (1, 2, 3, "length")} <= named  # fmt: skip


def _add_people() -> None:
    known = factories.person()
    row = {key: getattr(known, key) for key in ("id_kind", "id_number", "employment", "ban_reason")}
    db.session.execute(
        insert(Person),
        [
            {**row, "name": f"张{number:04d}", "id_index": f"{number:064x}", "version": 1}
            for number in range(MANY)
        ],
    )
    db.session.execute(text("ANALYZE"))


def _plan(query: Select[tuple[int]]) -> list[str]:
    """Return how the database answers a query; PostgreSQL is asked for the way without a scan, if there is one."""
    is_postgres = db.engine.dialect.name == "postgresql"
    if is_postgres:
        db.session.execute(text("SET LOCAL enable_seqscan = off"))
    compiled = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    asked = "EXPLAIN " if is_postgres else "EXPLAIN QUERY PLAN "
    return [str(row[-1]) for row in db.session.connection().exec_driver_sql(asked + str(compiled))]
