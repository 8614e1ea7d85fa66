"""Names for types that the forms share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import wtforms
from flask_babel.speaklater import LazyString

from app.enums import Labelled

Label: TypeAlias = str | LazyString
"""A text for users, translated now or when the page is rendered."""
Pair = tuple[int | str, Label]
"""One choice: the value to store and its label."""
Offered = type[Labelled] | Iterable[Pair] | Callable[[], Iterable[Pair]]
"""The choices of a field: an enum class, pairs, or a function returning pairs."""
Records = Sequence[Any]
"""The records that a form acts on; each form knows their model."""
Groups: TypeAlias = list[tuple[Label, list[wtforms.Field]]]
"""The fields of a form under their headings."""
Validators = Mapping[str, Sequence[Callable[..., None]]] | None
"""Further validators by name of the field, as WTForms passes them to `validate`."""
