"""Fonts as reportlab takes them: loaded when the first character needs them, once per process."""

import io
from collections.abc import Iterator, Sequence
from threading import Lock
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from app.ground import fonts

LOADING, WRITING = Lock(), Lock()
REGISTERED: dict[str, "PaperFont"] = {}
"""Fonts of this process by name; reportlab's own register cannot be asked without an error."""
PREFIX = "Paper-"
PER_SECTION = 100
"""Maximum entries of one section of a ToUnicode table (ISO 32000-1, 9.10.3)."""


def loaded(name: str) -> str:
    """Return the name under which reportlab knows the font `name`; load it if this process has not yet."""
    known = PREFIX + name
    with LOADING:
        if known not in REGISTERED:
            register(PaperFont(known, io.BytesIO(fonts.content(name))))
    return known


def register(font: "PaperFont") -> str:
    """Make the font known to reportlab; return its name there."""
    if REGISTERED.get(font.fontName) is not font:
        pdfmetrics.registerFont(font)
        REGISTERED[font.fontName] = font
    return font.fontName


class PaperFont(TTFont):
    """A font whose characters come back when text is copied out of the PDF, beyond U+FFFF too.

    Several threads may write documents with it at the same time: reportlab reads the font through one position,
    so that two would disturb each other.
    """

    def __init__(self, name: str, file: io.BytesIO) -> None:
        super().__init__(name, file, asciiReadable=False, shapable=False)

    def addObjects(self, doc: Any) -> None:  # noqa: N802 - reportlab's name
        state = self.state[doc]
        with WRITING:
            super().addObjects(doc)
        written = doc.idToObject["BasicFonts"].dict
        for number, subset in enumerate(state.subsets):
            reference = written[f"{state.internalName}+{number}"].ToUnicode
            doc.idToObject[reference.name].content = _to_unicode(subset)


def _to_unicode(subset: Sequence[int]) -> str:
    """Return the ToUnicode table of a subset; reportlab's own has five digits beyond U+FFFF, which readers drop."""
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *_sections(subset),
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )


def _sections(subset: Sequence[int]) -> Iterator[str]:
    pairs = [(code, point) for code, point in enumerate(subset) if point]
    for start in range(0, len(pairs), PER_SECTION):
        part = pairs[start : start + PER_SECTION]
        yield f"{len(part)} beginbfchar"
        for code, point in part:
            yield f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>"
        yield "endbfchar"
