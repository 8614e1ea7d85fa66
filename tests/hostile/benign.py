"""Ordinary files of Chinese applicants, under the names they really have: all of them must be taken."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.lib.pagesizes import A3, A4, landscape
from reportlab.pdfgen.canvas import Canvas

from app.ground import fonts
from app.services.exports import pdf_fonts
from tests.hostile.corpus import chunk, png_with, restricted
from tests.hostile.pdfs import PAGE, PLAIN, packed, packed_objects, pdf_of, stream

Make = Callable[[], bytes]


def written(
    pages: int = 1,
    *,
    version: tuple[int, int] = (1, 4),
    size: tuple[float, float] = A4,
    is_packed: bool = True,
    draw: Callable[[Canvas], None] = lambda canvas: None,
) -> bytes:
    """Return a PDF with Chinese text in an embedded font."""
    made = BytesIO()
    canvas = Canvas(made, pagesize=size, pdfVersion=version, pageCompression=int(is_packed))
    canvas.setTitle("专业技术职称申报材料")
    canvas.setAuthor("㐂子轩·阿不都")
    for number in range(pages):
        canvas.setFont(pdf_fonts.loaded(fonts.BASE), 20)
        canvas.drawString(72, size[1] - 90, f"第{number + 1}页 业绩成果证明（盖章）《湘江大桥》")
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return made.getvalue()


def rewritten(change: Callable[[PdfWriter], None], pages: int = 2) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(written(pages))))
    change(writer)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def updated() -> bytes:
    """A file to which a later program added its changes at the end, as seals and notes are added."""
    writer = PdfWriter(BytesIO(written(2)), incremental=True)
    writer.add_metadata({"/Keywords": "职称"})
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def linearised() -> bytes:
    """A file arranged for reading from the web: the first page's table stands at the front."""
    first = {
        1: PLAIN[1],
        3: PAGE,
        4: PLAIN[4],
        6: b"<</Linearized 1/L 0000/H[0 0]/O 3/E 0000/N 1/T 0000>>",
    }
    head, table = b"%PDF-1.5\n", b"xref\n%s"
    lin = b"6 0 obj\n%s\nendobj\n" % first[6]
    at_first_table = len(head) + len(lin)
    rows = 3
    front_size = len(b"xref\n1 1\n3 2\n6 1\n") + 20 * (rows + 1)
    trailer = b"trailer\n<</Size 7/Root 1 0 R/Prev %06d>>\nstartxref\n0\n%%%%EOF\n"
    at = at_first_table + front_size + len(trailer % 0)
    places, body = {6: len(head)}, b""
    for number in (1, 3, 4):
        places[number] = at + len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, first[number])
    places[2] = at + len(body)
    body += b"2 0 obj\n%s\nendobj\n" % PLAIN[2]
    at_main_table = at + len(body)

    def row(number: int) -> bytes:
        return b"%010d 00000 n \n" % places[number]

    front = b"xref\n1 1\n" + row(1) + b"3 2\n" + row(3) + row(4) + b"6 1\n" + row(6)
    main = b"xref\n0 1\n0000000000 65535 f \n2 1\n" + row(2) + b"trailer\n<</Size 7>>\n"
    end = b"startxref\n%d\n%%%%EOF\n" % at_first_table
    assert len(front) == front_size, table
    return head + lin + front + trailer % at_main_table + body + main + end


def with_form(writer: PdfWriter) -> None:
    """Fields to fill in, without any script."""
    field = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Tx"),
            NameObject("/T"): TextStringObject("姓名"),
            NameObject("/V"): TextStringObject("张三"),
            NameObject("/Rect"): ArrayObject([NumberObject(n) for n in (72, 72, 200, 100)]),
        }
    )
    reference = writer._add_object(field)
    page = writer.pages[0]
    page[NameObject("/Annots")] = ArrayObject([reference])
    writer._root_object[NameObject("/AcroForm")] = DictionaryObject(
        {NameObject("/Fields"): ArrayObject([reference])}
    )


def with_links(writer: PdfWriter) -> None:
    place = (72, 72, 200, 100)
    writer.add_annotation(0, Link(rect=place, url="https://www.cnki.net/kcms?v=论文"))
    writer.add_annotation(0, Link(rect=place, target_page_index=1))


def with_bookmarks(writer: PdfWriter) -> None:
    chapter = writer.add_outline_item(title="第一章 JavaScript/Launch 技术", page_number=0)
    writer.add_outline_item(title="1.1 概述", page_number=1, parent=chapter)


def opening_at(writer: PdfWriter) -> None:
    """Opens at a place of the first page, as word processors write it."""
    target = [writer.pages[0].indirect_reference, NameObject("/XYZ"), NumberObject(0)]
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/GoTo"), NameObject("/D"): ArrayObject(target)}
    )


def scan(size: tuple[int, int] = (827, 1169), mode: str = "L") -> Image.Image:
    """Return what a scanner makes of a sheet: text, a red seal, a little noise."""
    image = Image.effect_noise(size, 12).point(lambda dot: min(255, dot + 110)).convert("RGB")
    pen = ImageDraw.Draw(image)
    for line in range(12):
        pen.rectangle((90, 120 + 60 * line, size[0] - 90, 132 + 60 * line), fill="black")
    pen.ellipse(
        (size[0] - 300, size[1] - 300, size[0] - 100, size[1] - 100), outline="red", width=8
    )
    return image.convert(mode)


def scanned(pages: int, mode: str = "L") -> bytes:
    made = BytesIO()
    sheets = [scan(mode=mode) for _ in range(pages)]
    sheets[0].save(made, "PDF", save_all=True, append_images=sheets[1:], resolution=100)
    return made.getvalue()


def drawn(
    kind: str, mode: str = "RGB", size: tuple[int, int] = (640, 480), **options: object
) -> bytes:
    made = BytesIO()
    scan(size, "RGB").convert(mode).save(made, kind, **options)
    return made.getvalue()


def of_phone(orientation: int) -> bytes:
    camera = Image.Exif()
    camera[0x0112], camera[0x0110] = orientation, "HUAWEI Mate 60"
    return drawn("JPEG", exif=camera, quality=85)


def deep() -> bytes:
    made = BytesIO()
    Image.new("I;16", (80, 60), 40_000).save(made, "PNG")
    return made.getvalue()


def seen_through(mode: str) -> bytes:
    image = Image.new("RGBA", (120, 80), (200, 0, 0, 120))
    made = BytesIO()
    (image if mode == "RGBA" else image.convert(mode)).save(made, "PNG")
    return made.getvalue()


def several_pictures() -> bytes:
    """A photo with a second one inside, as some phones write them."""
    made = BytesIO()
    image = scan((320, 240), "RGB")
    image.save(made, "MPO", save_all=True, append_images=[image.resize((160, 120))])
    return made.getvalue()


BENIGN: dict[str, Make] = {
    "学历证书.pdf": written,
    "毕业证书（扫描件）.pdf": lambda: scanned(1),
    "《湘江大桥加固》论文.pdf": lambda: written(8),
    "2024年度考核表·长沙.pdf": lambda: written(version=(1, 3)),
    "业绩 成果 证明.pdf": lambda: written(version=(1, 5)),
    "获奖证书、荣誉证书.pdf": lambda: written(version=(1, 6)),
    "㐂𠮷野家合同.pdf": lambda: written(version=(1, 7)),
    "𠮷林大学学位证.pdf": lambda: pdf_of(PLAIN, header=b"%PDF-2.0\n"),
    "述职报告😀.pdf": lambda: written(is_packed=False),
    "证明👨‍👩‍👧.pdf": written,
    "论文 (最终版) [2].pdf": lambda: written(30),
    "立项书“智慧交通”.pdf": lambda: written(size=landscape(A3)),
    "专利证书 ZL2020１０.pdf": updated,
    "继续教育学时证明—公需科目.pdf": linearised,
    "全文检索报告…….pdf": lambda: rewritten(with_bookmarks),
    "职称评审表【打印】.pdf": lambda: rewritten(with_form),
    "参考文献链接.pdf": lambda: rewritten(with_links),
    "聘用合同_2019-2024.pdf": lambda: rewritten(opening_at),
    "社保缴费证明（近6个月）.pdf": lambda: packed_objects({1: PLAIN[1], 2: PLAIN[2], 3: PAGE}),
    "诚信承诺书.PDF": lambda: written() + b"\r\n\r\n",
    "下载自学信网.pdf": lambda: b"\xef\xbb\xbf" + written(),
    "带空字节.pdf": lambda: written() + b"\0" * 512,
    "门户下载.pdf": lambda: written() + b"\n<!-- generated by portal -->\n",
    "彩色扫描 三页.pdf": lambda: scanned(3, "RGB"),
    "黑白扫描.pdf": lambda: scanned(2, "1"),
    "CMYK印刷.pdf": lambda: scanned(1, "CMYK"),
    "不可打印 AES.pdf": lambda: restricted(written()),
    "不可复制 RC4.pdf": lambda: restricted(written(), algorithm="RC4-128"),
    "学信网 报告.pdf": lambda: restricted(written(2), algorithm="AES-128"),
    "纸张反向.pdf": lambda: pdf_of({**PLAIN, 3: PAGE.replace(b"[0 0 595 842]", b"[595 842 0 0]")}),
    "纸张左右反.pdf": lambda: pdf_of(
        {**PLAIN, 3: PAGE.replace(b"[0 0", b"[595 0").replace(b"595 842]", b"0 842]")}
    ),
    "前有空行.pdf": lambda: b"\r\n" * 50 + written(),
    "前有空行 很多.pdf": lambda: b"\n" * 3000 + written(),
    "前有空字节.pdf": lambda: b"\0\n\f" + pdf_of(PLAIN),
    "字体很多.pdf": lambda: written(
        draw=lambda c: [c.setFont(f, 9) for f in ("Courier", "Times-Roman")] and None
    ),
    "空白页.pdf": lambda: pdf_of(PLAIN),
    "大图.pdf": lambda: pdf_of(
        {
            **PLAIN,
            9: packed(
                b"\xff" * 26_000_000,
                b"/Type/XObject/Subtype/Image/Width 2480/Height 3508/BitsPerComponent 8/ColorSpace/DeviceRGB",
            ),
        }
    ),
    "元数据 XMP.pdf": lambda: pdf_of(
        {
            **PLAIN,
            9: stream(
                "<x:xmpmeta>HTML/JavaScript 工程师</x:xmpmeta>".encode(),
                b"/Type/Metadata/Subtype/XML",
            ),
        }
    ),
    "证件照.jpg": lambda: drawn("JPEG", size=(295, 413)),
    "手机拍照 竖.jpg": lambda: of_phone(6),
    "手机拍照 倒.jpg": lambda: of_phone(3),
    "手机拍照 镜像.JPG": lambda: of_phone(5),
    "IMG_20260110_093012.jpeg": lambda: of_phone(8),
    "渐进式.jpg": lambda: drawn("JPEG", progressive=True),
    "印刷厂CMYK.jpg": lambda: drawn("JPEG", "CMYK"),
    "灰度扫描.jpg": lambda: drawn("JPEG", "L"),
    "高质量4-4-4.jpg": lambda: drawn("JPEG", subsampling=0, quality=95),
    "带颜色配置.jpg": lambda: drawn("JPEG", icc_profile=b"\0" * 128 + b"acsp"),
    "大照片 1200万像素.jpg": lambda: drawn("JPEG", size=(4000, 3000), quality=60),
    "双图·动态照片.jpg": several_pictures,
    "一位黑白.png": lambda: drawn("PNG", "1"),
    "灰度.png": lambda: drawn("PNG", "L"),
    "调色板.png": lambda: drawn("PNG", "P"),
    "十六位.png": deep,
    "透明公章.png": lambda: seen_through("RGBA"),
    "透明灰度.png": lambda: seen_through("LA"),
    "透明调色板.png": lambda: seen_through("P"),
    "截图 2026-01-10 09.30.12.png": lambda: drawn("PNG"),
    "带说明 三兆.png": lambda: png_with(
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"<x/>" * 800_000)
    ),
    "㐀𱍐𮯰.png": lambda: drawn("PNG"),
    "带文字信息.png": lambda: png_with(chunk(b"tEXt", b"Software\0Snipaste")),
    "隔行扫描 很长很长的名字" + "职" * 170 + ".png": lambda: drawn("PNG", optimize=True),
}
"""The name as it was sent → how the file is made."""
