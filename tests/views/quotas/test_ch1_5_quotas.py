"""1.5.1 and 1.5.2 over HTTP: a public institution asks for posts, its superior grants them."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import QuotaKind, QuotaState, Role, UnitKind
from app.models import Attachment, Quota, Unit
from tests.support import factories as f
from tests.support.signing import client_of, english

SPECIALTY = "05001"


@pytest.fixture
def superior(app: Flask) -> Unit:
    f.specialty(SPECIALTY)
    return f.unit(kind=UnitKind.AUTHORITY)


@pytest.fixture
def unit(superior: Unit) -> Unit:
    return f.unit(kind=UnitKind.PUBLIC, parent=superior)


@pytest.fixture
def clerk(app: Flask, unit: Unit) -> FlaskClient:
    return client_of(app, f.position(Role.UNIT, unit=unit))


@pytest.fixture
def chief(app: Flask, superior: Unit) -> FlaskClient:
    return client_of(app, f.position(Role.SUPERIOR, unit=superior))


def typed(**values: Any) -> dict[str, Any]:
    return {
        "review_year": f.today().year,
        "level": "2",
        "specialty_code": SPECIALTY,
        "posts": "10",
        "held": "8",
        "asked": "2",
        "kind": "vacancy",
        "note": "",
    } | values


def decide(client: FlaskClient, quota: Quota, **form: Any) -> Any:
    return client.post("/g/1.5.2/act/audit", data={"row": f"{quota.id}:{quota.version}"} | form)


def test_posts_are_asked_for_returned_changed_and_granted(
    clerk: FlaskClient, chief: FlaskClient, session: Session
) -> None:
    assert clerk.get("/g/1.5.1/add").status_code == 200

    asked = clerk.post("/g/1.5.1/add", data=typed())
    assert asked.status_code == 303, asked.text
    quota = session.scalars(select(Quota)).one()
    returned = decide(chief, quota, decision="refuse", opinion="核准岗位数与岗位设置方案不符")
    assert returned.status_code == 303
    assert clerk.get(f"/g/1.5.1/{quota.id}/edit").status_code == 200
    changed = clerk.post(f"/g/1.5.1/{quota.id}/edit", data=typed(posts="12", asked="3"))
    assert changed.status_code == 303, changed.text
    session.expire_all()
    granted = decide(chief, quota, decision="approve", granted="2")

    assert granted.status_code == 303
    session.expire_all()
    assert (quota.state, quota.asked, quota.granted) == (QuotaState.APPROVED, 3, 2)
    assert "Posts left" in chief.get(f"/g/1.5.2/{quota.id}").text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"asked": "3"}, "2 are vacant"),
        ({"asked": "-1"}, "from 1 to"),
        ({"asked": "1.5"}, "whole number"),
        ({"held": "11"}, "11 posts are held"),
        ({"specialty_code": "no-such"}, "no such entry"),
        ({"kind": "talent", "asked": "3"}, "needs its reason"),
        ({"kind": "talent", "asked": "3", "note": "引进国家级人才计划入选者"}, "needs a proof"),
    ],
)
def test_refused_line_keeps_what_was_typed(
    clerk: FlaskClient, session: Session, values: dict[str, Any], sentence: str
) -> None:
    page = clerk.post("/g/1.5.1/add", data=typed(**values))

    assert page.status_code == 422
    assert sentence in page.text
    assert 'value="10"' in page.text
    assert session.scalars(select(Quota)).all() == []


def test_special_ground_takes_its_report_along(
    clerk: FlaskClient, chief: FlaskClient, session: Session
) -> None:
    form = typed(kind="talent", asked="5", note="引进国家级人才计划入选者三名")

    answer = clerk.post("/g/1.5.1/add", data=form | {"proof": (io.BytesIO(PNG), "专项报告.png")})

    assert answer.status_code == 303, answer.text
    quota = session.scalars(select(Quota)).one()
    kept = session.scalars(select(Attachment).where(Attachment.subject_type == "quota")).one()
    assert (kept.subject_id, kept.name) == (quota.id, "专项报告.png")
    assert "专项报告.png" in chief.get(f"/g/1.5.2/{quota.id}").text


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f"
    "0005fe02fe0def46b80000000049454e44ae426082"
)


def test_grant_above_what_was_asked_moves_nothing(
    unit: Unit, chief: FlaskClient, session: Session
) -> None:
    quota = f.quota(unit, state=QuotaState.SUBMITTED, granted=0)

    page = decide(chief, quota, decision="approve", granted="3")

    assert page.status_code == 422
    assert "from 1 to 2" in page.text
    session.expire_all()
    assert quota.state is QuotaState.SUBMITTED


def test_several_lines_are_granted_in_one_press(
    unit: Unit, chief: FlaskClient, session: Session
) -> None:
    lines = [f.quota(unit, state=QuotaState.SUBMITTED, granted=0, kind=kind) for kind in QuotaKind]

    answer = chief.post(
        "/g/1.5.2/act/audit",
        data={"row": [f"{line.id}:{line.version}" for line in lines], "decision": "approve"},
    )

    assert answer.status_code == 303, answer.text
    session.expire_all()
    assert {(line.state, line.granted) for line in lines} == {(QuotaState.APPROVED, 2)}


def test_line_of_another_unit_is_not_found(
    app: Flask, unit: Unit, clerk: FlaskClient, chief: FlaskClient
) -> None:
    foreign = f.quota(f.unit(kind=UnitKind.PUBLIC), state=QuotaState.SUBMITTED, granted=0)

    assert clerk.get(f"/g/1.5.1/{foreign.id}").status_code == 404
    assert clerk.get(f"/g/1.5.1/{foreign.id}/edit").status_code == 404
    assert decide(chief, foreign, decision="approve").status_code == 404


def test_unit_does_not_grant_its_own_posts(unit: Unit, clerk: FlaskClient) -> None:
    quota = f.quota(unit, state=QuotaState.SUBMITTED, granted=0)

    assert decide(clerk, quota, decision="approve").status_code == 403


def test_lines_are_listed_and_exported(unit: Unit, clerk: FlaskClient, chief: FlaskClient) -> None:
    f.quota(unit)

    paths = [(clerk, "/g/1.5.1/"), (clerk, "/g/1.5.1/export.xlsx"), (chief, "/g/1.5.2/")]
    paths += [(chief, "/g/1.5.2/all/"), (chief, "/g/1.5.2/all/export.xlsx")]

    assert [client.get(path).status_code for client, path in paths] == [200] * 5


def test_new_line_takes_over_the_next_one_not_asked_for_this_year(
    clerk: FlaskClient, unit: Unit
) -> None:
    year = f.today().year
    other = f.specialty("05002")
    f.quota(unit, review_year=year - 1, posts=10, held=8)
    f.quota(unit, review_year=year)
    f.quota(unit, review_year=year - 1, specialty_code="05002", posts=31, held=27)
    f.quota(f.unit(kind=UnitKind.PUBLIC), review_year=year - 1, posts=77, held=66)

    page = english(clerk).get("/g/1.5.1/add").text

    assert 'value="31"' in page
    assert 'value="27"' in page
    assert f'value="{year}"' in page
    assert f"Taken over from “{year - 1} {other.name} " in page


def test_new_line_takes_over_the_one_it_is_opened_from(clerk: FlaskClient, unit: Unit) -> None:
    line = f.quota(unit, review_year=f.today().year, posts=41, held=39)

    assert "Taken over" not in english(clerk).get("/g/1.5.1/add").text
    page = clerk.get(f"/g/1.5.1/add?like={line.id}").text

    assert 'value="41"' in page
    assert 'value="39"' in page


def test_line_taken_back_waits_for_its_unit_and_is_hidden_from_the_superior(
    clerk: FlaskClient, chief: FlaskClient, session: Session
) -> None:
    english(clerk).post("/g/1.5.1/add", data=typed())
    quota = session.scalars(select(Quota)).one()
    assert "/g/1.5.1/act/take_back" in clerk.get("/g/1.5.1/").text
    asked = clerk.get(f"/g/1.5.1/act/take_back?pk={quota.id}").text
    assert "Take back 1 quota lines to change them?" in asked

    row = {"row": f"{quota.id}:{quota.version}"}
    answer = clerk.post("/g/1.5.1/act/take_back", data=row)

    assert answer.status_code == 303, answer.text
    session.expire_all()
    assert quota.state is QuotaState.DRAFT
    assert chief.get(f"/g/1.5.2/all/{quota.id}").status_code == 404
    assert "Returned or taken back, to be changed" in clerk.get("/").text
    assert f"/g/1.5.1/{quota.id}/edit" in clerk.get("/g/1.5.1/?todo=revise").text


def test_every_fault_of_a_line_stands_at_its_field(clerk: FlaskClient) -> None:
    wrong = typed(kind="talent", level="3", held="12", review_year="2020")
    first = english(clerk).post("/g/1.5.1/add", data=wrong)
    second = clerk.post("/g/1.5.1/add", data=wrong | {"review_year": f.today().year})

    for field in ("held", "review_year"):
        assert f'id="{field}-error"' in first.text
    for field in ("held", "kind", "note", "proof"):
        assert f'id="{field}-error"' in second.text


def test_missing_fields_and_broken_rules_are_shown_together(clerk: FlaskClient) -> None:
    answer = clerk.post("/g/1.5.1/add", data=typed(level="", held="12", review_year="2099"))

    for field in ("level", "held", "review_year"):
        assert f'id="{field}-error"' in answer.text
    assert clerk.post("/g/1.5.1/add", data={}).status_code == 422
