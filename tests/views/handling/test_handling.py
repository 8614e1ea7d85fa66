"""经办人 in the queues and 代理人: given from the list, filtered, taken back, seen in the timeline."""

import re

from flask import Flask

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, Deputy, Handler, Position, Unit
from tests.support import counting, factories
from tests.support.signing import client_of

ROW = re.compile(r'id="row-(\d+)"')


def colleagues(unit: Unit) -> tuple[Position, Position]:
    found = [factories.position(Role.UNIT, unit=unit) for _name in range(2)]
    for position, name in zip(found, ("安娜", "贝特"), strict=True):
        position.user.real_name = name
    db.session.commit()
    return found[0], found[1]


def cases(unit: Unit, number: int) -> list[Application]:
    made = [factories.application(ApplicationState.AT_UNIT, unit=unit) for _ in range(number)]
    db.session.commit()
    return made


def test_many_are_given_at_once_and_stand_on_one_list(app: Flask) -> None:
    unit = factories.unit()
    anna, bert = colleagues(unit)
    three = cases(unit, 3)
    own, other = client_of(app, anna), client_of(app, bert)

    page = own.get("/g/1.1.1/check/act/entrust", query_string={"pk": [c.id for c in three[:2]]})
    answer = own.post(
        "/g/1.1.1/check/act/entrust",
        data={"row": [f"{c.id}:{c.version}" for c in three[:2]], "position_id": bert.id},
    )

    assert "贝特" in page.text
    assert "安娜" in page.text
    assert answer.status_code == 303
    assert "2 done" in own.get(answer.location).text
    rows = {
        (who, query): set(map(int, ROW.findall(client.get(f"/g/1.1.1/check/{query}").text)))
        for who, client in (("anna", own), ("bert", other))
        for query in ("", "?todo=waiting", "?q.handler=mine", "?q.handler=others", "?q.handler=free")
    }  # fmt: skip
    given, free = {three[0].id, three[1].id}, {three[2].id}
    assert rows == {
        ("anna", ""): given | free,
        ("anna", "?todo=waiting"): free,
        ("anna", "?q.handler=mine"): set(),
        ("anna", "?q.handler=others"): given,
        ("anna", "?q.handler=free"): free,
        ("bert", ""): given | free,
        ("bert", "?todo=waiting"): given | free,
        ("bert", "?q.handler=mine"): given,
        ("bert", "?q.handler=others"): set(),
        ("bert", "?q.handler=free"): free,
    }
    assert own.get("/g/1.1.1/check/?q.handler=x").status_code == 400


def test_another_organisation_gets_nothing_and_has_nothing_to_give(app: Flask) -> None:
    unit = factories.unit()
    anna, _bert = colleagues(unit)
    stranger = factories.position(Role.UNIT, unit=factories.unit())
    (case,) = cases(unit, 1)
    url, row = "/g/1.1.1/check/act/entrust", f"{case.id}:{case.version}"

    outwards = client_of(app, anna).post(url, data={"row": row, "position_id": stranger.id})
    inwards = client_of(app, stranger).post(url, data={"row": row, "position_id": stranger.id})

    assert outwards.status_code == 422
    assert inwards.status_code == 404
    assert db.session.query(Handler).count() == 0


def test_applicant_does_not_read_who_handles_the_case(app: Flask) -> None:
    unit = factories.unit()
    anna, bert = colleagues(unit)
    person, position = factories.applicant(unit=unit)
    case = factories.application(ApplicationState.AT_UNIT, unit=unit, person=person)
    db.session.commit()
    client_of(app, anna).post(
        "/g/1.1.1/check/act/entrust",
        data={"row": f"{case.id}:{case.version}", "position_id": bert.id, "opinion": "内部分工调整说明"},
    )  # fmt: skip

    seen = client_of(app, anna).get(f"/g/1.1.1/check/{case.id}").text
    own = client_of(app, position).get(f"/me/application/{case.id}/").text

    assert "内部分工调整说明" in seen
    assert "given to 贝特" in seen
    assert "内部分工调整说明" not in own
    assert "贝特" not in own


def test_queue_takes_as_many_statements_for_one_case_as_for_many(app: Flask) -> None:
    unit = factories.unit()
    anna, bert = colleagues(unit)
    first = cases(unit, 1)
    _given(first, bert)
    client = client_of(app, anna)
    few = counting.statements_of(client, "/g/1.1.1/check/")
    _given(cases(unit, 10), bert)

    assert counting.statements_of(client, "/g/1.1.1/check/") == few <= 12
    assert counting.statements_of(client, "/") <= 14


def _given(which: list[Application], position: Position) -> None:
    for case in which:
        factories.add(
            Handler(
                application_id=case.id, role=Role.UNIT, unit_id=case.unit_id,
                position_id=position.id, given_at=case.held_since,
            )
        )  # fmt: skip
    db.session.commit()


def test_deputy_is_named_listed_and_ended(app: Flask) -> None:
    unit = factories.unit()
    anna, bert = colleagues(unit)
    stranger = factories.position(Role.UNIT, unit=factories.unit())
    client = client_of(app, anna)
    days = {"starts_on": factories.in_days(0), "ends_on": factories.in_days(5)}

    added = client.post("/g/deputies/add", data={"deputy_position_id": bert.id, **days})
    again = client.post("/g/deputies/add", data={"deputy_position_id": bert.id, **days})
    made = db.session.query(Deputy).one()

    assert added.status_code == 303
    assert again.status_code == 422
    assert "贝特 is your deputy from" in again.text
    assert "安娜" in client_of(app, bert).get("/g/deputies/").text
    assert client_of(app, stranger).get(f"/g/deputies/{made.id}").status_code == 404
    ended = client.post("/g/deputies/act/end_deputy", data={"row": f"{made.id}:{made.version}"})
    assert ended.status_code == 303
    db.session.refresh(made)
    assert made.state == "ended"
