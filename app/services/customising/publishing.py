"""Guards and effects of the workflow of a set of changes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import and_, or_, select

from app.engine import Act, Refused
from app.enums import ChangeSetState
from app.ground.actor import Actor
from app.models import ChangeSet, Override
from app.services.accounts import two_administrators
from app.services.customising import catalogue, change_lines, change_sets


def is_author(act: Act) -> str | None:
    """Allow only the author to change, publish or discard a draft."""
    if act.actor.user_id == act.record.author_id:
        return None
    return gettext(
        "This is the draft of %(name)s, who alone changes and publishes it. Collect changes in your own one.",
        name=act.record.author,
    )


def is_not_empty(act: Act) -> str | None:
    """Refuse to publish a draft without changes."""
    return None if act.record.overrides else gettext("The draft is empty; collect changes first.")


def is_known(act: Act) -> str | None:
    """Refuse to apply what an upgrade took away."""
    gone = [line for line in change_lines.lines(act.record) if not line.is_known]
    if not gone:
        return None
    return gettext(
        "The program has no longer what this changes: %(names)s. Take it out of the draft.",
        names=gettext("; ").join(f"{line.menu} {line.label}" for line in gone),
    )


def is_applicable(act: Act) -> str | None:
    """Refuse a set with a value that may not be set, and name it."""
    return _first_refusal(act, _author(act), lambda one: one.new)


def can_go_back(act: Act) -> str | None:
    """Refuse to undo a set with a value that may not be set again, and name it."""
    return _first_refusal(act, act.actor, lambda one: one.old)


def is_the_last(act: Act) -> str | None:
    """Refuse to undo a set on which a later one was built, and name that one."""
    own = {_cell(one) for one in act.record.overrides}
    later = act.session.scalars(
        select(Override)
        .join(ChangeSet)
        .where(
            ChangeSet.state == ChangeSetState.PUBLISHED,
            or_(
                ChangeSet.published_at > act.record.published_at,
                and_(
                    ChangeSet.published_at == act.record.published_at,
                    ChangeSet.id > act.record.id,
                ),
            ),
            Override.target.in_({one.target for one in act.record.overrides}),
        )
        .order_by(Override.id)
    )
    for one in later:
        if _cell(one) in own:
            line = next(x for x in change_lines.lines(one.change_set) if x.override is one)
            return gettext(
                "Set %(number)s of %(name)s changed the same later: %(line)s. Undo that one first.",
                number=one.set_id,
                name=one.change_set.author,
                line=line,
            )
    return None


def is_unchanged(act: Act) -> str | None:
    """Refuse to undo a set of which something was changed on its own page since, and name it."""
    known = change_sets.known(act.record)
    now = _present(known)
    for one in known:
        if now[one.area][_cell(one)] not in (one.new, one.old):
            return gettext(
                "%(line)s. This was changed on its own page since; change it there.",
                line=change_lines.line_of(one),
            )
    return None


def has_author(act: Act) -> str | None:
    """Let a scheduled set take effect only while its author may still make such changes."""
    record = act.record
    if two_administrators.holds(record.author_id, record.author_role):
        return None
    return gettext(
        "%(name)s, who made this set, is no %(role)s any more.",
        name=record.author,
        role=str(record.author_role.label),
    )


def is_due(act: Act) -> str | None:
    """Let a scheduled set take effect from its moment on."""
    if act.at >= act.record.effective_from:
        return None
    return gettext("The set takes effect later.")


def author_has_no_draft(act: Act) -> str | None:
    """Refuse to turn a scheduled set into a draft while its author has another one."""
    record = act.record
    other = select(ChangeSet.id).where(
        ChangeSet.author_id == record.author_id, ChangeSet.state == ChangeSetState.DRAFT
    )
    if act.session.scalar(other) is None:
        return None
    return gettext(
        "%(name)s has another draft; publish or discard it first.", name=act.record.author
    )


def keep_terms(act: Act) -> None:
    """Store the remark, who agreed and from when the set holds."""
    record, second = act.record, act.details.get("second")
    record.note = act.details.get("note", "")[:200]
    record.effective_from = act.details.get("effective_from")
    if second is not None:
        record.second_id, record.second = second.user_id, second.name
    _note(act)


def apply(act: Act) -> None:
    """Make every value of the set hold, and keep the value that it replaced; what holds already leaves the set."""
    record = act.record
    change_sets.lock()
    now = _present(record.overrides)
    for one in _in_order(record.overrides):
        area = catalogue.AREAS[one.area]
        one.old = now[one.area][_cell(one)]
        if one.old == one.new:
            record.overrides.remove(one)
            continue
        item = area.items()[one.target, one.key]
        area.write(_author(act), item, one.scope, one.new, _second(record))
    if not record.overrides:
        raise Refused(gettext("All of this holds already; discard the draft."))
    held = _present(record.overrides)
    for one in record.overrides:  # as it was stored, so that undoing tells what was changed since
        one.new = held[one.area][_cell(one)]
    record.published_at = act.at
    _note(act)


def apply_back(act: Act) -> None:
    """Bring back the values that the set replaced; what an upgrade took away is left out."""
    for one in reversed(_in_order(change_sets.known(act.record))):
        area = catalogue.AREAS[one.area]
        item = area.items()[one.target, one.key]
        area.write(act.actor, item, one.scope, one.old, act.details.get("second"))
    act.record.undone_at, act.record.undone_by = act.at, act.actor.name
    _note(act)


def _present(overrides: Collection[Override]) -> dict[str, Mapping[catalogue.Cell, Any]]:
    """Return the values that hold now for these overrides, by area."""
    return {
        name: area.present([_cell(one) for one in overrides if one.area == name])
        for name, area in catalogue.AREAS.items()
    }


def _in_order(overrides: Iterable[Override]) -> list[Override]:
    """Return overrides in an order in which each finds what it names."""
    return sorted(overrides, key=lambda one: catalogue.AREAS[one.area].order_of(one.target))


def _note(act: Act) -> None:
    act.notes["changes"] = [str(line) for line in change_lines.lines(act.record)]


def _author(act: Act) -> Actor:
    """Return the author, in whose name a set takes effect; he may be away by then."""
    record = act.record
    return Actor(role=record.author_role, user_id=record.author_id, name=record.author)


def _second(record: ChangeSet) -> Actor | None:
    if record.second_id is None:
        return None
    return Actor(role=record.author_role, user_id=record.second_id, name=record.second)


def _first_refusal(act: Act, actor: Actor, value_of: Any) -> str | None:
    for line in change_lines.lines(act.record):
        one, area = line.override, catalogue.AREAS.get(line.override.area)
        if area is None or not line.is_known:
            continue
        item = area.items()[one.target, one.key]
        why = change_sets.why_no_author(actor, area)
        if why := why or area.why_not(actor, item, one.scope, value_of(one)):
            return gettext("%(line)s. %(why)s", line=line, why=why)
    return _refusal_together(act, value_of)


def _refusal_together(act: Act, value_of: Any) -> str | None:
    """Return why the values of the set may not hold together with those that hold now, or None."""
    values: dict[str, dict[catalogue.Cell, Any]] = {}
    for one in change_sets.known(act.record):
        values.setdefault(one.area, {})[_cell(one)] = value_of(one)
    refusals = (
        catalogue.AREAS[name].why_not_together(some, values) for name, some in values.items()
    )
    return next((why for found in refusals for why in found.values()), None)


def _cell(one: Override) -> catalogue.Cell:
    return one.target, one.key, one.scope


def due_at(at: datetime) -> Any:
    """Select the scheduled sets whose moment has come."""
    return (
        select(ChangeSet.id)
        .where(ChangeSet.state == ChangeSetState.SCHEDULED, ChangeSet.effective_from <= at)
        .order_by(ChangeSet.effective_from, ChangeSet.id)
    )
