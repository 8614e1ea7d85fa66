"""Read the tables of rows in a form's page: what stands above each column, and what stands in it."""

import re
from collections.abc import Iterator
from html import unescape

TABLE = re.compile(
    r'<table class="rows">(?P<filled>.*?)</table>\s*(?:<template>(?P<spare>.*?)</template>)?', re.S
)
HEADING = re.compile(r'<th scope="col">(.*?)</th>', re.S)
ROW = re.compile(r"<tr>(.*?)</tr>", re.S)
LABEL = re.compile(r'<td data-label="([^"]*)"')
TAG = re.compile(r"<span.*?</span>|<[^>]*>", re.S)


def tables(page: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yield (headings, labels of the fields in every row and in the spare row) of each table."""
    for table in TABLE.finditer(page):
        head, _end, body = table["filled"].partition("</thead>")
        headings = [unescape(TAG.sub("", one)).strip() for one in HEADING.findall(head)]
        rows = [*ROW.findall(body), *ROW.findall(table["spare"] or "")]
        yield (
            [one for one in headings if one],
            [[unescape(label) for label in LABEL.findall(row)] for row in rows],
        )
