"""Parameters that a system administrator changes; two administrators weaken the sign-in, one alone never."""

from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm.exc import StaleDataError

from app import settings
from app.engine import Act
from app.ground.actor import Actor
from app.models import Consent
from app.services.accounts import consents, two_administrators
from app.services.ground.audit import audit


def change(actor: Actor, key: str, typed: str, *, seen: str, second: Actor | None = None) -> None:
    """Store a value; the caller commits.

    `seen` is the value the page showed. Raises Invalid for a value out of bounds, StaleDataError when somebody
    else saved first, SecondNeeded when the value makes the sign-in weaker, unless `second` agreed.
    """
    before = settings.get(key)
    two_administrators.require(actor, second, _why_for_two(key, typed))
    value = settings.store_value(key, typed, seen=seen)
    facts = {"from": str(before), "to": str(value)}
    audit(
        "parameter",
        actor=actor,
        subject=key,
        details=facts | ({"second": second.user_id} if second else {}),
    )


def ask(actor: Actor, key: str, typed: str, *, seen: str, reason: str, at: datetime) -> Consent:
    """Ask a second administrator to agree to a weaker value. Raises Refused, and StaleDataError as `change`."""
    if seen != settings.display_value(key):
        raise StaleDataError(f"{key} was changed meanwhile")
    subject = f"{settings.NUMBERS[key].label}: {seen} → {typed.strip()}"
    details = {"key": key, "value": typed, "seen": seen}
    return consents.ask(actor, KIND.name, subject=subject, reason=reason, at=at, details=details)


def _why_for_two(key: str, typed: str) -> str | None:
    number = settings.NUMBERS[key]
    if not number.is_weaker(number.parse(typed), settings.get(key)):
        return None
    return gettext(
        "This value makes signing in less safe. Two administrators decide on “%(name)s”.",
        name=number.label,
    )


def _carry_out(act: Act) -> None:
    consent: Consent = act.record
    wanted = consent.details
    asker = consents.asker_of(consent)
    change(asker, wanted["key"], wanted["value"], seen=wanted["seen"], second=act.actor)


def _why_not(consent: Consent) -> str | None:
    now = settings.display_value(consent.details["key"])
    if now == consent.details["seen"]:
        return None
    return gettext("The value was changed meanwhile; it is %(value)s now. Decline it.", value=now)


KIND = consents.register(consents.Kind("parameter", _("Change a parameter"), _carry_out, _why_not))
