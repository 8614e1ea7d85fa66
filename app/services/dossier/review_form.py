"""PDF of the review form 《专业技术职称评审表》: sections of the dossier, commitment, boxes for the reviewers.

Short values are printed in a grid; long values and the rows of wide tables as running text, which can break
over pages. Only the applicant's own copy shows the whole ID number.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import gettext
from PIL import Image as Pictures
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    HRFlowable,
    Image,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from app.ground import clock
from app.models import Application, Attachment
from app.services.dossier import dossier_display, printable
from app.services.dossier.dossier_display import Shown
from app.services.exports.pdf_drawing import LATIN, draw_centred, markup
from app.services.exports.pdf_paragraph import RunningText
from app.services.files import attached_files, pictures

WIDTH = A4[0] - 30 * mm
LONG_VALUE = 48
"""Maximum characters of a value printed in a grid cell; longer ones become running text."""
MOST_COLUMNS = 7
PHOTO = "photo"
PHOTO_DOTS = 600
TEXT = ParagraphStyle("text", fontName=LATIN, fontSize=9, leading=13, wordWrap="CJK")
SMALL = ParagraphStyle("small", parent=TEXT, fontSize=8, leading=11)
LABEL = ParagraphStyle("label", parent=SMALL, textColor="#555555")
HEADING = ParagraphStyle(
    "section", parent=TEXT, fontSize=11, leading=15, spaceBefore=9, spaceAfter=3, keepWithNext=1
)
TITLE = ParagraphStyle("title", parent=TEXT, fontSize=18, leading=26, alignment=1)
MIDDLE = ParagraphStyle("middle", parent=TEXT, alignment=1)
GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, "#888888"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)
HEADED = TableStyle([*GRID.getCommands(), ("BACKGROUND", (0, 0), (-1, 0), "#eeeeee")])


def review_form_pdf(
    application: Application, shown: Sequence[Shown], *, at: datetime, is_own: bool = False
) -> bytes:
    """Return the review form as PDF bytes.

    `shown` are the sections as the reader may see them, from `dossier.display`. The applicant's own copy
    (`is_own`) leaves out what the units wrote; those boxes are empty, to be filled in by hand.
    Raises Undrawable if a character would be missing on it.
    """
    printable.require_printable(shown)
    form = dossier_display.form_of(application)
    parts: list[Flowable] = [*_head(application, form.title, shown)]
    for section in shown:
        parts += _section(section)
    parts += _commitment(application, form.commitment)
    parts += _reviewer_boxes(application, is_own=is_own)
    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=14 * mm,
        bottomMargin=16 * mm,
        title=form.title,
        author="",
    )
    foot = partial(_draw_footer, text=_footer_text(application, at))
    document.build(parts, onFirstPage=foot, onLaterPages=foot)
    return stream.getvalue()


def _head(application: Application, title: str, shown: Sequence[Shown]) -> Iterator[Flowable]:
    yield Paragraph(markup(title), TITLE)
    yield Paragraph(markup(f"{gettext('Application number')} {application.number}"), MIDDLE)
    yield Spacer(1, 3 * mm)
    every = (one for section in shown for one in section.attachments)
    if picture := _photo(next((one for one in every if one.kind == PHOTO), None)):
        yield picture
        yield Spacer(1, 2 * mm)


def _photo(attachment: Attachment | None) -> Image | None:
    """Return the portrait, or None if there is none or it cannot be read: the form is printed without it."""
    if attachment is None:
        return None
    try:
        with Pictures.open(attached_files.open_path(attachment)) as found:
            shown = pictures.shown(found, PHOTO_DOTS, PHOTO_DOTS)
            kept = io.BytesIO()
            shown.save(kept, "JPEG", quality=85)
            wide, high = shown.size
    except (OSError, ValueError, Pictures.DecompressionBombError):
        return None
    scale = min(26 * mm / wide, 36 * mm / high)
    return Image(kept, wide * scale, high * scale, hAlign="RIGHT")


def _section(section: Shown) -> list[Flowable]:
    parts: list[Flowable] = [Paragraph(markup(section.label), HEADING)]
    if section.kind == "pairs":
        values = section.rows[0] if section.rows else []
        parts += _pairs(list(zip(section.columns, values, strict=True)))
    elif not section.rows:
        if section.columns:
            parts.append(Paragraph(markup(gettext("None.")), TEXT))
    elif len(section.columns) <= MOST_COLUMNS and not _is_long(section.rows):
        parts.append(_table(section))
    else:
        parts += _rows_as_text(section)
    if section.attachments:
        names = gettext("; ").join(one.name for one in section.attachments)
        parts.append(Paragraph(markup(gettext("Material: %(names)s", names=names)), LABEL))
    return parts


def _is_long(rows: Sequence[Sequence[Any]]) -> bool:
    return any(len(str(value)) > LONG_VALUE for row in rows for value in row)


def _pairs(pairs: Sequence[tuple[str, Any]]) -> Iterator[Flowable]:
    """Yield a grid with two label-value pairs per line, then the long values over the whole width."""
    short = [(label, str(value)) for label, value in pairs if len(str(value)) <= LONG_VALUE]
    cells = [cell for label, value in short for cell in (_cell(label, LABEL), _cell(value or "—"))]
    if cells:
        if len(cells) % 4:
            cells += [_cell(""), _cell("")]
        lines = [cells[start : start + 4] for start in range(0, len(cells), 4)]
        widths = [WIDTH * share for share in (0.16, 0.34, 0.16, 0.34)]
        yield Table(lines, colWidths=widths, style=GRID)
    for label, value in pairs:
        if len(str(value)) > LONG_VALUE:
            yield Spacer(1, 1.5 * mm)
            yield _cell(label, LABEL)
            yield from _running_text(str(value))


def _table(section: Shown) -> Flowable:
    lines = [[_cell(label, SMALL) for label in section.columns]]
    lines += [[_cell(value, SMALL) for value in row] for row in section.rows]
    width = WIDTH / len(section.columns)
    return LongTable(
        lines, colWidths=[width] * len(section.columns), style=HEADED, repeatRows=1, splitInRow=1
    )


def _rows_as_text(section: Shown) -> Iterator[Flowable]:
    """Yield each row as running text: its number, then every filled value with its label."""
    for number, row in enumerate(section.rows, start=1):
        text = gettext("; ").join(
            f"{label}{gettext(': ')}{value}"
            for label, value in zip(section.columns, row, strict=True)
            if value
        )
        yield from _running_text(f"{number}. {text}")
        yield HRFlowable(width="100%", thickness=0.3, color="#aaaaaa", spaceBefore=2, spaceAfter=2)


def _running_text(text: str) -> Iterator[Flowable]:
    if text.strip():
        yield RunningText(text)


def _cell(value: Any, style: ParagraphStyle = TEXT) -> Paragraph:
    return Paragraph(markup(value), style)


def _commitment(application: Application, text: str) -> list[Flowable]:
    signed = (
        gettext(
            "Signed electronically on %(moment)s",
            moment=f"{clock.local(application.committed_at):%Y-%m-%d %H:%M:%S}",
        )
        if application.committed_at
        else gettext("Not signed yet")
    )
    return [
        Paragraph(markup(gettext("Personal commitment")), HEADING),
        Paragraph(markup(text), TEXT),
        Spacer(1, 2 * mm),
        Paragraph(markup(f"{application.name}{gettext(': ')}{signed}"), TEXT),
    ]


def _reviewer_boxes(application: Application, *, is_own: bool) -> list[Flowable]:
    """Return the boxes that unit, superior units and committee sign and seal (Order 40, art. 16 to 26)."""
    filled = "" if is_own else application.recommendation
    passed = [] if is_own else [one for one in application.route if one.passed_at]
    route = gettext("; ").join(
        f"{one.unit.name} {clock.local(one.passed_at):%Y-%m-%d}" for one in passed if one.passed_at
    )
    boxes = [
        (gettext("Recommendation of the unit"), filled),
        (gettext("Public notice inside the unit"), ""),
        (gettext("Check by the superior units"), route),
        (gettext("Qualification check by the committee's office"), ""),
        (gettext("Opinion of the expert group"), ""),
        (gettext("Review and vote of the committee"), _vote_blanks()),
        (gettext("Filing by the human resources authority"), ""),
    ]
    parts: list[Flowable] = []
    for label, text in boxes:
        parts.append(Paragraph(markup(label), HEADING))
        parts += _running_text(text)
        parts += [Spacer(1, 14 * mm), Paragraph(markup(_signature_blank()), MIDDLE)]
    return parts


def _vote_blanks() -> str:
    return gettext("Members ____  present ____  yes ____  no ____  abstained ____  result ________")


def _signature_blank() -> str:
    return gettext("Person responsible (signature): ____________  Seal  Date: ____________")


def _footer_text(application: Application, at: datetime) -> str:
    return gettext(
        "%(number)s · %(state)s · form version %(version)s · printed %(moment)s",
        number=application.number,
        state=application.state.label,
        version=application.form_version,
        moment=f"{clock.local(at):%Y-%m-%d %H:%M}",
    )


def _draw_footer(canvas: Canvas, document: Any, text: str) -> None:
    page = gettext("%(text)s · page %(page)s", text=text, page=document.page)
    draw_centred(canvas, A4[0] / 2, 8 * mm, page, 8, WIDTH)
