"""Voting rounds: frozen terms, roll of voters, encrypted ballots, and opened votes without voters' names."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import BallotState, KeyRole, KeyState, RoundState
from app.models.base import Base, Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.draw import Seat
    from app.models.meeting import Plan
    from app.models.people import Account

_UNFINISHED = "state IN ('ready', 'open', 'closed', 'entered')"


NUMERALS = (
    _p("round", "1"), _p("round", "2"), _p("round", "3"), _p("round", "4"), _p("round", "5"),
    _p("round", "6"), _p("round", "7"), _p("round", "8"), _p("round", "9"), _p("round", "10"),
)  # fmt: skip


class KeyHolder(Stateful):
    """One of the three key holders of a meeting's ballot box (2-of-3).

    Stores only the public key; the code it derives from was shown once and only the holder has it.
    """

    __tablename__ = "key_holder"
    __table_args__ = (UniqueConstraint("plan_id", "role", name="uq_key_holder_role"),)

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"))
    role: Mapped[KeyRole] = field(_("Role"), enum_type(KeyRole))
    user_id: Mapped[int] = field(_("Name"), ForeignKey("ab_user.id"))
    alg: Mapped[str] = mapped_column(String(32))
    public_key: Mapped[str] = mapped_column(String(200))
    registered_at: Mapped[datetime] = field(_("Registered"), UtcDateTime)
    row_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    state: Mapped[KeyState] = field(_("State"), enum_type(KeyState), default=KeyState.HELD)

    plan: Mapped["Plan"] = relationship()
    user: Mapped["Account"] = relationship()


class Round(Stateful):
    """One voting round of a meeting; `frozen_hash` covers candidates, roll, recusals, options, rules and keys.

    `row_digest` is a keyed digest of what was frozen (`app/services/voting/round_integrity.py`), `signed_record`
    the record of the count with the program's signature. A paper round has no key and no ballots: the office enters its figures, a second person confirms them.
    """

    __tablename__ = "round"
    __table_args__ = (
        UniqueConstraint("plan_id", "number", name="uq_round_number"),
        Index(
            "uq_round_one_unfinished",
            "plan_id",
            unique=True,
            sqlite_where=text(_UNFINISHED),
            postgresql_where=text(_UNFINISHED),
        ),
        CheckConstraint("present IS NULL OR present <= members", name="present_at_most_members"),
    )

    plan_id: Mapped[int] = field(_("Plan"), ForeignKey("plan.id"))
    number: Mapped[int] = field(_("Round"))
    is_on_paper: Mapped[bool] = field(_("On paper"), default=False)
    places: Mapped[int | None] = field(_("Places"))
    members: Mapped[int] = field(_("Members"))
    present: Mapped[int] = field(_("Present"))
    alg: Mapped[str] = mapped_column(String(64), default="")
    frozen: Mapped[str] = mapped_column(Text, default="")
    frozen_hash: Mapped[str] = field(_("Digest of what was frozen"), String(64), default="")
    public_key: Mapped[str | None] = mapped_column(String(200))
    frozen_at: Mapped[datetime] = field(_("Frozen"), UtcDateTime)
    opened_at: Mapped[datetime | None] = field(_("Opened"), UtcDateTime)
    closed_at: Mapped[datetime | None] = field(_p("round", "Closed"), UtcDateTime)
    counted_at: Mapped[datetime | None] = field(_("Counted at"), UtcDateTime)
    cast: Mapped[int | None] = field(_("Ballots cast"))
    invalid: Mapped[int | None] = field(_("Invalid ballots"))
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    row_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    signed_record: Mapped[str | None] = mapped_column(Text)
    void_reason: Mapped[str] = field(_("Reason to void it"), String(500), default="")
    void_asked_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))
    state: Mapped[RoundState] = field(_("State"), enum_type(RoundState), default=RoundState.READY)

    plan: Mapped["Plan"] = relationship()
    candidates: Mapped[list["RoundCandidate"]] = relationship(
        back_populates="round", order_by="RoundCandidate.position"
    )

    @property
    def title(self) -> str:
        """Name of the round within its meeting."""
        return title_of_round(self.number, self.places)

    @property
    def name(self) -> str:
        """Display name of the round in lists and refusals."""
        return gettext("%(plan)s, %(round)s", plan=self.plan.name, round=self.title)


def title_of_round(number: int, places: int | None) -> str:
    """Return the name of a round within its meeting; one for few `places` votes on its candidates again."""
    word = str(NUMERALS[number - 1]) if number <= len(NUMERALS) else str(number)
    if places is None:
        return gettext("Round %(number)s", number=word)
    return gettext("Round %(number)s (voted again)", number=word)


class RoundCandidate(Base):
    """A candidate of a round with the counted votes: `opened` holds one letter per vote, shuffled."""

    __tablename__ = "round_candidate"
    __table_args__ = (
        UniqueConstraint("round_id", "application_id", name="uq_round_candidate_once"),
        UniqueConstraint("round_id", "position", name="uq_round_candidate_position"),
        CheckConstraint("yes >= 0 AND no >= 0 AND abstain >= 0", name="votes_not_negative"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    application_id: Mapped[int] = field(_("Candidate"), ForeignKey("application.id"), index=True)
    position: Mapped[int] = field(_("Number on the ballot"))
    eligible: Mapped[int] = field(_("May vote"))
    opened: Mapped[str | None] = mapped_column(Text)
    yes: Mapped[int | None] = field(_p("vote", "Yes"))
    no: Mapped[int | None] = field(_p("vote", "No"))
    abstain: Mapped[int | None] = field(_("Abstained"))
    note: Mapped[str] = field(_("Remark"), String(300), default="")

    round: Mapped["Round"] = relationship(back_populates="candidates")
    application: Mapped["Application"] = relationship()


class RoundVoter(Base):
    """A seat on the frozen roll of a round."""

    __tablename__ = "round_voter"
    __table_args__ = (UniqueConstraint("round_id", "seat_id", name="uq_round_voter_once"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)

    round: Mapped["Round"] = relationship()
    seat: Mapped["Seat"] = relationship()


class RoundShare(Base):
    """One share of a round's private key, encrypted to a key holder's public key; deleted after the count."""

    __tablename__ = "round_share"
    __table_args__ = (UniqueConstraint("round_id", "role", "for_role", name="uq_round_share_once"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    role: Mapped[KeyRole] = mapped_column(enum_type(KeyRole, "share_role"))
    for_role: Mapped[KeyRole] = mapped_column(enum_type(KeyRole, "share_for_role"))
    sealed: Mapped[str] = mapped_column(Text)


class SealedBallot(Stateful):
    """One judge's ballot, encrypted to the round's key. After the count only tracker and digest remain."""

    __tablename__ = "sealed_ballot"
    __table_args__ = (UniqueConstraint("round_id", "seat_id", name="uq_sealed_ballot_once"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    alg: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str | None] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    tracker: Mapped[str] = field(_("Receipt of the ballot"), String(64), unique=True)
    row_digest: Mapped[str] = mapped_column(String(64), default="", server_default="")
    state: Mapped[BallotState] = field(_("State"), enum_type(BallotState), default=BallotState.CAST)

    round: Mapped["Round"] = relationship()
    seat: Mapped["Seat"] = relationship()
