"""Named numbers: defaults, stored values, bounds, one reading per request."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import event, select

from app import settings
from app.extensions import db
from app.models.settings import Setting
from app.numbers import NUMBERS, Number
from app.validators import Invalid


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    with force_locale("en"):
        yield


def number(kind: str, default: object, maximum: int = 10) -> Number:
    return Number("k", kind, default, "units", 0, maximum, "A label", "")  # type: ignore[arg-type]  # kinds are tried by name


def test_defaults_lie_within_their_own_bounds() -> None:
    for key, entry in NUMBERS.items():
        assert entry.key == key
        assert entry.parse(str(entry.default)) == entry.default
        assert str(entry.label)
        assert str(entry.help)
        assert len(key) <= 64


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("notice_days", 5),
        ("plan_lead_days", 15),
        ("plan_lead_days_self_review", 10),
        ("senior_cap_percent", 40),
        ("associate_cap_percent", 55),
        ("committee_min_by_series", 25),
        ("committee_min_by_specialty", 11),
        ("certificate_region", "43"),
        ("public_query_per_minute", 30),
    ],
)
def test_get_returns_the_default_when_nothing_is_stored(key: str, default: object) -> None:
    assert settings.get(key) == default


def test_get_refuses_an_unknown_key() -> None:
    with pytest.raises(KeyError):
        settings.get("no_such_number")


def test_put_stores_a_value_that_get_returns() -> None:
    settings.store_value("notice_days", " ７ ")
    assert settings.get("notice_days") == 7

    settings.store_value("notice_days", "8")

    assert settings.get("notice_days") == 8
    rows = db.session.scalars(
        select(Setting).filter_by(key="notice_days").order_by(Setting.number)
    ).all()
    assert [(one.before, one.value) for one in rows] == [("5", "7"), ("7", "8")]


@pytest.mark.parametrize(
    ("key", "raw", "words"),
    [
        ("notice_days", "4", "must be between 5 and 30 working days"),
        ("notice_days", "31", "must be between 5 and 30 working days"),
        ("notice_days", "", "must be a whole number"),
        ("notice_days", "5.5", "must be a whole number"),
        ("notice_days", "五", "must be a whole number"),
        ("notice_days", "--5", "must be a whole number"),
        ("notice_days", "9" * 400, "must be between"),
        ("notice_days", "9" * 501, "at most 500"),
        ("certificate_region", "4", "must be between 2 and 6 characters"),
        ("certificate_region", "43\u200b", "cannot be seen"),
    ],
)
def test_put_refuses_with_a_sentence_and_changes_nothing(key: str, raw: str, words: str) -> None:
    before = settings.get(key)

    with pytest.raises(Invalid) as refused:
        settings.store_value(key, raw)

    assert words in str(refused.value)
    assert settings.get(key) == before


def test_a_stored_value_out_of_bounds_counts_as_none() -> None:
    db.session.add(Setting(key="notice_days", value="1"))
    db.session.flush()

    assert settings.get("notice_days") == 5


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("bool", "1", True),
        ("bool", "No", False),
        ("decimal", "2.50", Decimal("2.50")),
        ("text", " 湘 ", "湘"),
        ("int", "0", 0),
    ],
)
def test_parse_knows_every_kind(kind: str, raw: str, value: object) -> None:
    assert number(kind, value).parse(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"), [("bool", "maybe"), ("decimal", "NaN"), ("decimal", "1e3"), ("decimal", "")]
)
def test_parse_refuses_what_is_not_of_its_kind(kind: str, raw: str) -> None:
    with pytest.raises(Invalid, match="A label"):
        number(kind, 1).parse(raw)


def test_one_request_reads_the_table_once_and_sees_its_own_change(app: Flask) -> None:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    with app.test_request_context():
        event.listen(db.engine, "before_cursor_execute", note)
        for key in NUMBERS:
            settings.get(key)
        event.remove(db.engine, "before_cursor_execute", note)
        settings.store_value("ban_years", "4")
        changed = settings.get("ban_years")

    assert len([statement for statement in sent if "setting" in statement]) == 1
    assert changed == 4


def test_the_next_request_reads_anew(app: Flask) -> None:
    with app.test_request_context():
        first = settings.get("ban_years")
    db.session.add(Setting(key="ban_years", value="5"))
    db.session.flush()

    with app.test_request_context():
        assert (first, settings.get("ban_years")) == (3, 5)
