"""Sets of changes to what administrators may adapt: collected, published, scheduled, undone."""

from flask_babel import lazy_pgettext as _p

from app.engine import Transition, Workflow
from app.enums import ChangeSetState, Role
from app.models import ChangeSet
from app.services.customising import publishing

S = ChangeSetState
AUTHORS = (Role.SECADMIN, Role.SYSADMIN)
"""Each changes the areas that name the role; the guards ask."""
CHECKED = (
    publishing.is_author,
    publishing.is_not_empty,
    publishing.is_known,
    publishing.is_applicable,
)

CHANGE_SET = Workflow(
    ChangeSet,
    Transition(
        event="begin",
        label=_p("change set", "Begin a draft"),
        source=(),
        target=S.DRAFT,
        roles=AUTHORS,
    ),
    Transition(
        event="collect",
        label=_p("change set", "Change the draft"),
        source=(S.DRAFT,),
        target=S.DRAFT,
        roles=AUTHORS,
        guards=(publishing.is_author,),
    ),
    Transition(
        event="publish",
        label=_p("change set", "Publish"),
        source=(S.DRAFT,),
        target=S.PUBLISHED,
        roles=AUTHORS,
        guards=CHECKED,
        effects=(publishing.keep_terms, publishing.apply),
    ),
    Transition(
        event="schedule",
        label=_p("change set", "Publish later"),
        source=(S.DRAFT,),
        target=S.SCHEDULED,
        roles=AUTHORS,
        guards=CHECKED,
        effects=(publishing.keep_terms,),
    ),
    Transition(
        event="take_effect",
        label=_p("change set", "Took effect"),
        source=(S.SCHEDULED,),
        target=S.PUBLISHED,
        by_clock=True,
        guards=(
            publishing.is_due,
            publishing.has_author,
            publishing.is_known,
            publishing.is_applicable,
        ),
        effects=(publishing.apply,),
    ),
    Transition(
        event="cancel",
        label=_p("change set", "Back to draft"),
        source=(S.SCHEDULED,),
        target=S.DRAFT,
        roles=AUTHORS,
        guards=(publishing.author_has_no_draft,),
    ),
    Transition(
        event="undo",
        label=_p("change set", "Undo"),
        source=(S.PUBLISHED,),
        target=S.UNDONE,
        roles=AUTHORS,
        guards=(publishing.is_the_last, publishing.is_unchanged, publishing.can_go_back),
        effects=(publishing.apply_back,),
    ),
    Transition(
        event="discard",
        label=_p("change set", "Discard"),
        source=(S.DRAFT,),
        target=S.DISCARDED,
        roles=AUTHORS,
        guards=(publishing.is_author,),
    ),
)
