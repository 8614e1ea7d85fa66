"""The imports of the program: a filled file of each, and what is read from it."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.enums import Level, ReviewStep, Role
from app.extensions import db
from app.ground import clock
from app.models import Expert, Person
from app.services.accounts import people_import
from app.services.experts import expert_roster
from app.services.judging import score_import, score_workbook
from app.services.results import paper_rounds, results
from app.services.results.result_workbook import VoteSheet
from tests.services.imports.drafts import Draft
from tests.support import factories, meetings
from tests.views import desk

MOTIVE = "代表作与申报专业不符"
PEOPLE = [
    ["向若溪", "resident", "43009919920101105X", None, None, "13800000000", None, "enterprise"],
    ["张三丰", "passport", "E12345678", "2", "1985-03-11", None, "a@example.com", "enterprise"],
]
EXPERTS = [
    [
        "向若溪", "resident", "43009919920101105X", None, None, "enterprise", "长沙机床厂", "正高级工程师", "2015-01-01",
        "2016-03-01", "机械", "数控机床", None, "2026-01-01", "2028-12-31",
    ],
    [
        "张三丰", "passport", "E12345678", "1", "1980-03-11", "enterprise", "长沙机床厂", "正高级工程师", "2014-01-01",
        "2014-05-01", "机械", "焊接", "Yes", "2026-01-01", "2027-12-31",
    ],
]  # fmt: skip


@dataclass(frozen=True)
class Importer:
    """An import: its filled file, its headings, and how it reads a file; `read` stores nothing."""

    draft: Draft
    read: Callable[[bytes], Any]
    expected: Any
    headings: dict[str, str]
    key: str
    name: str
    pair: tuple[str, str]
    value: str
    optional: str
    needs_all_rows: bool
    another: Callable[[], bytes]
    """A file of the same kind that was made for something else."""


def votes(app: Flask) -> Importer:
    plan = meetings.offline()
    people = results.candidates(db.session(), plan)
    entered = [
        results.Votes(item.id, 14 - place, 3 + place, place, f"备注{place}")
        for place, item in enumerate(people)
    ]

    return vote_sheet(VoteSheet(plan, people), entered)


def round_on_paper(app: Flask) -> Importer:
    plan = meetings.online()
    sheet = paper_rounds.sheet_of(db.session(), plan)
    entered = [
        results.Votes(item.id, 13 - place, 4 + place, place, f"第{place}人")
        for place, item in enumerate(sheet.candidates)
    ]
    return vote_sheet(sheet, entered)


def vote_sheet(sheet: VoteSheet, entered: list[results.Votes]) -> Importer:
    def read(content: bytes) -> Any:
        return {one.application_id: one for one in sheet.read(io.BytesIO(content))}

    return Importer(
        Draft.of(sheet.template(entered)),
        read,
        {one.application_id: one for one in entered},
        sheet.headings(),
        key="number",
        name="name",
        pair=("yes", "no"),
        value="yes",
        optional="note",
        needs_all_rows=True,
        another=lambda: VoteSheet(meetings.offline(), sheet.candidates).template(entered),
    )


def sheets(app: Flask, step: ReviewStep, filled: list[Any], typed: dict[str, Any]) -> Importer:
    plan = desk.plan()
    me = desk.judge(app, plan)
    cases = [desk.candidate(plan, me) for _count in range(2)]
    notes = {case.id: "只给自己看" for case in cases}
    template = score_workbook.template(plan, step, cases, {}, notes)
    draft = Draft.of(template)
    for row in draft.grid[2:]:
        row[3:5] = filled

    def read(content: bytes) -> Any:
        stream = io.BytesIO(content)
        lines = score_import.read(plan, step, cases, stream, is_final=True, notes=notes)
        return {line.application.number: (line.typed, line.remark) for line in lines}

    first, second = [column.key for column in score_workbook.columns_of(plan, step)]
    return Importer(
        draft,
        read,
        {case.number: (typed, "只给自己看") for case in cases},
        score_workbook.headings(plan, step),
        key=score_workbook.NUMBER,
        name=score_workbook.NAME,
        pair=(second, score_workbook.REMARK if second == "reason" else first),
        value=first,
        optional=score_workbook.REMARK,
        needs_all_rows=True,
        another=lambda: score_workbook.template(desk.plan(), step, cases, {}, {}),
    )


def reviews(app: Flask) -> Importer:
    typed = {"is_passed": "0", "reason": MOTIVE}
    return sheets(app, ReviewStep.MATERIAL_REVIEW, ["Audit not passed", MOTIVE], typed)


def interviews(app: Flask) -> Importer:
    return sheets(app, ReviewStep.INTERVIEW, [41, 12], {"业绩": 41, "学术": 12})


def scores(app: Flask) -> Importer:
    return sheets(app, ReviewStep.MATERIAL_SCORE, [40, 15], {"业绩": 40, "学术": 15})


def people(app: Flask) -> Importer:
    actor = factories.actor(Role.UNIT, unit=factories.unit("长沙机床厂"))
    there = set(db.session.scalars(select(Person.id)))

    def read(content: bytes) -> Any:
        with db.session.begin_nested() as stored:
            people_import.import_people(actor, io.BytesIO(content), at=clock.now())
            query = select(Person).where(Person.unit_id == actor.unit_id, Person.id.not_in(there))
            found = {
                one.id_number: (one.name, str(one.sex), one.birth_date, one.phone, one.email)
                for one in db.session.scalars(query)
            }
            stored.rollback()
        return found

    return Importer(
        Draft.of(people_import.template(), [list(row) for row in PEOPLE]),
        read,
        {
            "43009919920101105X": ("向若溪", "1", date(1992, 1, 1), "13800000000", None),
            "E12345678": ("张三丰", "2", date(1985, 3, 11), None, "a@example.com"),
        },
        {column.field: column.heading for column in people_import.columns()},
        key="id_number",
        name="name",
        pair=("name", "id_number"),
        value="employment",
        optional="email",
        needs_all_rows=False,
        another=expert_roster.template,
    )


def roster(app: Flask) -> Importer:
    factories.title(Level.SENIOR)
    factories.specialty()
    factories.unit("长沙机床厂")
    committee = factories.committee()
    actor = factories.actor(Role.OFFICE, committee=committee)

    def read(content: bytes) -> Any:
        with db.session.begin_nested() as stored:
            stream = io.BytesIO(content)
            expert_roster.import_roster(actor, committee.id, stream, at=clock.now())
            found = {
                one.person.id_number: (
                    one.title_since,
                    one.employed_since,
                    one.research,
                    one.is_scarce,
                )
                for one in db.session.scalars(select(Expert))
            }
            stored.rollback()
        return found

    return Importer(
        Draft.of(expert_roster.template(), [list(row) for row in EXPERTS]),
        read,
        {
            "43009919920101105X": (date(2015, 1, 1), date(2016, 3, 1), "数控机床", False),
            "E12345678": (date(2014, 1, 1), date(2014, 5, 1), "焊接", True),
        },
        {column.field: column.heading for column in expert_roster.columns()},
        key="id_number",
        name="name",
        pair=("title_since", "employed_since"),
        value="term_to",
        optional="research",
        needs_all_rows=False,
        another=people_import.template,
    )


IMPORTERS = {
    "1.2.5": votes,
    "1.2.5 paper": round_on_paper,
    "1.3.1": reviews,
    "1.3.2": interviews,
    "1.3.3": scores,
    "people": people,
    "roster": roster,
}
