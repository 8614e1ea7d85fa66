"""The draw of judges (menu 1.2.3)."""

from flask_babel import lazy_gettext as _

from app.engine import Branch, Transition, Workflow
from app.enums import DrawState, Role
from app.models import Draw
from app.services.draw import draw_messages, draw_record, draw_voids, draws, source_values

LIVE = (DrawState.FROZEN, DrawState.COMMITTED, DrawState.OPENING, DrawState.DRAWN)
UNMOVED = Branch(LIVE, draw_voids.keep_state)
COMMITTED = Branch((DrawState.FROZEN, DrawState.COMMITTED), draws.next_state)
DUE = (draws.is_own_committee, draws.meeting_is_due)
COMMITTING = (
    *DUE,
    draws.is_uncommitted,
    draws.is_another_person,
    source_values.is_before_source,
)
OPENING = (*DUE, draws.is_the_one_who_committed, source_values.is_settled)
BOTH = (Role.OFFICE, Role.SUPERVISOR)

DRAW = Workflow(
    Draw,
    Transition(
        event="freeze",
        label=_("Freeze the pool"),
        source=(),
        target=DrawState.FROZEN,
        roles=(Role.OFFICE,),
        checks=(
            *DUE,
            draws.is_late_enough,
            draws.is_only_one,
            draws.is_composed,
            draws.says_why_again,
            source_values.names_source,
            draws.freeze_pool,
        ),
        effects=(draw_messages.tell_to_commit,),
    ),
    Transition(
        event="commit_office",
        label=_("Commit"),
        source=(DrawState.FROZEN,),
        target=COMMITTED,
        roles=(Role.OFFICE,),
        guards=COMMITTING,
        checks=(draws.is_commitment,),
        effects=(draws.keep_commitment,),
    ),
    Transition(
        event="commit_supervisor",
        label=_("Commit"),
        source=(DrawState.FROZEN,),
        target=COMMITTED,
        roles=(Role.SUPERVISOR,),
        guards=COMMITTING,
        checks=(draws.is_commitment,),
        effects=(draws.keep_commitment,),
    ),
    Transition(
        event="enter_value",
        label=_("Enter the public value"),
        source=(DrawState.COMMITTED,),
        target=DrawState.COMMITTED,
        roles=(Role.OFFICE,),
        guards=(
            *DUE,
            source_values.has_kind,
            source_values.is_source_day,
            source_values.is_unconfirmed,
        ),
        checks=(source_values.is_value,),
        effects=(source_values.note_value,),
    ),
    Transition(
        event="confirm_value",
        label=_("Confirm the public value"),
        source=(DrawState.COMMITTED,),
        target=DrawState.COMMITTED,
        roles=(Role.SUPERVISOR,),
        guards=(*DUE, source_values.is_entered, source_values.is_not_who_entered),
        effects=(source_values.confirm,),
    ),
    Transition(
        event="return_value",
        label=_("Not right, enter it again"),
        source=(DrawState.COMMITTED,),
        target=DrawState.COMMITTED,
        roles=(Role.SUPERVISOR,),
        guards=(*DUE, source_values.is_entered, source_values.is_not_who_entered),
        effects=(source_values.drop,),
        needs_opinion=True,
    ),
    Transition(
        event="open_office",
        label=_("Reveal"),
        source=(DrawState.COMMITTED,),
        target=DrawState.OPENING,
        roles=(Role.OFFICE,),
        guards=OPENING,
        checks=(draws.opens_commitment,),
        effects=(draw_messages.tell_to_reveal,),
    ),
    Transition(
        event="open_supervisor",
        label=_("Reveal and draw"),
        source=(DrawState.OPENING,),
        target=DrawState.DRAWN,
        roles=(Role.SUPERVISOR,),
        guards=OPENING,
        checks=(draws.lock, draws.opens_commitment, draws.makes_seed),
        effects=(draws.fill_seats, draw_record.sign),
    ),
    Transition(
        event="ask_void",
        label=_("Ask to make it void"),
        source=LIVE,
        target=UNMOVED,
        roles=BOTH,
        guards=(draws.is_own_committee, draw_voids.is_not_asked, draw_voids.meeting_has_not_begun),
        effects=(draw_voids.note_asked,),
        needs_opinion=True,
    ),
    Transition(
        event="void",
        label=_("Agree, make it void"),
        source=LIVE,
        target=DrawState.VOID,
        roles=BOTH,
        guards=(draws.is_own_committee, draw_voids.is_other_side, draw_voids.meeting_has_not_begun),
        checks=(draws.lock, draw_voids.meeting_has_not_begun),
        effects=(draw_voids.release_seats,),
        consequence=_("The draw is void and its judges are released."),
    ),
    Transition(
        event="keep",
        label=_("Do not agree, it stands"),
        source=LIVE,
        target=UNMOVED,
        roles=BOTH,
        guards=(draws.is_own_committee, draw_voids.is_other_side),
        effects=(draw_voids.forget_request,),
        needs_opinion=True,
    ),
)
