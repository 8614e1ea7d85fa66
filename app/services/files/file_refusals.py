"""The sentences that refuse an uploaded file: what is wrong with it and what its owner can do."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask_babel import gettext

from app.services.files import file_probe, foreign_kinds, sandbox

MEGABYTE = 1024 * 1024
WORDS = {"pdf": "PDF", "jpg": "JPG", "png": "PNG"}


def too_large(name: str, limit: int) -> str:
    """Return the refusal for a file larger than `limit` megabytes."""
    return gettext(
        "“%(name)s” is larger than %(limit)s MB. Scan it with a lower resolution, or split it.",
        name=name,
        limit=limit,
    )


def sentence(why: str, path: Path, name: str, kinds: Sequence[str], limit: int, most: int) -> str:
    """Return the refusal of the file at `path` for a reason code of `file_probe` or `sandbox`."""
    if why == "large":
        return too_large(name, limit)
    if why == "type":
        return _of_type(path, name, kinds)
    if why in (found := _limits()):
        return gettext(
            "“%(name)s” takes too much to read: %(limit)s. %(advice)s",
            name=name,
            limit=found[why],
            advice=_plainer(kinds),
        )
    reasons = _reasons()
    return reasons.get(why, reasons["broken"]) % {"name": name, "most": most}


def _of_type(path: Path, name: str, kinds: Sequence[str]) -> str:
    if foreign_kinds.is_photo_of_a_phone(path):
        return gettext(
            "“%(name)s” is a HEIC photo. Set the camera of the phone to the most compatible format (JPG), "
            "or send a screenshot of the picture.",
            name=name,
        )
    return gettext(
        "“%(name)s” is no %(kinds)s file by its content, whatever it is called. %(advice)s",
        name=name,
        kinds=gettext(", ").join(WORDS[kind] for kind in kinds),
        advice=foreign_kinds.advice(path, kinds),
    )


def _plainer(kinds: Sequence[str]) -> str:
    if "pdf" in kinds:
        return gettext("Print it into a plain PDF and upload that.")
    return gettext("Save it as a smaller JPG and upload that.")


def _limits() -> dict[str, Any]:
    """Return how each limit on reading a file is named, by its reason code."""
    return {
        "too_much": gettext("it takes longer than %(count)s seconds", count=sandbox.CPU_SECONDS),
        "memory": gettext("it takes more than %(size)s MB of memory", size=sandbox.MEMORY // MEGABYTE),
        "objects": gettext("it has more than %(count)s parts", count=file_probe.OBJECTS),
        "unpacked": gettext(
            "a part of it is larger than %(part)s MB when unpacked, a picture larger than %(picture)s MB, or "
            "all together larger than %(total)s MB",
            part=file_probe.INFLATED // MEGABYTE,
            picture=file_probe.INFLATED_PICTURE // MEGABYTE,
            total=file_probe.INFLATED_TOTAL // MEGABYTE,
        ),
        "packed": gettext("a part of it is packed several times over"),
        "dots": gettext(
            "a picture in it has more than %(size)s megapixels",
            size=file_probe.PICTURE_DOTS // 1_000_000,
        ),
        "nested": gettext("its parts are nested too deeply"),
        "texts": gettext(
            "it carries more than %(size)s MB of text besides the picture",
            size=file_probe.TEXTS // MEGABYTE,
        ),
    }  # fmt: skip


def _reasons() -> dict[str, str]:
    """Return the refusal for each other reason code, with placeholders for the caller to fill."""
    return {
        "encrypted": gettext(
            "“%(name)s” is protected with a password. Save it without protection and upload it again."
        ),
        "no_pages": gettext("“%(name)s” has no page. Open it, check it and save it again."),
        "pages": gettext("“%(name)s” has more than %(most)s pages. Upload the pages that matter."),
        "pixels": gettext(
            "“%(name)s” has too many pixels. Reduce the picture to at most 40 megapixels."
        ),
        "rare": gettext(
            "“%(name)s” is a JPG of a rare kind, with other than 8 bits per colour or packed without loss. Open "
            "it in a picture program, save it as an ordinary JPG and upload that."
        ),
        "active": gettext(
            "“%(name)s” contains a script, a form that sends data or a film. Print it into a plain PDF and "
            "upload that."
        ),
        "attached": gettext(
            "“%(name)s” carries other files inside. Upload them one by one, and print it into a plain PDF."
        ),
        "two_in_one": gettext(
            "“%(name)s” is two kinds of file in one. Print it into a plain PDF and upload that."
        ),
        "broken": gettext(
            "“%(name)s” is damaged or incomplete. Open it, save it again and upload it."
        ),
        "busy": gettext(
            "Very many files are being checked just now. “%(name)s” was not taken; try again in a minute."
        ),
    }
