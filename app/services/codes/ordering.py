"""The order in which a code table offers its rows: the values of a dictionary, the kinds of material."""

from collections.abc import Sequence
from typing import Any, Protocol
from zlib import crc32

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from app.engine import Refused
from app.ground.actor import Actor
from app.models import Dictionary, DictItem, MaterialKind
from app.services.ground import versions
from app.services.ground.audit import audit

LARGEST_VERSION = 10**8


class Ordered(Protocol):
    """Rows that have an order. `version` is that of the order alone: a row that a colleague is editing keeps its own."""

    model: type[Any]
    subject: str

    @property
    def version(self) -> int: ...

    def rows(self) -> list[Any]:
        """Return the rows in their order."""

    def require(self, seen: int) -> None:
        """Let the order be written only if it is still the one that was seen. Raises Refused, or StaleDataError later."""

    def touch(self) -> None:
        """Give the order a new version."""

    def word(self, row: Any) -> str:
        """Return how a row is called."""


class ValuesInOrder:
    """The values of a dictionary; their order has the version of the dictionary."""

    model = DictItem

    def __init__(self, session: Session, head: Dictionary) -> None:
        self.session, self.head, self.subject = session, head, f"dictionary:{head.code}"

    @property
    def version(self) -> int:
        return self.head.version

    def rows(self) -> list[DictItem]:
        return in_order(self.session, self.head.code)

    def require(self, seen: int) -> None:
        versions.require_version(self.head, seen)

    def touch(self) -> None:
        flag_modified(self.head, "name")
        self.session.flush()

    def word(self, row: DictItem) -> str:
        return row.label


class KindsInOrder:
    """The kinds of material. They have no head, so the version of their order is told by the order itself."""

    model = MaterialKind
    subject = "material_kind:order"

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def version(self) -> int:
        return crc32(",".join(one.code for one in self.rows()).encode()) % LARGEST_VERSION

    def rows(self) -> list[MaterialKind]:
        query = select(MaterialKind).order_by(MaterialKind.order, MaterialKind.code)
        return list(self.session.scalars(query))

    def require(self, seen: int) -> None:
        """Lock the rows, so that the second of two orders is told and not mixed with the first."""
        locking = select(MaterialKind).order_by(MaterialKind.code).with_for_update()
        self.session.scalars(locking.execution_options(populate_existing=True)).all()
        if seen != self.version:
            raise versions.outdated_refusal(self.subject)

    def touch(self) -> None:
        """Leave it to the rows."""

    def word(self, row: MaterialKind) -> str:
        return row.name


def in_order(session: Session, kind: str) -> list[DictItem]:
    """Return the values of a dictionary in their order."""
    query = select(DictItem).where(DictItem.kind == kind)
    return list(session.scalars(query.order_by(DictItem.order, DictItem.id)))


def key_of(row: Any) -> str:
    """Return the primary key of a row as pages send it."""
    (column,) = type(row).__mapper__.primary_key
    return str(getattr(row, column.key))


def moved(keys: Sequence[str], key: str, step: int) -> list[str]:
    """Return keys with one moved by `step` places, at most to the first or last one. Raises ValueError without it."""
    rest = [one for one in keys if one != key]
    place = max(0, min(len(rest), list(keys).index(key) + step))
    return [*rest[:place], key, *rest[place:]]


def put_in_order(
    session: Session, ordered: Ordered, keys: Sequence[str], *, seen: int, actor: Actor
) -> bool:
    """Put rows in the order of `keys` and return whether that changed anything; the caller commits.

    `seen` is the version that the order was made from. Raises Refused if rows were added or put in order meanwhile,
    of a dictionary StaleDataError at the flush if somebody else changed the order.
    """
    ordered.require(seen)
    rows = ordered.rows()
    known = {key_of(one): one for one in rows}
    if sorted(keys) != sorted(known):
        raise Refused(
            gettext("Values were added meanwhile. Open the page again and put them in order.")
        )
    wanted = [known[key] for key in keys]
    if wanted == rows:
        return False
    before, after = _words(ordered, rows), _words(ordered, wanted)
    _number(session, ordered.model, wanted)
    ordered.touch()
    audit(
        "maintenance",
        actor=actor,
        subject=ordered.subject,
        details={"from": before, "to": after},
    )
    return True


def _number(session: Session, model: type[Any], rows: Sequence[Any]) -> None:
    """Number rows from 1; the order is none of a row's own facts, its version stays."""
    (key,) = model.__mapper__.primary_key
    for place, one in enumerate(rows, start=1):
        if one.order != place:
            session.execute(update(model).where(key == getattr(one, key.key)).values(order=place))


def _words(ordered: Ordered, rows: Sequence[Any]) -> str:
    named = gettext(", ").join(ordered.word(one) for one in rows)
    return gettext("Order") + gettext(": ") + named[:1000]
