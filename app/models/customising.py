"""Changes that administrators make to the program in the browser: sets of overrides, and their version."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from app.enums import ChangeSetState, Role
from app.models.base import Base, Stateful, UtcDateTime, enum_type, field

IS_DRAFT = text("state = 'draft'")


class ChangeSet(Stateful):
    """Overrides that take effect together and are undone together. An author has one draft at a time.

    `effective_from` is when a scheduled set takes effect. `second` agreed where two administrators are needed.
    """

    __tablename__ = "change_set"
    __table_args__ = (
        Index(
            "uq_change_set_draft",
            "author_id",
            unique=True,
            sqlite_where=IS_DRAFT,
            postgresql_where=IS_DRAFT,
        ),
        Index("ix_change_set_state", "state", "effective_from"),
    )

    author_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    author: Mapped[str] = field(_("Author"), String(64))
    author_role: Mapped[Role] = field(_("Role"), enum_type(Role, "author_role"))
    second_id: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    second: Mapped[str] = field(_("Second administrator"), String(64), default="")
    note: Mapped[str] = field(_("Remark"), String(200), default="")
    effective_from: Mapped[datetime | None] = field(_("Takes effect"), UtcDateTime)
    published_at: Mapped[datetime | None] = field(_("Published at"), UtcDateTime)
    undone_at: Mapped[datetime | None] = field(_("Undone at"), UtcDateTime)
    undone_by: Mapped[str] = field(_("Undone by"), String(64), default="")
    state: Mapped[ChangeSetState] = field(
        _("State"), enum_type(ChangeSetState), default=ChangeSetState.DRAFT
    )

    if TYPE_CHECKING:
        size: int
        """How many overrides it holds."""

    overrides: Mapped[list["Override"]] = relationship(
        back_populates="change_set", order_by="Override.id", cascade="all, delete-orphan"
    )


class Override(Base):
    """One value that a set changes: `area`, `target` and `key` name it in the catalogue of what may be changed.

    `scope` is "" for everybody or a role. `old` is the value it replaced when it took effect.
    """

    __tablename__ = "override"
    __table_args__ = (
        UniqueConstraint("set_id", "area", "target", "key", "scope", name="uq_override_once"),
        Index("ix_override_place", "area", "target", "key", "scope"),
    )

    set_id: Mapped[int] = mapped_column(ForeignKey("change_set.id"))
    area: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(32), default="")
    old: Mapped[Any] = field(_("Before"), JSON)
    new: Mapped[Any] = field(_("After"), JSON)

    change_set: Mapped[ChangeSet] = relationship(back_populates="overrides")


ChangeSet.size = column_property(  # type: ignore[assignment]  # its type as an attribute of a record
    select(func.count(Override.id))
    .where(Override.set_id == ChangeSet.id)
    .correlate_except(Override)
    .scalar_subquery()
)


class CustomValue(Base):
    """A published value that differs from the program's own, of an area that keeps its values here.

    `area`, `target`, `key` and `scope` as in `Override`. Triggers stamp every change of it.
    """

    __tablename__ = "custom_value"
    __table_args__ = (
        UniqueConstraint("area", "target", "key", "scope", name="uq_custom_value_once"),
    )

    area: Mapped[str] = mapped_column(String(16))
    target: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(100))
    scope: Mapped[str] = mapped_column(String(32), default="")
    value: Mapped[Any] = mapped_column(JSON)


class CustomisationVersion(Base):
    """The only row of its table: random stamps that every change of what holds replaces, of the rights by one of its own.

    Workers keep what they computed under them. They are random and not a number, so that a restored backup never
    meets one that was used before. Triggers write them (`app/models/version_stamps.py`).
    """

    __tablename__ = "customisation_version"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    stamp: Mapped[str] = mapped_column(String(32))
    """Of the rights."""
    value_stamp: Mapped[str] = mapped_column(String(32))
    """Of the values in `custom_value`."""
