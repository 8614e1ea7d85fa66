"""Checks of a definition's conditions and row rules: do they name existing fields of the right kind?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext

from app.services.form.form_parts import RULE_NUMBERS, RULES

Part = Mapping[str, Any]


def of_conditions(fields: Sequence[Part]) -> Iterator[str]:
    """Yield the faults of `required_when` and `visible_when` conditions between fields of a section."""
    keys = [one["key"] for one in fields]
    for number, one in enumerate(fields):
        for fault in _condition_faults(one, keys, keys[:number]):
            yield gettext("field %(place)s: %(fault)s", place=f"“{one['label']}”", fault=fault)


def _condition_faults(one: Part, keys: Sequence[str], before: Sequence[str]) -> Iterator[str]:
    for name in ("required_when", "visible_when"):
        for other, values in one.get(name, {}).items():
            if other not in keys or other == one["key"]:
                yield gettext("the condition names the unknown field “%(field)s”.", field=other)
            elif not are_texts(values) or not values:
                yield gettext("the condition on “%(fact)s” needs a list of values.", fact=other)
            elif name == "visible_when" and other not in before:
                yield gettext(
                    "it appears depending on “%(field)s”, which must stand before it.", field=other
                )


def of_rules(rules: Sequence[Any], fields: Sequence[Part]) -> Iterator[str]:
    """Yield the faults of the rules of a section."""
    by_key = {one["key"]: one for one in fields}
    for rule in rules:
        kind = rule.get("kind") if isinstance(rule, Mapping) else None
        if not isinstance(kind, str) or kind not in RULES:
            yield gettext("unknown rule %(rule)s.", rule=str(kind)[:40])
            continue
        for fault in _rule_faults(rule, kind, by_key):
            yield gettext("rule %(rule)s: %(fault)s", rule=kind, fault=fault)


def _rule_faults(rule: Part, kind: str, by_key: Mapping[str, Part]) -> Iterator[str]:
    numbers = RULE_NUMBERS.get(kind, {})
    for name, value in rule.items():
        if name in RULES[kind]:
            yield from _named_field_faults(value, RULES[kind][name], by_key)
        elif name in numbers:
            least, most = numbers[name]
            if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
                yield gettext(
                    "“%(name)s” is a number from %(least)s to %(most)s.",
                    name=name,
                    least=least,
                    most=most,
                )
        elif name != "kind":
            yield gettext("unknown attribute “%(name)s”.", name=str(name)[:40])
    for name in RULES[kind]:
        if name not in rule:
            yield gettext("“%(name)s” is missing.", name=name)


def _named_field_faults(
    value: Any, kinds: frozenset[str], by_key: Mapping[str, Part]
) -> Iterator[str]:
    if not isinstance(value, str) or value not in by_key:
        yield gettext("it names the unknown field “%(field)s”.", field=str(value)[:40])
        return
    one = by_key[value]
    if one.get("source") or one.get("kind", "text") not in kinds:
        yield gettext("it cannot be about the field “%(field)s”.", field=one["label"])


def are_texts(values: Any) -> bool:
    """Say whether `values` is a list of texts."""
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
