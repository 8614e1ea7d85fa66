"""Make dictionaries together with a field: they stand in the draft and come about with its publication.

A draft that is discarded, or a step that is undone, leaves nothing behind.
"""

from collections.abc import Iterable, Mapping

from flask_babel import gettext
from sqlalchemy import select

from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import Dictionary, DictItem
from app.services.form.form_dictionaries import MOST_VALUES, of, text
from app.services.form.form_edits import Body, key_for
from app.services.ground.audit import audit
from app.validators import Invalid
from app.validators import text as plain_text

LONGEST_NAME, LONGEST_VALUE = 40, 60


def put(body: Body, key: str, name: str, lines: str) -> str:
    """Add a dictionary (empty `key`) to a draft or change one that is not published yet; return its key.

    A value keeps its code as long as its wording stays. Raises Refused naming the input concerned.
    """
    name = name.strip()
    if not name:
        raise Refused(gettext("Enter a name for the new dictionary."), "new_name")
    if name in {one["label"] for other, one in of(body).items() if other != key} | _known_names():
        raise Refused(
            gettext(
                "There is a dictionary “%(name)s” already. Choose it from the list, or take another name.",
                name=name,
            ),
            "new_name",
        )
    values = _values(lines)
    taken = {*of(body), *db.session.scalars(select(Dictionary.code))}
    key = key or key_for(name, taken)[:32]
    stored = body.setdefault("dictionaries", {})
    stored[key] = {"label": name, "values": _coded(values, stored.get(key, {}).get("values", {}))}
    return key


def drop_unused(body: Body) -> None:
    """Take dictionaries that no field uses any more out of a draft."""
    used = {one.get("dictionary") for part in body["sections"] for one in part["fields"]}
    kept = {key: one for key, one in of(body).items() if key in used}
    body.pop("dictionaries", None)
    if kept:
        body["dictionaries"] = kept


def drop_stored(body: Body) -> None:
    """Take dictionaries that exist by now out of a copied or imported definition."""
    existing = _existing(of(body))
    kept = {key: one for key, one in of(body).items() if key not in existing}
    body.pop("dictionaries", None)
    if kept:
        body["dictionaries"] = kept


def create(body: Body, *, actor: Actor) -> int:
    """Store the dictionaries of a draft that is being published; return how many came about."""
    existing = _existing(of(body))
    made = {key: one for key, one in of(body).items() if key not in existing}
    db.session.add_all(Dictionary(code=key, name=one["label"]) for key, one in made.items())
    db.session.flush()
    for key, one in made.items():
        db.session.add_all(
            DictItem(kind=key, code=code, label=label, order=place)
            for place, (code, label) in enumerate(one["values"].items(), start=1)
        )
        audit(
            "maintenance",
            actor=actor,
            subject=f"dict_item:{key}",
            details={"created": True, "to": text(one)},
        )
    return len(made)


def _known_names() -> set[str]:
    return set(db.session.scalars(select(Dictionary.name)))


def _existing(keys: Iterable[str]) -> set[str]:
    return set(db.session.scalars(select(Dictionary.code).where(Dictionary.code.in_(list(keys)))))


def _values(lines: str) -> list[str]:
    """Return the typed values, one of each line. Raises Refused for none, too many, twins and unusable texts."""
    found = [line.strip() for line in lines.splitlines() if line.strip()]
    if not found:
        raise Refused(gettext("Enter the values, one on each line."), "new_values")
    if len(found) > MOST_VALUES:
        raise Refused(
            gettext("A dictionary made here has at most %(most)s values.", most=MOST_VALUES),
            "new_values",
        )
    for number, value in enumerate(found, start=1):
        try:
            plain_text(value, max_length=LONGEST_VALUE)
        except Invalid as invalid:
            sentence = gettext("Line %(number)s: %(why)s", number=number, why=invalid)
            raise Refused(sentence, "new_values") from None
        if value in found[: number - 1]:
            raise Refused(
                gettext("“%(value)s” is there twice. Take one of them out.", value=value),
                "new_values",
            )
    return found


def _coded(values: list[str], before: Mapping[str, str]) -> dict[str, str]:
    """Return {code: label} in the order of `values`; known labels keep their codes, others get the next number."""
    codes = {label: code for code, label in before.items()}
    last = max((int(code) for code in before if code.isdigit()), default=0)
    found = {}
    for value in values:
        if value not in codes:
            last += 1
            codes[value] = f"{last:02}"
        found[codes[value]] = value
    return found
