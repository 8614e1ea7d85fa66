"""Register of committees: one series each, valid for three years at most, an odd number of seats."""

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from app import settings
from app.engine import Refused
from app.extensions import db
from app.models import Committee

COLUMNS = (
    "name", "series_code", "level", "is_by_specialty", "unit_id", "region_code",
    "approval_number", "valid_from", "valid_to", "min_size", "is_active",
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

    Raises Refused for a term that is too long and an even number of seats (Order 40, art. 8 and 10).
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
    for name in COLUMNS:
        setattr(committee, name, data[name])
