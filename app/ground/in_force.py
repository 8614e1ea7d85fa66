"""What administrators changed in the browser, as it holds for the request in hand.

The values are put here once at the beginning of a request (`services/customising/loading.py`); reading them asks the
database nothing, so that words and screens can read them anywhere. Outside of a request the program's own values hold.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import g

from app.enums import Role

Cell = tuple[str, str, str]
"""Target, key and scope: where one value stands. The scope is "" for everybody, or a role."""
Values = Mapping[str, Mapping[Cell, Any]]
"""The values that differ from the program's own, by area."""
Kept = tuple[Values, Role | None, str, dict[Any, Any], dict[str, Any]]
KEPT = "in_force"
WORDS = "words"
"""Area of the texts of the program."""
NOTHING: Mapping[Cell, Any] = {}


def put(values: Values, role: Role | None, stamp: str, made: dict[str, Any] | None = None) -> None:
    """Let `values` hold for the rest of the request, seen by somebody in `role`.

    `made` is what was `computed` of the same values for the same role, by requests before.
    """
    setattr(g, KEPT, (values, role, stamp, {}, {} if made is None else made))


def forget() -> None:
    """Let the program's own values hold again."""
    g.pop(KEPT, None)


@contextmanager
def without(area: str) -> Iterator[None]:
    """Let the program's own values of an area hold for a while."""
    found = _kept()
    if found is None or area not in found[0]:
        yield
        return
    values, role, stamped, _memo, _made = found
    others = {name: cells for name, cells in values.items() if name != area}
    put(others, role, f"{stamped}-{area}")
    try:
        yield
    finally:
        setattr(g, KEPT, found)


@contextmanager
def in_program_words() -> Iterator[None]:
    """Let the program's own words hold: for what is signed, sealed or told by its digest, and for headings to be read."""
    with without(WORDS):
        yield


def stamp() -> str:
    """Return what identifies the values of this request; "" for the program's own."""
    found = _kept()
    return found[2] if found else ""


def reader() -> Role | None:
    """Return the role in which somebody reads, None outside of a request and for nobody."""
    found = _kept()
    return found[1] if found else None


def memo() -> dict[Any, Any]:
    """Return where to keep what was made of the values of this request and of more, until its end."""
    found = _kept()
    return found[3] if found else {}


def computed(name: str, compute: Callable[[], Any], default: Any) -> Any:
    """Return what `compute` makes of values and role alone, once per worker while they hold; `default` outside of a request."""
    found = _kept()
    if found is None:
        return default
    made = found[4]
    if name not in made:
        made[name] = compute()
    return made[name]


def of_area(area: str) -> Mapping[Cell, Any]:
    """Return the values of an area that differ from the program's own."""
    found = _kept()
    return found[0].get(area, NOTHING) if found else NOTHING


def value(area: str, target: str, key: str, default: Any = None) -> Any:
    """Return what holds for the reader's role, else for everybody, else `default`."""
    found = _kept()
    if found is None:
        return default
    values, role, _stamp, _memo, _made = found
    cells = values.get(area)
    if not cells:
        return default
    if role is not None and (target, key, role.value) in cells:
        return cells[target, key, role.value]
    return cells.get((target, key, ""), default)


def of_reader(area: str) -> Mapping[tuple[str, str], Any]:
    """Return the values of an area that hold for the reader by target and key: the role's, else everybody's."""
    found = _kept()
    cells = found[0].get(area, NOTHING) if found else NOTHING
    role = found[1].value if found and found[1] else ""
    everybody = {cell[:2]: one for cell, one in cells.items() if not cell[2]}
    return everybody | {cell[:2]: one for cell, one in cells.items() if role and cell[2] == role}


def _kept() -> Kept | None:
    try:
        # asked for once: each access to the proxy `g` looks for the request anew
        found: Kept | None = g._get_current_object().get(KEPT)
    except RuntimeError:
        return None
    return found
