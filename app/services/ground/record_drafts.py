"""Drafts of new records: kept as they were typed, without any rule, until the record is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import Select, func, select

from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import RecordDraft

MOST = 10
"""Drafts of one position in one menu."""
LONGEST = 200_000
"""Characters of all that is typed into one form."""
LONGEST_TITLE = 120
LARGEST_KEY = 2**31 - 1


@dataclass(frozen=True)
class Typed:
    """A form as it was sent: (name, value) of its fields in order, and the labels of the fields by name."""

    pairs: Sequence[tuple[str, str]]
    labels: Mapping[str, str]


def of_menu(actor: Actor, menu: str) -> list[RecordDraft]:
    """Return the actor's drafts of a menu, the newest first."""
    newest = _own(actor, menu).order_by(RecordDraft.saved_at.desc(), RecordDraft.id.desc())
    return list(db.session.scalars(newest.limit(MOST)))


def find(actor: Actor, menu: str, key: int) -> RecordDraft | None:
    """Return one of the actor's drafts of a menu; None for any other."""
    if not 0 < key <= LARGEST_KEY:
        return None
    return db.session.scalars(_own(actor, menu).where(RecordDraft.id == key)).one_or_none()


def save(
    actor: Actor, menu: str, title: str, typed: Typed, *, at: datetime, key: int
) -> RecordDraft:
    """Store what was typed as the draft `key`, or as a new one. Raises Refused beyond `MOST` or `LONGEST`."""
    _check_length(typed)
    draft = find(actor, menu, key) or _new(actor, menu)
    draft.title, draft.saved_at = _printable(title), at
    draft.typed, draft.labels = [list(pair) for pair in typed.pairs], dict(typed.labels)
    db.session.flush()
    return draft


def drop(actor: Actor, menu: str, key: int) -> RecordDraft | None:
    """Delete one of the actor's drafts and return it; None if there is none."""
    found = find(actor, menu, key)
    if found is not None:
        db.session.delete(found)
        db.session.flush()
    return found


def _check_length(typed: Typed) -> None:
    if sum(len(name) + len(value) for name, value in typed.pairs) > LONGEST:
        raise Refused(
            gettext(
                "The draft is longer than %(most)s characters. Shorten the longest texts.",
                most=f"{LONGEST:,}",
            )
        )


def _new(actor: Actor, menu: str) -> RecordDraft:
    own = _own(actor, menu).with_only_columns(func.count())
    if (db.session.scalar(own) or 0) >= MOST:
        raise Refused(
            gettext(
                "You have %(most)s drafts here already. Go on with one of them, or delete one in the list.",
                most=MOST,
            )
        )
    draft = RecordDraft(position_id=actor.position_id, menu=menu)
    db.session.add(draft)
    return draft


def _printable(title: str) -> str:
    return "".join(one for one in title if one.isprintable())[:LONGEST_TITLE]


def _own(actor: Actor, menu: str) -> Select[tuple[RecordDraft]]:
    return select(RecordDraft).where(
        RecordDraft.position_id == actor.position_id, RecordDraft.menu == menu
    )
