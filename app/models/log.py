"""Append-only logs of transitions and of account acts; database triggers refuse to change them."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.enums import Role
from app.ground import clock
from app.models.base import Base, UtcDateTime, enum_type, field

BIG = BigInteger().with_variant(Integer, "sqlite")


class TransitionLog(Base):
    """One transition of one record: who, in which position, from which state to which, with which opinion."""

    __tablename__ = "transition_log"
    __table_args__ = (
        Index("ix_transition_log_subject", "subject_type", "subject_id", "id"),
        Index("ix_transition_log_actor", "actor_id", "id"),
        Index("ix_transition_log_at", "at"),
    )

    at: Mapped[datetime] = field(_("Time"), UtcDateTime, default=clock.now)
    subject_type: Mapped[str] = field(_("Record"), String(40))
    subject_id: Mapped[int] = field(_("Record number"))
    event: Mapped[str] = field(_("Act"), String(40))
    source: Mapped[str] = field(_("From"), String(32), default="")
    target: Mapped[str] = field(_("To"), String(32))
    opinion: Mapped[str] = field(_("Opinion"), Text, default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    actor_id: Mapped[int | None] = field(_("Account"))
    actor_name: Mapped[str] = field(_("Name"), String(64), default="")
    actor_role: Mapped[Role] = field(_("Role"), enum_type(Role, "actor_role"))
    unit_id: Mapped[int | None] = field(_("Unit"))
    unit_name: Mapped[str] = field(_("Unit"), String(120), default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")

    @property
    def receipt(self) -> str:
        """Receipt number shown to the user: day and running number, never reused."""
        return f"HZ{clock.local_date(self.at):%Y%m%d}-{self.id:07d}"


class AuditLog(Base):
    """Sign-ins, refusals, reveals of personal data, grants, changes of accounts and parameters."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("ix_audit_log_at", "at"), Index("ix_audit_log_actor", "actor_id", "id"))

    at: Mapped[datetime] = field(_("Time"), UtcDateTime, default=clock.now)
    kind: Mapped[str] = field(_("Kind"), String(40), index=True)
    is_success: Mapped[bool] = field(_("Succeeded"), default=True)
    actor_id: Mapped[int | None] = field(_("Account"))
    actor_name: Mapped[str] = field(_("Name"), String(64), default="")
    subject: Mapped[str] = field(_("Object of the act"), String(200), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = field(_("Address"), String(64), default="")
    request_id: Mapped[str] = mapped_column(String(32), default="")


class LogLink(Base):
    """One link of the log chain: the keyed digest of one row of a log and of the link before it.

    `id` counts from 1 without gaps; `log` names the table and `row_id` the row
    (`app/services/ground/log_chain.py` writes the links).
    """

    __tablename__ = "log_link"
    __table_args__ = (UniqueConstraint("log", "row_id", name="uq_log_link_row"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False)
    log: Mapped[str] = mapped_column(String(20))
    row_id: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


class LogHead(Base):
    """The only row of its table: the last link of the log chain, and the lock under which links are added.

    `chain` is a random name, which differs when a database was set up anew.
    """

    __tablename__ = "log_head"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chain: Mapped[str] = mapped_column(String(32))
    number: Mapped[int] = mapped_column(BIG)
    digest: Mapped[str] = mapped_column(String(64))


APPEND_ONLY = ("transition_log", "audit_log", "log_link")

SQLITE_GUARD = """CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""
POSTGRES_FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$ LANGUAGE plpgsql"""
POSTGRES_GUARD = """CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""


def append_only_statements(dialect: str, table: str) -> list[str]:
    """Return the DDL of the triggers that refuse UPDATE and DELETE on one table of `APPEND_ONLY`."""
    if dialect == "postgresql":
        return [POSTGRES_FUNCTION, POSTGRES_GUARD.format(table=table)]
    return [
        SQLITE_GUARD.format(table=table, verb=verb, VERB=verb.upper())
        for verb in ("update", "delete")
    ]
