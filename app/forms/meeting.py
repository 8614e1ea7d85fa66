"""Form of a review plan (menu 1.2.2): mode of the meeting, candidates, judges, scores and vote."""

from collections.abc import Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app import settings
from app.enums import (
    Aggregation,
    Denominator,
    Level,
    MeetingMode,
    OverCap,
    RecusalRule,
    ReviewStep,
)
from app.extensions import db
from app.forms.base import base
from app.forms.base.aliases import Groups, Pair, Records, Validators
from app.forms.base.base import Form, RowForm
from app.forms.offers import choose_only, open_batches_of, set_choices
from app.ground.actor import Actor
from app.models import Plan, Specialty
from app.models.meeting import HALF, TRIM_FROM
from app.services.meeting import candidates, plan_faults, plan_takeover, score_sheet

ALTERNATES = 5
SUGGESTED: dict[str, Any] = {
    "alternates": ALTERNATES,
    "aggregation": Aggregation.MEAN,
    "trim_from": TRIM_FROM,
    "material_share": HALF,
    "denominator": Denominator.PRESENT,
    "recusal_rule": RecusalRule.UNIT,
}
"""Defaults of the plan for fields left empty."""


ONLINE = {"data-show-when": "mode=online"}


class ScoreItemForm(RowForm):
    """One line of the score sheet."""

    name = base.text(_("Score item"), 60, required=False)
    max = base.integer(_("Highest score"), 1, 1000, required=False)
    weight = base.integer(_("Weight (%)"), 1, 100, required=False)
    step = base.choice(
        _("Asked in"),
        [
            ("", "—"),
            *((one.value, one.label) for one in (ReviewStep.MATERIAL_SCORE, ReviewStep.INTERVIEW)),
        ],
        required=False,
    )


class GroupForm(RowForm):
    """One group of the meeting."""

    name = base.text(_("Group"), plan_faults.GROUP_NAME, required=False)
    seats = base.integer(_("Seats"), 1, 999, required=False)
    specialties = base.many(_("Specialties"), (), required=False)


class PlanForm(Form):
    """1.2.2: mode, candidates, judges, steps and vote of a meeting."""

    batch_id = base.choice(_("Batch"), ())
    name = base.text(_("Name of the plan"), 120, min_length=2)
    mode = base.radio(_("Mode"), MeetingMode)
    opens_on = base.day(_("Meeting from"))
    closes_on = base.day(_("Meeting until"))
    place = base.text(_("Place"), 200, min_length=2)
    seats = base.integer(_("Seats wanted"), 1, 999, help=_("An odd number."))
    alternates = base.integer(
        _("Alternates"),
        0,
        99,
        required=False,
        render_kw=ONLINE,
        help=_("Drawn with the judges of an online meeting, for each group; empty: 5."),
    )
    group_rows = base.rows(
        _("Groups"),
        GroupForm,
        max_rows=30,
        description=_(
            "Empty: the whole meeting is one group. Otherwise the seats of the groups add up to the "
            "seats wanted; a group without a specialty hears all that no other group hears."
        ),
    )
    recusal_rule = base.radio(
        _("Judges of a candidate's unit"),
        RecusalRule,
        required=False,
        render_kw=ONLINE,
    )
    steps = base.many(_("Steps used"), ReviewStep)
    is_anonymous = base.tick(
        _("Anonymous material"),
        render_kw=ONLINE,
        help=_("Judges see neither name nor unit until the vote."),
    )
    score_items = base.rows(
        _("Score items"),
        ScoreItemForm,
        max_rows=30,
        description=_(
            "Needed for scores; the weights of each step add up to exactly 100. Where is an item asked: "
            "with the material or at the interview? With one scored step the program fills it in."
        ),
    )
    aggregation = base.radio(
        _("Scores become one by"), Aggregation, required=False, render_kw=ONLINE
    )
    trim_from = base.integer(
        _("Highest and lowest are left out from (scores)"),
        plan_faults.LEAST_TRIMMED,
        99,
        required=False,
        render_kw={"data-show-when": "mode=online&aggregation=trimmed"},
        help=_("With fewer scores the mean of all counts; empty: 5."),
    )
    material_share = base.integer(
        _("Part of the material score (%)"),
        0,
        100,
        required=False,
        render_kw=ONLINE,
        help=_("Only where both material and interview are scored; the rest is the interview's."),
    )
    denominator = base.radio(_("Two thirds of"), Denominator, required=False, render_kw=ONLINE)
    senior_cap = base.integer(_("Cap for full senior (%)"), 0, 100)
    associate_cap = base.integer(_("Cap for associate senior (%)"), 0, 100)
    over_cap = base.choice(_("When more pass than the cap"), OverCap)
    pick = base.radio(_("Candidates"), ())
    levels = base.many(
        _("Levels"), Level, required=False, render_kw={"data-show-when": "pick=some"}
    )
    specialties = base.many(
        _("Specialties"), (), required=False, render_kw={"data-show-when": "pick=some"}
    )
    note = base.area(_("Remark"), 500, required=False)

    def bind(self, records: Records, actor: Actor) -> None:
        set_choices(self.batch_id, open_batches_of(actor))
        set_choices(self.pick, _pick_choices(is_new=not records))
        found = candidates.waiting_specialties(db.session(), actor.committee_ids)
        counted = [
            (code, gettext("%(name)s (%(count)s)", name=name, count=count))
            for code, name, count in found
        ]
        set_choices(self.specialties, counted)
        self._offer_groups(records, dict(counted))
        if not self.is_submitted():
            self._suggest(is_new=not records)

    def _offer_groups(self, records: Sequence[Plan], counted: dict[str, str]) -> None:
        """Offer every specialty with waiting candidates, and those already in a group of the plan."""
        used = {code for plan in records for one in plan.groups for code in one["specialties"]}
        query = select(Specialty.code, Specialty.name).where(
            Specialty.code.in_(used - counted.keys())
        )
        offered = [*counted.items(), *db.session.execute(query).tuples()]
        base.offer_in_rows(
            self.group_rows, GroupForm, "specialties", _("Specialties"), offered, base.many
        )

    def _suggest(self, *, is_new: bool) -> None:
        self.pick.data = self.pick.data or ("all" if is_new else "keep")
        if is_new:
            choose_only(self.batch_id)
            self.steps.data = [ReviewStep.OPINION.value, ReviewStep.VOTE.value]
            self.senior_cap.data = settings.get("senior_cap_percent")
            self.associate_cap.data = settings.get("associate_cap_percent")
            for name, value in SUGGESTED.items():
                self[name].data = value

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = bool(super().validate(extra_validators))
        if not self._is_offline():
            return is_valid
        for name in plan_takeover.ONLINE_ONLY:
            self[name].errors = []
        return not self.errors

    def _is_offline(self) -> bool:
        return bool(self.mode.data == MeetingMode.OFFLINE)

    def values(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        data = super().values(without=without)
        data["groups"] = _filled(data.pop("group_rows"), ("name", "seats", "specialties"))
        items = _filled(data["score_items"], ("name", "max", "weight", "step"))
        used = [step.value for step in data["steps"]]
        data["score_items"] = score_sheet.with_only_step(items, used)
        if self._is_offline():
            return data | SUGGESTED | {"is_anonymous": False}
        return data | {name: value for name, value in SUGGESTED.items() if data[name] is None}

    def groups(self) -> Groups:
        return [
            (gettext("Meeting"), self._named("batch_id name mode opens_on closes_on place")),
            (gettext("Candidates"), self._named("pick levels specialties")),
            (gettext("Judges"), self._named("seats alternates group_rows recusal_rule")),
            (
                gettext("Steps and scores"),
                self._named("steps is_anonymous score_items aggregation trim_from material_share"),
            ),
            (
                gettext("Vote and caps"),
                self._named("denominator senior_cap associate_cap over_cap note"),
            ),
        ]

    def _named(self, names: str) -> list[wtforms.Field]:
        return [self[name] for name in names.split()]


def _pick_choices(*, is_new: bool) -> list[Pair]:
    ways: list[Pair] = [
        ("all", gettext("All qualified applications of the batch that are in no other plan")),
        ("some", gettext("Only those of the levels and specialties ticked below")),
    ]
    return ways if is_new else [("keep", gettext("The candidates chosen before")), *ways]


def _filled(rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Return the non-empty rows, with `keys` only."""
    kept = [{key: row[key] for key in keys} for row in rows]
    return [row for row in kept if any(row.values())]
