"""Whether the review form (评审表) can be printed with every character of the dossier."""

from collections.abc import Iterator, Sequence
from itertools import chain

from flask_babel import gettext

from app.services.dossier.dossier_display import Shown
from app.services.exports.paper_text import require_drawable


def require_printable(
    shown: Sequence[Shown], boxes: Sequence[tuple[str, Sequence[str]]] = ()
) -> None:
    """Raise Undrawable with section, row and field of each character that no font has.

    `boxes` are the reviewers' boxes, as (label, texts).
    """
    texts = ((label, text) for label, texts in boxes for text in texts)
    require_drawable(chain(_texts(shown), texts))


def _texts(shown: Sequence[Shown]) -> Iterator[tuple[str, str]]:
    for section in shown:
        for number, row in enumerate(section.rows, start=1):
            for label, value in zip(section.columns, row, strict=True):
                yield _place(section, number, str(label)), str(value)
        for attachment in section.attachments:
            yield f"{section.label} · {gettext('Material')}", attachment.name


def _place(section: Shown, row: int, label: str) -> str:
    if section.kind == "pairs":
        return f"{section.label} · {label}"
    return f"{section.label} · {gettext('Row %(number)s', number=row)} · {label}"
