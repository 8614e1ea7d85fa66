"""List of what an application lacks for submission, each entry with the place where to fix it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from app.ground import clock
from app.models import Application
from app.services.dossier import dossier, materials
from app.services.form import section_checks
from app.services.form.form_definition import MATERIALS, Form, SectionDef
from app.services.form.form_sources import PERSONAL
from app.services.form.section_checks import Row
from app.services.rules import rule_evaluation, rule_subject
from app.services.rules.rule_evaluation import Finding

PERSON = rule_subject.PERSON_SECTION
LONGEST_TITLE = 20
"""Characters shown of a row's title."""


@dataclass(frozen=True)
class Missing:
    """One missing or wrong entry of an application.

    `section` and `anchor` link to its place, the labels and `reason` describe it.
    `is_rule` marks an eligibility rule that is not met, in contrast to something not filled in.
    """

    section: str
    section_label: str
    field: str
    label: str
    reason: str
    anchor: str = ""
    is_rule: bool = False

    def __str__(self) -> str:
        place = " · ".join(part for part in (self.section_label, self.label) if part)
        return gettext("%(place)s: %(reason)s", place=place, reason=self.reason.rstrip("。."))


def missing(
    application: Application, at: datetime, findings: Sequence[Finding] | None = None
) -> list[Missing]:
    """Return all that prevents submission: what the form lacks, then the hard rules that are not met.

    A rule about a material that is listed as missing anyway is left out. `findings` is the result of
    `judged`, if the caller computed it already.
    """
    found, form = missing_entries(application, at), dossier.form_of(application)
    places = {(one.section, one.field) for one in found if one.section == MATERIALS}
    known = evaluate_rules(application, at) if findings is None else findings
    refused = [one for one in known if one.refuses]
    return found + [
        _missing_of_rule(one, form) for one in refused if (one.section, one.field) not in places
    ]


def warnings(
    application: Application, at: datetime, findings: Sequence[Finding] | None = None
) -> list[Missing]:
    """Return hints and unmet soft rules: they do not prevent submission; reviewers see them too."""
    form = dossier.form_of(application)
    known = evaluate_rules(application, at) if findings is None else findings
    unmet = (one for one in known if one.is_met is False and not one.rule.is_hard)
    return [*_hints(application, form), *(_missing_of_rule(one, form) for one in unmet)]


def _hints(application: Application, form: Form) -> Iterator[Missing]:
    """Yield the hints of the form's own rules, such as two awards for one achievement."""
    saved = {key: one.rows for key, one in dossier.stored(application).items()}
    for section in form.sections:
        rows = saved.get(section.key, [])
        for hint in section_checks.hints_of(section, rows):
            place = anchor(hint.row, hint.field)
            label = _label(section, hint, rows)
            yield Missing(section.key, section.label, hint.field, label, hint.reason, place)


def evaluate_rules(application: Application, at: datetime) -> list[Finding]:
    """Evaluate all eligibility rules as if the application were submitted as it is."""
    return rule_evaluation.evaluate(application, at, is_final=True)


def missing_entries(application: Application, at: datetime) -> list[Missing]:
    """Return missing and wrong form entries in the order of the form, missing material last."""
    form = dossier.form_of(application)
    saved = {key: one.rows for key, one in dossier.stored(application).items()}
    found: list[Missing] = []
    for section in form.sections:
        found.extend(_missing_in_section(application, section, saved, at))
    found.extend(_missing_material(application, form))
    return found


def _missing_in_section(
    application: Application,
    section: SectionDef,
    saved: Mapping[str, Sequence[Row]],
    at: datetime,
) -> Iterator[Missing]:
    for one in section.fields:
        if one.source in PERSONAL and not dossier.source_text(one, application):
            why = gettext("Not filled in. It belongs to your own data.")
            yield Missing(PERSON, section.label, one.source, one.label, why, one.source)
    filled = list(saved.get(section.key, ())) or ([] if section.is_repeated else [{}])
    faults = section_checks.faults_of(
        section,
        filled,
        cutoff=application.batch.material_cutoff,
        today=clock.local_date(at),
        since=section_checks.title_since(
            saved.get(section_checks.TITLES, ()), application.series_code
        ),
    )
    for fault in faults:
        yield Missing(
            section.key,
            section.label,
            fault.field,
            _label(section, fault, filled),
            fault.reason,
            anchor(fault.row, fault.field),
        )


def anchor(row: int, field: str) -> str:
    """Return the HTML id of a field on the page of its section, or of the list if `field` is empty."""
    return f"rows-{max(row, 0)}-{field}" if field else "rows"


def _label(section: SectionDef, fault: section_checks.Fault, rows: Sequence[Row]) -> str:
    """Return the field's label, in a list of several rows with the row's number and title before it."""
    if fault.row < 0:
        return ""
    if not section.is_repeated or len(rows) == 1:
        return fault.label
    title = rows[fault.row].get(section.row_title) if section.row_title else ""
    if not title:
        return gettext("row %(row)s, %(field)s", row=fault.row + 1, field=fault.label)
    return gettext(
        "row %(row)s (%(title)s), %(field)s",
        row=fault.row + 1,
        title=str(title)[:LONGEST_TITLE],
        field=fault.label,
    )


def place_of(finding: Finding, form: Form) -> Missing | None:
    """Return the place where the facts of a rule are entered, or None if they cannot be entered."""
    found = _missing_of_rule(finding, form)
    return found if form.section(found.section) or found.field else None


def _missing_of_rule(finding: Finding, form: Form) -> Missing:
    name, section = finding.rule.name, form.section(finding.section)
    reason = finding.full_sentence
    if section is not None:
        fields = {one.key: one.label for one in section.fields}
        label = fields.get(finding.field, "")
        place = anchor(0, finding.field) if label and not section.is_repeated else "rows"
        return Missing(
            section.key, section.label, finding.field, label, reason, place, is_rule=True
        )
    if finding.section == MATERIALS:
        anchored = f"kind-{finding.field}"
        return Missing(
            MATERIALS, gettext("Material"), finding.field, name, reason, anchored, is_rule=True
        )
    return Missing(PERSON, name, finding.field, "", reason, finding.field, is_rule=True)


def _missing_material(application: Application, form: Form) -> Iterator[Missing]:
    for one in materials.asked(application, form):
        if one.is_required and not one.attachments:
            yield Missing(
                MATERIALS,
                gettext("Material"),
                one.kind.code,
                one.kind.name,
                gettext("Not uploaded."),
                f"kind-{one.kind.code}",
            )
