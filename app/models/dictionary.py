"""Code tables: small dictionaries, regions, title series, titles, specialties, kinds of material.

Choices are stored as codes, because several codes may share a name.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_appbuilder import Model
from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    true,
)
from sqlalchemy.orm import Mapped, relationship

from app.enums import Level
from app.models.base import Base, Versioned, enum_type, field


class Coded(Versioned, Model):
    """A row identified by its code; lists and choices show its name.

    A row that is not active is offered nowhere and still names what refers to it.
    """

    __abstract__ = True

    code: Mapped[str] = field(_("Code"), String(32), primary_key=True)
    name: Mapped[str] = field(_p("thing", "Name"), String(200))
    is_active: Mapped[bool] = field(_("Active"), default=True, server_default=true())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__dict__.get('code')}>"

    def __str__(self) -> str:
        return self.name


class Dictionary(Coded):
    """The head of a small dictionary, whose values are `DictItem`s.

    A closed dictionary takes no new values and loses none; its labels may be reworded and put in order.
    """

    __tablename__ = "dictionary"

    name_en: Mapped[str] = field(_("English name"), String(200), default="")
    is_closed: Mapped[bool] = field(
        _p("dictionary", "Closed"),
        default=False,
        help=_("A closed dictionary takes no new values and loses none."),
    )


class DictItem(Versioned, Base):
    """One value of a small dictionary, retired instead of deleted.

    Outside of `valid_from` … `valid_to` (both included, None: no limit) and once retired it is not offered; records
    that have it go on showing it. `merged_into` is the code of the value that took its place.
    """

    __tablename__ = "dict_item"
    __table_args__ = (
        UniqueConstraint("kind", "code"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="days_in_order"),
    )

    kind: Mapped[str] = field(
        _("Dictionary"), String(32), ForeignKey("dictionary.code"), index=True
    )
    code: Mapped[str] = field(_("Code"), String(32))
    label: Mapped[str] = field(_("Label"), String(200))
    order: Mapped[int] = field(_("Order"), default=0)
    is_active: Mapped[bool] = field(_("Active"), default=True)
    standard: Mapped[str] = field(
        _("Standard"), String(64), default="", help=_("For example GB/T 3304-1991.")
    )
    valid_from: Mapped[date | None] = field(
        _("Offered from"), help=_("First day on which it can be chosen; empty: at once.")
    )
    valid_to: Mapped[date | None] = field(
        _("Offered until"),
        help=_("Last day on which it can be chosen; empty: no end. Records keep it."),
    )
    merged_into: Mapped[str | None] = field(_("Merged into"), String(32))

    def __str__(self) -> str:
        return self.label

    @classmethod
    def is_offered_on(cls, day: date) -> ColumnElement[bool]:
        """Return the condition for values that can be chosen on `day`."""
        return and_(
            cls.is_active.is_(True),
            cls.valid_from.is_(None) | (cls.valid_from <= day),
            cls.valid_to.is_(None) | (cls.valid_to >= day),
        )


class Region(Coded):
    """A region of GB/T 2260. A statistical zone has a code but no authority of its own."""

    __tablename__ = "region"
    __table_args__ = (CheckConstraint("level BETWEEN 1 AND 3", name="level"),)

    code: Mapped[str] = field(_("Code"), String(6), primary_key=True)
    level: Mapped[int] = field(_("Level"), help=_("1 province, 2 prefecture, 3 county"))
    parent_code: Mapped[str | None] = field(_("Above it"), ForeignKey("region.code"), index=True)
    is_statistical: Mapped[bool] = field(_("Statistical zone"), default=False)

    parent: Mapped["Region | None"] = relationship(remote_side="Region.code")


class Series(Coded):
    """One of the 27 title series; its code is the first half of the codes of its titles."""

    __tablename__ = "series"

    code: Mapped[str] = field(_("Code"), String(2), primary_key=True)


class Title(Coded):
    """A title: series, level and name. Names repeat between series, so the code is the key.

    A grassroots title is valid only in grassroots units.
    """

    __tablename__ = "title"
    __table_args__ = (Index("ix_title_series_level", "series_code", "level"),)

    code: Mapped[str] = field(_("Code"), String(8), primary_key=True)
    series_code: Mapped[str] = field(_("Series"), ForeignKey("series.code"))
    level: Mapped[Level] = field(_("Level"), enum_type(Level))
    is_grassroots: Mapped[bool] = field(_("Grassroots title"), default=False)

    series: Mapped["Series"] = relationship()


class Specialty(Coded):
    """A specialty inside a series."""

    __tablename__ = "specialty"

    code: Mapped[str] = field(_("Code"), String(8), primary_key=True)
    series_code: Mapped[str] = field(_("Series"), ForeignKey("series.code"), index=True)

    series: Mapped["Series"] = relationship()


class MaterialKind(Coded):
    """A kind of material to upload, with its limits.

    `condition` maps facts to the values with which the kind is asked for, for example
    `{"mode": ["exceptional"]}`; None means always. The facts are `by` (who uploads: applicant or
    unit), `mode` (way of applying), `series`, `level`, `employment` and `unit_kind`, as stored values.
    `required_when` is a condition of the same form under which the kind is required.
    """

    __tablename__ = "material_kind"
    __table_args__ = (
        CheckConstraint("max_mb > 0", name="max_mb"),
        CheckConstraint("max_count > 0", name="max_count"),
    )

    max_mb: Mapped[int] = field(_("Most MB per file"), default=5)
    max_count: Mapped[int] = field(_("Most files"), default=1)
    order: Mapped[int] = field(_("Order"), default=0)
    is_required: Mapped[bool] = field(_("Required"), default=False)
    condition: Mapped[dict[str, list[str]] | None] = field(_("Condition"), JSON(none_as_null=True))
    required_when: Mapped[dict[str, list[str]] | None] = field(
        _("Required when"), JSON(none_as_null=True)
    )
    help: Mapped[str] = field(_("Help"), String(500), default="")

    def applies_to(self, facts: Mapping[str, Any]) -> bool:
        """Return whether this kind is asked for given `facts`; a missing fact matches nothing."""
        return condition_holds(self.condition, facts)

    def must_be_there(self, facts: Mapping[str, Any]) -> bool:
        """Return whether this kind is required given `facts`."""
        return self.is_required or (
            self.required_when is not None and condition_holds(self.required_when, facts)
        )


def condition_holds(
    condition: Mapping[str, Sequence[str]] | None, facts: Mapping[str, Any]
) -> bool:
    """Return whether every fact named in the condition has one of its values; no condition always holds."""
    return all(facts.get(fact) in values for fact, values in (condition or {}).items())
