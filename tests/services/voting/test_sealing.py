"""Sealing to a public key, and the key in three parts."""

import hmac
from base64 import urlsafe_b64decode
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from app.services.voting import sealing

HOLDERS = ("chair", "supervisor", "office")
PRIVATE = sealing.new_key()
PUBLIC = sealing.public_of(PRIVATE)


@given(st.binary(max_size=300), st.text(max_size=40), st.sampled_from(sealing.ALGS))
def test_sealed_opens_with_its_key_and_context(plain: bytes, context: str, alg: str) -> None:
    sealed = sealing.seal(PUBLIC, plain, context, alg)

    assert sealing.unseal(PRIVATE, sealed, context, alg) == plain
    assert len(sealed) == sealing.sealed_length(len(plain), alg)


@pytest.mark.parametrize("alg", sealing.ALGS)
def test_another_key_context_or_algorithm_opens_nothing(alg: str) -> None:
    sealed = sealing.seal(PUBLIC, b"yna", "round 1", alg)

    for key, context in ((sealing.new_key(), "round 1"), (PRIVATE, "round 2")):
        with pytest.raises(sealing.Unopened):
            sealing.unseal(key, sealed, context, alg)
    for other in {*sealing.ALGS, "none", ""} - {alg}:
        with pytest.raises(sealing.Unopened):
            sealing.unseal(PRIVATE, sealed, "round 1", other)


@pytest.mark.parametrize("alg", sealing.ALGS)
def test_every_changed_character_is_noticed(alg: str) -> None:
    sealed = sealing.seal(PUBLIC, b"y", "c", alg)

    for place, letter in enumerate(sealed):
        # the last letter of base64 holds bits that stand for nothing
        if place == len(sealed) - 1:
            continue
        other = "A" if letter != "A" else "B"
        with pytest.raises(sealing.Unopened):
            sealing.unseal(PRIVATE, sealed[:place] + other + sealed[place + 1 :], "c", alg)
    for damaged in ("", "A", sealed[:-8], "é" * 130):
        with pytest.raises(sealing.Unopened):
            sealing.unseal(PRIVATE, damaged, "c", alg)


def test_hpke_is_that_of_its_standard() -> None:
    """Open by hand with the steps of RFC 9180 (5.1.1, 4.1, 5.2), written out with HMAC and ECDH alone."""
    sealed = sealing.seal(PUBLIC, b"yna", "round 1")
    data = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    private = ec.derive_private_key(int.from_bytes(PRIVATE), ec.SECP256R1())
    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data[:65])
    own = urlsafe_b64decode(PUBLIC + "=" * (-len(PUBLIC) % 4))

    def extract(suite: bytes, salt: bytes, label: bytes, key: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + key, "sha256")

    def expand(suite: bytes, secret: bytes, label: bytes, info: bytes, length: int) -> bytes:
        labelled = length.to_bytes(2) + b"HPKE-v1" + suite + label + info
        return hmac.digest(secret, labelled + b"\x01", "sha256")[:length]

    kem, hpke = b"KEM" + bytes.fromhex("0010"), b"HPKE" + bytes.fromhex("001000010002")
    prk = extract(kem, b"", b"eae_prk", private.exchange(ec.ECDH(), peer))
    shared = expand(kem, prk, b"shared_secret", data[:65] + own, 32)
    info = f"{sealing.ALG}\0round 1".encode()
    context = (
        b"\x00" + extract(hpke, b"", b"psk_id_hash", b"") + extract(hpke, b"", b"info_hash", info)
    )
    secret = extract(hpke, shared, b"secret", b"")
    key, nonce = (
        expand(hpke, secret, label, context, length)
        for label, length in ((b"key", 32), (b"base_nonce", 12))
    )

    assert AESGCM(key).decrypt(nonce, data[65:], b"") == b"yna"


@pytest.mark.parametrize(("first", "second"), list(combinations(HOLDERS, 2)))
def test_any_two_parts_make_the_key(first: str, second: str) -> None:
    parts = sealing.split(PRIVATE, HOLDERS)

    assert sealing.join(first, parts[first], second, parts[second]) == PRIVATE
    assert sealing.join(second, parts[second], first, parts[first]) == PRIVATE


def test_one_part_alone_is_random() -> None:
    halves = [
        {parts[one][other] for parts in (sealing.split(PRIVATE, HOLDERS) for _ in range(50))}
        for one in HOLDERS
        for other in HOLDERS
        if one != other
    ]

    assert [len(half) for half in halves] == [50] * 6
    assert not any(PRIVATE.hex() in half for half in halves)


def test_code_is_read_as_people_write_it() -> None:
    code = sealing.new_code()

    typed = code.lower().replace("-", " ").replace("o", "0").replace("i", "1").replace("b", "8")

    assert [len(group) for group in code.split("-")] == [5, 5, 5, 5]
    assert sealing.key_of_code(typed, "7:chair") == sealing.key_of_code(code, "7:chair")
    assert sealing.key_of_code(code, "7:chair") != sealing.key_of_code(code, "8:chair")
