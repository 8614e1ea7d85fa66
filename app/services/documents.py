"""Printed documents as PDF: the certificate and the result sheet of a meeting (the 评审表: `review_form`).

The fonts: Chinese from the embedded Droid Sans Fallback, cut down to the characters used; Latin letters and
digits, which that font does not have, from Helvetica. No ID number stands in any of them.
"""

import io
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import segno
from flask_babel import gettext, pgettext
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from app.enums import CertificateState
from app.models import Certificate, Plan, Result
from app.services import certificates, results

CHINESE, LATIN = "DroidSansFallback", "Helvetica"
FONT = Path(__file__).parents[1] / "static" / "fonts" / "DroidSansFallbackFull.ttf"
INK, RED = (0.12, 0.12, 0.12), (0.68, 0.12, 0.12)


@cache
def _load_font() -> None:
    pdfmetrics.registerFont(TTFont(CHINESE, str(FONT)))


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


# the result sheet of a meeting


def result_sheet_pdf(plan: Plan, rows: Sequence[Result]) -> bytes:
    """Return the sheet that the chair signs and the committee seals (Order 40, art. 23)."""
    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=landscape(A4),
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=18 * mm,
        title=gettext("Result sheet"),
        author="",
    )
    style = ParagraphStyle("cell", fontName=LATIN, fontSize=9, leading=12, wordWrap="CJK")
    heading = ParagraphStyle("heading", parent=style, fontSize=16, leading=22, alignment=TA_CENTER)
    parts = [
        Paragraph(markup(f"{plan.committee.name} {gettext('Result sheet')}"), heading),
        Spacer(1, 3 * mm),
        Paragraph(markup(_meeting_line(plan)), style),
        Spacer(1, 4 * mm),
        _table(plan, rows, style),
        Spacer(1, 10 * mm),
        _signatures(style),
    ]
    foot = partial(_draw_foot, version=plan.version)
    document.build(parts, onFirstPage=foot, onLaterPages=foot)
    return stream.getvalue()


def _meeting_line(plan: Plan) -> str:
    present = plan.present or 0
    return gettext(
        "%(plan)s · vote on %(day)s at %(place)s · members %(members)s · present %(present)s · yes votes needed %(needed)s",
        plan=plan.name,
        day=plan.voted_on.isoformat() if plan.voted_on else "—",
        place=plan.place,
        members=plan.members or "—",
        present=plan.present or "—",
        needed=results.votes_needed(present) if present else "—",
    )


def _table(plan: Plan, rows: Sequence[Result], style: ParagraphStyle) -> LongTable:
    columns = (
        gettext("No."),
        gettext("Application number"),
        gettext("Name"),
        gettext("Unit"),
        gettext("Title applied for"),
        pgettext("vote", "Yes"),
        pgettext("vote", "No"),
        gettext("Abstained"),
        gettext("Result"),
    )
    lines = [[Paragraph(markup(label), style) for label in columns]]
    for place, result in enumerate(rows, start=1):
        item = result.application
        verdict = gettext("Passed") if result.is_passed else gettext("Not passed")
        values = (
            place,
            item.number,
            item.name,
            item.unit.name,
            item.title.name,
            result.yes,
            result.no,
            result.abstain,
            verdict,
        )
        lines.append([Paragraph(markup(value), style) for value in values])
    widths = [width * mm for width in (12, 34, 26, 74, 42, 16, 18, 20, 24)]
    table = LongTable(lines, colWidths=widths, repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, "#666666"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("BACKGROUND", (0, 0), (-1, 0), "#eeeeee"),
            ]
        )
    )
    return table


def _signatures(style: ParagraphStyle) -> LongTable:
    names = (
        gettext("Chair (signature)"),
        gettext("Counted by"),
        gettext("Supervisor"),
        gettext("Seal of the committee"),
    )
    cells = [Paragraph(markup(f"{name}{gettext(':')}"), style) for name in names]
    return LongTable([cells], colWidths=[66 * mm] * len(names))


def _draw_foot(canvas: Canvas, document: Any, version: int) -> None:
    """Page and version of the record: a sheet of an older entry is recognised as such."""
    text = gettext("Version %(version)s · page %(page)s", version=version, page=document.page)
    draw_centred(canvas, landscape(A4)[0] / 2, 10 * mm, text, 8)
