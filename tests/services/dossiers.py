"""A complete dossier for the tests of everything that follows handing in."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfWriter

from app import clock
from app.actor import Actor
from app.enums import Role
from app.models import Application, Person
from app.services import dossier, materials
from tests import factories

ROWS: dict[str, list[dict[str, Any]]] = {
    "basic": [
        {
            "nation": "01",
            "work_since": "2008-07",
            "technical_since": "2008-07",
            "field": "桥梁设计",
        }
    ],
    "titles": [
        {
            "series": "05",
            "level": "3",
            "name": "工程师",
            "acquisition": "review",
            "obtained_on": "2015-12-30",
        }
    ],
    "education": [
        {
            "level": "21",
            "school": "湖南大学",
            "major": "土木工程",
            "study_form": "full_time",
            "entered": "2004-09",
            "graduated": "2008-06",
            "certificate_number": "105321200805001234",
            "degree": "4",
            "is_basis": "y",
        }
    ],
    "work": [{"started": "2008-07", "unit": "湖南省交通设计院", "work": "桥梁设计"}],
    "achievements": [
        {
            "name": "湘江大桥加固",
            "started": "2018-03",
            "ended": "2019-10",
            "role": "host",
            "rank": "1",
            "people": "12",
            "outcome": "通过验收",
        }
    ],
    "assessments": [{"year": "2024", "grade": "competent", "unit": "湖南省交通设计院"}],
}


def owner_of(person: Person) -> Actor:
    """Return the applicant as the one who acts."""
    return Actor(role=Role.APPLICANT, name=person.name, person_id=person.id, user_id=person.user_id)


def pdf(pages: int = 1, *, password: str = "") -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(width=595, height=842)
    if password:
        writer.encrypt(password, algorithm="AES-256")
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 30)) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "white").save(made, kind)
    return made.getvalue()


def pixel_bomb(side: int = 30_000) -> bytes:
    """Return a few kilobytes of PNG that announce a picture of `side` × `side` dots."""
    raw = zlib.compress(b"\0" * 100_000)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", raw), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def fill(application: Application, **rows: list[dict[str, Any]]) -> None:
    """Save every section, with `rows` instead of the usual ones where given."""
    actor = owner_of(application.person)
    for key, usual in (ROWS | rows).items():
        known = dossier.stored(application).get(key)
        dossier.save_section(
            application,
            key,
            usual,
            actor=actor,
            at=clock.now(),
            seen_revision=known.revision if known else 0,
        )


def upload(application: Application) -> None:
    """Attach one file of every required kind."""
    for one in materials.asked(application, dossier.form_of(application)):
        if one.is_required and not one.attachments:
            factories.attachment(application, one.kind.code, name=f"{one.kind.name}.pdf")


def commit(application: Application) -> None:
    dossier.commit_to(application, is_true=True, is_secret_free=True, at=clock.now())


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
