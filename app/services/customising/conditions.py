"""The conditions of the procedure in words, by the guard that asks for them: what is asked, never about whom."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Guard

WORDS: dict[str, Any] = {
    "author_has_no_draft": _("the author has no other draft"),
    "can_end": _("the case can still be ended by an objection"),
    "can_return": _("the case has not gone beyond the units"),
    "committee_is_valid": _("the committee is valid on the days concerned"),
    "concerns_own_unit": _("the change concerns the actor's unit"),
    "has_begun": _("the interview has begun"),
    "has_finished_notice": _("the present material stood in a complete notice of the unit"),
    "has_handler": _("the case is given to somebody"),
    "has_no_dispute": _("no objection against the notice is open"),
    "has_no_extension": _("no extension still gives somebody time"),
    "has_no_open_objection": _("no objection is open"),
    "has_no_sheet": _("no judge has submitted a sheet"),
    "has_nothing_pending": _("nothing of the batch is under way"),
    "has_quota": _("an approved post is left in the quota (1.5)"),
    "is_ahead": _("the interview is still ahead"),
    "is_as_proposed": _("no place changed since it was proposed"),
    "is_asked": _("it is the actor's unit that is asked"),
    "is_asker": _("the same administrator asked for it"),
    "is_barred": _("the person is barred now"),
    "is_before_the_round": _("no round of the candidate is frozen"),
    "is_candidate": _("the case is a candidate of the meeting"),
    "is_handler": _("the actor handles it, in the body that has it in charge"),
    "is_head": _("the actor is the person responsible, and somebody else proposed it"),
    "is_holder": _("the actor's unit holds the case now"),
    "is_in_charge": _("the actor's unit is in charge of the record"),
    "is_in_hand": _(
        "the case is in the hands of the actor's place and waits for nobody's confirmation"
    ),
    "is_in_region": _("the record lies in the authority's region"),
    "is_in_scope": _("the case fits the committee's series, level and specialties"),
    "is_in_time": _("the time for it is not over"),
    "is_meeting_on": _("the meeting is approved, online and has interviews"),
    "is_not_barred": _("the applicant is not barred"),
    "is_not_over": _("it is not over"),
    "is_not_own": _("nobody acts on the own case"),
    "is_not_under_way": _("no application of the person is under way"),
    "is_not_voted_on": _("no vote on the candidate is prepared or held"),
    "is_on_leave": _("the expert is on leave"),
    "is_only_one": _("there is no second one at the same time"),
    "is_own": _("the record is that of the actor or of the actor's place"),
    "is_own_committee": _("the actor works for the committee of the record"),
    "is_own_or_office": _("the actor is the expert or the committee's office"),
    "is_own_place": _("it is the place of the actor's unit"),
    "is_own_tree": _("it is the review tree of the actor's committee"),
    "is_own_unit": _("it is the actor's unit that is asked, and not about the actor"),
    "is_possible": _("what was asked for can still be done"),
    "is_right": _("the results are right when they are computed again"),
    "is_same_day": _("it is still the day of the interview"),
    "is_second": _("another administrator agrees than the one who asked"),
    "is_second_person": _("another person confirms than the one who entered it"),
    "is_stopped": _("a closed unit stops the case"),
    "is_with_actor": _("the actor has the case, or is deputy or person responsible"),
    "leaves_time_to_change": _("the applicant still has time to submit again"),
    "may_be_undone": _("nothing was built on it since"),
    "may_take_over": _("the actor's body stands above the one that has the objection"),
    "meets_rules": _("the conditions for experts are met"),
    "names_open_units": _("the units named are open in the register"),
    "next_is_open": _("the next unit is open in the register"),
    "still_fits": _("the person still belongs to the unit"),
    "was_never_corrected": _("no supplement was asked for before"),
}
"""Name of a guard → its condition; guards of the same name ask the same kind of thing."""


def words(guard: Guard | None) -> str:
    """Return the condition of a guard in words."""
    found = WORDS.get(getattr(guard, "__name__", ""))
    return str(found) if found is not None else gettext("a rule of this step")
