"""Texts as people type and paste them: telephones, plain text, names, reasons."""

import re
import unicodedata

from flask_babel import lazy_gettext as _

from app.validators import characters
from app.validators.refusal import Invalid
from app.validators.web_tags import web_tag

MOBILE = re.compile(r"1[3-9][0-9]{9}")
EMAIL = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
    re.ASCII | re.IGNORECASE,
)
EMAIL_LENGTH = 120
CODE = re.compile(r"[A-Za-z0-9._-]+")
BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
NAME_SEPARATORS = " ·.'-"
EMPTY_WORDS = re.split(
    " ",
    "无 略 空 否 是 不 未 好 行 对 有 没 暂 可 以 请 经 已 的 了 该 本 此 与 和 及 或 后 按 照 没有 同意 通过 不予 予以 审核 审查 初审 复核"
    " 复审 评审 审批 合格 符合 满足 达到 条件 要求 规定 标准 资格 申报 问题 意见 异议 情况 事项 退回 驳回 拒绝 终止 修改 重新 提交 上报 如题"
    " 同上 如上 以上 见上 原因 理由 依据 根据 有关 相关 政策 文件 办理 处理 一切 正常 良好 特此 说明 测试"
    " none not no na null nil ok yes test reason agree agreed pass passed fail failed reject rejected refused",
)
"""Words that say nothing by themselves; a text of nothing but such words gives no reason."""
NON_REASON = re.compile(f"(?:{'|'.join(sorted(EMPTY_WORDS, key=len, reverse=True))})++")
REPEATED = re.compile(r"(.{1,4}?)\1+")


def phone(value: str) -> str:
    """Return a Chinese mobile number as 11 digits; spaces, hyphens and +86 are taken off."""
    number = re.sub(r"^(\+|00)?86(?=1[0-9]{10}$)", "", characters.number(value))
    if not MOBILE.fullmatch(number):
        raise Invalid(
            _("A mobile number has 11 digits and begins with 13 to 19, for example 138 0000 0000.")
        )
    return number


def email(value: str) -> str:
    """Return an email address of letters every mail server takes; full-width ones are folded."""
    address = unicodedata.normalize("NFKC", characters.plain(value))
    local = address.partition("@")[0]
    if not EMAIL.fullmatch(address) or len(local) > 64 or len(address) > EMAIL_LENGTH:
        raise Invalid(
            _("An email address looks like name@example.com; check it, or leave it empty.")
        )
    return address


def text(value: str, *, max_length: int, min_length: int = 0, multiline: bool = False) -> str:
    """Return `value` trimmed and with ordinary digits and letters, or raise `Invalid`.

    Length counts characters, not bytes. Chinese punctuation, line breaks of a multiline text and
    rare four-byte characters stay as typed; what has a standard form takes it (`characters.plain`);
    other invisible or private characters and markup are refused, never removed.
    """
    cleaned = characters.plain(value.replace("\r\n", "\n").replace("\r", "\n"))
    _check_length(cleaned, min_length, max_length)
    _check_characters(cleaned, "\n" if multiline else "")
    if tag := web_tag(cleaned):
        raise Invalid(
            _(
                "“%(tag)s” looks like a mark of a web page. Enter plain text: take it out, "
                "or put a space after “<”.",
                tag=tag[:20],
            )
        )
    return cleaned


def code(value: str) -> str:
    """Return the code of a row in a code table: letters, digits, dots, hyphens and underscores."""
    cleaned = characters.plain(value)
    if not CODE.fullmatch(cleaned):
        raise Invalid(
            _(
                "A code holds only letters a–z, digits, dots, hyphens and underscores. Take everything else out."
            )
        )
    return cleaned


def person_name(value: str) -> str:
    """Return a person's name of 2 to 50 characters, its separator dot as “·” (U+00B7).

    A blank between two Chinese characters is padding and is taken out.
    """
    name = characters.name(text(value, min_length=2, max_length=50))
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
    words = _words(cleaned)
    if not words:
        raise Invalid(_("Enter the reason: the person concerned must learn what to correct."))
    if says_nothing(cleaned):
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


def says_nothing(value: str) -> bool:
    """Return whether a text holds only empty phrases, numbers or one thing typed over and over."""
    words = _words(value)
    return (
        not any(unicodedata.category(c)[0] == "L" for c in words)
        or NON_REASON.fullmatch(words) is not None
        or REPEATED.fullmatch(words) is not None
    )


def _words(value: str) -> str:
    return "".join(c for c in value if unicodedata.category(c)[0] in "LNS").casefold()


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
        if unicodedata.category(character) == "Co":
            raise Invalid(
                _(
                    "Character %(place)s (%(code)s) is a private code of an old input method; other computers "
                    "show a blank there. Delete it and write that character anew by hand or by its parts, "
                    "or write it on a phone and copy it from there.",
                    place=place,
                    code=f"U+{ord(character):04X}",
                )
            )
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
    return (
        is_letter or character in NAME_SEPARATORS or re.match(characters.HAN, character) is not None
    )
