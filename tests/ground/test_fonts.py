"""The fonts of the printed papers: which characters they have, and that the table agrees with the files."""

import pytest

from app.ground import fonts, paths

PRIVATE = range(0xE000, 0xF900)
COMPLETE = {
    "GB 18030, double byte": [],
    "basic block": [(0x4E00, 0x9FFF)],
    "extension A": [(0x3400, 0x4DBF)],
    "extension B": [(0x20000, 0x2A6DF)],
    "extension C": [(0x2A700, 0x2B739)],
    "extension D": [(0x2B740, 0x2B81D)],
    "extension E": [(0x2B820, 0x2CEA1)],
    "extension F": [(0x2CEB0, 0x2EBE0)],
    "extension I": [(0x2EBF0, 0x2EE5D)],
    "compatibility ideographs": [(0xF900, 0xFA6D), (0xFA70, 0xFAD9), (0x2F800, 0x2FA1D)],
    "radicals": [(0x2E80, 0x2E99), (0x2E9B, 0x2EF3), (0x2F00, 0x2FD5)],
    "Latin": [(0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x24F), (0x1E00, 0x1EFF)],
    "Greek": [(0x370, 0x377), (0x37A, 0x37F), (0x384, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x3FF)],
    "Cyrillic": [(0x400, 0x52F)],
    "arrows and operators": [(0x2190, 0x21FF), (0x2200, 0x22FF), (0x2A00, 0x2AFF)],
    "numbers": [(0x2070, 0x2071), (0x2074, 0x208E), (0x2150, 0x218B), (0x2460, 0x24FF)],
    "boxes and shapes": [(0x2500, 0x25FF)],
    "kana and zhuyin": [(0x3041, 0x3096), (0x3099, 0x30FF), (0x3105, 0x312F), (0x31A0, 0x31BF)],
    "enclosed Chinese": [(0x3200, 0x321E), (0x3220, 0x33FF)],
    "full width": [(0xFF01, 0xFF9F), (0xFFE0, 0xFFE6)],
    "mathematical letters": [(0x1D400, 0x1D454), (0x1D456, 0x1D49C), (0x1D6C0, 0x1D6DA)],
}
"""Repertoire → the ranges of which every character has a font."""
AS_FAR_AS_FONTS_GO = {
    "extension G": (0x30000, 0x3134A, 3469),
    "extension H": (0x31350, 0x323AF, 2382),
}


def double_byte() -> set[str]:
    """Return the characters of the double-byte part of GB 18030 but those for private use."""
    found = set()
    for first in range(0x81, 0xFF):
        for second in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            character = bytes((first, second)).decode("gb18030", "ignore")
            if len(character) == 1 and ord(character) not in PRIVATE:
                found.add(character)
    return found


@pytest.mark.parametrize("name", COMPLETE)
def test_every_character_of_a_repertoire_has_a_font(name: str) -> None:
    ranges = COMPLETE[name]
    wanted = {chr(c) for first, last in ranges for c in range(first, last + 1)} or double_byte()

    assert [f"U+{ord(c):04X}" for c in sorted(wanted) if fonts.font_of(c) is None] == []


@pytest.mark.parametrize("name", AS_FAR_AS_FONTS_GO)
def test_newest_blocks_are_drawn_as_far_as_free_fonts_have_them(name: str) -> None:
    first, last, count = AS_FAR_AS_FONTS_GO[name]

    assert sum(fonts.font_of(chr(c)) is not None for c in range(first, last + 1)) == count


def test_what_stands_for_lost_or_private_characters_has_no_font() -> None:
    for character in "\ufffd\ue000\uf8ff\U000f0000\U0010fffd\ud800":
        assert fonts.font_of(character) is None
        assert list(fonts.missing(f"王{character}")) == [(2, character)]


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("李𫖯①Ⅰ㎡ﬁＡ", "李𫖯①Ⅰ㎡ﬁＡ"),
        ("一\u200b二\ufe0f三\u00ad四\U000e0100五", "一二三四五"),
        ("上\n下\t左\u2028右", "上 下 左 右"),
        ("plain", "plain"),
    ],
)
def test_only_characters_without_a_picture_are_left_out(typed: str, shown: str) -> None:
    assert fonts.visible(typed) == shown
    assert list(fonts.missing(typed)) == []


def test_what_is_left_out_of_a_line_has_no_font() -> None:
    invisible = [chr(c) for c in range(0x33000) if fonts.INVISIBLE.match(chr(c))]

    assert len(invisible) > 100
    assert [c for c in invisible if fonts.font_of(c)] == []


def test_every_file_is_a_truetype_font_with_its_licence_beside_it() -> None:
    notice = (fonts.FOLDER / "NOTICE.txt").read_text("utf-8")

    for name in fonts.NAMES:
        assert fonts.content(name)[:4] in (b"\0\1\0\0", b"true")
    for path in fonts.FOLDER.iterdir():
        assert path.name in notice or path.name == "NOTICE.txt"
    assert fonts.base_font() == paths.FONT


def test_unpacked_font_is_the_packed_one() -> None:
    """Each table has the checksum that the file's own directory says."""
    content = fonts.content("latin")

    tables = int.from_bytes(content[4:6], "big")
    for place in range(12, 12 + 16 * tables, 16):
        checksum, start, length = (
            int.from_bytes(content[place + 4 * n : place + 4 * n + 4], "big") for n in (1, 2, 3)
        )
        table = bytearray(content[start : start + length].ljust(-(-length // 4) * 4, b"\0"))
        if content[place : place + 4] == b"head":
            table[8:12] = bytes(4)
        words = (int.from_bytes(table[n : n + 4], "big") for n in range(0, len(table), 4))
        assert sum(words) % 2**32 == checksum
