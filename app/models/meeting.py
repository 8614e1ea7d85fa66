"""Review plans, results of their meetings, and filings of the results."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, false, literal
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.enums import (
    Aggregation,
    Denominator,
    FilingState,
    MeetingMode,
    OverCap,
    PlanState,
    RecusalRule,
    ResultReason,
)
from app.models.base import Base, Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.batch import Batch
    from app.models.committee import Committee
    from app.models.draw import Draw


TRIM_FROM, HALF = 5, 50


class Plan(Stateful):
    """Plan of one meeting of a committee (menu 1.2.2), with its minutes and signatures.

    `signed_result` is the computed result with the program's signature.

    `groups` is a list of {name, seats, specialties}; an empty one stands for the whole meeting as one group.
    """

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
    mode: Mapped[MeetingMode] = field(_("Mode"), enum_type(MeetingMode))
    opens_on: Mapped[date] = field(_("Meeting from"))
    closes_on: Mapped[date] = field(_("Meeting until"))
    place: Mapped[str] = field(_("Place"), String(200))
    seats: Mapped[int] = field(_("Seats wanted"))
    alternates: Mapped[int] = field(_("Alternates"), default=5, server_default="5")
    groups: Mapped[list[Any]] = field(_("Groups"), JSON, default=list, server_default="[]")
    steps: Mapped[list[Any]] = field(_("Steps used"), JSON, default=list)
    score_items: Mapped[list[Any]] = field(_("Score items"), JSON, default=list)
    senior_cap: Mapped[int] = field(_("Cap for full senior (%)"), default=40)
    associate_cap: Mapped[int] = field(_("Cap for associate senior (%)"), default=55)
    aggregation: Mapped[Aggregation] = field(
        _("Scores become one by"),
        enum_type(Aggregation),
        default=Aggregation.MEAN,
        server_default="mean",
    )
    trim_from: Mapped[int] = field(
        _("Highest and lowest are left out from (scores)"),
        default=TRIM_FROM,
        server_default=str(TRIM_FROM),
    )
    material_share: Mapped[int] = field(
        _("Part of the material score (%)"),
        default=HALF,
        server_default=str(HALF),
        help=_("The rest is the interview score, where the meeting has both."),
    )
    denominator: Mapped[Denominator] = field(
        _("Two thirds of"),
        enum_type(Denominator),
        default=Denominator.PRESENT,
        server_default="present",
    )
    recusal_rule: Mapped[RecusalRule] = field(
        _("Judges of a candidate's unit"),
        enum_type(RecusalRule),
        default=RecusalRule.UNIT,
        server_default="unit",
    )
    is_anonymous: Mapped[bool] = field(
        _("Anonymous material"),
        default=False,
        server_default=false(),
        help=_("Judges see neither name nor unit until the vote."),
    )
    over_cap: Mapped[OverCap] = field(_("When more pass than the cap"), enum_type(OverCap))
    note: Mapped[str] = field(_("Remark"), String(500), default="")
    reported_at: Mapped[datetime | None] = field(_("Reported at"), UtcDateTime)
    members: Mapped[int | None] = field(_("Members"))
    present: Mapped[int | None] = field(_("Present"))
    voted_on: Mapped[date | None] = field(_("Day of the vote"))
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    opinions_signed: Mapped[bool] = field(
        _("Opinions signed by three experts"), default=False, server_default=false()
    )
    minutes: Mapped[str] = field(_("Minutes of the meeting"), Text, default="", server_default="")
    chair_signed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    chair_signed_at: Mapped[datetime | None] = field(_("Signed by the chair"), UtcDateTime)
    supervisor_signed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    supervisor_signed_at: Mapped[datetime | None] = field(
        _("Signed by the supervisor"), UtcDateTime
    )
    signed_result: Mapped[str | None] = mapped_column(Text, deferred=True)
    state: Mapped[PlanState] = field(_("State"), enum_type(PlanState), default=PlanState.DRAFT)

    committee: Mapped["Committee"] = relationship()
    batch: Mapped["Batch"] = relationship()
    results: Mapped[list["Result"]] = relationship(back_populates="plan")
    draws: Mapped[list["Draw"]] = relationship(viewonly=True, order_by="Draw.attempt")

    @property
    def has_scores(self) -> bool:
        """Return whether scores decide between equal votes in this meeting."""
        return self.over_cap is OverCap.RANK

    def is_on(self, day: date) -> bool:
        """Return whether the meeting is held on `day`."""
        return self.opens_on <= day <= self.closes_on


class Result(Base):
    """The meeting's decision on one candidate; `is_passed` is computed, never typed."""

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
    round_id: Mapped[int | None] = field(_("Round"), ForeignKey("round.id"))
    counted_of: Mapped[int | None] = field(_("Two thirds of"))
    score: Mapped[int | None] = field(_("Score in hundredths"))
    rank: Mapped[int | None] = field(_("Rank"))
    reason: Mapped[ResultReason | None] = field(_("Why"), enum_type(ResultReason))

    sheet_totals: Mapped[str | None] = query_expression(literal(None, String(4000)))
    """Totals of the judges' sheets that count, where a query asks for them (`judging/score_spread.py`)."""

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
    state: Mapped[FilingState] = field(_("State"), enum_type(FilingState))

    plan: Mapped["Plan"] = relationship()
