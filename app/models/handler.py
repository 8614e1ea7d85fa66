"""Handlers (经办人) of cases inside an organisation, and deputies (代理人) for a time."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import DeputyState, Role
from app.models.base import Base, Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.people import Position


class Handler(Base):
    """Who handles a case at one station: a unit, a superior unit or the unit of a committee's office.

    It holds as long as the position is active; it stays when the case goes on, so that one that comes back goes to
    the same person. A case without a handler is everybody's at the station.
    """

    __tablename__ = "case_handler"
    __table_args__ = (
        UniqueConstraint("application_id", "role", "unit_id", name="uq_case_handler_station"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    role: Mapped[Role] = field(_("Role"), enum_type(Role, "case_handler_role"))
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"))
    position_id: Mapped[int] = field(_("Handler"), ForeignKey("position.id"), index=True)
    given_at: Mapped[datetime] = field(_("Given"), UtcDateTime)

    application: Mapped["Application"] = relationship(back_populates="handlers")
    position: Mapped["Position"] = relationship()


class Deputy(Stateful):
    """A colleague of the same role and place who handles somebody's cases from one day to another, both included."""

    __tablename__ = "deputy"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="deputy_order"),
        CheckConstraint("position_id <> deputy_position_id", name="deputy_is_another"),
        Index("ix_deputy_position", "position_id", "ends_on"),
        Index("ix_deputy_deputy", "deputy_position_id", "ends_on"),
    )

    position_id: Mapped[int] = field(_("Is stood in for"), ForeignKey("position.id"))
    deputy_position_id: Mapped[int] = field(_("Deputy"), ForeignKey("position.id"))
    starts_on: Mapped[date] = field(_("Deputy from"))
    ends_on: Mapped[date] = field(_("Deputy until"))
    state: Mapped[DeputyState] = field(
        _("State"), enum_type(DeputyState), default=DeputyState.NAMED
    )

    position: Mapped["Position"] = relationship(foreign_keys=[position_id])
    deputy: Mapped["Position"] = relationship(foreign_keys=[deputy_position_id])
