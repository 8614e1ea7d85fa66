"""Draws the title certificate as a PDF with its QR code (menu 1.7.1)."""

import io

import segno
from flask_babel import gettext, pgettext
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.enums import CertificateState
from app.models import Certificate
from app.services.certificates import certificates
from app.services.exports.paper_text import require_drawable
from app.services.exports.pdf_drawing import draw, draw_centred, text_width
from app.services.exports.pdf_pages import Paper

INK, RED = (0.12, 0.12, 0.12), (0.68, 0.12, 0.12)


def certificate_pdf(certificate: Certificate, verify_url: str) -> bytes:
    """Return the certificate as PDF bytes, with a QR code of `verify_url`, the public verification page.

    A certificate that is not valid bears its state across the page. Raises Undrawable if a character would be
    missing on it.
    """
    require_drawable(certificate_facts(certificate))
    stream = io.BytesIO()
    width, height = landscape(A4)
    canvas = Paper(stream, pagesize=(width, height), pageCompression=1)
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
    """Return (label, value) of each line of the certificate, in print order."""
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
