"""Pages as pictures: drawn once, bounded, and never a reason to fail."""

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy.orm import Session

from app.services.files import attached_files, file_store, page_render, previews, sandbox
from tests.hostile.benign import of_phone, scan, seen_through, written
from tests.hostile.pdfs import PAGE, PLAIN, pdf_of
from tests.services.dossiers import pdf, picture


@pytest.mark.parametrize(("width", "dots"), [("thumb", 180), ("page", 900), ("large", 1800)])
def test_a_page_is_drawn_in_the_width_asked_for(session: Session, width: str, dots: int) -> None:
    stored = attached_files.store(BytesIO(written(3)), "a.pdf")

    drawn = previews.page(stored, 3, width)

    assert drawn is not None
    with Image.open(drawn) as image:
        assert abs(image.width - dots) <= 1
        assert image.format == "PNG"
        assert image.convert("L").getextrema()[0] < 128


def test_a_picture_is_never_enlarged(session: Session) -> None:
    stored = attached_files.store(BytesIO(picture(size=(300, 100))), "a.png")

    drawn = previews.page(stored, 1, "large")

    assert drawn is not None
    with Image.open(drawn) as image:
        assert image.size == (300, 100)


@pytest.mark.parametrize(("number", "width"), [(0, "page"), (3, "page"), (1, "huge")])
def test_what_is_not_there_is_not_drawn(session: Session, number: int, width: str) -> None:
    stored = attached_files.store(BytesIO(pdf(2)), "a.pdf")

    assert previews.page(stored, number, width) is None


def test_a_page_is_drawn_once(session: Session) -> None:
    stored = attached_files.store(BytesIO(pdf(1)), "a.pdf")
    first = previews.page(stored, 1, "page")
    session.commit()
    file_store.place(stored.digest).unlink()

    assert previews.page(stored, 1, "page") == first


def test_a_flood_of_pages_makes_room_at_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = attached_files.store(BytesIO(written(3)), "a.pdf")
    monkeypatch.setattr(previews, "DRAWN_BYTES", 1)
    monkeypatch.setattr(previews, "KEPT_BYTES", 0)

    first = previews.page(stored, 1, "thumb")
    second = previews.page(stored, 2, "thumb")

    assert first is not None
    assert not first.is_file()
    assert second is not None
    assert second.is_file()


def test_a_lost_content_is_said(session: Session) -> None:
    stored = attached_files.store(BytesIO(pdf(11)), "a.pdf")
    session.commit()
    file_store.place(stored.digest).unlink()

    with pytest.raises(FileNotFoundError):
        previews.page(stored, 1, "page")


def test_a_page_that_cannot_be_drawn_is_remembered(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = attached_files.store(BytesIO(pdf(12)), "a.pdf")
    monkeypatch.setattr(sandbox, "SECONDS", 0.001)

    first = previews.page(stored, 1, "page")
    monkeypatch.undo()

    assert first is None
    assert previews.page(stored, 1, "page") is None


def test_too_many_at_once_are_told_to_come_again(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = attached_files.store(BytesIO(pdf(13)), "a.pdf")
    monkeypatch.setattr(previews, "WAIT_SECONDS", 0.01)
    for _ in range(sandbox.AT_ONCE):
        sandbox.TURNS.acquire()

    try:
        with pytest.raises(previews.Busy):
            previews.page(stored, 1, "page")
    finally:
        for _ in range(sandbox.AT_ONCE):
            sandbox.TURNS.release()

    assert previews.page(stored, 1, "page") is not None


def test_the_longest_unused_pages_go_first(session: Session) -> None:
    previews.shrink(0)
    stored = attached_files.store(BytesIO(written(3)), "a.pdf")
    drawn = [previews.page(stored, number, "thumb") for number in (1, 2, 3)]
    previews.page(stored, 1, "thumb")
    sizes = [path.stat().st_size for path in drawn if path]

    gone = previews.shrink(sum(sizes) - 1)

    assert gone == 1
    assert [path.is_file() for path in drawn if path] == [True, False, True]
    assert previews.shrink(0) == 2
    assert previews.shrink(0) == 0


# the script itself


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (of_phone(1), (320, 240)),
        (seen_through("LA"), (120, 80)),
        (seen_through("P"), (120, 80)),
        (pdf_of({**PLAIN, 3: PAGE.replace(b"595 842", b"1 14400")}), (1, 10_000)),
        (pdf_of({**PLAIN, 3: PAGE.replace(b"595 842", b"842 595")}), (320, 227)),
    ],
)
def test_draw_keeps_the_shape(tmp_path: Path, content: bytes, size: tuple[int, int]) -> None:
    source, out = tmp_path / "file", tmp_path / "page.png"
    source.write_bytes(content)

    found = page_render.draw(source, 1, 320, out, previews.FONTS)

    assert abs(found["width"] - size[0]) <= 1
    assert abs(found["height"] - size[1]) <= 1
    with Image.open(out) as image:
        assert image.size == (found["width"], found["height"])


def test_a_scan_keeps_its_seal_red(tmp_path: Path) -> None:
    made = BytesIO()
    scan(mode="RGB").save(made, "PDF")
    source, out = tmp_path / "file", tmp_path / "page.png"
    source.write_bytes(made.getvalue())

    page_render.draw(source, 1, 900, out, previews.FONTS)

    with Image.open(out) as image:
        colours = image.convert("RGB").getcolors(1 << 24) or []
    assert any(red > 200 and green < 80 and blue < 80 for _, (red, green, blue) in colours)


def test_a_script_that_says_nothing_is_broken(app: Flask, tmp_path: Path) -> None:
    mute, failing = tmp_path / "mute.py", tmp_path / "failing.py"
    mute.write_text("pass")
    failing.write_text("raise SystemExit(3)")

    assert sandbox.run(mute) == {"why": "broken"}
    assert sandbox.run(failing) == {"why": "broken"}


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("while True: pass", "too_much"),
        ("print('[' + '0' * 2, end='')", "broken"),
        ("data = bytearray(3 * 1024 ** 3)", "memory"),
        ("__import__('os').abort()", "memory"),
        ("raise RecursionError", "broken"),
        ("open(__import__('sys').argv[1], 'w').write('0' * 100)", "broken"),
    ],
)
def test_a_script_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, why: str
) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 2)
    script, out = tmp_path / "script.py", tmp_path / "out"
    script.write_text(source)

    assert sandbox.run(script, out, written=10) == {"why": why}
    assert not out.exists() or out.stat().st_size <= 10
