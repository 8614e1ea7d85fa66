"""The stand-alone programs of `tools/`: loaded and called as their user calls them, and records forged for them."""

import contextlib
import importlib.util
import io
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.ground import crypto, paths, signing

STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def load(name: str) -> ModuleType:
    """Return a program of `tools/` as a module."""
    spec = importlib.util.spec_from_file_location(name, paths.ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verify_draw = load("verify_draw")
verify_ballots = load("verify_ballots")


def verdict(tool: ModuleType, exported: Any, *options: str) -> tuple[int, str]:
    """Run a verifier on an export with the fingerprint of the program's key; return exit code and output."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
        path = Path(folder) / "record.json"
        path.write_text(json.dumps(exported), encoding="utf-8")
        given = [str(path), "--key", crypto.fingerprint(), *options]
        code = tool.main(given if tool is verify_ballots else [tool.__name__, *given])
    return int(code), said.getvalue()


def opened(signed: Mapping[str, str]) -> dict[str, Any]:
    """Return the facts of a signed text."""
    facts: dict[str, Any] = json.loads(signed["text"])
    return facts


def resigned(facts: Mapping[str, Any], key: Ed25519PrivateKey) -> signing.Signed:
    """Return facts signed with another key than the program's, in the program's form."""
    text = signing.canonical(facts)
    signature = key.sign(f"{signing.ALG}\0{text}".encode()).hex()
    public = key.public_key().public_bytes_raw().hex()
    return {"alg": signing.ALG, "text": text, "key": public, "signature": signature}


def under_old_signature(facts: Mapping[str, Any], signed: Mapping[str, str]) -> dict[str, str]:
    """Return other facts under the signature of a signed text."""
    return {**signed, "text": signing.canonical(facts)}
