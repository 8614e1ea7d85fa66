"""A file of a kind that is not taken is called by its name, and the sentence says how to send it after all."""

import zipfile
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import Workbook
from PIL import Image

from app.engine import Refused
from app.services.files import attached_files
from tests.services.dossiers import pdf

PICTURE, PRINT, OFFICE = "save it as JPG or PNG", "print it into a PDF", "export it as PDF"


def picture(kind: str) -> bytes:
    made = BytesIO()
    Image.new("RGB", (20, 20), "red").save(made, kind)
    return made.getvalue()


def packed(*names: str) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, b"content of the part")
    return made.getvalue()


def workbook() -> bytes:
    made = BytesIO()
    Workbook().save(made)
    return made.getvalue()


def refusal(content: bytes, **kwargs: object) -> str:
    with pytest.raises(Refused) as caught:
        attached_files.store(BytesIO(content), "证明.pdf", **kwargs)  # type: ignore[arg-type]
    return caught.value.sentence


@pytest.mark.parametrize(
    ("content", "what", "advice"),
    [
        (picture("TIFF"), "TIFF", PICTURE),
        (b"MM\0*\0\0\0\x08" + bytes(20), "TIFF", PICTURE),
        (picture("WEBP"), "WEBP", PICTURE),
        (picture("GIF"), "GIF", PICTURE),
        (picture("BMP"), "BMP", PICTURE),
        (picture("JPEG2000"), "JPEG 2000", PICTURE),
        (b"8BPS\0\1" + bytes(20), "PSD", PICTURE),
        (b"\0\0\0\x1cftypavif" + bytes(40), "AVIF", PICTURE),
        (b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG", PICTURE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "DOC", OFFICE),
        (packed("[Content_Types].xml", "word/document.xml"), "DOCX", OFFICE),
        (workbook(), "XLSX", OFFICE),
        (packed("[Content_Types].xml", "ppt/presentation.xml"), "PPTX", OFFICE),
        (b"{\\rtf1\\ansi text}", "RTF", OFFICE),
        (packed("OFD.xml", "Doc_0/Document.xml"), "OFD", "save or print it as PDF"),
        (packed("Doc_0/Document.xml", "Doc_0/Pages/Page_0.xml", "OFD.xml"), "OFD", "OFD reader"),
        (b"CAJ\0" + bytes(50), "CAJ", "CAJViewer"),
        (b"HN\xc8\0" + bytes(50), "CAJ", "CAJViewer"),
        (b"AC1032" + bytes(50), "DWG", "plot it into a PDF"),
        (packed("FixedDocSeq.fdseq"), "XPS", PRINT),
        (b"%!PS-Adobe-3.0\n", "PostScript", PRINT),
        (packed("证书.pdf"), "ZIP", "unpack it"),
        (b"Rar!\x1a\x07\x01\0" + bytes(20), "RAR", "unpack it"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(20), "7z", "unpack it"),
        (b"\0\0\0\x18ftypmp42" + bytes(20), "", "Films and sound"),
        (b"<!DOCTYPE HTML>\n<html><body>text</body></html>", "web page", PRINT),
        (b"MIME-Version: 1.0\r\nContent-Type: text/html", "web page", PRINT),
        (b"no kind that anybody knows", "", "Choose another one"),
        (b"BM is how this text begins, which is no picture", "", "Choose another one"),
    ],
)
def test_a_kind_that_is_not_taken_is_named_with_what_to_do(
    app: Flask, content: bytes, what: str, advice: str
) -> None:
    sentence = refusal(content)

    assert what in sentence
    assert advice in sentence
    assert "证明.pdf" in sentence


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"hevc"])
def test_a_photo_of_a_phone_is_told_how_to_set_the_camera(app: Flask, brand: bytes) -> None:
    sentence = refusal(b"\0\0\0\x1cftyp" + brand + bytes(40))

    assert "HEIC photo" in sentence
    assert "most compatible" in sentence


@pytest.mark.parametrize(
    ("content", "kinds", "words"),
    [
        (picture("WEBP"), ("pdf",), "print it into a PDF"),
        (packed("word/document.xml"), ("jpg", "png"), "Choose another one"),
        (pdf(), ("jpg", "png"), "is no JPG, PNG file"),
        (picture("TIFF"), ("jpg", "png"), PICTURE),
    ],
)
def test_the_advice_leads_to_a_kind_that_is_taken(
    app: Flask, content: bytes, kinds: tuple[str, ...], words: str
) -> None:
    assert words in refusal(content, kinds=kinds)
