"""Sections of an offline meeting's result: the places before the entry, then all votes with what follows."""

from collections import Counter
from collections.abc import Hashable

from flask_babel import gettext

from app.enums import Level, MeetingMode, PlanState
from app.extensions import db
from app.models import Application, Plan
from app.services.meeting import caps
from app.services.results import offline_results, outcomes, results
from app.services.results.outcome_rules import Rules
from app.views.base import detail_sections
from app.views.base.columns import Cell, cell_of
from app.views.base.detail_sections import DetailSection
from app.views.results import rank_lists
from app.views.results.result_sections import candidate_section


def sections(plan: Plan, names: list[str], figures: list[str]) -> list[DetailSection]:
    """Return the sections for the office; once entered, all votes with what follows from them."""
    rounds = outcomes.rounds(db.session(), plan)
    shown = [
        detail_sections.pairs("plan", gettext("Plan"), plan, names),
        detail_sections.pairs("meeting", gettext("Meeting"), plan, [*figures, "opinions_signed"]),
        *(
            rank_lists.sections(plan, limit=None)
            or [*places_sections(plan), candidate_section(plan)]
        ),
        *([rank_lists.rounds_section(rounds)] if rounds else ()),
        detail_sections.files_of(plan),
    ]
    if plan.state is PlanState.ENTERED:
        said = offline_results.consequence(db.session(), plan).sentence
        return [detail_sections.text("due", gettext("What follows from the votes"), said), *shown]
    return shown


def confirmation_sections(plan: Plan) -> list[DetailSection]:
    """Return what the second person confirms: figures, all votes, ranks and what follows from them."""
    figures = ["members", "present", "voted_on", "over_cap"]
    if plan.mode is MeetingMode.OFFLINE:
        figures.append("opinions_signed")
    said = offline_results.consequence(db.session(), plan).sentence
    return [
        detail_sections.pairs("meeting", gettext("Meeting"), plan, figures),
        detail_sections.text("due", gettext("What follows from the votes"), said),
        *rank_lists.sections(plan, limit=None),
        detail_sections.files_of(plan),
    ]


def places_sections(plan: Plan) -> list[DetailSection]:
    """Return how many may pass, by level and by unit with posts, and the rule for when more have two thirds."""
    session = db.session()
    people = results.candidates(session, plan)
    rules, counts = outcomes.rules_of(session, plan), Counter(one.level for one in people)
    rows = [
        [
            cell_of(level),
            cell_of(count),
            Cell(_percent(plan, level)),
            Cell(str(rules.caps.get(level, gettext("no limit")))),
        ]
        for level, count in sorted(counts.items())
    ]
    columns = [gettext("Level"), gettext("Candidates"), gettext("Pass rate"),
               gettext("May pass at most")]  # fmt: skip
    shown = [
        DetailSection("places", gettext("How many may pass"), "table", columns=columns, rows=rows),
        detail_sections.text(
            "rule", gettext("When more have two thirds"), str(plan.over_cap.label)
        ),
    ]
    posts = _posts_section(people, rules)
    return [*shown, posts] if posts else shown


def _percent(plan: Plan, level: Level) -> str:
    percent = caps.percent_of(plan, level)
    return "—" if percent is None else f"{percent}%"


def _posts_section(people: list[Application], rules: Rules) -> DetailSection | None:
    bound = {caps.line_of(one): one for one in people if one.unit.kind.needs_quota}
    counts: Counter[Hashable] = Counter(
        caps.line_of(one) for one in people if one.unit.kind.needs_quota
    )
    rows = [
        [cell_of(one.unit), cell_of(one.specialty), cell_of(one.level), cell_of(counts[line]),
         cell_of(rules.posts.get(line, 0))]
        for line, one in bound.items()
    ]  # fmt: skip
    columns = [gettext("Unit"), gettext("Specialty"), gettext("Level"), gettext("Candidates"),
               gettext("Posts left")]  # fmt: skip
    return (
        DetailSection(
            "posts", gettext("Posts of public institutions"), "table", columns=columns, rows=rows
        )
        if rows
        else None
    )


def is_round_due(plan: Plan) -> bool:
    """Return whether a further round of an entered offline meeting is due."""
    return plan.state is PlanState.ENTERED and outcomes.next_round(db.session(), plan) is not None
