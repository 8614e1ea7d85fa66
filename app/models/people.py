"""Persons, their sign-in accounts and their positions."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_appbuilder.security.sqla.models import User as StockUser
from flask_babel import lazy_gettext as _
from sqlalchemy import (
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

from app.enums import Duty, Employment, IdKind, Role, Sex
from app.models import text_indexes
from app.models.base import Base, Encrypted, UtcDateTime, Versioned, enum_type, field
from app.models.own_role import OwnRole

if TYPE_CHECKING:
    from app.models.committee import Committee
    from app.models.unit import Unit


class Account(StockUser):
    """A sign-in account. One per person; `real_name` replaces the stock first and last name."""

    __tablename__ = "ab_user"

    real_name: Mapped[str] = field(_("Name"), String(64), default="")
    must_change_password: Mapped[bool] = mapped_column(default=False)
    password_changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(default=False)
    identity_proved_at: Mapped[datetime | None] = field(_("Identity proved"), UtcDateTime)

    positions: Mapped[list["Position"]] = relationship(back_populates="user")

    def __repr__(self) -> str:
        return f"<Account {self.__dict__.get('id')}>"

    def get_full_name(self) -> str:
        return self.real_name or self.username


# Flask-AppBuilder's relationships refer to its class "User", so ours needs another registered name
User = Account
for _name, _label in {"username": _("Username"), "active": _("Active")}.items():
    Account.__table__.c[_name].info["label"] = _label


class Person(Versioned, Base):
    """A natural person, one permanent row. The ID number is encrypted; equality search uses `id_index`."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("id_index"),
        CheckConstraint("length(name) >= 2", name="name_length"),
        Index("ix_person_name", "name", "id"),
        Index(
            "ix_person_banned_until",
            "banned_until",
            sqlite_where=text("banned_until IS NOT NULL"),
            postgresql_where=text("banned_until IS NOT NULL"),
        ),
        *text_indexes.of_name("person"),
    )

    name: Mapped[str] = field(_("Name"), String(64))
    id_kind: Mapped[IdKind] = field(_("ID kind"), enum_type(IdKind), default=IdKind.RESIDENT)
    id_number: Mapped[str] = field(_("ID number"), Encrypted)
    id_index: Mapped[str] = mapped_column(String(64))
    sex: Mapped[Sex | None] = field(_("Sex"), enum_type(Sex))
    birth_date: Mapped[date | None] = field(_("Date of birth"))
    phone: Mapped[str | None] = field(_("Mobile"), Encrypted)
    email: Mapped[str | None] = field(_("Email"), Encrypted)
    employment: Mapped[Employment] = field(
        _("Employment"), enum_type(Employment), default=Employment.PUBLIC_POST
    )
    unit_id: Mapped[int | None] = field(_("Unit"), ForeignKey("unit.id"), index=True)
    user_id: Mapped[int | None] = field(_("Account"), ForeignKey("ab_user.id"), unique=True)
    banned_until: Mapped[date | None] = field(_("Barred until"))
    ban_reason: Mapped[str] = field(_("Reason of the bar"), String(500), default="")

    unit: Mapped["Unit | None"] = relationship()
    user: Mapped["Account | None"] = relationship()


class Position(Base):
    """A role in a unit or committee, held by an account; chosen in the top bar."""

    __tablename__ = "position"
    __table_args__ = (
        UniqueConstraint("user_id", "role", "unit_id", "committee_id", name="uq_position_once"),
        Index("ix_position_unit_role", "unit_id", "role"),
        Index("ix_position_role", "role", "is_active"),
    )

    user_id: Mapped[int] = field(_("Account"), ForeignKey("ab_user.id"), index=True)
    role: Mapped[Role] = field(_("Role"), enum_type(Role))
    unit_id: Mapped[int | None] = field(_("Unit"), ForeignKey("unit.id"))
    committee_id: Mapped[int | None] = field(_("Committee"), ForeignKey("committee.id"))
    duty: Mapped[Duty] = field(
        _("Duty"), enum_type(Duty), default=Duty.HANDLER, server_default=Duty.HANDLER.value
    )
    own_role_id: Mapped[int | None] = field(_("Own role"), ForeignKey("own_role.id"), index=True)
    is_active: Mapped[bool] = field(_("Active"), default=True)

    user: Mapped["Account"] = relationship(back_populates="positions")
    unit: Mapped["Unit | None"] = relationship()
    committee: Mapped["Committee | None"] = relationship()
    own_role: Mapped[OwnRole | None] = relationship(lazy="joined")

    @property
    def role_label(self) -> str:
        """Return the name of the own role, of the role where there is none."""
        return self.own_role.label if self.own_role else str(self.role.label)

    @property
    def label(self) -> str:
        """Return unit or committee and role, as the top bar shows a position."""
        place = self.committee or self.unit
        duty = [str(self.duty.label)] if self.duty is Duty.HEAD else []
        return " · ".join([*([place.name] if place else []), self.role_label, *duty])


OwnRole.holders = column_property(  # type: ignore[assignment]  # its type as an attribute of a record
    select(func.count(Position.id))
    .where(Position.own_role_id == OwnRole.id, Position.is_active)
    .correlate_except(Position)
    .scalar_subquery(),
    deferred=True,
)
