"""Forms of registration and of a forgotten password, and the form in which a unit enters its people."""

from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.enums import Employment, IdKind, Sex
from app.forms.base import base
from app.forms.base.aliases import Validators
from app.ground import clock
from app.services.accounts import persons, registration
from app.services.credentials import one_time_codes, passwords
from app.validators import Invalid, id_number, person_name

TELLING = (IdKind.RESIDENT, IdKind.HMT_RESIDENCE)
"""Kinds of ID document whose number contains sex and date of birth."""
UNTOLD = f"id_kind={','.join(kind.value for kind in IdKind if kind not in TELLING)}"
RULES = LazyString(passwords.rules)
ENTRIES_DIFFER = _("The two entries of the password differ.")


class PersonFields(base.Form):
    """Personal details of somebody. After validation `facts` holds the values to store."""

    needs_phone = True

    name = base.text(
        _("Real name"),
        50,
        help=_("As it stands on the document."),
        render_kw={"autocomplete": "name"},
    )
    id_kind = base.choice(_("ID kind"), IdKind, default=IdKind.RESIDENT.value, has_blank=False)
    id_number = base.text(
        _("ID number"),
        40,
        render_kw={
            "autocomplete": "off",
            "autocapitalize": "characters",
            "autocorrect": "off",
            "spellcheck": "false",
        },
    )
    sex = base.choice(_("Sex"), Sex, required=False, render_kw={"data-show-when": UNTOLD})
    birth_date = base.day(_("Date of birth"), required=False, render_kw={"data-show-when": UNTOLD})
    phone = base.text(
        _("Mobile"),
        20,
        render_kw={"type": "tel", "inputmode": "tel", "autocomplete": "tel-national"},
    )
    email = base.text(
        _("Email"),
        120,
        required=False,
        render_kw={"type": "email", "inputmode": "email", "autocomplete": "email"},
    )

    facts: dict[str, Any]

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = super().validate(extra_validators)
        self.facts, faults = persons.read(
            self._typed_facts(), at=clock.now(), needs_phone=self.needs_phone
        )
        for field, sentence in faults.items():
            if not self[field].errors:
                self[field].errors = [sentence]
        return is_valid and not faults

    def _typed_facts(self) -> dict[str, Any]:
        """Return the valid values; sex and birth date are dropped where the ID number contains them."""
        typed = {
            name: None if self[name].errors else value for name, value in self.values().items()
        }
        if typed["id_kind"] in TELLING:
            typed |= {"sex": None, "birth_date": None}
        return typed


class RegistrationForm(PersonFields):
    """Registration of a new account on a phone."""

    password = base.password(_("Password"), help=RULES, render_kw={"autocomplete": "new-password"})
    again = base.password(_("Password again"), render_kw={"autocomplete": "new-password"})
    consent = base.tick(
        _("I have read how my data are used and agree."),
        required=True,
        sentence=_("Without your consent no account can be opened."),
    )

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = super().validate(extra_validators)
        return _check_new(self.password, self.again, self.facts) and is_valid


class ProofForm(base.Form):
    """The code with which somebody who registers proves to be the person on record."""

    proof = base.text(
        _("One-time code or claim code"),
        40,
        help=_("Six digits from the message, or the code of twelve characters from your unit."),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters"},
    )


class ForgottenForm(base.Form):
    """Request to reset a forgotten password. It never reveals whether the person exists."""

    id_kind = base.choice(_("ID kind"), IdKind, default=IdKind.RESIDENT.value, has_blank=False)
    id_number = base.text(_("ID number"), 40, render_kw={"autocomplete": "off"})
    name = base.text(_("Real name"), 50, check=person_name, render_kw={"autocomplete": "name"})

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = super().validate(extra_validators)
        if self.id_number.errors or self.id_kind.errors:
            return False
        try:
            self.id_number.data = id_number(
                IdKind(self.id_kind.data),
                self.id_number.data,
                today=clock.local_date(clock.now()),
            )
        except Invalid as invalid:
            self.id_number.errors = [str(invalid)]
            return False
        return is_valid


class CodeForm(base.Form):
    """One-time code and new password."""

    code = base.text(
        _("One-time code"),
        20,
        help=_("Six digits from the message. It lives for ten minutes and takes five tries."),
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )
    new = base.password(_("New password"), help=RULES, render_kw={"autocomplete": "new-password"})
    again = base.password(_("New password again"), render_kw={"autocomplete": "new-password"})

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = super().validate(extra_validators)
        if not self.code.errors and not _is_code(self.code.data):
            self.code.errors = [gettext("The code has six digits.")]
            is_valid = False
        return _check_new(self.new, self.again, {}) and is_valid


class ResetCodeForm(base.Form):
    """Code of a reset that an administrator began, and the new password."""

    account = base.text(_("Username or ID number"), 64, render_kw={"autocomplete": "username"})
    code = base.text(
        _("Code"),
        40,
        help=_("Six digits from the message, or half 1 and half 2 of the sealed slips."),
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters"},
    )
    new = base.password(_("New password"), help=RULES, render_kw={"autocomplete": "new-password"})
    again = base.password(_("New password again"), render_kw={"autocomplete": "new-password"})

    def validate(self, extra_validators: Validators = None) -> bool:
        is_valid = super().validate(extra_validators)
        return _check_new(self.new, self.again, {}) and is_valid


class UnitPersonForm(PersonFields):
    """A person of the own unit; mobile and mail are optional, as the person enters them."""

    needs_phone = False

    phone = base.text(_("Mobile"), 20, required=False)
    email = base.text(_("Email"), 120, required=False)
    employment = base.choice(_("Employment"), Employment)

    def stored(self) -> dict[str, Any]:
        """Return the facts to store, with the employment."""
        return {**self.facts, "employment": Employment(self.employment.data)}


def _is_code(typed: str) -> bool:
    return len(typed) == one_time_codes.DIGITS and typed.isascii() and typed.isdigit()


def _check_new(new: wtforms.Field, again: wtforms.Field, own: dict[str, Any]) -> bool:
    """Check a password typed twice; put the errors at its fields."""
    if not new.errors and (why := registration.why_weak(new.data, own)):
        new.errors = [why]
    if not new.errors and not again.errors and new.data != again.data:
        again.errors = [str(ENTRIES_DIFFER)]
    return not new.errors and not again.errors
