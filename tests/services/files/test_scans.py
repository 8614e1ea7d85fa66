"""A scan saved anew is found again, another person's certificate of the same layout is not, and no file stops the queue."""

import random
from io import BytesIO

import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.ground import clock
from app.models import Scan
from app.services.files import file_store, page_look, sandbox, scans
from app.services.jobs import scheduled_jobs
from tests.hostile.pdfs import PAGE, PLAIN, packed, pdf_of
from tests.support import certificates

MINE, OTHER = (certificates.certificate(random.Random(seed)) for seed in (1, 2))


def kept(content: bytes, media_type: str = "image/jpeg") -> str:
    """Store a content and return its digest."""
    stored = file_store.keep(file_store.new_file(BytesIO(content)), media_type, 1)
    return stored.digest


def read(session: Session, *digests: str) -> int:
    scans.await_reading(digests)
    session.commit()
    return scheduled_jobs.run(clock.now())["scans"]


def pdf(*pictures: Image.Image) -> bytes:
    written = BytesIO()
    canvas = Canvas(written, pagesize=(620, 439))
    for picture in pictures:
        canvas.drawImage(ImageReader(picture), 0, 0, 620, 439)
        canvas.showPage()
    canvas.save()
    return written.getvalue()


@pytest.mark.parametrize("name", certificates.SAVED_ANEW)
def test_a_scan_saved_anew_looks_nearly_the_same(name: str) -> None:
    mine, again = (look(one) for one in (MINE, certificates.SAVED_ANEW[name](MINE)))

    assert (mine ^ again).bit_count() <= scans.NEAREST
    assert set(enumerate(scans.bands_of(mine))) & set(enumerate(scans.bands_of(again)))


def look(image: Image.Image) -> int:
    return int(page_look.look_of(image) or "0", 16)


def test_the_same_layout_with_another_person_does_not_look_the_same() -> None:
    assert (look(MINE) ^ look(OTHER)).bit_count() > scans.NEAREST


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_page_looks_like_nothing(shade: int) -> None:
    assert page_look.look_of(Image.new("RGB", (600, 800), (shade,) * 3)) is None


def test_bands_share_out_the_lowest_frequencies() -> None:
    first = 1 << (4 * page_look.DIGITS - 2)

    assert scans.bands_of(first) == (1 << scans.BAND_BITS - 1, *(0,) * 7)
    assert scans.bands_of(first >> 1)[1] == 1 << scans.BAND_BITS - 1
    assert not any(scans.bands_of(1))


def test_files_near_to_each_other_are_found_in_pictures_and_on_pages(session: Session) -> None:
    mine = kept(certificates.jpg(MINE, 90))
    smaller = kept(certificates.jpg(certificates.resized(MINE, 0.6), 60))
    second_page = kept(pdf(OTHER, MINE), "application/pdf")
    foreign = kept(certificates.jpg(certificates.certificate(random.Random(3)), 90))

    assert read(session, mine, smaller, second_page, foreign) == 4

    assert scans.near([mine, foreign]) == {mine: {smaller, second_page}}


def test_a_content_is_read_once_and_only_its_first_pages(session: Session) -> None:
    digest = kept(pdf(*[MINE] * (scans.PAGES + 2)), "application/pdf")

    assert read(session, digest, digest) == 1
    assert read(session, digest) == 0

    query = select(func.count()).select_from(Scan).where(Scan.digest == digest)
    assert session.scalar(query) == scans.PAGES


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 nothing", b"\xff\xd8\xff" + bytes(99), b"text", pdf(MINE)[:900]]
)
def test_what_cannot_be_drawn_holds_nothing_up(session: Session, content: bytes) -> None:
    bad, good = kept(content), kept(certificates.jpg(MINE, 90))

    assert read(session, bad, good) == 2

    assert dict(session.execute(select(Scan.digest, Scan.look.is_(None))).tuples().all()) == {
        bad: True,
        good: False,
    }


def test_a_content_that_is_gone_is_not_waited_for(session: Session) -> None:
    assert read(session, "0" * 64) == 1
    assert read(session, "0" * 64) == 0


def endless() -> bytes:
    """Return a page that is painted two hundred thousand times."""
    paint = (
        b"/Resources<</Shading<</P<</ShadingType 2/ColorSpace/DeviceGray/Coords[0 0 9 9]/Extend[true true]"
        b"/Function<</FunctionType 2/Domain[0 1]/N 1>>>>>>>>>>"
    )
    return pdf_of({**PLAIN, 3: PAGE[:-2] + paint, 4: packed(b"/P sh " * 200_000)})


def test_a_file_that_ends_its_process_costs_the_others_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 4)
    bomb, good = kept(endless(), "application/pdf"), kept(certificates.jpg(MINE, 90))

    assert read(session, bomb, good) == 2

    seen = session.scalars(select(Scan.digest).where(Scan.look.is_not(None)))
    assert list(seen) == [good]
