"""What a set of changes holds, in words: role, menu, button, value before and after."""

from dataclasses import dataclass, replace

from flask_babel import gettext

from app.models import ChangeSet, Override
from app.services.customising import catalogue


@dataclass(frozen=True)
class Line:
    """One override in words. `is_known` is False where an upgrade took away what it changes."""

    override: Override
    menu: str
    label: str
    scope: str
    old: str
    new: str
    is_known: bool

    def __str__(self) -> str:
        place = " · ".join(filter(None, (self.scope, self.menu, self.label)))
        return gettext("%(place)s: %(old)s → %(new)s", place=place, old=self.old, new=self.new)


def lines(change_set: ChangeSet) -> list[Line]:
    """Return what a set changes, in words."""
    return [line_of(one) for one in change_set.overrides]


def lines_back(change_set: ChangeSet) -> list[Line]:
    """Return what undoing a set changes, in words."""
    done = [line for line in lines(change_set) if line.is_known]
    return [replace(line, old=line.new, new=line.old) for line in done]


def line_of(one: Override) -> Line:
    """Return one override in words."""
    area = catalogue.AREAS.get(one.area)
    item = area.items().get((one.target, one.key)) if area else None
    return Line(
        one,
        menu=str(item.menu) if item else one.target,
        label=str(item.label) if item else one.key,
        scope=area.scope_label(one.scope) if area else one.scope,
        old=area.value_label(one.old, item, one.new) if area else str(one.old),
        new=area.value_label(one.new, item, one.old) if area else str(one.new),
        is_known=item is not None,
    )
