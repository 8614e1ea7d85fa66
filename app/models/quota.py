"""Post quotas (职数) of public institutions, menus 1.5.1 and 1.5.2."""

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from app.enums import Level, QuotaKind, QuotaState
from app.models.base import Stateful, enum_type, field

if TYPE_CHECKING:
    from app.models.dictionary import Specialty
    from app.models.unit import Unit


class Quota(Stateful):
    """Posts that a unit asks for, by year, level and specialty. `vacant` is approved − held."""

    __tablename__ = "quota"
    __table_args__ = (
        UniqueConstraint(
            "unit_id", "review_year", "level", "specialty_code", "kind", name="uq_quota_line"
        ),
        CheckConstraint("posts >= 0 AND held >= 0 AND asked > 0", name="not_negative"),
        CheckConstraint("held <= posts", name="held_at_most_posts"),
        CheckConstraint("granted >= 0 AND used >= 0", name="counts_not_negative"),
        CheckConstraint("granted <= asked", name="granted_at_most_asked"),
        CheckConstraint("used <= granted", name="used_at_most_granted"),
        Index("ix_quota_state", "state", "id"),
    )

    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"))
    review_year: Mapped[int] = field(_("Review year"))
    level: Mapped[Level] = field(_("Level"), enum_type(Level, "quota_level"))
    specialty_code: Mapped[str] = field(_("Specialty"), ForeignKey("specialty.code"))
    kind: Mapped[QuotaKind] = field(_("Ground"), enum_type(QuotaKind), default=QuotaKind.VACANCY)
    posts: Mapped[int] = field(_("Approved posts"))
    held: Mapped[int] = field(_("Posts held"))
    asked: Mapped[int] = field(_("Posts asked"))
    granted: Mapped[int] = field(_("Posts granted"), default=0)
    used: Mapped[int] = field(_("Posts used"), default=0)
    note: Mapped[str] = field(_("Reason"), String(500), default="")
    state: Mapped[QuotaState] = field(_("State"), enum_type(QuotaState), default=QuotaState.DRAFT)

    unit: Mapped["Unit"] = relationship()
    specialty: Mapped["Specialty"] = relationship()

    @property
    def vacant(self) -> int:
        return self.posts - self.held
