"""Qualification check by a committee's office (menu 1.2.1), and the one supplement it may ask for."""

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import settings
from app.engine import Act, Refused
from app.enums import CorrectionState
from app.ground import clock
from app.models import Application, Committee, CommitteeSpecialty, Correction
from app.services.registers import deadlines, working_days
from app.services.registers.committee_validity import validity_refusal
from app.validators import Invalid, reason

LONGEST_DAYS = 90
"""Longest time for a supplement in calendar days; a later deadline is treated as a typing error."""


def is_in_scope(act: Act) -> str | None:
    """Refuse an application outside the committee's series, level or specialties (Order 40, art. 6 to 8).

    Refuse it also on a day on which the committee is not valid.
    """
    application = act.record
    committee = act.session.get_one(Committee, application.committee_id)
    if application.series_code != committee.series_code:
        return gettext(
            "The committee judges another series than the one applied for. "
            "Refuse the application and name the right committee in the reason."
        )
    if not committee.judges(application.level):
        return gettext(
            "The committee judges up to “%(highest)s”; the application is for “%(level)s”. "
            "Refuse it and name the right committee in the reason.",
            highest=committee.level.label,
            level=application.level.label,
        )
    return validity_refusal(committee, clock.local_date(act.at)) or _specialty_refusal(
        act.session, committee, application
    )


def _specialty_refusal(
    session: Session, committee: Committee, application: Application
) -> str | None:
    if not committee.is_by_specialty:
        return None
    covered = session.scalars(
        select(CommitteeSpecialty.id).where(
            CommitteeSpecialty.committee_id == committee.id,
            CommitteeSpecialty.specialty_code == application.specialty_code,
        )
    ).first()
    if covered is not None:
        return None
    return gettext(
        "The committee is formed by specialty and does not cover the one applied for. "
        "Refuse the application and name the right committee in the reason."
    )


def correction_of(session: Session, application_id: int) -> Correction | None:
    """Return the supplement the application was asked for, if any."""
    return deadlines.supplements(session, [application_id])[application_id]


def was_never_corrected(act: Act) -> str | None:
    """Refuse a second supplement: all items are asked for at once (Order 40, art. 19)."""
    if correction_of(act.session, act.record.id) is None:
        return None
    return gettext("A supplement was already asked for; there is only one. Pass or refuse now.")


def has_items(act: Act) -> str | None:
    """Refuse a request for a supplement without items, with an empty item or a deadline out of bounds."""
    items = items_of(act)
    if not items:
        raise Refused(
            gettext("Name everything that is to be supplied: at least one item, all at once."),
            "items",
        )
    first = earliest_deadline(act.at)
    last = clock.local_date(act.at) + timedelta(days=LONGEST_DAYS)
    if not first <= deadline_of(act) <= last:
        raise Refused(
            gettext(
                "The supplement must be due between %(first)s and %(last)s: "
                "the applicant has at least %(count)s working days.",
                first=first,
                last=last,
                count=settings.get("correction_days"),
            ),
            "deadline",
        )
    return None


def items_of(act: Act) -> list[dict[str, str]]:
    """Return the items asked for as cleaned {section, text}. Raises Refused for an item without a reason."""
    return [_item(row) for row in act.details.get("items") or [] if _is_filled(row)]


def _is_filled(row: dict[str, Any]) -> bool:
    return bool((row.get("section") or "").strip() or (row.get("text") or "").strip())


def _item(row: dict[str, Any]) -> dict[str, str]:
    try:
        sentence = reason(row.get("text") or "", min_length=settings.get("office_min_reason"))
    except Invalid as invalid:
        raise Refused(gettext("An item of the supplement: %(why)s", why=invalid), "items") from None
    return {"section": (row.get("section") or "").strip(), "text": sentence}


def earliest_deadline(at: datetime) -> date:
    """Return the first day a supplement may be due, by the official calendar."""
    return working_days.add_working_days(clock.local_date(at), settings.get("correction_days"))


def deadline_of(act: Act) -> date:
    """Return the deadline entered, or the earliest possible one."""
    return act.details.get("deadline") or earliest_deadline(act.at)


def open_correction(act: Act) -> None:
    """Store the items and the deadline of the supplement; open the sections named for the applicant."""
    items, deadline = items_of(act), deadline_of(act)
    act.session.add(
        Correction(
            application_id=act.record.id,
            items=items,
            deadline=deadline,
            state=CorrectionState.OPEN,
            asked_at=act.at,
        )
    )
    act.record.returned_sections = {
        section: "\n".join(item["text"] for item in items if item["section"] == section)
        for section in dict.fromkeys(item["section"] for item in items)
    }
    act.notes.update(items=items, deadline=deadline.isoformat())


def is_in_correction_time(act: Act) -> str | None:
    """Refuse a supplement after its day or the extension of it, which end at 24:00."""
    if correction_of(act.session, act.record.id) is None:
        return gettext("No supplement was asked for.")
    return deadlines.is_in_time(act)


def is_past_deadline(act: Act) -> str | None:
    """Refuse to treat an application as given up before the time for its supplement is over."""
    deadline = deadlines.of(act.record)
    if (
        correction_of(act.session, act.record.id) is not None
        and deadline
        and deadline.is_over(act.at)
    ):
        return None
    return gettext("The supplement is not overdue.")


def close_correction(act: Act) -> None:
    """Mark the supplement as submitted and close all sections for changes."""
    _settle(act, CorrectionState.ANSWERED)


def miss_correction(act: Act) -> None:
    """Mark the supplement as missed: the application counts as given up (Order 40, art. 19)."""
    _settle(act, CorrectionState.MISSED)


def _settle(act: Act, state: CorrectionState) -> None:
    act.session.execute(
        update(Correction)
        .where(Correction.application_id == act.record.id)
        .values(state=state, settled_at=act.at)
    )
    act.record.returned_sections = {}
