"""Menus 1.1.3 and 1.1.4: settling is offered for what the own body has in hand, taking over for the rest."""

from typing import Any

import pytest

from app.enums import ApplicationState, Role
from app.models import Objection
from tests.support import factories
from tests.support.signing import client_of

LIST = {
    Role.UNIT: "/g/1.1.1/objections/",
    Role.SUPERIOR: "/g/1.1.3/complaints/",
    Role.HRSS: "/g/1.1.4/complaints/",
}


def an_objection(below: Any, **values: Any) -> Objection:
    application = factories.application(ApplicationState.DISPUTED, unit=below)
    return factories.objection(factories.notice([application]), application, **values)


@pytest.mark.parametrize(
    ("role", "handler", "offered"),
    [
        (Role.UNIT, Role.UNIT, ["settle"]),
        (Role.UNIT, Role.SUPERIOR, []),
        (Role.SUPERIOR, Role.SUPERIOR, ["settle"]),
        (Role.SUPERIOR, Role.UNIT, ["take_over"]),
        (Role.HRSS, Role.HRSS, ["settle"]),
        (Role.HRSS, Role.SUPERIOR, ["take_over"]),
    ],
)
def test_offered_is_what_the_body_can_do(
    app: Any, role: Role, handler: Role, offered: list[str]
) -> None:
    above = factories.unit("长沙市工业和信息化局")
    below = factories.unit("长沙机床厂", parent=above)
    bodies = {
        Role.UNIT: below,
        Role.SUPERIOR: above,
        Role.HRSS: factories.unit("省人社厅", region_code="430000"),
    }
    made = an_objection(
        below, handler_role=handler, unit_id=bodies[handler].id, recorded_unit_id=below.id
    )
    client = client_of(app, factories.position(role, unit=bodies[role]))

    rows = client.get(LIST[role]).text
    page = client.get(f"{LIST[role]}{made.id}").text

    names = ("settle", "take_over")
    assert f"{LIST[role]}{made.id}" in rows
    assert [name for name in names if f"/act/{name}?pk={made.id}" in rows] == offered
    assert [name for name in names if f"/act/{name}" in page] == offered
