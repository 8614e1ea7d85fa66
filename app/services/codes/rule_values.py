"""Codes that stand in the numbers of eligibility rules."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import EligibilityRule
from app.services.rules import rule_numbers
from app.services.rules.rule_kinds import KINDS
from app.services.rules.rule_numbers import Choice, DictionaryValues, Many, Table

Wanted = Callable[[Choice | Many], bool]


def of_dictionary(kind: str) -> Wanted:
    """Return whether a parameter takes values of dictionary `kind`."""
    return lambda one: isinstance(one.offered, DictionaryValues) and one.offered.dictionary == kind


def of_material(one: Choice | Many) -> bool:
    """Return whether a parameter takes kinds of material."""
    return one.offered is rule_numbers.material_kinds


def rules(session: Session) -> list[EligibilityRule]:
    """Return the active rules in their order."""
    query = select(EligibilityRule).where(EligibilityRule.is_active)
    return list(session.scalars(query.order_by(EligibilityRule.order, EligibilityRule.id)))


def takes(rule: EligibilityRule, wanted: Wanted) -> bool:
    """Return whether a rule has a parameter of that kind."""
    return next(_parameters(rule, wanted), None) is not None


def codes_in(rule: EligibilityRule, wanted: Wanted) -> set[str]:
    """Return the codes in the parameters of that kind, defaults included."""
    found: set[str] = set()
    for one in _parameters(rule, wanted):
        value = rule.parameters.get(one.name, rule_numbers.default_of(one))
        found |= {value} if isinstance(value, str) else set(value)
    return found


def replaced(rule: EligibilityRule, wanted: Wanted, old: str, new: str) -> dict[str, Any]:
    """Return the parameters of a rule with code `new` in the place of `old`, each code once."""
    changed: dict[str, Any] = {}
    for one in _parameters(rule, wanted):
        value = rule.parameters.get(one.name, rule_numbers.default_of(one))
        if isinstance(value, str):
            changed[one.name] = new if value == old else value
        else:
            changed[one.name] = list(dict.fromkeys(new if code == old else code for code in value))
    return {**rule.parameters, **changed}


def _parameters(rule: EligibilityRule, wanted: Wanted) -> Iterator[Choice | Many]:
    kind = KINDS.get(rule.kind)
    for one in kind.parameters if kind else ():
        parts = one.columns if isinstance(one, Table) else (one,)
        yield from (part for part in parts if isinstance(part, Choice | Many) and wanted(part))


def names_value(condition: Mapping[str, Any] | None, fact: str, code: str) -> bool:
    """Return whether a stored condition names a value of a fact."""
    return code in (condition or {}).get(fact, ())
