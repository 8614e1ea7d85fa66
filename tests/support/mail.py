"""A real SMTP server for the tests, in a thread: accepts, refuses, encrypts, requires a password."""

import ipaddress
import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

HOST = "127.0.0.1"
SENDER = "zc@example.com"
USER, PASSWORD = "zc", "Mail-password-1"


@dataclass
class Mailbox:
    """What the server took, in order; `answers` gives an address another answer than "taken"."""

    letters: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    readers: list[str] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that the server calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(message_from_bytes(content, policy=policy.default))  # type: ignore[arg-type]  # its stub knows the old class alone
        self.readers.extend(envelope.rcpt_tos)
        return "250 Taken"


class AnyPort(Controller):
    """Learns the free port it was given before it looks whether it answers."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def running(**options: Any) -> Iterator[Mailbox]:
    """Run a mail server on a free port; `options` are aiosmtpd's."""
    box = Mailbox()
    controller = AnyPort(box, hostname=HOST, port=0, **options)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


def use(app: Flask, box: Mailbox, **changed: Any) -> None:
    """Let the program send its mail to `box`."""
    app.config.update(
        {
            "SMTP_HOST": HOST,
            "SMTP_PORT": box.port,
            "SMTP_SECURITY": "none",
            "SMTP_FROM": SENDER,
            "SMTP_USER": "",
            "SMTP_PASSWORD": "",
            **changed,
        }
    )


def accepts(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
) -> AuthResult:
    """Let in who knows the password."""
    is_right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
    return AuthResult(success=is_right, handled=is_right)


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1; return its file, to be trusted, and the server's side of it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    trusted, private = folder / "mail.crt", folder / "mail.key"
    trusted.write_bytes(made.public_bytes(pem))
    private.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(trusted, private)
    return trusted, context


def short_messages(app: Flask, folder: Path) -> Path:
    """Let short messages end up in a file and return it."""
    app.config["SMS_FILE"] = folder / "sms.jsonl"
    return folder / "sms.jsonl"


def reset_code(inbox: Path) -> str:
    """Return the code for a new password in the newest short message."""
    sent = json.loads(inbox.read_text(encoding="utf-8").splitlines()[-1])
    found = re.search(r"\b[2-9A-Z]{4}(-[2-9A-Z]{4}){2}\b", sent["text"])
    assert found, sent
    return found[0]
