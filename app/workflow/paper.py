"""Rounds of an online meeting that were held on paper; they belong into the table of rounds."""

from flask_babel import lazy_gettext as _

from app.engine import T
from app.enums import Role
from app.enums import RoundState as R
from app.services.results import paper_rounds
from app.services.voting import round_rules

PAPER_ROWS = (
    T("enter_paper", _("Enter a round held on paper"), (), R.ENTERED, (Role.OFFICE,), checks=(paper_rounds.is_own_committee, paper_rounds.is_still_in_meeting, paper_rounds.has_no_open_round, round_rules.has_opinions_on_paper, paper_rounds.is_consistent, paper_rounds.has_sheet), effects=(paper_rounds.sign_entry, paper_rounds.store)),
    T("confirm_paper", _("Confirm the round held on paper"), (R.ENTERED,), R.COUNTED, (Role.OFFICE,), guards=(paper_rounds.is_own_committee, paper_rounds.is_in_meeting, paper_rounds.is_second_person), checks=(paper_rounds.is_still_in_meeting,), effects=(paper_rounds.count,)),
    T("drop_paper", _("Drop the round held on paper"), (R.ENTERED,), R.VOID, (Role.OFFICE,), guards=(paper_rounds.is_own_committee,), needs_opinion=True),
)  # fmt: skip
