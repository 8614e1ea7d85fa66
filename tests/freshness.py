"""Check that generated files are up to date: `python -m tests.freshness`, part of `make lint`.

The message catalogue must hold exactly the texts of the code, each with a Chinese translation that is not
marked fuzzy; the generated documents must be what `flask docs` would write. --update adds new texts to the
catalogue.
"""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from app.ground import catalogue

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "translations/zh_Hans_CN/LC_MESSAGES/messages.po"
KEYWORDS = (
    "lazy_gettext",
    "_p:1c,2",
    "pgettext:1c,2",
    "lazy_pgettext:1c,2",
    "ngettext:1,2",
)
Key = tuple[str | None, str]


def main() -> int:
    """Print what is out of date on stderr; return 1 if anything is.

    With --update, update the catalogue, print what still needs a translator, and return 0.
    """
    texts = extracted()
    if "--update" in sys.argv:
        update(texts)
        for rest in stale_texts(texts):
            print(rest, file=sys.stderr)
        return 0
    complaints = [*stale_texts(texts), *stale_documents()]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


def extracted() -> Catalog:
    """Extract the texts of the code and the templates."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        keywords = [option for keyword in KEYWORDS for option in ("-k", keyword)]
        command = [
            sys.executable,
            "-m",
            "babel.messages.frontend",
            "-q",
            "extract",
            "-F",
            "babel.cfg",
        ]
        subprocess.run([*command, *keywords, "-o", str(template), "."], cwd=ROOT, check=True)
        with template.open("rb") as file:
            return read_po(file)


def update(texts: Catalog, target: Path = CATALOGUE) -> None:
    """Add new texts to the catalogue, remove those no longer in the code, and compile it."""
    with target.open("rb") as file:
        present = {key(message): message for message in read_po(file) if message.id}
    fresh = Catalog(
        locale="zh_Hans_CN",
        project="zhicheng",
        header_comment="# 职称网上申报评审系统",
        fuzzy=False,
    )
    for message in texts:
        if message.id:
            known = present.get(key(message))
            translation = known.string if known else ""
            fresh.add(
                message.id, translation, context=message.context, flags=message.flags - {"fuzzy"}
            )
    written = BytesIO()
    write_po(written, fresh, width=120, sort_output=True, no_location=True)
    # without the date of the run, so that the file changes only when a text does
    lines = written.getvalue().splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(b'"POT-Creation-Date:')]
    target.write_bytes(b"".join(kept))
    catalogue.compile_newer(target.parents[2])


def stale_texts(texts: Catalog) -> Iterator[str]:
    """Yield a line for each text that is missing, unused, untranslated or fuzzy in the catalogue."""
    with CATALOGUE.open("rb") as file:
        present = {key(message): message for message in read_po(file) if message.id}
    wanted = {key(message) for message in texts if message.id}
    for context, text in sorted(wanted - set(present), key=str):
        yield f"no translation entry (make translate): {context or ''} {text!r}"
    for context, text in sorted(set(present) - wanted, key=str):
        yield f"translated but no longer used (make translate): {context or ''} {text!r}"
    for name, message in present.items():
        if message.fuzzy or not all(strings(message)):
            yield f"empty or in doubt: {name[1]!r}"
        if any(not takes_values(one, message) for one in strings(message)):
            yield f"the placeholders of the translation differ or are cut: {name[1]!r}"


def takes_values(translation: str, message: Message) -> bool:
    """Return whether a translation can be given the values of its text: `%(count)` without its s cannot."""
    if "python-format" not in message.flags:
        return True
    names = re.findall(r"%\((\w+)\)", "".join(message.id))
    try:
        translation % dict.fromkeys(names, 1)
    except (KeyError, TypeError, ValueError):
        return False
    return True


def strings(message: Message) -> tuple[str, ...]:
    """Return the translations of a message, one for each plural form."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def key(message: Message) -> Key:
    """Return the context and the (singular) text that identify a message."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def stale_documents() -> Iterator[str]:
    """Yield a line for each generated document that is missing or out of date."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DATA_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/none.db"}
        from app import create_app

        with create_app({"DEMO": False}).app_context():
            from app.commands import documents, preparing

            preparing.compile_translations()
            for name, text in documents.documents().items():
                path = documents.TARGET / name
                if not path.exists() or path.read_text(encoding="utf-8") != text:
                    yield f"out of date (make docs): {path.relative_to(ROOT)}"


if __name__ == "__main__":
    sys.exit(main())
