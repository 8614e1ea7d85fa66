"""Encryption to a public key, and 2-of-3 splitting of a private key (see docs/adr/0007).

All cryptography comes from libraries: HPKE (RFC 9180, base mode) with P-256, HKDF-SHA256 and AES-256-GCM, here from
`cryptography`, in the browser from `static/vendor/hpke`. Rounds frozen before version 0.2 name the older `ALG_1`,
the same parts put together without HPKE; they are opened as they were sealed. The key is split with one-time pads,
a random one for each pair of holders: one holder keeps the pad, the other the key XOR the pad.
"""

import hashlib
import secrets
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from itertools import combinations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ALG = "hpke-p256-hkdf-sha256-aes256gcm"
ALG_1 = "p256-hkdf-sha256-aes256gcm-v1"
ALGS = (ALG, ALG_1)
SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
CURVE = ec.SECP256R1()
KEY, NONCE, TAG, POINT = 32, 12, 16, 65
"""Lengths in bytes; a public key is an uncompressed point."""
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CODE_GROUPS, CODE_GROUP = 4, 5
CONFUSED = str.maketrans("018", "OIB")
"""Digits outside the alphabet of codes → the letters they are mistaken for."""


class Unopened(ValueError):
    """Decryption failed: the sealed text is damaged, or for another key or context."""


def new_key() -> bytes:
    """Return a new random private key."""
    return _to_private_key(secrets.token_bytes(KEY + TAG))


def public_of(private: bytes) -> str:
    """Return the public key that belongs to a private one."""
    point = _load_private_key(private).public_key()
    return _text(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def seal(public: str, plain: bytes, context: str, alg: str = ALG) -> str:
    """Encrypt `plain` to the key `public`; it can be decrypted with the same `context` and `alg` only."""
    peer = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, _bytes(public))
    if alg == ALG:
        return _text(SUITE.encrypt(plain, peer, _info(context)))
    own = ec.generate_private_key(CURVE)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    nonce = secrets.token_bytes(NONCE)
    cipher = _cipher_1(own.exchange(ec.ECDH(), peer), context)
    return _text(point + nonce + cipher.encrypt(nonce, plain, context.encode()))


def unseal(private: bytes, sealed: str, context: str, alg: str = ALG) -> bytes:
    """Decrypt a sealed text. Raises Unopened."""
    try:
        key, data = _load_private_key(private), _bytes(sealed)
        if alg == ALG:
            return SUITE.decrypt(data, key, _info(context))
        if alg == ALG_1:
            return _unseal_1(key, data, context)
    except (InvalidTag, ValueError) as error:
        raise Unopened("the sealed text does not open") from error
    raise Unopened("the sealed text names no known algorithm")


def _unseal_1(private: ec.EllipticCurvePrivateKey, data: bytes, context: str) -> bytes:
    point, nonce, body = data[:POINT], data[POINT : POINT + NONCE], data[POINT + NONCE :]
    peer = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    cipher = _cipher_1(private.exchange(ec.ECDH(), peer), context)
    return cipher.decrypt(nonce, body, context.encode())


def sealed_length(plain: int, alg: str = ALG) -> int:
    """Return how many characters a sealed text of `plain` bytes has."""
    nonce = NONCE if alg == ALG_1 else 0
    return -(-(POINT + nonce + TAG + plain) * 4 // 3)


def digest(sealed: str) -> str:
    """Return the SHA-256 digest of a sealed text."""
    return hashlib.sha256(sealed.encode()).hexdigest()


def split(key: bytes, holders: tuple[str, str, str]) -> dict[str, dict[str, str]]:
    """Split a key; return holder → {other holder: half shared with it}. A single part is random."""
    parts: dict[str, dict[str, str]] = {one: {} for one in holders}
    for first, second in combinations(holders, 2):
        pad = secrets.token_bytes(len(key))
        parts[first][second] = pad.hex()
        parts[second][first] = _xor(pad, key).hex()
    return parts


def join(first: str, part: Mapping[str, str], second: str, other: Mapping[str, str]) -> bytes:
    """Combine the parts of two holders to the key."""
    return _xor(bytes.fromhex(part[second]), bytes.fromhex(other[first]))


def new_code() -> str:
    """Return a code of 100 random bits to be written down: four groups of five letters."""
    letters = b32encode(secrets.token_bytes(CODE_GROUPS * CODE_GROUP)).decode()
    groups = [letters[place * CODE_GROUP :][:CODE_GROUP] for place in range(CODE_GROUPS)]
    return "-".join(groups)


def plain_code(typed: str) -> str:
    """Normalise a typed code: letters and digits only, upper case, CONFUSED digits replaced."""
    kept = "".join(letter for letter in typed.upper() if letter.isascii() and letter.isalnum())
    return kept.translate(CONFUSED)


def key_of_code(code: str, context: str, alg: str = ALG) -> bytes:
    """Derive the private key from a holder's code and the context of a meeting (HKDF)."""
    info = f"{alg}\0holder\0{context}".encode()
    derived = HKDF(algorithm=SHA256(), length=KEY + TAG, salt=None, info=info)
    return _to_private_key(derived.derive(plain_code(code).encode()))


def _to_private_key(random: bytes) -> bytes:
    """Return random bytes reduced to a private key; 16 extra input bytes avoid a bias of the modulo."""
    return (int.from_bytes(random) % (ORDER - 1) + 1).to_bytes(KEY)


def _load_private_key(private: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(private), CURVE)


def _info(context: str) -> bytes:
    return f"{ALG}\0{context}".encode()


def _cipher_1(shared: bytes, context: str) -> AESGCM:
    info = f"{ALG_1}\0{context}".encode()
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY, salt=None, info=info).derive(shared))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
