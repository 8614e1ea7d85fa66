"""Channels: a real mail server with and without encryption and password, the file of short messages, codes."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.engine import Refused
from app.ground import clock
from app.services.messages import channels
from app.services.messages.channels import MailServer, SmsFile, Undelivered
from tests.support import factories, mail

SUBJECT = "申报 2026000000001 被退回修改（请于 5 月 6 日前修改并重新提交）"
TEXT = "毕业时间与证书不一致。𠮷\n\nhttp://localhost/me/"
GOOD = "zhang.san@example.com"


def server() -> MailServer:
    [found] = [way for way in channels.available() if isinstance(way, MailServer)]
    return found


def lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Gateway:
    """A province's own way to send short messages."""

    name = "sms"

    def address_of(self, person: Any) -> str | None:
        return person.phone

    def send(self, address: str, subject: str, text: str) -> None:
        raise Undelivered("busy", is_down=True)


# mail


def test_mail_arrives_with_chinese_subject_and_text_intact(box: mail.Mailbox) -> None:
    server().send(GOOD, SUBJECT, TEXT)

    [letter] = box.letters
    assert letter["Subject"] == SUBJECT
    assert letter.get_content().splitlines() == TEXT.splitlines()
    assert (letter["To"], box.readers) == (GOOD, [GOOD])
    assert "zc@example.com" in letter["From"]
    assert letter["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    "inside", ["\r\nBcc: spy@example.com", "\nX: y", "\r\n\r\nbody", "\x0bA: b"]
)
def test_mail_subject_cannot_bring_a_header_along(box: mail.Mailbox, inside: str) -> None:
    server().send(GOOD, f"申报{inside}", TEXT)

    [letter] = box.letters
    assert {"bcc", "x", "a"}.isdisjoint(name.lower() for name in letter)
    assert box.readers == [GOOD]


@pytest.mark.parametrize(
    ("answer", "is_final"), [("550 no such mailbox", True), ("451 try later", False)]
)
def test_mail_refused_recipient_says_whether_for_good(
    box: mail.Mailbox, answer: str, is_final: bool
) -> None:
    box.answers[GOOD] = answer

    with pytest.raises(Undelivered) as fault:
        server().send(GOOD, SUBJECT, TEXT)

    assert (fault.value.is_final, fault.value.is_down) == (is_final, False)
    assert fault.value.kind == f"recipient {answer[:3]}"
    assert GOOD not in str(fault.value)


def test_mail_server_that_is_down_is_told_from_a_bad_address(app: Flask) -> None:
    with mail.running() as gone:
        mail.use(app, gone)

    with pytest.raises(Undelivered) as fault:
        server().send(GOOD, SUBJECT, TEXT)

    assert fault.value.is_down
    assert fault.value.kind == "ConnectionRefusedError"


def test_mail_goes_encrypted_and_with_password(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = mail.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    secured = {"SMTP_SECURITY": "starttls", "SMTP_USER": mail.USER, "SMTP_PASSWORD": mail.PASSWORD}

    with mail.running(
        tls_context=context, require_starttls=True, authenticator=mail.accepts, auth_required=True
    ) as box:
        mail.use(app, box, **secured)
        server().send(GOOD, SUBJECT, TEXT)

    assert box.readers == [GOOD]


def test_mail_with_a_wrong_password_is_not_sent(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, context = mail.certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    wrong = {"SMTP_SECURITY": "starttls", "SMTP_USER": mail.USER, "SMTP_PASSWORD": "wrong"}

    with mail.running(
        tls_context=context, require_starttls=True, authenticator=mail.accepts, auth_required=True
    ) as box:
        mail.use(app, box, **wrong)
        with pytest.raises(Undelivered) as fault:
            server().send(GOOD, SUBJECT, TEXT)

    assert (fault.value.kind, fault.value.is_down) == ("server 535", True)
    assert box.letters == []


def test_mail_is_not_sent_to_a_server_with_an_unknown_certificate(
    app: Flask, tmp_path: Path
) -> None:
    _trusted, context = mail.certificate(tmp_path)

    with mail.running(tls_context=context) as box:
        mail.use(app, box, SMTP_SECURITY="starttls")
        with pytest.raises(Undelivered) as fault:
            server().send(GOOD, SUBJECT, TEXT)

    assert fault.value.kind == "SSLCertVerificationError"
    assert box.letters == []


def test_mail_is_not_sent_readable_when_encryption_is_asked_for(
    box: mail.Mailbox, app: Flask
) -> None:
    app.config["SMTP_SECURITY"] = "starttls"

    with pytest.raises(Undelivered):
        server().send(GOOD, SUBJECT, TEXT)

    assert box.letters == []


@pytest.mark.parametrize(
    "stored",
    ["", None, "张三", "a@b", "a@b.c, d@e.cn", "a@b.cn\nBcc: c@d.cn", "a b@c.cn", "<a@b.cn>"],
)
def test_mail_reaches_nobody_by_a_spoilt_address(box: mail.Mailbox, stored: str | None) -> None:
    person = factories.person(email=stored)

    assert server().address_of(person) is None


# the file of short messages


def test_sms_file_holds_a_line_a_message_for_the_owner_alone(app: Flask, tmp_path: Path) -> None:
    sink = SmsFile(tmp_path / "out" / "sms.jsonl")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: sink.send("13800000000", "", f"第{number}条"), range(40)))

    assert {line["text"] for line in lines(sink.path)} == {f"第{number}条" for number in range(40)}
    assert stat.S_IMODE(sink.path.stat().st_mode) == 0o600


def test_sms_file_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(Undelivered) as fault:
        SmsFile(tmp_path / "taken" / "sms.jsonl").send("13800000000", "", "x")

    assert fault.value.is_down


class Broken(Gateway):
    def send(self, address: str, subject: str, text: str) -> None:
        raise RuntimeError(f"no route to {address}")


def test_gateway_that_raises_anything_is_a_channel_that_is_down(app: Flask) -> None:
    app.config["SMS_GATEWAY"] = f"{__name__}:Broken"
    [way] = channels.available()

    with pytest.raises(Undelivered) as fault:
        channels.hand_over(way, "13800000000", "", "x")

    assert (fault.value.kind, fault.value.is_down) == ("RuntimeError", True)


@pytest.mark.parametrize("place", ["no.such:Gateway", "app.services.messages.channels:Nothing"])
def test_gateway_that_cannot_be_loaded_stops_the_start(
    app: Flask, runner: FlaskCliRunner, place: str
) -> None:
    app.config["SMS_GATEWAY"] = place

    result = runner.invoke(args=["prepare"])

    assert result.exit_code == 1
    assert "SMS_GATEWAY" in result.output


# one-time codes


def test_send_code_prefers_the_mobile_and_returns_it_masked(
    box: mail.Mailbox, app: Flask, tmp_path: Path
) -> None:
    app.config["SMS_FILE"] = tmp_path / "sms.jsonl"
    person = factories.person(phone="13812345678", email=GOOD)

    told = channels.send_code(person, "482913", at=clock.now())

    [line] = lines(tmp_path / "sms.jsonl")
    assert told == "138****5678"
    assert line["to"] == "13812345678"
    assert "482913" in line["text"]
    assert box.letters == []


def test_send_code_goes_by_mail_without_a_mobile(
    box: mail.Mailbox, app: Flask, tmp_path: Path
) -> None:
    app.config["SMS_FILE"] = tmp_path / "sms.jsonl"
    person = factories.person(phone=None, email=GOOD)

    told = channels.send_code(person, "482913", at=clock.now())

    assert told == "z***@example.com"
    assert "482913" in box.letters[0].get_content()
    assert "482913" not in box.letters[0]["Subject"]


def test_send_code_goes_by_mail_when_the_gateway_fails(box: mail.Mailbox, app: Flask) -> None:
    app.config["SMS_GATEWAY"] = f"{__name__}:Gateway"
    person = factories.person(email=GOOD)

    told = channels.send_code(person, "482913", at=clock.now())

    assert told == "z***@example.com"
    assert len(box.letters) == 1


def test_send_code_refuses_with_a_sentence_when_nobody_can_be_reached(app: Flask) -> None:
    person = factories.person(email=GOOD)

    with pytest.raises(Refused, match="No code can be sent"):
        channels.send_code(person, "482913", at=clock.now())


def test_send_code_refuses_with_a_sentence_when_the_server_is_down(app: Flask) -> None:
    with mail.running() as gone:
        mail.use(app, gone)
    person = factories.person(email=GOOD)

    with pytest.raises(Refused, match="Try again"):
        channels.send_code(person, "482913", at=clock.now())
