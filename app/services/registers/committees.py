"""Register of committees: one series each, valid for three years at most, an odd number of seats."""

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app import settings
from app.engine import Refused
from app.enums import Level
from app.extensions import db
from app.models import Committee

COLUMNS = (
    "name", "series_code", "level", "is_by_specialty", "unit_id", "region_code",
    "approval_number", "valid_from", "valid_to", "min_size", "size_approval_number", "is_active",
)  # fmt: skip


def build(data: dict[str, Any]) -> Committee:
    """Return a new, unsaved committee. Raises Refused for an invalid or existing code and as `write`."""
    if not (data["code"].isdigit() and data["code"].isascii()):
        raise Refused(gettext("The committee code must be four digits."), "code")
    if db.session.scalar(select(Committee.id).where(Committee.code == data["code"])):
        raise Refused(gettext("This committee code is already given."), "code")
    committee = Committee(code=data["code"])
    write(committee, data)
    return committee


def last_day(first: date, years: int) -> date:
    """Return the last day of a term of `years` that begins on `first`: the day before its anniversary."""
    month = first.replace(day=1, year=first.year + years)
    return month + timedelta(days=first.day - 2)


def write(committee: Committee, data: dict[str, Any]) -> None:
    """Write `data` to `committee`.

    Raises Refused for a term that is too long, an even number of seats, and fewer seats than the law asks for
    without the document that agreed to them (Order 40, art. 8 and 10).
    """
    years = settings.get("committee_validity_years")
    latest = last_day(data["valid_from"], years)
    if not data["valid_from"] < data["valid_to"] <= latest:
        raise Refused(
            gettext(
                "The validity must end after it begins and within %(years)s years; the last possible day is %(day)s.",
                years=years,
                day=latest,
            ),
            "valid_to",
        )
    if data["min_size"] % 2 == 0:
        raise Refused(gettext("The number of seats must be odd."), "min_size")
    _check_size(data)
    for name in COLUMNS:
        setattr(committee, name, data[name])


def _check_size(data: dict[str, Any]) -> None:
    least = statutory_size(data["level"], is_by_specialty=data["is_by_specialty"])
    if data["min_size"] < least and not data["size_approval_number"]:
        raise Refused(
            gettext(
                "A committee of this kind sits with at least %(least)s judges (Order 40, art. 10). For fewer, enter "
                "under “%(label)s” the document by which the provincial authority agreed.",
                least=least,
                label=Committee.__table__.c.size_approval_number.info["label"],
            ),
            "min_size",
        )


def statutory_size(level: Level, *, is_by_specialty: bool) -> int:
    """Return the least number of judges that the law sets for a committee of `level` (Order 40, art. 10).

    It sets one for senior committees only, another one for those formed by specialty.
    """
    if level not in (Level.SENIOR, Level.ASSOCIATE):
        return 1
    kind = "specialty" if is_by_specialty else "series"
    return int(settings.get(f"committee_min_by_{kind}"))


def least_members(committee: Committee) -> int:
    """Return with how many judges a meeting of the committee must sit at least (Order 40, art. 10).

    A smaller number in the register counts only with the document that agreed to it.
    """
    if committee.size_approval_number:
        return committee.min_size
    return max(
        committee.min_size,
        statutory_size(committee.level, is_by_specialty=committee.is_by_specialty),
    )
