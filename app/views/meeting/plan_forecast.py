"""Forecast sections of a review plan; `app.services.meeting.plan_forecast` computes the figures."""

from flask_babel import gettext

from app.enums import MeetingMode
from app.extensions import db
from app.models import Plan
from app.services.meeting import plan_forecast
from app.services.meeting.plan_forecast import Forecast, GroupLine
from app.views.base import detail_sections
from app.views.base.columns import Cell
from app.views.base.detail_sections import DetailSection

POSTS_SHOWN = 100


def sections(plan: Plan) -> list[DetailSection]:
    """Return the forecast sections of `plan`: who may pass, vote, judges' pool, posts, interviews."""
    found = plan_forecast.forecast_of_plan(db.session(), plan)
    shown = [_warnings(found)] if found.warnings else []
    shown += [_levels(found), _vote(found), _groups(plan, found)]
    if found.posts:
        shown.append(_posts(found))
    if found.hearing:
        shown.append(_hearing(found.hearing))
    return shown


def _warnings(found: Forecast) -> DetailSection:
    return detail_sections.text(
        "forecast_warnings", gettext("Mind this"), "\n".join(found.warnings)
    )


def _levels(found: Forecast) -> DetailSection:
    return _table(
        "forecast_levels",
        gettext("Who may pass"),
        [gettext("Level"), gettext("Candidates"), gettext("May pass at most")],
        [
            [Cell(str(one.level.label)), _number(one.candidates), _number(one.most)]
            for one in found.levels
        ],
    )


def _vote(found: Forecast) -> DetailSection:
    title = gettext(
        "Vote: %(seats)s seats, at least %(quorum)s present",
        seats=found.members,
        quorum=found.quorum,
    )
    rows = [[_number(present), _number(needed)] for present, needed in found.votes]
    return _table(
        "forecast_vote", title, [gettext("Present"), gettext("Yes votes needed to pass")], rows
    )


def _groups(plan: Plan, found: Forecast) -> DetailSection:
    """Return seats and load of each group; whom the program can draw from only for an online meeting."""
    is_drawn = plan.mode is MeetingMode.ONLINE
    drawn = [gettext("Alternates"), gettext("Experts to draw from")] if is_drawn else []
    return _table(
        "forecast_groups",
        gettext("Judges and load"),
        [gettext("Group"), gettext("Seats"), *drawn, gettext("Candidates for each judge")],
        [
            [
                Cell(one.name or gettext("The whole meeting")),
                _number(one.seats),
                *(_drawn_cells(one) if is_drawn else []),
                _number(one.candidates),
            ]
            for one in found.groups
        ],
    )


def _drawn_cells(one: GroupLine) -> list[Cell]:
    return [
        _number(one.alternates),
        Cell(str(one.pool), tone="stop" if one.is_short else None, kind="number"),
    ]


def _posts(found: Forecast) -> DetailSection:
    label = gettext("Posts left of public institutions")
    if len(found.posts) > POSTS_SHOWN:
        label = gettext(
            "Posts left of public institutions (the first %(count)s)", count=POSTS_SHOWN
        )
    return _table(
        "forecast_posts",
        label,
        [
            gettext("Unit"),
            gettext("Level"),
            gettext("Specialty"),
            gettext("Candidates"),
            gettext("Posts left"),
        ],
        [
            [
                Cell(one.unit),
                Cell(str(one.level.label)),
                Cell(one.specialty),
                _number(one.candidates),
                _number(one.left),
            ]
            for one in found.posts[:POSTS_SHOWN]
        ],
    )


def _hearing(hearing: plan_forecast.Hearing) -> DetailSection:
    figures = [
        (gettext("Candidates"), hearing.candidates),
        (
            gettext("Minutes altogether (%(each)s each)", each=plan_forecast.MINUTES),
            hearing.minutes,
        ),
        (gettext("Rooms side by side"), hearing.rooms),
        (gettext("Days needed"), hearing.days_needed),
        (gettext("Days of the meeting"), hearing.days),
    ]
    return DetailSection(
        "forecast_hearing",
        gettext("Interviews"),
        "pairs",
        pairs=[(label, _number(value)) for label, value in figures],
    )


def _table(key: str, label: str, columns: list[str], rows: list[list[Cell]]) -> DetailSection:
    return DetailSection(key, label, "table", columns=columns, rows=rows)


def _number(value: int | None) -> Cell:
    return Cell("—" if value is None else str(value), kind="number")
