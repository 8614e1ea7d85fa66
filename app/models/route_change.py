"""Changes of many places of a review tree at once, confirmed in one round (menus 1.6.1, 1.6.2)."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import RouteChangeKind, RouteChangeState, RouteState
from app.models.base import Base, Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.committee import Committee
    from app.models.unit import Unit


class RouteChange(Stateful):
    """A branch that moves below another superior, or a level put in between; nothing moves before it is confirmed.

    `unit_id` is the unit that moves, or whose lower units move; without one they stand right below the committee.
    `superior_id` is the new superior, None for the committee. `asked_unit_id` is the unit that confirms for all.
    """

    __tablename__ = "route_change"
    __table_args__ = (
        Index("ix_route_change_committee", "committee_id", "state"),
        Index("ix_route_change_asked", "asked_unit_id", "state"),
    )

    committee_id: Mapped[int] = field(_("Committee"), ForeignKey("committee.id"))
    kind: Mapped[RouteChangeKind] = field(_("What changes"), enum_type(RouteChangeKind))
    unit_id: Mapped[int | None] = field(_("Unit"), ForeignKey("unit.id"))
    superior_id: Mapped[int | None] = field(_("New superior"), ForeignKey("unit.id"))
    levels: Mapped[str] = field(_("Levels that pass through"), String(5), default="")
    asked_unit_id: Mapped[int] = field(_("Confirms for all"), ForeignKey("unit.id"))
    proposer: Mapped[str] = field(_("Proposed by"), String(64))
    proposed_at: Mapped[datetime] = field(_("Proposed at"), UtcDateTime)
    settled_at: Mapped[datetime | None] = field(_("Answered on"), UtcDateTime)
    answer: Mapped[str] = field(_("Reason of the dispute"), String(1000), default="")
    state: Mapped[RouteChangeState] = field(
        _("State"), enum_type(RouteChangeState), default=RouteChangeState.PROPOSED
    )

    committee: Mapped["Committee"] = relationship()
    unit: Mapped["Unit | None"] = relationship(foreign_keys=[unit_id])
    superior: Mapped["Unit | None"] = relationship(foreign_keys=[superior_id])
    asked_unit: Mapped["Unit"] = relationship(foreign_keys=[asked_unit_id])
    lines: Mapped[list["RouteChangeLine"]] = relationship(
        back_populates="change", order_by="RouteChangeLine.id", cascade="all, delete-orphan"
    )


class RouteChangeLine(Base):
    """One unit's place in a change, before and after; `state_before` is empty for a unit that had no place.

    `seen` is the version of the place when proposed, and after it was carried out.
    """

    __tablename__ = "route_change_line"
    __table_args__ = (UniqueConstraint("change_id", "unit_id", name="uq_route_change_line_unit"),)

    change_id: Mapped[int] = mapped_column(ForeignKey("route_change.id"))
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"), index=True)
    superior_before_id: Mapped[int | None] = field(_("Superior before"), ForeignKey("unit.id"))
    superior_after_id: Mapped[int | None] = field(_("Superior after"), ForeignKey("unit.id"))
    state_before: Mapped[RouteState | None] = field(
        _("State before"), enum_type(RouteState, "route_state_before")
    )
    settled_before: Mapped[datetime | None] = field(_("Confirmed before"), UtcDateTime)
    seen: Mapped[int | None] = mapped_column()

    change: Mapped[RouteChange] = relationship(back_populates="lines")
    unit: Mapped["Unit"] = relationship(foreign_keys=[unit_id])
    superior_before: Mapped["Unit | None"] = relationship(foreign_keys=[superior_before_id])
    superior_after: Mapped["Unit | None"] = relationship(foreign_keys=[superior_after_id])
