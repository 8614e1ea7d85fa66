"""PDF of the review form 《专业技术职称评审表》: sections of the dossier, commitment, boxes of the reviewers.

Short values are printed in a grid; long values and the rows of wide tables as running text, which can break
over pages. Every page has the version and the digest of what is printed, so that pages of two prints cannot be
mixed unnoticed.
"""

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
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
    KeepTogether,
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
from app.services.exports import pdf_pages
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
RIGHT = ParagraphStyle("right", parent=TEXT, alignment=2)
GRID = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, "#888888"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)
HEADED = TableStyle([*GRID.getCommands(), ("BACKGROUND", (0, 0), (-1, 0), "#eeeeee")])


@dataclass(frozen=True)
class Box:
    """A box of the form that reviewers fill in.

    `figures` are counts with their labels. `signed` names body and date; without it the box ends with a line
    to be signed and sealed by hand.
    """

    label: str
    lines: Sequence[str] = ()
    figures: Sequence[tuple[str, str]] = ()
    signed: str = ""

    def texts(self) -> list[str]:
        """Return everything that is printed in the box."""
        return [*self.lines, *(text for pair in self.figures for text in pair), self.signed]


def review_form_pdf(
    application: Application, shown: Sequence[Shown], boxes: Sequence[Box], *, at: datetime
) -> bytes:
    """Return the review form as PDF bytes.

    `shown` are the sections as the reader may see them, from `dossier.display`, `boxes` those of the reviewers.
    Raises Undrawable if a character would be missing on it.
    """
    printable.require_printable(shown, [(box.label, box.texts()) for box in boxes])
    form = dossier_display.form_of(application)
    parts: list[Flowable] = [*_head(application, form.title, shown)]
    for section in shown:
        parts += _section(section)
    parts += _commitment(application, form.commitment)
    parts += [KeepTogether(list(_box(box))) for box in boxes]
    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=14 * mm,
        bottomMargin=18 * mm,
        title=form.title,
        author="",
    )
    text = _footer_text(application, at)
    digest = gettext(
        "Digest of the content %(digest)s", digest=content_digest(application, shown, boxes)
    )

    def draw_foot(canvas: Canvas, page: int, pages: int) -> None:
        line = gettext("%(text)s · page %(page)s of %(pages)s", text=text, page=page, pages=pages)
        draw_centred(canvas, A4[0] / 2, 10 * mm, line, 8, WIDTH)
        draw_centred(canvas, A4[0] / 2, 6 * mm, digest, 7, WIDTH)

    pdf_pages.build(document, parts, draw_foot)
    return stream.getvalue()


def content_digest(application: Application, shown: Sequence[Shown], boxes: Sequence[Box]) -> str:
    """Return the SHA-256 of everything printed, files by their own digests; equal for equal content."""
    content = {
        "number": application.number,
        "version": [application.version, application.form_version],
        "sections": [
            [one.key, list(map(str, one.columns)), [list(map(str, row)) for row in one.rows],
             [[file.kind, file.name, file.file.digest] for file in one.attachments]]
            for one in shown
        ],
        "commitment": str(application.committed_at),
        "boxes": [[one.label, list(one.lines), list(one.figures), one.signed] for one in boxes],
    }  # fmt: skip
    return sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


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


def _box(box: Box) -> Iterator[Flowable]:
    """Yield the box of a reviewer; an unsigned one with room for a signature and a seal."""
    yield Paragraph(markup(box.label), HEADING)
    for line in box.lines:
        yield from _running_text(line)
    if box.figures:
        cells = [[_cell(text, SMALL) for text in line] for line in zip(*box.figures, strict=True)]
        widths, heights = [WIDTH / len(box.figures)] * len(box.figures), [None, 8 * mm]
        yield Table(cells, colWidths=widths, rowHeights=heights, style=HEADED)
    if box.signed:
        yield Spacer(1, 2 * mm)
        yield Paragraph(markup(box.signed), RIGHT)
    else:
        yield Spacer(1, 14 * mm)
        yield Paragraph(markup(_signature_blank()), MIDDLE)


def _signature_blank() -> str:
    return gettext("Person responsible (signature): ____________  Seal  Date: ____________")


def _footer_text(application: Application, at: datetime) -> str:
    return gettext(
        "%(number)s · %(state)s · version %(version)s · form version %(form)s · printed %(moment)s",
        number=application.number,
        state=application.state.label,
        version=application.version,
        form=application.form_version,
        moment=f"{clock.local(at):%Y-%m-%d %H:%M}",
    )
