"""Form of a trial: other lines of a meeting than those of its plan."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext as _p

from app.enums import Aggregation, Denominator, OverCap
from app.forms.base import base
from app.services.meeting import plan_faults
from app.services.meeting.lines import Lines
from app.services.meeting.score_sheet import SCORED

PASS_LINES = (
    ("2/3", _("Two thirds (the law)")),
    ("1/2", _("Half")),
    ("3/4", _("Three quarters")),
    ("4/5", _("Four fifths")),
)


class TrialForm(base.Form):
    """Lines to try (试算); `opinion` is the reason of who reports them as a change of the plan."""

    pass_line = base.choice(_("Votes needed to pass"), PASS_LINES, has_blank=False)
    denominator = base.choice(_("Two thirds of"), Denominator, has_blank=False)
    senior_cap = base.integer(_("Cap for full senior (%)"), 0, 100)
    associate_cap = base.integer(_("Cap for associate senior (%)"), 0, 100)
    over_cap = base.choice(_("When more pass than the cap"), OverCap, has_blank=False)
    aggregation = base.choice(_("Scores become one by"), Aggregation, has_blank=False)
    trim_from = base.integer(
        _("Highest and lowest are left out from (scores)"), plan_faults.LEAST_TRIMMED, 99,
        render_kw={"data-show-when": "aggregation=trimmed"},
    )  # fmt: skip
    material_share = base.integer(_("Part of the material score (%)"), 0, 100)

    def leave_out(self, scored_steps: int) -> None:
        """Leave out what the meeting does not use: the rules of scores, the part of one step in the other."""
        if not scored_steps:
            del self.aggregation, self.trim_from
        if scored_steps < len(SCORED):
            del self.material_share

    def lines(self, present: Lines) -> Lines:
        """Return what was typed, as lines of the meeting whose `present` lines use these steps."""
        typed: dict[str, Any] = {name: self[name].data for name in present.stored() if name in self}
        return replace(present, **typed | {"pass_line": Fraction(typed["pass_line"])})


class ReportLinesForm(TrialForm):
    """The same lines reported to the authority, with the reason."""

    opinion = base.area(
        _("Reason"),
        1000,
        help=_p("plan change", "Kept with the change; the authority reads it before it decides."),
    )
