"""Changes of employment that wait for the confirmation of a unit."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, relationship

from app.enums import Employment, EmploymentChangeState
from app.models.base import Stateful, UtcDateTime, enum_type, field

if TYPE_CHECKING:
    from app.models.people import Person
    from app.models.unit import Unit


class EmploymentChange(Stateful):
    """A person's wish to be registered with another employment, or without the unit (`leaves_unit`).

    `unit_id` is the unit that confirms it. A person has one open change at a time.
    """

    __tablename__ = "employment_change"
    __table_args__ = (
        Index(
            "uq_employment_change_open",
            "person_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
        Index("ix_employment_change_unit", "unit_id", "state", "id"),
        Index("ix_employment_change_person", "person_id", "id"),
    )

    person_id: Mapped[int] = field(_("Name"), ForeignKey("person.id"))
    unit_id: Mapped[int] = field(_("Unit"), ForeignKey("unit.id"))
    before: Mapped[Employment] = field(
        _("Employment so far"), enum_type(Employment, "employment_before")
    )
    employment: Mapped[Employment] = field(
        _("Employment asked for"), enum_type(Employment, "employment_asked")
    )
    asked_at: Mapped[datetime] = field(_("Asked at"), UtcDateTime)
    leaves_unit: Mapped[bool] = field(_("Leaves the unit"), default=False)
    state: Mapped[EmploymentChangeState] = field(
        _("State"), enum_type(EmploymentChangeState), default=EmploymentChangeState.ASKED
    )

    person: Mapped["Person"] = relationship()
    unit: Mapped["Unit"] = relationship()
