"""Sections about a meeting's result: candidates with their votes, and the authority's recomputation."""

from flask_babel import gettext

from app.enums import ApplicationState, FilingState
from app.extensions import db
from app.models import Application, Filing, Plan, Result
from app.services.certificates import filing_checks
from app.services.results import results
from app.views.base import detail_sections
from app.views.base.columns import Cell, cell_of

SHOWN_CANDIDATES = 100
"""Maximum candidates on a detail page; the tab of candidates lists all."""
LOST_AFTERWARDS = (ApplicationState.CANCELLED, ApplicationState.REVOKED)
"""States of an application whose pass in the meeting does not count any more."""


def candidate_section(plan: Plan) -> detail_sections.DetailSection:
    """Return the section of the candidates of `plan`, with votes and result where entered."""
    candidates = results.candidates(db.session(), plan)
    stored = {result.application_id: result for result in plan.results}
    columns = [
        gettext("Name"),
        gettext("Unit"),
        gettext("Title applied for"),
        gettext("Yes / no / abstained"),
        gettext("Result"),
    ]
    rows = [_candidate_row(item, stored.get(item.id)) for item in candidates[:SHOWN_CANDIDATES]]
    label = gettext("Candidates")
    if len(candidates) > SHOWN_CANDIDATES:
        label = gettext("Candidates (the first %(count)s)", count=SHOWN_CANDIDATES)
    return detail_sections.DetailSection(
        "candidates", label, "table", columns=columns, rows=rows, count=len(candidates)
    )


def _candidate_row(item: Application, result: Result | None) -> list[Cell]:
    name = Cell(item.name, title=item.number)
    person = [name, cell_of(item.unit), cell_of(item.title)]
    if result is None:
        return [*person, Cell("—"), Cell("—")]
    votes = Cell(f"{result.yes} / {result.no} / {result.abstain}")
    passed, failed = Cell(gettext("Passed"), "ok"), Cell(gettext("Not passed"), "stop")
    verdict = passed if result.is_passed else failed
    return [*person, votes, lost_afterwards(item) or verdict]


def lost_afterwards(item: Application) -> Cell | None:
    """Return the state of somebody who passed in the meeting and lost the pass afterwards, or None."""
    return cell_of(item.state, is_state=True) if item.state in LOST_AFTERWARDS else None


def recomputed_section(filing: Filing) -> detail_sections.DetailSection:
    """Return the section with the problems found by the recomputation, shown while the authority decides."""
    if filing.state is FilingState.AGREED:
        lines = [gettext("Agreed; the certificates are issued.")]
    else:
        lines = (
            filing_checks.problems(db.session(), filing.plan)
            if filing.state is FilingState.REPORTED
            else []
        )
    return detail_sections.text(
        "recomputed",
        gettext("Computed again"),
        "\n".join(lines)
        or gettext("Quorum, votes, caps, quotas and the committee's validity are right."),
    )
