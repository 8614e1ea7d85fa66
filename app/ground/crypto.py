"""Encryption of personal fields, blind indexes, keyed digests of rows, signatures, and random tokens.

The keys are derived from the setting `FIELD_KEY` (32 bytes), but the one that signs: it is made of the setting
`PROGRAM_KEY` (32 bytes). Both are kept outside the database. Every stored form begins with the name of its
algorithm, so that another one can be brought in beside it.
"""

import hashlib
import hmac
import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

KEY_LENGTH = 32
NONCE_LENGTH = 12
AES_GCM = "a1"
SIGNATURE_ALG = "ed25519"
FINGERPRINT_LENGTH, FINGERPRINT_GROUP = 32, 4
"""Hexadecimal digits of a fingerprint, and how many of them stand together."""


class Undecipherable(ValueError):
    """Raised when a stored value is damaged or was encrypted with another key."""


@dataclass(frozen=True)
class Keys:
    """The keys of the program, one per purpose. Their `repr` shows no key."""

    cipher: AESGCM = field(repr=False)
    index: bytes = field(repr=False)
    rows: bytes = field(repr=False)
    log: bytes = field(repr=False)
    signing: Ed25519PrivateKey = field(repr=False)


def encrypt(text: str) -> str:
    """Return `text` encrypted with AES-256-GCM, as `a1:` and base64 of nonce and ciphertext."""
    nonce = os.urandom(NONCE_LENGTH)
    sealed = _keys().cipher.encrypt(nonce, text.encode(), AES_GCM.encode())
    return f"{AES_GCM}:{b64encode(nonce + sealed).decode()}"


def decrypt(token: str) -> str:
    """Return the text `encrypt` was given. Raises `Undecipherable`."""
    algorithm, _, body = token.partition(":")
    if algorithm != AES_GCM:
        raise Undecipherable("the stored value names no known algorithm")
    try:
        sealed = b64decode(body, validate=True)
        plain = _keys().cipher.decrypt(
            sealed[:NONCE_LENGTH], sealed[NONCE_LENGTH:], AES_GCM.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise Undecipherable("the stored value is damaged or has another key") from error
    return plain.decode()


def blind_index(kind: str, text: str) -> str:
    """Return the HMAC-SHA256 of `text` in hexadecimal, for equality search and uniqueness.

    `kind` keeps equal values of different fields apart; the caller normalises `text`.
    """
    return hmac.digest(_keys().index, f"{kind}\0{text}".encode(), "sha256").hex()


def keyed_digest(kind: str, text: str) -> str:
    """Return a digest of `text` in hexadecimal that only who has the program's keys can make (HMAC-SHA256).

    Stored beside a row, it shows a change by somebody who writes the database and has no keys. `kind` keeps rows
    of different tables apart.
    """
    return hmac.digest(_keys().rows, f"{kind}\0{text}".encode(), "sha256").hex()


def log_digest(*parts: str) -> str:
    """Return the HMAC-SHA256 of `parts` with the key of the log chain, in hexadecimal."""
    return hmac.digest(_keys().log, "\0".join(parts).encode(), "sha256").hex()


def sign(text: str) -> str:
    """Return the Ed25519 signature of `text` by the program's key, in hexadecimal."""
    return _keys().signing.sign(text.encode()).hex()


def public_key() -> str:
    """Return the public key that verifies what `sign` signed, in hexadecimal."""
    return _keys().signing.public_key().public_bytes_raw().hex()


def fingerprint(key: str = "") -> str:
    """Return the fingerprint of a public key, of the program's own if none is given: SHA-256, cut to 128 bits.

    People compare it with what is printed, so it stands in groups.
    """
    digest = hashlib.sha256(bytes.fromhex(key or public_key())).hexdigest()[:FINGERPRINT_LENGTH]
    places = range(0, FINGERPRINT_LENGTH, FINGERPRINT_GROUP)
    return "-".join(digest[place : place + FINGERPRINT_GROUP] for place in places)


def token(nbytes: int = 16) -> str:
    """Return a random URL-safe text of `nbytes` random bytes."""
    return secrets.token_urlsafe(nbytes)


def _keys() -> Keys:
    """Return the derived keys, cached on the application because deriving takes time."""
    extensions = current_app.extensions
    if "crypto" not in extensions:
        extensions["crypto"] = _derive(
            current_app.config["FIELD_KEY"], current_app.config["PROGRAM_KEY"]
        )
    keys: Keys = extensions["crypto"]
    return keys


def _derive(master: bytes, program: bytes) -> Keys:
    if len(master) != KEY_LENGTH:
        raise ValueError(f"FIELD_KEY must have {KEY_LENGTH} bytes")
    return Keys(
        cipher=AESGCM(_subkey(master, b"field encryption")),
        index=_subkey(master, b"blind index"),
        rows=_subkey(master, b"digests of rows"),
        log=_subkey(master, b"log chain"),
        signing=Ed25519PrivateKey.from_private_bytes(_subkey(program, b"signatures")),
    )


def _subkey(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_LENGTH, salt=None, info=purpose).derive(master)
