"""Form fields for a condition on facts: one group of checkboxes per fact; nothing ticked means always."""

from collections.abc import Mapping, Sequence
from typing import Any

import wtforms
from flask_babel import gettext
from markupsafe import Markup

from app.forms.base.aliases import Label
from app.forms.base.fields import Stop
from app.services.form import condition_texts
from app.services.form.condition_texts import LABELS, LONG, USUAL, Condition, Pair

MOST_TICKS = 1000
MOST_LAID_OPEN = 12
"""Longest list of values shown unfolded."""


class Ticks:
    """Widget that renders the groups; the form macro renders the surrounding fieldset, help and error."""

    input_type = None

    def __call__(self, field: "ConditionField", **kwargs: Any) -> Markup:
        return Markup("").join(self._group(field, fact) for fact in field.shown())

    def _group(self, field: "ConditionField", fact: str) -> Markup:
        chosen = {tick.partition("=")[2] for tick in field.ticked() if tick.startswith(f"{fact}=")}
        pairs, label = field.pairs(fact), field.label_of(fact)
        items = Markup("").join(
            self._tick(field, fact, value, words, value in chosen) for value, words in pairs
        )
        if fact not in LONG and len(pairs) <= MOST_LAID_OPEN:
            return Markup(
                '<fieldset class="tick-group"><legend>{}</legend><ul class="choices">{}</ul></fieldset>'
            ).format(label, items)
        count = sum(value in chosen for value, _words in pairs)
        title = gettext("%(fact)s: %(count)s ticked", fact=label, count=count)
        return Markup(
            '<details class="tick-group"><summary>{}</summary><ul class="choices">{}</ul></details>'
        ).format(title, items)

    def _tick(
        self, field: "ConditionField", fact: str, value: str, words: str, is_ticked: bool
    ) -> Markup:
        key = f"{field.id}-{fact}-{value}"
        mark = Markup(" checked") if is_ticked else Markup("")
        return Markup(
            '<li><label class="choice" for="{}"><input type="checkbox" id="{}" name="{}" value="{}"{}> {}</label></li>'
        ).format(key, key, field.name, f"{fact}={value}", mark, words)


class ConditionField(wtforms.Field):
    """A condition field; its data is {fact: [values]}, or None when nothing is ticked.

    `facts` are the facts offered; others in the stored condition are shown too, so that saving never drops
    them unseen.
    """

    widget = Ticks()
    is_group = True

    def __init__(
        self,
        label: Label | None = None,
        validators: Sequence[Any] | None = None,
        *,
        facts: Sequence[str] = USUAL,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.facts = facts

    def label_of(self, fact: str) -> str:
        return str(LABELS.get(fact, fact))

    def offered(self, fact: str) -> list[Pair]:
        return condition_texts.offered(fact)

    def shown(self) -> list[str]:
        """Return the facts to show, in their usual order."""
        wanted = {*self.facts, *self._stored()}
        return [*(fact for fact in LABELS if fact in wanted), *sorted(wanted - LABELS.keys())]

    def pairs(self, fact: str) -> list[Pair]:
        """Return (value, label) pairs of a fact; stored values that no longer exist are kept, marked gone."""
        known = self.offered(fact)
        codes = {value for value, _label in known}
        gone = [value for value in self._stored().get(fact, ()) if value not in codes]
        return [*known, *((code, gettext("%(code)s (gone)", code=code)) for code in gone)]

    def ticked(self) -> list[str]:
        return condition_texts.ticks(self.data)

    def _stored(self) -> Condition:
        return self.object_data if isinstance(self.object_data, dict) else {}

    def process_data(self, value: Any) -> None:
        self.data = value or None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = condition_texts.read(str(one) for one in valuelist[:MOST_TICKS])

    def pre_validate(self, form: wtforms.Form) -> None:
        allowed = {f"{fact}={value}" for fact in self.shown() for value, _label in self.pairs(fact)}
        if not allowed.issuperset(self.ticked()):
            raise Stop(
                gettext("What was ticked is not offered any more. Look through the ticks again.")
            )


class RowConditionField(ConditionField):
    """A condition on other fields of the same row; `choices` is {field: (label, [(value, label)])}."""

    def __init__(
        self, label: Label | None = None, validators: Sequence[Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(label, validators, facts=(), **kwargs)
        self.choices: Mapping[str, tuple[str, list[Pair]]] = {}

    def label_of(self, fact: str) -> str:
        return self.choices[fact][0] if fact in self.choices else fact

    def offered(self, fact: str) -> list[Pair]:
        return self.choices[fact][1] if fact in self.choices else []

    def shown(self) -> list[str]:
        return [*self.choices, *(fact for fact in self._stored() if fact not in self.choices)]


def condition(
    label: Label,
    *,
    facts: Sequence[str] = USUAL,
    help: Label = "",  # noqa: A002 - as in app.forms.base.base
    **kwargs: Any,
) -> ConditionField:
    """Return a field for a condition on the facts of an application; without a tick it always holds."""
    return ConditionField(label, facts=facts, description=help, **kwargs)


def row_condition(label: Label, *, help: Label = "", **kwargs: Any) -> RowConditionField:  # noqa: A002 - as in app.forms.base.base
    """Return a field for a condition on other fields of the row; set its `choices` on the created form."""
    return RowConditionField(label, description=help, **kwargs)
