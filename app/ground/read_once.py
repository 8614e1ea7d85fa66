"""What a page or a press reads from the database once, kept with its session.

A value is forgotten as soon as a table it came from is written, rows are locked or the transaction ends, so it is
what the database would answer again. Acts on many records can `put` what was read for all of them at once.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

KEPT = "read once"
MOST = 5000
"""So many values are kept at most; a job over many records in one transaction begins anew after that."""
Value = TypeVar("Value")
Entry = tuple[frozenset[str], Any]


def of(
    session: Session, key: Hashable, models: Iterable[type[Any]], read: Callable[[], Value]
) -> Value:
    """Return the value of `key`, read by `read` from the tables of `models` unless it is known."""
    _write_pending(session)
    kept = _kept(session)
    if key not in kept:
        value = read()
        put(session, key, models, value)
        return value
    known: Value = kept[key][1]
    return known


def of_many(
    session: Session,
    name: str,
    keys: Sequence[Any],
    models: Iterable[type[Any]],
    read: Callable[[Sequence[Any]], Mapping[Any, Value]],
    otherwise: Value,
) -> dict[Any, Value]:
    """Return the values of many keys under `name`; those not known are read at once, `otherwise` where there is none."""
    _write_pending(session)
    kept, models = _kept(session), tuple(models)
    missing = [key for key in dict.fromkeys(keys) if (name, key) not in kept]
    read_now = read(missing) if missing else {}
    found = {key: kept[name, key][1] for key in keys if (name, key) in kept}
    for key in missing:
        found[key] = read_now.get(key, otherwise)
        put(session, (name, key), models, found[key])
    return found


def put(session: Session, key: Hashable, models: Iterable[type[Any]], value: Any) -> None:
    """Keep a value that was just read together with others."""
    kept = _kept(session)
    if len(kept) >= MOST:
        kept.clear()
    kept[key] = (frozenset(model.__tablename__ for model in models), value)


def _kept(session: Session) -> dict[Hashable, Entry]:
    kept: dict[Hashable, Entry] = session.info.setdefault(KEPT, {})
    return kept


def _write_pending(session: Session) -> None:
    """Write what is not written yet, as a statement would."""
    if session.autoflush and (session.new or session.dirty or session.deleted):
        session.flush()


def _forget(session: Session, tables: set[str] | None = None) -> None:
    kept = session.info.get(KEPT)
    if not kept:
        return
    for key in [key for key, (names, _value) in kept.items() if tables is None or names & tables]:
        del kept[key]


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: UOWTransaction) -> None:
    if session.info.get(KEPT):
        written = (*session.new, *session.dirty, *session.deleted)
        _forget(session, {one.__tablename__ for one in written if hasattr(one, "__tablename__")})


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    _forget(session)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, _previous: Any) -> None:
    _forget(session)


@event.listens_for(Session, "do_orm_execute")
def _executed(state: ORMExecuteState) -> None:
    """Forget what a statement writes; all of it where that is not known, and where rows are locked."""
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is None:
        return
    table = getattr(state.statement, "table", None)
    is_known = state.is_insert or state.is_update or state.is_delete
    name = getattr(table, "name", None) if is_known else None
    _forget(state.session, {name} if name else None)
