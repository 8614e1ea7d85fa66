"""Page on which everybody chooses by which channels messages come, and quiet hours."""

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select

from app.extensions import db
from app.forms import message_choices as forms
from app.forms.message_choices import CHANNEL, MessageChoiceForm
from app.models import MessageChoice, Person
from app.services.ground.audit import audit
from app.services.messages import channels, choices
from app.services.messages.channels import Channel
from app.views.accounts.account import signed_in_only
from app.views.base.aliases import Label
from app.web import security

REFUSED = 422
LABELS: dict[str, Label] = {"mail": _("By email"), "sms": _("By SMS")}


class MessageChoices(BaseView):
    """GET and POST the own choice of channels and quiet hours."""

    route_base = "/session/messages"
    default_view = "list"
    base_permissions: list[str] = []

    @expose("/", methods=["GET", "POST"])
    @signed_in_only
    def list(self) -> ResponseReturnValue:
        """Show or store the own choice; without a channel besides the hall say so."""
        user = (security.signed_in() or abort(401)).user
        ways = channels.available()
        person = db.session.scalars(select(Person).where(Person.user_id == user.id)).first()
        kind = forms.with_channels(
            {way.name: (LABELS.get(way.name, way.name), _reach(way, person)) for way in ways}
        )
        names = [way.name for way in ways]
        form = kind(data=_stored(choices.of_account(db.session(), user.id), names))
        if not form.is_submitted():
            return self._page(form, bool(names))
        if not names or not form.validate():
            return self._page(form, bool(names)), REFUSED
        choices.store(db.session(), user.id, form.wanted(names), names, form.quiet)
        audit("message_choice", actor=security.current_actor(), subject=user.username)
        db.session.commit()
        flash(_saved(form, names), "success")
        return redirect(url_for("MessageChoices.list"), 303)

    def _page(self, form: MessageChoiceForm, has_channels: bool) -> str:
        return self.render_template("message_choices.html", form=form, has_channels=has_channels)


def _reach(way: Channel, person: Person | None) -> str:
    """Return the sentence with the address on record, or what to do where there is none."""
    address = way.address_of(person) if person else None
    if address:
        return gettext("Sent to %(address)s.", address=channels.masked(address))
    return gettext(
        "No address for this is on record for you, so nothing is sent. Enter it under “My data”, or ask "
        "your system administrator."
    )


def _stored(choice: MessageChoice | None, names: list[str]) -> dict[str, object]:
    wanted = {
        CHANNEL + name: [kind for kind in choices.CHOSEN if choices.is_wanted(choice, kind, name)]
        for name in names
    }
    hours = {
        name: None if (hour := getattr(choice, name, None)) is None else str(hour)
        for name in ("quiet_from", "quiet_to")
    }
    return {**wanted, **hours}


def _saved(form: MessageChoiceForm, names: list[str]) -> str:
    """Return what was stored: how many of the offered ways are on, and the quiet hours."""
    counts = {"on": len(form.wanted(names)), "all": len(names) * len(choices.CHOSEN)}
    if form.quiet is None:
        return gettext("Saved: %(on)s of %(all)s ways are on, without quiet hours.", **counts)
    start, end = form.quiet
    return gettext(
        "Saved: %(on)s of %(all)s ways are on, quiet from %(start)s to %(end)s.",
        **counts,
        start=f"{start:02d}:00",
        end=f"{end:02d}:00",
    )


VIEWS = (MessageChoices,)
