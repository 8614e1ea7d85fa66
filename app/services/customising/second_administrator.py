"""Publishing and undoing that a second administrator has to agree to, who reads every line of the set."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.engine import Act
from app.enums import ConsentState
from app.extensions import db
from app.ground.actor import Actor
from app.models import ChangeSet, Consent
from app.services.accounts import consents
from app.services.customising import change_lines, change_sets
from app.services.customising.change_lines import Line


def ask_to_publish(
    actor: Actor,
    change_set: ChangeSet,
    *,
    note: str,
    effective_from: datetime | None,
    reason: str,
    at: datetime,
) -> Consent:
    """Ask a second administrator to agree that a draft is published. Raises Refused."""
    start = effective_from.isoformat() if effective_from else None
    return _ask(actor, PUBLISH.name, change_set, reason, at, note=note, effective_from=start)


def ask_to_undo(actor: Actor, change_set: ChangeSet, *, reason: str, at: datetime) -> Consent:
    """Ask a second administrator to agree that a set is undone. Raises Refused."""
    return _ask(actor, UNDO.name, change_set, reason, at)


def waiting_for(change_set: ChangeSet) -> Consent | None:
    """Return the request to publish or undo a set that waits for a second administrator, or None."""
    asked = db.session.scalars(
        select(Consent).where(
            Consent.state == ConsentState.ASKED, Consent.kind.in_((PUBLISH.name, UNDO.name))
        )
    )
    return next((one for one in asked if one.details["set"] == change_set.id), None)


def _ask(
    actor: Actor, kind: str, change_set: ChangeSet, reason: str, at: datetime, **terms: str | None
) -> Consent:
    named = gettext("; ").join(str(line) for line in _lines_of(kind, change_set))
    subject = gettext("Set %(number)s: %(lines)s", number=change_set.id, lines=named)
    details = {"set": change_set.id, "version": change_set.version, **terms}
    if len(subject) > consents.LONGEST_SUBJECT:
        subject = f"{subject[: consents.LONGEST_SUBJECT - 1]}…"
    return consents.ask(actor, kind, subject=subject, reason=reason, at=at, details=details)


def _publish(act: Act) -> None:
    consent, wanted = act.record, act.record.details
    start = wanted["effective_from"]
    change_sets.publish(
        consents.asker_of(consent),
        _set_of(consent),
        note=wanted["note"],
        effective_from=datetime.fromisoformat(start) if start else None,
        at=act.at,
        second=act.actor,
        seen=wanted["version"],
    )


def _undo(act: Act) -> None:
    consent = act.record
    change_sets.undo(
        consents.asker_of(consent),
        _set_of(consent),
        at=act.at,
        second=act.actor,
        seen=consent.details["version"],
    )


def _why_not(consent: Consent) -> str | None:
    if _set_of(consent).version == consent.details["version"]:
        return None
    return gettext("The set was changed since this was asked for. Decline it.")


def _lines(consent: Consent) -> Sequence[str]:
    return [str(line) for line in _lines_of(consent.kind, _set_of(consent))]


def _lines_of(kind: str, change_set: ChangeSet) -> list[Line]:
    is_undo = kind == UNDO.name
    return change_lines.lines_back(change_set) if is_undo else change_lines.lines(change_set)


def _set_of(consent: Consent) -> ChangeSet:
    return db.session.get_one(ChangeSet, consent.details["set"])


PUBLISH = consents.register(
    consents.Kind(
        "rights_publish", _("Publish changed permissions"), _publish, _why_not, lines=_lines
    )
)
UNDO = consents.register(
    consents.Kind("rights_undo", _("Undo changed permissions"), _undo, _why_not, lines=_lines)
)
