"""Order of the kinds of material: dragged or moved by buttons, told when somebody was faster, logged, held by the dossier."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import Role
from app.extensions import db
from app.models import AuditLog, MaterialKind
from app.services.dossier import dossier, materials
from tests.support import factories, form_data
from tests.support.world import enter

PAGE = "/console/material-kind/"
ORDER = f"{PAGE}order/"
SUBJECT = "material_kind:order"


@pytest.fixture
def administrator(app: Flask, session: Session) -> FlaskClient:
    return enter(app, factories.actor(Role.SYSADMIN))


def codes() -> list[str]:
    db.session.rollback()
    query = select(MaterialKind.code).order_by(MaterialKind.order, MaterialKind.code)
    return list(db.session.scalars(query))


def shown(client: FlaskClient) -> dict[str, Any]:
    """Return what the form of the order sends as the page shows it."""
    page = client.get(PAGE).text
    return form_data.sent(page[page.index('<form id="order_form"') :])


def put(client: FlaskClient, sent: dict[str, Any], **more: Any) -> Any:
    return client.post(ORDER, data={**sent, **more}, headers={"Accept": "application/json"})


def logged() -> list[Any]:
    query = select(AuditLog).where(AuditLog.kind == "maintenance", AuditLog.subject == SUBJECT)
    return [row.details for row in db.session.scalars(query.order_by(AuditLog.id))]


def test_order_is_stored_logged_and_leaves_versions_of_kinds(administrator: FlaskClient) -> None:
    before, sent = codes(), shown(administrator)
    versions = dict(db.session.execute(select(MaterialKind.code, MaterialKind.version)).all())
    names = dict(db.session.execute(select(MaterialKind.code, MaterialKind.name)).all())

    answer = put(administrator, sent, order=",".join(reversed(before)))

    assert sent["order"].split(",") == before
    assert answer.status_code == 200
    assert codes() == before[::-1]
    assert (
        dict(db.session.execute(select(MaterialKind.code, MaterialKind.version)).all()) == versions
    )
    (row,) = logged()
    assert row["from"].startswith(f"Order: {names[before[0]]}, {names[before[1]]}")
    assert row["to"].startswith(f"Order: {names[before[-1]]}, ")


def test_dossier_asks_for_materials_in_the_new_order(administrator: FlaskClient) -> None:
    case = factories.application()
    db.session.commit()
    before = codes()
    put(administrator, shown(administrator), order=",".join(reversed(before)))

    form = dossier.form_of(case)
    asked = [one.kind.code for one in materials.asked(case, form)]

    assert len(asked) > 1
    assert asked == [code for code in before[::-1] if code in asked]


def test_two_moves_follow_one_another_on_one_page(administrator: FlaskClient) -> None:
    before, sent = codes(), shown(administrator)
    first = [before[1], before[0], *before[2:]]

    answer = put(administrator, sent, order=",".join(first))
    again = put(administrator, sent, order=",".join(before), version=answer.json["version"])

    assert again.status_code == 200
    assert codes() == before


def test_second_order_is_told(administrator: FlaskClient) -> None:
    before, sent = codes(), shown(administrator)
    put(administrator, sent, order=",".join(reversed(before)))

    answer = put(administrator, sent, order=",".join([before[1], before[0], *before[2:]]))

    assert answer.status_code == 422
    assert "This record was changed after you opened it. Last change" in answer.json["why"]
    assert codes() == before[::-1]
    assert len(logged()) == 1


def test_button_moves_one_row_without_a_script(administrator: FlaskClient) -> None:
    before, sent = codes(), shown(administrator)

    answer = administrator.post(ORDER, data={**sent, "move": f"{before[1]}:-1"})

    assert answer.location == PAGE
    assert codes() == [before[1], before[0], *before[2:]]


@pytest.mark.parametrize("order", ["", "x", "id_card", "id_card,id_card", "photo," * 2000])
def test_odd_orders_are_refused(administrator: FlaskClient, order: str) -> None:
    before, sent = codes(), shown(administrator)

    answer = put(administrator, sent, order=order)

    assert answer.status_code == 422
    assert codes() == before
    assert logged() == []


@pytest.mark.parametrize("move", ["x", "nosuch:-1", "photo:", "photo:up"])
def test_odd_moves_are_refused(administrator: FlaskClient, move: str) -> None:
    before, sent = codes(), shown(administrator)

    answer = put(administrator, sent, move=move)

    assert answer.status_code == 422
    assert codes() == before


@pytest.mark.parametrize("asked", ["?search=证", "?sort=1", "?flt0_0=1"])
def test_part_of_the_rows_is_not_put_in_order(administrator: FlaskClient, asked: str) -> None:
    assert "data-order" not in administrator.get(PAGE + asked).text


def test_new_kind_comes_last(administrator: FlaskClient) -> None:
    typed = {"code": "drawing", "name": "图纸", "max_mb": "5", "max_count": "1"}

    made = administrator.post(f"{PAGE}new/", data=typed)

    assert made.status_code == 302
    assert codes()[-1] == "drawing"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSADMIN])
def test_others_may_not(app: Flask, session: Session, role: Role) -> None:
    client = enter(app, factories.actor(role))
    before = codes()

    answer = client.post(ORDER, data={"version": "1", "order": ",".join(reversed(before))})

    assert answer.status_code == 403
    assert codes() == before
