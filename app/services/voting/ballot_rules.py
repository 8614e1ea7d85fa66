"""What makes a ballot valid: one choice per candidate, no choice where the judge is recused, the yes limits.

Pure functions over the frozen facts of a round (see `vote_rounds.frozen`).
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.enums import Choice

RECUSED = "-"
LETTERS = frozenset(choice.value for choice in Choice) | {RECUSED}


def recused_positions(facts: Mapping[str, Any], seat: int) -> set[int]:
    """Return the numbers on the ballot of the candidates that the judge of `seat` is recused from."""
    return {place for who, place in facts["recused"] if who == seat}


def is_valid(letters: str, facts: Mapping[str, Any], seat: int) -> bool:
    """Return whether a ballot has exactly one choice per candidate the judge may vote on, within the limits."""
    return is_complete(letters, facts, seat) and not any(
        count_yes(letters, limit) > limit["most"] for limit in facts["limits"]
    )


def is_complete(letters: str, facts: Mapping[str, Any], seat: int) -> bool:
    """Return whether a ballot has a choice for every candidate the judge may vote on, and for no other."""
    count, recused = len(facts["candidates"]), recused_positions(facts, seat)
    return (
        len(letters) == count
        and set(letters) <= LETTERS
        and all(
            (letters[place - 1] == RECUSED) == (place in recused) for place in range(1, count + 1)
        )
    )


def count_yes(letters: str, limit: Mapping[str, Any]) -> int:
    """Return how often a ballot says yes among the candidates of one limit."""
    return sum(letters[place - 1] == Choice.YES.value for place in limit["positions"])


def refusal(letters: str, facts: Mapping[str, Any], seat: int) -> str | None:
    """Return why a ballot is not valid, as a sentence for its judge, or None."""
    if not is_complete(letters, facts, seat):
        return gettext("Choose yes, no or abstention for every candidate.")
    for limit in facts["limits"]:
        if (said := count_yes(letters, limit)) > limit["most"]:
            return gettext(
                "Among the candidates numbered %(numbers)s you may say yes at most %(most)s times, but said it "
                "%(said)s times. Change %(over)s of them to no or abstention.",
                numbers="、".join(str(place) for place in limit["positions"]),
                most=limit["most"],
                said=said,
                over=said - limit["most"],
            )
    return None
