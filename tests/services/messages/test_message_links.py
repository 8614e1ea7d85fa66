"""Links in the text of messages: lists of this system alone."""

import pytest

from app.services.messages import message_links


def test_parts_separate_links_from_text() -> None:
    text = f"甲：{message_links.link('1.1.1 [初审]', '/g/1.1.1/check/?todo=waiting')}，3 件"

    assert list(message_links.parts(text)) == [
        ("甲：", ""),
        ("1.1.1 （初审）", "/g/1.1.1/check/?todo=waiting"),
        ("，3 件", ""),
    ]
    assert message_links.plain(text, "https://a.example") == (
        "甲：1.1.1 （初审） https://a.example/g/1.1.1/check/?todo=waiting，3 件"
    )


@pytest.mark.parametrize(
    "typed",
    ["[a](https://evil.example)", "[a](//evil.example)", "[a](/login/)", "[a](javascript:x)"],
)
def test_nothing_else_becomes_a_link(typed: str) -> None:
    assert list(message_links.parts(typed)) == [(typed, "")]
