"""Judges' work on candidates: reviews, scores, private notes, group opinions, record of opened cases."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import AssessmentState, OpinionState, ReviewStep
from app.models.base import Base, Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.draw import Seat
    from app.models.meeting import Plan


class Assessment(Stateful):
    """One judge's sheet on one candidate in one step (menus 1.3.1 to 1.3.3); locked once submitted.

    A review has `is_passed` and a reason. A score sheet has `scores`, {name of the item: points}, and `total`,
    the weighted sum of 0 to 100 points in hundredths, computed when it is submitted.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("seat_id", "application_id", "step", name="uq_assessment_once"),
        CheckConstraint("total IS NULL OR total BETWEEN 0 AND 10000", name="total_in_range"),
        Index("ix_assessment_case", "application_id", "step", "state"),
    )

    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    application_id: Mapped[int] = field(_("Candidate"), ForeignKey("application.id"))
    step: Mapped[ReviewStep] = field(_("Step"), enum_type(ReviewStep))
    is_passed: Mapped[bool | None] = field(_("Passed"))
    reason: Mapped[str] = field(_("Reason"), String(1000), default="")
    scores: Mapped[dict[str, Any]] = field(_("Scores"), JSON, default=dict)
    total: Mapped[int | None] = field(_("Total in hundredths"))
    submitted_at: Mapped[datetime | None] = field(_("Submitted"), UtcDateTime)
    state: Mapped[AssessmentState] = field(
        _("State"), enum_type(AssessmentState), default=AssessmentState.DRAFT
    )

    seat: Mapped["Seat"] = relationship()
    application: Mapped["Application"] = relationship()


class CaseNote(Base):
    """A judge's private note on a candidate; nobody else can read it."""

    __tablename__ = "case_note"
    __table_args__ = (UniqueConstraint("seat_id", "application_id", name="uq_case_note_once"),)

    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseOpening(Base):
    """First and last time a judge opened a candidate's case, for the supervisor."""

    __tablename__ = "case_opening"
    __table_args__ = (UniqueConstraint("seat_id", "application_id", name="uq_case_opening_once"),)

    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    first_at: Mapped[datetime] = field(_("First opened"), UtcDateTime)
    last_at: Mapped[datetime] = field(_("Last opened"), UtcDateTime)
    times: Mapped[int] = field(_("Times"), default=1)


class Opinion(Stateful):
    """The written opinion of a group on a candidate (menu 1.3.5), complete with three signatures (Order 40, art. 22)."""

    __tablename__ = "opinion"

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"), index=True)
    application_id: Mapped[int] = field(_("Candidate"), ForeignKey("application.id"), unique=True)
    group_name: Mapped[str] = field(_("Group"), String(64), default="")
    text: Mapped[str] = field(_("Opinion of the group"), Text, default="")
    state: Mapped[OpinionState] = field(
        _("State"), enum_type(OpinionState), default=OpinionState.DRAFT
    )

    plan: Mapped["Plan"] = relationship()
    application: Mapped["Application"] = relationship()
    signers: Mapped[list["OpinionSigner"]] = relationship(
        back_populates="opinion", order_by="OpinionSigner.id"
    )


class OpinionSigner(Base):
    """A judge's signature under the present text of an opinion; changing the text deletes the signatures."""

    __tablename__ = "opinion_signer"
    __table_args__ = (UniqueConstraint("opinion_id", "seat_id", name="uq_opinion_signer_once"),)

    opinion_id: Mapped[int] = mapped_column(ForeignKey("opinion.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    signed_at: Mapped[datetime] = field(_("Signed"), UtcDateTime)

    opinion: Mapped["Opinion"] = relationship(back_populates="signers")
    seat: Mapped["Seat"] = relationship()
