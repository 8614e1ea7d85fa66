"""Review plans, the seats of a meeting, what was decided and its filing."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import FilingState, MeetingMode, OverCap, PlanState, SeatRole
from app.models.base import Base, Stateful, UtcDateTime, closed, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.batch import Batch
    from app.models.committee import Committee
    from app.models.people import Account


class Plan(Stateful):
    """How one committee will hold one meeting (menu 1.2.2)."""

    __tablename__ = "plan"
    __table_args__ = (
        CheckConstraint("opens_on <= closes_on", name="meeting_order"),
        CheckConstraint("seats % 2 = 1", name="odd_seats"),
        CheckConstraint("present IS NULL OR present <= members", name="present_at_most_members"),
        Index("ix_plan_committee", "committee_id", "state", "id"),
    )

    name: Mapped[str] = field(_("Plan"), String(120))
    committee_id: Mapped[int] = field(_("Committee"), ForeignKey("committee.id"))
    batch_id: Mapped[int] = field(_("Batch"), ForeignKey("batch.id"), index=True)
    mode: Mapped[MeetingMode] = field(_("Mode"), closed(MeetingMode))
    opens_on: Mapped[date] = field(_("Meeting from"))
    closes_on: Mapped[date] = field(_("Meeting until"))
    place: Mapped[str] = field(_("Place"), String(200))
    seats: Mapped[int] = field(_("Seats wanted"))
    groups: Mapped[str] = field(_("Groups"), String(300), default="")
    steps: Mapped[list[Any]] = field(_("Steps used"), JSON, default=list)
    score_items: Mapped[list[Any]] = field(_("Score items"), JSON, default=list)
    senior_cap: Mapped[int] = field(_("Cap for full senior (%)"), default=40)
    associate_cap: Mapped[int] = field(_("Cap for associate senior (%)"), default=55)
    over_cap: Mapped[OverCap] = field(_("When more pass than the cap"), closed(OverCap))
    note: Mapped[str] = field(_("Remark"), String(500), default="")
    reported_at: Mapped[datetime | None] = field(_("Reported at"), UtcDateTime)
    members: Mapped[int | None] = field(_("Members"))
    present: Mapped[int | None] = field(_("Present"))
    voted_on: Mapped[date | None] = field(_("Day of the vote"))
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[PlanState] = field(_("State"), closed(PlanState), default=PlanState.DRAFT)

    committee: Mapped["Committee"] = relationship()
    batch: Mapped["Batch"] = relationship()
    results: Mapped[list["Result"]] = relationship(back_populates="plan")


class Seat(Base):
    """A judge's seat in a meeting. Names are for the office and the supervisor only (Order 40, art. 25)."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("plan_id", "user_id", name="uq_seat_once"),)

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"))
    user_id: Mapped[int] = field(_("Judge"), ForeignKey("ab_user.id"), index=True)
    role: Mapped[SeatRole] = field(_("Role"), closed(SeatRole), default=SeatRole.MEMBER)
    group_name: Mapped[str] = field(_("Group"), String(64), default="")
    accepted_at: Mapped[datetime | None] = field(_("Accepted"), UtcDateTime)

    plan: Mapped["Plan"] = relationship()
    user: Mapped["Account"] = relationship()


class Result(Base):
    """What the meeting decided on one candidate; `is_passed` is computed, never typed."""

    __tablename__ = "result"
    __table_args__ = (
        CheckConstraint("yes >= 0 AND no >= 0 AND abstain >= 0", name="votes_not_negative"),
    )

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"), index=True)
    application_id: Mapped[int] = field(_("Candidate"), ForeignKey("application.id"), unique=True)
    yes: Mapped[int] = field(_p("vote", "Yes"))
    no: Mapped[int] = field(_p("vote", "No"))
    abstain: Mapped[int] = field(_("Abstained"))
    is_passed: Mapped[bool] = field(_("Passed"))
    note: Mapped[str] = field(_("Remark"), String(300), default="")

    plan: Mapped["Plan"] = relationship(back_populates="results")
    application: Mapped["Application"] = relationship()


class Filing(Stateful):
    """The request to file one meeting's result (menu 1.2.7); agreeing issues the certificates."""

    __tablename__ = "filing"

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"), unique=True)
    document_number: Mapped[str] = field(_("Document number"), String(64))
    summary: Mapped[str] = field(_("Summary of the meeting"), Text)
    reported_at: Mapped[datetime] = field(_("Reported at"), UtcDateTime)
    approval_number: Mapped[str] = field(_("Approval document"), String(64), default="")
    state: Mapped[FilingState] = field(_("State"), closed(FilingState))

    plan: Mapped["Plan"] = relationship()
