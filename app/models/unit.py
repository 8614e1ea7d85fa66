"""Units: employers, superior units, title offices and bodies that organise committees."""

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import UnitKind
from app.models.base import Base, Versioned, enum_type, field


class Unit(Versioned, Base):
    """An organisation of the register; `path` lists its ancestors' ids (`/1/17/204/`), itself last."""

    __tablename__ = "unit"
    __table_args__ = (
        Index("ix_unit_path", "path"),
        Index("ix_unit_region", "region_code", "id"),
        Index("ix_unit_name", "name"),
    )

    credit_code: Mapped[str] = field(_("Credit code"), String(18), unique=True)
    name: Mapped[str] = field(_("Unit name"), String(120))
    kind: Mapped[UnitKind] = field(_("Kind"), enum_type(UnitKind))
    region_code: Mapped[str] = field(_("Region"), ForeignKey("region.code"))
    parent_id: Mapped[int | None] = field(_("Superior"), ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(String(200), default="")
    is_self_review: Mapped[bool] = field(_("Reviews its own titles"), default=False)
    contact: Mapped[str] = field(_("Contact"), String(64), default="")
    phone: Mapped[str] = field(_("Telephone"), String(32), default="")
    is_active: Mapped[bool] = field(_("Active"), default=True)

    parent: Mapped["Unit | None"] = relationship(remote_side="Unit.id")
