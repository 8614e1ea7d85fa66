"""What every menu that lists applications has in common: columns, dossier, route."""

from typing import Any, ClassVar

from flask_babel import gettext

from app.actor import Actor
from app.enums import Role
from app.models import Application
from app.services import dossier
from app.validators import mask_id
from app.views import detail
from app.views.base import GuideView
from app.views.columns import Cell, cell_of

SEES_NUMBERS = frozenset({Role.UNIT, Role.SUPERIOR, Role.HRSS, Role.OFFICE})


class ApplicationView(GuideView):
    """A menu over applications; subclasses say who, which rows and which buttons."""

    model = Application
    list_columns: ClassVar[list[Any]] = [
        "number",
        "name",
        "unit",
        "title",
        "state",
        "held_since",
        "due_at",
    ]
    search_columns: ClassVar[list[str]] = [
        "name",
        "id_number",
        "number",
        "unit",
        "title",
        "state",
        "held_since",
    ]

    def name_of(self, record: Any) -> str:
        return str(record.name)

    def head(self, record: Any, actor: Actor) -> dict[str, Any]:
        person = record.person
        facts = [
            (gettext("Sex"), person.sex.label if person.sex else "—"),
            (gettext("Born"), f"{person.birth_date:%Y-%m}" if person.birth_date else "—"),
            (gettext("Unit"), record.unit.name),
            (gettext("Way of applying"), record.mode.label),
            (gettext("Review year"), str(record.review_year)),
        ]
        if actor.role in SEES_NUMBERS:
            facts.insert(2, (gettext("ID number"), mask_id(person.id_number)))
        return {
            "photo_url": None,
            "title": gettext(
                "Applies for %(title)s (%(series)s · %(specialty)s)",
                title=record.title.name,
                series=record.series.name,
                specialty=record.specialty.name,
            ),
            "subtitle": record.committee.name,
            "facts": facts,
        }

    def sections(self, record: Any, actor: Actor) -> list[detail.DetailSection]:
        return [*dossier_sections(record), *route_sections(record)]


def dossier_sections(record: Application) -> list[detail.DetailSection]:
    """Return the filled sections of the form, each with the material that proves it."""
    sections = []
    for shown in dossier.display(record):
        label = shown.label
        rows = [[cell_of(value) for value in row] for row in shown.rows]
        if shown.kind == "pairs":
            cells = rows[0] if rows else [Cell("—")] * len(shown.columns)
            section = detail.DetailSection(
                shown.key, label, "pairs", pairs=list(zip(shown.columns, cells, strict=False))
            )
        else:
            section = detail.DetailSection(
                shown.key, label, "table", columns=shown.columns, rows=rows, count=len(rows)
            )
        section.files = [detail.file_entry(attachment) for attachment in shown.attachments]
        section.flag = record.returned_sections.get(shown.key)
        sections.append(section)
    return sections


def route_sections(record: Application) -> list[detail.DetailSection]:
    """Return the superior units on the application's own route and the recommendation."""
    sections = []
    if record.route:
        sections.append(
            detail.table_of(
                "route",
                gettext("Review route"),
                list(record.route),
                ["position", "unit", "arrived_at", "passed_at"],
            )
        )
    if record.recommendation:
        sections.append(
            detail.text("recommendation", gettext("Recommendation"), record.recommendation)
        )
    return sections
