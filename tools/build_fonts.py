#!/usr/bin/env python3
"""Cut the fonts of the printed papers out of free fonts, so that no character is in two of the files.

    python3 tools/build_fonts.py packages-folder app/static/fonts

`packages-folder` holds the Debian packages (.deb) named in SOURCES; a source whose digest differs is refused,
so the files come out byte for byte the same. Needs `dpkg-deb` and `pip install fonttools==4.68.0`, both only here.

Each character goes to the first source of its kind that has a picture for it. Hinting and layout tables are
left out, outlines stay as they are. Written are `<name>.woff`, which browsers read as well, and `coverage.bin.gz`:
one byte per code point, the number of its file, 0 where no file has it. The base font,
DroidSansFallbackFull.ttf, is not changed.
"""

import gzip
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont, sfnt

LAST = 0x33000
"""End of the coverage table; no font has a character beyond extension H."""
TRUETYPE = "usr/share/fonts/truetype"
SOURCES = {
    # name: package, its version, the file in it, SHA-256 of the file
    "latin": ("fonts-liberation", "2.1.5-3", f"{TRUETYPE}/liberation/LiberationSans-Regular.ttf", "bade59d822652f76e6941aa87b40a87c13d1cc70db98ededb5011127efafd1d3"),
    "base": ("fonts-droid-fallback", "6.0.1r16-1.1", f"{TRUETYPE}/droid/DroidSansFallbackFull.ttf", "acb6440a713d880a13a21b468ba7cd43f5a2b2934972e51be791c880730777b8"),
    "symbols": ("fonts-dejavu-core", "2.37-6", f"{TRUETYPE}/dejavu/DejaVuSans.ttf", "abdc775b21b1bc470d50c97e790d276f2054b7504e56e5bd3e64f48d68582322"),
    "mathematics": ("fonts-noto-core", "20201225-1", f"{TRUETYPE}/noto/NotoSansMath-Regular.ttf", "8242bd1e55368b27e32455260754cf9aa58f3ad7ea80664b66c21f1b09910d6c"),
    "signs": ("fonts-noto-core", "20201225-1", f"{TRUETYPE}/noto/NotoSansSymbols2-Regular.ttf", "876598db5f1e3bef2bc77c4d94c5b0d5d2c1620be4878a06f18fb5434e331688"),
    "enclosed": ("fonts-hanazono", "20170904-2.1", f"{TRUETYPE}/hanazono/HanaMinA.ttf", "7ca87559414474848fc513a8d8eb42d5b0f8194c30c2abdfbfedff5398ec88d7"),
    "han-newer": ("fonts-babelstone-han", "16.0.3-1", f"{TRUETYPE}/babelstone/BabelStoneHan.ttf", "d8bb747b3fdccd84a60bd0aa56bb90937270d0bd15f1101cd8f2a5a3709dd0a3"),
    "han-b": ("fonts-babelstone-han", "16.0.3-1", f"{TRUETYPE}/babelstone/BabelStoneHan.ttf", "d8bb747b3fdccd84a60bd0aa56bb90937270d0bd15f1101cd8f2a5a3709dd0a3"),
    "han-b-more": ("fonts-hanazono", "20170904-2.1", f"{TRUETYPE}/hanazono/HanaMinB.ttf", "829543436cdf7b4c6730e2af5806fa406f8ddf0d4b656e0cd49c58d4db1c8d3c"),
    "han-cef-more": ("fonts-hanazono", "20170904-2.1", f"{TRUETYPE}/hanazono/HanaMinB.ttf", "829543436cdf7b4c6730e2af5806fa406f8ddf0d4b656e0cd49c58d4db1c8d3c"),
}  # fmt: skip
EXTENSION_B = ((0x20000, 0x2A6DF),)
EXTENSIONS_C_TO_I = ((0x2A700, 0x2EE5D),)
EXTENSIONS_G_H = ((0x30000, 0x323AF),)
LETTERS = (
    (0x0020, 0x007E), (0x00A0, 0x024F), (0x0250, 0x036F), (0x0370, 0x052F), (0x1D00, 0x1DBF), (0x1E00, 0x1FFF),
    (0x2000, 0x20CF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF), (0xFB00, 0xFB06),
)  # fmt: skip
"""Latin, phonetic, Greek and Cyrillic letters with their accents, punctuation, raised and lowered digits, currency."""
OPERATORS = ((0x2100, 0x214F), (0x2190, 0x245F), (0x2700, 0x2BFF), (0x1D400, 0x1D7FF))
"""Letter-like signs, arrows, mathematical operators, technical signs, mathematical letters."""
FULL_WIDTH = (
    (0x2150, 0x218F), (0x2460, 0x26FF), (0x2E80, 0x2FDF), (0x2FF0, 0x33FF), (0xF900, 0xFAFF), (0xFE10, 0xFE19),
    (0xFE30, 0xFE6B), (0xFF01, 0xFFEE), (0x1F100, 0x1F1FF), (0x1F200, 0x1F265), (0x2F800, 0x2FA1D),
)  # fmt: skip
"""What belongs in Chinese text: Roman and circled numbers, boxes, radicals, kana, compatibility characters."""
HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))
PICTURES = ((0x1F000, 0x1F0FF), (0x1F300, 0x1FAFF))
ORDER = (
    # kind of character, sources that are asked one after the other
    (LETTERS, ("latin", "symbols", "mathematics", "signs", "enclosed")),
    (OPERATORS, ("latin", "symbols", "mathematics", "signs", "enclosed")),
    (FULL_WIDTH, ("base", "enclosed", "symbols", "mathematics", "signs", "han-newer")),
    (HAN, ("base", "han-newer")),
    (EXTENSION_B, ("han-b", "han-b-more")),
    ((*EXTENSIONS_C_TO_I, *EXTENSIONS_G_H), ("han-newer", "han-cef-more")),
    (PICTURES, ("symbols", "signs")),
)
INVISIBLE = {
    0xAD,
    0x34F,
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    0x3164,
    0xFFA0,
}
"""Characters without a picture; the program leaves them out of a line."""
BLANK = {0x20, 0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x2800, 0x115F, 0x1160}
DROPPED = ["BASE", "DSIG", "FFTM", "GDEF", "GPOS", "GSUB", "LTSH", "MATH", "VDMX", "VORG"]
DROPPED += ["gasp", "hdmx", "kern", "meta", "vhea", "vmtx"]
MODIFIED = (
    "Cut down from {family}, version {version}, by tools/build_fonts.py of the title review system, 2026-11-28: "
    "characters, hinting and layout tables removed, renamed, outlines unchanged. {rights}"
)
RIGHTS = {
    "latin": "SIL Open Font License 1.1, see LICENSE-OFL.txt.",
    "symbols": "Bitstream Vera licence, see LICENSE-DejaVu.txt.",
    "mathematics": "SIL Open Font License 1.1, see LICENSE-OFL.txt.",
    "signs": "SIL Open Font License 1.1, see LICENSE-OFL.txt.",
    "enclosed": "Hanazono font licence, see LICENSE-Hanazono.txt.",
    "han-newer": "ARPHIC PUBLIC LICENSE, see LICENSE-Arphic.txt.",
    "han-b": "ARPHIC PUBLIC LICENSE, see LICENSE-Arphic.txt.",
    "han-b-more": "Hanazono font licence, see LICENSE-Hanazono.txt.",
    "han-cef-more": "Hanazono font licence, see LICENSE-Hanazono.txt.",
}


def main(packages, out):
    with tempfile.TemporaryDirectory() as scratch:
        opened = {name: source(packages, Path(scratch), *SOURCES[name]) for name in SOURCES}
        chosen = choose({name: pictures(path) for name, path in opened.items()})
        table = bytearray(LAST)
        for number, name in enumerate(SOURCES, start=1):
            for character in chosen[name]:
                table[character] = number
            if name != "base":
                cut(name, opened[name], chosen[name], out)
            print(f"{name:14}{len(chosen[name]):7}", flush=True)
    (out / "coverage.bin.gz").write_bytes(gzip.compress(bytes(table), compresslevel=9, mtime=0))


def source(packages, scratch, package, version, inside, digest):
    """Return the path of a source font, unpacked from its Debian package. Exits if its digest differs."""
    found = [p for p in packages.glob(f"{package}_*.deb") if p.name.endswith(f"{version}_all.deb")]
    if not found:
        sys.exit(f"{package} {version} is not in {packages}.")
    folder = scratch / found[0].stem
    if not folder.exists():
        subprocess.run(["dpkg-deb", "-x", found[0], folder], check=True)
    path = folder / inside
    if (got := hashlib.sha256(path.read_bytes()).hexdigest()) != digest:
        sys.exit(f"{inside} of {package} {version} has the SHA-256 {got}, not {digest}.")
    return path


def pictures(path):
    """Return the characters of a font that have a picture of their own, or are blank and wide."""
    font = TTFont(path, lazy=True)
    starts, widths = font["loca"].locations, font["hmtx"]
    mapped = {}
    for one in font["cmap"].tables:
        if one.isUnicode() and one.format in (4, 12):
            mapped.update(one.cmap)
    numbers = {glyph: font.getGlyphID(glyph) for glyph in set(mapped.values()) - {".notdef"}}
    has = {glyph: starts[n + 1] > starts[n] for glyph, n in numbers.items()}
    return {
        c for c, glyph in mapped.items()
        if has.get(glyph) or (c in BLANK and glyph in has and widths[glyph][0])
    }  # fmt: skip


def choose(available):
    """Return the characters of each source: each character goes to the first that has it."""
    chosen = {name: set() for name in SOURCES}
    taken = set(INVISIBLE)
    for kinds, names in ORDER:
        wanted = {c for first, last in kinds for c in range(first, last + 1)}
        for name in names:
            mine = (wanted & available[name]) - taken
            chosen[name] |= mine
            taken |= mine
    return chosen


def cut(name, path, characters, out):
    options = subset.Options()
    options.hinting, options.glyph_names, options.notdef_outline = False, False, True
    options.layout_features, options.legacy_kern = [], False
    options.drop_tables += DROPPED
    options.name_IDs = []
    font = TTFont(path, recalcTimestamp=False)
    family, version = font["name"].getBestFullName(), font["name"].getDebugName(5)
    rights = f"{font['name'].getDebugName(0)} {RIGHTS[name]}"
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=characters)
    cutter.subset(font)
    own = "Paper " + name.replace("-", " ").title()
    notice = MODIFIED.format(family=family, version=version, rights=rights)
    texts = {0: rights, 1: own, 2: "Regular", 3: own, 4: own, 6: own.replace(" ", ""), 10: notice}
    for identifier, text in texts.items():
        font["name"].setName(text, identifier, 3, 1, 0x409)
    font.flavor = "woff"
    font.save(out / f"{name}.woff", reorderTables=False)


if __name__ == "__main__":
    sfnt.ZLIB_COMPRESSION_LEVEL = 9
    main(Path(sys.argv[1]), Path(sys.argv[2]))
