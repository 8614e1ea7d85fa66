"""Page pictures show what viewers show: seals, filled fields, stamps, and Chinese text without its font."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pytest
import reportlab
from PIL import Image, ImageChops
from pypdfium2 import PdfSysfontBase
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from sqlalchemy.orm import Session

from app.ground import fonts, paths
from app.services.exports import pdf_fonts
from app.services.files import attached_files, page_render, previews
from tests.hostile.pdfs import PAGE, PLAIN, packed_objects, pdf_of, stream, with_annotation

SEAL = stream(b"1 0 0 rg 0 0 100 100 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 100 100]")
WIDTH = 595
"""Width of the pages in points, so that a dot of the picture is a point of the page."""
INSIDE, TINT = 9_000, 200
"""Fewest red dots of a seal of 100 by 100 points, and the least red of one."""


def with_field(entries: bytes, form: bytes, look: bytes = b"/AP<</N 8 0 R>>") -> bytes:
    """Return a page with one field of 100 by 100 points, which looks like a red seal."""
    field = b"<</Type/Annot/Subtype/Widget/Rect[100 100 200 200]%s%s>>" % (entries, look)
    catalog = b"<</Type/Catalog/Pages 2 0 R%s>>" % form
    page = PAGE[:-2] + b"/Annots[9 0 R]>>"
    return pdf_of({**PLAIN, 1: catalog, 3: page, 8: SEAL, 9: field})


def with_text_field(value: str, entries: bytes = b"/FT/Tx", form: bytes = b"") -> bytes:
    """Return a page with a field filled in by a program that did not draw it."""
    written = b"<FEFF%s>" % value.encode("utf-16-be").hex().upper().encode()
    field = b"<</Type/Annot/Subtype/Widget%s/T(n)/V%s/DA(/He 20 Tf 0 g)/Rect[100 100 400 140]/F 4>>"
    fonts = b"/DR<</Font<</He 7 0 R>>>>/DA(/He 20 Tf 0 g)"
    return pdf_of(
        {
            **PLAIN,
            1: b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[9 0 R]%s%s>>>>" % (fonts, form),
            3: PAGE[:-2] + b"/Annots[9 0 R]>>",
            7: b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
            9: field % (entries, written),
        }
    )


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on which pdfium finds no font."""
    monkeypatch.setattr(PdfSysfontBase, "MapFont", lambda *asked: None)


def drawn(
    tmp_path: Path, content: bytes, width: int = WIDTH, fonts: Sequence[Path] = previews.FONTS
) -> Image.Image:
    source, out = tmp_path / "file", tmp_path / "page.png"
    source.write_bytes(content)
    page_render.draw(source, 1, width, out, fonts)
    with Image.open(out) as image:
        return image.convert("RGB")


def red(image: Image.Image) -> int:
    colours = image.getcolors(1 << 24) or []
    return sum(count for count, (r, g, b) in colours if r >= TINT and g < 80 and b < 80)


def dark(image: Image.Image) -> int:
    return sum(image.convert("L").histogram()[:128])


@pytest.mark.parametrize(
    ("entries", "form"),
    [
        (b"/FT/Sig/T(seal)/F 4", b"/AcroForm<</Fields[9 0 R]/SigFlags 3>>"),
        (b"/FT/Sig/T(seal)/F 132", b"/AcroForm<</Fields[9 0 R]/SigFlags 3>>"),
        (b"/FT/Btn/Ff 65536/T(seal)/F 4", b"/AcroForm<</Fields[9 0 R]>>"),
        (b"/FT/Sig/T(seal)/F 4", b"/AcroForm<</Fields[]>>"),
        (b"/FT/Sig/T(seal)/F 4", b""),
        (b"/F 4", b""),
    ],
)
def test_a_seal_in_a_field_is_drawn(tmp_path: Path, entries: bytes, form: bytes) -> None:
    assert red(drawn(tmp_path, with_field(entries, form))) > INSIDE


def test_a_hidden_field_stays_hidden(tmp_path: Path) -> None:
    content = with_field(b"/FT/Sig/T(seal)/F 2", b"/AcroForm<</Fields[9 0 R]>>")

    assert red(drawn(tmp_path, content)) == 0


@pytest.mark.parametrize(
    "entries",
    [
        b"/Subtype/Stamp/F 4/AP<</N 8 0 R>>",
        b"/Subtype/Watermark/F 4/AP<</N 8 0 R>>",
        b"/Subtype/Square/F 4/IC[1 0 0]/C[1 0 0]",
    ],
)
def test_a_stamp_is_drawn(tmp_path: Path, entries: bytes) -> None:
    assert red(drawn(tmp_path, with_annotation(entries, {8: SEAL}))) > INSIDE


@pytest.mark.parametrize(
    "content",
    [
        with_text_field("Zhang San"),
        with_text_field("高级工程师"),
        with_text_field("㐂子轩", form=b"/NeedAppearances true"),
        with_text_field("湖南省", b"/FT/Ch/Ff 131072"),
    ],
)
def test_a_filled_field_is_drawn(tmp_path: Path, content: bytes) -> None:
    assert dark(drawn(tmp_path, content)) > 100


def test_a_seal_is_seen_in_the_preview_of_an_upload(session: Session) -> None:
    content = with_field(b"/FT/Sig/T(seal)/F 4", b"/AcroForm<</Fields[9 0 R]/SigFlags 3>>")
    stored = attached_files.store(BytesIO(content), "电子证书.pdf")

    page = previews.page(stored, 1, "large")

    assert page is not None
    with Image.open(page) as image:
        assert red(image.convert("RGB")) > INSIDE


def without_font(font: str, encoding: bytes, order: bytes, text: bytes) -> bytes:
    """Return a page with text in a font that is only named, as office programs leave it out."""
    name = font.encode()
    info = b"/CIDSystemInfo<</Registry(Adobe)/Ordering(%s)/Supplement 2>>" % order
    descriptor = b"<</Type/FontDescriptor/FontName/%s/Flags 4/ItalicAngle 0/Ascent 859/Descent -140/CapHeight 700/StemV 80/FontBBox[0 -140 996 859]>>"
    return pdf_of(
        {
            **PLAIN,
            3: PAGE[:-2] + b"/Resources<</Font<</F 6 0 R>>>>>>",
            4: stream(b"BT /F 40 Tf 60 700 Td <%s> Tj ET" % text.hex().encode()),
            6: b"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/%s/DescendantFonts[7 0 R]>>"
            % (name, encoding),
            7: b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%s%s/DW 1000/FontDescriptor 8 0 R>>"
            % (name, info),
            8: descriptor % name,
        }
    )


def embedded(text: str) -> bytes:
    """Return the same page with the program's font in the file."""
    made = BytesIO()
    canvas = Canvas(made, pagesize=(595, 842))
    canvas.setFont(pdf_fonts.loaded(fonts.BASE), 40)
    canvas.drawString(60, 700, text)
    canvas.save()
    return made.getvalue()


@pytest.mark.parametrize(
    ("font", "encoding", "order", "text", "codec"),
    [
        ("SimSun", b"GBK-EUC-H", b"GB1", "湖南省高级", "gbk"),
        ("KaiTi_GB2312", b"UniGB-UCS2-H", b"GB1", "职称评审表", "utf-16-be"),
        ("SimHei,Bold", b"UniGB-UTF16-H", b"GB1", "业绩证明", "utf-16-be"),
        ("MingLiU", b"ETen-B5-H", b"CNS1", "中文字型", "big5"),
        ("FZXBSJW--GB1-0", b"GB-EUC-H", b"GB1", "公示无异议", "gb2312"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_chinese_text_without_its_font_is_drawn_with_the_program_s(
    tmp_path: Path, font: str, encoding: bytes, order: bytes, text: str, codec: str
) -> None:
    page = drawn(tmp_path, without_font(font, encoding, order, text.encode(codec)))

    expected = dark(drawn(tmp_path, embedded(text)))
    assert 0.7 * expected < dark(page) < 1.6 * expected


@pytest.mark.parametrize(
    ("text", "character"), [("效率≥95", "≥"), ("Ω欧姆", "Ω"), ("含量∑", "∑"), ("根√二", "√")]
)
@pytest.mark.usefixtures("bare")
def test_a_character_that_the_font_lacks_is_drawn_from_another(
    tmp_path: Path, text: str, character: str
) -> None:
    content = without_font("SimSun", b"GBK-EUC-H", b"GB1", text.encode("gbk"))
    first, further = paths.FONT, Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"

    alone = drawn(tmp_path, content, fonts=[first])
    together = drawn(tmp_path, content, fonts=[first, further])

    added = ImageChops.difference(alone, together).getbbox()
    assert added is not None
    left = 60 + 40 * text.index(character)
    assert left - 2 <= added[0] < added[2] <= left + 42
    assert 700 - 40 <= 842 - added[3] < 842 - added[1] <= 700 + 40


@pytest.mark.usefixtures("bare")
def test_a_character_that_the_font_has_is_drawn_once(tmp_path: Path) -> None:
    content = without_font("SimSun", b"GBK-EUC-H", b"GB1", "湖南é".encode("gbk"))
    further = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"

    alone = drawn(tmp_path, content, fonts=[paths.FONT])
    together = drawn(tmp_path, content, fonts=[paths.FONT, further])

    assert ImageChops.difference(alone, together).getbbox() is None


@pytest.mark.usefixtures("bare")
def test_text_in_the_standard_chinese_font_is_drawn(tmp_path: Path) -> None:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    made = BytesIO()
    canvas = Canvas(made, pagesize=(595, 842))
    canvas.setFont("STSong-Light", 40)
    canvas.drawString(60, 700, "机械工程师")
    canvas.save()

    assert dark(drawn(tmp_path, made.getvalue())) > 1000


@pytest.mark.parametrize("lead", [b"\r\n" * 100, b" " * 900, b"\n\0\f" * 300])
def test_a_page_behind_blank_lines_is_drawn(tmp_path: Path, lead: bytes) -> None:
    ink = {**PLAIN, 4: stream(b"0 0 595 842 re f")}

    assert dark(drawn(tmp_path, lead + pdf_of(ink), 100)) > 10_000
    assert dark(drawn(tmp_path, pdf_of(ink, before=lead), 100)) > 10_000


@pytest.mark.parametrize(
    "box", [b"[595 842 0 0]", b"[0 842 595 0]", b"[595 0 0 842]", b"[-5 -5 -600 -847]"]
)
def test_a_page_with_a_reversed_box_keeps_its_shape(tmp_path: Path, box: bytes) -> None:
    image = drawn(tmp_path, pdf_of({**PLAIN, 3: PAGE.replace(b"[0 0 595 842]", box)}))

    assert (image.width, image.height) == (595, 842)


def test_objects_packed_behind_blank_lines_are_found(tmp_path: Path) -> None:
    content = b"\n" * 500 + packed_objects({1: PLAIN[1], 2: PLAIN[2], 3: PAGE})

    assert drawn(tmp_path, content).size == (595, 842)
