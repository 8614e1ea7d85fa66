#!/usr/bin/env python3
"""Open a sealed ballot box a second time, on another computer: two holders of the key type their codes.

    python3 open_box.py box-12-1.json --key FINGERPRINT [--record round-12-1.json]

The box is exported on the page of a round between its close and its count. FINGERPRINT is the one of the program's key,
as printed. With --record, the exported record of the count, both counts are compared. Needs the package `cryptography`
(50 or newer) and nothing of the application. Exit code 0: counted, and nothing differs; 1: not.
第二次开箱：由两名口令持有人在另一台电脑上输入口令，重新计票。退出码 0 为一致。

Whole ballots are in memory while it runs, with their receipts but without judges. It prints counts only.
"""

import argparse
import getpass
import json
import sys
from base64 import urlsafe_b64decode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNED, BOX, EXPORT = "zc-signed-v1", "zc-box-v1", "zc-round-export-v1"
HPKE, OLDER = "hpke-p256-hkdf-sha256-aes256gcm", "p256-hkdf-sha256-aes256gcm-v1"
SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ROLES = {"chair": "主任委员", "supervisor": "监督员", "office": "评委会办公室"}
NAMES = {"y": "同意 / yes", "n": "不同意 / no", "a": "弃权 / abstain"}
LETTERS = {"y": "yes", "n": "no", "a": "abstain"}


class Wrong(Exception):
    """Raised when the box does not open, with the sentence in Chinese and in English."""


def opened(path, keys):
    """Return the facts of a signed file whose key has one of the fingerprints. Raises Wrong."""
    signed = json.loads(Path(path).read_text(encoding="utf-8"))
    key = bytes.fromhex(signed["key"])
    if sha256(key).hexdigest()[:32] not in keys:
        raise Wrong(f"{path}: 由不认识的密钥签名 / signed with an unknown key")
    text = f"{SIGNED}\0{signed['text']}".encode()
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(signed["signature"]), text)
    except InvalidSignature:
        raise Wrong(f"{path}: 签名无效 / the signature is wrong") from None
    return json.loads(signed["text"])


def plain(typed):
    return "".join(one for one in typed.lower() if one.isalnum())


def raw(text):
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def private_of(number):
    return ec.derive_private_key(number, CURVE)


def private_of_code(code, context, alg):
    letters = "".join(one for one in code.upper() if one.isascii() and one.isalnum())
    info = f"{alg}\0holder\0{context}".encode()
    kdf = HKDF(algorithm=SHA256(), length=48, salt=None, info=info)
    derived = kdf.derive(letters.translate(str.maketrans("018", "OIB")).encode())
    return private_of(int.from_bytes(derived, "big") % (ORDER - 1) + 1)


def unseal(private, sealed, context, alg):
    """Return what was sealed. Raises InvalidTag or ValueError."""
    data, info = raw(sealed), f"{alg}\0{context}".encode()
    if alg == HPKE:
        return SUITE.decrypt(data, private, info)
    if alg != OLDER:
        raise ValueError("unknown algorithm")
    peer = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, data[:65])
    shared = private.exchange(ec.ECDH(), peer)
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(shared)
    return AESGCM(key).decrypt(data[65:77], data[77:], context.encode())


def join(box, codes):
    """Return the private key of the box from the codes of two holders. Raises Wrong."""
    parts = {}
    for role, code in codes.items():
        holder = next(one for one in box["holders"] if one["role"] == role)
        private = private_of_code(code, f"{box['plan']}:{role}", holder["alg"])
        context = f"share:{box['round_id']}:{role}:{role}"
        try:
            parts[role] = json.loads(unseal(private, holder["share"], context, box["sealed_with"]))
        except (InvalidTag, ValueError):
            raise Wrong(f"{ROLES[role]}: 口令不对 / this is not the code of the {role}") from None
    one, other = parts
    halves = bytes.fromhex(parts[one][other]), bytes.fromhex(parts[other][one])
    private = private_of(int.from_bytes(bytes(a ^ b for a, b in zip(*halves, strict=True)), "big"))
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if point != raw(box["public_key"]):
        raise Wrong("两份密钥合不成本轮的密钥 / the two parts do not make the key of this round")
    return private


def letters_of(private, ballot, box):
    """Return the letters of a ballot, "" for one that was cast unreadable. Raises Wrong for a changed one."""
    if sha256(ballot["sealed"].encode()).hexdigest() != ballot["digest"]:
        raise Wrong(f"{ballot['tracker']}: 选票被改动 / the ballot was changed")
    context = f"ballot:{box['round_id']}:{box['frozen_hash']}"
    try:
        return unseal(private, ballot["sealed"], context, box["sealed_with"]).decode("ascii")
    except (InvalidTag, ValueError):
        return ""


def is_valid(letters, away, facts):
    """Return whether a ballot has one choice per candidate, none where its judge is recused, and keeps the limits."""
    places = range(1, len(facts["candidates"]) + 1)
    return (
        len(letters) == len(places)
        and set(letters) <= {*NAMES, "-"}
        and all((letters[place - 1] == "-") == (place in away) for place in places)
        and all(
            sum(letters[place - 1] == "y" for place in limit["positions"]) <= limit["most"]
            for limit in facts["limits"]
        )
    )


def count(private, box):
    """Return the counts of every candidate by letter, and the number of invalid ballots."""
    facts = json.loads(box["frozen"])
    if sha256(box["frozen"].encode()).hexdigest() != box["frozen_hash"]:
        raise Wrong("冻结内容与指纹不符 / what was frozen does not have this digest")
    counts, invalid = [dict.fromkeys(NAMES, 0) for _number in facts["candidates"]], 0
    for ballot in box["ballots"]:
        letters = letters_of(private, ballot, box)
        counts_so = is_valid(letters, ballot["away"], facts)
        invalid += not counts_so
        for place, counted in enumerate(counts, start=1):
            if place not in ballot["away"]:
                counted[letters[place - 1] if counts_so else "a"] += 1
    return counts, invalid


def differences(counts, invalid, box, path, keys):
    """Yield where the record of the count differs from this second count."""
    export = opened(path, keys)
    record = json.loads(export["at_count"]["text"])
    facts = (export["alg"], record["round_id"], record["frozen_hash"])
    if facts != (EXPORT, box["round_id"], box["frozen_hash"]):
        yield "记录属于另一轮 / the record belongs to another round"
        return
    if (record["cast"], record["invalid"]) != (len(box["ballots"]), invalid):
        yield "票数不同 / another number of ballots"
    if {one["tracker"] for one in record["receipts"]} != {one["tracker"] for one in box["ballots"]}:
        yield "回执不同 / other receipts"
    for one, counted in zip(record["candidates"], counts, strict=True):
        if any(one[name] != counted[letter] for letter, name in LETTERS.items()):
            yield f"{one['position']}: 计票不同 / counted otherwise"


def ask_codes():
    """Return the codes of the two holders that are typed or piped in: chair, supervisor, office; empty: not there."""
    codes = {}
    for role, name in ROLES.items():
        question = f"{name} ({role}) 口令 / code: "
        typed = getpass.getpass(question) if sys.stdin.isatty() else sys.stdin.readline()
        if typed.strip():
            codes[role] = typed
    if len(codes) != 2:
        raise Wrong("需要两名持有人的口令 / the codes of two holders are needed")
    return codes


def main(arguments):
    """Open the box, print the counts and return the exit code."""
    parser = argparse.ArgumentParser(description="第二次开箱 / open a ballot box a second time")
    parser.add_argument("file", help="导出的票箱 / the exported box")
    parser.add_argument("--key", action="append", required=True, help="密钥指纹 / fingerprint")
    parser.add_argument("--record", help="计票记录，与之比较 / the record of the count")
    asked = parser.parse_args(arguments)
    keys = {plain(one) for one in asked.key}
    try:
        box = opened(asked.file, keys)
        if box["alg"] != BOX:
            raise Wrong("不是票箱 / not a ballot box")
        counts, invalid = count(join(box, ask_codes()), box)
        found = list(differences(counts, invalid, box, asked.record, keys)) if asked.record else []
    except Wrong as wrong:
        print(wrong)
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        print(f"无法读取 / cannot be read: {type(error).__name__}: {error}")
        return 1
    for number, counted in zip(json.loads(box["frozen"])["candidates"], counts, strict=True):
        print(number, *(f"{name} {counted[letter]}" for letter, name in NAMES.items()))
    print(f"票数 / ballots: {len(box['ballots'])}  无效 / invalid: {invalid}")
    if asked.record:
        print(*found, "不一致 / DIFFERS" if found else "与计票记录一致 / THE SAME COUNTS", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
