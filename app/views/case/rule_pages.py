"""Shows the eligibility rules of an application: met, not met or not known yet, with the clause."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.enums import ApplicationState, ApplyMode, Level
from app.extensions import db
from app.ground import clock
from app.models import Application, Batch, Person, Title
from app.services.dossier import completeness, dossier
from app.services.rules import rule_evaluation
from app.services.rules.rule_evaluation import Finding
from app.views.base.columns import Cell, Column
from app.views.base.detail_sections import DetailSection
from app.views.case import gaps

TONES = {True: "ok", False: "wait", None: "rest"}
ORDER = ("stop", "wait", "rest", "ok")
"""Display order of the tones: conditions that need action come first."""
SHOWN = (ApplicationState.DRAFT, *rule_evaluation.HANDED_IN)


@dataclass(frozen=True)
class Line:
    """One condition as shown: state (`word`, `tone`), needed and present facts (`sentence`), clause, link."""

    name: str
    word: str
    tone: str
    sentence: str
    clause: str
    is_hard: bool
    url: str | None = None


def rule_lines(view: Any, application: Application, at: datetime) -> list[Line]:
    """Return the conditions for an application, each with a link to its facts while these can be edited."""
    if application.state not in SHOWN:
        return []
    form = dossier.form_of(application)
    is_open = application.state in dossier.EDITABLE_STATES
    lines = []
    for one in rule_evaluation.evaluate(application, at):
        place = completeness.place_of(one, form) if is_open and not one.is_broken else None
        lines.append(line_of(one, gaps.gap_url(view, application, place) if place else None))
    return sorted(lines, key=lambda line: ORDER.index(line.tone))


def chooser_lines(
    person: Person | None,
    at: datetime,
    *,
    batch: Batch,
    mode: ApplyMode,
    level: Level,
    title: Title | None = None,
) -> list[Line]:
    """Return the conditions for the chosen batch, mode, level and title, before an application is begun."""
    if person is None:
        return []
    case = rule_evaluation.case_for(person, at, batch=batch, mode=mode, level=level, title=title)
    return [
        line_of(one) for one in rule_evaluation.judge(case, rule_evaluation.active(db.session()))
    ]


def rule_section(application: Application) -> DetailSection | None:
    """Return the conditions as a section of the staff's detail page; None if there are none in this state."""
    if application.state not in rule_evaluation.HANDED_IN:
        return None
    lines = [line_of(one) for one in rule_evaluation.evaluate(application, clock.now())]
    if not lines:
        return None
    unmet = sum(line.tone in (TONES[False], "stop") for line in lines)
    return DetailSection(
        "rules",
        gettext("Conditions for applying"),
        "table",
        columns=[gettext("Condition"), gettext("State"), gettext("Facts"), gettext("Clause")],
        rows=[
            [
                Cell(line.name),
                Cell(line.word, tone=line.tone, kind="tag"),
                Cell(line.sentence),
                Cell(line.clause or "—"),
            ]
            for line in lines
        ],
        count=len(lines),
        flag=gettext("%(count)s not met", count=unmet) if unmet else None,
    )


def rule_sections(application: Application) -> Iterator[DetailSection]:
    """Yield the section of the conditions, if there is one."""
    if (section := rule_section(application)) is not None:
        yield section


def line_of(one: Finding, url: str | None = None) -> Line:
    """Return a finding as a line for display; `url` links to its facts."""
    return Line(
        one.rule.name,
        _state_text(one),
        "stop" if one.refuses else TONES[one.is_met],
        one.sentence,
        one.rule.clause,
        one.rule.is_hard,
        url,
    )


def _state_text(one: Finding) -> str:
    if one.is_broken:
        return gettext("cannot be computed")
    if one.is_met is None:
        return gettext("not known yet")
    return gettext("met") if one.is_met else gettext("not met")


def _unmet_cell(application: Application) -> Cell:
    count = application.rules_unmet
    if count is None:
        return Cell("—")
    if count == 0:
        return Cell(gettext("all met"), tone="ok", kind="tag")
    return Cell(gettext("%(count)s not met", count=count), tone="wait", kind="tag")


UNMET = Column("rules_unmet", _("Conditions"), _unmet_cell, "tag", Application.rules_unmet)
"""List column: whether the conditions are met, from the stored number of unmet ones (`rules_unmet`)."""
