"""Annual batches (menu 1.4.2) with the deadlines of everything in them."""

from datetime import date
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, relationship

from app.enums import BatchState
from app.models.base import Stateful, enum_type, field

if TYPE_CHECKING:
    from app.models.committee import Committee


class Batch(Stateful):
    """One committee's review year with all its deadlines; a deadline day ends at its 24:00."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("apply_start <= apply_end", name="apply_order"),
        CheckConstraint("apply_end <= resubmit_end", name="resubmit_order"),
        CheckConstraint("resubmit_end <= unit_end", name="unit_order"),
        CheckConstraint("unit_end <= superior_end", name="superior_order"),
        CheckConstraint("superior_end <= office_end", name="office_order"),
        CheckConstraint("material_cutoff <= apply_end", name="cutoff_order"),
        CheckConstraint("special_quota_end <= unit_end", name="special_quota_order"),
        CheckConstraint("senior_cap BETWEEN 0 AND 100", name="senior_cap_percent"),
        CheckConstraint("associate_cap BETWEEN 0 AND 100", name="associate_cap_percent"),
        CheckConstraint("review_year BETWEEN 2000 AND 2100", name="review_year_range"),
        Index(
            "uq_batch_one_open",
            "committee_id",
            "review_year",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    name: Mapped[str] = field(_("Batch"), String(120))
    committee_id: Mapped[int] = field(_("Committee"), ForeignKey("committee.id"))
    review_year: Mapped[int] = field(_("Review year"))
    modes: Mapped[list[Any]] = field(_("Ways of applying"), JSON, default=list)
    levels: Mapped[str] = field(_("Levels"), String(5))
    apply_start: Mapped[date] = field(_("Applications from"))
    apply_end: Mapped[date] = field(_("Applications until"))
    resubmit_end: Mapped[date] = field(_("Returned ones until"))
    unit_end: Mapped[date] = field(_("Units report until"))
    superior_end: Mapped[date] = field(_("Superior units until"))
    office_end: Mapped[date] = field(_("Qualification check until"))
    special_quota_end: Mapped[date | None] = field(
        _("Special post quotas until"),
        help=_(
            "Last day on which units may ask for senior posts on a special ground; empty: no day of its own."
        ),
    )
    material_cutoff: Mapped[date] = field(
        _("Achievements count until"), help=_("Later achievements do not count this year.")
    )
    seniority_date: Mapped[date] = field(_("Years counted until"))
    senior_cap: Mapped[int] = field(_("Cap for full senior (%)"), default=40)
    associate_cap: Mapped[int] = field(_("Cap for associate senior (%)"), default=55)
    required_materials: Mapped[list[Any]] = field(_("Required material"), JSON, default=list)
    note: Mapped[str] = field(_("Remark"), String(500), default="")
    state: Mapped[BatchState] = field(_("State"), enum_type(BatchState), default=BatchState.DRAFT)

    committee: Mapped["Committee"] = relationship()
