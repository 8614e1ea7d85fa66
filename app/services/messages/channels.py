"""Channels for messages that leave the system: email, SMS and gateways a province plugs in.

A channel writes neither addresses nor texts into the log or the database.
"""

import fcntl
import json
import logging
import os
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Protocol
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext

from app.engine import Refused
from app.ground import clock
from app.models import Person
from app.validators import Invalid, email, phone

SECONDS = 10
"""Timeout in seconds for each answer of the mail server."""
PERMANENT = 500
logger = logging.getLogger(__name__)


class Undelivered(Exception):
    """A text could not be sent. `kind` names the fault without address or text.

    `is_final`: retrying this address is useless; `is_down`: the whole channel does not work now.
    """

    def __init__(self, kind: str, *, is_final: bool = False, is_down: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.is_final = is_final
        self.is_down = is_down


class Channel(Protocol):
    """Interface of a message channel; a province's gateway is a class that implements it."""

    @property
    def name(self) -> str: ...

    def address_of(self, person: Person) -> str | None:
        """Return the person's address on this channel, or None."""
        ...

    def send(self, address: str, subject: str, text: str) -> None:
        """Send the text; return when it was accepted. Raises Undelivered."""
        ...


@dataclass(frozen=True)
class MailServer:
    """Email channel through the server configured by the settings SMTP_*."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = ""
    name: str = "mail"

    def address_of(self, person: Person) -> str | None:
        return _valid(email, person.email)

    def send(self, address: str, subject: str, text: str) -> None:
        letter = _letter(self.sender, address, subject, text)
        try:
            with self._connected() as server:
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as refusal:
            code = next(iter(refusal.recipients.values()))[0]
            raise Undelivered(f"recipient {code}", is_final=code >= PERMANENT) from None
        except smtplib.SMTPDataError as refusal:
            code = refusal.smtp_code
            raise Undelivered(f"text {code}", is_final=code >= PERMANENT) from None
        except smtplib.SMTPResponseException as refusal:
            raise Undelivered(f"server {refusal.smtp_code}", is_down=True) from None
        except (OSError, smtplib.SMTPException) as fault:
            raise Undelivered(type(fault).__name__, is_down=True) from None

    def _connected(self) -> smtplib.SMTP:
        """Return a connection, encrypted and authenticated as configured, or raise."""
        # without a given host name smtplib would look one up in the DNS for every message
        own_name = urlsplit(current_app.config["PUBLIC_URL"]).hostname
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host,
                self.port,
                own_name,
                timeout=SECONDS,
                context=ssl.create_default_context(),
            )
        else:
            server = smtplib.SMTP(self.host, self.port, own_name, timeout=SECONDS)
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class SmsFile:
    """SMS channel that appends JSON lines to a file, for tests, demonstrations and a gateway's spool."""

    path: Path
    name: str = "sms"

    def address_of(self, person: Person) -> str | None:
        return _valid(phone, person.phone)

    def send(self, address: str, subject: str, text: str) -> None:
        line = {"at": clock.now().isoformat(), "to": address, "text": text}
        try:
            self._append(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as fault:
            raise Undelivered(type(fault).__name__, is_down=True) from None

    def _append(self, line: str) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(line.encode())


def available() -> tuple[Channel, ...]:
    """Return the configured channels, the most urgent first."""
    config = current_app.config
    found: list[Channel] = []
    if config["SMS_GATEWAY"]:
        found.append(_gateway(config["SMS_GATEWAY"]))
    elif config["SMS_FILE"]:
        found.append(SmsFile(Path(config["SMS_FILE"])))
    if config["SMTP_HOST"]:
        found.append(
            MailServer(
                config["SMTP_HOST"],
                config["SMTP_PORT"],
                config["SMTP_SECURITY"],
                config["SMTP_FROM"],
                config["SMTP_USER"],
                config["SMTP_PASSWORD"],
            )
        )
    return tuple(found)


def send_code(person: Person, code: str, *, at: datetime, note: str = "") -> str:
    """Send a one-time code at once and return the masked address it was sent to.

    SMS first, then email; `note` is added to the text. The code is not stored. Call it outside of a transaction, because it waits for the
    network. Raises Refused when no channel reaches the person or none works now.
    """
    ways = [(way, address) for way in available() if (address := way.address_of(person))]
    if not ways:
        raise Refused(
            gettext(
                "No code can be sent: no mobile or email is on record for you, or this system sends"
                " none. Ask the title clerk of your unit or a system administrator."
            )
        )
    subject = gettext("One-time code")
    text = gettext(
        "Your one-time code is %(code)s, asked for at %(time)s. Tell it to nobody.",
        code=code,
        time=f"{clock.local(at):%H:%M}",
    )
    text = f"{text} {note}".strip()
    for way, address in ways:
        with suppress(Undelivered):
            hand_over(way, address, subject, text)
            return masked(address)
    raise Refused(gettext("The code could not be sent just now. Try again in a few minutes."))


def hand_over(way: Channel, address: str, subject: str, text: str) -> None:
    """Send through a channel; turn any other exception of a province's class into Undelivered."""
    try:
        way.send(address, subject, text)
    except Undelivered:
        raise
    except Exception as fault:
        logger.exception("channel failed")
        raise Undelivered(type(fault).__name__, is_down=True) from None


def masked(address: str) -> str:
    """Return an email address or phone number masked, so that only its owner recognises it."""
    local, at_sign, host = address.partition("@")
    if at_sign:
        return f"{local[:1]}***@{host}"
    return f"{address[:-8]}****{address[-4:]}"


@cache
def _gateway(place: str) -> Channel:
    """Create the province's own channel, named as `module:Class` in SMS_GATEWAY."""
    gateway: Channel = resolve_name(place)()
    return gateway


def _letter(sender: str, address: str, subject: str, text: str) -> EmailMessage:
    letter = EmailMessage()
    # Address objects and a one-line subject prevent injection of recipients and headers
    letter["From"] = Address(current_app.config["APP_NAME"], addr_spec=sender)
    letter["To"] = Address(addr_spec=address)
    letter["Subject"] = " ".join(subject.split())
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter


def _valid(check: Callable[[str], str], stored: str | None) -> str | None:
    """Return the stored address if it is valid, else None; those from an old register may be invalid."""
    try:
        return check(stored) if stored else None
    except Invalid:
        return None
