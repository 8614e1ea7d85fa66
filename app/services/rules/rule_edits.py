"""Adding and changing eligibility rules: values are checked first, every change is audited."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import EligibilityRule
from app.services.ground.audit import audit
from app.services.rules import rule_evaluation, rule_kinds
from app.validators import Invalid

CODE = re.compile(r"[a-z0-9_]{2,32}")
WRITTEN = (
    "name", "clause", "kind", "parameters", "condition", "is_hard", "is_active", "valid_from",
    "valid_to", "order",
)  # fmt: skip


def add_rule(data: dict[str, Any], *, actor: Actor) -> EligibilityRule:
    """Add a rule; the caller commits. Raises Refused for a code that is taken or invalid values."""
    code = data["code"]
    if not CODE.fullmatch(code):
        raise Refused(gettext("The code is 2 to 32 small letters, digits and underscores."), "code")
    if db.session.scalar(select(EligibilityRule.id).where(EligibilityRule.code == code)):
        raise Refused(gettext("This code is already given. Choose another one."), "code")
    rule = EligibilityRule(code=code, **checked(data))
    db.session.add(rule)
    _record_change(rule, {}, actor)
    return rule


def change_rule(rule: EligibilityRule, data: dict[str, Any], *, actor: Actor) -> None:
    """Change a rule; the caller commits. Raises Refused for invalid values."""
    before = {name: getattr(rule, name) for name in WRITTEN}
    for name, value in checked(data).items():
        setattr(rule, name, value)
    _record_change(rule, before, actor)


def remove_rule(rule: EligibilityRule, *, actor: Actor) -> None:
    """Remove a rule that a set of changes brought in; the caller commits."""
    before = {name: getattr(rule, name) for name in WRITTEN}
    details = {name: {"from": value, "to": None} for name, value in before.items()}
    db.session.delete(rule)
    db.session.flush()
    audit("rule", actor=actor, subject=subject_of(rule), details=details)
    rule_evaluation.clear_unmet_counts(db.session())


def checked(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a rule as they are stored. Raises Refused for numbers that cannot be computed with."""
    if data["valid_to"] is not None and data["valid_to"] < data["valid_from"]:
        raise Refused(
            gettext("The last review year lies before the first one. Change one of the two."),
            "valid_to",
        )
    try:
        numbers = rule_kinds.read(data["kind"], data["parameters"])
    except Invalid as invalid:
        raise Refused(str(invalid)) from invalid
    return {name: data[name] for name in WRITTEN} | {"parameters": numbers}


def _record_change(rule: EligibilityRule, before: dict[str, Any], actor: Actor) -> None:
    """Write the audit row and clear the stored counts of unmet rules, so that they are recounted."""
    after = {name: getattr(rule, name) for name in WRITTEN}
    details = {
        name: {"from": before.get(name), "to": value}
        for name, value in after.items()
        if not before or before[name] != value
    }
    db.session.flush()
    if not details:
        return
    audit("rule", actor=actor, subject=subject_of(rule), details=details)
    rule_evaluation.clear_unmet_counts(db.session())


def subject_of(rule: EligibilityRule) -> str:
    """Return the subject under which the audit trail records a rule."""
    return f"eligibility_rule:{rule.code}"
