"""Memberships of experts in the pools of committees (menu 1.4.1)."""

from datetime import date
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, relationship

from app.enums import ExpertAccountState, ExpertState
from app.models.base import Stateful, enum_type, field

if TYPE_CHECKING:
    from app.models.committee import Committee
    from app.models.dictionary import Specialty, Title
    from app.models.people import Account, Person
    from app.models.unit import Unit


class Expert(Stateful):
    """A person's membership of a committee's pool, at most three years at a time (Order 40, art. 11)."""

    __tablename__ = "expert"
    __table_args__ = (
        UniqueConstraint("committee_id", "person_id", "term_from", name="uq_expert_term"),
        CheckConstraint("term_to > term_from", name="term_order"),
        CheckConstraint("leave_to >= leave_from", name="leave_order"),
        Index("ix_expert_pool", "committee_id", "state", "id"),
    )

    committee_id: Mapped[int] = field(_("Committee"), ForeignKey("committee.id"))
    person_id: Mapped[int] = field(_("Name"), ForeignKey("person.id"), index=True)
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"))
    title_code: Mapped[str] = field(_("Title held"), ForeignKey("title.code"))
    specialty_code: Mapped[str] = field(_p("expert", "Specialty"), ForeignKey("specialty.code"))
    title_since: Mapped[date | None] = field(_("Title held since"))
    employed_since: Mapped[date | None] = field(_("Employed at this level since"))
    research: Mapped[str] = field(
        _("Field of research"), String(200), default="", server_default=""
    )
    is_scarce: Mapped[bool] = field(
        _("Scarce expert"),
        default=False,
        server_default=false(),
        help=_("May serve some years beyond the retirement age."),
    )
    term_from: Mapped[date] = field(_("Term from"))
    term_to: Mapped[date] = field(_("Term to"))
    leave_from: Mapped[date | None] = field(_("On leave from"))
    leave_to: Mapped[date | None] = field(_("On leave until"))
    state: Mapped[ExpertState] = field(
        _("State"), enum_type(ExpertState), default=ExpertState.APPLIED
    )

    committee: Mapped["Committee"] = relationship()
    person: Mapped["Person"] = relationship()
    unit: Mapped["Unit"] = relationship()
    title: Mapped["Title"] = relationship()
    specialty: Mapped["Specialty"] = relationship()


class ExpertAccount(Stateful):
    """An account linked with a pool's expert that the committee's office has to confirm as the expert's own.

    Made when somebody registers as a person who is in the pool, or when the office enters a person who has an
    account already. Until it is confirmed the account is an applicant's only and is not drawn.
    """

    __tablename__ = "expert_account"
    __table_args__ = (
        UniqueConstraint("committee_id", "user_id", name="uq_expert_account_once"),
        Index("ix_expert_account_committee", "committee_id", "state"),
    )

    committee_id: Mapped[int] = field(_("Committee"), ForeignKey("committee.id"))
    person_id: Mapped[int] = field(_("Name"), ForeignKey("person.id"), index=True)
    user_id: Mapped[int] = field(_("Account"), ForeignKey("ab_user.id"), index=True)
    state: Mapped[ExpertAccountState] = field(
        _("State"), enum_type(ExpertAccountState), default=ExpertAccountState.WAITING
    )

    committee: Mapped["Committee"] = relationship()
    person: Mapped["Person"] = relationship()
    user: Mapped["Account"] = relationship()
