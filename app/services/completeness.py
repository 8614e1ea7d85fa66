"""Everything an application still lacks before it can be handed in, each with its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext

from app import clock
from app.enums import ApplyMode, Level
from app.models import Application
from app.services import dossier, materials, section_rules
from app.services.formdef import MATERIALS, Form, SectionDef
from app.services.section_rules import Row

TITLES = "titles"
PERSON = "person"


@dataclass(frozen=True)
class Missing:
    """One gap: `section` and `anchor` lead to its place, the rest says it in words."""

    section: str
    section_label: str
    field: str
    label: str
    reason: str
    anchor: str = ""

    def __str__(self) -> str:
        place = " · ".join(part for part in (self.section_label, self.label) if part)
        return gettext("%(place)s: %(reason)s", place=place, reason=self.reason.rstrip("。."))


def missing(application: Application, at: datetime) -> list[Missing]:
    """Return every gap of the application in the order of the form, material last."""
    form = dossier.form_of(application)
    saved = {key: one.rows for key, one in dossier.stored(application).items()}
    found: list[Missing] = []
    for section in form.sections:
        rows = saved.get(section.key, [])
        found.extend(_of_section(application, section, rows, at))
    found.extend(_steps(application, form, saved.get(TITLES, [])))
    found.extend(_of_material(application, form))
    return found


def _of_section(
    application: Application, section: SectionDef, rows: Sequence[Row], at: datetime
) -> Iterator[Missing]:
    for one in section.fields:
        if one.source and not dossier.source_text(one, application.person):
            why = gettext("Not filled in. It belongs to your own data.")
            yield Missing(PERSON, section.label, one.source, one.label, why, one.source)
    filled = list(rows) or ([] if section.is_repeated else [{}])
    faults = section_rules.faults_of(
        section, filled, cutoff=application.batch.material_cutoff, today=clock.local_date(at)
    )
    for fault in faults:
        yield Missing(
            section.key,
            section.label,
            fault.field,
            _label(section, fault, len(filled)),
            fault.reason,
            anchor(fault.row, fault.field),
        )


def anchor(row: int, field: str) -> str:
    """Return the id of a field on the page of its section."""
    return f"rows-{max(row, 0)}-{field}" if field else "rows"


def _label(section: SectionDef, fault: section_rules.Fault, rows: int) -> str:
    if fault.row < 0:
        return ""
    if not section.is_repeated or rows == 1:
        return fault.label
    return gettext("row %(row)s, %(field)s", row=fault.row + 1, field=fault.label)


def _steps(application: Application, form: Form, titles: Sequence[Row]) -> Iterator[Missing]:
    """Check that titles are taken one after another (Order 40, art. 15)."""
    section = form.section(TITLES)
    held = [row for row in titles if row.get("level") and row.get("series")]
    if section is None or application.mode not in (ApplyMode.NORMAL, ApplyMode.TRANSFER):
        return
    if why := _step_refusal(application, held):
        yield Missing(TITLES, section.label, "level", section.field("level").label, why, "rows")


def _step_refusal(application: Application, held: Sequence[Row]) -> str | None:
    same = [row for row in held if row["series"] == application.series_code]
    wanted = application.level
    if application.mode is ApplyMode.TRANSFER:
        if any(row["level"] == wanted.value for row in held if row not in same):
            return None
        return gettext(
            "A change of series needs a title of the same level (“%(level)s”) in another series.",
            level=wanted.label,
        )
    if held and not same:
        return gettext(
            "The titles held are all of another series. First change the series at the same level (“%(mode)s”).",
            mode=ApplyMode.TRANSFER.label,
        )
    rank = max((_rank(row["level"]) for row in same), default=0)
    if rank >= wanted.rank:
        return gettext("A title of this level or a higher one is already held in this series.")
    least = Level.ASSISTANT.rank if rank < Level.ASSISTANT.rank else rank
    if wanted.rank > least + 1:
        return gettext(
            "Titles are taken one after another: the next level after the one held comes first. "
            "Exceptional cases choose “%(mode)s”.",
            mode=ApplyMode.EXCEPTIONAL.label,
        )
    return None


def _rank(code: str) -> int:
    return next(level.rank for level in Level if level.value == code)


def _of_material(application: Application, form: Form) -> Iterator[Missing]:
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
