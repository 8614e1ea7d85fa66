"""Sealing to a public key, and a private key in three parts of which two open (see docs/adr/0007).

Everything that could be got wrong is the library's: P-256, HKDF-SHA256, AES-256-GCM. The browser does the same
with WebCrypto (`static/js/ballot.js`). The parts are pads: for each pair of holders a random one, whose other half
is the key under it; no arithmetic of our own.
"""

import secrets
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from itertools import combinations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALG = "p256-hkdf-sha256-aes256gcm-v1"
CURVE = ec.SECP256R1()
KEY, NONCE, TAG, POINT = 32, 12, 16, 65
"""Lengths in bytes; a public key is an uncompressed point."""
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CODE_GROUPS, CODE_GROUP = 4, 5
CONFUSED = str.maketrans("018", "OIB")
"""Digits that the alphabet of codes does not have, read as the letters they look like."""


class Unopened(ValueError):
    """A sealed text does not open: damaged, for another key, or for another purpose."""


def new_key() -> bytes:
    """Return a new private key."""
    return _scalar(secrets.token_bytes(KEY + TAG))


def public_of(private: bytes) -> str:
    """Return the public key that belongs to a private one."""
    point = _load(private).public_key()
    return _text(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def seal(public: str, plain: bytes, context: str) -> str:
    """Return `plain` sealed to `public`, to be opened for the same `context` only."""
    peer = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, _bytes(public))
    own = ec.generate_private_key(CURVE)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    nonce = secrets.token_bytes(NONCE)
    cipher = _cipher(own.exchange(ec.ECDH(), peer), context)
    return _text(point + nonce + cipher.encrypt(nonce, plain, context.encode()))


def unseal(private: bytes, sealed: str, context: str) -> bytes:
    """Return what was sealed. Raises Unopened."""
    try:
        data = _bytes(sealed)
        point, nonce, body = data[:POINT], data[POINT : POINT + NONCE], data[POINT + NONCE :]
        peer = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
        cipher = _cipher(_load(private).exchange(ec.ECDH(), peer), context)
        return cipher.decrypt(nonce, body, context.encode())
    except (InvalidTag, ValueError) as error:
        raise Unopened("the sealed text does not open") from error


def sealed_length(plain: int) -> int:
    """Return how many characters a sealed text of `plain` bytes has."""
    return -(-(POINT + NONCE + TAG + plain) * 4 // 3)


# two of three


def split(key: bytes, holders: tuple[str, str, str]) -> dict[str, dict[str, str]]:
    """Return the part of each holder: {other holder: half of the pad they share}; alone it is random."""
    parts: dict[str, dict[str, str]] = {one: {} for one in holders}
    for first, second in combinations(holders, 2):
        pad = secrets.token_bytes(len(key))
        parts[first][second] = pad.hex()
        parts[second][first] = _xor(pad, key).hex()
    return parts


def join(first: str, part: Mapping[str, str], second: str, other: Mapping[str, str]) -> bytes:
    """Return the key from the parts of two holders."""
    return _xor(bytes.fromhex(part[second]), bytes.fromhex(other[first]))


# codes of holders


def new_code() -> str:
    """Return a code of 100 random bits for a person to write down: four groups of five."""
    letters = b32encode(secrets.token_bytes(CODE_GROUPS * CODE_GROUP)).decode()
    groups = [letters[place * CODE_GROUP :][:CODE_GROUP] for place in range(CODE_GROUPS)]
    return "-".join(groups)


def plain_code(typed: str) -> str:
    """Return a code as typed without blanks and hyphens, in capitals, lookalikes read as letters."""
    kept = "".join(letter for letter in typed.upper() if letter.isascii() and letter.isalnum())
    return kept.translate(CONFUSED)


def key_of_code(code: str, context: str) -> bytes:
    """Return the private key that belongs to a holder's code in one meeting."""
    info = f"{ALG}\0holder\0{context}".encode()
    derived = HKDF(algorithm=SHA256(), length=KEY + TAG, salt=None, info=info)
    return _scalar(derived.derive(plain_code(code).encode()))


def _scalar(random: bytes) -> bytes:
    """Return a private key; of 16 bytes more than it has, so that no value is likelier than another."""
    return (int.from_bytes(random) % (ORDER - 1) + 1).to_bytes(KEY)


def _load(private: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(private), CURVE)


def _cipher(shared: bytes, context: str) -> AESGCM:
    info = f"{ALG}\0{context}".encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY, salt=None, info=info).derive(shared))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
