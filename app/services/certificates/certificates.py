"""Certificates (menu 1.7.1): numbers, issue, correction, revocation and public verification.

Order 40, art. 30 to 33 and 39. A number is never used twice; a certificate is never deleted, only its
state changes.
"""

from datetime import datetime
from typing import Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine, settings
from app.engine import Act, Refused
from app.enums import ApplicationState, CertificateState, FilingState, IntegrityGround
from app.ground import clock, crypto
from app.models import Application, Certificate, Filing, Specialty
from app.services.ground.numbering import next_number
from app.services.registers import integrity, regions
from app.validators import Invalid, characters, person_name

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
SERIAL_DIGITS = 5
REHEARSAL_SERIES = "Y"
"""Begin of the numbers that a rehearsal (演练) gives, which those of certificates in force never have."""
DOCUMENT_LENGTH = 64


def check_character(body: str) -> str:
    """Return the check character of ISO 7064 MOD 37,36 for `body` (digits and capital letters).

    It detects every single wrong character and every swap of two adjacent ones.
    """
    return ALPHABET[(1 - _double_mod_37(_checksum(body))) % 36]


def is_number(number: str) -> bool:
    """Return whether `number`, without blanks, ends with the correct check character (ISO 7064 MOD 37,36)."""
    return len(number) > 1 and set(number) <= set(ALPHABET) and _checksum(number) == 1


def _checksum(text: str) -> int:
    check = 18
    for character in text:
        check = (_double_mod_37(check) + ALPHABET.index(character)) % 36
    return check


def _double_mod_37(check: int) -> int:
    return ((check or 36) * 2) % 37


def grouped(number: str) -> str:
    """Return `number` in printed groups: region/year/series/level, committee, serial, check.

    For example `432026052 0123 00017 K`.
    """
    head, committee, serial, check = number[:-10], number[-10:-6], number[-6:-1], number[-1:]
    return " ".join(part for part in (head, committee, serial, check) if part)


def normalised(typed: str) -> str:
    """Return a number as entered by a user in its stored form: no blanks or hyphens, capital letters."""
    return characters.number(typed)


def new_number(session: Session, application: Application) -> str:
    """Return the next certificate number for `application`.

    It consists of region, review year, series, level, committee, serial and check character; in a rehearsal it
    begins with a letter that no other number has. Raises Refused
    when the committee has used up its serials.
    """
    level = application.level.value
    series = REHEARSAL_SERIES if current_app.config["REHEARSAL"] else ""
    prefix = (
        f"{series}{settings.get('certificate_region')}{application.review_year:04d}"
        f"{application.series_code}{level}{application.committee.code:0>4}"
    ).upper()
    serial = next_number(session, f"certificate:{prefix}")
    if serial >= 10**SERIAL_DIGITS:
        raise Refused(
            gettext(
                "The committee %(committee)s has used up the certificate numbers of the year.",
                committee=application.committee.name,
            )
        )
    body = f"{prefix}{serial:0{SERIAL_DIGITS}d}"
    return body + check_character(body)


def new_certificate(
    session: Session, filing: Filing, application: Application, *, at: datetime
) -> Certificate:
    """Return the numbered, not yet issued certificate of `application`; the title is held since the vote."""
    return Certificate(
        number=new_number(session, application),
        token=crypto.token(),
        application=application,
        person_id=application.person_id,
        name=application.name,
        unit_id=application.unit_id,
        region_code=application.region_code,
        committee_id=application.committee_id,
        series_code=application.series_code,
        level=application.level,
        title_code=application.title_code,
        specialty_code=application.specialty_code,
        obtained_on=filing.plan.voted_on,
        issued_on=clock.local_date(at),
        approval_number=filing.approval_number,
    )


def is_filed(act: Act) -> str | None:
    """Refuse a certificate without an agreed filing of the application's result."""
    application: Application = act.record.application
    filing = act.session.scalar(select(Filing).where(Filing.plan_id == application.plan_id))
    is_agreed = filing is not None and filing.state is FilingState.AGREED
    if is_agreed and application.state in (ApplicationState.IN_FILING, ApplicationState.CERTIFIED):
        return None
    return gettext(
        "%(number)s %(name)s: the result is not filed, so no certificate can be issued.",
        number=application.number,
        name=application.name,
    )


def is_in_region(act: Act) -> str | None:
    """Refuse an authority for a certificate of another region."""
    if regions.covers(act.actor, act.record.region_code):
        return None
    return gettext("This certificate belongs to another region; its own authority decides.")


def has_decision(act: Act) -> str | None:
    """Refuse a change without the number of a decision document, or a correction with wrong values."""
    number = str(act.details.get("decision_number") or "").strip()
    if not 0 < len(number) <= DOCUMENT_LENGTH:
        return gettext(
            "Enter the number of the decision document, at most %(length)s characters.",
            length=DOCUMENT_LENGTH,
        )
    return _correction_problem(act) if act.event == "correct" else None


def _correction_problem(act: Act) -> str | None:
    name = act.details.get("name")
    if name is not None and not str(name).strip():
        return gettext("Enter the name as it is to stand on the new certificate.")
    obtained_on = act.details.get("obtained_on")
    if obtained_on is not None and obtained_on > clock.local_date(act.at):
        return gettext("The day the title was obtained cannot be in the future.")
    code = act.details.get("specialty_code")
    if code is None:
        return None
    specialty = act.session.get(Specialty, code)
    if specialty is not None and specialty.series_code == act.record.series_code:
        return None
    return gettext("Choose a specialty of the same series.")


def settle(act: Act) -> None:
    """Store the decision; a correction also issues the replacement certificate with a new number."""
    certificate: Certificate = act.record
    certificate.settled_at = act.at
    certificate.decision_number = str(act.details["decision_number"]).strip()
    certificate.decision_reason = act.opinion[:500]
    act.notes["decision_number"] = certificate.decision_number
    act.session.flush()
    if act.event == "correct":
        new = _replacement(act.session, certificate, act.details, act.at)
        engine.fire(new, "issue", actor=act.actor, at=act.at)
        act.notes["new_number"] = new.number


def _replacement(session: Session, old: Certificate, details: Any, at: datetime) -> Certificate:
    """Return the certificate that replaces `old`, with the corrected values and the other values of `old`."""
    return Certificate(
        number=new_number(session, old.application),
        token=crypto.token(),
        application=old.application,
        person_id=old.person_id,
        name=str(details.get("name") or old.name).strip(),
        unit_id=old.unit_id,
        region_code=old.region_code,
        committee_id=old.committee_id,
        series_code=old.series_code,
        level=old.level,
        title_code=old.title_code,
        specialty_code=details.get("specialty_code") or old.specialty_code,
        obtained_on=details.get("obtained_on") or old.obtained_on,
        issued_on=clock.local_date(at),
        approval_number=old.approval_number,
    )


def revoke_title(act: Act) -> None:
    """Revoke the title with the certificate; enter its holder in the integrity file and bar them (art. 39)."""
    certificate: Certificate = act.record
    engine.fire(certificate.application, "revoke", actor=act.actor, at=act.at, opinion=act.opinion)
    integrity.record(
        act, certificate.application, IntegrityGround.REVOKED, certificate.decision_number
    )


def find(session: Session, number: str, name: str) -> Certificate | None:
    """Return the certificate with this number and this name, or None.

    One query compares both, so that a wrong name cannot be told from a wrong number.
    """
    return session.scalar(
        select(Certificate).where(
            Certificate.number == normalised(number)[:24],
            Certificate.name == _stored_name(name)[:64],
        )
    )


def find_by_token(session: Session, token: str) -> Certificate | None:
    """Return the certificate whose QR code contains `token`, or None."""
    return session.scalar(select(Certificate).where(Certificate.token == token))


def valid_replacement(session: Session, certificate: Certificate) -> Certificate | None:
    """Return the valid certificate that replaced a corrected one, or None."""
    if certificate.state is not CertificateState.CORRECTED:
        return None
    return session.scalar(
        select(Certificate).where(
            Certificate.application_id == certificate.application_id,
            Certificate.state == CertificateState.VALID,
        )
    )


def masked_name(name: str) -> str:
    """Return a name masked except for its ends: 欧阳春华 → 欧**华, 张三 → 张*."""
    if len(name) < 2:
        return "*"
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def _stored_name(typed: str) -> str:
    """Return a name in its stored form, or as entered if it is no valid name, which then matches nobody."""
    try:
        return person_name(typed)
    except Invalid:
        return typed.strip()
