"""What people keep of the lists they work with: saved views, the view a list opens with, results of bulk acts."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import Role
from app.models.base import Base, UtcDateTime, enum_type, field
from app.models.people import Account

MENU = 64
"""Longest name of a menu's class, the stable key of a list."""


class SavedView(Base):
    """A list as somebody wants to find it again: `query` has the parameters of its address, `columns` their keys.

    `labels` keeps how fields and columns were called, for those that an upgrade takes away. It is shared with a
    role, with the people of a unit, or with nobody.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        UniqueConstraint("user_id", "menu", "name", name="uq_saved_view_name"),
        Index("ix_saved_view_menu", "menu", "shared_role", "shared_unit_id"),
        CheckConstraint("shared_role IS NULL OR shared_unit_id IS NULL", name="shared_once"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    menu: Mapped[str] = mapped_column(String(MENU))
    name: Mapped[str] = field(_("Name of the view"), String(40))
    query: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    columns: Mapped[list[Any]] = mapped_column(JSON, default=list)
    labels: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    shared_role: Mapped[Role | None] = mapped_column(enum_type(Role, "saved_view_role"))
    shared_unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))

    user: Mapped[Account] = relationship()


class ListDefault(Base):
    """The saved view with which a list opens for one person."""

    __tablename__ = "list_default"
    __table_args__ = (UniqueConstraint("user_id", "menu", name="uq_list_default_once"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    menu: Mapped[str] = mapped_column(String(MENU))
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_view.id"), index=True)


class BulkAct(Base):
    """One press on all rows of a list that match: how many were meant and how many moved."""

    __tablename__ = "bulk_act"
    __table_args__ = (Index("ix_bulk_act_user", "user_id", "id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("ab_user.id"))
    menu: Mapped[str] = mapped_column(String(MENU))
    label: Mapped[str] = field(_("Act"), String(200))
    at: Mapped[datetime] = field(_("Time"), UtcDateTime, index=True)
    meant: Mapped[int] = field(_("Rows meant"))
    done: Mapped[int] = field(_("Rows done"), default=0)


class BulkSkip(Base):
    """A row that a bulk act left as it was, with the reason."""

    __tablename__ = "bulk_skip"

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_act.id"), index=True)
    subject_id: Mapped[int] = mapped_column()
    label: Mapped[str] = field(_("Row"), String(200))
    reason: Mapped[str] = field(_("Reason"), String(500))
