"""Cells of the matrix of a meeting: short signs of the steps, the same in words, and figures of the scores."""

from collections.abc import Sequence

from flask_babel import gettext, pgettext

from app.enums import RecusalState, ReviewStep
from app.models import Plan
from app.services.course.meeting_matrix import Mark, Matrix
from app.services.judging import scoring
from app.views.base.aliases import Page


def mark(steps: Sequence[ReviewStep], found: Mark | None) -> Page:
    """Return the signs of a cell with whether each is done, and the same in words."""
    if found is None:
        return {"text": "—", "title": gettext("not assigned"), "letters": []}
    if found.recusal is RecusalState.IN_FORCE:
        return {"text": pgettext("matrix", "Rec."), "title": RecusalState.IN_FORCE.label, "letters": []}  # fmt: skip
    asked = (*found.done, *found.missing)
    return {
        "text": "",
        "title": _in_words(found),
        "letters": [(letter(one), one in found.done) for one in steps if one in asked],
        "is_missing": bool(found.missing),
    }


def letter(step: ReviewStep) -> str:
    """Return the short sign of a step in a cell."""
    return {
        ReviewStep.MATERIAL_REVIEW: pgettext("matrix", "R"),
        ReviewStep.MATERIAL_SCORE: pgettext("matrix", "S"),
        ReviewStep.INTERVIEW: pgettext("matrix", "I"),
        ReviewStep.OPINION: pgettext("matrix", "O"),
    }[step]


def _in_words(found: Mark) -> str:
    def names(steps: Sequence[ReviewStep]) -> str:
        return gettext(", ").join(str(one.label) for one in ReviewStep if one in steps)

    parts = []
    if found.done:
        parts.append(gettext("done: %(steps)s", steps=names(found.done)))
    if found.missing:
        parts.append(gettext("missing: %(steps)s", steps=names(found.missing)))
    if found.recusal is RecusalState.ASKED:
        parts.append(gettext("recusal asked for"))
    return gettext("; ").join(parts) or "—"


def foot_row(label: str, texts: Sequence[str]) -> Page:
    """Return a row below the candidates: its name and a text for each of them."""
    return {"label": label, "texts": texts}


def score_rows(plan: Plan, found: Matrix, step: ReviewStep) -> list[Page]:
    """Return mean, number of scores and spread of a step for each candidate of the page."""
    totals = [found.totals.get(one.id, {}).get(step, []) for one in found.cases]
    means = [scoring.aggregate(one, plan.aggregation, plan.trim_from) for one in totals]
    spreads = [scoring.spread(one) for one in totals]
    name = str(step.label)
    return [
        foot_row(gettext("%(step)s: mean", step=name), [scoring.format_score(one) for one in means]),
        foot_row(gettext("%(step)s: scores", step=name), [str(one.count) if one else "—" for one in spreads]),
        foot_row(gettext("%(step)s: deviation", step=name), [scoring.format_score(one.deviation) if one else "—" for one in spreads]),
        foot_row(gettext("%(step)s: lowest", step=name), [scoring.format_score(one.lowest) if one else "—" for one in spreads]),
        foot_row(gettext("%(step)s: highest", step=name), [scoring.format_score(one.highest) if one else "—" for one in spreads]),
    ]  # fmt: skip
