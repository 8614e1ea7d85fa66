"""变更记录 → tables, numbers, rules: what holds as soon as it is saved, with the values before and after."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.enums import Role
from app.services.ground.audit import audit
from tests.support import factories as make
from tests.support.signing import client_of

LIST = "/g/permission-changes/tables/"


@pytest.mark.parametrize("role", [Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR])
def test_change_of_a_table_is_read_with_old_and_new_value(
    app: Flask, session: Session, role: Role
) -> None:
    actor = make.actor(Role.SYSADMIN, user=make.user("周全"))
    facts = {"from": "名称: 大专", "to": "名称: 专科"}
    audit("maintenance", actor=actor, subject="dict_item:education:30", details=facts)
    session.commit()

    page = client_of(app, make.position(role, user=make.user())).get(LIST).text

    for words in ("名称: 大专", "名称: 专科", "周全", "dict_item:education:30"):
        assert words in page


@pytest.mark.parametrize("kind", ["sign_in", "full_numbers", "person_correct", "register"])
def test_what_is_about_people_is_not_in_it(
    sysadmin: FlaskClient, session: Session, kind: str
) -> None:
    row: Any = audit(kind, subject="李明的事")
    session.commit()

    assert "李明的事" not in sysadmin.get(LIST).text
    assert sysadmin.get(f"{LIST}{row.id}").status_code == 404


def test_clerk_has_no_record_of_changes(app: Flask, session: Session) -> None:
    clerk = client_of(app, make.position(Role.UNIT, unit=make.unit()))

    assert clerk.get(LIST).status_code == 403
