"""Eligibility rules, edited by administrators: kind of rule, its numbers, legal clause and scope."""

from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped

from app.models.base import Base, Versioned, field


class EligibilityRule(Versioned, Base):
    """One condition for applying.

    `kind` names the computation, `parameters` its numbers. `condition` maps facts (series, level, mode,
    employment, unit_kind, title …) to the stored values with which the rule applies; None means always.
    Only a hard rule refuses an application; the others only inform.
    """

    __tablename__ = "eligibility_rule"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="years_in_order"),
    )

    code: Mapped[str] = field(_("Code"), String(32), unique=True)
    name: Mapped[str] = field(_("Rule"), String(200))
    clause: Mapped[str] = field(_("Clause"), String(500), default="")
    kind: Mapped[str] = field(_("Kind of rule"), String(40))
    parameters: Mapped[dict[str, Any]] = field(_("Numbers"), JSON, default=dict)
    condition: Mapped[dict[str, list[str]] | None] = field(_("Applies to"), JSON(none_as_null=True))
    is_hard: Mapped[bool] = field(_("Refuses"), default=False)
    is_active: Mapped[bool] = field(_("Active"), default=True)
    valid_from: Mapped[int] = field(_("From review year"), default=2000)
    valid_to: Mapped[int | None] = field(_("Until review year"))
    order: Mapped[int] = field(_("Order"), default=0)
