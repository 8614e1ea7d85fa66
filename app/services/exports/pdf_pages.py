"""Canvases of printed papers: the mark of a rehearsal, and feet that name the number of all pages."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from flask import current_app
from flask_babel import pgettext
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate

from app.services.exports.pdf_drawing import draw_centred

MARK_COLOUR = (0.7, 0.14, 0.09)
Foot = Callable[[Canvas, int, int], None]
"""Draws the foot of a page: canvas, number of the page, number of all pages."""


class Paper(Canvas):
    """The canvas of every paper; in a rehearsal each page says that it is one."""

    def showPage(self) -> None:  # noqa: N802 - the name that reportlab calls
        """Finish a page; called by reportlab."""
        if current_app.config["REHEARSAL"]:
            _mark_page(self)
        super().showPage()


def _mark_page(canvas: Canvas) -> None:
    """Draw the mark across the page, light enough to read what lies under it."""
    width, height = canvas._pagesize
    canvas.saveState()
    canvas.setFillColorRGB(*MARK_COLOUR)
    canvas.setFillAlpha(0.3)
    canvas.translate(width / 2, height / 2)
    canvas.rotate(30)
    draw_centred(canvas, 0, 0, pgettext("on a paper", "REHEARSAL · NO EFFECT"), 60, width - 30 * mm)
    canvas.restoreState()


class CountedPages(Paper):
    """A canvas that keeps its pages until the last one is drawn, then adds the foot to each."""

    def __init__(self, *args: Any, foot: Foot, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.foot, self.kept = foot, list[dict[str, Any]]()

    def showPage(self) -> None:  # noqa: N802 - the name that reportlab calls
        """Keep the finished page; called by reportlab."""
        self.kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write the kept pages with their feet; called by reportlab."""
        for number, page in enumerate(self.kept, start=1):
            self.__dict__.update(page)
            self.foot(self, number, len(self.kept))
            super().showPage()
        super().save()


def build(document: SimpleDocTemplate, parts: Sequence[Flowable], foot: Foot) -> None:
    """Lay out `parts` in `document`, with `foot` below every page."""
    document.build(list(parts), canvasmaker=partial(CountedPages, foot=foot))
