"""The form of a new value of a named number."""

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from app import settings
from app.forms.base import base as forms
from app.ground import clock
from app.numbers import LONGEST, NUMBERS
from app.services.accounts.parameters import Wish
from app.validators import Invalid

CHOICES = [("1", _("Yes")), ("0", _("No"))]


class ValueForm(forms.Form):
    """A value, the day from which it holds, by which decree; the reason where two administrators decide."""

    value = forms.text(_("New value"), LONGEST)
    valid_from = forms.day(
        _("Takes effect"),
        required=False,
        help=_("Today or a later day, from 0:00 on; left empty, at once."),
    )
    remark = forms.text(
        _("Document or remark"),
        200,
        required=False,
        help=_("Number and name of the document that sets it; it stands in the history."),
    )
    reason = forms.text(
        _("Reason"),
        200,
        required=False,
        help=_("Needed where a second administrator has to agree; he reads it."),
    )

    @classmethod
    def of(cls, key: str) -> "ValueForm":
        """Return the form as it was sent."""
        return cls()._fitted(key)

    @classmethod
    def fresh(cls, key: str) -> "ValueForm":
        """Return the form with the value that holds today."""
        return cls(formdata=None, data={"value": settings.display_value(key)})._fitted(key)

    def _fitted(self, key: str) -> "ValueForm":
        number = NUMBERS[key]
        self.value.description = number.bounds
        self.value.render_kw = {**(self.value.render_kw or {}), "autocomplete": "off"}
        if not number.weaker:
            del self.reason
        return self

    def wish(self, key: str) -> Wish:
        """Return what is wanted, with the value that the page showed."""
        return Wish(
            key,
            self.value.data or "",
            request.form.get("seen", ""),
            self.valid_from.data or clock.local_date(clock.now()),
            self.remark.data or "",
        )

    def typed_reason(self) -> str:
        """Return the reason typed for the second administrator."""
        return (self.reason.data or "").strip() if "reason" in self else ""

    def show_refusal(self, key: str, refusal: Exception, overtaken: str) -> None:
        """Show why the value was not saved; `overtaken` where somebody else saved first."""
        if isinstance(refusal, StaleDataError | IntegrityError):
            self.show_fault("value", overtaken)
            now = settings.display_value(key)
            if now != self.value.data:
                self.show_fault("value", gettext("Stored now: %(value)s", value=now))
        elif isinstance(refusal, Invalid):
            self.show_fault("value", str(refusal))
        else:
            self.show(refusal)
