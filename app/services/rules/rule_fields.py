"""Fields of the form that the conditions for applying read, so that a draft of the form cannot lose them."""

from collections.abc import Iterator, Mapping

from flask_babel import gettext

from app.extensions import db
from app.services.form import form_definition, form_uses
from app.services.form.form_uses import Use
from app.services.rules import rule_evaluation
from app.services.rules.rule_counts import COUNTED, Counted

Place = tuple[str, str]

HELD: tuple[Place, ...] = (("titles", "series"), ("titles", "level"), ("titles", "obtained_on"))
DEGREE: tuple[Place, ...] = (
    ("education", "level"), ("education", "degree"), ("education", "is_basis"),
)  # fmt: skip
ASSESSED: tuple[Place, ...] = (("assessments", "year"), ("assessments", "grade"))
WORK: tuple[Place, ...] = (("basic", "technical_since"),)


def _counted(what: Counted) -> tuple[Place, ...]:
    names = (what.level, what.day, what.rank, what.role, what.first_as)
    return tuple((what.section, name) for name in names if name)


READ: Mapping[str, tuple[Place, ...]] = {
    "age": HELD,
    "no_penalty": tuple(
        ("conduct", name) for name in ("has_penalty", "penalty", "penalty_from", "penalty_until")
    ),
    "step": HELD,
    "transfer": HELD,
    "degree_and_years": (*HELD, *DEGREE, *ASSESSED, *WORK),
    "years_at_work": WORK,
    "assessments": (*ASSESSED, ("basic", "work_since")),
    "continuing_education": (
        ("continuing", "year"), ("continuing", "public_hours"), ("continuing", "special_hours"),
    ),
    "insured": (("basic", "insurance_unit"),),
    **{kind: _counted(what) for kind, what in COUNTED.items()},
}  # fmt: skip
"""Kind of rule → (section, field) of what it reads of the form."""


@form_uses.register
def uses() -> Iterator[Use]:
    """Yield what the conditions in use read."""
    advice = gettext(
        "Change or switch off the condition under 【Conditions for applying】 first, or take this change back with 【Undo】."
    )
    for rule in rule_evaluation.active(db.session()):
        place = gettext("the condition for applying “%(name)s”", name=rule.name)
        for section, field in READ.get(rule.kind, ()):
            yield Use(section, field, place, advice)


def labels(kind: str) -> list[str]:
    """Return what a kind of rule reads of the form in use, as “section · field”."""
    form = form_definition.load(db.session(), form_definition.newest_version(db.session()))
    known = {
        (section.key, field.key): f"{section.label} · {field.label}"
        for section in form.sections
        for field in section.fields
    }
    return [known.get(place, ".".join(place)) for place in READ.get(kind, ())]
