"""Passwords of the demonstration accounts: random per installation, in a file only its owner can read."""

import json
import os
import tempfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, Person, Position, User
from app.services.credentials import passwords

FILE = "demo-accounts.json"


class NoPasswords(LookupError):
    """Raised when the passwords of the demonstration accounts are not known on this machine."""


def set_passwords(session: Session, staff: Iterable[User], at: datetime) -> None:
    """Set passwords for the staff and for one applicant per application state; mark the accounts as demo."""
    given = current_app.config["DEMO_PASSWORD"]
    made: dict[str, str] = {}
    for user in [*staff, *_one_for_every_state(session)]:
        made[user.username] = given or passwords.generate()
        passwords.set_password(user, made[user.username], must_change=False, at=at)
        user.is_demo = True
    session.flush()
    _store_passwords({} if given else made)


def listing() -> dict[str, Any]:
    """Return every demonstration account with its password, its positions and its name.

    Raises NoPasswords if neither the file nor the setting DEMO_PASSWORD has them.
    """
    known = _stored_passwords()
    given = current_app.config["DEMO_PASSWORD"]
    found: dict[str, Any] = {}
    for user in db.session.scalars(_demo_users()):
        password = known.get(user.username) or given
        if not password:
            raise NoPasswords(
                gettext(
                    "The password of %(name)s is not kept here. Set DEMO_PASSWORD as it was when the"
                    " demonstration was loaded.",
                    name=user.username,
                )
            )
        found[user.username] = {
            "password": password,
            "positions": [_describe(position) for position in user.positions],
            "name": user.get_full_name(),
        }
    return found


def _demo_users() -> Select[tuple[User]]:
    """Return the query for the demo accounts in order of creation, with all that the listing shows."""
    places = (
        selectinload(User.positions).joinedload(place)
        for place in (Position.unit, Position.committee)
    )
    return select(User).where(User.is_demo.is_(True)).options(*places).order_by(User.id)


def _describe(position: Position) -> dict[str, str]:
    place = position.committee if position.role in (Role.JUDGE, Role.SUPERVISOR) else position.unit
    return {
        "role": position.role.value,
        "organisation": place.name if place else _unit_name(position),
    }


def _unit_name(position: Position) -> str:
    """Return the unit name of an applicant, "" for an administrator, who has none."""
    person = db.session.scalars(select(Person).where(Person.user_id == position.user_id)).first()
    return person.unit.name if person and person.unit else ""


def _one_for_every_state(session: Session) -> list[User]:
    """Return the first applicant in each application state, in the order of these applicants."""
    rows = session.execute(
        select(Application.state, User)
        .join(Person, Person.id == Application.person_id)
        .join(User, User.id == Person.user_id)
        .order_by(User.id)
    )
    found: dict[ApplicationState, User] = {}
    for state, user in rows:
        found.setdefault(state, user)
    return sorted(found.values(), key=lambda user: user.id)


def _path() -> Path:
    return Path(current_app.config["DATA_DIR"]) / FILE


def _store_passwords(made: dict[str, str]) -> None:
    """Write the passwords to a file readable by its owner only; without any, remove the file."""
    path = _path()
    if not made:
        path.unlink(missing_ok=True)
        return
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(made, file, ensure_ascii=False, indent=1)
    Path(name).chmod(0o600)
    Path(name).replace(path)


def _stored_passwords() -> dict[str, str]:
    try:
        kept: dict[str, str] = json.loads(_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return kept
