"""Uploads: hostile ones are refused with a sentence, ordinary ones are kept once under their digest."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import ExifTags, Image
from pypdf.errors import LimitReachedError, PdfReadError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import settings
from app.engine import Refused
from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import StoredFile
from app.services.files import attached_files, file_probe, file_store, sandbox
from tests.hostile.corpus import REFUSED
from tests.hostile.endless import bomb_of_objects, nested
from tests.services.dossiers import pdf, picture, pixel_bomb
from tests.support import factories

ACTOR = Actor(role=Role.APPLICANT)


def refusal(content: bytes, name: str = "证书.pdf", **kwargs: object) -> str:
    with pytest.raises(Refused) as caught:
        attached_files.store(BytesIO(content), name, **kwargs)  # type: ignore[arg-type]
    return caught.value.sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"MZ\x90\x00" + b"\0" * 500, "is no PDF, JPG, PNG file by its content"),
        (b"<html><script>alert(1)</script></html>", "is no PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "is no PDF"),
        (b"PK\x03\x04" + b"\0" * 200, "is no PDF"),
        (b"GIF89a" + b"\0" * 50, "is no PDF"),
        (b"%PDF-1.7\n" + b"garbage" * 50, "damaged or incomplete"),
        (b"%PDF-1.7\ngarbage\n%%EOF\n", "damaged or incomplete"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "damaged or incomplete"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "damaged or incomplete"),
    ],
)
def test_store_refuses_what_is_no_document(app: Flask, content: bytes, words: str) -> None:
    assert words in refusal(content)


def test_store_refuses_an_encrypted_pdf(app: Flask) -> None:
    assert "protected with a password" in refusal(pdf(password="secret"))


def test_store_refuses_a_pdf_without_pages(app: Flask) -> None:
    assert "has no page" in refusal(pdf(0))


def test_store_refuses_a_truncated_pdf(app: Flask) -> None:
    assert "damaged or incomplete" in refusal(pdf(3)[:-60])


def test_store_refuses_a_truncated_picture(app: Flask) -> None:
    whole = picture("JPEG", (400, 400))

    assert "damaged or incomplete" in refusal(whole[: len(whole) // 2], "照片.jpg")


def test_store_refuses_a_thousand_pages(app: Flask) -> None:
    assert "more than 300 pages" in refusal(pdf(1000))


def test_store_refuses_pages_that_contain_themselves(app: Flask) -> None:
    objects = b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>endobj"
    looped = b"%PDF-1.4\n" + objects + b"\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n"

    assert refusal(looped) in (
        "“证书.pdf” is damaged or incomplete. Open it, save it again and upload it.",
        "“证书.pdf” has no page. Open it, check it and save it again.",
    )


def test_store_refuses_a_pixel_bomb(app: Flask) -> None:
    bomb = pixel_bomb()

    assert len(bomb) < 10_000
    assert "too many pixels" in refusal(bomb, "照片.png")


def test_store_refuses_a_megabyte_too_many(app: Flask) -> None:
    limit = settings.get("upload_max_mb")

    assert f"larger than {limit} MB" in refusal(
        b"%PDF-1.7\n" + b"0" * (limit * attached_files.MEGABYTE)
    )


def test_store_stops_reading_at_the_limit(app: Flask) -> None:
    class Endless(BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            self.taken += size or 0
            return b"0" * (size or 0)

    endless = Endless()

    with pytest.raises(Refused):
        attached_files.store(endless, "大.pdf", max_mb=1)

    assert endless.taken <= 2 * attached_files.MEGABYTE


def test_store_refuses_a_kind_that_was_not_asked(app: Flask) -> None:
    assert "is no JPG, PNG file" in refusal(pdf(), kinds=("jpg", "png"))


def test_store_leaves_nothing_behind_when_it_refuses(app: Flask) -> None:
    before = set(file_store.root().glob(f"{file_store.NEW}*"))

    refusal(b"MZ\x90\x00")

    assert set(file_store.root().glob(f"{file_store.NEW}*")) == before


@pytest.mark.parametrize(
    ("content", "media_type", "pages"),
    [
        (pdf(3), "application/pdf", 3),
        (picture("PNG"), "image/png", 1),
        (picture("JPEG"), "image/jpeg", 1),
        (b"\xef\xbb\xbf" + pdf(1), "application/pdf", 1),
    ],
)
def test_store_keeps_a_document(
    session: Session, content: bytes, media_type: str, pages: int
) -> None:
    stored = attached_files.store(BytesIO(content), "学历证书.pdf")
    session.commit()

    kept = file_store.place(stored.digest).read_bytes()
    assert (stored.media_type, stored.pages, stored.size) == (media_type, pages, len(kept))
    assert stored.digest == hashlib.sha256(kept).hexdigest()


def test_store_keeps_the_bytes_of_a_sealed_pdf(session: Session) -> None:
    content = pdf(2)

    stored = attached_files.store(BytesIO(content), "学历证书.pdf")

    assert file_store.path_of(stored.digest).read_bytes() == content


def test_store_draws_a_picture_anew_without_what_the_camera_wrote(session: Session) -> None:
    camera = Image.Exif()
    camera[ExifTags.Base.Orientation] = 6
    camera[ExifTags.Base.Model] = "PHONE-OF-A-PERSON"
    camera[ExifTags.IFD.GPSInfo] = {ExifTags.GPS.GPSLatitude: (28.0, 11.0, 45.0)}
    written = BytesIO()
    Image.new("RGB", (60, 20), "red").save(written, "JPEG", exif=camera, comment=b"HIDDEN")

    stored = attached_files.store(BytesIO(written.getvalue() + b"PK\x03\x04 behind"), "照片.jpg")

    kept = file_store.path_of(stored.digest).read_bytes()
    with Image.open(BytesIO(kept)) as image:
        assert (image.size, dict(image.getexif())) == ((20, 60), {})
    for hidden in (b"PHONE", b"HIDDEN", b"behind", b"Exif"):
        assert hidden not in kept


def test_store_does_not_draw_a_picture_twice(session: Session) -> None:
    first = attached_files.store(BytesIO(picture("JPEG", (300, 300))), "甲.jpg")
    session.commit()
    kept = file_store.path_of(first.digest).read_bytes()

    again = attached_files.store(BytesIO(kept), "乙.jpg")

    assert again is first


def test_store_keeps_the_same_content_once(session: Session) -> None:
    first = attached_files.store(BytesIO(pdf(2)), "甲.pdf")

    second = attached_files.store(BytesIO(pdf(2)), "乙.pdf")

    assert second is first
    assert session.scalar(select(func.count(StoredFile.id))) == 1


def test_content_is_found_again(app: Flask) -> None:
    content = pdf(1)
    application = factories.application()
    stored = attached_files.store(BytesIO(content), "论文.pdf")

    attachment = attached_files.attach(application, stored, "paper", "论文.pdf", ACTOR, clock.now())

    assert attached_files.open_path(attachment).read_bytes() == content


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("学历证书（扫描件）.pdf", "学历证书（扫描件）.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\桌面\\论文.pdf", "论文.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a\x00\r\nb.pdf", "ab.pdf"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("...", "file"),
        ("", "file"),
        ("\U00020000.pdf", "\U00020000.pdf"),
        ("李\U00031350.pdf", "李\U00031350.pdf"),
        ("王\U000323af的论文.pdf", "王\U000323af的论文.pdf"),
        ("张\U0002ebf0.pdf", "张\U0002ebf0.pdf"),
        ("\U00030000\U0003134a.pdf", "\U00030000\U0003134a.pdf"),
        ("a\u2065b\ufffec\U000e0fffd\U0003ffffe.pdf", "abcde.pdf"),
        ("a\ufdd0\ufff0b.pdf", "ab.pdf"),
    ],
)
def test_clean_name_keeps_chinese_and_drops_what_misleads(app: Flask, sent: str, kept: str) -> None:
    assert attached_files.clean_name(sent) == kept


def test_clean_name_is_never_longer_than_its_column(app: Flask) -> None:
    name = attached_files.clean_name("长" * 400 + ".pdf")

    assert len(name) == attached_files.LONGEST_NAME
    assert name.endswith(".pdf")


def test_attach_gives_a_name_the_suffix_of_its_content(app: Flask) -> None:
    stored = attached_files.store(BytesIO(picture("JPEG")), "setup.exe")

    attachment = attached_files.attach(
        factories.application(), stored, "photo", "setup.exe", ACTOR, clock.now()
    )

    assert attachment.name == "setup.exe.jpg"


def test_attach_refuses_more_than_the_total(app: Flask) -> None:
    application = factories.application()
    stored = attached_files.store(BytesIO(pdf()), "a.pdf")
    stored.size = (settings.get("upload_total_mb") * attached_files.MEGABYTE) // 2 + 1
    attached_files.attach(application, stored, "paper", "a.pdf", ACTOR, clock.now())

    with pytest.raises(Refused, match="100 MB at most"):
        attached_files.attach(application, stored, "paper", "b.pdf", ACTOR, clock.now())


def test_attach_refuses_to_fill_the_disk_with_removed_files(app: Flask) -> None:
    application = factories.application()
    stored = attached_files.store(BytesIO(pdf()), "a.pdf")
    stored.size = settings.get("upload_total_mb") * attached_files.MEGABYTE
    for _time in range(attached_files.KEPT_TIMES):
        made = attached_files.attach(application, stored, "paper", "a.pdf", ACTOR, clock.now())
        attached_files.detach(made, clock.now())

    with pytest.raises(Refused, match="uploaded and removed again"):
        attached_files.attach(application, stored, "paper", "a.pdf", ACTOR, clock.now())


def test_detach_takes_a_file_out_and_keeps_its_row(app: Flask) -> None:
    application = factories.application()
    stored = attached_files.store(BytesIO(pdf()), "a.pdf")
    attachment = attached_files.attach(application, stored, "paper", "a.pdf", ACTOR, clock.now())

    attached_files.detach(attachment, clock.now())

    assert attached_files.attachments_of(application) == []
    assert attached_files.open_path(attachment).is_file()


def test_of_returns_only_the_kind_asked_for(app: Flask) -> None:
    application = factories.application()
    stored = attached_files.store(BytesIO(pdf()), "a.pdf")
    paper = attached_files.attach(application, stored, "paper", "a.pdf", ACTOR, clock.now())
    attached_files.attach(application, stored, "book", "b.pdf", ACTOR, clock.now())

    assert attached_files.attachments_of(application, "paper") == [paper]


def test_open_path_says_when_the_content_is_gone(app: Flask) -> None:
    attachment = factories.attachment(factories.application())

    with pytest.raises(FileNotFoundError):
        attached_files.open_path(attachment)


def rare_jpg() -> bytes:
    """Return a JPG that says it has 12 bits per colour."""
    whole = picture("JPEG")
    at = whole.index(b"\xff\xc0") + 4
    return whole[:at] + b"\x0c" + whole[at + 1 :]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (nested(100_000), "nested too deeply"),
        (bomb_of_objects(), "when unpacked"),
        (REFUSED["pdf of too many objects"][0](), "more than 100000 parts"),
        (REFUSED["pdf packed twice"][0](), "packed several times"),
        (REFUSED["pdf picture bomb"][0](), "more than 200 megapixels"),
        (REFUSED["pdf unpacking bomb"][0](), "larger than 64 MB when unpacked"),
        (REFUSED["png text bomb"][0](), "more than 64 MB of text"),
        (rare_jpg(), "a JPG of a rare kind"),
    ],
)
def test_a_limit_of_reading_is_named_and_not_called_damage(
    app: Flask, content: bytes, words: str
) -> None:
    sentence = refusal(content)

    assert words in sentence
    assert "damaged" not in sentence


def test_a_limit_is_followed_by_advice_for_the_kinds_taken(app: Flask) -> None:
    bomb = REFUSED["png text bomb"][0]()

    assert "Print it into a plain PDF" in refusal(bomb)
    assert "Save it as a smaller JPG" in refusal(bomb, kinds=("jpg", "png"))


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (MemoryError(), "memory"),
        (RecursionError(), "nested"),
        (LimitReachedError("too large"), "unpacked"),
        (ValueError("odd"), "broken"),
        (PdfReadError("odd"), "broken"),
    ],
)
def test_reason_of_tells_limits_from_damage(error: Exception, why: str) -> None:
    assert file_probe.reason_of(error) == why


def test_a_file_that_takes_too_long_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 0.001)

    assert "takes too much to read" in refusal(pdf())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (pdf(2), {"type": "pdf", "pages": 2, "is_cleaned": False}),
        (pdf(2) + b"behind", {"type": "pdf", "pages": 2, "is_cleaned": True}),
        (pdf(0), {"why": "no_pages"}),
        (pdf(4), {"why": "pages", "pages": 4}),
        (pdf(1)[:-60], {"why": "broken"}),
        (pdf(password="secret"), {"why": "encrypted"}),
        (picture("JPEG"), {"type": "jpg", "pages": 1, "is_cleaned": True}),
        (picture("PNG"), {"type": "png", "pages": 1, "is_cleaned": True}),
        (pixel_bomb(), {"why": "pixels", "width": 30_000, "height": 30_000}),
        (b"MZ", {"why": "type"}),
        (pdf(1).replace(b"595", b"000"), {"why": "broken"}),
    ],
)
def test_look_tells_what_a_file_is(
    tmp_path: Path, content: bytes, found: dict[str, object]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    assert file_probe.look(path, 3, tmp_path / "clean", attached_files.MEGABYTE) == found
