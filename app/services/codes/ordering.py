"""The order in which a dictionary offers its values."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.engine import Refused
from app.ground.actor import Actor
from app.models import Dictionary, DictItem
from app.services.ground import versions
from app.services.ground.audit import audit


def in_order(session: Session, kind: str) -> list[DictItem]:
    """Return the values of a dictionary in their order."""
    query = select(DictItem).where(DictItem.kind == kind)
    return list(session.scalars(query.order_by(DictItem.order, DictItem.id)))


def moved(keys: Sequence[int], key: int, step: int) -> list[int]:
    """Return keys with one moved by `step` places, at most to the first or last one."""
    rest = [one for one in keys if one != key]
    place = max(0, min(len(rest), list(keys).index(key) + step))
    return [*rest[:place], key, *rest[place:]]


def put_in_order(
    session: Session, head: Dictionary, keys: Sequence[int], *, seen: int, actor: Actor
) -> bool:
    """Put the values in the order of `keys` and return whether that changed anything; the caller commits.

    `seen` is the version of the head the order was made from. Raises Refused if values were added meanwhile, and
    StaleDataError at the flush if somebody else changed the order.
    """
    versions.require_version(head, seen)
    items = in_order(session, head.code)
    known = {one.id: one for one in items}
    if sorted(keys) != sorted(known):
        raise Refused(
            gettext("Values were added meanwhile. Open the page again and put them in order.")
        )
    wanted = [known[key] for key in keys]
    if wanted == items:
        return False
    before, after = _words(items), _words(wanted)
    # the order belongs to the head: a value that a colleague is editing keeps its version
    for place, one in enumerate(wanted, start=1):
        if one.order != place:
            session.execute(update(DictItem).where(DictItem.id == one.id).values(order=place))
    flag_modified(head, "name")
    session.flush()
    audit(
        "maintenance",
        actor=actor,
        subject=f"dictionary:{head.code}",
        details={"from": before, "to": after},
    )
    return True


def _words(items: Sequence[DictItem]) -> str:
    return gettext("Order") + gettext(": ") + gettext(", ").join(one.label for one in items)[:1000]
