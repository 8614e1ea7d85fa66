"""The stand-alone verifiers check signatures as RFC 8032 says, both with the same lines."""

import inspect
import random
from types import ModuleType

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tests.support.verifiers import verify_ballots, verify_draw

BOTH = pytest.mark.parametrize("tool", [verify_draw, verify_ballots], ids=["draw", "ballots"])
SHARED = ("add", "multiply", "point_of", "is_signed", "plain")
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595b"
        "be24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb430"
        "2aeeb00d291612bb0c00",
    ),
]
"""Public key, message and signature of tests 1 and 2 of section 7.1."""


def test_both_programs_have_the_same_lines_for_what_they_share() -> None:
    """Each is one file that stands alone, so they cannot import from a third."""
    for name in SHARED:
        assert inspect.getsource(getattr(verify_draw, name)) == inspect.getsource(
            getattr(verify_ballots, name)
        ), name


@BOTH
@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_vectors_of_the_rfc(tool: ModuleType, key: str, message: str, signature: str) -> None:
    asked = [bytes.fromhex(one) for one in (key, message, signature)]

    assert tool.is_signed(*asked)
    assert not tool.is_signed(asked[0], asked[1] + b"x", asked[2])


@BOTH
def test_verdict_is_that_of_the_library(tool: ModuleType) -> None:
    chance = random.Random(8032)
    for _try in range(12):
        private = Ed25519PrivateKey.from_private_bytes(chance.randbytes(32))
        key, text = private.public_key().public_bytes_raw(), chance.randbytes(40)
        signature = private.sign(text)
        broken = bytearray(signature)
        broken[chance.randrange(64)] ^= 1 << chance.randrange(8)
        for one in (signature, bytes(broken)):
            assert tool.is_signed(key, text, one) is accepts(key, text, one)


def accepts(key: bytes, text: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        return False
    return True
