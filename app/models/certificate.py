"""Title certificates, which anybody can verify."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.enums import CertificateState, Level
from app.models import text_indexes
from app.models.base import Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.application import Application
    from app.models.committee import Committee
    from app.models.dictionary import Series, Specialty, Title
    from app.models.people import Person
    from app.models.unit import Unit


class Certificate(Stateful):
    """A certificate, issued when a filing is agreed.

    `obtained_on` is the day of the vote; `token` opens the page of the QR code.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        Index(
            "uq_certificate_one_valid",
            "application_id",
            unique=True,
            sqlite_where=text("state = 'valid'"),
            postgresql_where=text("state = 'valid'"),
        ),
        Index("ix_certificate_name", "name", "id"),
        Index("ix_certificate_unit", "unit_id", "id"),
        Index("ix_certificate_region", "region_code", "id"),
        *text_indexes.of_name("certificate"),
        *text_indexes.of_number("certificate"),
    )

    number: Mapped[str] = field(_("Certificate number"), String(24), unique=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = field(_("Name"), String(64))
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"))
    region_code: Mapped[str] = field(_("Region"), String(6))
    committee_id: Mapped[int] = field(_("Committee"), ForeignKey("committee.id"), index=True)
    series_code: Mapped[str] = field(_("Series"), ForeignKey("series.code"))
    level: Mapped[Level] = field(_("Level"), enum_type(Level, "certificate_level"))
    title_code: Mapped[str] = field(_("Title obtained"), ForeignKey("title.code"))
    specialty_code: Mapped[str] = field(
        _p("certificate", "Specialty"), ForeignKey("specialty.code")
    )
    obtained_on: Mapped[date] = field(_("Obtained on"))
    issued_on: Mapped[date] = field(_("Issued on"))
    approval_number: Mapped[str] = field(_("Approval document"), String(64))
    state: Mapped[CertificateState] = field(
        _("State"), enum_type(CertificateState), default=CertificateState.VALID
    )
    settled_at: Mapped[datetime | None] = field(_("Changed"), UtcDateTime)
    decision_number: Mapped[str] = field(_("Decision document"), String(64), default="")
    decision_reason: Mapped[str] = field(_("Reason"), String(500), default="")

    application: Mapped["Application"] = relationship()
    person: Mapped["Person"] = relationship()
    unit: Mapped["Unit"] = relationship()
    committee: Mapped["Committee"] = relationship()
    series: Mapped["Series"] = relationship()
    title: Mapped["Title"] = relationship()
    specialty: Mapped["Specialty"] = relationship()
