"""What a backup says about itself: the file `manifest.json`, with a checksum and a seal made with a key.

The checksum finds damage. The seal, an HMAC with a key derived from `FIELD_KEY`, finds a manifest written by
somebody who does not have the keys.
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = 1
MANIFEST, CHECKSUM, DATABASE, CONTENTS = "manifest.json", "manifest.sha256", "database.db", "files"
FIELD_KEY = "field.key"
CHUNK = 1024 * 1024


class Unreadable(ValueError):
    """Raised when a manifest is missing, damaged or of a format this program does not know."""


@dataclass(frozen=True)
class Manifest:
    """The facts of one backup. `made_at` is ISO 8601 in UTC.

    `tables`: rows of each table; `log_head`: last link of the log chain, "" without one; `files`, `content_bytes`:
    number and size of the stored contents; `keys`: name → fingerprint of the keys that belong to it.
    """

    made_at: str
    program: str
    revision: str
    database: str
    digest: str
    size: int
    tables: dict[str, int]
    log_head: str
    files: int
    content_bytes: int
    keys: dict[str, str]
    format: int = FORMAT
    seal: str = field(default="")

    def sealed_with(self, field_key: bytes) -> "Manifest":
        """Return the manifest with its seal."""
        return Manifest(**{**asdict(self), "seal": _seal(self, field_key)})

    def is_sealed_with(self, field_key: bytes) -> bool:
        return hmac.compare_digest(self.seal, _seal(self, field_key))


def write(manifest: Manifest, folder: Path) -> None:
    """Write the manifest and its checksum into the folder of a backup, readable for their owner alone."""
    text = _text(asdict(manifest))
    for name, content in ((MANIFEST, text), (CHECKSUM, _checksum(text))):
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(content)


def read(folder: Path) -> Manifest:
    """Return the manifest of the backup in `folder`. Raises Unreadable."""
    try:
        text = (folder / MANIFEST).read_bytes()
        checksum = (folder / CHECKSUM).read_bytes()
    except OSError as error:
        raise Unreadable(f"{error.filename}: {error.strerror}") from error
    if checksum != _checksum(text):
        raise Unreadable(f"{MANIFEST} and {CHECKSUM} do not agree")
    facts = json.loads(text)
    if facts.get("format") != FORMAT:
        raise Unreadable(f"format {facts.get('format')} is not known")
    return Manifest(**facts)


def fingerprint(key: bytes) -> str:
    """Return what a manifest may say of a key: a digest that tells keys apart and gives none away."""
    return hashlib.sha256(b"zhicheng key\0" + key).hexdigest()[:32]


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal. Raises OSError."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _text(facts: dict[str, Any]) -> bytes:
    return (json.dumps(facts, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _checksum(text: bytes) -> bytes:
    return f"{hashlib.sha256(text).hexdigest()}\n".encode()


def _seal(manifest: Manifest, field_key: bytes) -> str:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"backup manifest").derive(field_key)
    return hmac.digest(key, _text({**asdict(manifest), "seal": ""}), "sha256").hex()
