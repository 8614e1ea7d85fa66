"""The exception that refuses a value."""

from typing import Any


class Invalid(ValueError):
    """Raised when a value is refused; `sentence` says what is wrong with it and what to do."""

    def __init__(self, sentence: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)
