"""Return the data that a browser would submit for the unchanged form of a page."""

from collections.abc import Iterable, Iterator

from werkzeug.datastructures import MultiDict

from tests.journeys.markup import Node, parse

NEVER_SENT = ("button", "submit", "file", "image", "reset")


def sent(text: str) -> MultiDict[str, str]:
    """Return the values of the one form of the page that has fields to fill in."""
    forms = [one for one in parse(text).all("form", method="post") if one.all("select", "textarea")]
    main = max(
        forms or parse(text).all("form", method="post"), key=lambda one: len(one.all("input"))
    )
    return multi(
        pair for control in main.all("input", "select", "textarea") for pair in _of(control)
    )


def multi(pairs: Iterable[tuple[str, str]]) -> MultiDict[str, str]:
    return MultiDict(list(pairs))


def _of(control: Node) -> Iterator[tuple[str, str]]:
    name, kind = control.get("name"), control.get("type")
    if not name or control.has("disabled") or kind in NEVER_SENT:
        return
    if control.tag == "select":
        for option in control.all("option"):
            if option.has("selected"):
                yield name, option.get("value")
    elif control.tag == "textarea":
        yield name, "".join(child for child in control.children if isinstance(child, str)).strip()
    elif kind not in ("checkbox", "radio") or control.has("checked"):
        yield name, control.get("value", "on" if kind == "checkbox" else "")
