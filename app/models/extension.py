"""Extensions of a stage: for a batch, a unit, a series or a person, until a later day (menu 1.4.2)."""

from datetime import date
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import ExtensionKind, ExtensionState, Stage
from app.models.base import Stateful, enum_type, field

if TYPE_CHECKING:
    from app.models.batch import Batch
    from app.models.dictionary import Series
    from app.models.people import Person
    from app.models.unit import Unit


class Extension(Stateful):
    """A later end of one stage, granted by document; it ends by itself at 24:00 of `until`.

    It holds in `batch_id`, or in every batch of the year whose committee lies in the region `region_code` of
    the authority that granted it.
    """

    __tablename__ = "extension"
    __table_args__ = (
        CheckConstraint("kind <> 'batch' OR batch_id IS NOT NULL", name="batch_named"),
        CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name="unit_named"),
        CheckConstraint("(kind = 'series') = (series_code IS NOT NULL)", name="series_named"),
        CheckConstraint("(kind = 'person') = (person_id IS NOT NULL)", name="person_named"),
        Index("ix_extension_batch", "batch_id", "stage", "state"),
        Index("ix_extension_year", "review_year", "stage", "state"),
        Index("ix_extension_person", "person_id"),
        Index("ix_extension_until", "state", "until"),
    )

    kind: Mapped[ExtensionKind] = field(_("For whom"), enum_type(ExtensionKind))
    stage: Mapped[Stage] = field(_("Stage"), enum_type(Stage))
    review_year: Mapped[int] = field(_("Review year"))
    region_code: Mapped[str] = field(_("Region"), String(6))
    batch_id: Mapped[int | None] = field(_("Batch"), ForeignKey("batch.id"))
    unit_id: Mapped[int | None] = field(_("Unit"), ForeignKey("unit.id"))
    series_code: Mapped[str | None] = field(_("Series"), ForeignKey("series.code"))
    person_id: Mapped[int | None] = field(_("Person"), ForeignKey("person.id"))
    until: Mapped[date] = field(_("Extended until"))
    document_number: Mapped[str] = field(_("Document number"), String(60))
    approved_by: Mapped[str] = field(_("Approved by"), String(64))
    reason: Mapped[str] = field(_("Reason"), String(500))
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[ExtensionState] = field(
        _("State"), enum_type(ExtensionState), default=ExtensionState.PROPOSED
    )

    batch: Mapped["Batch | None"] = relationship()
    unit: Mapped["Unit | None"] = relationship()
    series: Mapped["Series | None"] = relationship()
    person: Mapped["Person | None"] = relationship()
