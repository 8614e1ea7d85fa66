"""Problems of an entered result, and the one sentence that names the first of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext

from app.models import Application

SHOWN = 5
"""Maximum of problems a refusal lists; the rest is counted."""


@dataclass(frozen=True)
class Problem:
    """One error in an entry, at a field of the meeting or at one candidate."""

    sentence: str
    field: str = ""
    application_id: int | None = None


def problem_of(item: Application, why: str) -> Problem:
    return Problem(f"{item.number} {item.name}: {why}", application_id=item.id)


def sentence(found: Iterable[str]) -> str | None:
    """Return the first problems as one text for the user, or None when there are none."""
    lines = list(found)
    if len(lines) > SHOWN:
        rest = gettext("And %(count)s more.", count=len(lines) - SHOWN)
        return " ".join([*lines[:SHOWN], rest])
    return " ".join(lines) or None
