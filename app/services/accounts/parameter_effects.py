"""What a change of a parameter touches, told before it is saved: running cases in numbers, and what stays in words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select

from app.enums import (
    ApplicationState,
    BatchState,
    ExpertState,
    NoticeKind,
    NoticeState,
    ObjectionState,
    OpinionState,
    PlanState,
)
from app.extensions import db
from app.models import (
    Application,
    Batch,
    Committee,
    Expert,
    IntegrityRecord,
    Notice,
    Objection,
    Opinion,
    Plan,
)
from app.numbers import LISTS, MESSAGES, NUMBERS, SIGN_IN

A = ApplicationState


@dataclass(frozen=True)
class Counted:
    """Records that a change touches, or leaves as they are: how they are called, and which."""

    label: Any
    model: type[Any]
    conditions: tuple[ColumnElement[bool], ...] = ()


@dataclass(frozen=True)
class Effect:
    """What a change touches, what it leaves, and a sentence about when the value is asked."""

    touched: tuple[Counted, ...] = ()
    kept: tuple[Counted, ...] = ()
    sentence: Any = ""


@dataclass(frozen=True)
class Line:
    """One line of an effect in words, with its count."""

    label: str
    count: int


@dataclass(frozen=True)
class Told:
    """An effect with its counts."""

    touched: tuple[Line, ...]
    kept: tuple[Line, ...]
    sentence: str


def _cases(label: Any, *states: ApplicationState) -> Counted:
    return Counted(label, Application, (Application.state.in_(states),))


def _plans(label: Any, *states: PlanState) -> Counted:
    return Counted(label, Plan, (Plan.state.in_(states),))


def _notices(label: Any, kind: NoticeKind) -> Counted:
    return Counted(label, Notice, (Notice.kind == kind, Notice.state == NoticeState.RUNNING))


PLANNED = (PlanState.DRAFT, PlanState.REPORTED, PlanState.RETURNED, PlanState.APPROVED)
NOTICE_SENTENCE = _(
    "A notice lasts by the number that holds on its first day; notices that hang already keep their last day."
)
PLAN_SENTENCE = _("Checked when a plan is reported; plans that were reported are not asked again.")
CAP_SENTENCE = _(
    "The number is what the form of a new batch or plan proposes. Batches and plans keep the cap that stands in them."
)
FILE_SENTENCE = _("Checked when a file is uploaded; files on record stay.")
DRAFTS = _cases(_("applications still being filled in"), A.DRAFT, A.RETURNED)
DRAW = Effect(
    touched=(_plans(_("meetings not yet concluded"), PlanState.APPROVED),),
    sentence=_("Asked at the next draw; judges drawn already keep their seats."),
)
COMMITTEE_SIZE = Effect(
    touched=(Counted(_("committees in the register"), Committee),),
    sentence=_("Checked when a committee is saved, a plan is reported and judges are drawn."),
)
EXPERT = Effect(
    touched=(
        Counted(
            _("experts waiting for admission"),
            Expert,
            (Expert.state.in_((ExpertState.APPLIED, ExpertState.RECOMMENDED)),),
        ),
    ),
    sentence=_("Checked when somebody enters a pool; experts in the pool keep their term."),
)
EFFECTS: Mapping[str, Effect] = {
    "notice_days": Effect(
        touched=(_cases(_("applications whose notice is not posted yet"), A.CHECKED),),
        kept=(_notices(_("notices in units that hang now"), NoticeKind.UNIT),),
        sentence=NOTICE_SENTENCE,
    ),
    "result_notice_days": Effect(
        touched=(_cases(_("results whose notice is not posted yet"), A.PASSED),),
        kept=(_notices(_("result notices that hang now"), NoticeKind.RESULT),),
        sentence=NOTICE_SENTENCE,
    ),
    "objection_days": Effect(
        kept=(
            Counted(
                _("objections under inquiry"), Objection, (Objection.state == ObjectionState.OPEN,)
            ),
        ),
        sentence=_("An objection is due by the number that held when it was handed in."),
    ),
    "plan_lead_days": Effect(
        touched=(_plans(_("plans not reported yet"), PlanState.DRAFT, PlanState.RETURNED),),
        kept=(_plans(_("plans reported or agreed"), PlanState.REPORTED, PlanState.APPROVED),),
        sentence=PLAN_SENTENCE,
    ),
    "plan_lead_days_self_review": Effect(
        touched=(_plans(_("plans not reported yet"), PlanState.DRAFT, PlanState.RETURNED),),
        kept=(_plans(_("plans reported or agreed"), PlanState.REPORTED, PlanState.APPROVED),),
        sentence=PLAN_SENTENCE,
    ),
    "draw_days_before": DRAW,
    "draw_unit_max": DRAW,
    "draw_level_match": DRAW,
    "interview_room_judges": Effect(
        touched=(_plans(_("meetings not yet concluded"), PlanState.APPROVED),),
        sentence=_("Asked when interviews are planned; slots planned already stay."),
    ),
    "interview_notice_days": Effect(
        touched=(_plans(_("meetings not yet concluded"), PlanState.APPROVED),),
        sentence=_("Asked when slots are planned or moved; slots sent already stay."),
    ),
    "correction_days": Effect(
        touched=(_cases(_("applications before the qualification check"), A.AT_OFFICE),),
        kept=(_cases(_("supplements asked for already"), A.IN_CORRECTION),),
        sentence=_("A supplement is due by the number that held when it was asked for."),
    ),
    "supplement_check_days": Effect(
        touched=(_cases(_("supplements asked for or handed in"), A.IN_CORRECTION, A.CORRECTED),),
        sentence=_("The end of the check follows the number that holds on the day."),
    ),
    "senior_cap_percent": Effect(
        kept=(
            Counted(_("open batches"), Batch, (Batch.state == BatchState.OPEN,)),
            _plans(_("plans before their result"), *PLANNED),
        ),
        sentence=CAP_SENTENCE,
    ),
    "associate_cap_percent": Effect(
        kept=(
            Counted(_("open batches"), Batch, (Batch.state == BatchState.OPEN,)),
            _plans(_("plans before their result"), *PLANNED),
        ),
        sentence=CAP_SENTENCE,
    ),
    "committee_min_by_series": COMMITTEE_SIZE,
    "committee_min_by_specialty": COMMITTEE_SIZE,
    "committee_validity_years": Effect(
        kept=(Counted(_("committees in the register"), Committee),),
        sentence=_("Checked when a committee is saved; committees keep the day on record."),
    ),
    "opinion_signers": Effect(
        touched=(
            Counted(
                _("opinions whose signatures are due"),
                Opinion,
                (Opinion.state == OpinionState.DRAFT,),
            ),
        ),
        kept=(
            Counted(_("opinions that are complete"), Opinion, (Opinion.state == OpinionState.COMPLETE,)),
        ),
        sentence=_("Counted with the next signature and before a round is frozen."),
    ),
    "round_limit": Effect(
        touched=(_plans(_("meetings not yet concluded"), PlanState.APPROVED),),
        sentence=_("Asked when a further round is opened; rounds opened already count."),
    ),
    "score_share_percent": Effect(
        touched=(_plans(_("meetings not yet concluded"), PlanState.APPROVED),),
        sentence=_("Asked when a round is frozen; frozen rounds stay."),
    ),
    "ban_years": Effect(
        kept=(Counted(_("bars on record"), IntegrityRecord),),
        sentence=_("A bar lasts by the number that held when it was recorded."),
    ),
    "office_min_reason": Effect(
        touched=(_cases(_("applications before the qualification check"), A.AT_OFFICE),),
        sentence=_("Checked when a refusal is typed; reasons on record stay."),
    ),
    "expert_needs_senior": EXPERT,
    "expert_years": EXPERT,
    "expert_term_years": EXPERT,
    "expert_scarce_years": EXPERT,
    "certificate_region": Effect(
        touched=(_cases(_("applications before their certificate"), A.RESULT_CLEAR, A.IN_FILING),),
        sentence=_("Stands in certificates issued from then on; issued ones keep their number."),
    ),
    "upload_max_mb": Effect(touched=(DRAFTS,), sentence=FILE_SENTENCE),
    "upload_total_mb": Effect(touched=(DRAFTS,), sentence=FILE_SENTENCE),
    "upload_max_pages": Effect(touched=(DRAFTS,), sentence=FILE_SENTENCE),
    "draft_keep_months": Effect(
        touched=(_cases(_("applications still being filled in"), A.DRAFT),),
        sentence=_("Drafts left alone for longer are deleted for good, also those begun before."),
    ),
}  # fmt: skip
BY_GROUP: Mapping[Any, Any] = {
    SIGN_IN: _("Holds at the next request of everybody; no case changes."),
    LISTS: _("Holds for the next page of everybody; no case changes."),
    MESSAGES: _("Holds for the next digest; no case changes."),
}
USUAL = _("Asked at each act from that day on; what was done before stays as it is.")


def of(key: str) -> Told:
    """Return what a change of a setting touches and leaves, with its counts."""
    effect = EFFECTS.get(key, Effect())
    sentence = effect.sentence or BY_GROUP.get(NUMBERS[key].group, USUAL)
    return Told(_lines(effect.touched), _lines(effect.kept), str(sentence))


def _lines(counted: Collection[Counted]) -> tuple[Line, ...]:
    return tuple(Line(str(one.label), _count(one)) for one in counted)


def _count(counted: Counted) -> int:
    query = select(func.count()).select_from(counted.model).where(*counted.conditions)
    return int(db.session.scalar(query) or 0)
