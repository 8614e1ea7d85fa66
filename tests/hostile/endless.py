"""PDF files that lead a reader round in circles or down without end."""

from collections.abc import Callable

from tests.hostile.pdfs import PAGE, PLAIN, packed, pdf_of, stream, with_page


def nested(depth: int) -> bytes:
    return pdf_of({**PLAIN, 9: b"[" * depth + b"]" * depth})


def looped_tables() -> bytes:
    whole = pdf_of(PLAIN)
    start = whole.rindex(b"xref\n0")
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % start)


def looped_pages() -> bytes:
    return pdf_of({**PLAIN, 2: b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"})


def bomb_of_objects() -> bytes:
    holder = packed(b"1 0 " * 40_000_000, b"/Type/ObjStm/N 40000000/First 160000000")
    return pdf_of({**PLAIN, 9: holder})


ENDURED: dict[str, Callable[[], bytes]] = {
    "pdf tables in a circle": looped_tables,
    "pdf pages in a circle": looped_pages,
    "pdf nested a hundred thousand deep": lambda: nested(100_000),
    "pdf nested three hundred deep": lambda: nested(300),
    "pdf bomb of packed objects": bomb_of_objects,
    "pdf packed objects in a circle": lambda: pdf_of(
        {**PLAIN, 9: packed(b"1 0 2 3 ", b"/Type/ObjStm/N 2/First 8/Extends 9 0 R")}
    ),
    "pdf length that is itself": lambda: pdf_of(
        {**PLAIN, 4: b"<</Length 4 0 R>>stream\nabc\nendstream"}
    ),
    "pdf filter that is itself": lambda: pdf_of(
        {**PLAIN, 4: b"<</Length 3/Filter 4 0 R>>stream\nabc\nendstream"}
    ),
    "pdf page that is a reference to itself": lambda: pdf_of({**PLAIN, 3: b"3 0 R"}),
    "pdf page of a hundred kilometres": lambda: pdf_of(
        {**PLAIN, 3: PAGE.replace(b"595 842", b"99999999 99999999")}
    ),
    "pdf page like a thread": lambda: pdf_of({**PLAIN, 3: PAGE.replace(b"595 842", b"1 14400")}),
    "pdf number of four million digits": lambda: pdf_of({**PLAIN, 9: b"9" * 4_000_000}),
    "pdf table of a hundred million": lambda: pdf_of(PLAIN).replace(
        b"xref\n0 5", b"xref\n0 99999999"
    ),
    "pdf of negative size": lambda: pdf_of(PLAIN).replace(b"/Size 5", b"/Size -5"),
    "pdf form that draws itself": lambda: with_page(
        b"/Resources<</XObject<</F 9 0 R>>>>",
        {
            4: stream(b"/F Do"),
            9: stream(
                b"/F Do /F Do",
                b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 9 0 R>>>>",
            ),
        },
    ),
    "pdf of a million strokes": lambda: pdf_of(
        {**PLAIN, 4: packed(b"0 0 m 600 800 l S\n" * 1_000_000)}
    ),
}
"""Name → how it is made; refused or kept, the answer comes, and a page is drawn or said not to be."""
