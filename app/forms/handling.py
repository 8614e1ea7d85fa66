"""Forms of handing a case to a colleague and of naming a deputy."""

from flask_babel import lazy_gettext as _

from app.extensions import db
from app.forms.base.aliases import Pair, Records
from app.forms.base.base import OPINION_LENGTH, ActForm, Form, area, choice, day
from app.ground.actor import Actor
from app.models import Position
from app.services.handling import colleagues


class EntrustForm(ActForm):
    """The colleague who handles the chosen cases from now on."""

    position_id = choice(
        _("Who handles it"),
        [],
        help=_(
            "Colleagues in your role at your own organisation; choose yourself to take a case over."
        ),
    )

    # stands beside the opinion of the audit on the page of a case
    opinion = area(
        _("Note to the colleague"), OPINION_LENGTH, required=False, id="note-to-colleague"
    )

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the colleagues of the actor, the actor first."""
        found = sorted(_colleagues(actor), key=lambda one: one.user_id != actor.user_id)
        self.position_id.offered = [_pair(one) for one in found if colleagues.may_handle(one)]


class DeputyForm(Form):
    """A colleague who stands in from one day to another."""

    deputy_position_id = choice(
        _("Deputy"),
        [],
        help=_("A colleague in your role at your own organisation."),
    )
    starts_on = day(_("Deputy from"), help=_("Today or later."))
    ends_on = day(_("Deputy until"), help=_("This day included; then it ends by itself."))

    def bind(self, records: Records, actor: Actor) -> None:
        """Offer the other colleagues of the actor."""
        found = [one for one in _colleagues(actor) if colleagues.is_one(one, actor)]
        self.deputy_position_id.offered = [
            _pair(one) for one in found if one.id != actor.position_id
        ]
        if not self.deputy_position_id.offered:
            self.notes = [_("Nobody else works in your role at your organisation.")]


def _colleagues(actor: Actor) -> list[Position]:
    return list(db.session.scalars(colleagues.of(actor)))


def _pair(position: Position) -> Pair:
    return position.id, f"{position.user.real_name}（{position.user.username}）"
