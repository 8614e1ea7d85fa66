"""Measure how scans that look the same are told from others: `python -m bench.scans`.

Prints the table of docs/adr/0011-scans-that-look-the-same.md from invented certificates of one layout.
"""

import random
import statistics
import tempfile
import time
from itertools import combinations
from pathlib import Path

from PIL import Image

from app.ground import fonts
from app.services.files import page_look, sandbox, scans
from tests.support import certificates
from tests.support.certificates import Disturbance

PEOPLE, DISTURBED, FILES = 300, 60, 20


def main() -> None:
    chance = random.Random(11)
    drawn = [certificates.certificate(chance) for _number in range(PEOPLE)]
    started = time.perf_counter()
    looks = [_look(image) for image in drawn]
    print(f"{(time.perf_counter() - started) / PEOPLE * 1000:.1f} ms a page")
    _tell_people_apart(looks)
    pictures = drawn[:DISTURBED] + [certificates.page(chance) for _number in range(DISTURBED // 2)]
    for name, disturb in (certificates.SAVED_ANEW | certificates.SCANNED_ANEW).items():
        _tell_again(name, pictures, disturb)
    _read_files(drawn[:FILES])


def _look(image: Image.Image) -> int:
    return int(page_look.look_of(image) or "0", 16)


def _tell_people_apart(looks: list[int]) -> None:
    apart = sorted((one ^ other).bit_count() for one, other in combinations(looks, 2))
    bands = [set(enumerate(scans.bands_of(look))) for look in looks]
    shared = sum(bool(one & other) for one, other in combinations(bands, 2))
    near = sum(bits <= scans.NEAREST for bits in apart)
    print(
        f"one layout, different people: {len(apart)} pairs, bits apart {apart[0]} to {apart[-1]}, median"
        f" {statistics.median(apart):.0f}; taken for the same {near}; compared {shared / len(apart):.1%}"
    )


def _tell_again(name: str, pictures: list[Image.Image], disturb: Disturbance) -> None:
    apart, found = [], 0
    for picture in pictures:
        one, other = _look(picture), _look(disturb(picture))
        apart.append((one ^ other).bit_count())
        shared = set(enumerate(scans.bands_of(one))) & set(enumerate(scans.bands_of(other)))
        found += bool(shared) and apart[-1] <= scans.NEAREST
    print(
        f"{name}: bits apart, median {statistics.median(apart):.0f}, most {max(apart)}; found {found / len(pictures):.0%}"
    )


def _read_files(pictures: list[Image.Image]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(len(pictures))]
        for path, picture in zip(paths, pictures, strict=True):
            path.write_bytes(certificates.jpg(picture, 80))
        started = time.perf_counter()
        sandbox.run(scans.SCRIPT, scans.PAGES, *paths, "--", *fonts.paths_of_all())
        took = (time.perf_counter() - started) / len(paths) * 1000
    print(f"{took:.0f} ms a file in the limited process, {len(paths)} files at once")


if __name__ == "__main__":
    main()
