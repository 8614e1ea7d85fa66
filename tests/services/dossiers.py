"""A complete dossier for the tests of everything that follows handing in."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfWriter

from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Person
from app.services.dossier import dossier, filling, materials
from tests.support import factories

THIS_YEAR = clock.local_date(clock.now()).year
TITLE_YEAR = THIS_YEAR - 6
"""The present title was obtained at the end of that year; five assessments have followed."""
EMPLOYER = "湖南省交通设计院"

ROWS: dict[str, list[dict[str, Any]]] = {
    "applying": [{"field": "桥梁设计", "filing_unit": "work"}],
    "basic": [{"nation": "01", "work_since": "2008-07", "technical_since": "2008-07"}],
    "titles": [
        {
            "series": "05",
            "level": "3",
            "name": "工程师",
            "acquisition": "review",
            "obtained_on": f"{TITLE_YEAR}-12-30",
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
    "work": [{"started": "2008-07", "unit": EMPLOYER, "work": "桥梁设计"}],
    "continuing": [
        {"year": str(THIS_YEAR - 1), "public_hours": "30", "special_hours": "62.5"},
    ],
    "achievements": [
        {
            "name": "湘江大桥加固",
            "started": f"{TITLE_YEAR + 1}-03",
            "ended": f"{TITLE_YEAR + 2}-10",
            "role": "host",
            "rank": "1",
            "people": "12",
            "outcome": "通过验收",
        }
    ],
    "summary": [{"text": "任现职以来认真履行岗位职责，主持完成桥梁加固设计。"}],
    "conduct": [{"has_penalty": "no", "has_dishonesty": "no", "is_declared": "y"}],
    "assessments": [
        {"year": str(year), "grade": "competent", "unit": EMPLOYER}
        for year in range(TITLE_YEAR + 1, THIS_YEAR)
    ],
}
"""What has to be filled in by everybody, as typed; the sections in their order on the page."""

MORE: dict[str, list[dict[str, Any]]] = {
    "training": [
        {
            "started": f"{TITLE_YEAR + 2}-05",
            "ended": f"{TITLE_YEAR + 2}-06",
            "organiser": "湖南省交通运输厅",
            "content": "桥梁检测与加固技术",
            "hours": "40",
            "result": "completed",
        }
    ],
    "projects": [
        {
            "name": "在役桥梁快速加固技术研究",
            "number": "2022-K-031",
            "body": "湖南省交通运输厅",
            "level": "provincial",
            "funds": "35.5",
            "role": "main",
            "rank": "2",
            "people": "8",
            "approved": f"{TITLE_YEAR + 2}-04",
            "close_kind": "acceptance",
            "closed": f"{TITLE_YEAR + 4}-12",
        }
    ],
    "papers": [
        {
            "title": "碳纤维布加固梁桥的试验研究",
            "journal": "中外公路",
            "issn": "CN43-1363/U",
            "published": f"{TITLE_YEAR + 3}-08",
            "rank": "1",
            "authors": "3",
            "index": "core",
            "words": "6200",
        }
    ],
    "books": [
        {
            "title": "桥梁养护手册",
            "kind": "edited",
            "isbn": "9787114000003",
            "publisher": "人民交通出版社",
            "published": f"{TITLE_YEAR + 3}-01",
            "role": "member",
            "words": "3.2",
        }
    ],
    "patents": [
        {
            "kind": "transfer",
            "name": "一种梁桥加固装置的转让",
            "granted": f"{TITLE_YEAR + 4}-03-15",
            "income": "12.5",
        }
    ],
    "awards": [
        {
            "achievement": "湘江大桥加固",
            "name": "湖南省优秀工程勘察设计奖",
            "level": "provincial",
            "grade": "second",
            "body": "湖南省住房和城乡建设厅",
            "awarded": f"{TITLE_YEAR + 4}-11",
            "rank": "3",
            "people": "12",
        }
    ],
}
"""Sections that may stay empty, with one row each."""


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


def a_scan() -> tuple[BytesIO, str]:
    """Return a page of PDF as a form sends it."""
    return BytesIO(pdf()), "扫描件.pdf"


def picture(kind: str = "PNG", size: tuple[int, int] = (20, 30)) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "white").save(made, kind)
    return made.getvalue()


def pixel_bomb(side: int = 30_000) -> bytes:
    """Return a few kilobytes of PNG that announce a picture of `side` × `side` dots."""
    raw = zlib.compress(b"\0" * 100_000)
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", raw), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, body) for name, body in parts)


def fill(application: Application, **rows: list[dict[str, Any]]) -> None:
    """Save every section that must be filled, with `rows` instead of the usual ones where given."""
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


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a part of a PNG file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def rows_of(application: Application, key: str = "work") -> list[Any]:
    """Return the rows stored in a section."""
    return list(filling.section_state(application, key).rows.values())
