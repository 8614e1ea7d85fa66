"""Checks whether a committee is the actor's own and may review on a given day."""

from datetime import date

from flask_babel import gettext

from app.engine import Act
from app.models import Committee


def is_own_committee(act: Act) -> str | None:
    """Refuse an actor who does not work for the committee of the record."""
    if act.record.committee_id in act.actor.committee_ids:
        return None
    return gettext("This belongs to another committee. Switch to your position in that committee.")


def validity_refusal(committee: Committee, day: date) -> str | None:
    """Return why the committee may not work on `day`, or None (Order 40, art. 8 and 38)."""
    if not committee.is_active:
        return gettext(
            "The committee “%(name)s” is switched off. Ask the authority that approved it.",
            name=committee.name,
        )
    if not committee.unit.is_active:
        return gettext(
            "“%(unit)s”, which organises the committee “%(name)s”, is closed in the register. Ask the authority that "
            "approved the committee.",
            unit=committee.unit.name,
            name=committee.name,
        )
    if committee.valid_from <= day <= committee.valid_to:
        return None
    return gettext(
        "The committee “%(name)s” is valid from %(start)s to %(end)s, not on %(day)s. "
        "It must be approved again before it goes on.",
        name=committee.name,
        start=committee.valid_from,
        end=committee.valid_to,
        day=day,
    )
