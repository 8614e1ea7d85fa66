"""Forms of the vote: freezing a round, and a key holder's code that opens the ballot box."""

from typing import Any

from flask_babel import lazy_gettext as _

from app.extensions import db
from app.forms.base import base
from app.forms.base.aliases import Records
from app.forms.offers import choose_meeting, set_choices
from app.ground.actor import Actor
from app.services.results import paper_rounds

LONGEST_CODE = 40


class FreezeRoundForm(base.Form):
    """Freeze a round (冻结本轮) of a meeting; candidates, roll and places follow from the meeting."""

    plan_id = base.choice(_("Plan"), ())
    goes_on = base.tick(
        _("Freeze although these scores are missing"),
        required=False,
        help=_("The record of the round names the candidates. Untick to wait for the judges."),
    )

    def bind(self, records: Records, actor: Actor) -> None:
        set_choices(self.plan_id, paper_rounds.open_plans(db.session(), actor.committee_ids))
        if not self.is_submitted():
            choose_meeting(self.plan_id)

    def groups(self) -> list[tuple[str, list[Any]]]:
        """Return the fields; the confirmation is among them once it was asked for."""
        is_asked = self.goes_on.errors or self.goes_on.data
        return [("", [self.plan_id, *([self.goes_on] if is_asked else [])])]


class ReleaseForm(base.ActForm):
    """Open the box (开箱): the holder's code, never shown again and never logged."""

    code = base.text(
        _("Code for the ballot box"),
        LONGEST_CODE,
        help=_("The four groups of letters you wrote down when you took the code."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
