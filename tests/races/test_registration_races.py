"""Registration pressed twice at the same moment: one account per number, one sign-in per ticket, one use per code."""

from pathlib import Path

from flask import Flask

from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.models import LoginSession, OneTimeCode, Person, User
from app.services.accounts import claims
from app.services.credentials import one_time_codes
from tests.races.test_races import posts as press
from tests.races.test_races import statuses, together
from tests.support import factories
from tests.support.signing import OTHER_PASSWORD, cookie, english, replays
from tests.views.accounts.test_forgotten import ask, codes_in, inbox
from tests.views.accounts.test_registration import (
    NUMBER,
    TYPED,
    code_of,
    confirm,
    held,
    number_of,
    register,
)

__all__ = ["inbox"]
SPELLINGS = (NUMBER, NUMBER.lower(), "４３００９９１９９２０１０１１０５Ｘ", f" {NUMBER} ")


def test_two_people_with_one_number_become_one_account(app: Flask) -> None:
    phones = [english(app.test_client()) for _spelling in SPELLINGS]

    answers = together(
        app,
        *(
            press(phone, "/r/", TYPED | {"id_number": number})
            for phone, number in zip(phones, SPELLINGS, strict=True)
        ),
    )

    assert statuses(answers) == [303, 422, 422, 422]
    assert (db.session.query(Person).count(), db.session.query(User).count()) == (1, 1)
    refused = [answer.text for answer in answers if answer.status_code == 422]
    assert all("ID number" in page and "向若溪" in page for page in refused)


def test_record_of_a_unit_is_taken_over_once(app: Flask) -> None:
    """Three phones with the same claim code."""
    unit = factories.unit()
    entered = factories.person("向若溪", unit=unit, id_number=NUMBER)
    clerk = factories.actor(Role.UNIT, unit=unit)
    code = claims.hand_over(clerk, entered, at=clock.now())
    before = db.session.query(User).count()
    phones = [english(app.test_client()) for _try in range(3)]
    typed = [{"held": held(register(phone)), "proof": code} for phone in phones]

    answers = together(
        app,
        *(press(phone, "/r/proof", one) for phone, one in zip(phones, typed, strict=True)),
    )

    assert statuses(answers) == [303, 422, 422]
    db.session.refresh(entered)
    assert entered.user_id is not None
    assert db.session.query(User).count() == before + 1


def test_two_phones_with_one_code_give_it_one_account(app: Flask) -> None:
    desk = english(app.test_client())
    path = code_of(desk)
    phones = [english(app.test_client()) for _phone in range(2)]
    for phone in phones:
        phone.get(path)
    numbers = (NUMBER, "430099198503071010")

    answers = together(
        app,
        *(
            press(phone, "/r/", TYPED | {"id_number": number})
            for phone, number in zip(phones, numbers, strict=True)
        ),
    )

    assert sorted(answer.location for answer in answers) == ["/r/done", "/r/done?web=late"]
    number = number_of(desk)
    confirmed = [confirm(phone, number).location for phone in phones]
    assert sorted(confirmed) == ["/r/done", "/r/done?web=yes"]
    assert desk.post("/register/finish").location == "/me/"


def test_desk_that_presses_five_times_is_signed_in_once(app: Flask) -> None:
    desk, phone = english(app.test_client()), english(app.test_client())
    phone.get(code_of(desk))
    register(phone)
    confirm(phone, number_of(desk))
    tabs = [replays(app, cookie(desk)) for _tab in range(5)]

    answers = together(app, *(press(tab, "/register/finish", {}) for tab in tabs))

    assert statuses(answers) == [303, 422, 422, 422, 422]
    assert db.session.query(LoginSession).count() == 2


def test_code_tried_at_once_is_used_once(app: Flask, inbox: Path) -> None:
    phone, desk = english(app.test_client()), english(app.test_client())
    register(phone)
    ask(desk)
    [code] = codes_in(inbox)
    typed = {"code": code, "new": OTHER_PASSWORD, "again": OTHER_PASSWORD}
    tabs = [replays(app, cookie(desk)) for _tab in range(3)]

    answers = together(app, *(press(tab, "/forgot/code", typed) for tab in tabs))

    assert statuses(answers) == [303, 422, 422]


def test_guesses_at_once_are_counted_each(app: Flask) -> None:
    user = factories.user()
    code = one_time_codes.digits()
    assert one_time_codes.issue(user.id, "password", code, at=clock.now())
    key, wrong = user.id, f"{(int(code) + 1) % 10**6:06d}"

    def guess() -> int | None:
        found = one_time_codes.attempt(key, "password", wrong, at=clock.now())
        db.session.commit()
        return found

    answers = together(app, *([guess] * 8))

    assert answers == [None] * 8
    assert db.session.query(OneTimeCode).one().attempts == 5
