"""Rows 15, 16 and 18 of material: what is asked for must be there, hostile files and secret ones never get in."""

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.enums import ApplyMode, Level
from app.extensions import db
from app.models import Attachment, Person
from app.services.dossier import dossier, materials
from tests.bad_input import desk
from tests.bad_input.applicant import TICKED, address, draft
from tests.hostile import corpus
from tests.services.dossiers import pdf


def sent(content: bytes, name: str = "证明.pdf", **values: str) -> dict[str, Any]:
    return {"kind": "other", "secret": "no", "file": (BytesIO(content), name)} | values


@pytest.mark.parametrize(
    "values",
    [
        {"level": Level.SENIOR},
        {"mode": ApplyMode.EXCEPTIONAL},
        {"mode": ApplyMode.GREEN},
        {"mode": ApplyMode.TRANSFER},
        {"mode": ApplyMode.GRASSROOTS},
    ],
    ids=str,
)
def test_row_15_what_level_and_way_ask_for_is_named(
    me: FlaskClient, person: Person, values: dict[str, Any]
) -> None:
    application = draft(person, **values)
    wanted = [
        one.kind.name
        for one in materials.asked(application, dossier.form_of(application))
        if one.is_required
    ]

    desk.assert_refused(me, address(application, "submit"), TICKED, *wanted)


@pytest.mark.parametrize("name", [n for n in corpus.REFUSED if n.startswith("pdf ")][::4])
def test_row_16_hostile_pdf_is_refused_in_chinese(
    me: FlaskClient, person: Person, name: str
) -> None:
    content = corpus.REFUSED[name][0]()

    desk.assert_refused(me, address(draft(person), "materials"), sent(content), "证明.pdf")

    assert db.session.query(Attachment).count() == 0


@pytest.mark.parametrize(
    ("answer", "words"), [("yes", "纸质"), ("", "不含涉密内容"), ("on", "不含涉密内容")]
)
def test_row_18_secret_material_never_comes_online(
    me: FlaskClient, person: Person, answer: str, words: str
) -> None:
    url = address(draft(person), "materials")
    before = desk.contents()

    desk.assert_refused(me, url, sent(pdf(), secret=answer), words)

    assert desk.contents() == before


def test_row_18_secret_material_does_not_come_in_pieces_either(
    me: FlaskClient, person: Person
) -> None:
    application = draft(person)
    form = {"kind": "other", "name": "证明.pdf", "size": "1000"}

    for answer, words in (("yes", "纸质"), ("", "不含涉密内容")):
        refused = me.post(address(application, "uploads"), data=form | {"secret": answer})

        assert refused.status_code == 422
        assert words in refused.json["refused"]
