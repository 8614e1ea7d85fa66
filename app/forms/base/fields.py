"""Form fields that clean their value, or refuse it with a sentence for the user.

Refused input stays in the field. Class names that the form macro dispatches on (`TextAreaField` …) must not
change. Fields for files stand in `file_fields`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, time
from typing import Any

import wtforms
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import widgets
from wtforms.fields.choices import Choice, SelectFieldBase
from wtforms.utils import unset_value
from wtforms.validators import ValidationError

from app.forms.base.aliases import Label, Offered, Pair
from app.forms.base.widgets import DAY, MONTH, TIME
from app.services.registers import register_lookup
from app.validators import Invalid, dates
from app.validators import text as plain_text
from app.validators.numbers import score

Check = Callable[[str], str]


class Stop(wtforms.validators.StopValidation, ValidationError):
    """Raised to end the validation of one field with a sentence."""


class Typed(wtforms.Field):
    """Base of one-line fields whose text `read` turns into the stored value."""

    widget = widgets.TextInput()
    data: Any

    def __init__(
        self, label: Label | None = None, *, is_required: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.is_required = is_required
        self.flags.required = is_required

    def read(self, typed: str) -> Any:
        """Return the value to store; raises `Invalid`."""
        raise NotImplementedError

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = valuelist[0] if isinstance(valuelist[0], str) else ""

    def pre_validate(self, form: wtforms.Form) -> None:
        typed = self.data if isinstance(self.data, str) else self._value()
        if not typed.strip():
            self._refuse_missing()
            self.data = self.empty()
            return
        try:
            self.data = self.read(typed)
        except Invalid as invalid:
            raise Stop(str(invalid)) from invalid

    def empty(self) -> Any:
        return None

    def _refuse_missing(self) -> None:
        if self.is_required:
            raise Stop(gettext("Fill in this field."))


class TextField(Typed):
    """Normalised text. `check` is a further function of `app.validators`."""

    def __init__(
        self,
        label: Label | None = None,
        *,
        max_length: int,
        min_length: int = 0,
        check: Check | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.max_length, self.min_length, self.check = max_length, min_length, check

    is_multiline = False

    def read(self, typed: str) -> str:
        cleaned = plain_text(
            typed,
            max_length=self.max_length,
            min_length=self.min_length,
            multiline=self.is_multiline,
        )
        return self.check(cleaned) if self.check and cleaned else cleaned

    def empty(self) -> str:
        return ""


class TextAreaField(TextField):
    widget = widgets.TextArea()
    is_multiline = True


class DayField(Typed):
    """A calendar day, as `date`."""

    widget = DAY

    def read(self, typed: str) -> date:
        return dates.day(typed)


class MonthField(Typed):
    """A calendar month, as text `YYYY-MM`."""

    widget = MONTH

    def read(self, typed: str) -> str:
        return dates.month(typed)


class TimeField(Typed):
    """A time of day on the wall clock, as `time`."""

    widget = TIME

    def read(self, typed: str) -> time:
        return dates.time_of_day(typed)

    def _value(self) -> str:
        shown = self.data
        return f"{shown:%H:%M}" if isinstance(shown, time) else super()._value()


class IntegerField(Typed):
    """A whole number within its bounds."""

    widget = widgets.NumberInput()

    def __init__(
        self, label: Label | None = None, *, minimum: int, maximum: int, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.minimum, self.maximum = minimum, maximum

    def read(self, typed: str) -> int:
        return dates.whole_number(typed, minimum=self.minimum, maximum=self.maximum)


class ScoreField(Typed):
    """A score from 0 to 100 with at most two decimals, stored in hundredths."""

    widget = widgets.TextInput()

    def read(self, typed: str) -> int:
        return score(typed)

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return super()._value()
        return f"{self.data // 100}.{self.data % 100:02}"


class ChoiceField(SelectFieldBase):
    """A select; `offered` is an enum class, a list of (value, label), or a function returning one."""

    widget = widgets.Select()
    data: Any

    def __init__(
        self,
        label: Label | None = None,
        *,
        offered: Offered,
        is_required: bool = True,
        has_blank: bool = True,
        blank: Label = _("Please choose"),
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.offered: Any = offered
        self.is_required, self.has_blank, self.blank = is_required, has_blank, blank
        self.flags.required = is_required

    def pairs(self) -> list[Pair]:
        """Return the (value, label) pairs on offer; a function is called once per form."""
        if "_pairs" not in self.__dict__:
            self._pairs = _pairs_of(self.offered)
        return self._pairs

    def iter_choices(self) -> Iterator[Choice]:
        if self.has_blank:
            yield Choice("", str(self.blank), not self.data, {})
        for value, label in self.pairs():
            yield Choice(str(value), str(label), self._is_chosen(value), {})

    def _is_chosen(self, value: Any) -> bool:
        return self.data is not None and str(value) == str(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = valuelist[0] or None

    def pre_validate(self, form: wtforms.Form) -> None:
        if not self.data:
            self.data = None
            if self.is_required:
                raise Stop(gettext("Choose one."))
            return
        self.data = self._offered_value(self.data)

    def _offered_value(self, typed: Any) -> Any:
        for value, _label in self.pairs():
            if str(value) == str(typed):
                return value
        raise Stop(gettext("What was chosen is not offered any more. Choose again."))


class RadioField(ChoiceField):
    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.RadioInput()

    def __init__(self, label: Label | None = None, **kwargs: Any) -> None:
        super().__init__(label, **{"has_blank": False, **kwargs})


class ManyField(ChoiceField):
    """Several of the offered values, as checkboxes."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def __init__(self, label: Label | None = None, **kwargs: Any) -> None:
        super().__init__(label, **{"has_blank": False, **kwargs})

    def _is_chosen(self, value: Any) -> bool:
        return str(value) in [str(one) for one in self.data or []]

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = list(dict.fromkeys(valuelist))

    def pre_validate(self, form: wtforms.Form) -> None:
        if not self.data:
            self.data = []
            if self.is_required:
                raise Stop(gettext("Tick at least one."))
            return
        self.data = [self._offered_value(one) for one in self.data]


class LookupField(SelectFieldBase):
    """A search field for one record of a long register; stores its id or code."""

    widget = widgets.Select()
    data: Any

    def __init__(
        self, label: Label | None = None, *, kind: str, is_required: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(label, **kwargs)
        self.kind, self.is_required = kind, is_required
        self.flags.required = is_required

    def iter_choices(self) -> Iterator[Choice]:
        yield Choice("", gettext("Type to search"), not self.data, {})
        label = register_lookup.label_of(self.kind, self.data) if self.data else None
        if label is not None:
            yield Choice(str(self.data), label, True, {})

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist:
            self.data = valuelist[0].strip() or None

    def pre_validate(self, form: wtforms.Form) -> None:
        if not self.data:
            self.data = None
            if self.is_required:
                raise Stop(gettext("Type a part of the name and choose from the list."))
            return
        found = register_lookup.key_of(self.kind, self.data)
        if found is None:
            raise Stop(
                gettext("There is no such entry. Type a part of the name and choose from the list.")
            )
        self.data = found


class BooleanField(wtforms.BooleanField):
    """A checkbox. `is_required` means it must be ticked; `sentence` says why."""

    def __init__(
        self,
        label: Label | None = None,
        *,
        is_required: bool = False,
        sentence: Label | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.is_required, self.sentence = is_required, sentence
        self.flags.required = is_required

    def pre_validate(self, form: wtforms.Form) -> None:
        if self.is_required and not self.data:
            raise Stop(str(self.sentence or gettext("Tick this box to go on.")))


class FieldList(wtforms.FieldList):
    """Repeated rows. Too many rows are refused with a sentence, never cut off.

    Row numbers in a request must be ASCII digits below a bound; other names are ignored.
    """

    max_entries: int | None
    errors: list[Any]
    # the form macro renders its empty template row under the list's own name
    _prefix = ""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        limit, self.max_entries = self.max_entries, None
        super().process(formdata, data, extra_filters)
        self.max_entries = limit

    def validate(self, form: wtforms.Form, extra_validators: Any = ()) -> bool:
        is_valid: bool = super().validate(form, extra_validators)
        if self.max_entries is None or len(self.entries) <= self.max_entries:
            return is_valid
        sentence = gettext(
            "There are %(count)s rows; at most %(most)s are allowed.",
            count=len(self.entries),
            most=self.max_entries,
        )
        self.errors = [*self.errors, sentence]
        return False

    def _extract_indices(self, prefix: str, formdata: Iterable[str]) -> Iterator[int]:
        pattern = re.compile(re.escape(prefix) + r"-(\d{1,4})(?:-|$)", re.ASCII)
        for key in formdata:
            if match := pattern.match(key):
                yield int(match[1])


def _pairs_of(offered: Offered) -> list[Pair]:
    if isinstance(offered, type):
        return [(member, member.label) for member in offered]  # type: ignore[attr-defined]  # an enum class
    if callable(offered):
        return list(offered())
    return list(offered)
