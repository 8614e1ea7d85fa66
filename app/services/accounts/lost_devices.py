"""A lost device of the second factor, removed by a system administrator with the consent of a second one."""

from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Act, Refused
from app.enums import Role
from app.ground.actor import Actor
from app.models import Consent, User
from app.services.accounts import accounts, consents
from app.services.credentials import second_factors, sessions
from app.services.ground.audit import audit

LOST = "second_factor"
"""Kind of the consent to remove a lost device."""


def ask_removal(actor: Actor, user: User, *, reason: str, at: datetime) -> Consent:
    """Ask a second administrator to agree that a lost device is removed. Raises Refused."""
    accounts.require_role(actor, Role.SYSADMIN)
    accounts.refuse_own(actor, user)
    if second_factors.device_of(user.id) is None:
        raise Refused(gettext("“%(name)s” has set up no device.", name=user.username))
    return consents.ask(actor, LOST, subject=user.username, user=user, reason=reason, at=at)


def _removal_agreed(act: Act) -> None:
    consent = act.record
    second_factors.remove(
        consent.user, at=act.at, by=gettext(", ").join([consent.asker, act.actor.name])
    )
    sessions.end_all(consent.user_id, "second_factor", at=act.at)
    audit("second_factor_off", actor=act.actor, subject=consent.subject)


KIND = consents.register(
    consents.Kind(LOST, _("Remove the lost device of the second factor"), _removal_agreed)
)
