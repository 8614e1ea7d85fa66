"""Printed documents as PDF: the certificate, and how text is drawn (the 评审表: `review_form`; `result_sheets`).

The fonts: Chinese from the embedded Droid Sans Fallback, cut down to the characters used; Latin letters and
digits, which that font does not have, from Helvetica. No ID number stands in any of them.
"""

import io
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

import segno
from flask_babel import gettext, pgettext
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from app.enums import CertificateState
from app.ground import paths
from app.models import Certificate
from app.services.certificates import certificates

CHINESE, LATIN = "DroidSansFallback", "Helvetica"
INK, RED = (0.12, 0.12, 0.12), (0.68, 0.12, 0.12)


@cache
def _load_font() -> None:
    pdfmetrics.registerFont(TTFont(CHINESE, str(paths.FONT)))


def runs(text: str) -> Iterator[tuple[str, str]]:
    """Yield (font, part) for the parts of `text` that one font can draw."""
    _load_font()
    for font, part in groupby(_drawable(text), key=_font_of):
        yield font, "".join(part)


def _drawable(text: str) -> str:
    """Replace what no font has by what it stands for: Ⅰ by I. A rare character stays and shows a box."""
    return "".join(
        c if _has_glyph(c) or _is_latin(c) else unicodedata.normalize("NFKC", c) for c in text
    )


def _font_of(character: str) -> str:
    return LATIN if not _has_glyph(character) and _is_latin(character) else CHINESE


@lru_cache(maxsize=20_000)
def _has_glyph(character: str) -> bool:
    return ord(character) in pdfmetrics.getFont(CHINESE).face.charToGlyph


@lru_cache(maxsize=20_000)
def _is_latin(character: str) -> bool:
    """The standard fonts of PDF know the characters of Windows code page 1252."""
    try:
        return bool(character.encode("cp1252"))
    except UnicodeEncodeError:
        return False


def text_width(text: str, size: float) -> float:
    return float(sum(pdfmetrics.stringWidth(part, font, size) for font, part in runs(text)))


def draw(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    for font, part in runs(text):
        canvas.setFont(font, size)
        canvas.drawString(x, y, part)
        x += pdfmetrics.stringWidth(part, font, size)


def draw_centred(
    canvas: Canvas, x: float, y: float, text: str, size: float, limit: float = 1e9
) -> None:
    """Draw `text` around `x`, smaller when it would be wider than `limit`."""
    size = min(size, size * limit / max(text_width(text, size), 1))
    draw(canvas, x - text_width(text, size) / 2, y, text, size)


def markup(text: Any) -> str:
    """Return `text` for a Paragraph, each run in the font that has it."""
    return "".join(f'<font name="{font}">{escape(part)}</font>' for font, part in runs(str(text)))


# the certificate


def certificate_pdf(certificate: Certificate, verify_url: str) -> bytes:
    """Return the certificate with a QR code of `verify_url`, where anybody sees whether it still stands."""
    stream = io.BytesIO()
    width, height = landscape(A4)
    canvas = Canvas(stream, pagesize=(width, height), pageCompression=1)
    canvas.setTitle(gettext("Title certificate"))
    canvas.setAuthor("")
    canvas.setSubject("")
    _draw_frame(canvas, width, height)
    canvas.setFillColorRGB(*RED)
    draw_centred(
        canvas,
        width / 2,
        height - 42 * mm,
        gettext("Certificate of professional title"),
        30,
        width - 60 * mm,
    )
    canvas.setFillColorRGB(*INK)
    _draw_facts(canvas, certificate, width, height)
    _draw_qr(canvas, verify_url, width - 68 * mm, 44 * mm, 38 * mm)
    draw_centred(canvas, width - 49 * mm, 38 * mm, gettext("Scan to verify"), 9)
    if certificate.state is not CertificateState.VALID:
        _draw_void(canvas, str(certificate.state.label), width, height)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def certificate_facts(certificate: Certificate) -> list[tuple[str, str]]:
    """Return what the certificate says, in its order."""
    return [
        (gettext("Name"), certificate.name),
        (gettext("Unit"), certificate.unit.name),
        (gettext("Series"), certificate.series.name),
        (gettext("Level"), str(certificate.level.label)),
        (gettext("Title obtained"), certificate.title.name),
        (pgettext("certificate", "Specialty"), certificate.specialty.name),
        (gettext("Obtained on"), certificate.obtained_on.isoformat()),
        (gettext("Review committee"), certificate.committee.name),
        (gettext("Approval document"), certificate.approval_number),
        (gettext("Certificate number"), certificates.grouped(certificate.number)),
        (gettext("Issued on"), certificate.issued_on.isoformat()),
    ]


def _draw_frame(canvas: Canvas, width: float, height: float) -> None:
    canvas.setStrokeColorRGB(*RED)
    for inset, line in ((10 * mm, 2.4), (12.5 * mm, 0.6)):
        canvas.setLineWidth(line)
        canvas.rect(inset, inset, width - 2 * inset, height - 2 * inset)


def _draw_facts(canvas: Canvas, certificate: Certificate, width: float, height: float) -> None:
    y = height - 62 * mm
    for label, value in certificate_facts(certificate):
        draw(canvas, 32 * mm, y, f"{label}{gettext(':')}", 12)
        room = width - 78 * mm - 72 * mm
        size = min(13.0, 13 * room / max(text_width(value, 13), 1))
        draw(canvas, 78 * mm, y, value, size)
        y -= 10.2 * mm


def _draw_qr(canvas: Canvas, url: str, x: float, y: float, side: float) -> None:
    rows = list(segno.make(url, error="m", micro=False).matrix)
    step = side / len(rows)
    for down, row in enumerate(rows):
        for along, is_dark in enumerate(row):
            if is_dark:
                canvas.rect(
                    x + along * step, y + side - (down + 1) * step, step, step, stroke=0, fill=1
                )


def _draw_void(canvas: Canvas, label: str, width: float, height: float) -> None:
    canvas.saveState()
    canvas.setFillColorRGB(*RED)
    canvas.setFillAlpha(0.35)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(24)
    draw_centred(canvas, 0, 0, label, 72, width - 80 * mm)
    canvas.restoreState()
