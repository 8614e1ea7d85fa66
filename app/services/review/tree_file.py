"""Review trees as a file: written sorted and without ids, read as a dry run that says what would change."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, select

from app.engine import Refused
from app.enums import Level
from app.extensions import db
from app.models import Committee
from app.services.ground import own_files
from app.services.review import tree_plan, tree_workbook
from app.services.review.tree_plan import Entry, Plan

KIND, FORMAT = "review-trees", 1
MOST_MB = 20
LEVELS = frozenset(one.value for one in Level)


@dataclass
class Reading:
    """What a file would change by committee, and what of it there is not here or may not be set."""

    plans: dict[str, Plan] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def write(trees: ColumnElement[bool]) -> str:
    """Return the trees of the committees that `trees` selects as JSON: committee → unit → superior and levels."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for committee in db.session.scalars(select(Committee).where(trees).order_by(Committee.code)):
        query = tree_workbook.rows_of(committee.id).execution_options(yield_per=1000)
        found[committee.code] = {
            code: {"superior": superior or "", "levels": levels}
            for code, _name, superior, _superior_name, levels in db.session.execute(query).tuples()
        }
    body = {"kind": KIND, "format": FORMAT, "trees": found}
    return json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True)


def read(trees: ColumnElement[bool], stream: IO[bytes]) -> Reading:
    """Return what a file would change in the trees that `trees` selects. Raises Refused for what is no such file."""
    found = Reading()
    own = {one.code: one for one in db.session.scalars(select(Committee).where(trees))}
    for code, places in _trees(stream).items():
        entries = [_entry(code, unit, place) for unit, place in _named(code, places).items()]
        if code not in own:
            found.unknown.append(code)
            continue
        plan = tree_plan.plan(own[code].id, entries)
        found.plans[code] = plan
        found.refused += [f"{code}{gettext(': ')}{one}" for one in plan.refused]
    return found


def _trees(stream: IO[bytes]) -> Mapping[str, Any]:
    body = own_files.read(stream, KIND, FORMAT, most_mb=MOST_MB, otherwise=_no_such_file())
    trees = body.get("trees")
    if not isinstance(trees, dict):
        raise _no_such_file()
    return trees


def _no_such_file() -> Refused:
    return Refused(gettext("This is no file with review trees that this program has written."), "file")  # fmt: skip


def _named(code: str, places: Any) -> Mapping[str, Any]:
    if not isinstance(places, dict):
        raise Refused(
            gettext("In the file the tree of “%(code)s” is not a list of units.", code=code[:20]),
            "file",
        )
    return places


def _entry(code: str, unit: str, place: Any) -> Entry:
    facts = place if isinstance(place, dict) else {}
    superior, levels = facts.get("superior"), facts.get("levels")
    if (
        not isinstance(superior, str)
        or not isinstance(levels, str)
        or not 0 < len(set(levels) & LEVELS) == len(set(levels))
    ):
        raise Refused(
            gettext(
                "In the file the place of “%(unit)s” in the tree of “%(code)s” has no superior and levels.",
                unit=unit[:20],
                code=code[:20],
            ),
            "file",
        )
    return Entry(unit, superior, "".join(sorted(set(levels))))
