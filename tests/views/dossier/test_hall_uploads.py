"""Uploads in pieces through HTTP: going on, wrong places, limits before the first piece, whose upload it is."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.ground import clock
from app.models import Application, Upload
from app.services.dossier import uploads
from tests.services.dossiers import pdf
from tests.support import factories, signing
from tests.views.dossier.test_hall_materials import Me, applicant, draft, me, there, upload

__all__ = ["me"]


class Sender:
    """Sends one file in pieces."""

    def __init__(self, client: FlaskClient, application: Application) -> None:
        self.client = client
        self.base = f"/me/application/{application.id}/uploads"
        self.token = ""

    @property
    def part(self) -> Path:
        return uploads.parts() / hashlib.sha256(self.token.encode()).hexdigest()

    def begin(self, kind: str = "paper", size: int = 0, **more: str) -> Any:
        form = {"kind": kind, "name": "论文《一》.pdf", "size": str(size), "secret": "no"} | more
        answer = self.client.post(self.base, data=form)
        self.token = (answer.json or {}).get("token", self.token)
        return answer

    def piece(self, at: Any, data: bytes, **headers: str) -> Any:
        return self.client.post(
            f"{self.base}/{self.token}/piece",
            data=data,
            content_type="application/octet-stream",
            headers={"Upload-Offset": str(at), **headers},
        )

    def state(self) -> Any:
        return self.client.get(f"{self.base}/{self.token}")

    def finish(self, **more: str) -> Any:
        return self.client.post(f"{self.base}/{self.token}/finish", data={"secret": "no"} | more)

    def send(self, content: bytes, **begun: str) -> Any:
        self.begin(size=len(content), **begun)
        step = len(content) // 3 + 1
        for at in range(0, len(content), step):
            assert self.piece(at, content[at : at + step]).status_code == 200
        return self.finish(**begun)


def test_pieces_become_the_file(me: Me, session: Session) -> None:
    client, person = me
    sender, content = Sender(client, draft(person)), pdf(40)

    answer = sender.send(content)

    (made,) = there(session)
    assert answer.status_code == 200
    assert answer.json == {"kind": "paper", "message": "1 files uploaded.", "doubles": []}
    assert made.name == "论文《一》.pdf"
    assert client.get(f"/file/{made.id}").data == content
    assert session.scalars(select(Upload)).all() == []
    assert not sender.part.exists()


def test_an_upload_goes_on_where_it_stopped(me: Me) -> None:
    client, person = me
    sender, content = Sender(client, draft(person)), pdf(40)
    sender.begin(size=len(content))
    sender.piece(0, content[:1000])

    told = sender.state().json

    assert (told["received"], told["size"]) == (1000, len(content))
    assert sender.piece(1000, content[1000:]).json["received"] == len(content)
    assert sender.finish().status_code == 200


@pytest.mark.parametrize("at", [0, 999, 5000, "", "x", -1])
def test_a_misplaced_piece_is_told_the_right_place(me: Me, at: Any) -> None:
    client, person = me
    sender, content = Sender(client, draft(person)), pdf(40)
    sender.begin(size=len(content))
    sender.piece(0, content[:1000])

    answer = sender.piece(at, content[1000:2000])

    assert answer.status_code == 409
    assert answer.json["received"] == 1000


def test_a_damaged_piece_is_not_counted(me: Me) -> None:
    client, person = me
    sender, content = Sender(client, draft(person)), pdf()
    sender.begin(size=len(content))
    right = hashlib.sha256(content).hexdigest()

    damaged = sender.piece(0, content[:-1] + b"?", **{"Upload-Digest": right})

    assert damaged.status_code == 422
    assert "arrived damaged" in damaged.json["refused"]
    assert sender.piece(0, content, **{"Upload-Digest": right}).status_code == 200


@pytest.mark.parametrize("piece", [b"", b"0" * (uploads.PIECE + 1), b"0" * 2000])
def test_a_piece_that_does_not_fit_is_refused(me: Me, piece: bytes) -> None:
    client, person = me
    sender = Sender(client, draft(person))
    sender.begin(size=1000)

    assert sender.piece(0, piece).status_code == 422
    assert sender.state().json["received"] == 0


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"size": "0"}, "is empty"),
        ({"size": "x"}, "is empty"),
        ({"size": str(6 * 1024 * 1024)}, "larger than 5 MB"),
        ({"size": "9" * 40}, "is empty"),
        ({"kind": "nonsense", "size": "10"}, "not asked for here"),
        ({"size": "10", "secret": ""}, "first tick"),
        ({"size": "10", "secret": "yes"}, "Hand it in on paper"),
        ({"size": "10", "replaces": "99999"}, "not there any more"),
    ],
)
def test_what_a_plain_upload_is_refused_for_is_refused_before_the_first_piece(
    me: Me, session: Session, form: dict[str, str], words: str
) -> None:
    client, person = me

    answer = Sender(client, draft(person)).begin(**form)  # type: ignore[arg-type]

    assert answer.status_code == 422
    assert words in answer.json["refused"]
    assert session.scalars(select(Upload)).all() == []


def test_the_total_is_checked_before_the_first_piece(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    factories.attachment(application, "book").file.size = 99 * 1024 * 1024

    answer = Sender(client, application).begin(size=2 * 1024 * 1024)

    assert "100 MB at most" in answer.json["refused"]


def test_only_so_many_uploads_are_begun(me: Me) -> None:
    client, person = me
    sender = Sender(client, draft(person))
    for _ in range(uploads.AT_ONCE):
        assert sender.begin("other", 10).status_code == 201

    assert "begun and not finished" in sender.begin("other", 10).json["refused"]


def test_finishing_too_early_is_refused_and_can_go_on(me: Me) -> None:
    client, person = me
    sender, content = Sender(client, draft(person)), pdf(40)
    sender.begin(size=len(content))
    sender.piece(0, content[:1000])

    answer = sender.finish()

    assert answer.status_code == 409
    assert answer.json["received"] == 1000
    assert "not arrived completely" in answer.json["refused"]
    assert sender.piece(1000, content[1000:]).status_code == 200
    assert sender.finish().status_code == 200


def test_what_is_judged_unfit_is_dropped_with_the_reason(me: Me, session: Session) -> None:
    client, person = me
    sender = Sender(client, draft(person))

    answer = sender.send(b"MZ\x90\0" * 100)

    assert answer.status_code == 422
    assert "“论文《一》.pdf” is no PDF, JPG, PNG file" in answer.json["refused"]
    assert session.scalars(select(Upload)).all() == []
    assert not sender.part.exists()


def test_pieces_replace_a_file(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    upload(client, application, "paper", (pdf(1), "旧.pdf"))
    old = there(session)[0]

    Sender(client, application).send(pdf(2), replaces=str(old.id))

    assert [one.name for one in there(session)] == ["论文《一》.pdf"]


def test_an_upload_is_cancelled(me: Me, session: Session) -> None:
    client, person = me
    sender = Sender(client, draft(person))
    sender.begin(size=1000)
    sender.piece(0, b"0" * 500)

    client.post(f"{sender.base}/{sender.token}/cancel")

    assert sender.state().status_code == 404
    assert session.scalars(select(Upload)).all() == []
    assert not sender.part.exists()


def test_two_windows_finish_one_upload_once(me: Me, session: Session) -> None:
    client, person = me
    sender = Sender(client, draft(person))
    sender.send(pdf(3))

    assert sender.finish().status_code == 404
    assert len(there(session)) == 1


def test_nobody_else_goes_on_with_an_upload(me: Me, app: Flask) -> None:
    client, person = me
    application = draft(person)
    sender = Sender(client, application)
    sender.begin(size=1000)
    other_person, position = applicant()
    other = signing.signed_in(app.test_client(), position)
    theirs = Sender(other, draft(other_person))
    stolen = Sender(other, application)
    theirs.token = stolen.token = sender.token

    for thief in (theirs, stolen):
        assert thief.state().status_code == 404
        assert thief.piece(0, b"0").status_code == 404
        assert thief.finish().status_code == 404
        assert other.post(f"{thief.base}/{thief.token}/cancel").status_code == 404
    assert sender.state().json["received"] == 0


def test_pieces_need_a_sign_in(me: Me, app: Flask) -> None:
    client, person = me
    sender = Sender(client, draft(person))
    sender.begin(size=1000)
    sender.client = app.test_client()

    assert sender.piece(0, b"0").status_code == 401
    assert sender.finish().status_code == 401


def test_an_upload_lives_a_day(me: Me, session: Session) -> None:
    client, person = me
    sender = Sender(client, draft(person))
    sender.begin(size=1000)
    upload = session.scalars(select(Upload)).one()
    upload.touched_at = clock.now() - uploads.LIFE * 1.01

    assert sender.piece(0, b"0").status_code == 404


def test_pieces_need_the_token_of_the_form(me: Me, app: Flask) -> None:
    client, person = me
    sender = Sender(client, draft(person))
    sender.begin(size=1000)
    app.config |= {"WTF_CSRF_ENABLED": True, "WTF_CSRF_CHECK_DEFAULT": True}

    assert sender.piece(0, b"0").status_code == 400
    assert sender.finish().status_code == 400
    assert sender.state().json["received"] == 0
