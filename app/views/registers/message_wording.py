"""The page of message wordings: variables in words, preview, a test to oneself, and the wording as shipped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm.exc import StaleDataError

from app.extensions import db
from app.forms.base import base as forms
from app.ground import clock
from app.models import MessageTemplate
from app.services.ground import versions
from app.services.messages import channels, templates, trying_out, wording
from app.services.messages.templates import Variable
from app.services.messages.trying_out import Preview
from app.views.base import editing
from app.views.registers.maintenance_base import MaintenanceView, labelled
from app.web.security import require_actor

CHANNELS = {"mail": _("Mail"), "sms": _("SMS")}
PRESSES = ("preview", "trial")


@dataclass(frozen=True)
class About:
    """What stands beside the form of a wording: its variables, how it reads, where it goes, what was shipped."""

    key: str
    variables: Sequence[Variable]
    preview: Preview | None
    ways: str
    shipped: tuple[str, str] | None
    is_changed: bool
    is_sound: bool


@labelled(_("Message wording"))
class TemplatePage(MaintenanceView):
    model_class = MessageTemplate
    how_to = ("edit-a-message",)
    named = ("subject", "body")
    can_create = False
    column_list: ClassVar[list[str]] = ["subject", "body", "ways", "state"]
    column_default_sort: ClassVar[Any] = "key"
    more_labels: ClassVar[dict[str, Any]] = {
        "key": _("Key"),
        "ways": _("Goes out by"),
        "state": _("State"),
    }
    form_args: ClassVar[dict[str, Any]] = {
        "body": {
            "description": _(
                "Variables of the list are written in braces; values take their place."
            )
        }
    }
    column_searchable_list = ("subject", "body", "key")
    column_sortable_list = ("subject",)
    column_formatters: ClassVar[dict[str, Any]] = {
        "ways": lambda view, context, item, name: ways_text(item.key),
        "state": lambda view, context, item, name: state_text(item),
    }
    list_template = "admin/message_templates.html"
    edit_template = "admin/message_template.html"

    def validate_form(self, form: Any) -> bool:
        """Validate the form; a wording names only variables that its message fills in."""
        if not super().validate_form(form):
            return False
        if "body" not in form:  # the form of an action on ticked rows
            return True
        found = {
            field: wording.faults(field.data, templates.variables_of(form._obj.key))
            for field in (form.subject, form.body)
        }
        for field, faults in found.items():
            field.errors = [*field.errors, *faults]
        return not any(found.values())

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> ResponseReturnValue:
        """Handle the form of a wording: preview it, send it to oneself as a test, or save it."""
        if request.method == "POST" and request.form.get("press") in PRESSES:
            return self._try()
        return super().edit_view()

    def _try(self) -> ResponseReturnValue:
        template = self._find(request.args.get("id", ""))
        form = self.edit_form(template)
        is_valid = self.validate_form(form)
        if is_valid and request.form["press"] == "trial":
            self._send(template, form)
        page = self.render(
            self.edit_template,
            model=template,
            form=form,
            form_opts=None,
            return_url=self.get_url(".index_view"),
        )
        return page, 200 if is_valid else 422

    def _send(self, template: MessageTemplate, form: Any) -> None:
        trying_out.try_out(
            db.session(),
            template.key,
            form.subject.data,
            form.body.data,
            actor=require_actor(),
            at=clock.now(),
        )
        db.session.commit()
        flash(
            gettext(
                "A test is on its way to you: in “Messages” within a minute, and by the channels you have chosen. Nothing is saved yet."
            ),
            "success",
        )

    @expose("/restore/", methods=("POST",))
    def restore_view(self) -> ResponseReturnValue:
        """Set a wording back to the one shipped, unless somebody else has saved it meanwhile."""
        template = self._find(request.args.get("id", ""))
        address = self.get_url(".edit_view", id=template.id)
        versions.require_version(template, editing.seen_version())
        wording.restore(template)
        try:
            self.on_model_change(forms.Form(), template, False)
            db.session.commit()
        except StaleDataError:
            db.session.rollback()
            flash(gettext("Somebody else was faster. Look at the record again."), "warning")
            return redirect(address, 303)
        flash(gettext("The wording is the one shipped with the program again."), "success")
        return redirect(address, 303)

    def _find(self, key: str) -> MessageTemplate:
        found: MessageTemplate = self.get_one(key) or abort(404)
        return found

    def unsound(self) -> list[MessageTemplate]:
        """Return the stored wordings that are not sent because they name what does not exist."""
        return wording.unsound(db.session())

    def about(self, template: MessageTemplate, form: Any) -> About:
        """Return what the page of a wording says beside its form, for what is typed in it now."""
        known = templates.variables_of(template.key)
        typed = form.subject.data or "", form.body.data or ""
        is_readable = not any(wording.faults(one, known) for one in typed)
        shipped = wording.default_of(template)
        return About(
            template.key,
            list(known.values()),
            trying_out.preview(template.key, *typed) if is_readable else None,
            ways_text(template.key),
            shipped,
            shipped is not None and wording.is_changed(template),
            wording.is_sound(template),
        )


def ways_text(key: str) -> str:
    """Return the channels of a message in words; those this system has not set up are left out."""
    usable = {way.name for way in channels.available()}
    wanted = templates.external_channels().get(key, frozenset())
    names = [str(label) for name, label in CHANNELS.items() if name in wanted]
    here = [str(label) for name, label in CHANNELS.items() if name in wanted & usable]
    said = gettext(", ").join([gettext("In the program"), *names])
    missing = gettext(", ").join(one for one in names if one not in here)
    return (
        gettext("%(ways)s (not set up here: %(missing)s)", ways=said, missing=missing)
        if missing
        else said
    )


def state_text(template: MessageTemplate) -> str:
    """Return whether a wording is the one shipped, changed, or not sent."""
    if wording.default_of(template) is None:
        return gettext("Not used any more")
    if not wording.is_sound(template):
        return gettext("Not sent: unknown variable")
    return gettext("Changed") if wording.is_changed(template) else gettext("As shipped")
