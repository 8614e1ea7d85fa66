"""The draw of judges, the seats it fills, assignments of candidates to seats, and recusals."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import (
    DrawState,
    PublicSource,
    RecusalSource,
    RecusalState,
    RelationKind,
    SeatRole,
    SeatState,
)
from app.models.base import Base, Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.expert import Expert
    from app.models.meeting import Plan
    from app.models.people import Account

_LIVE_DRAW = "state <> 'void'"
_LIVE_SEAT = "state NOT IN ('declined', 'released')"


class Draw(Stateful):
    """One attempt at drawing the judges of a plan; at most one attempt per plan is not void.

    `pool` is the canonical text with digest `pool_hash`: experts by salted number, never by name, the reason
    of every exclusion and the rules of the draw. It is immutable once frozen. `signed_record` is the record of
    the draw with the program's signature, made with the seats.
    """

    __tablename__ = "draw"
    __table_args__ = (
        UniqueConstraint("plan_id", "attempt", name="uq_draw_attempt"),
        Index(
            "uq_draw_one_live",
            "plan_id",
            unique=True,
            sqlite_where=text(_LIVE_DRAW),
            postgresql_where=text(_LIVE_DRAW),
        ),
        CheckConstraint(
            "state <> 'drawn' OR (seed IS NOT NULL AND drawn_at IS NOT NULL)", name="drawn_has_seed"
        ),
    )

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"))
    attempt: Mapped[int] = field(_("Attempt"))
    alg: Mapped[str] = mapped_column(String(32))
    salt: Mapped[str] = mapped_column(String(64))
    # deferred: large, and needed only by the draw and its record
    pool: Mapped[str] = mapped_column(Text, deferred=True)
    pool_hash: Mapped[str] = field(_("Digest of the pool"), String(64))
    pool_size: Mapped[int] = field(_("Experts in the pool"))
    eligible_size: Mapped[int] = field(_("Of them eligible"))
    public_source: Mapped[str] = field(
        _("Public source named in advance"),
        String(200),
        default="",
        help=_("For example the winning numbers of a lottery draw of a later day."),
    )
    source_kind: Mapped[PublicSource | None] = field(
        _("Kind of public source"), enum_type(PublicSource)
    )
    source_day: Mapped[date | None] = field(_("Day of the public source"))
    public_value: Mapped[str] = field(_("Public value"), String(200), default="")
    value_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    value_confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    office_digest: Mapped[str | None] = field(_("Commitment of the office"), String(64))
    office_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    office_secret: Mapped[str | None] = field(_("Opened by the office"), String(128))
    supervisor_digest: Mapped[str | None] = field(_("Commitment of the supervisor"), String(64))
    supervisor_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    supervisor_secret: Mapped[str | None] = field(_("Opened by the supervisor"), String(128))
    seed: Mapped[str | None] = field(_("Seed"), String(64))
    drawn_at: Mapped[datetime | None] = field(_("Drawn at"), UtcDateTime)
    signed_record: Mapped[str | None] = mapped_column(Text, deferred=True)
    void_reason: Mapped[str] = field(_("Reason to void it"), String(500), default="")
    void_asked_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[DrawState] = field(_("State"), enum_type(DrawState), default=DrawState.FROZEN)

    plan: Mapped["Plan"] = relationship()


class Seat(Stateful):
    """A judge's seat in a meeting. Only office and supervisor may see names (Order 40, art. 25)."""

    __tablename__ = "seat"
    __table_args__ = (
        Index(
            "uq_seat_once",
            "plan_id",
            "user_id",
            unique=True,
            sqlite_where=text(_LIVE_SEAT),
            postgresql_where=text(_LIVE_SEAT),
        ),
        Index("ix_seat_plan", "plan_id", "state", "place"),
    )

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"))
    draw_id: Mapped[int | None] = field(_("Draw"), ForeignKey("draw.id"), index=True)
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("expert.id"), index=True)
    user_id: Mapped[int] = field(_("Judge"), ForeignKey("ab_user.id"), index=True)
    place: Mapped[int] = field(_("Place in the draw"), default=0)
    role: Mapped[SeatRole] = field(_("Role"), enum_type(SeatRole), default=SeatRole.MEMBER)
    group_name: Mapped[str] = field(_("Group"), String(64), default="")
    answered_at: Mapped[datetime | None] = field(_p("seat", "Answered"), UtcDateTime)
    reason: Mapped[str] = field(_("Reason"), String(300), default="")
    attended_at: Mapped[datetime | None] = field(_p("meeting", "Signed in"), UtcDateTime)
    left_at: Mapped[datetime | None] = field(_("Left the meeting at"), UtcDateTime)
    decline_noted_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[SeatState] = field(_("State"), enum_type(SeatState), default=SeatState.CALLED)

    plan: Mapped["Plan"] = relationship()
    draw: Mapped["Draw | None"] = relationship()
    expert: Mapped["Expert | None"] = relationship()
    user: Mapped["Account"] = relationship(foreign_keys=[user_id])


class Assignment(Base):
    """A candidate assigned to a seat to read, score and write an opinion on; without it no access."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("seat_id", "application_id", name="uq_assignment_once"),)

    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)


class Relation(Base):
    """A relation that an expert declares to somebody who may become a candidate."""

    __tablename__ = "relation"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[RelationKind] = field(_("Relation"), enum_type(RelationKind))
    name: Mapped[str] = field(_("Name"), String(64), index=True)
    id_index: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str] = field(_("Remark"), String(200), default="")
    declared_at: Mapped[datetime] = field(_("Declared"), UtcDateTime)


class Recusal(Stateful):
    """Recusal of a judge from one candidate, or a request for one.

    An applicant's request names a person (`named`), as applicants do not know the judges; once the office
    grants it, it binds any judge of that name, seated or drawn later. `user_id` is the judge, once known.
    """

    __tablename__ = "recusal"
    __table_args__ = (
        Index("ix_recusal_case", "application_id", "state"),
        Index("ix_recusal_user", "user_id", "state"),
        Index(
            "uq_recusal_once",
            "user_id",
            "application_id",
            unique=True,
            sqlite_where=text("state = 'in_force' AND user_id IS NOT NULL"),
            postgresql_where=text("state = 'in_force' AND user_id IS NOT NULL"),
        ),
    )

    application_id: Mapped[int] = field(_("Candidate"), ForeignKey("application.id"))
    plan_id: Mapped[int | None] = field(_("Plan"), ForeignKey("plan.id"), index=True)
    user_id: Mapped[int | None] = field(_("Judge"), ForeignKey("ab_user.id"))
    source: Mapped[RecusalSource] = field(_p("recusal", "Ground"), enum_type(RecusalSource))
    named: Mapped[str] = field(_("Person named"), String(64), default="")
    named_unit: Mapped[str] = field(_("Unit of that person"), String(120), default="")
    reason: Mapped[str] = field(_("Reason"), String(500), default="")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    decided_at: Mapped[datetime | None] = field(_("Decided"), UtcDateTime)
    state: Mapped[RecusalState] = field(
        _("State"), enum_type(RecusalState), default=RecusalState.ASKED
    )

    application: Mapped["Application"] = relationship()
    plan: Mapped["Plan | None"] = relationship()
    user: Mapped["Account | None"] = relationship(foreign_keys=[user_id])
