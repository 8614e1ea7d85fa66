"""Years of the working calendar: a draft is read in, corrected day by day, published in one go, undone in one go.

The caller commits and writes the audit row. A draft belongs to everybody who has the menu; of two saves of one draft
the second is told (`version`).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from flask_babel import gettext
from sqlalchemy import func, select

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import CalendarYear, WorkDay
from app.services.registers.holiday_notices import Day, Reading

FIRST, AHEAD = 2018, 3
"""The first year that may be prepared, and how many years ahead."""
SATURDAY = 5
ONE_DAY = timedelta(days=1)
LONGEST_NOTE = 64
MADE_UP, OFF = "调休上班", "放假"
"""Notes of days turned by hand, in the words of the notices."""

Days = dict[date, Day]


def years() -> dict[int, int]:
    """Return the years that the calendar has, the newest first, each with its number of days."""
    year = func.extract("year", WorkDay.day)
    found = db.session.execute(select(year, func.count()).group_by(year).order_by(year.desc()))
    return {int(one): count for one, count in found.tuples()}


def standing(year: int) -> Days:
    """Return the days that hold, of a year and of the December before, which its notice may change."""
    rows = db.session.execute(
        select(WorkDay.day, WorkDay.is_working, WorkDay.note).where(
            WorkDay.day.between(date(year - 1, 12, 1), date(year, 12, 31))
        )
    )
    return {day: (is_working, note) for day, is_working, note in rows.tuples()}


def of_year(days: Days, year: int) -> Days:
    """Return the days of a year alone."""
    return {day: value for day, value in days.items() if day.year == year}


def usual(day: date) -> Day:
    """Return a day as it is without a holiday: worked from Monday to Friday."""
    return day.weekday() < SATURDAY, ""


def draft_of(year: int, *, lock: bool = False) -> CalendarYear | None:
    """Return the draft of a year, or None."""
    query = select(CalendarYear).where(
        CalendarYear.year == year, CalendarYear.published_at.is_(None)
    )
    return db.session.scalars(query.with_for_update() if lock else query).one_or_none()


def drafts() -> list[CalendarYear]:
    """Return every draft, the newest year first."""
    query = select(CalendarYear).where(CalendarYear.published_at.is_(None))
    return list(db.session.scalars(query.order_by(CalendarYear.year.desc())))


def publications(limit: int = 20) -> list[CalendarYear]:
    """Return what was published, the last first."""
    query = select(CalendarYear).where(CalendarYear.published_at.is_not(None))
    return list(db.session.scalars(query.order_by(CalendarYear.id.desc()).limit(limit)))


def special(draft: CalendarYear) -> Days:
    """Return what a draft holds beside Monday to Friday."""
    return {date.fromisoformat(day): (bool(one[0]), one[1]) for day, one in draft.days.items()}


def full(draft: CalendarYear) -> Days:
    """Return every day of the draft: the whole year, and the days of the December before that it changes."""
    first = date(draft.year, 1, 1)
    whole = (first + number * ONE_DAY for number in range(366))
    days = {day: usual(day) for day in whole if day.year == draft.year}
    return dict(sorted((days | special(draft)).items()))


def begin(actor: Actor, reading: Reading) -> CalendarYear:
    """Put what was read into the draft of its year, over what stands there already, and return the draft.

    An earlier draft of the year is replaced. A year that the calendar has keeps the special days that were not named.
    """
    _refuse_far(reading.year)
    draft = draft_of(reading.year, lock=True) or CalendarYear(year=reading.year)
    stands = of_year(standing(reading.year), reading.year)
    kept = {day: value for day, value in stands.items() if value != usual(day)}
    _keep(draft, kept | reading.days)
    draft.source = reading.source[:120]
    draft.author_id, draft.author = actor.user_id, actor.name
    db.session.add(draft)
    db.session.flush()
    return draft


def open_year(actor: Actor, year: int) -> CalendarYear:
    """Return the draft of a year, begun from what stands if there is none."""
    found = draft_of(year, lock=True)
    return found if found is not None and found.author else begin(actor, Reading(year))


def flip(actor: Actor, draft: CalendarYear, day: date) -> None:
    """Turn one day of a draft from a day off into a working day, or back; a note that no longer fits goes."""
    days = full(draft)
    now = days.get(day) or standing(draft.year).get(day)
    if now is None or (day.year != draft.year and day not in days):
        raise Refused(gettext("%(day)s is no day of this year.", day=day.isoformat()))
    is_usual = now[0] != usual(day)[0]
    note = "" if is_usual else MADE_UP if not now[0] else OFF
    _keep(draft, special(draft) | {day: (not now[0], note)})
    draft.author_id, draft.author = actor.user_id, actor.name
    db.session.flush()


def publish(actor: Actor, draft: CalendarYear, *, at: datetime) -> int:
    """Make a draft the calendar of its year and return how many days were written. Raises Refused."""
    if not draft.days:
        raise Refused(
            gettext("This year has no holiday yet: paste the notice or upload a list first.")
        )
    wanted = full(draft)
    rows = {
        row.day: row
        for row in db.session.scalars(
            select(WorkDay).where(WorkDay.day.in_(wanted)).with_for_update()
        )
    }
    before: dict[str, list[object] | None] = {}
    for day, (is_working, note) in wanted.items():
        row = rows.get(day)
        if row is None:
            before[day.isoformat()] = None
            source = draft.source
            db.session.add(WorkDay(day=day, is_working=is_working, note=note, source=source))
        elif (row.is_working, row.note) != (is_working, note):
            before[day.isoformat()] = [row.is_working, row.note, row.source]
            row.is_working, row.note, row.source = is_working, note, draft.source
    if not before:
        raise Refused(gettext("Nothing differs from the calendar that holds; nothing to publish."))
    draft.before, draft.published_at = before, at
    draft.author_id, draft.author = actor.user_id, actor.name
    db.session.flush()
    return len(before)


def why_not_undone(one: CalendarYear) -> str | None:
    """Return why a publication cannot be undone, or None: its days must stand as it wrote them."""
    if one.undone_at is not None:
        return gettext("This was undone already.")
    stands = standing(one.year)
    for day, value in written(one).items():
        if stands.get(day) != value:
            return gettext(
                "%(day)s was changed after this publication. Undo the later change first.",
                day=day.isoformat(),
            )
    return None


def undo(actor: Actor, one: CalendarYear, *, at: datetime) -> int:
    """Bring back the days from before a publication and return how many. Raises Refused."""
    if why := why_not_undone(one):
        raise Refused(why)
    days = written(one)
    rows = db.session.scalars(select(WorkDay).where(WorkDay.day.in_(days)).with_for_update())
    for row in rows:
        old = one.before[row.day.isoformat()]
        if old is None:
            db.session.delete(row)
        else:
            row.is_working, row.note, row.source = old
    one.undone_at, one.undone_by = at, actor.name
    db.session.flush()
    return len(days)


def written(one: CalendarYear) -> Days:
    """Return the days that a publication wrote."""
    return {day: value for day, value in full(one).items() if day.isoformat() in one.before}


def replaced(one: CalendarYear) -> Days:
    """Return the days that a publication replaced, as they were; those it added are missing."""
    return {
        date.fromisoformat(day): (bool(old[0]), old[1])
        for day, old in one.before.items()
        if old is not None
    }


def discard(draft: CalendarYear) -> None:
    """Discard a draft; a year that running cases need stays, empty."""
    if draft.held_since is None:
        db.session.delete(draft)
    else:
        draft.days, draft.source, draft.author, draft.author_id = {}, "", "", None
    db.session.flush()


def _keep(draft: CalendarYear, days: Mapping[date, Day]) -> None:
    draft.days = {
        day.isoformat(): [is_working, note[:LONGEST_NOTE]]
        for day, (is_working, note) in sorted(days.items())
        if day.year != draft.year or (is_working, note) != usual(day)
    }


def _refuse_far(year: int) -> None:
    last = clock.local_date(clock.now()).year + AHEAD
    if not FIRST <= year <= last:
        raise Refused(
            gettext("The year must lie between %(first)s and %(last)s.", first=FIRST, last=last),
            "year",
        )
