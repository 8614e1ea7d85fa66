"""Certificates: number, correction, revocation, public query."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import (
    engine,
    settings,
)
from app.engine import Refused
from app.enums import ApplicationState, CertificateState, Level
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Certificate, Counter, TransitionLog
from app.services.certificates import certificates
from app.services.ground import numbering
from app.services.registers import integrity
from tests.support import factories, meetings
from tests.support.meetings import authority

BODIES = st.text(certificates.ALPHABET, min_size=1, max_size=30)


# the number


def test_check_character_of_the_standard() -> None:
    assert certificates.check_character("A12425GABC1234002") == "M"


@given(BODIES)
def test_number_with_its_check_character_is_right(body: str) -> None:
    assert certificates.is_number(body + certificates.check_character(body))


def test_every_flipped_bit_is_found() -> None:
    body = "432026052012300017"
    number = body + certificates.check_character(body)

    flipped = [
        number[:place] + chr(ord(character) ^ 1 << bit) + number[place + 1 :]
        for place, character in enumerate(number)
        for bit in range(8)
    ]

    assert len(flipped) == 8 * 19
    assert not any(certificates.is_number(wrong) for wrong in flipped)


@given(BODIES, st.data())
def test_every_wrong_character_is_found(body: str, data: Any) -> None:
    number = body + certificates.check_character(body)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from(certificates.ALPHABET.replace(number[place], "")))

    assert not certificates.is_number(number[:place] + other + number[place + 1 :])


@pytest.mark.parametrize("wrong", ["", "K", "43-2", "４３"])
def test_what_is_no_number_is_not_right(wrong: str) -> None:
    assert not certificates.is_number(wrong)


def test_number_is_printed_in_groups_and_read_from_them() -> None:
    number = "4320260520123" + "00017" + "K"

    assert certificates.grouped(number) == "432026052 0123 00017 K"
    assert certificates.normalised(" 432026052 0123-00017 ｋ ") == number


def test_new_number_says_region_year_series_level_committee(app: Any) -> None:
    application = factories.application(level=Level.ASSOCIATE)
    application.committee.code = "0123"
    session = db.session()

    first, second = (certificates.new_number(session, application) for _count in range(2))

    year = application.review_year
    assert first.startswith(f"43{year}052012300001")
    assert second.startswith(f"43{year}052012300002")
    assert certificates.is_number(first)
    assert len(first) == 19


def test_numbers_run_out_with_a_sentence(app: Any) -> None:
    application = factories.application()
    year = application.review_year
    name = f"certificate:43{year}052{application.committee.code}"
    factories.add(Counter(name=name, value=99_999))

    with pytest.raises(Refused, match="used up"):
        certificates.new_number(db.session(), application)


def test_numbers_taken_at_once_differ(app: Any) -> None:
    db.session.commit()

    def take(_turn: int) -> int:
        with app.app_context():
            number = numbering.next_number(db.session(), "at once")
            db.session.commit()
            db.session.remove()
            return number

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(100)))

    assert sorted(taken) == list(range(1, 101))


def test_application_number_has_year_and_nine_digits(app: Any) -> None:
    session = db.session()

    numbers = [numbering.application_number(session, year) for year in (2026, 2026, 2027)]

    assert numbers == ["2026000000001", "2026000000002", "2027000000001"]


# issue, correction, revocation


@pytest.fixture
def certificate(app: Any) -> Certificate:
    """A valid certificate from an agreed filing."""
    return meetings.certified()


def press(
    certificate: Certificate, event: str, actor: Actor | None = None, **details: Any
) -> TransitionLog:
    return engine.fire(
        certificate,
        event,
        actor=actor or authority(),
        at=clock.now(),
        opinion="论文系代写，查证属实",
        details={"decision_number": "湘人社决〔2026〕2号"} | details,
    )


def test_certificate_without_an_agreed_filing_is_refused(app: Any) -> None:
    application = factories.application(ApplicationState.IN_FILING, plan=factories.plan())
    unfiled = Certificate(application=application)

    with pytest.raises(Refused, match=application.number), db.session.no_autoflush:
        engine.fire(unfiled, "issue", actor=authority(), at=clock.now())


def test_revocation_takes_the_title_and_bars_the_person(certificate: Certificate) -> None:
    log = press(certificate, "revoke")

    until = integrity.years_after(factories.today(), settings.get("ban_years"))
    assert certificate.state is CertificateState.REVOKED
    assert certificate.application.state is ApplicationState.REVOKED
    assert certificate.decision_number == "湘人社决〔2026〕2号"
    assert certificate.settled_at is not None
    assert certificate.person.banned_until == until
    assert certificate.person.ban_reason == "论文系代写，查证属实"
    assert log.details["banned_until"] == until.isoformat()


def test_revocation_never_shortens_a_bar(certificate: Certificate) -> None:
    certificate.person.banned_until = date(2099, 1, 1)

    press(certificate, "revoke")

    assert certificate.person.banned_until == date(2099, 1, 1)


def test_correction_issues_a_new_number(certificate: Certificate) -> None:
    old_number = certificate.number

    log = press(certificate, "correct", name="张三丰")

    new = certificates.valid_replacement(db.session(), certificate)
    assert certificate.state is CertificateState.CORRECTED
    assert certificate.number == old_number
    assert new is not None
    assert (new.state, new.name) == (CertificateState.VALID, "张三丰")
    assert new.number == log.details["new_number"] != old_number
    assert new.token != certificate.token
    assert (new.title_code, new.obtained_on) == (certificate.title_code, certificate.obtained_on)
    assert certificates.valid_replacement(db.session(), new) is None


@pytest.mark.parametrize("number", ["", "  ", None, "9" * 65])
def test_change_without_a_decision_is_refused(certificate: Certificate, number: str | None) -> None:
    with pytest.raises(Refused, match="decision document"):
        press(certificate, "revoke", decision_number=number)


@pytest.mark.parametrize(
    "details",
    [
        {"name": " "},
        {"obtained_on": date(2999, 1, 1)},
        {"specialty_code": "9999"},
        {"specialty_code": "0201"},
    ],
)
def test_impossible_correction_is_refused(
    certificate: Certificate, details: dict[str, Any]
) -> None:
    factories.specialty("0201")

    with pytest.raises(Refused):
        press(certificate, "correct", **details)

    assert certificate.state is CertificateState.VALID


def test_correction_of_the_specialty_stays_in_the_series(certificate: Certificate) -> None:
    press(certificate, "correct", specialty_code=factories.specialty("0502").code)

    new = certificates.valid_replacement(db.session(), certificate)
    assert new is not None
    assert new.specialty_code == "0502"


def test_authority_of_another_region_changes_nothing(certificate: Certificate) -> None:
    assert certificate.region_code == "430100"

    with pytest.raises(Refused, match="another region"):
        press(certificate, "revoke", authority("430700"))


@pytest.mark.parametrize(
    ("day", "years", "after"),
    [
        (date(2026, 11, 20), 3, date(2029, 11, 20)),
        (date(2024, 2, 29), 3, date(2027, 2, 28)),
        (date(2024, 2, 29), 4, date(2028, 2, 29)),
    ],
)
def test_years_after_a_day(day: date, years: int, after: date) -> None:
    assert integrity.years_after(day, years) == after


# the public


def test_certificate_is_found_by_number_and_name_together(certificate: Certificate) -> None:
    session, name, number = db.session(), certificate.name, certificate.number

    assert (
        certificates.find(session, f" {number[:9]} {number[9:].lower()}", f" {name}") is certificate
    )
    assert certificates.find(session, number, "赵六") is None
    assert certificates.find(session, "432026059999900001X", name) is None
    assert certificates.find(session, "", "") is None
    assert certificates.find_by_token(session, certificate.token) is certificate
    assert certificates.find_by_token(session, "guessed") is None


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张三", "张*"),
        ("张三丰", "张*丰"),
        ("欧阳春华", "欧**华"),
        ("阿依古丽·买买提", "阿******提"),
        ("张", "*"),
        ("", "*"),
    ],
)
def test_middle_of_a_name_is_masked(name: str, masked: str) -> None:
    assert certificates.masked_name(name) == masked
