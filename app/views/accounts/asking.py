"""Pages of acts that may need the consent of a second administrator: the reason typed for it, and the answer."""

from collections.abc import Callable

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.extensions import db
from app.forms.base import base as forms
from app.models import Consent
from app.services.accounts import consents
from app.services.accounts.two_administrators import SecondNeeded


class ReasonForm(forms.Form):
    reason = forms.text(
        _("Reason"),
        200,
        required=False,
        help=_("Needed where a second administrator has to agree; he reads it."),
    )


def done_or_asked(
    press: Callable[[], tuple[str, str]], ask: Callable[[str], Consent], reason: str | None
) -> ResponseReturnValue:
    """Do an act, or ask a second administrator where one is needed; commit and say what came of it.

    `press` does the act and returns what to say and where to go, `ask` takes the reason. Raises Refused, at the field `reason`
    with why two are needed when none was typed.
    """
    try:
        said, back = press()
    except SecondNeeded as needed:
        if not reason:
            sentence = gettext(
                "%(why)s Type the reason; it is done when another administrator has agreed.",
                why=needed.sentence,
            )
            raise Refused(sentence, "reason") from None
        return _asked(ask(reason))
    db.session.commit()
    flash(said, "success")
    return redirect(back, 303)


def _asked(consent: Consent) -> ResponseReturnValue:
    db.session.commit()
    flash(gettext("Nothing has changed yet: another administrator was asked to agree."), "success")
    return redirect(f"{consents.LIST}{consent.id}", 303)
