"""PDF files written by hand, object by object, for what no ordinary program would write."""

import zlib
from collections.abc import Mapping
from io import BytesIO

Objects = Mapping[int, bytes]

PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"
PLAIN: Objects = {
    1: b"<</Type/Catalog/Pages 2 0 R>>",
    2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
    3: PAGE,
    4: b"<</Length 9>>stream\n0 0 m S  \nendstream",
}


def pdf_of(
    objects: Objects, *, header: bytes = b"%PDF-1.7\n", trailer: bytes = b"", before: bytes = b""
) -> bytes:
    """Return a well-formed file of `objects`, with a table that says where each begins."""
    written = BytesIO()
    written.write(before + header)
    places = {}
    for number, body in sorted(objects.items()):
        places[number] = written.tell()
        written.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start, last = written.tell(), max(objects)
    written.write(b"xref\n0 %d\n0000000000 65535 f \n" % (last + 1))
    for number in range(1, last + 1):
        kind = b"n" if number in places else b"f"
        written.write(b"%010d 00000 %s \n" % (places.get(number, 0), kind))
    written.write(b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (last + 1, trailer))
    written.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return written.getvalue()


def with_catalog(entries: bytes, more: Objects | None = None) -> bytes:
    """Return a page whose catalog has `entries` besides."""
    catalog = b"<</Type/Catalog/Pages 2 0 R%s>>" % entries
    return pdf_of({**PLAIN, 1: catalog, **(more or {})})


def with_page(entries: bytes, more: Objects | None = None) -> bytes:
    """Return a page with `entries` besides."""
    return pdf_of({**PLAIN, 3: PAGE[:-2] + entries + b">>", **(more or {})})


def with_annotation(entries: bytes, more: Objects | None = None) -> bytes:
    """Return a page with one annotation."""
    note = b"<</Type/Annot/Rect[0 0 100 100]%s>>" % entries
    return with_page(b"/Annots[9 0 R]", {9: note, **(more or {})})


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


def packed(data: bytes, entries: bytes = b"") -> bytes:
    return stream(zlib.compress(data, 9), b"/Filter/FlateDecode" + entries)


def packed_objects(objects: Mapping[int, bytes]) -> bytes:
    """Return a file whose `objects` lie inside a packed stream, where no search over the bytes finds them."""
    inner, table = b"", b""
    for number, body in objects.items():
        table += b"%d %d " % (number, len(inner))
        inner += body + b" "
    holder = max(objects) + 1
    table_at = holder + 1
    stm = packed(table + inner, b"/Type/ObjStm/N %d/First %d" % (len(objects), len(table)))
    written = b"%PDF-1.7\n"
    places = {holder: len(written)}
    written += b"%d 0 obj\n%s\nendobj\n" % (holder, stm)
    content_at = len(written)
    written += b"%d 0 obj\n%s\nendobj\n" % (table_at + 1, PLAIN[4])
    start = len(written)
    rows = b"\0\0\0\0\xff\xff"
    index = {number: place for place, number in enumerate(objects)}
    for number in range(1, table_at + 2):
        if number in index:
            rows += b"\2" + holder.to_bytes(3, "big") + index[number].to_bytes(2, "big")
        else:
            place = {holder: places[holder], table_at: start, table_at + 1: content_at}.get(
                number, 0
            )
            rows += (b"\1" if place else b"\0") + place.to_bytes(3, "big") + b"\0\0"
    entries = b"/Type/XRef/W[1 3 2]/Size %d/Root 1 0 R" % (table_at + 2)
    xref = stream(zlib.compress(rows), b"/Filter/FlateDecode" + entries)
    written += b"%d 0 obj\n%s\nendobj\n" % (table_at, xref)
    return written + b"startxref\n%d\n%%%%EOF\n" % start
