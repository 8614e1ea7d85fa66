"""Base classes of all forms, and short functions that create their fields."""

# ruff: noqa: A002 - `help` is what every form library calls it

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString
from flask_wtf import FlaskForm

from app import settings
from app.forms.base import fields
from app.forms.base.aliases import Label, Offered, Pair, Records
from app.forms.base.fields import Check
from app.forms.base.file_fields import FileField, MultipleFileField
from app.ground.actor import Actor
from app.services.review import signatures, two_persons

OPINION_LENGTH = 1000
FILE_WORDS = {"pdf": "PDF", "jpg": "JPG", "png": "PNG", "xlsx": "Excel (.xlsx)"}
NO_VALUES = ("csrf_token",)
PHRASES = {"data-phrases": "1"}
"""Hint of a field beside which the page offers canned phrases (常用语)."""


class Form(FlaskForm):
    """A form of this program: cleaned values in `values()`, refusals at their fields."""

    _fields: dict[str, Any]

    def values(self, *, without: Sequence[str] = ()) -> dict[str, Any]:
        """Return {field: cleaned value} for services, without the token and `without`."""
        return {
            name: value for name, value in self.data.items() if name not in (*NO_VALUES, *without)
        }

    def show(self, refusal: Exception) -> None:
        """Show each sentence of a refusal at the field it names, otherwise above the form."""
        alone = [(getattr(refusal, "field", None), str(refusal))]
        for named, sentence in getattr(refusal, "faults", alone):
            self.show_fault(named, sentence)

    @contextmanager
    def without_faulty(self) -> Iterator[None]:
        """Empty the fields at fault while rules look at the others; what was typed comes back afterwards."""
        faulty = [one for one in self if one.errors and not isinstance(one, fields.FieldList)]
        typed = {one: one.data for one in faulty}
        for one in faulty:
            one.data = [] if isinstance(one, fields.ManyField) else None
        yield
        for one, data in typed.items():
            one.data = data

    def has_faulty_rows(self) -> bool:
        """Return whether a row of a repeated field is at fault."""
        return any(isinstance(one, fields.FieldList) and one.errors for one in self)

    def show_fault(self, named: str | None, sentence: str) -> None:
        """Show a sentence at the field `named`; above the form, if there is none of that name."""
        if named is not None and named in self:
            self[named].errors = [*self[named].errors, sentence]
        else:
            self.form_errors.append(sentence)


class ActForm(Form):
    """Form of a button's act. `require_opinion` is called when the chosen act needs a reason."""

    opinion = fields.TextAreaField(
        _("Opinion"),
        max_length=OPINION_LENGTH,
        is_required=False,
        render_kw={"required": False, **PHRASES},
    )
    needs_opinion: ClassVar[bool] = False
    acts_with_opinion: ClassVar[Sequence[Label]] = ()
    """Labels of the acts that need an opinion, where the form offers several."""
    events_with_opinion: ClassVar[Sequence[str]] = ()
    """The events of these acts; the page marks the opinion as required once one of them is chosen."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.opinion is not None and self.needs_opinion:
            self.require_opinion()
        elif self.acts_with_opinion and self.opinion is not None and not self.opinion.description:
            acts = gettext(", ").join(str(label) for label in self.acts_with_opinion)
            self.opinion.description = gettext("Needed for: %(acts)s", acts=acts)
        if self.opinion is not None and self.events_with_opinion and not self.needs_opinion:
            hints = {"data-must": " ".join(self.events_with_opinion)}
            self.opinion.render_kw = {**(self.opinion.render_kw or {}), **hints}
        # show the decision before any other field of the act
        for name in ("way", "decision"):
            if name in self._fields:
                self._fields = {name: self._fields.pop(name), **self._fields}

    def require_opinion(self) -> None:
        self.opinion.is_required = self.opinion.flags.required = True

    def details(self) -> dict[str, Any]:
        """Return the values other than the opinion, for `engine.fire(details=…)`."""
        return self.values(without=("opinion", "event", "seen"))


class SignedForm(ActForm):
    """Form of an act with a handler (经办人) and a person responsible (负责人)."""

    leader: Any = fields.TextField(
        _("Person responsible"),
        max_length=signatures.LONGEST,
        description=_("Who decided this in your unit; not yourself. Kept with the act."),
        render_kw={"required": False, "aria-required": "true", "autocomplete": "off"},
    )

    def bind(self, records: Records, actor: Actor) -> None:
        """Prefill the person responsible that was named last; ask for no name where an account confirms."""
        if self.leader is not None and two_persons.are_needed(actor):
            del self.leader
            self.notes = [_note_on_two_persons(actor)]
        elif self.leader is not None and not self.leader.raw_data and not self.leader.data:
            self.leader.data = signatures.last_leader(actor)


def _note_on_two_persons(actor: Actor) -> str:
    if actor.is_head:
        return two_persons.sentence_for_head()
    if two_persons.has_head(actor):
        return gettext(
            "You propose this step; the person responsible of your unit confirms it. Nothing moves before."
        )
    return gettext(
        "Your unit needs an account of a person responsible for this step and has none. Ask the security administrator to grant one; what you propose waits until then."
    )


class RowForm(wtforms.Form):
    """One repeated row inside a form, without a CSRF token of its own."""


def text(
    label: Label,
    max_length: int,
    *,
    required: bool = True,
    min_length: int = 0,
    help: Label = "",
    check: Check | None = None,
    **kwargs: Any,
) -> fields.TextField:
    """Return a one-line text field; `check` is a further function of `app.validators`, such as `phone`."""
    return fields.TextField(
        label,
        max_length=max_length,
        min_length=min_length,
        check=check,
        **_common(required, help, kwargs),
    )


def area(
    label: Label,
    max_length: int,
    *,
    required: bool = True,
    min_length: int = 0,
    help: Label = "",
    **kwargs: Any,
) -> fields.TextAreaField:
    """Return a text field of several lines."""
    # a counter instead of maxlength, as the browser would silently cut pasted text at maxlength
    hints = {"data-max": str(max_length)}
    return fields.TextAreaField(
        label,
        max_length=max_length,
        min_length=min_length,
        **_common(required, help, kwargs, **hints),
    )


def password(
    label: Label, *, required: bool = True, help: Label = "", **kwargs: Any
) -> wtforms.PasswordField:
    """Return a password field: the value is taken as typed, never cleaned and never shown again."""
    return wtforms.PasswordField(
        label, description=help, validators=[_Required()] if required else [], **kwargs
    )


def choice(
    label: Label, offered: Offered, *, required: bool = True, help: Label = "", **kwargs: Any
) -> fields.ChoiceField:
    """Return a select; `offered` is an enum class, a list of (value, label), or a function returning one."""
    return fields.ChoiceField(label, offered=offered, **_common(required, help, kwargs))


def radio(
    label: Label, offered: Offered, *, required: bool = True, help: Label = "", **kwargs: Any
) -> fields.RadioField:
    """Return a group of radio buttons; `offered` as for `choice`."""
    return fields.RadioField(label, offered=offered, **_common(required, help, kwargs))


def many(
    label: Label, offered: Offered, *, required: bool = True, help: Label = "", **kwargs: Any
) -> fields.ManyField:
    """Return a group of checkboxes for several choices; `offered` as for `choice`."""
    return fields.ManyField(label, offered=offered, **_common(required, help, kwargs))


def day(label: Label, *, required: bool = True, help: Label = "", **kwargs: Any) -> fields.DayField:
    """Return a field for a calendar day."""
    return fields.DayField(label, **_common(required, help, kwargs))


def month(
    label: Label, *, required: bool = True, help: Label = "", **kwargs: Any
) -> fields.MonthField:
    """Return a field for a calendar month, stored as `YYYY-MM`."""
    return fields.MonthField(label, **_common(required, help, kwargs))


def hour(
    label: Label, *, required: bool = True, help: Label = "", **kwargs: Any
) -> fields.TimeField:
    """Return a field for a time of day, hours and minutes."""
    return fields.TimeField(label, **_common(required, help, kwargs))


def integer(
    label: Label,
    minimum: int,
    maximum: int,
    *,
    unit: Label = "",
    required: bool = True,
    help: Label = "",
    **kwargs: Any,
) -> fields.IntegerField:
    """Return a field for a whole number; `unit` is shown behind it."""
    hints = {"min": str(minimum), "max": str(maximum), "step": "1"}
    if unit:
        hints["data-unit"] = unit
    return fields.IntegerField(
        label, minimum=minimum, maximum=maximum, **_common(required, help, kwargs, **hints)
    )


def score(
    label: Label, *, required: bool = True, help: Label = "", **kwargs: Any
) -> fields.ScoreField:
    """Return a field for a score from 0 to 100, stored in hundredths."""
    return fields.ScoreField(label, **_common(required, help, kwargs, inputmode="decimal"))


def lookup(
    label: Label, kind: str, *, required: bool = True, help: Label = "", **kwargs: Any
) -> fields.LookupField:
    """Return a search field for a record of a register (`app.services.registers.register_lookup`)."""
    hints = {"data-lookup-url": f"/lookup/{kind}"}
    return fields.LookupField(label, kind=kind, **_common(required, help, kwargs, **hints))


def tick(
    label: Label,
    *,
    required: bool = False,
    sentence: Label | None = None,
    help: Label = "",
    **kwargs: Any,
) -> fields.BooleanField:
    """Return a checkbox; when required, `sentence` says why it must be ticked."""
    return fields.BooleanField(label, sentence=sentence, **_common(required, help, kwargs))


def upload(
    label: Label,
    kinds: Sequence[str] = ("pdf", "jpg", "png"),
    *,
    required: bool = True,
    several: bool = False,
    max_mb: int | None = None,
    help: Label = "",
    **kwargs: Any,
) -> FileField:
    """Return an upload field for files of `kinds`; its help states the limits."""
    field = MultipleFileField if several else FileField
    hints = {
        "accept": ",".join(_suffixes(kinds)),
        "data-max-mb": LazyString(lambda: str(max_mb or settings.get("upload_max_mb"))),
    }
    limits = LazyString(lambda: _upload_help(help, upload_limits(kinds, max_mb)))
    return field(label, kinds=kinds, max_mb=max_mb, **_common(required, limits, kwargs, **hints))


def _upload_help(help: Label, limits: str) -> str:
    warning = gettext("Never upload secret material.")
    return f"{help} {limits} {warning}".strip()


def upload_limits(kinds: Sequence[str] = ("pdf", "jpg", "png"), max_mb: int | None = None) -> str:
    """Return the sentence that states the limits of an upload."""
    return gettext(
        "%(kinds)s, at most %(size)s MB each.",
        kinds=gettext(", ").join(FILE_WORDS[kind] for kind in kinds),
        size=max_mb or settings.get("upload_max_mb"),
    )


def offer_in_rows(
    field: wtforms.Field,
    row_form: type[RowForm],
    name: str,
    label: Label,
    pairs: Sequence[Pair],
    kind: Callable[..., fields.ChoiceField] = choice,
) -> None:
    """Set the choices `pairs` of the field `name` in every row of `field`, including rows added later.

    `kind` is `choice` or `many`. The field keeps its place among the columns of the row.
    """
    offering: Any = kind(label, pairs, required=False)
    # WTForms orders fields by when they were made: a new one would be the last column
    offering.creation_counter = getattr(row_form, name).creation_counter
    narrowed = type(row_form.__name__, (row_form,), {name: offering})
    field.unbound_field = wtforms.FormField(narrowed, label=field.label.text)
    for entry in field.entries:
        entry.form[name].offered, entry.form[name].label.text = list(pairs), label


def rows(
    label: Label,
    form: type[RowForm],
    *,
    min_rows: int = 0,
    max_rows: int | None = None,
    **kwargs: Any,
) -> fields.FieldList:
    """Return a list of rows that users add and remove in the page."""
    return fields.FieldList(
        wtforms.FormField(form, label=label),
        label=label,
        min_entries=min_rows,
        max_entries=max_rows,
        **kwargs,
    )


class _Required:
    field_flags = {"required": True}

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        if not field.data:
            raise wtforms.validators.StopValidation(gettext("Fill in this field."))


def _common(required: bool, help: Label, kwargs: dict[str, Any], **hints: Any) -> dict[str, Any]:
    """Return the arguments common to all fields; disables native validation popups (one field only)."""
    shown = {"required": False, **hints, **kwargs.pop("render_kw", {})}
    if required:
        shown["aria-required"] = "true"
    return {"is_required": required, "description": help, "render_kw": shown, **kwargs}


def _suffixes(kinds: Sequence[str]) -> list[str]:
    return [f".{kind}" for kind in kinds] + ([".jpeg"] if "jpg" in kinds else [])
