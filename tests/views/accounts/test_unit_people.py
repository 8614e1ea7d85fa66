"""本单位人员: a unit enters its people one by one or from Excel, never anybody of another unit."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Employment, IdKind, Role
from app.models import AuditLog, Person, Unit
from app.services.accounts import people_import
from tests.bad_input import desk
from tests.support import factories, workbooks
from tests.support.signing import english

NUMBER = "43009919920101105X"
OTHER = "430099198503071010"
TYPED = {
    "name": "向若溪",
    "id_kind": "resident",
    "id_number": NUMBER.lower(),
    "employment": "enterprise",
}
ROW = ["向若溪", "resident", NUMBER, "", "", "13800000000", "", "enterprise"]


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit("长沙机床厂")


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    holder = factories.position(Role.UNIT, user=factories.user(), unit=unit)
    return english(desk.at(app, holder))


def filled(*rows: list[Any], version: str | None = people_import.VERSION) -> io.BytesIO:
    """Return a filled template."""
    headings = [column.heading for column in people_import.columns()]
    return workbooks.filled(people_import.KEY_SHEET, version, *rows, headings=headings)


def send(clerk: FlaskClient, content: io.BytesIO) -> Any:
    return workbooks.send(clerk, "/g/unit-people/import", content)


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Person.name).order_by(Person.id)))


# the list


def test_list_shows_own_people_with_masked_numbers(clerk: FlaskClient, unit: Unit) -> None:
    person = factories.person("向若溪", unit=unit, id_number=NUMBER)
    factories.person("王外人", unit=factories.unit())

    listed = clerk.get("/g/unit-people/").text
    shown = clerk.get(f"/g/unit-people/{person.id}").text

    for page in (listed, shown):
        assert "4300**********105X" in page
        assert NUMBER not in page
        assert "138****0000" in page
        assert "王外人" not in page


def test_export_holds_masked_numbers(clerk: FlaskClient, unit: Unit) -> None:
    factories.person("向若溪", unit=unit, id_number=NUMBER)

    answer = clerk.get("/g/unit-people/export.xlsx")

    cells = [
        str(cell) for row in load_workbook(io.BytesIO(answer.data)).active.values for cell in row
    ]
    assert "4300**********105X" in cells
    assert NUMBER not in cells


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.SUPERIOR, Role.HRSS, Role.SYSADMIN])
def test_menu_is_the_unit_clerks(app: Flask, unit: Unit, role: Role) -> None:
    place = {"unit": unit} if role in (Role.SUPERIOR, Role.HRSS) else {}
    other = desk.at(app, factories.position(role, user=factories.user(), **place))

    assert other.get("/g/unit-people/").status_code == 403
    assert other.post("/g/unit-people/import").status_code == 403


# one by one


def test_person_is_entered(session: Session, clerk: FlaskClient, unit: Unit) -> None:
    answer = clerk.post("/g/unit-people/add", data=TYPED)

    person = session.scalars(select(Person)).one()
    assert answer.location == f"/g/unit-people/{person.id}"
    assert (person.name, person.id_number, person.unit_id, person.user_id) == (
        "向若溪",
        NUMBER,
        unit.id,
        None,
    )
    assert person.employment is Employment.ENTERPRISE
    row = session.scalars(select(AuditLog).where(AuditLog.kind == "person_add")).one()
    assert row.subject == f"person:{person.id}"
    assert "向若溪" not in repr(row.details)


def test_person_of_another_unit_stays_there(session: Session, clerk: FlaskClient) -> None:
    other = factories.unit()
    person = factories.person("向若溪", unit=other, id_number=NUMBER)

    answer = clerk.post("/g/unit-people/add", data=TYPED)

    assert answer.status_code == 422
    assert "stays there" in answer.text
    assert other.name not in answer.text
    session.refresh(person)
    assert person.unit_id == other.id


def test_person_without_a_unit_joins_under_the_same_name(
    session: Session, clerk: FlaskClient, unit: Unit
) -> None:
    person = factories.person("向若溪", id_number=NUMBER)
    factories.user(person=person)

    wrong = clerk.post("/g/unit-people/add", data=TYPED | {"name": "向若水"})
    right = clerk.post("/g/unit-people/add", data=TYPED)

    assert (wrong.status_code, right.status_code) == (422, 303)
    session.refresh(person)
    assert (person.name, person.unit_id, person.phone) == ("向若溪", unit.id, "13800000000")
    assert "person_join" in session.scalars(select(AuditLog.kind)).all()


def test_person_without_a_unit_stays_so_while_an_application_is_under_way(
    session: Session, clerk: FlaskClient
) -> None:
    person = factories.person("向若溪", id_number=NUMBER)
    factories.application(ApplicationState.AT_UNIT, person=person, unit=factories.unit())

    answer = clerk.post("/g/unit-people/add", data=TYPED)

    assert answer.status_code == 422
    session.refresh(person)
    assert person.unit_id is None


def test_person_without_an_account_is_corrected(
    session: Session, clerk: FlaskClient, unit: Unit
) -> None:
    person = factories.person("向若西", unit=unit, id_number=NUMBER)
    session.commit()

    page = clerk.get(f"/g/unit-people/{person.id}/correct").text
    typed = TYPED | {"id_number": OTHER, "version": person.version}
    answer = clerk.post(f"/g/unit-people/{person.id}/correct", data=typed)

    assert 'value="向若西"' in page
    assert answer.status_code == 303
    session.refresh(person)
    assert (person.name, person.id_number) == ("向若溪", OTHER)


def test_number_of_somebody_else_is_no_correction(
    session: Session, clerk: FlaskClient, unit: Unit
) -> None:
    person = factories.person("向若西", unit=unit, id_number=NUMBER)
    factories.person("王外人", id_number=OTHER)

    answer = clerk.post(f"/g/unit-people/{person.id}/correct", data=TYPED | {"id_number": OTHER})

    assert answer.status_code == 422
    assert "somebody else" in answer.text


def test_person_with_an_account_is_not_corrected(
    session: Session, clerk: FlaskClient, unit: Unit
) -> None:
    """Who could change the mobile could have the next password sent to himself."""
    person = factories.person("向若溪", unit=unit, id_number=NUMBER)
    factories.user(person=person)
    session.commit()

    answer = clerk.post(
        f"/g/unit-people/{person.id}/correct", data=TYPED | {"phone": "13911111111"}
    )

    assert answer.status_code == 302
    session.refresh(person)
    assert person.phone == "13800000000"
    assert "correct" not in clerk.get(f"/g/unit-people/{person.id}").text


def test_person_of_another_unit_does_not_exist_here(clerk: FlaskClient) -> None:
    person = factories.person("向若溪", unit=factories.unit(), id_number=NUMBER)

    answers = [clerk.get(f"/g/unit-people/{person.id}{page}") for page in ("", "/correct")]

    assert [answer.status_code for answer in answers] == [404, 404]


# from Excel


def test_template_is_read_back(session: Session, clerk: FlaskClient) -> None:
    book = load_workbook(io.BytesIO(clerk.get("/g/unit-people/template.xlsx").data))
    for place, value in enumerate(ROW, start=1):
        book.worksheets[0].cell(3, place).value = value
    stream = io.BytesIO()
    book.save(stream)
    stream.seek(0)

    answer = send(clerk, stream)

    assert answer.status_code == 303, answer.text
    assert names(session) == ["向若溪"]


def test_import_takes_everybody(session: Session, clerk: FlaskClient, unit: Unit) -> None:
    factories.person("向若溪", unit=unit, id_number=NUMBER)
    rows = [ROW, ["张三", "居民身份证", f"'{OTHER}", "", "", None, "", "企业人员"]]
    with clerk.session_transaction() as held:
        held["locale"] = "zh_Hans_CN"
    rows[1][1], rows[1][7] = labels(clerk)
    more = [
        "ANNA MUSTER",
        "passport",
        "E12345678",
        "2",
        "1985-03-11",
        "",
        "a@example.com",
        "enterprise",
    ]

    answer = send(clerk, filled(*rows, more))

    assert answer.status_code == 303, answer.text
    people = session.scalars(select(Person).order_by(Person.id)).all()
    assert [(one.name, one.unit_id) for one in people] == [
        ("向若溪", unit.id), ("张三", unit.id), ("ANNA MUSTER", unit.id),
    ]  # fmt: skip
    row = session.scalars(select(AuditLog).where(AuditLog.kind == "people_import")).one()
    assert (row.subject, row.details) == (f"unit:{unit.id}", {"added": 2, "known": 1})


def labels(clerk: FlaskClient) -> tuple[str, str]:
    """Return the words of the Chinese template for a resident's card and an enterprise."""
    with clerk.application.test_request_context(headers={"Accept-Language": "zh"}):
        return str(IdKind.RESIDENT.label), str(Employment.ENTERPRISE.label)


WRONG = [
    (
        ["向若水", "resident", NUMBER, "", "", "", "", "enterprise"],
        "Row 4: The same|Row 4: ID number",
    ),
    (["张三", "resident", OTHER[:-1] + "1", "", "", "", "", "enterprise"], "Row 4: ID number"),
    (["张三", "resident", 430099198503071010, "", "", "", "", "enterprise"], "rounded"),
    (["张三", "resident", 4.30099198503071e17, "", "", "", "", "enterprise"], "rounded"),
    (["张三", "card", OTHER, "", "", "", "", "enterprise"], "is none of"),
    (["张三", "", OTHER, "", "", "", "", "enterprise"], "Choose one of the list"),
    (["张三", "resident", OTHER, "", "", "", "", None], "Employment"),
    (["张三", "resident", "=1+1", "", "", "", "", "enterprise"], "Row 4"),
    (["张三", "passport", "E12345678", "", "", "", "", "enterprise"], "Sex"),
    (["张三", "resident", OTHER, "2", "", "", "", "enterprise"], "Digit 17"),
    (["张三", "resident", OTHER, "", "31.2.1985", "", "", "enterprise"], "is no day"),
    (["<b>张</b>", "resident", OTHER, "", "", "123", "x@", "enterprise"], "Row 4: Mobile"),
    ([None, None, None, None, None, None, "only mail", None], "Row 4: Name"),
]


@pytest.mark.parametrize(("row", "says"), WRONG)
def test_one_wrong_row_and_nothing_is_taken(
    session: Session, clerk: FlaskClient, row: list[Any], says: str
) -> None:
    answer = send(clerk, filled(ROW, row))

    assert answer.status_code == 422
    assert "Nothing was taken" in answer.text
    assert any(one in answer.text for one in says.split("|"))
    assert names(session) == []


def test_report_names_every_wrong_row(session: Session, clerk: FlaskClient) -> None:
    factories.person("王外人", unit=factories.unit(), id_number=OTHER)
    rows = [ROW, [*ROW[:2], OTHER, *ROW[3:]], ["", *ROW[1:]], ["张三", *ROW[1:]]]

    page = send(clerk, filled(*rows)).text

    assert "Row 3" not in page
    assert all(f"Row {number}" in page for number in (4, 5, 6))
    assert names(session) == ["王外人"]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"PK\x03\x04 broken", b"name,number\n1,2\n",
        filled(ROW, version=None).getvalue(), filled(ROW, version="0").getvalue(), filled().getvalue(),
        b"x" * (6 * 1024 * 1024),
    ],
    ids=["empty", "broken", "csv", "no version", "old version", "no rows", "large"],
)  # fmt: skip
def test_other_files_are_refused(session: Session, clerk: FlaskClient, content: bytes) -> None:
    answer = send(clerk, io.BytesIO(content))

    assert answer.status_code == 422
    assert 'class="error"' in answer.text or "Nothing was taken" in answer.text
    assert names(session) == []


def test_many_rows_are_taken_at_once(session: Session, clerk: FlaskClient) -> None:
    rows = [
        ["张三", "resident", factories.id_number(sequence=n), "", "", "", "", "enterprise"]
        for n in range(1, 301)
    ]

    answer = send(clerk, filled(*rows))

    assert answer.status_code == 303
    assert len(names(session)) == 300


def test_too_many_rows_are_refused(session: Session, clerk: FlaskClient) -> None:
    answer = send(clerk, filled(*([ROW] * (people_import.MOST_ROWS + 1))))

    assert answer.status_code == 422
    assert "split it" in answer.text
