"""The operator's commands for administrators' accounts."""

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import Role
from app.models import Position, User
from tests.support import factories
from tests.support.signing import is_anonymous, sign_in, signed_in


def test_administrator_is_made_with_a_first_password(
    app: Flask, runner: FlaskCliRunner, session: Session
) -> None:
    result = runner.invoke(args=["make-administrator", "secadmin", "guard.one", "王芳"])

    assert result.exit_code == 0
    assert sign_in(app.test_client(), "guard.one", result.stdout.strip()).status_code == 302
    held = select(Position.role).join(User, User.id == Position.user_id)
    assert session.scalars(held.where(User.username == "guard.one")).all() == [Role.SECADMIN]


def test_refused_administrator_is_said_in_a_line(runner: FlaskCliRunner, session: Session) -> None:
    factories.user(username="taken")
    session.commit()

    result = runner.invoke(args=["make-administrator", "auditor", "taken", "王芳"])

    assert result.exit_code == 1
    assert "taken" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("role", [Role.HRSS, Role.SECADMIN])
def test_operator_issues_a_first_password_to_anybody(
    role: Role, app: Flask, runner: FlaskCliRunner, session: Session
) -> None:
    place = {} if role.is_maintenance else {"unit": factories.unit()}
    holder = factories.position(role, user=factories.user(), **place)
    before = signed_in(app.test_client(), holder)
    name = holder.user.username
    session.commit()

    result = runner.invoke(args=["issue-password", name])

    assert result.exit_code == 0
    assert is_anonymous(before)
    assert sign_in(before, name, result.stdout.strip()).status_code == 302


def test_unknown_account_is_said_in_a_line(runner: FlaskCliRunner, session: Session) -> None:
    result = runner.invoke(args=["issue-password", "nobody"])

    assert result.exit_code == 1
    assert "nobody" in result.stderr
