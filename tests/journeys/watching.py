"""What is so after a stage: the state and its holder, the messages, and who sees nothing."""

from tests.journeys.hands import PaperHand
from tests.journeys.stage import Somebody, World

LISTS = ("/g/1.1.4/", "/g/1.2.1/all/")
"""Where superior units and where offices look for all applications they may see."""


def stands(person: Somebody, home: str, state: str, receipt: str = "", holder: str = "") -> None:
    """The applicant's page names the state, the last receipt and who has the application in hand."""
    said = person.go(home).text

    assert state in said, f"{state} is not in: {said[:400]}"
    assert receipt in said
    assert holder in said


def passed(person: Somebody, home: str, *steps: str) -> None:
    """The timeline shows these steps in this order."""
    said = person.go(home).text.rpartition("办理过程")[2]

    for step in steps:
        _before, found, said = said.partition(step)
        assert found, (step, said)


def was_told(person: Somebody, words: str) -> None:
    """A message with these words lies in the person's hall."""
    assert words in person.go("/messages/").text, person.hand.text


def sees_nothing(world: World, who: Somebody, name: str, menu: str = "/g/1.1.4/") -> None:
    """The list of somebody who has nothing to do with it yet does not name the applicant."""
    if world.is_thorough:
        assert name not in who.go(menu).text


def is_refused(world: World, who: Somebody, address: str, name: str, **form: str) -> None:
    """A request past the buttons is refused and moves nothing."""
    if not isinstance(who.hand, PaperHand):
        return
    key, version = world.key_of(name)
    token = who.go("/messages/").token
    sent = {"row": f"{key}:{version}", "csrf_token": token, **form}

    answer = who.hand.client.post(address, data=sent)

    assert answer.status_code in (404, 422), (answer.status_code, answer.text)
    assert world.key_of(name) == (key, version)


def is_no_way(world: World, who: Somebody, menu: str, row: str, button: str, reason: str) -> None:
    """The page behind a button says why the row cannot go ahead now."""
    if world.is_thorough:
        hand = who.go(menu)
        hand.tick_rows([row])
        hand.press(button)
        assert reason in hand.text, hand.text
