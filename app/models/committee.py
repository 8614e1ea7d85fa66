"""Review committees (评委会): series, highest level, validity and their review tree."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import Level, RouteState
from app.models.base import Base, Stateful, UtcDateTime, Versioned, enum_type, field

if TYPE_CHECKING:
    from app.models.dictionary import Series, Specialty
    from app.models.unit import Unit


class Committee(Versioned, Base):
    """A committee that judges one series up to `level`; valid at most three years (Order 40, art. 6–8)."""

    __tablename__ = "committee"
    __table_args__ = (
        CheckConstraint("valid_to > valid_from", name="validity_order"),
        CheckConstraint("min_size % 2 = 1", name="odd_size"),
    )

    code: Mapped[str] = field(_("Committee code"), String(4), unique=True)
    name: Mapped[str] = field(_("Committee"), String(120))
    series_code: Mapped[str] = field(_("Series"), ForeignKey("series.code"))
    level: Mapped[Level] = field(_("Highest level"), enum_type(Level, "committee_level"))
    is_by_specialty: Mapped[bool] = field(_("Formed by specialty"), default=False)
    unit_id: Mapped[int] = field(_("Organising unit"), ForeignKey("unit.id"), index=True)
    region_code: Mapped[str] = field(_("Region"), ForeignKey("region.code"))
    approval_number: Mapped[str] = field(_("Approval document"), String(64))
    valid_from: Mapped[date] = field(_("Valid from"))
    valid_to: Mapped[date] = field(_("Valid to"))
    min_size: Mapped[int] = field(_("Seats at least"))
    size_approval_number: Mapped[str] = field(
        _("Approval of a smaller size"),
        String(64),
        default="",
        server_default="",
        help=_(
            "Document by which the provincial authority agreed to fewer seats than Order 40, art. 10 asks for; "
            "empty: nothing was agreed."
        ),
    )
    is_active: Mapped[bool] = field(_("Active"), default=True)

    series: Mapped["Series"] = relationship()
    unit: Mapped["Unit"] = relationship()
    specialties: Mapped[list["Specialty"]] = relationship(secondary="committee_specialty")

    def judges(self, level: Level) -> bool:
        """Return whether `level` is this committee's own level or below (Order 40, art. 7)."""
        return level.rank <= self.level.rank


class CommitteeSpecialty(Base):
    """A specialty that a committee is restricted to."""

    __tablename__ = "committee_specialty"
    __table_args__ = (UniqueConstraint("committee_id", "specialty_code"),)

    committee_id: Mapped[int] = mapped_column(ForeignKey("committee.id"))
    specialty_code: Mapped[str] = mapped_column(ForeignKey("specialty.code"))


class RouteNode(Stateful):
    """One unit's place in a committee's review tree (1.6.1, 1.6.2); without superior: directly below it."""

    __tablename__ = "route_node"
    __table_args__ = (
        UniqueConstraint("committee_id", "unit_id", name="uq_route_node_place"),
        CheckConstraint("superior_id IS NULL OR superior_id <> unit_id", name="not_own_superior"),
        Index("ix_route_node_below", "committee_id", "superior_id"),
    )

    committee_id: Mapped[int] = field(_("Committee"), ForeignKey("committee.id"))
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"), index=True)
    superior_id: Mapped[int | None] = field(
        _("Superior in this tree"),
        ForeignKey("unit.id"),
        index=True,
        help=_("Empty: the unit reports straight to the committee."),
    )
    levels: Mapped[str] = field(
        _("Levels that pass through"),
        String(5),
        default="12345",
        help=_("Applications of other levels skip this unit on their way up."),
    )
    state: Mapped[RouteState] = field(_("State"), enum_type(RouteState), default=RouteState.PENDING)
    settled_at: Mapped[datetime | None] = field(_("Confirmed"), UtcDateTime)

    committee: Mapped["Committee"] = relationship()
    unit: Mapped["Unit"] = relationship(foreign_keys=[unit_id])
    superior: Mapped["Unit | None"] = relationship(foreign_keys=[superior_id])
