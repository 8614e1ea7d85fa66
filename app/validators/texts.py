"""Texts as people type and paste them: telephones, plain text, names, reasons."""

import re
import unicodedata

from flask_babel import lazy_gettext as _

from app.validators.refusal import Invalid

MOBILE = re.compile(r"1[3-9][0-9]{9}")
EMAIL = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.ASCII | re.IGNORECASE,
)
EMAIL_LENGTH = 120
HAN = "[〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
HTML_TAG = re.compile(r"<(?:/?[A-Za-z][^<>]*>|!--|script\b)", re.IGNORECASE)
NAME_DOT = re.compile(rf" *[·•・．･‧∙⋅] *|(?<={HAN})\.(?={HAN})")
NAME_PADDING = re.compile(rf"(?<={HAN}) +(?={HAN})")
NAME_SEPARATORS = " ·.'-"
NON_REASON = re.compile(
    "无|没有|暂无|略|空|否|是|不|好|不?同意|(审核)?不?通过|不予通过|退回|如题|同上|测试"
    "|none|no|na|null|nil|ok|yes|test"
)


def phone(value: str) -> str:
    """Return a Chinese mobile number as 11 digits; spaces, hyphens and +86 are taken off."""
    digits = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", value))
    number = re.sub(r"^(\+|00)?86(?=1[0-9]{10}$)", "", digits)
    if not MOBILE.fullmatch(number):
        raise Invalid(
            _("A mobile number has 11 digits and begins with 13 to 19, for example 138 0000 0000.")
        )
    return number


def email(value: str) -> str:
    """Return an email address of letters every mail server takes; full-width ones are folded."""
    address = unicodedata.normalize("NFKC", value).strip()
    local = address.partition("@")[0]
    if not EMAIL.fullmatch(address) or len(local) > 64 or len(address) > EMAIL_LENGTH:
        raise Invalid(
            _("An email address looks like name@example.com; check it, or leave it empty.")
        )
    return address


def text(value: str, *, max_length: int, min_length: int = 0, multiline: bool = False) -> str:
    """Return `value` trimmed and with ordinary digits and letters, or raise `Invalid`.

    Length counts characters, not bytes. Chinese punctuation, line breaks of a multiline text and
    rare four-byte characters stay as typed; invisible characters and markup are refused, never removed.
    """
    cleaned = _plain(value.replace("\r\n", "\n").replace("\r", "\n")).strip()
    _check_length(cleaned, min_length, max_length)
    _check_characters(cleaned, "\n" if multiline else "")
    if tag := HTML_TAG.search(cleaned):
        raise Invalid(
            _(
                "“%(tag)s” looks like a mark of a web page. Enter plain text: take it out, "
                "or put a space after “<”.",
                tag=tag.group()[:20],
            )
        )
    return cleaned


def person_name(value: str) -> str:
    """Return a person's name of 2 to 50 characters, its separator dot as “·” (U+00B7).

    A blank between two Chinese characters is padding and is taken out.
    """
    typed = text(value, min_length=2, max_length=50).replace("’", "'")
    name = NAME_PADDING.sub("", NAME_DOT.sub("·", typed))
    for character in name:
        if not _may_stand_in_name(character):
            raise Invalid(
                _(
                    "A name holds only letters and “·”; “%(character)s” is not allowed. "
                    "Enter the name as it stands on the ID card.",
                    character=character,
                )
            )
    if len(name) < 2 or name[0] in NAME_SEPARATORS or name[-1] in "·'-" or "··" in name:
        raise Invalid(_("Enter the full name as it stands on the ID card."))
    return name


def reason(value: str, *, min_length: int = 4, max_length: int = 1000) -> str:
    """Return the reason of a refusal, or raise `Invalid` when it is empty or says nothing."""
    cleaned = text(value, max_length=max_length, multiline=True)
    words = "".join(c for c in cleaned if unicodedata.category(c)[0] in "LNS").casefold()
    if not words:
        raise Invalid(_("Enter the reason: the person concerned must learn what to correct."))
    if NON_REASON.fullmatch(words) or len(set(words)) == 1:
        raise Invalid(
            _(
                "“%(words)s” is not a reason. Say what is wrong and what is to be corrected.",
                words=cleaned[:20],
            )
        )
    if len(words) < min_length:
        raise Invalid(
            _(
                "The reason is too short. Say in at least %(count)s characters what is wrong and "
                "what is to be corrected.",
                count=min_length,
            )
        )
    return cleaned


def folded(words: object) -> str:
    """Return words for a comparison: without blanks, in plain width, in small letters."""
    return "".join(unicodedata.normalize("NFKC", str(words)).split()).casefold()


def _plain(value: str) -> str:
    """Return `value` with full-width letters and digits, spaces and radicals folded to their plain form.

    Plain NFKC would turn “（” into “(”, “10²” into “102” and “①” into “1”.
    """
    folded = (unicodedata.normalize("NFKC", c) if _is_foldable(c) else c for c in value)
    return unicodedata.normalize("NFC", "".join(folded))


def _is_foldable(character: str) -> bool:
    return (
        "０" <= character <= "９"
        or "Ａ" <= character <= "Ｚ"
        or "ａ" <= character <= "ｚ"
        or "\u2e80" <= character <= "\u2fd5"
        or character in "\u3000\u00a0\u2007\u202f"
    )


def _check_length(value: str, min_length: int, max_length: int) -> None:
    if len(value) > max_length:
        raise Invalid(
            _(
                "The text has %(count)s characters; at most %(most)s are allowed. "
                "Shorten it by %(excess)s.",
                count=len(value),
                most=max_length,
                excess=len(value) - max_length,
            )
        )
    if not value and min_length:
        raise Invalid(_("Fill in this field."))
    if len(value) < min_length:
        raise Invalid(
            _(
                "The text has %(count)s characters; at least %(least)s are needed.",
                count=len(value),
                least=min_length,
            )
        )


def _check_characters(value: str, allowed: str) -> None:
    for place, character in enumerate(value, start=1):
        if character not in allowed and _is_unseen(character):
            raise Invalid(
                _(
                    "Character %(place)s cannot be seen (%(code)s); such characters come along "
                    "when text is copied. Delete it, or type that place anew.",
                    place=place,
                    code=f"U+{ord(character):04X}",
                )
            )


def _is_unseen(character: str) -> bool:
    """Return whether it is invisible: control, zero-width, direction, separator, surrogate, blank letter."""
    point = ord(character)
    is_no_character = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    category = unicodedata.category(character)
    is_format = category in ("Cc", "Cf", "Cs", "Zl", "Zp")
    return is_format or is_no_character or character in BLANK_LETTERS


def _may_stand_in_name(character: str) -> bool:
    """Return whether it is a letter, mark or separator; Chinese by range, as Python may lack new ones."""
    is_letter = unicodedata.category(character)[0] in "LM"
    return is_letter or character in NAME_SEPARATORS or re.match(HAN, character) is not None
