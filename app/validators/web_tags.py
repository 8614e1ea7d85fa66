"""Marks of web pages that come along when text is copied; comparisons such as “a<b 且 c>d” are none."""

import re

ELEMENTS = re.compile(
    "a|abbr|acronym|address|applet|area|article|aside|audio|b|base|bdi|bdo|big|blink|blockquote|"
    "body|br|button|canvas|caption|center|cite|code|col|colgroup|data|datalist|dd|del|details|dfn|"
    "dialog|dir|div|dl|dt|em|embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|h1|"
    "h2|h3|h4|h5|h6|head|header|hgroup|hr|html|i|iframe|img|input|ins|kbd|label|legend|li|link|"
    "main|map|mark|marquee|math|menu|meta|meter|nav|nobr|noscript|object|ol|optgroup|option|output|"
    "p|param|picture|pre|progress|q|rp|rt|ruby|s|samp|script|search|section|select|slot|small|"
    "source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea|tfoot|th|"
    "thead|time|title|tr|track|tt|u|ul|var|video|wbr|xmp",
    re.IGNORECASE,
)
"""The elements of HTML, those of former versions included."""
FLAGS = (
    "allowfullscreen|async|autofocus|autoplay|checked|compact|controls|default|defer|disabled|download|hidden|"
    "inert|ismap|itemscope|loop|multiple|muted|nohref|noshade|novalidate|nowrap|open|playsinline|readonly|"
    "required|reversed|selected"
)
"""Attributes of HTML that stand without a value."""
VALUE = r"""(?:"[^"]*+"?+|'[^']*+'?+|[^\s"'<>=]++)"""
ATTRIBUTES = re.compile(
    rf"(?:[\s/]++(?:[a-z_:@][\w:.-]*+\s*+=\s*+{VALUE}|(?:{FLAGS})(?![\w-])))*+[\s/]*",
    re.ASCII | re.IGNORECASE,
)
MARK = re.compile(
    r"<(/?)([a-z][a-z0-9]*(?::[a-z]\w*)?)((?:[\s/][^<>]*)?)>", re.ASCII | re.IGNORECASE
)
OPENING = re.compile(r"<(?:!--|(?:!doctype|script|style)\b(?:[^<>]*>)?)", re.IGNORECASE)
"""What begins something that a web page would not show; it needs no end to be refused."""
OFFICE = re.compile(r"(?:o|v|w|m|st1):\w+", re.ASCII | re.IGNORECASE)
"""Marks of Word in pages that it wrote."""


def web_tag(text: str) -> str:
    """Return the first mark of a web page in `text`, "" if there is none."""
    found = [match for match in (OPENING.search(text), _mark(text)) if match]
    return min(found, key=lambda match: match.start()).group() if found else ""


def _mark(text: str) -> re.Match[str] | None:
    return next((match for match in MARK.finditer(text) if _is_mark(match, text)), None)


def _is_mark(match: re.Match[str], text: str) -> bool:
    closing, name, rest = match.groups()
    is_known = ELEMENTS.fullmatch(name) or OFFICE.fullmatch(name)
    if not is_known or not ATTRIBUTES.fullmatch(rest):
        return False
    return bool(closing or rest.strip()) or not _is_comparison(match, name, text)


def _is_comparison(match: re.Match[str], name: str, text: str) -> bool:
    """Return whether a bare `<b>` compares what stands before and behind it, as in `a<b>c`."""
    before, behind = text[: match.start()][-1:], text[match.end() : match.end() + 1]
    is_between = _is_operand(before) and _is_operand(behind)
    return len(name) == 1 and is_between and f"</{name}>".lower() not in text.lower()


def _is_operand(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "().+-") and character != ""
