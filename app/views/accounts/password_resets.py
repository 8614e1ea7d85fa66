"""Pages with which a system administrator lets the owner of an account choose a new password."""

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.ground.actor import Actor
from app.models import User
from app.services.accounts import resets


class ResetForm(forms.Form):
    reason = forms.text(
        _("Reason"), 200, help=_("Who asked for it and how you made sure who it was.")
    )


def explain(user: User) -> str:
    """Return what the press will do, for the page before it."""
    if resets.reachable(user):
        return gettext(
            "%(name)s gets a one-time code by SMS or mail and chooses a new password with it. The old password"
            " and every session end at once; the person is told. You see neither code nor password.",
            name=user.get_full_name(),
        )
    return gettext(
        "No mobile or mail reaches %(name)s. A second administrator has to agree; then each of you prints one"
        " half of a code on a sealed slip, and the person needs both. The person is told.",
        name=user.get_full_name(),
    )


def begin(
    actor: Actor, user: User, reason: str, back: Callable[[User], str]
) -> ResponseReturnValue:
    """Send the owner a code, or ask a second administrator for a slip; commit and go back. Raises Refused."""
    at = clock.now()
    person = resets.reachable(user)
    if person is None:
        resets.ask_slip(actor, user, reason=reason, at=at)
        db.session.commit()
        flash(gettext("A second administrator was asked to agree to a sealed slip."), "success")
        return redirect(back(user), 303)
    code, user_id, username = resets.new_code(actor, user, at=at), user.id, user.username
    db.session.flush()
    db.session.expunge(person)
    db.session.commit()
    said, tone = _send(actor, person, username, code)
    user = db.session.get_one(User, user_id)
    if tone == "success":
        resets.note_sent(actor, user, reason=reason, at=clock.now())
    db.session.commit()
    flash(said, tone)
    return redirect(back(user), 303)


def _send(actor: Actor, person: resets.Person, username: str, code: str) -> tuple[str, str]:
    """Send the code; return what to say and in which tone."""
    try:
        address = resets.send(actor, person, username, code, at=clock.now())
    except Refused as refusal:
        return refusal.sentence, "warning"
    return gettext("The code was sent to %(address)s.", address=address), "success"
