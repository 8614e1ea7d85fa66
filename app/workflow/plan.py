"""The plan of a meeting and its result (menus 1.2.2, 1.2.5)."""

from flask_babel import lazy_gettext as _

from app.engine import Transition, Workflow
from app.enums import PlanState, Role
from app.models import Plan
from app.services.meeting import plans, round_lock
from app.services.messages import decisions
from app.services.results import (
    entry_checks,
    minutes,
    offline_results,
    online_results,
    paper_rounds,
    plan_changes,
    result_messages,
    result_proof,
    results,
    signed_results,
)
from app.services.review import barring
from app.services.voting import key_holders

COMPUTABLE = (
    plans.is_own_committee,
    online_results.is_online,
    online_results.has_counted_round,
    online_results.has_no_open_round,
    signed_results.rounds_are_as_counted,
    online_results.is_decided,
    plan_changes.has_none_waiting,
    online_results.committee_is_valid,
)
"""Guards for computing the result of an online meeting."""

CONFIRMABLE = (
    plans.is_own_committee,
    results.is_second_person,
    results.committee_was_valid,
    results.has_sheet,
    offline_results.has_opinions,
    paper_rounds.have_sheets,
    minutes.is_signed,
    online_results.has_no_open_round,
    offline_results.is_decided,
    signed_results.is_as_signed,
    online_results.still_stands,
    results.is_within_caps,
)
"""Guards for confirming a result, online and offline."""

PLAN = Workflow(
    Plan,
    Transition(
        event="report",
        label=_("Save"),
        source=(),
        target=PlanState.REPORTED,
        roles=(Role.OFFICE,),
        checks=(
            plans.is_own_committee,
            plans.is_sound,
            barring.refuse_barred_choice,
            plans.is_early_enough,
        ),
        effects=(plans.reserve_candidates,),
    ),
    Transition(
        event="revise",
        label=_("Save"),
        source=(PlanState.DRAFT, PlanState.RETURNED),
        target=PlanState.REPORTED,
        roles=(Role.OFFICE,),
        guards=(plans.is_own_committee,),
        checks=(plans.is_sound, barring.refuse_barred_choice, plans.is_early_enough),
        effects=(plans.reserve_candidates,),
    ),
    Transition(
        event="take_back",
        label=_("Take back"),
        source=(PlanState.REPORTED,),
        target=PlanState.DRAFT,
        roles=(Role.OFFICE,),
        guards=(plans.is_own_committee,),
    ),
    Transition(
        event="agree",
        label=_("Agree"),
        source=(PlanState.REPORTED,),
        target=PlanState.APPROVED,
        roles=(Role.HRSS,),
        guards=(plans.is_in_region, plans.committee_is_valid),
        checks=(barring.bound_refusal,),
        effects=(plans.take_candidates_in, decisions.tell_of_plan),
    ),
    Transition(
        event="return",
        label=_("Return for changes"),
        source=(PlanState.REPORTED,),
        target=PlanState.RETURNED,
        roles=(Role.HRSS,),
        guards=(plans.is_in_region,),
        effects=(decisions.tell_of_plan,),
        needs_opinion=True,
    ),
    Transition(
        event="change_lines",
        label=_("Change the lines"),
        source=(PlanState.APPROVED,),
        target=PlanState.APPROVED,
        roles=(Role.HRSS,),
        guards=(plans.is_in_region,),
        effects=(plan_changes.write,),
    ),
    Transition(
        event="enter",
        label=_("Enter the result"),
        source=(PlanState.APPROVED, PlanState.ENTERED),
        target=PlanState.ENTERED,
        roles=(Role.OFFICE,),
        guards=(
            plans.is_own_committee,
            results.is_offline,
            results.meeting_has_begun,
            offline_results.has_no_confirmed_round,
        ),
        checks=(entry_checks.is_consistent,),
        effects=(results.store, offline_results.settle, result_messages.tell_second_person),
    ),
    Transition(
        event="reopen",
        label=_("Send back to entry"),
        source=(PlanState.ENTERED,),
        target=PlanState.APPROVED,
        roles=(Role.OFFICE,),
        guards=(plans.is_own_committee, results.is_second_person),
        effects=(online_results.withdraw,),
        needs_opinion=True,
    ),
    Transition(
        event="compute",
        label=_("Compute the result"),
        source=(PlanState.APPROVED,),
        target=PlanState.ENTERED,
        roles=(Role.OFFICE,),
        guards=COMPUTABLE,
        effects=(
            online_results.compute,
            signed_results.sign,
            key_holders.tell_to_destroy,
            result_messages.tell_signers_of_result,
        ),
    ),
    Transition(
        event="write_minutes",
        label=_("Write the minutes"),
        source=(PlanState.ENTERED,),
        target=PlanState.ENTERED,
        roles=(Role.OFFICE,),
        guards=(plans.is_own_committee, online_results.is_online),
        checks=(minutes.is_written,),
        effects=(result_messages.tell_signers_of_text, minutes.write),
    ),
    Transition(
        event="sign_chair",
        label=_("Sign as chair"),
        source=(PlanState.ENTERED,),
        target=PlanState.ENTERED,
        roles=(Role.JUDGE,),
        guards=(
            online_results.is_online,
            minutes.is_presiding,
            minutes.has_minutes,
            minutes.is_unsigned_by_chair,
            minutes.is_another_person,
        ),
        effects=(minutes.sign_as_chair, result_messages.tell_when_signed),
    ),
    Transition(
        event="sign_supervisor",
        label=_("Sign as supervisor"),
        source=(PlanState.ENTERED,),
        target=PlanState.ENTERED,
        roles=(Role.SUPERVISOR,),
        guards=(
            plans.is_own_committee,
            online_results.is_online,
            minutes.has_minutes,
            minutes.is_unsigned_by_supervisor,
            minutes.is_another_person,
        ),
        effects=(minutes.sign_as_supervisor, result_messages.tell_when_signed),
    ),
    Transition(
        event="confirm",
        label=_("Confirm the result"),
        source=(PlanState.ENTERED,),
        target=PlanState.CONCLUDED,
        roles=(Role.OFFICE,),
        guards=CONFIRMABLE,
        effects=(results.decide, result_proof.note_results),
    ),
    guards=(round_lock.is_not_own,),
)
