"""Template data of a section's page: form, steps, gaps, return notes, prefilled values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flask import request, url_for

from app.enums import ApplicationState
from app.forms.base import builder
from app.ground import clock
from app.models import Application
from app.services.dossier import (
    dossier,
    eligibility,
    merging,
    prefill,
    return_reasons,
    submission_diff,
)
from app.services.dossier.completeness import Missing
from app.services.dossier.filling import SectionState
from app.services.dossier.merging import Texts
from app.services.form.form_definition import SectionDef
from app.views.base.aliases import Page
from app.views.dossier import hall_pages
from app.views.dossier.hall_base import HallPage
from app.web.security import require_actor


@dataclass
class Typed:
    """The content of a section form as sent by the page.

    `rows` are the present values, `base` the stored values from which the page was made (None: unknown),
    `revision` their revision, `wish` the button pressed, `faults` the unreadable entries.
    """

    rows: dict[str, Texts]
    base: dict[str, Texts] | None
    revision: int
    wish: str = "save"
    faults: dict[merging.Place, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Note at a field after a return: the reason, and the value at the last submission."""

    reason: str = ""
    was: str | None = None


def context(
    view: HallPage,
    application: Application,
    section: SectionDef,
    typed: Typed,
    now: SectionState | None,
) -> Page:
    """Return the context of me/section.html; `now` is the stored section, None after a refusal."""
    form = dossier.form_of(application)
    offered = hall_pages.offered(form)
    places = {row: number for number, row in enumerate(typed.rows)}
    faults = {(places[row], key): why for (row, key), why in typed.faults.items() if row in places}
    missing = gaps(application, clock.now())
    return {
        "application": application,
        "section": section,
        "form": builder.form_of(section, list(typed.rows.values()), offered, faults),
        "blank": builder.form_of(section, [{}], offered).rows.entries[0],
        "row_ids": list(typed.rows),
        "base": rows_as_json(typed.base or {}),
        "revision": typed.revision,
        "sources": hall_pages.source_pairs(section, application),
        "steps": hall_pages.steps(view, application, form, missing),
        "gaps": [gap for gap in missing if now and now.revision and gap.section == section.key],
        "reason": return_reasons.section_text(application, section.key),
        "notes": notes(application, section.key),
        "registered": prefill.from_register(application, section, typed.rows),
        "can_prefill": application.state in (ApplicationState.DRAFT, ApplicationState.RETURNED),
        "why_closed": dossier.why_closed(application, section.key),
        "can_put_back": _count_just_removed(now),
        "saved_at": now.saved_at if now else None,
        "owner": require_actor().user_id,
        "sign_in": url_for("Session.login", next=request.path),
    }


def gaps(application: Application, at: datetime) -> list[Missing]:
    """Return what is missing in an application; empty once it cannot be edited."""
    return (
        eligibility.missing(application, at) if application.state in dossier.EDITABLE_STATES else []
    )


def notes(application: Application, key: str) -> dict[str, Note]:
    """Return {name of a field on the page: its note} for a returned section."""
    returned = return_reasons.reasons_of(application).get(key)
    if returned is None:
        return {}
    changed = submission_diff.changes_since_submission(application).get(key)
    reasons = {_present_name(name, changed): why for name, why in returned.fields.items()}
    was = changed.was() if changed else {}
    return {name: Note(reasons.get(name, ""), was.get(name)) for name in {*reasons, *was}}


def _present_name(name: str, changed: submission_diff.SectionChange | None) -> str:
    """Return the present name of a field of the last submission: its row may have moved since."""
    rows, _dash, rest = name.partition("-")
    place, _dash, key = rest.partition("-")
    if changed is None or not place.isdecimal():
        return name
    return f"{rows}-{changed.places.get(int(place), int(place))}-{key}"


def _count_just_removed(now: SectionState | None) -> int:
    """Return the number of rows removed just before this page, which offers to restore them."""
    is_just_now = now and request.args.get("removed", 0, type=int) == now.revision
    return now.can_put_back if now and is_just_now else 0


def rows_as_json(rows: Mapping[str, Texts]) -> str:
    """Return rows as JSON for a hidden input: [[id, {field: text}] …] without empty fields."""
    full = [[key, {name: text for name, text in row.items() if text}] for key, row in rows.items()]
    return json.dumps(full, ensure_ascii=False, separators=(",", ":"))


__all__ = ["Note", "Typed", "context", "gaps", "notes", "rows_as_json"]
