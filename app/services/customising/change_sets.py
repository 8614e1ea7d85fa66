"""Sets of changes: collected in the draft of their author, published together, undone together.

Who may do what when stands in `app/workflow/customising.py`, what may be changed in the catalogue.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from app import engine
from app.engine import Refused
from app.enums import ChangeSetState
from app.extensions import db
from app.ground.actor import Actor
from app.models import ChangeSet, CustomisationVersion, Override
from app.services.accounts import two_administrators
from app.services.customising import catalogue
from app.services.customising.catalogue import Area, Beside, Cell
from app.services.customising.change_lines import line_of

OPEN = (ChangeSetState.DRAFT, ChangeSetState.SCHEDULED)
MOST_NAMED = 5


def lock() -> None:
    """Let changes be collected, published and undone one after the other, until the end of the transaction."""
    db.session.execute(select(CustomisationVersion.stamp).with_for_update())


def draft_of(actor: Actor) -> ChangeSet | None:
    """Return the draft of the actor, or None."""
    return db.session.scalars(
        select(ChangeSet).where(
            ChangeSet.author_id == actor.user_id, ChangeSet.state == ChangeSetState.DRAFT
        )
    ).one_or_none()


def count_in_draft(actor: Actor) -> int:
    """Return how many overrides the draft of the actor holds, in one statement."""
    return int(
        db.session.scalar(
            select(func.count(Override.id))
            .join(ChangeSet)
            .where(ChangeSet.author_id == actor.user_id, ChangeSet.state == ChangeSetState.DRAFT)
        )
        or 0
    )


def values_with_draft(area: Area, cells: Collection[Cell], draft: ChangeSet | None) -> Any:
    """Return the values of `cells` as they would be with the draft, and those that hold now."""
    now = dict(area.present(cells))
    drafted = {key: one.new for key, one in _by_cell(draft, area.name).items() if key in now}
    return now | drafted, now


def collect(
    actor: Actor,
    area: Area,
    values: Mapping[Cell, Any],
    *,
    note: str = "",
    at: datetime,
    beside: Beside | None = None,
) -> int:
    """Put values into the draft of the actor and return how many of its overrides changed; the caller commits.

    A value that holds already takes its override out of the draft. Raises Refused for what is not in the catalogue,
    may not be set or stands in the draft of a colleague; then nothing is collected. `beside` is what is collected of
    other areas in the same transaction.
    """
    lock()
    now, draft = area.present(values), draft_of(actor)
    drafted = _by_cell(draft, area.name)
    wanted = {
        cell: value
        for cell, value in values.items()
        if value != (drafted[cell].new if cell in drafted else now[cell])
    }
    if why := why_no_author(actor, area):
        raise Refused(why)
    _refuse_unknown(area, values)
    _refuse_values(actor, area, {cell: one for cell, one in wanted.items() if one != now[cell]})
    _refuse_together(area, wanted, draft, beside or {})
    _refuse_collisions(area, wanted, draft)
    if not wanted:
        return 0
    draft = draft or ChangeSet(
        author_id=actor.user_id, author=actor.name, author_role=actor.role, created_at=at
    )
    for cell, value in wanted.items():
        _enter(draft, area.name, cell, drafted.get(cell), now[cell], value)
    draft.note = note or draft.note
    engine.fire(draft, "collect" if draft.id else "begin", actor=actor, at=at)
    return len(wanted)


def leave_out(actor: Actor, keys: Collection[int], *, at: datetime) -> int:
    """Take overrides out of the actor's draft and return how many; the caller commits. Raises Refused."""
    lock()
    draft = draft_of(actor)
    gone = [one for one in draft.overrides if one.id in keys] if draft else []
    if draft is None or not gone:
        raise Refused(gettext("These changes are not in your draft any more; load the page again."))
    for one in gone:
        draft.overrides.remove(one)
    engine.fire(draft, "collect", actor=actor, at=at)
    return len(gone)


def why_two(change_set: ChangeSet, *, back: bool = False) -> str | None:
    """Return why publishing a set, or with `back` undoing it, needs two administrators; None if it does not."""
    for one in known(change_set):
        area = catalogue.AREAS[one.area]
        item = area.items()[one.target, one.key]
        if why := area.why_two(item, one.scope, one.old if back else one.new):
            return why
    return None


def publish(
    actor: Actor,
    change_set: ChangeSet,
    *,
    note: str,
    at: datetime,
    effective_from: datetime | None = None,
    second: Actor | None = None,
    seen: int | None = None,
) -> None:
    """Make a draft hold now, or from a later moment on; the caller commits.

    Raises Refused, and SecondNeeded where two administrators decide and no second one agreed.
    """
    two_administrators.require(actor, second, why_two(change_set))
    terms = {"note": note, "effective_from": effective_from, "second": second}
    event = "schedule" if effective_from is not None and effective_from > at else "publish"
    engine.fire(change_set, event, actor=actor, at=at, details=terms, seen=seen)


def undo(
    actor: Actor,
    change_set: ChangeSet,
    *,
    at: datetime,
    second: Actor | None = None,
    seen: int | None = None,
) -> None:
    """Bring back the values that a published set replaced; the caller commits. Raises as `publish`.

    Sets published at the same moment wait, so that none is built on values that go back.
    """
    lock()
    two_administrators.require(actor, second, why_two(change_set, back=True))
    engine.fire(change_set, "undo", actor=actor, at=at, details={"second": second}, seen=seen)


def touched(change_set: ChangeSet) -> list[str]:
    """Return what publishing a set touches of what is under way, in sentences."""
    values: dict[str, dict[Cell, Any]] = {}
    for one in known(change_set):
        values.setdefault(one.area, {})[one.target, one.key, one.scope] = one.new
    return [said for name, some in values.items() for said in catalogue.AREAS[name].touched(some)]


def why_no_author(actor: Actor, area: Area) -> str | None:
    """Return why the actor may not change anything of an area, or None."""
    if actor.role in area.authors:
        return None
    names = gettext(", ").join(str(role.label) for role in area.authors)
    return gettext("“%(area)s” is changed by: %(roles)s.", area=str(area.label), roles=names)


def known(change_set: ChangeSet) -> list[Override]:
    """Return the overrides of a set whose items the program still has."""
    names = {one.area for one in change_set.overrides} & catalogue.AREAS.keys()
    items = {name: catalogue.AREAS[name].items() for name in names}
    return [one for one in change_set.overrides if (one.target, one.key) in items.get(one.area, {})]


def orphans() -> list[str]:
    """Return what published sets changed and an upgrade took away, named as the code named it."""
    found = db.session.execute(
        select(Override.area, Override.target, Override.key)
        .join(ChangeSet)
        .where(ChangeSet.state == ChangeSetState.PUBLISHED)
        .distinct()
        .order_by(Override.area, Override.target, Override.key)
    )
    items = {name: area.items() for name, area in catalogue.AREAS.items()}
    return [
        f"{target} {key}" for area, target, key in found if (target, key) not in items.get(area, {})
    ]


def _beside(change_set: ChangeSet | None) -> dict[str, dict[Cell, Any]]:
    """Return what a set changes in every area."""
    found: dict[str, dict[Cell, Any]] = {}
    for one in change_set.overrides if change_set else []:
        found.setdefault(one.area, {})[one.target, one.key, one.scope] = one.new
    return found


def _by_cell(change_set: ChangeSet | None, area: str) -> dict[Cell, Override]:
    overrides = change_set.overrides if change_set else []
    return {(one.target, one.key, one.scope): one for one in overrides if one.area == area}


def _enter(
    draft: ChangeSet, area: str, cell: Cell, entered: Override | None, now: Any, value: Any
) -> None:
    if entered is None:
        target, key, scope = cell
        draft.overrides.append(
            Override(area=area, target=target, key=key, scope=scope, old=now, new=value)
        )
    elif value == now:
        draft.overrides.remove(entered)
    else:
        entered.old, entered.new = now, value


def _refuse_values(actor: Actor, area: Area, values: Mapping[Cell, Any]) -> None:
    items = area.items()
    for cell, value in values.items():
        if why := area.why_not(actor, items[cell[:2]], cell[2], value):
            raise Refused(why)


def _refuse_together(
    area: Area, wanted: Mapping[Cell, Any], draft: ChangeSet | None, beside: Beside
) -> None:
    items = area.items()
    held = {c: one.new for c, one in _by_cell(draft, area.name).items() if c[:2] in items}
    for why in area.why_not_together({**held, **wanted}, {**_beside(draft), **beside}).values():
        raise Refused(why)


def _refuse_unknown(area: Area, cells: Collection[Cell]) -> None:
    items = area.items()
    names = sorted(
        {f"{target} {key}" for target, key, _scope in cells if (target, key) not in items}
    )
    if names:
        raise Refused(
            gettext(
                "There is nothing of this name to change; load the page again. Unknown: %(names)s",
                names=gettext(", ").join(names[:MOST_NAMED]),
            )
        )


def _refuse_collisions(area: Area, wanted: Collection[Cell], draft: ChangeSet | None) -> None:
    """Refuse what stands in the draft of a colleague, or in a set that takes effect later."""
    others = db.session.scalars(
        select(Override)
        .join(ChangeSet)
        .where(
            ChangeSet.state.in_(OPEN),
            ChangeSet.id != (draft.id if draft else 0),
            Override.area == area.name,
            Override.target.in_({target for target, _key, _scope in wanted}),
        )
        .order_by(Override.id)
    )
    for one in others:
        if (one.target, one.key, one.scope) in wanted and not _is_abandoned(one.change_set):
            raise Refused(
                gettext(
                    "%(name)s changes this already in set %(number)s (%(state)s): %(line)s. Agree with each other first.",
                    name=one.change_set.author,
                    number=one.set_id,
                    state=one.change_set.state.label,
                    line=line_of(one),
                ),
                f"{one.target} {one.key}",
            )


def _is_abandoned(change_set: ChangeSet) -> bool:
    """Return whether a set is the draft of somebody who can publish it no more, so that it holds up nobody."""
    is_draft = change_set.state is ChangeSetState.DRAFT
    author = change_set.author_id, change_set.author_role
    return is_draft and not two_administrators.holds(*author)
