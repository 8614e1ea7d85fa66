"""Registers a form may point into: whether a typed key exists, and the name behind it.

Whether the person may use that record is for the rule behind the form to say, not for the register.
"""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import (
    Application,
    Batch,
    Committee,
    Person,
    Plan,
    Region,
    Series,
    Specialty,
    Title,
    Unit,
    User,
)

LARGEST_ID = 2**31 - 1
LONGEST_CODE = 32
REGISTERS: dict[str, tuple[Any, Any]] = {
    "unit": (Unit.id, Unit.name),
    "person": (Person.id, Person.name),
    "committee": (Committee.id, Committee.name),
    "series": (Series.code, Series.name),
    "title": (Title.code, Title.name),
    "specialty": (Specialty.code, Specialty.name),
    "region": (Region.code, Region.name),
    "batch": (Batch.id, Batch.name),
    "plan": (Plan.id, Plan.name),
    "application": (Application.id, Application.number),
    "account": (User.id, User.username),
}
"""Kind of register → its key and the column shown."""


def key_of(kind: str, typed: Any) -> int | str | None:
    """Return the key `typed` stands for, or None when the register has no such row or it is switched off."""
    key, _name = REGISTERS[kind]
    value = _read(key, typed)
    if value is None:
        return None
    query = select(key).where(key == value)
    if (switch := switch_of(key.class_)) is not None:
        query = query.where(switch.is_(True))
    found: int | str | None = db.session.scalar(query)
    return found


def switch_of(model: Any) -> Any | None:
    """Return the column that switches a row of `model` off, if it has one."""
    columns = model.__mapper__.columns
    return columns.get("is_active", columns.get("active"))


def label_of(kind: str, typed: Any) -> str | None:
    """Return the name behind a key, or None; rows switched off keep their name."""
    key, name = REGISTERS[kind]
    value = _read(key, typed)
    return None if value is None else db.session.scalar(select(name).where(key == value))


def _read(key: Any, typed: Any) -> int | str | None:
    text = str(typed)
    if key.type.python_type is not int:
        return text if len(text) <= LONGEST_CODE and text.isprintable() else None
    is_number = text.isascii() and text.isdigit() and len(text) <= 10
    return int(text) if is_number and int(text) <= LARGEST_ID else None
