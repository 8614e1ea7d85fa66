"""The integrity file of title reviews (职称评审诚信档案库, Order 40, art. 39)."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import IntegrityGround
from app.models.base import Base, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.people import Person


class IntegrityRecord(Base):
    """One entry of the integrity file; the person may not apply from `from_on` until the end of `until_on`."""

    __tablename__ = "integrity_record"
    __table_args__ = (CheckConstraint("until_on > from_on", name="lasts"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    application_id: Mapped[int] = field(_("Application"), ForeignKey("application.id"), index=True)
    ground: Mapped[IntegrityGround] = field(_p("integrity", "Ground"), enum_type(IntegrityGround))
    reason: Mapped[str] = field(_("Reason"), String(500))
    decision_number: Mapped[str] = field(_("Decision document"), String(64), default="")
    from_on: Mapped[date] = field(_("Recorded on"))
    until_on: Mapped[date] = field(_("Barred until"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("ab_user.id"))

    person: Mapped["Person"] = relationship()
    application: Mapped["Application"] = relationship()
