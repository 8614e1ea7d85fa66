"""Entries of the integrity file and the bars that follow from them (Order 40, art. 39).

The law has false material recorded for three years; the setting `ban_years` may make it longer, never shorter.
"""

from datetime import date, timedelta

from app import settings
from app.engine import Act
from app.enums import IntegrityGround
from app.ground import clock
from app.models import Application, IntegrityRecord

LONGEST_REASON = 500


def record(
    act: Act, application: Application, ground: IntegrityGround, decision_number: str = ""
) -> IntegrityRecord:
    """Enter the applicant in the integrity file with the opinion of `act` as the reason, and bar them.

    A longer bar in force stays. Belongs to the transaction of the act.
    """
    today = clock.local_date(act.at)
    entry = IntegrityRecord(
        person_id=application.person_id,
        application_id=application.id,
        ground=ground,
        reason=act.opinion[:LONGEST_REASON],
        decision_number=decision_number,
        from_on=today,
        until_on=years_after(today, settings.get("ban_years")),
        recorded_at=act.at,
        recorded_by=act.actor.user_id,
    )
    person = application.person
    if person.banned_until is None or person.banned_until < entry.until_on:
        person.banned_until, person.ban_reason = entry.until_on, entry.reason
    act.session.add(entry)
    act.session.flush()
    act.notes["banned_until"] = person.banned_until.isoformat()
    return entry


def years_after(day: date, years: int) -> date:
    """Return the same day `years` later; 29 February becomes 28 February where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return (day + timedelta(days=1)).replace(year=day.year + years) - timedelta(days=1)
