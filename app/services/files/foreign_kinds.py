"""What a file is that is not taken, by its first bytes, and what its owner can do to send it after all."""

import re
from collections.abc import Sequence
from pathlib import Path

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

HEAD = 64 * 1024
PICTURE, OFFICE, OFD, JOURNAL, DRAWING = "picture", "office", "ofd", "journal", "drawing"
PRINTED, ARCHIVE, FILM, WEB = "printed", "archive", "film", "web"
ZIP = b"PK\x03\x04"
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"hevc", b"mif1")

STARTS: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(start, re.DOTALL), name, family)
    for start, name, family in (
        (rb"II[*+]\0|MM\0[*+]", "TIFF", PICTURE),
        (rb"RIFF....WEBP", "WEBP", PICTURE),
        (rb"GIF8[79]a", "GIF", PICTURE),
        (rb"BM............[\x0c\x28\x40\x6c\x7c]\0\0\0", "BMP", PICTURE),
        (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000", PICTURE),
        (rb"8BPS", "PSD", PICTURE),
        (rb"....ftypavi[fs]", "AVIF", PICTURE),
        (rb"\0\0\x01\0[\x01-\x40]\0", "ICO", PICTURE),
        (rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?(?:<!DOCTYPE svg[^>]*>\s*)?<svg\b", "SVG", PICTURE),
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "DOC/XLS/PPT/WPS", OFFICE),
        (rb"\{\\rtf", "RTF", OFFICE),
        (rb"CAJ|KDH|HN\xc8|\xc8\0\0\0", "CAJ", JOURNAL),
        (rb"AC10[0-9][0-9]", "DWG", DRAWING),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript", PRINTED),
        (rb"Rar!\x1a\x07", "RAR", ARCHIVE),
        (rb"7z\xbc\xaf\x27\x1c", "7z", ARCHIVE),
        (rb"\x1f\x8b", "GZ", ARCHIVE),
        (rb"....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI |FLV\x01|\0\0\x01\xba", "MP4/AVI/MKV", FILM),
        (rb"ID3|RIFF....WAVE|\xff[\xfb\xf3\xf2]", "MP3/WAV", FILM),
        (rb"(?i:\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body)\b|mime-version:)", "HTML", WEB),
    )
)  # fmt: skip
"""What a file begins with, what it is called, and its family."""

PARTS = (
    (b"word/", "DOCX", OFFICE),
    (b"xl/", "XLSX", OFFICE),
    (b"ppt/", "PPTX", OFFICE),
    (b"mimetypeapplication/vnd.oasis", "ODF", OFFICE),
    (b"OFD.xml", "OFD", OFD),
    (b"FixedDocSeq", "XPS", PRINTED),
)
"""Name of a part inside a ZIP file that tells what the file is, what it is called, and its family."""

ADVICE: dict[str, LazyString] = {
    OFFICE: _("It is a %(what)s file: open it in Word or WPS, export it as PDF and upload that."),
    OFD: _("It is an OFD file: open it in an OFD reader, save or print it as PDF and upload that."),
    JOURNAL: _("It is a %(what)s file: open it in CAJViewer, print it into a PDF and upload that."),
    DRAWING: _("It is a %(what)s drawing: plot it into a PDF and upload that."),
    PRINTED: _("It is a %(what)s file: open it, print it into a PDF and upload that."),
    WEB: _("It is a web page: open it in the browser, print it into a PDF and upload that."),
}
"""What to do with a file that can become a PDF, where a PDF is taken."""


def advice(path: Path, kinds: Sequence[str]) -> str:
    """Return what the file is and how it becomes one of `kinds`; or, where neither is known, to choose another."""
    what, family = _recognise(path)
    if family == PICTURE:
        return _of_picture(kinds) % {"what": what}
    if family == ARCHIVE:
        return gettext(
            "It is a %(what)s archive: unpack it and upload the files inside one by one.", what=what
        )
    if family == FILM:
        return gettext("Films and sound are not taken.")
    if family in ADVICE and "pdf" in kinds:
        return str(ADVICE[family]) % {"what": what}
    return gettext("Choose another one.")


def is_photo_of_a_phone(path: Path) -> bool:
    """Whether the file is a HEIC photo, as phones save them."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] == b"ftyp" and head[8:12] in HEIC_BRANDS


def _of_picture(kinds: Sequence[str]) -> str:
    if "jpg" in kinds or "png" in kinds:
        return gettext(
            "It is a %(what)s picture: open it in a picture program, save it as JPG or PNG and upload that."
        )
    return gettext("It is a %(what)s picture: print it into a PDF and upload that.")


def _recognise(path: Path) -> tuple[str, str]:
    """Return what the file is called and its family; two empty texts if it is not known."""
    with path.open("rb") as file:
        head = file.read(HEAD)
        file.seek(max(0, path.stat().st_size - HEAD))
        ends = head + file.read()
    if head.startswith(ZIP):
        return next(((name, of) for part, name, of in PARTS if part in ends), ("ZIP", ARCHIVE))
    return next(((name, of) for start, name, of in STARTS if start.match(head)), ("", ""))
