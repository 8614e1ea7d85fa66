"""The lines by which a meeting counts votes and scores: those of its plan, or others that are tried out."""

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from app.enums import Aggregation, Denominator, OverCap
from app.models import Plan

TWO_THIRDS = Fraction(2, 3)
"""Part of the votes with which a candidate passes (Order 40, art. 21)."""


@dataclass(frozen=True)
class Lines:
    """Everything of a plan that decides how votes and scores are counted; the names are those of `Plan`.

    `senior_cap`, `associate_cap` and `material_share` are percents, `trim_from` is a number of scores. `pass_line`
    is two thirds in every plan; only a trial has another one.
    """

    steps: tuple[str, ...]
    aggregation: Aggregation
    trim_from: int
    material_share: int
    denominator: Denominator
    senior_cap: int
    associate_cap: int
    over_cap: OverCap
    pass_line: Fraction = TWO_THIRDS

    def stored(self) -> dict[str, Any]:
        """Return the lines as they are kept in JSON: numbers and values of enums."""
        facts = asdict(self) | {"steps": list(self.steps), "pass_line": str(self.pass_line)}
        return facts | {
            name: facts[name].value for name in ("aggregation", "denominator", "over_cap")
        }


def lines_of(plan: Plan) -> Lines:
    """Return the lines of an agreed plan."""
    return Lines(
        tuple(plan.steps),
        plan.aggregation,
        plan.trim_from,
        plan.material_share,
        plan.denominator,
        plan.senior_cap,
        plan.associate_cap,
        plan.over_cap,
    )


def changed(old: Lines, new: Lines) -> list[str]:
    """Return the names of the lines in which `new` differs from `old`, in their order."""
    return [name for name in asdict(old) if getattr(old, name) != getattr(new, name)]
