"""What refuses a row of a file, table by table: the same rules as on the pages on which these rows are maintained."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.models import Dictionary, DictItem, EligibilityRule
from app.numbers import NUMBERS
from app.services.codes import dictionary_uses, table_uses
from app.services.form import condition_texts
from app.services.messages import templates, wording
from app.services.rules import rule_edits, rule_kinds
from app.validators import Invalid

Values = Mapping[str, Any]
MATERIAL_FACTS = ("by", *condition_texts.USUAL)
RULE_FACTS = (*condition_texts.USUAL, "title")


def coded(row: Any, key: tuple[str, ...], values: Values | None) -> str | None:
    """Refuse that a row which is needed is retired or goes."""
    if row is None:
        return None
    if values is None:
        return table_uses.code_refusal(db.session(), row)
    if row.is_active and not values["is_active"]:
        return table_uses.retiring_refusal(db.session(), row)
    return None


def dictionary(row: Dictionary | None, key: tuple[str, ...], values: Values | None) -> str | None:
    """Refuse that a dictionary in use is retired or goes."""
    if row is None or (values is not None and (values["is_active"] or not row.is_active)):
        return None
    return dictionary_uses.dictionary_refusal(db.session(), row)


def dictionary_value(
    row: DictItem | None, key: tuple[str, ...], values: Values | None
) -> str | None:
    """Refuse values that a closed dictionary does not take, and that a value goes where it is needed."""
    session = db.session()
    if values is None:
        return dictionary_uses.code_refusal(session, row, is_thorough=True) if row else None
    first, last = values["valid_from"], values["valid_to"]
    if first and last and last < first:
        return gettext("The last day lies before the first one.")
    try:
        if row is not None:
            dictionary_uses.require_change(
                session, row, today=clock.local_date(clock.now()), is_active=values["is_active"],
                first=first, last=last,
            )  # fmt: skip
        elif session.get(Dictionary, key[0]) is not None:
            dictionary_uses.require_open(session, key[0])
    except Refused as refusal:
        return refusal.sentence
    return None


def material(row: Any, key: tuple[str, ...], values: Values | None) -> str | None:
    """Refuse conditions that name nothing, and that a needed kind is retired."""
    named = (values["condition"], values["required_when"]) if values else ()
    why = next(filter(None, (why_no_condition(one, MATERIAL_FACTS) for one in named)), None)
    return why or coded(row, key, values)


def rule(row: EligibilityRule | None, key: tuple[str, ...], values: Values | None) -> str | None:
    """Refuse what no rule can be computed with."""
    if values is None:
        return None
    if not rule_edits.CODE.fullmatch(key[0]):
        return gettext("The code is 2 to 32 small letters, digits and underscores.")
    if values["kind"] not in rule_kinds.KINDS:
        return gettext("There is no kind of rule “%(kind)s”.", kind=values["kind"])
    if row is not None and row.kind != values["kind"]:
        return gettext("The kind of a rule does not change. Add another rule.")
    try:
        rule_edits.checked({**values, "code": key[0]})
    except Refused as refusal:
        return refusal.sentence
    return why_no_condition(values["condition"], RULE_FACTS)


def message(row: Any, key: tuple[str, ...], values: Values | None) -> str | None:
    """Refuse variables that the message does not fill in."""
    if values is None or row is None:
        return gettext("Messages are neither added nor removed.")
    known = templates.variables_of(key[0])
    faults = [why for name in ("subject", "body") for why in wording.faults(values[name], known)]
    return " ".join(faults) or None


def number(row: Any, key: tuple[str, ...], values: Values | None) -> str | None:
    """Refuse a number out of its bounds."""
    if values is None:
        return gettext("A parameter always has a value.")
    try:
        NUMBERS[key[0]].parse(values["value"])
    except Invalid as invalid:
        return str(invalid)
    return None


def why_no_condition(condition: Any, facts: Iterable[str]) -> str | None:
    """Return what in a condition is no fact, or no value of its fact; None if all is known.

    Series and titles are rows of tables, which may come with the same file (`Table.refers`).
    """
    for fact, chosen in (condition or {}).items():
        if fact not in facts:
            return gettext("A condition here cannot ask “%(fact)s”.", fact=fact)
        if not isinstance(chosen, list) or not all(isinstance(one, str) for one in chosen):
            return gettext("“%(fact)s” needs a list of values.", fact=fact)
        known = {value for value, _label in condition_texts.offered(fact)}
        gone = [one for one in chosen if one not in known and fact not in condition_texts.LONG]
        if gone:
            return gettext(
                "“%(fact)s” has no value %(values)s.",
                fact=str(condition_texts.LABELS[fact]),
                values=gettext(", ").join(gone[:5]),
            )
    return None
