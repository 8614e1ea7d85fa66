"""The kinds of eligibility rules: label, parameters and computation of each.

A computation depends only on the case and the parameter values. It is monotonic: more years, hours or
entries of the applicant never make the result worse. Only a title held may: after it the next level is due.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.services.rules import rule_age, rule_counts, rule_numbers, rule_personal, rule_titles
from app.services.rules.rule_numbers import Parameter
from app.services.rules.rule_subject import Case, Numbers, Verdict
from app.validators import Invalid

Compute = Callable[[Case, Numbers], Verdict]


@dataclass(frozen=True)
class Kind:
    """One kind of rule: its label, typed parameters and computation."""

    key: str
    label: Any
    parameters: tuple[Parameter, ...]
    compute: Compute

    def read(self, stored: Any) -> dict[str, Any]:
        """Return the parameter values of a stored rule; raises `Invalid` for values that cannot be used."""
        return rule_numbers.read(self.parameters, stored)


def _counting(key: str, label: Any) -> Kind:
    return Kind(key, label, *rule_counts.counting(key))


KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        Kind("employment", _("Employment that takes part"), rule_personal.EMPLOYMENT, rule_personal.employment),
        Kind("age", _("Age limit"), rule_age.AGE, rule_age.age),
        Kind("not_barred", _("No bar in force"), (), rule_personal.not_barred),
        Kind("no_penalty", _("No penalty in force"), rule_personal.NO_PENALTY, rule_personal.no_penalty),
        Kind("step", _("One title after another"), rule_titles.STEP, rule_titles.step),
        Kind("transfer", _("Same level before a change of series"), (), rule_titles.transfer),
        Kind("degree_and_years", _("Education and years"), rule_titles.DEGREE_AND_YEARS, rule_titles.degree_and_years),
        Kind("years_at_work", _("Years of professional work"), rule_personal.YEARS_AT_WORK, rule_personal.years_at_work),
        Kind("assessments", _("Annual assessments"), rule_counts.ASSESSED, rule_counts.assessments),
        Kind("continuing_education", _("Continuing education"), rule_counts.TRAINED, rule_counts.continuing_education),
        _counting("achievements", _("Number of achievements")),
        _counting("projects", _("Number of research projects")),
        _counting("papers", _("Number of papers")),
        _counting("books", _("Number of books")),
        _counting("patents", _("Number of patents and standards")),
        _counting("awards", _("Number of awards")),
        Kind("proof", _("Proof uploaded"), rule_personal.PROOF, rule_personal.proof),
        Kind("grassroots_unit", _("Grassroots unit"), rule_personal.GRASSROOTS, rule_personal.grassroots_unit),
        Kind("insured", _("Social insurance paid by the unit"), rule_personal.INSURED, rule_personal.insured),
    )
}  # fmt: skip


def choices() -> list[tuple[str, Any]]:
    """Return (key, label) of every kind of rule."""
    return [(kind.key, kind.label) for kind in KINDS.values()]


def read(key: str, stored: Any) -> dict[str, Any]:
    """Return the parameter values of a rule of kind `key`.

    Raises `Invalid` for an unknown kind or values that cannot be used.
    """
    if key not in KINDS:
        raise Invalid(gettext("There is no kind of rule “%(kind)s”.", kind=key))
    return KINDS[key].read(stored)
