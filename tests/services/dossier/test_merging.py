"""Changes of two devices put together: nothing that was acknowledged is lost without a word."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.services.dossier import merging
from app.services.dossier.merging import Change, Conflict
from app.services.form.form_parts import Field, SectionDef

SECTION = SectionDef(
    key="papers",
    words=("论文", "Papers"),
    is_repeated=True,
    max_rows=40,
    fields=(
        Field("title", ("题名", "Title")),
        Field("published", ("发表时间", "Published"), "month"),
        Field("is_representative", ("代表作", "Representative"), "tick"),
    ),
)


def row(title: str | None = None, published: str | None = None, is_ticked: bool = False) -> Any:
    return {"title": title, "published": published, "is_representative": is_ticked}


def put(stored: dict[str, Any], change: Change) -> merging.MergeResult:
    return merging.merge_change(SECTION, {}, stored, change)


def test_a_changed_field_is_taken_over() -> None:
    outcome = put({"a": row("甲")}, Change(fields={"a": {"title": ("甲", "乙")}}))

    assert outcome.rows == {"a": row("乙")}
    assert (outcome.faults, outcome.conflicts) == ({}, [])


def test_what_cannot_be_read_keeps_what_stood_there_and_does_not_hold_up_the_rest(
    app: Flask,
) -> None:
    change = Change(fields={"a": {"published": ("2020-01", "2019-13"), "title": ("甲", "乙")}})

    outcome = put({"a": row("甲", "2020-01")}, change)

    assert outcome.rows == {"a": row("乙", "2020-01")}
    assert list(outcome.faults) == [("a", "published")]


def test_a_field_changed_elsewhere_waits_for_a_choice() -> None:
    outcome = put({"a": row("丙")}, Change(fields={"a": {"title": ("甲", "乙")}}))

    assert outcome.rows == {"a": row("丙")}
    assert outcome.conflicts == [Conflict("a", "title", "乙", "丙")]


def test_other_fields_of_the_row_are_merged() -> None:
    change = Change(fields={"a": {"is_representative": ("", "y")}})

    outcome = put({"a": row("改过的")}, change)

    assert outcome.rows == {"a": row("改过的", None, True)}
    assert outcome.conflicts == []


@pytest.mark.parametrize("typed", ["乙", " 乙 ", "乙\u3000"])
def test_the_same_value_from_both_is_no_conflict(typed: str) -> None:
    outcome = put({"a": row("乙")}, Change(fields={"a": {"title": ("甲", typed)}}))

    assert (outcome.rows, outcome.conflicts) == ({"a": row("乙")}, [])


def test_a_row_removed_elsewhere_and_changed_here_waits_for_a_choice() -> None:
    outcome = put({}, Change(fields={"a": {"title": ("甲", "乙")}}))

    assert outcome.conflicts == [Conflict("a", "", "乙", "")]


def test_a_row_changed_elsewhere_and_removed_here_waits_for_a_choice() -> None:
    outcome = put({"a": row("丙")}, Change(gone={"a": {"title": "甲"}}))

    assert outcome.rows == {"a": row("丙")}
    assert outcome.conflicts == [Conflict("a", "", "", "丙")]


def test_a_removed_row_is_kept_for_putting_back() -> None:
    stored = {"a": row("甲"), "b": row("乙")}

    outcome = put(stored, Change(gone={"b": {"title": "乙"}}))

    assert outcome.rows == {"a": row("甲")}
    assert outcome.removed == [{"id": "b", "row": row("乙"), "at": 1}]


def test_rows_of_both_are_kept_in_a_sensible_order() -> None:
    stored = {"a": row("甲"), "x": row("别处"), "b": row("乙")}

    outcome = put(stored, Change(added={"n": row_texts("新")}, order=["b", "n", "a"]))

    assert list(outcome.rows) == ["b", "n", "a", "x"]


def test_an_added_row_sent_twice_is_there_once() -> None:
    change = Change(added={"n": row_texts("新")})

    outcome = put({"n": row("新")}, change)

    assert (outcome.rows, outcome.conflicts) == ({"n": row("新")}, [])


def test_an_emptied_row_goes() -> None:
    outcome = put({"a": row("甲")}, Change(fields={"a": {"title": ("甲", "")}}))

    assert outcome.rows == {}


def test_difference_of_a_page_that_does_not_know_what_it_was_made_from_removes_nothing() -> None:
    change = merging.difference(SECTION, None, {"a": row_texts("新")})

    outcome = put({"a": row("旧"), "b": row("乙")}, change)

    assert outcome.rows == {"a": row("旧"), "b": row("乙")}
    assert outcome.conflicts == [Conflict("a", "title", "新", "旧")]


def test_difference_of_line_ends_is_none() -> None:
    change = merging.difference(SECTION, {"a": {"title": "甲\n乙"}}, {"a": {"title": "甲\r\n乙"}})

    assert change == Change()


def row_texts(title: str) -> dict[str, str]:
    return {"title": title, "published": "", "is_representative": ""}


# any sequence of two devices

IDS = ("a", "b", "c")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("type", "tick", "remove", "save", "save", "reload", "swap")),
        st.sampled_from((0, 1)),
        st.sampled_from(IDS),
        st.sampled_from(("", "甲", "乙", "丙")),
    ),
    max_size=40,
)


class Device:
    """A page: what it was made from, and what stands in it now."""

    def __init__(self) -> None:
        self.base: dict[str, dict[str, str]] = {}
        self.page: dict[str, dict[str, str]] = {}

    def load(self, stored: dict[str, Any]) -> None:
        self.base = {key: merging.texts(SECTION, one) for key, one in stored.items()}
        self.page = {key: dict(one) for key, one in self.base.items()}

    def act(self, what: str, key: str, text: str) -> None:
        if what == "remove":
            self.page.pop(key, None)
        elif what == "swap":
            self.page = dict(reversed(self.page.items()))
        else:
            place, typed = (
                ("title", text) if what == "type" else ("is_representative", "y" if text else "")
            )
            self.page.setdefault(key, row_texts(""))[place] = typed


def check_nothing_is_lost(
    before: dict[str, Any], after: dict[str, Any], device: Device, outcome: merging.MergeResult
) -> None:
    """Whatever was stored and is no more had been seen by the device that replaced it."""
    conflicts = {(one.row, one.key) for one in outcome.conflicts}
    for key, stored in before.items():
        for name, text in merging.texts(SECTION, stored).items():
            now = merging.texts(SECTION, after[key])[name] if key in after else ""
            if text and now != text:
                assert device.base[key][name] == text, (key, name, text, now)
    for key, typed in device.page.items():
        for name, text in typed.items():
            changed = text != device.base.get(key, {}).get(name, "")
            if changed and not {(key, name), (key, "")} & conflicts:
                stored_now = merging.texts(SECTION, after[key])[name] if key in after else ""
                assert stored_now == text, "acknowledged, but not stored"


@given(steps=STEPS)
def test_two_devices_never_lose_an_acknowledged_value_silently(steps: list[Any]) -> None:
    stored: dict[str, Any] = {}
    devices = Device(), Device()

    for what, number, key, text in steps:
        device = devices[number]
        if what == "reload":
            device.load(stored)
        elif what == "save":
            change = merging.difference(SECTION, device.base, device.page)
            outcome = put(stored, change)
            check_nothing_is_lost(stored, outcome.rows, device, outcome)
            stored = outcome.rows
            if not outcome.conflicts:
                device.load(stored)
        else:
            device.act(what, key, text)
