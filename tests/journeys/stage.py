"""The master data of the journeys, the people with their accounts, and the clock they live by."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import select

from app.enums import ApplicationState, Employment, Role, Sex, UnitKind
from app.extensions import db
from app.ground import clock
from app.models import Application, Committee, Person, Position, Unit
from app.services.credentials import passwords
from tests.journeys.hands import Hand
from tests.support import factories as make
from tests.support.signing import PASSWORD

BEGIN = date(2026, 3, 2)
"""A Monday; the official calendar knows the whole year."""


@dataclass
class Somebody:
    """A person at work: the own account, and the hand that uses the program. Signs in when asked to."""

    username: str
    hand: Hand
    is_on_phone: bool = False

    @property
    def hall(self) -> str:
        return "/m" if self.is_on_phone else "/me"

    def go(self, path: str) -> Hand:
        """Open a page; after a night or a weekend the program asks for the password again."""
        self.hand.open(path)
        if self.hand.path.startswith("/login/"):
            self.hand.fill({"username": self.username, "password": PASSWORD})
            self.hand.press("登录")
            self.hand.open(path)
        return self.hand


@dataclass
class World:
    """What a journey needs: hands, the clock and the job that runs by it."""

    new_hand: Callable[[], Hand]
    clock: time_machine.Traveller
    run_due: Callable[[], None]
    new_extra: Callable[[], Hand]
    """Makes the hand of a second applicant, who does the same once more and needs no screen for it."""
    is_on_phone: bool = False
    is_thorough: bool = True
    """Whether everybody's lists are looked at after every stage; the slow browser does without."""

    def until(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """Let time pass to a moment in Hunan; the job that watches the calendar runs then."""
        self.clock.move_to(moment(day, hour, minute))
        self.run_due()

    def key_of(self, name: str) -> tuple[int, int]:
        """Return key and version of the applicant's application, as a request past the pages needs them."""
        found = db.session.execute(
            select(Application.id, Application.version).where(Application.name == name)
        ).one()
        db.session.commit()
        return found.id, found.version

    def somebody(self, position: Position) -> Somebody:
        return Somebody(position.user.username, self.new_hand())

    def applicant(self, position: Position, *, is_extra: bool = False) -> Somebody:
        hand = self.new_extra() if is_extra else self.new_hand()
        return Somebody(position.user.username, hand, self.is_on_phone)


def states() -> Counter[ApplicationState]:
    """Return how many applications stand in which state."""
    return Counter(db.session.scalars(select(Application.state)))


def moment(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """Return a moment on the wall clock of Hunan, in UTC: a travelled local zone would change the process's."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.SHANGHAI).astimezone(
        UTC
    )


def run_due(app: Flask) -> None:
    """Run the job of the calendar as the program does, by its command."""
    result = app.test_cli_runner().invoke(args=["run-due"], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def account(position: Position) -> Position:
    passwords.set_password(position.user, PASSWORD, must_change=False)
    return position


def unit(name: str, kind: UnitKind = UnitKind.AUTHORITY, **values: Any) -> Unit:
    return make.unit(name, kind=kind, **values)


def committee(organiser: Unit, name: str, **values: Any) -> Committee:
    return make.committee(
        unit=organiser,
        name=name,
        code="0123",
        min_size=11,
        is_by_specialty=True,
        valid_from=date(2025, 1, 1),
        valid_to=date(2027, 12, 31),
        **values,
    )


def staff(role: Role, unit: Unit, name: str, of: Committee | None = None) -> Position:
    """Return the position of a member of staff with an account and a password."""
    person = make.person(name, unit=unit)
    return account(make.position(role, unit=unit, committee=of, person=person))


def applicant(name: str, unit: Unit, employment: Employment) -> Position:
    person: Person = make.person(name, unit=unit, sex=Sex.MALE, employment=employment)
    return account(make.position(Role.APPLICANT, person=person))
