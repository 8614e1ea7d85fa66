"""A database in force to rehearse: configuration changed in many places, and a planted mark in everything personal."""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import (
    JSON,
    Connection,
    Enum,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    func,
    select,
    text,
)
from sqlalchemy import Column as Plain
from sqlalchemy import types as kinds

from app import settings
from app.enums import Role, UnitKind
from app.extensions import db
from app.ground import clock
from app.models import CalendarYear, CustomValue, DictItem, FormDefinition, FormStep, OwnRole
from app.models.base import metadata
from app.rehearsal.tables import COPIED, LEFT_OUT
from app.services.form import form_definition
from tests.journeys import stage
from tests.support import factories as make
from tests.support import rights

COMMITTEE = "湖南省工程系列机械专业高级职称评审委员会"
BATCH = "2026年度机械工程高级职称评审"
WORKS = "长沙机械研究所"
BOARD = "长沙市工业和信息化局"
FIRST, LAST = date(2026, 3, 20), date(2026, 6, 20)
"""The batch is to begin three weeks after the day of the rehearsal."""
HEADING, FIELD, VALUE, OWN = "演练改名列", "演练必填项", "演练新民族", "演练自定义角色"
MEGABYTES = 7
EXPORT = rights.EXPORT
"""The right that the role has lost."""
WITHOUT_PERSONS = frozenset({"log_head", "customisation_version"})
"""Tables left out that hold one technical row and no personal text."""
NAMES_SOMEBODY = {
    "actor_id", "actor_name", "asker", "author", "author_id", "cancelled_by", "contact", "email", "first_name",
    "last_name", "person_id", "phone", "proposer", "real_name", "second", "second_id", "second_name", "undone_by",
    "user_id", "username", "remark",
}  # fmt: skip
"""Columns that hold a person, a name, an address, or free text beside one."""
OF_PERSONS = frozenset({"phrase"})
"""Tables that are copied without the rows that belong to somebody."""
SHORTEST = 10
"""Columns that hold fewer characters hold no name, number or address of anybody."""


def build() -> None:
    """Change the configuration and add units, a committee, its review tree, a batch and somebody real."""
    ministry = stage.unit(
        "湖南省人力资源和社会保障厅", region_code="430000", kind=UnitKind.AUTHORITY
    )
    organiser = stage.unit("湖南省机械行业职称工作办公室", region_code="430000", parent=ministry)
    board = stage.unit(BOARD, parent=ministry)
    works = stage.unit(WORKS, UnitKind.PUBLIC, parent=board)
    # takes no part, so nothing invented stands where its contact was
    stage.unit("已撤销单位", parent=ministry, is_active=False)
    committee = stage.committee(organiser, COMMITTEE)
    make.route(committee, board)
    make.route(committee, works, board)
    make.batch(
        committee=committee,
        name=BATCH,
        review_year=2026,
        levels="2",
        apply_start=FIRST,
        apply_end=LAST,
        resubmit_end=date(2026, 7, 1),
        unit_end=date(2026, 7, 10),
        superior_end=date(2026, 7, 20),
        office_end=date(2026, 7, 30),
        material_cutoff=FIRST,
        seniority_date=date(2026, 12, 31),
    )
    make.position(Role.UNIT, unit=works, person=make.person("真实人员", unit=works))
    settings.store_value("upload_max_mb", str(MEGABYTES), valid_from=date(2026, 1, 1))
    db.session.add_all(
        [
            DictItem(kind="nation", code="R1", label=VALUE, order=999),
            CustomValue(
                area="screens",
                target="QualificationView",
                key="column:number",
                scope="",
                value=HEADING,
            ),
            CalendarYear(year=2027, author="真实人员"),
            OwnRole(code="rehearsed", base=Role.UNIT, name=OWN, name_en="Rehearsed"),
        ]
    )
    _take_a_right()
    _publish_a_form()
    db.session.commit()


def _take_a_right() -> None:
    view, permission, role = EXPORT
    names = {"view": view, "permission": permission, "role": role}
    gone = db.session.execute(
        text(
            "DELETE FROM ab_permission_view_role WHERE role_id = (SELECT id FROM ab_role WHERE name = :role)"
            " AND permission_view_id = (SELECT pv.id FROM ab_permission_view pv"
            " JOIN ab_permission p ON p.id = pv.permission_id AND p.name = :permission"
            " JOIN ab_view_menu v ON v.id = pv.view_menu_id AND v.name = :view)"
        ),
        names,
    )
    assert gone.rowcount == 1


def _publish_a_form() -> None:
    """Publish a version of the form that asks everybody for one thing more."""
    newest = form_definition.newest_version(db.session())
    body = copy.deepcopy(
        db.session.scalars(
            select(FormDefinition.body).where(FormDefinition.form_version == newest)
        ).one()
    )
    body["version"] = newest + 1
    part = next(one for one in body["sections"] if one["key"] == "basic")
    part["fields"].append({"key": "rehearsed", "label": FIELD, "kind": "text", "is_required": True})
    row = FormDefinition(form_version=newest + 1, title=body["title"], body=body)
    db.session.add(row)
    form_definition.publish(row, at=clock.now())
    db.session.flush()
    db.session.add(
        FormStep(
            definition_id=row.id,
            number=0,
            body=body,
            what="begin",
            author="真实人员",
            at=clock.now(),
        )
    )


def plant(connection: Connection) -> list[str]:
    """Plant a mark in every personal text of every table; return the marks. Rows may break rules and references."""
    marks: list[str] = []
    for number, table in enumerate(metadata.sorted_tables):
        if table.name in COPIED:
            _plant_in_all(connection, table, marks)
        if table.name in (LEFT_OUT | OF_PERSONS) - WITHOUT_PERSONS:
            row = {one.name: _value(one, number, marks) for one in table.columns}
            connection.execute(_plain(table).insert(), [row])
    return marks


def _plant_in_all(connection: Connection, table: Table, marks: list[str]) -> None:
    """Plant marks in the columns of all rows of a copied table that name somebody."""
    texts = [
        one
        for one in table.columns
        if one.name in NAMES_SOMEBODY and isinstance(one.type, kinds.String)
    ]
    if texts:
        assert connection.scalar(select(func.count()).select_from(table)), table.name
        connection.execute(table.update().values({one: _mark(marks) for one in texts}))


def _plain(table: Table) -> Table:
    return Table(
        table.name, MetaData(), *(Plain(one.name, _stored(one.type)) for one in table.columns)
    )


def _stored(kind: Any) -> Any:
    if isinstance(kind, TypeDecorator):
        return kind.impl_instance
    return Text() if isinstance(kind, Enum) else kind


def _value(column: Any, number: int, marks: list[str]) -> Any:
    """Return a mark for a text, and something of its type for any other column."""
    kind = _stored(column.type)
    if isinstance(column.type, Enum):
        return column.type.enums[0]
    if isinstance(kind, JSON):
        return {"text": _mark(marks)}
    if isinstance(kind, kinds.String):
        is_long = kind.length is None or kind.length >= SHORTEST
        return _mark(marks) if is_long else "~"
    return next(value for of, value in _samples(number) if isinstance(kind, of))


def _samples(number: int) -> Iterator[tuple[Any, Any]]:
    now = clock.now().replace(tzinfo=None)
    yield kinds.Boolean, True
    yield kinds.Integer, 900_000 + number
    yield kinds.Float, 1.5
    yield kinds.DateTime, now
    yield kinds.Date, now.date()


def _mark(marks: list[str]) -> str:
    marks.append(f"Qz{len(marks):05d}zQ")
    return marks[-1]
