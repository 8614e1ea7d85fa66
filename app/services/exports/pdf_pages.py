"""Draw the foot of PDF pages that name the number of all pages, which is known only at the end."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, SimpleDocTemplate

Foot = Callable[[Canvas, int, int], None]
"""Draws the foot of a page: canvas, number of the page, number of all pages."""


class CountedPages(Canvas):
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
