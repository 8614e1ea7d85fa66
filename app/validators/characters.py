"""Characters that are written in several ways, and the one way in which they are stored and searched."""

import re
import unicodedata

VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Marks behind a character that ask a font for one of its shapes; the character is the same without them."""
COMPONENTS = (
    "⺁𠂇𠂉𠃌⺄㑳㑇⺈⺋龴㖞㘚㘎⺌⺗㥮㤘龵㧏㧟㩳㧐龶龷㭎㱮㳠⺧𡗗龸⺪䁖䅟⺮䌷⺳⺶⺷𢦏䎱"
    "䎬⺻䏝䓖䙡䙌龹䜣䜩䝼䞍⻊䥇䥺䥽䦂䦃䦅䦆䦟䦛䦷䦶龺𤇾䲣䲟䲠䲡䱷䲢䴓䴔䴕䴖䴗䴘䴙䶮龻"
)
"""The characters of the codes FE50 to FEA0 of GBK, which had U+E815 to U+E864 before Unicode took them in."""
STANDARD = {
    **dict(enumerate(COMPONENTS, start=0xE815)),
    # vertical punctuation, A6D9 to A6F3
    **dict(enumerate("︐︒︑︓︔︕︖︗︘︙", start=0xE78D)),
    # two letters of Pinyin, A8BC and A8BF
    0xE7C7: "\u1e3f",
    0xE7C8: "\u01f9",
    # the mark and the description characters of Hanzi, A989 to A995
    **dict(enumerate("〾⿰⿱⿲⿳⿴⿵⿶⿷⿸⿹⿺⿻", start=0xE7E7)),
    # the full-width blank of old input methods, A3A0; so also in the Encoding Standard (WHATWG)
    0xE5E5: "\u3000",
}
"""Private-use code points of GBK and GB 18030-2000 → their code points in GB 18030-2005 and -2022."""
SYMBOLS = {
    0xF06C: "●", 0xF06E: "■", 0xF071: "□", 0xF075: "◆", 0xF076: "❖", 0xF09F: "•", 0xF0A1: "○", 0xF0A7: "▪",
    0xF0A8: "□", 0xF0B7: "•", 0xF0D8: "➢", 0xF0E0: "→", 0xF0E8: "➔", 0xF0FC: "✓", 0xF0FE: "☑",
}  # fmt: skip
"""Private-use code points under which Word copies the list signs of its fonts Symbol and Wingdings."""
MAPPED = {**STANDARD, **SYMBOLS}
SEPARATORS = re.compile(r"[\s\u002d\u2010-\u2015\u2212]")
HAN = "[〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
NAME_DOT = re.compile(rf" *[·•・．･‧∙⋅] *|(?<={HAN})\.(?={HAN})")
NAME_PADDING = re.compile(rf"(?<={HAN}) +(?={HAN})")


def plain(value: str) -> str:
    """Return `value` trimmed, its characters in the one form in which they are stored.

    Full-width letters and digits, wide blanks and radicals become plain, variation selectors are taken out,
    and private-use characters get their code points of GB 18030. Plain NFKC would turn “（” into “(”,
    “10²” into “102” and “①” into “1”.
    """
    mapped = VARIATION_SELECTORS.sub("", value.translate(MAPPED))
    folded = (unicodedata.normalize("NFKC", c) if _is_foldable(c) else c for c in mapped)
    return unicodedata.normalize("NFC", "".join(folded)).strip()


def name(value: str) -> str:
    """Return a person's name in plain form: its dot as “·” (U+00B7), no padding between Chinese characters."""
    return NAME_PADDING.sub("", NAME_DOT.sub("·", plain(value).replace("’", "'")))


def number(value: str) -> str:
    """Return a number of a document or telephone: no blanks and hyphens between its groups, capital letters."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", plain(value))).upper()


def spellings(typed: str) -> list[str]:
    """Return every form in which what was typed into a search may be stored, each once.

    A search does not know whether it looks for a name, a number or another text. Letters are in the case
    in which they were typed or in capitals.
    """
    return list(dict.fromkeys(one for one in (plain(typed), name(typed), number(typed)) if one))


def _is_foldable(character: str) -> bool:
    return (
        "０" <= character <= "９"
        or "Ａ" <= character <= "Ｚ"
        or "ａ" <= character <= "ｚ"
        or "\u2e80" <= character <= "\u2fd5"
        or character in "\u3000\u00a0\u2007\u202f"
    )
