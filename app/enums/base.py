"""The base of all closed lists: string enums with a translated label."""

from enum import StrEnum
from typing import Any, Self


class Labelled(StrEnum):
    """A string enum whose members carry a translated label: `Role.UNIT == "unit"`, `Role.UNIT.label`."""

    label: Any

    def __new__(cls, value: str, label: Any = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, Any]]:
        return [(member.value, member.label) for member in cls]
