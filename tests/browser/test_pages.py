"""Every menu of every role, opened in Chromium: nothing foreign, nothing in the console, nothing too wide, all Chinese."""

import re
from typing import Any

import pytest

from app.enums import Role
from tests.browser.chromium import DESKTOP, PHONE, ChromiumHand
from tests.support.signing import PASSWORD

LINKS = """(() => {
  const main = document.querySelector('main');
  const row = main.querySelector('table.list tbody td.acts');
  const inside = [
    ...main.querySelectorAll('nav.tabs a:not([aria-current])'),
    ...(row ? row.querySelectorAll('a') : []),
    ...main.querySelectorAll('.bar a.go'),
  ];
  return inside.map(link => link.getAttribute('href')).filter(href => href.startsWith('/') && !/\\.(xlsx|json)/.test(href));
})()"""
MENU = "[...document.querySelectorAll('nav.side li a')].map(link => link.getAttribute('href'))"
WORDS = """(() => {
  const said = [document.title, document.body.innerText];
  document.querySelectorAll('[placeholder], [aria-label], [title]').forEach(node => {
    if (node.checkVisibility()) said.push(node.placeholder || '', node.getAttribute('aria-label') || '', node.title);
  });
  return said.join('\\n');
})()"""
ENGLISH = re.compile(r"(?<![A-Za-z0-9._/-])[A-Za-z]{3,}(?![A-Za-z0-9_@-])")
ALLOWED = frozenset(
    {
        "PDF",
        "JPG",
        "PNG",
        "Excel",
        "API",
        "English",
        "APP",
        "ISSN",
        "ISBN",
        "ZIP",
        "Alt",
        "Ctrl",
        "Enter",
        "Esc",
        "JSON",
    }
)
"""Kinds of files and numbers that Chinese writes so too, and the switch to the other language."""
OF_CODES = (
    "/g/form/",
    "/g/eligibility-rules/",
    "/g/audit/",
    "/console/dictionary/",
    "/console/dict-item/",
    "/console/material-kind/",
    "/console/message-template/",
    "/console/work-day/",
)
"""Pages of administrators whose content is codes and account names."""


class Visitor:
    """Walks through everything the menu of one account leads to and notes what is not as it should be."""

    def __init__(self, hand: ChromiumHand, role: str) -> None:
        self.hand, self.role = hand, role
        self.seen: set[str] = set()
        self.faults: list[Any] = []

    def walk(self) -> None:
        self._open("/")
        for address in self.hand.screen.evaluate(MENU):
            self._open(address)
            for inside in self.hand.screen.evaluate(LINKS):
                self._open(inside)

    def _open(self, address: str) -> None:
        address = address.partition("#")[0]  # a place in the same page opens nothing
        pattern = re.sub(r"\d+(?=/?$|\?)|pk=\d+", "#", address)
        if pattern in self.seen:
            return
        self.seen.add(pattern)
        screen = self.hand.screen
        screen.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
        answer = screen.goto(address)
        assert answer is not None
        if answer.status >= 400:
            self._note(address, f"answered {answer.status}")
        self._look(address, DESKTOP[0])
        words = set(ENGLISH.findall(screen.evaluate(WORDS))) - ALLOWED
        if words and not address.startswith(OF_CODES):
            self._note(address, f"English: {sorted(words)}")
        screen.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        self._look(address, PHONE[0])

    def _look(self, address: str, width: int) -> None:
        watch = self.hand.watch
        watch.width = width
        try:
            watch.look_at(self.hand.screen)
        except AssertionError:
            self._note(address, list(watch.faults))
            watch.faults.clear()

    def _note(self, address: str, fault: Any) -> None:
        self.faults.append((self.role, address, fault))


@pytest.mark.filterwarnings("ignore:Yielding raw tuples:DeprecationWarning")
@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_every_role_is_clean(
    accounts: dict[Role, str], new_hand: Any, role: Role
) -> None:
    hand = new_hand()
    hand.open("/login/")
    hand.fill({"username": accounts[role], "password": PASSWORD})
    hand.press("登录")
    visitor = Visitor(hand, role.value)

    visitor.walk()

    assert not visitor.faults, "\n".join(map(str, visitor.faults))
