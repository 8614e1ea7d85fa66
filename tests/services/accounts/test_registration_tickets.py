"""The ticket of a QR code: five minutes, one account, one sign-in, only in the browser that asked."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.engine import Refused
from app.ground import clock
from app.models import Ticket, User
from app.services.accounts import registration_tickets
from app.services.accounts.registration_tickets import Opened
from app.services.jobs import scheduled_jobs
from tests.support import factories

NOW = clock.now()


@pytest.fixture
def ticket(session: Session) -> Opened:
    return registration_tickets.issue(at=NOW)


@pytest.fixture
def user(session: Session) -> User:
    return factories.user()


def stage(ticket: Opened, seconds: int = 0, browser: str = "") -> str:
    at = NOW + timedelta(seconds=seconds)
    return registration_tickets.ticket_status(
        ticket.ticket_id, browser or ticket.browser, at=at
    ).stage


def confirmed(ticket: Opened, user: User, typed: str = "") -> bool:
    number = typed or registration_tickets.desk_number(ticket.browser)
    return registration_tickets.confirm(ticket.secret, user.id, number, at=NOW)


def test_ticket_passes_through_its_stages(session: Session, ticket: Opened, user: User) -> None:
    stages = [stage(ticket)]
    registration_tickets.open_on_phone(session, ticket.secret, at=NOW)
    session.flush()
    stages.append(stage(ticket))
    assert registration_tickets.complete(ticket.secret, user, at=NOW)
    stages.append(stage(ticket))
    assert confirmed(ticket, user)
    stages.append(stage(ticket))
    assert registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=NOW) == user
    stages.append(stage(ticket))

    assert stages == ["waiting", "opened", "done", "confirmed", "over"]


def test_ticket_stores_no_secret(session: Session, ticket: Opened) -> None:
    row = session.query(Ticket).one()

    stored = repr([getattr(row, column.name) for column in Ticket.__table__.c])

    assert ticket.secret not in stored
    assert ticket.browser not in stored
    assert len(ticket.secret) >= 32


def test_ticket_lives_five_minutes(session: Session, ticket: Opened, user: User) -> None:
    late = NOW + timedelta(minutes=5)

    assert (stage(ticket, 299), stage(ticket, 300)) == ("waiting", "over")
    with pytest.raises(Refused, match="expired"):
        registration_tickets.open_on_phone(session, ticket.secret, at=late)
    assert not registration_tickets.complete(ticket.secret, user, at=late)
    assert registration_tickets.complete(ticket.secret, user, at=late - timedelta(seconds=1))
    with pytest.raises(Refused, match="expired"):
        registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=late)


def test_ticket_is_for_one_account_and_one_sign_in(
    session: Session, ticket: Opened, user: User
) -> None:
    other = factories.user()

    assert registration_tickets.complete(ticket.secret, user, at=NOW)
    assert not registration_tickets.complete(ticket.secret, other, at=NOW)
    assert not confirmed(ticket, other)
    assert confirmed(ticket, user)
    assert registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=NOW) == user
    with pytest.raises(Refused):
        registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=NOW)
    with pytest.raises(Refused, match="once only"):
        registration_tickets.open_on_phone(session, ticket.secret, at=NOW)


def test_ticket_signs_in_only_the_browser_that_asked(
    session: Session, ticket: Opened, user: User
) -> None:
    """Neither what the QR code carries nor another browser's secret opens it."""
    other = registration_tickets.issue(at=NOW)
    registration_tickets.complete(ticket.secret, user, at=NOW)
    confirmed(ticket, user)

    for secret in (ticket.secret, other.browser, other.secret, "", "\ud800"):
        assert stage(ticket, browser=secret or "x") == "over"
        with pytest.raises(Refused):
            registration_tickets.redeem_ticket(ticket.ticket_id, secret, at=NOW)
    assert registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=NOW) == user


def test_ticket_waits_for_the_phone(session: Session, ticket: Opened) -> None:
    with pytest.raises(Refused, match="not finished"):
        registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=NOW)


def test_ticket_of_a_disabled_account_signs_nobody_in(
    session: Session, ticket: Opened, user: User
) -> None:
    registration_tickets.complete(ticket.secret, user, at=NOW)
    confirmed(ticket, user)
    user.active = False
    session.flush()

    for _press in range(2):
        with pytest.raises(Refused, match="account is disabled"):
            registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=NOW)
    assert stage(ticket) == "confirmed"

    user.active = True
    session.flush()
    assert registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=NOW) == user
    assert stage(ticket) == "over"


@pytest.mark.parametrize("forged", ["", "x", "a" * 32, "a" * 5000, "\ud800"])
def test_forged_secret_opens_nothing(
    session: Session, ticket: Opened, user: User, forged: str
) -> None:
    with pytest.raises(Refused, match="not known"):
        registration_tickets.open_on_phone(session, forged, at=NOW)
    assert not registration_tickets.complete(forged, user, at=NOW)


def test_new_code_ends_the_one_before(session: Session, ticket: Opened) -> None:
    registration_tickets.cancel(ticket.ticket_id, "somebody else", at=NOW)
    assert stage(ticket) == "waiting"

    registration_tickets.cancel(ticket.ticket_id, ticket.browser, at=NOW)

    assert stage(ticket) == "over"


def test_browser_is_not_signed_in_before_the_phone_entered_its_number(
    session: Session, ticket: Opened, user: User
) -> None:
    number = registration_tickets.desk_number(ticket.browser)
    before = confirmed(ticket, user)
    registration_tickets.complete(ticket.secret, user, at=NOW)

    with pytest.raises(Refused, match="Enter the number"):
        registration_tickets.redeem_ticket(ticket.ticket_id, ticket.browser, at=NOW)

    assert not before
    assert (len(number), number.isdigit()) == (6, True)
    assert number != registration_tickets.desk_number(ticket.secret)


def test_wrong_numbers_end_the_ticket(session: Session, ticket: Opened, user: User) -> None:
    """A stranger's page in another place: its number is guessed three times at most."""
    registration_tickets.complete(ticket.secret, user, at=NOW)
    right = registration_tickets.desk_number(ticket.browser)
    wrong = f"{(int(right) + 1) % 10**6:06d}"

    tries = [confirmed(ticket, user, one) for one in (wrong, "x", wrong, right)]

    assert tries == [False] * 4
    assert stage(ticket) == "over"
    assert registration_tickets.waiting_browser(ticket.secret, user.id, at=NOW) is None


def test_tickets_are_deleted_a_day_after_they_expired(session: Session, ticket: Opened) -> None:
    session.commit()
    kept = scheduled_jobs.run(NOW + timedelta(days=1, minutes=4))
    gone = scheduled_jobs.run(NOW + timedelta(days=1, minutes=6))

    assert (kept["tickets"], gone["tickets"]) == (0, 1)
    assert session.query(Ticket).count() == 0
