"""Sections of a trial: levels, who comes in or drops out, by unit and by post quota. No score of a judge is shown."""

from collections.abc import Collection, Sequence

from flask import url_for
from flask_babel import gettext, pgettext

from app.enums import Level, ResultReason
from app.extensions import appbuilder
from app.models import Application, PlanChange
from app.services.meeting import caps
from app.services.meeting.lines import Lines
from app.services.results import plan_changes
from app.services.results.trials import Fate, Group, Move, Trial
from app.views.base import detail_sections
from app.views.base.columns import Cell, cell_of
from app.views.base.detail_sections import DetailSection
from app.views.meeting import plan_lines

SHOWN = 200
"""Most rows of a table; its heading counts all."""


def sections(
    trial: Trial, present: Lines, tried: Lines, hidden: Collection[int]
) -> list[DetailSection]:
    """Return the sections of a trial; candidates in `hidden` are named nowhere, as the reader is recused from them."""
    levels = _levels(trial, present, tried)
    if not trial.is_voted:
        said = gettext(
            "Not everybody has been voted on yet, so nobody passes or drops out. The places are known already."
        )
        return [detail_sections.text("moves", gettext("Who would change"), said), levels]  # fmt: skip
    moves = [one for one in trial.moves() if one.item.id not in hidden]
    return [
        levels,
        _moves(moves),
        *_groups(trial, hidden),
        *([detail_sections.text("hidden", gettext("Recused"), gettext("Candidates from whom you are recused are only in the figures of the levels."))] if hidden else []),
    ]  # fmt: skip


def _levels(trial: Trial, present: Lines, tried: Lines) -> DetailSection:
    found = trial.groups(lambda item: item.level)
    rows = []
    for level, base in sorted(trial.figures.bases.items()):
        places = _arrow(_places(present, level, base), _places(tried, level, base))
        row = [cell_of(level), cell_of(base), Cell(places, kind="number")]
        rows.append([*row, *_counts(found[level])] if level in found else row)
    columns = [gettext("Level"), gettext("Candidates"), gettext("May pass at most")]
    columns += _count_names() if found else []
    return DetailSection("levels", gettext("By level: plan → trial"), "table", columns=columns, rows=rows)  # fmt: skip


def _places(by: Lines, level: Level, base: int) -> str:
    percent = caps.percent_of(by, level)
    return "—" if percent is None else str(caps.cap(base, percent))


def _count_names() -> list[str]:
    return [
        pgettext("trial", "Pass"),
        gettext("Voted on again"),
        gettext("Come in"),
        gettext("Drop out"),
    ]


def _counts(group: Group) -> list[Cell]:
    return [
        Cell(_arrow(str(group.before), str(group.after)), kind="number"),
        Cell(_arrow(str(group.again_before), str(group.again_after)), kind="number"),
        cell_of(group.joins),
        cell_of(group.leaves),
    ]


def _arrow(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _moves(moves: Sequence[Move]) -> DetailSection:
    label = gettext("Who would change")
    if not moves:
        return detail_sections.text("moves", label, gettext("Nobody: these lines lead to the same as the plan."))  # fmt: skip
    if len(moves) > SHOWN:
        label = gettext("Who would change (the first %(count)s)", count=SHOWN)
    rows = [
        [Cell(one.item.number, kind="short"), Cell(one.item.name), cell_of(one.item.unit), cell_of(one.item.level),
         _fate(one.before, one.reason_before), _fate(one.after, one.reason_after)]
        for one in moves[:SHOWN]
    ]  # fmt: skip
    columns = [
        gettext("Application number"), gettext("Name"), gettext("Unit"), gettext("Level"),
        gettext("By the plan"), gettext("By the trial"),
    ]  # fmt: skip
    return DetailSection("moves", label, "table", columns=columns, rows=rows, count=len(moves))


def _fate(fate: Fate, reason: ResultReason | None) -> Cell:
    if reason is None:
        return Cell(gettext("Voted on again"), "wait", kind="tag")
    return Cell(str(reason.label), "ok" if fate is Fate.PASSES else "rest", kind="tag")


def _groups(trial: Trial, hidden: Collection[int]) -> list[DetailSection]:
    """Return the tables by unit and by post quota, with the rows in which something changes."""
    items = {item.id: item for item in trial.figures.items if item.id not in hidden}
    units = {item.unit_id: item for item in items.values()}
    posts = {caps.line_of(item): item for item in items.values() if item.unit.kind.needs_quota}

    def quota_of(item: Application) -> caps.QuotaKey | None:
        return caps.line_of(item) if item.id in items and item.unit.kind.needs_quota else None

    by_unit = trial.groups(lambda item: item.unit_id if item.id in items else None)
    by_posts = trial.groups(quota_of)
    unit_rows = [
        [cell_of(item.unit), cell_of(by_unit[key].candidates), *_counts(by_unit[key])]
        for key, item in units.items()
        if by_unit[key].is_changed
    ]
    post_rows = [
        [Cell(f"{item.unit.name} · {item.specialty.name} · {item.level.label}"), cell_of(by_posts[key].candidates),
         cell_of(max(trial.figures.posts.get(key, 0), 0)), *_counts(by_posts[key])]
        for key, item in posts.items()
        if by_posts[key].is_changed
    ]  # fmt: skip
    first, candidates = gettext("Unit"), gettext("Candidates")
    tables = [
        ("units", gettext("By unit"), [first, candidates, *_count_names()], unit_rows),
        ("posts", gettext("By post quota"), [gettext("Quota"), candidates, gettext("Posts left"), *_count_names()], post_rows),
    ]  # fmt: skip
    return [
        DetailSection(key, label, "table", columns=columns, rows=rows[:SHOWN], count=len(rows))
        for key, label, columns, rows in tables
        if rows
    ]


def changes(found: Sequence[PlanChange]) -> list[DetailSection]:
    """Return the section of the changes asked for in this meeting, with their state; none without one."""
    if not found:
        return []
    may_open = appbuilder.sm.has_access("can_show", "PlanChangeView")
    rows = [
        [
            cell_of(one.reported_at),
            Cell(
                _lines_text(one),
                url=url_for("PlanChangeView.show", pk=one.id) if may_open else None,
            ),
            Cell(one.reason),
            cell_of(one.state, is_state=True),
        ]
        for one in found
    ]
    columns = [gettext("Reported at"), gettext("Lines before and after"), gettext("Reason"), gettext("State")]  # fmt: skip
    label = gettext("Reported to the authority")
    return [DetailSection("changes", label, "table", columns=columns, rows=rows, count=len(rows))]


def _lines_text(change: PlanChange) -> str:
    facts = plan_changes.snapshot_of(change)
    return plan_lines.differences(facts["before"], facts["after"])
