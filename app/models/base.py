"""Column helpers and base classes shared by every model."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask_appbuilder import Model
from sqlalchemy import DateTime, Dialect, Enum, MetaData, Text, TypeDecorator
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column

from app.ground import clock, crypto

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata: MetaData = Model.metadata
metadata.naming_convention = NAMING


class UtcDateTime(TypeDecorator[datetime]):
    """A date and time: aware UTC in Python, stored without zone so that both databases compare alike."""

    impl = DateTime
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without zone was about to be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Encrypted(TypeDecorator[str]):
    """Text encrypted at rest (AES-GCM); search for equality needs a blind index column beside it."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[str]:
        return str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else crypto.encrypt(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else crypto.decrypt(value)


def enum_type(kind: type[StrEnum], name: str | None = None) -> Enum:
    """Return a column type for an enum: stores the value; a CHECK constraint refuses any other."""
    return Enum(
        kind,
        name=name or kind.__name__.lower(),
        native_enum=False,
        length=32,
        create_constraint=True,
        values_callable=lambda members: [member.value for member in members],
    )


def field(label: Any, *args: Any, **kwargs: Any) -> MappedColumn[Any]:
    """Return a mapped column with its label and help, which forms, lists and details read from it."""
    info = {"label": label, "help": kwargs.pop("help", "")}
    return mapped_column(*args, info=info, **kwargs)


class Base(Model):
    """A record with an integer `id`. `repr` shows no content, as it may reach a log."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__dict__.get('id')}>"


class Versioned:
    """A record of a register, edited in the browser, with optimistic locking.

    Every `UPDATE` increments `version` and requires the version read before; of two people who edit the same
    record, the second is told.
    """

    version: Mapped[int] = mapped_column(default=1, server_default="1")
    __mapper_args__ = {"version_id_col": version}


class Stateful(Base):
    """A record moved by a workflow. Subclasses add `state`; `version` detects double or concurrent moves."""

    __abstract__ = True

    version: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
