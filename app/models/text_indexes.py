"""Indexes for searches of names by any part of them, and of numbers by their beginning or end.

Neither database finds `LIKE '%…%'` by an index. A name of up to MOST_INDEXED characters contains two or more typed
ones only if they stand at its first, second or third place; the few longer names are found by their length. What
is asked is in `app/views/base/search/indexed.py`; it uses the same expressions.
"""

from typing import Any

from sqlalchemy import Index, func, literal_column

PLACES = (1, 2, 3)
"""Places of a name from which it is indexed."""
MOST_INDEXED = 4
"""Characters of the longest name of which every part is indexed."""
LONGEST = 64
"""Characters that a name has at most."""
TAIL = 4
"""Last characters of a number that are indexed together."""
NAMED = frozenset({"application", "certificate", "person"})
NUMBERED = frozenset({"application", "certificate"})
"""Tables whose `name` and `number` have these indexes."""


def from_place(name: Any, place: int) -> Any:
    """Return the expression of a name in small letters from one of its places on."""
    return func.substr(func.lower(name), literal_column(str(place)))


def is_long(name: Any) -> Any:
    """Return the condition that not every part of a name is indexed.

    It has both ends, as SQLite takes a range with one end for a quarter of all rows and scans them.
    """
    return func.length(name).between(MOST_INDEXED + 1, LONGEST)


def whole(number: Any) -> Any:
    """Return the expression of a number that is compared from its beginning."""
    return func.substr(number, literal_column("1"))


def tail(number: Any) -> Any:
    """Return the expression of the last characters of a number."""
    return func.substr(number, func.length(number) - literal_column(str(TAIL - 1)))


def of_name(table: str) -> list[Index]:
    """Return the indexes of the column `name` of a table."""
    name: Any = literal_column("name")
    places = [_prefix(f"ix_{table}_name_{place}", from_place(name, place)) for place in PLACES]
    return [*places, Index(f"ix_{table}_name_length", func.length(name))]


def of_number(table: str) -> list[Index]:
    """Return the indexes of the column `number` of a table."""
    number: Any = literal_column("number")
    return [
        _prefix(f"ix_{table}_number_whole", whole(number)),
        _prefix(f"ix_{table}_number_tail", tail(number)),
    ]


def _prefix(name: str, expression: Any) -> Index:
    """Return an index by which PostgreSQL finds what begins with a text, whatever its collation."""
    return Index(name, expression.label("part"), postgresql_ops={"part": "text_pattern_ops"})
