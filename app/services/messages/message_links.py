"""Links inside the text of a message: `[name](/g/…)`, a link in the hall, the whole address in mail.

Only lists of this system can be linked, so that nothing a person typed into an opinion leads elsewhere.
"""

import re
from collections.abc import Iterator

LINK = re.compile(r"\[([^\[\]\n]{1,120})\]\((/g/[\w./?=&-]{1,150})\)")


def link(name: str, path: str) -> str:
    """Return the notation of a link to `path`, a path under /g/."""
    return f"[{name.translate({ord('['): '（', ord(']'): '）'})}]({path})"


def parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield (text, path) in order; the path is "" for text that is no link."""
    last = 0
    for found in LINK.finditer(text):
        if found.start() > last:
            yield text[last : found.start()], ""
        yield found[1], found[2]
        last = found.end()
    if last < len(text):
        yield text[last:], ""


def plain(text: str, base: str) -> str:
    """Return the text with every link as its name and its address under `base`."""
    return LINK.sub(lambda found: f"{found[1]} {base}{found[2]}", text)
