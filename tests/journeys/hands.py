"""How somebody uses the program: opens pages, fills fields, presses buttons. Here by plain HTTP.

`Hand` is what the steps of the guide are written in (driver.py). `PaperHand` reads each page as a careful
person would: it fills only fields that are there, chooses only what is offered and presses only buttons that
can be pressed. The browser tests bring a hand that moves Chromium.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from tests.journeys.markup import Node, parse

CONTROLS = ("input", "select", "textarea")
TICKS = ("radio", "checkbox")


@dataclass(frozen=True)
class File:
    """A file on the person's own machine."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Found:
    """An entry of a register, found by typing a part of its name."""

    text: str


class Hand(Protocol):
    """What a person does with the program."""

    @property
    def path(self) -> str: ...

    @property
    def text(self) -> str: ...

    def open(self, path: str) -> None: ...

    def fill(self, values: Mapping[str, Any], *, within: str = "") -> None: ...

    def names(self, prefix: str) -> list[str]: ...

    def tick_rows(self, labels: list[str]) -> None: ...

    def add_row(self, rows: str) -> None: ...

    def press(self, label: str, *, within: str = "") -> None: ...

    def download(self, label: str) -> bytes: ...


class PaperHand:
    """A person without a screen: reads the markup, sends the forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page = parse("")
        self.path = ""
        self.status = 0
        self.typed: dict[int, dict[str, Any]] = {}

    @property
    def text(self) -> str:
        """Return the words of the page's main part."""
        return self._main().text

    @property
    def token(self) -> str:
        """Return the token a form of this page carries."""
        return self.page.all("input", name="csrf_token")[0].get("value")

    def open(self, path: str) -> None:
        self._take(self.client.get(path))

    def fill(self, values: Mapping[str, Any], *, within: str = "") -> None:
        """Fill fields of the first form that has them all; below the element `within`, if given."""
        form = self._form_with(list(values), self._place(within))
        typed = self.typed.setdefault(id(form), {})
        for name, value in values.items():
            typed[name] = self._answer(form, name, value)

    def names(self, prefix: str) -> list[str]:
        """Return the names of the fields that begin like this, in the order of the page."""
        fields = (node.get("name") for node in self._main().all(*CONTROLS))
        return [name for name in fields if name.startswith(prefix)]

    def tick_rows(self, labels: list[str]) -> None:
        """Tick the rows of the list that belong to `labels`."""
        for label in labels:
            boxes = [
                box
                for box in self._main().all("input", name="pk")
                if box.get("aria-label").endswith(label)
            ]
            assert len(boxes) == 1, f"{len(boxes)} rows for {label} in {self.path}: {self.text}"
            boxes[0].attributes["checked"] = ""

    def add_row(self, rows: str) -> None:
        """Press the button that adds a row to a table of the form."""
        box = self._main().one("fieldset", id=rows)
        number = box.get("data-next")
        body = box.one("tbody")
        template = next(node for node in box.walk() if node.tag == "template")
        for row in template.numbered(number):
            row.parent = body
            body.children.append(row)
        box.attributes["data-next"] = str(int(number) + 1)

    def press(self, label: str, *, within: str = "") -> None:
        """Press a button, or follow a link, by its words."""
        chosen = _labelled(self._place(within).all("button", "a"), label)
        assert chosen is not None, f"no {label} in {self.path}: {self.text}"
        assert chosen.get("aria-disabled") != "true", chosen.get("data-why")
        assert not chosen.has("disabled"), chosen.get("title")
        if chosen.tag == "a":
            self.open(chosen.get("href"))
        else:
            self._send(chosen)

    def download(self, label: str) -> bytes:
        """Return what is behind a link."""
        link = _labelled(self._main().all("a"), label)
        assert link is not None, f"no {label} in {self.path}: {self.text}"
        answer = self.client.get(link.get("href"))
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    # reading

    def _main(self) -> Node:
        return next(iter(self.page.all("main")), self.page)

    def _place(self, within: str) -> Node:
        return self._main().one(id=within) if within else self._main()

    def _form_with(self, names: list[str], place: Node) -> Node:
        forms = [
            form
            for form in place.all("form")
            if set(names) <= {node.get("name") for node in form.all(*CONTROLS)}
        ]
        assert forms, f"no form with {names} in {self.path} ({self.status}): {self.text}"
        return forms[0]

    def _answer(self, form: Node, name: str, value: Any) -> Any:
        fields = [node for node in form.all(*CONTROLS) if node.get("name") == name]
        field = fields[0]
        assert not field.has("disabled"), f"{name} is closed"
        if isinstance(value, Found):
            return self._look_up(field, value)
        if field.get("type") in TICKS and not isinstance(value, bool):
            wanted = value if isinstance(value, list) else [value]
            return [_offered(self._labels(fields), one, name) for one in wanted]
        if field.tag == "select":
            return _offered([(o.get("value"), o.raw) for o in field.all("option")], value, name)
        if isinstance(value, bool):
            return [field.get("value", "y")] if value else []
        return value

    def _labels(self, fields: list[Node]) -> list[tuple[str, str]]:
        labels = {node.get("for"): node.text for node in self._main().all("label")}
        return [(node.get("value"), labels.get(node.get("id"), "")) for node in fields]

    def _look_up(self, field: Node, wanted: Found) -> str:
        answer = self.client.get(field.get("data-lookup-url"), query_string={"q": wanted.text})
        rows = [(str(row["id"]), row["text"]) for row in answer.json["results"]]
        return _offered(rows, wanted.text, field.get("name"))

    # sending

    def _send(self, button: Node) -> None:
        form = button.above("form")
        assert form is not None, "the button belongs to no form"
        fields = _fields(form, self.typed.get(id(form), {}))
        if button.get("name"):
            fields.append((button.get("name"), button.get("value")))
        target = button.get("formaction") or form.get("action") or self.path
        if form.get("method").lower() == "post":
            self._take(self.client.post(target, data=_body(fields)))
        else:
            plain = [(name, value) for name, value in fields if isinstance(value, str)]
            self._take(self.client.get(urlsplit(target).path, query_string=plain))

    def _take(self, answer: Any) -> None:
        while answer.status_code in (301, 302, 303, 308):
            answer = self.client.get(answer.location)
        self.status, self.path = answer.status_code, answer.request.full_path.rstrip("?")
        self.page, self.typed = parse(answer.text), {}


def _labelled(nodes: list[Node], label: str) -> Node | None:
    """Return a button with exactly these words, else a link with them, else what contains them."""
    shown = [node for node in nodes if not node.has("hidden")]
    shown.sort(key=lambda node: "btn" not in node.get("class").split())
    exact = [node for node in shown if node.text == label]
    return next(iter(exact or [node for node in shown if label in node.text]), None)


def _offered(choices: list[tuple[str, str]], wanted: Any, name: str) -> str:
    """Return the value of the choice with this label, or with this value."""
    exact = [value for value, label in choices if wanted in (label, value)]
    found = exact or [value for value, label in choices if str(wanted) in label]
    assert found, f"{wanted} is not offered for {name}: {choices}"
    return found[0]


def _fields(form: Node, typed: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what a browser would send: the typed values, and the others as they stand."""
    fields: list[tuple[str, Any]] = []
    done: set[str] = set()
    for node in form.all(*CONTROLS):
        name = node.get("name")
        if not name or node.has("disabled"):
            continue
        if name in typed and name in done:
            continue
        values = _listed(typed[name]) if name in typed else _standing(node)
        fields += [(name, value) for value in values]
        done.add(name)
    return fields


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _standing(node: Node) -> list[str]:
    if node.tag == "textarea":
        return [node.raw]
    if node.tag == "select":
        options = node.all("option")
        chosen = [option for option in options if option.has("selected")] or options[:1]
        return [option.get("value") for option in chosen]
    if node.get("type") in TICKS:
        return [node.get("value", "on")] if node.has("checked") else []
    return [] if node.get("type") == "file" else [node.get("value")]


def _body(fields: list[tuple[str, Any]]) -> dict[str, list[Any]]:
    body: dict[str, list[Any]] = {}
    for name, value in fields:
        sent = (io.BytesIO(value.content), value.name) if isinstance(value, File) else str(value)
        body.setdefault(name, []).append(sent)
    return body
