"""1.4.1 and its companions over HTTP: apply, recommend, admit, serve, leave; the roster in and out."""

import io
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.enums import ExpertState, Level, Role, SeatState, Sex
from app.extensions import db
from app.ground import clock
from app.models import AuditLog, Committee, Expert, Message, Person, Position, Relation, Unit
from app.services.experts import expert_roster, expert_rules
from app.services.imports import sheet_reader
from app.services.jobs import scheduled_jobs
from tests.bad_input import desk
from tests.bad_input.forms import membership as application
from tests.support import factories as f
from tests.support import workbooks
from tests.support.signing import english

REASON = "本人身体原因，不再担任"
NUMBER = "43009919920101105X"


@pytest.fixture
def committee(app: Flask) -> Committee:
    f.title(Level.SENIOR)
    return f.committee(name="工程系列高评委")


@pytest.fixture
def unit(app: Flask) -> Unit:
    return f.unit("长沙机床厂")


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return client(app, f.position(Role.OFFICE, committee=committee))


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return client(app, f.position(Role.UNIT, unit=unit))


@pytest.fixture
def person(unit: Unit) -> Person:
    return f.person("欧阳春晓", unit=unit, sex=Sex.FEMALE)


@pytest.fixture
def applicant(app: Flask, person: Person) -> FlaskClient:
    return client(app, f.position(Role.APPLICANT, person=person))


def client(app: Flask, position: Position) -> FlaskClient:
    return english(desk.at(app, position))


def entry(committee: Committee, **typed: Any) -> dict[str, Any]:
    return (
        application(committee)
        | {
            "name": "向若溪",
            "id_kind": "resident",
            "id_number": NUMBER,
            "employment": "enterprise",
            "term_from": f.today().isoformat(),
            "term_to": f.in_days(900).isoformat(),
        }
        | typed
    )


def press(who: FlaskClient, url: str, record: Expert, **typed: Any) -> Any:
    return who.post(url, data={"row": desk.row(record)} | typed)


def the_expert(session: Session) -> Expert:
    session.expire_all()
    return session.scalars(select(Expert)).one()


# the whole way


def test_way_into_the_pool_and_out_again(
    app: Flask,
    session: Session,
    committee: Committee,
    person: Person,
    applicant: FlaskClient,
    clerk: FlaskClient,
    office: FlaskClient,
) -> None:
    assert applicant.get("/g/my-experts/add").status_code == 200
    applied = applicant.post("/g/my-experts/add", data=application(committee))
    assert applied.status_code == 303, applied.text
    record = the_expert(session)
    assert (record.state, record.term_from) == (ExpertState.APPLIED, f.today())
    assert "欧阳春晓" in clerk.get("/g/expert-recommendation/").text
    assert "欧阳春晓" not in office.get("/g/1.4.1/waiting/").text
    recommended = press(
        clerk, "/g/expert-recommendation/act/recommend", record, decision="recommend"
    )
    assert recommended.status_code == 303
    assert "欧阳春晓" not in clerk.get("/g/expert-recommendation/").text
    assert "欧阳春晓" in clerk.get("/g/expert-recommendation/all/").text
    assert "欧阳春晓" in office.get("/g/1.4.1/waiting/").text
    shown = office.get(f"/g/1.4.1/waiting/{record.id}").text
    assert f'value="{f.today()}"' in shown
    admitted = press(
        office,
        "/g/1.4.1/waiting/act/audit",
        the_expert(session),
        decision="admit",
        term_from=f.today().isoformat(),
        term_to=expert_rules.longest_term(f.today()).isoformat(),
    )
    assert admitted.status_code == 303, admitted.text

    # in the pool: the position of a judge works
    record = the_expert(session)
    assert record.state is ExpertState.ADMITTED
    position = session.scalars(select(Position).where(Position.role == Role.JUDGE)).one()
    assert position.user_id == person.user_id
    judge = client(app, position)
    assert judge.get("/g/1.3.1/").status_code == 200
    taken = press(
        applicant,
        "/g/my-experts/act/leave",
        record,
        opinion=REASON,
        leave_from=f.today().isoformat(),
        leave_to=f.in_days(9).isoformat(),
    )
    assert taken.status_code == 303, taken.text
    assert str(f.in_days(9)) in office.get(f"/g/1.4.1/{record.id}").text
    ended = press(office, "/g/1.4.1/act/end_leave", the_expert(session))
    assert ended.status_code == 303, ended.text

    # the term ends, and the position with it
    record = the_expert(session)
    record.term_from, record.term_to = f.in_days(-900), f.in_days(-1)
    session.commit()
    scheduled_jobs.run(clock.now())
    assert the_expert(session).state is ExpertState.EXPIRED
    assert judge.get("/g/1.3.1/").status_code in (302, 403)
    subjects = session.scalars(select(Message.url).where(Message.user_id == person.user_id))
    assert set(subjects) == {f"/g/my-experts/{record.id}"}


def test_applicant_reads_no_names_of_staff(
    session: Session, committee: Committee, applicant: FlaskClient, clerk: FlaskClient
) -> None:
    applicant.post("/g/my-experts/add", data=application(committee))
    record = the_expert(session)
    press(clerk, "/g/expert-recommendation/act/recommend", record, decision="recommend")
    name = session.scalars(
        select(f.User.real_name)
        .join(Position, Position.user_id == f.User.id)
        .where(Position.role == Role.UNIT)
    ).one()

    page = applicant.get(f"/g/my-experts/{record.id}").text

    assert "长沙机床厂" in page
    assert f">{name}<" not in page


def test_newest_certificate_is_proposed(
    committee: Committee, person: Person, applicant: FlaskClient, unit: Unit
) -> None:
    f.certificate(f.application(person=person, unit=unit), obtained_on=date(2019, 5, 6))

    page = applicant.get("/g/my-experts/add").text

    assert 'value="2019-05-06"' in page


def test_rows_of_others_do_not_exist(
    app: Flask, session: Session, committee: Committee, applicant: FlaskClient, clerk: FlaskClient
) -> None:
    foreign = f.expert(f.committee(), state=ExpertState.APPLIED)
    own_office = client(app, f.position(Role.OFFICE, committee=committee))
    elsewhere = client(app, f.position(Role.HRSS, unit=f.unit(region_code="430700")))
    pool = f.expert(committee)

    for who, base in (
        (applicant, "/g/my-experts"),
        (clerk, "/g/expert-recommendation"),
        (own_office, "/g/1.4.1"),
    ):
        assert who.get(f"{base}/{foreign.id}").status_code == 404
    assert (
        press(
            clerk, "/g/expert-recommendation/act/recommend", foreign, decision="recommend"
        ).status_code
        == 404
    )
    assert press(elsewhere, "/g/1.4.1/act/remove", pool, opinion=REASON).status_code == 404
    session.expire_all()
    assert (foreign.state, pool.state) == (ExpertState.APPLIED, ExpertState.ADMITTED)


def test_authority_sees_its_region_and_may_remove(
    app: Flask, session: Session, committee: Committee
) -> None:
    authority = client(app, f.position(Role.HRSS, unit=f.unit(region_code="430000")))
    record = f.expert(committee, person=f.person("司徒明月", unit=f.unit()))

    assert "司徒明月" in authority.get("/g/1.4.1/").text
    assert authority.get("/g/1.4.1/waiting/").status_code == 403
    assert authority.get("/g/1.4.1/import").status_code == 403
    assert authority.get("/g/1.4.1/add").status_code == 403
    removed = press(authority, "/g/1.4.1/act/remove", record, opinion="泄露评审信息")

    assert removed.status_code == 303, removed.text
    session.expire_all()
    assert record.state is ExpertState.REMOVED


def test_detail_shows_conditions_with_clause_and_service(
    office: FlaskClient, committee: Committee, person: Person
) -> None:
    judge = f.user(person=person)
    record = f.expert(committee, person=person)
    f.seat(
        f.plan(batch=f.batch(committee=committee), name="本会会议"), judge, state=SeatState.PRESENT
    )
    f.seat(f.plan(name="别处会议"), judge)

    page = office.get(f"/g/1.4.1/{record.id}").text

    assert "本会会议" in page
    assert "别处会议" not in page
    assert "Hunan&#39;s rules on review experts" in page
    assert "not known since when" in page
    assert "not available here yet" not in office.get("/g/1.4.1/").text


def test_office_takes_an_expert_out_of_the_pool(
    office: FlaskClient, committee: Committee, person: Person, session: Session
) -> None:
    record = f.expert(committee, person=person)

    answer = press(office, "/g/1.4.1/act/leave_pool", record, opinion=REASON)

    assert answer.status_code == 303
    assert the_expert(session).state is ExpertState.LEFT


def test_withdrawn_application_may_be_made_again_the_same_day(
    session: Session, committee: Committee, applicant: FlaskClient
) -> None:
    applicant.post("/g/my-experts/add", data=application(committee))
    answer = press(applicant, "/g/my-experts/act/withdraw", the_expert(session))
    again = applicant.post("/g/my-experts/add", data=application(committee))

    assert (answer.status_code, again.status_code) == (303, 303)
    session.expire_all()
    found = session.execute(select(Expert.state, Expert.term_from).order_by(Expert.id)).tuples()
    assert list(found) == [
        (ExpertState.LEFT, f.today()),
        (ExpertState.APPLIED, f.in_days(1)),
    ]


def test_account_without_a_person_applies_for_nobody(app: Flask, committee: Committee) -> None:
    nobody = client(app, f.position(Role.APPLICANT, user=f.user()))

    assert "for yourself only" in nobody.post("/g/my-experts/add", data=application(committee)).text
    declared = nobody.post("/g/my-relations/add", data={"kind": "kin", "name": "向小明"})
    assert "Only a person" in declared.text


# one by hand


def test_office_enters_somebody_new(
    session: Session, office: FlaskClient, committee: Committee, unit: Unit
) -> None:
    assert office.get("/g/1.4.1/add").status_code == 200

    answer = office.post("/g/1.4.1/add", data=entry(committee, unit_id=unit.id))

    assert answer.status_code == 303, answer.text
    record = the_expert(session)
    assert (record.state, record.unit_id) == (ExpertState.ADMITTED, unit.id)
    assert (record.person.name, record.person.unit_id) == ("向若溪", unit.id)
    assert record.person.id_number == NUMBER


def test_office_enters_somebody_registered_by_number_and_name(
    session: Session, office: FlaskClient, committee: Committee, unit: Unit
) -> None:
    known = f.person("向若溪", unit=unit, id_number=NUMBER)

    answer = office.post("/g/1.4.1/add", data=entry(committee))

    assert answer.status_code == 303, answer.text
    assert the_expert(session).person_id == known.id


@pytest.mark.parametrize("registered", [True, False])
def test_unit_is_asked_for_only_where_none_is_registered(
    session: Session, office: FlaskClient, committee: Committee, unit: Unit, registered: bool
) -> None:
    f.person("向若溪", unit=unit if registered else None, id_number=NUMBER)
    other = f.unit("别的单位")
    typed = entry(committee, unit_id=other.id) if registered else entry(committee)

    answer = office.post("/g/1.4.1/add", data=typed)

    assert answer.status_code == 422
    assert ("is registered with" if registered else "No unit is registered") in answer.text
    assert session.scalars(select(Expert)).all() == []


# the roster


LINE = [
    "向若溪", "resident", NUMBER, "", "", "enterprise", "长沙机床厂", "正高级工程师", "2015-01-01", "2015-03-01",
    "机械", "数控机床", "", "2026-01-01", "2028-12-31",
]  # fmt: skip


def filled(*lines: list[Any], version: str = expert_roster.VERSION) -> io.BytesIO:
    headings = [column.heading for column in expert_roster.columns()]
    return workbooks.filled(expert_roster.KEY_SHEET, version, *lines, headings=headings)


def send(office: FlaskClient, committee: Committee, content: io.BytesIO) -> Any:
    return workbooks.send(office, "/g/1.4.1/import", content, committee_id=committee.id)


def line(**changes: Any) -> list[Any]:
    """Return a row of the roster with some cells changed, by the number of the column."""
    values = list(LINE)
    for place, value in changes.items():
        values[int(place.removeprefix("c"))] = value
    return values


def test_template_has_the_columns(app: Flask, office: FlaskClient) -> None:
    answer = office.get("/g/1.4.1/template.xlsx")

    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    assert [cell.value for cell in sheet[2]][:3] == ["Name", "ID kind", "ID number"]
    assert sheet.max_column == len(LINE)


def test_roster_is_taken(
    session: Session, office: FlaskClient, committee: Committee, unit: Unit, person: Person
) -> None:
    second = line(
        c0=person.name, c2=person.id_number, c6="", c7="0501", c10="05001", c12="Yes",
        c13=date(2026, 1, 2), c3="", c5="public_post",
    )  # fmt: skip

    answer = send(office, committee, filled(LINE, second))

    assert answer.status_code == 303, answer.text
    found = session.scalars(select(Expert).order_by(Expert.id)).all()
    assert [(one.person.name, one.is_scarce, one.state) for one in found] == [
        ("向若溪", False, ExpertState.ADMITTED),
        (person.name, True, ExpertState.ADMITTED),
    ]
    row = session.scalars(select(AuditLog).where(AuditLog.kind == "expert_import")).one()
    assert row.details == {"added": 2}
    again = send(office, committee, filled(LINE))
    assert "in this pool already" in again.text


def test_roster_with_wrong_rows_takes_nobody(
    session: Session, office: FlaskClient, committee: Committee, unit: Unit
) -> None:
    f.title(Level.ASSOCIATE)
    wrong = [
        LINE,
        line(c2="430099199201011051", c0="王"),
        line(c2=f.id_number(), c7="高级工程师"),
        line(c2=f.id_number(), c7="没有的职称", c10="没有的专业", c6="没有的单位"),
        line(c2=f.id_number(), c13="2022-01-01", c14="2026-12-31"),
        line(c2=f.id_number(), c9="2024-13-01"),
        line(c2=f.id_number(), c13="", c5=""),
        LINE,
        line(c2=f.id_number(), c6=""),
        line(c2=f.id_number(), c11="工" * 300),
    ]

    answer = send(office, committee, filled(*wrong))

    assert answer.status_code == 422
    for words in (
        "Nothing was taken", "Row 4", "Row 5: Title held:", "Row 6: Unit: “没有的单位”", "“没有的职称”",
        "“没有的专业”", "Row 7: Term to:", "Row 8: Employed", "Row 9: Employment:", "Row 9: Term from:",
        "stands in row 3", "Row 11: Unit:", "Row 12: Field of research:",
    ):  # fmt: skip
        assert words in answer.text, words
    assert session.scalars(select(Expert)).all() == []
    assert session.scalars(select(Person).where(Person.name == "向若溪")).all() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (io.BytesIO(b"no workbook"), "cannot be read as Excel"),
        (filled(LINE, version="0"), "not the present template"),
        (filled(), "nobody in the file"),
    ],
)
def test_other_files_are_refused(
    office: FlaskClient, committee: Committee, content: io.BytesIO, words: str
) -> None:
    answer = send(office, committee, content)

    assert answer.status_code == 422
    assert words in answer.text


def test_roster_for_another_committee_is_refused(
    session: Session, office: FlaskClient, unit: Unit
) -> None:
    answer = send(office, f.committee(), filled(LINE))

    assert answer.status_code == 422
    assert session.scalars(select(Expert)).all() == []


def test_export_holds_the_roster_with_service(
    office: FlaskClient, committee: Committee, person: Person
) -> None:
    judge = f.user(person=person)
    f.expert(committee, person=person, research="=1+1")
    f.expert(f.committee(), person=f.person("司徒明月", unit=f.unit()))
    f.seat(f.plan(batch=f.batch(committee=committee)), judge)

    answer = office.get("/g/1.4.1/export.xlsx")

    lines = list(load_workbook(io.BytesIO(answer.data)).active.values)
    assert len(lines) == 2
    assert lines[0][0] == "Name"
    assert lines[1][:6] == (
        "欧阳春晓", "长沙机床厂", "正高级工程师", "Senior (full)", "机械", "'=1+1",
    )  # fmt: skip
    assert lines[1][-4:] == (1, 1, 0, 0)


def test_export_asks_as_often_for_many_as_for_one(
    office: FlaskClient, committee: Committee
) -> None:
    def statements() -> int:
        seen: list[str] = []
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        assert office.get("/g/1.4.1/export.xlsx").status_code == 200
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(seen)

    f.expert(committee)
    db.session.commit()
    one = statements()
    for _ in range(5):
        f.expert(committee)
    db.session.commit()

    assert statements() == one


# declared relations


def test_relations_are_declared_and_removed(
    session: Session, applicant: FlaskClient, person: Person
) -> None:
    answer = applicant.post(
        "/g/my-relations/add",
        data={"kind": "kin", "name": "向小明", "id_number": NUMBER.lower(), "note": "表兄"},
    )
    assert answer.status_code == 303, answer.text
    relation = session.scalars(select(Relation)).one()
    assert relation.person_id == person.id
    assert relation.id_index == f.persons.index_of(NUMBER)
    audited = session.scalars(select(AuditLog).where(AuditLog.kind == "register")).one()
    assert "向小明" not in repr((audited.subject, audited.details))
    assert "向小明" in applicant.get(f"/g/my-relations/{relation.id}").text
    assert "向小明" in applicant.get(f"/g/my-relations/{relation.id}/remove").text
    removed = applicant.post(f"/g/my-relations/{relation.id}/remove")

    assert removed.status_code == 303
    assert session.scalars(select(Relation)).all() == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"id_number": "430099199201011051"}, "last character"),
        ({"name": "a"}, "2"),
        ({"kind": "enemy"}, "not offered"),
    ],
)
def test_wrong_relation_is_refused(
    session: Session, applicant: FlaskClient, typed: dict[str, str], words: str
) -> None:
    answer = applicant.post("/g/my-relations/add", data={"kind": "other", "name": "向小明"} | typed)

    assert answer.status_code == 422
    assert words in answer.text
    assert session.scalars(select(Relation)).all() == []


def test_relations_of_others_do_not_exist(session: Session, applicant: FlaskClient) -> None:
    foreign = f.relation(f.person(unit=f.unit()))

    assert applicant.get(f"/g/my-relations/{foreign.id}").status_code == 404
    assert applicant.post(f"/g/my-relations/{foreign.id}/remove").status_code == 404
    assert session.scalars(select(Relation)).all() == [foreign]


def test_relations_have_an_end(applicant: FlaskClient, person: Person) -> None:
    for _ in range(200):
        f.relation(person)

    answer = applicant.post("/g/my-relations/add", data={"kind": "other", "name": "向小明"})

    assert answer.status_code == 422
    assert "200" in answer.text


def test_condition_that_is_not_known_is_said(
    office: FlaskClient, clerk: FlaskClient, committee: Committee, unit: Unit
) -> None:
    ageless = f.expert(committee, person=f.person("司徒明月", unit=unit, sex=None))

    assert "not known" in office.get(f"/g/1.4.1/{ageless.id}").text
    assert "not known" in clerk.get(f"/g/expert-recommendation/all/{ageless.id}").text


def test_roster_beyond_its_rows_is_refused(office: FlaskClient, committee: Committee) -> None:
    for count in (1, sheet_reader.MORE_ROWS + 1):
        many = filled(*([LINE] * (expert_roster.MOST_ROWS + count)))
        assert "may hold 500 people" in send(office, committee, many).text


def test_day_in_a_cell_of_text_is_refused(office: FlaskClient, committee: Committee) -> None:
    answer = send(office, committee, filled(line(c11=date(2026, 1, 1), c0=17.0)))

    assert "A date stands here" in answer.text
