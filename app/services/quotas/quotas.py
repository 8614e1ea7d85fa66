"""Post quotas (职数) of public institutions: requested, granted and used (menus 1.5.1, 1.5.2)."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from flask_babel import gettext
from sqlalchemy import CursorResult, Select, func, select, update
from sqlalchemy.orm import Session

from app.engine import Act, Refused, RefusedFields
from app.enums import Level, QuotaKind, QuotaState, Role
from app.extensions import db
from app.ground import clock
from app.models import Quota, Specialty, Unit
from app.services.files import attached_files
from app.services.quotas import special_grounds
from app.services.registers import regions
from app.services.registers.batches import Fault, label_of

MOST_POSTS = 100_000


class Balance(NamedTuple):
    """Posts granted, used and left for one unit, year, level and specialty, summed over all grounds."""

    granted: int
    used: int
    left: int


def is_own_unit(act: Act) -> str | None:
    """Refuse a person who acts for another unit."""
    if act.record.unit_id == act.actor.unit_id:
        return _refuse_closed(act)
    return gettext("This belongs to another unit. Switch to your position in that unit.")


def _refuse_closed(act: Act) -> str | None:
    unit = act.session.get_one(Unit, act.record.unit_id)
    if unit.is_active:
        return None
    return gettext("“%(unit)s” is closed in the register; it asks for no posts.", unit=unit.name)


def is_covered(act: Act) -> str | None:
    """Refuse a quota line for more posts than are vacant, unless it has a special ground (see its file).

    Refuse also a unit that needs no quota and invalid or duplicate entries. Order 40 knows no quota: the
    rule is the province's own.
    """
    with act.session.no_autoflush:
        unit = act.session.get(Unit, act.record.unit_id)
        if unit is None or not unit.kind.needs_quota:
            raise Refused(gettext("Only public institutions ask for posts; your unit needs none."))
        if found := [*faults(act)]:
            raise RefusedFields(found)
    return None


def faults(act: Act) -> Iterator[Fault]:
    """Yield (field, sentence) for everything that keeps a quota line from being asked for, in a fixed order."""
    quota = act.record
    numbers, line = [*_number_faults(quota)], [*_line_faults(act)]
    yield from numbers
    yield from line
    if line:
        return
    if quota.kind is not QuotaKind.VACANCY:
        yield from special_grounds.faults(act)
    elif not numbers:
        yield from _vacancy_faults(quota)


def _number_faults(quota: Quota) -> Iterator[Fault]:
    are_whole = True
    for field, least in (("posts", 0), ("held", 0), ("asked", 1)):
        value = getattr(quota, field)
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole or not least <= value <= MOST_POSTS:
            are_whole = False
            yield (
                field,
                gettext(
                    "“%(label)s” must be a whole number from %(least)s to %(most)s.",
                    label=label_of(Quota, field),
                    least=least,
                    most=MOST_POSTS,
                ),
            )
    if are_whole and quota.held > quota.posts:
        yield (
            "held",
            gettext(
                "%(held)s posts are held, but only %(posts)s are approved. Correct one of the numbers.",
                held=quota.held,
                posts=quota.posts,
            ),
        )


def _line_faults(act: Act) -> Iterator[Fault]:
    """Yield what is wrong with year, level, ground and specialty; if nothing is, that the line is there twice."""
    found = [*_entry_faults(act)]
    yield from found
    if not found and _duplicate_line(act) is not None:
        yield (
            "specialty_code",
            gettext(
                "Your unit has a line for this year, level, specialty and ground already. "
                "Change that one (take it back first while nobody has decided on it), or choose another ground."
            ),
        )


def _entry_faults(act: Act) -> Iterator[Fault]:
    quota, this_year = act.record, clock.local_date(act.at).year
    if quota.review_year is None or not this_year - 1 <= quota.review_year <= this_year + 1:
        yield (
            "review_year",
            gettext(
                "The review year must be between %(first)s and %(last)s.",
                first=this_year - 1,
                last=this_year + 1,
            ),
        )
    if quota.level not in list(Level) or quota.kind not in list(QuotaKind):
        yield "level", gettext("Choose a level and a ground.")
    if not quota.specialty_code or act.session.get(Specialty, quota.specialty_code) is None:
        yield "specialty_code", gettext("Choose a specialty from the list.")


def _duplicate_line(act: Act) -> int | None:
    quota = act.record
    return act.session.scalars(
        _lines(quota.unit_id, quota.review_year, quota.level, quota.specialty_code)
        .with_only_columns(Quota.id)
        .where(Quota.kind == quota.kind, Quota.id != (quota.id or 0))
    ).first()


def _vacancy_faults(quota: Quota) -> Iterator[Fault]:
    if quota.asked > quota.vacant:
        yield (
            "asked",
            gettext(
                "%(asked)s posts are asked for, but %(vacant)s are vacant (%(posts)s approved, %(held)s "
                "held). Ask for fewer, or choose a special ground and attach its proof.",
                asked=quota.asked,
                vacant=quota.vacant,
                posts=quota.posts,
                held=quota.held,
            ),
        )


def is_in_charge(act: Act) -> str | None:
    """Refuse everybody but the unit's superior and the authority of its region."""
    unit = act.session.get_one(Unit, act.record.unit_id)
    actor = act.actor
    is_superior = actor.role is Role.SUPERIOR and unit.parent_id == actor.unit_id
    if is_superior or (actor.role is Role.HRSS and regions.covers(actor, unit.region_code)):
        return None
    return gettext(
        "The unit has another superior; only that one or the authority of its region decides."
    )


def grant_fits(act: Act) -> str | None:
    """Refuse to grant no post, more posts than requested, or a fraction of a post."""
    granted, asked = _posts_to_grant(act), act.record.asked
    if isinstance(granted, int) and not isinstance(granted, bool) and 0 < granted <= asked:
        return None
    raise Refused(
        gettext(
            "Grant a whole number from 1 to %(asked)s, the number asked for. "
            "To grant none, return the line with a reason.",
            asked=asked,
        ),
        "granted",
    )


def _posts_to_grant(act: Act) -> Any:
    typed = act.details.get("granted")
    return act.record.asked if typed is None else typed


def grant(act: Act) -> None:
    """Store how many posts are granted: the number entered, or all that were requested."""
    act.record.granted = _posts_to_grant(act)
    act.notes["granted"] = act.record.granted


def _lines(
    unit_id: int, review_year: int, level: Level, specialty_code: str
) -> Select[tuple[Quota]]:
    return select(Quota).where(
        Quota.unit_id == unit_id,
        Quota.review_year == review_year,
        Quota.level == level,
        Quota.specialty_code == specialty_code,
    )


def approved_line(
    unit_id: int, review_year: int, level: Level, specialty_code: str
) -> Quota | None:
    """Return the approved line with the most posts left (possibly 0), None without an approved line."""
    return db.session.scalars(
        _lines(unit_id, review_year, level, specialty_code)
        .where(Quota.state == QuotaState.APPROVED)
        .order_by((Quota.granted - Quota.used).desc(), Quota.id)
        .limit(1)
    ).first()


def balance(unit_id: int, review_year: int, level: Level, specialty_code: str) -> Balance:
    """Return the posts granted, used and left, summed over all approved lines."""
    query = _lines(unit_id, review_year, level, specialty_code).where(
        Quota.state == QuotaState.APPROVED
    )
    granted, used = db.session.execute(
        query.with_only_columns(
            func.coalesce(func.sum(Quota.granted), 0), func.coalesce(func.sum(Quota.used), 0)
        )
    ).one()
    return Balance(int(granted), int(used), int(granted - used))


def consume(
    session: Session, unit_id: int, review_year: int, level: Level, specialty_code: str
) -> None:
    """Use one granted post. Raises Refused when none is left; safe against concurrent use of the last one."""
    wanted = approved_line(unit_id, review_year, level, specialty_code)
    if wanted is None or not _use_post(session, wanted):
        raise Refused(refusal(unit_id, review_year, level, specialty_code))


def _use_post(session: Session, line: Quota) -> bool:
    taken = session.execute(
        update(Quota)
        .where(
            Quota.id == line.id,
            Quota.state == QuotaState.APPROVED,
            Quota.used >= 0,
            Quota.used + 1 <= Quota.granted,
        )
        .values(used=Quota.used + 1),
        execution_options={"synchronize_session": "fetch"},
    )
    return cast("CursorResult[Any]", taken).rowcount == 1


def refusal(unit_id: int, review_year: int, level: Level, specialty_code: str) -> str:
    """Return the sentence that refuses to use a post because none is left."""
    left = balance(unit_id, review_year, level, specialty_code)
    return gettext(
        "“%(unit)s” was granted %(granted)s posts for “%(level)s”, %(specialty)s in %(year)s and used "
        "%(used)s: none is left. It must ask for more posts (1.5.1) first.",
        unit=db.session.get_one(Unit, unit_id).name,
        granted=left.granted,
        level=level.label,
        specialty=db.session.get_one(Specialty, specialty_code).name,
        year=review_year,
        used=left.used,
    )


def keep_proof(act: Act) -> None:
    """Attach the proof of a special ground: `details["proof"]` is a list of (stored file, name)."""
    for stored, name in act.details.get("proof") or ():
        attached_files.attach(act.record, stored, special_grounds.PROOF, name, act.actor, act.at)
