"""The unit's first check (menu 1.1.1): a pass needs every section of the application checked.

Order 40, art. 17: the unit examines truth and completeness of what its people submit. For one application
each section is ticked; for several at once one tick confirms all sections of all of them. The log records
which of the two it was.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.engine import Act, Refused
from app.models import Application
from app.services.dossier import dossier, submissions
from app.services.form.form_definition import SectionDef

MOST_ROWS = 20
"""Only the fields of this many rows of a section can be named one by one; later rows are put into words."""
SHOWN = 5
"""A refusal names at most this many sections."""


def sections_of(application: Application) -> dict[str, str]:
    """Return {key: label} of the sections to check, with other material last."""
    return {shown.key: shown.label for shown in dossier.display(application)}


def places_of(application: Application) -> dict[str, list[tuple[str, str]]]:
    """Return {section: [(place, label)]} for the fields of the rows filled in; a place is like rows-0-name.

    The rows are those of the latest submission, or the current ones before the first.
    """
    form, submission = dossier.form_of(application), submissions.latest(application)
    rows_of = (
        submission.sections if submission else submissions.current_content(application).sections
    )
    return {
        section.key: [
            (f"rows-{row}-{one.key}", _place_label(section, row, one.label))
            for row in range(min(len(rows_of.get(section.key, [])), MOST_ROWS))
            for one in section.typed_fields
        ]
        for section in form.sections
    }


def _place_label(section: SectionDef, row: int, label: str) -> str:
    if not section.is_repeated:
        return label
    return gettext("row %(row)s, %(field)s", row=row + 1, field=label)


def is_thorough(act: Act) -> None:
    """Refuse a pass while a section is not checked or has a reason for a return."""
    if "is_each_checked" in act.details:
        _refuse_unticked(act)
        return
    checked = set(act.details.get("checked") or ())
    left = [label for key, label in sections_of(act.record).items() if key not in checked]
    if left:
        names = gettext(", ").join(left[:SHOWN])
        raise Refused(
            gettext(
                "Not checked yet: %(count)s sections (%(names)s). Look at each of them and tick it; "
                "what is wrong is returned with its reason.",
                count=len(left),
                names=names if len(left) <= SHOWN else f"{names} …",
            ),
            "checks",
        )
    _refuse_reasons(act)


def _refuse_unticked(act: Act) -> None:
    if not act.details["is_each_checked"]:
        raise Refused(
            gettext(
                "Several people pass together only when you confirm that you went through every section of each of them."
            ),
            "is_each_checked",
        )


def _refuse_reasons(act: Act) -> None:
    sections = act.details.get("sections") or {}
    if sections and isinstance(sections, Mapping):
        labels = sections_of(act.record)
        raise Refused(
            gettext(
                "A reason to go back stands at: %(names)s. Return the application, or empty the reason.",
                names=gettext(", ").join(labels.get(key, key) for key in sections),
            ),
            "checks",
        )


def note(act: Act) -> None:
    """Record in the log which sections were checked, or that all were confirmed with one tick."""
    if act.details.get("is_each_checked"):
        act.notes["is_each_checked"] = True
    elif checked := act.details.get("checked"):
        act.notes["checked"] = list(checked)


def log_text(details: Mapping[str, Any]) -> str:
    """Return the text about the check for a log row, empty if the row records none."""
    if details.get("is_each_checked"):
        return gettext("every section of everybody checked, ticked together")
    if checked := details.get("checked"):
        return gettext("%(count)s sections checked one by one", count=len(checked))
    return ""
