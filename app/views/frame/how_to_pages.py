"""Reads the pages that say how something is changed in the browser: one Markdown file each under docs/customise."""

import re
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import url_for
from markdown_it import MarkdownIt
from markupsafe import Markup

from app.ground import paths
from app.views.base.aliases import Page

FOLDER = paths.ROOT / "docs" / "customise"
IMAGES = FOLDER / "images"
OTHER_PAGE = re.compile(r"[\w-]+\.md")


class HowToPage(NamedTuple):
    """A page as it is shown: the first heading of the file, and what stands below."""

    title: str
    body: Markup
    pictures: frozenset[str]
    """Names of the files in `IMAGES` that it shows."""


@cache
def page(name: str) -> HowToPage:
    """Return the page of this name, which a menu declares in its `how_to`. Raises FileNotFoundError without a file."""
    text = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    heading, _line, below = text.partition("\n")
    pictures = frozenset(re.findall(r"\]\(images/([\w-]+\.png)\)", below))
    # HTML in the file is shown as text, and the library lets no address run a script
    body = Markup(_markdown().render(below))  # noqa: S704 - a page of ours, see above
    return HowToPage(heading.removeprefix("# "), body, pictures)


def links(view: Any) -> list[Page]:
    """Return the pages that a menu names, in its order."""
    return [
        {"label": page(name).title, "url": url_for("HowTo.show", name=name)}
        for name in getattr(view, "how_to", ())
    ]


def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    usual = markdown.normalizeLink
    # a page in the program has the name of its file without the ending
    markdown.normalizeLink = lambda url: usual(  # type: ignore[method-assign]  # how the library is told
        url.removesuffix(".md") if OTHER_PAGE.fullmatch(urlsplit(url).path) else url
    )
    return markdown
