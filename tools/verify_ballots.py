#!/usr/bin/env python3
"""Recount a voting round from its exported record: python3 verify_ballots.py round-12-1.json

Standard library only; receipt signatures are checked too if `cryptography` is installed. Exit code 0:
everything agrees; 1: it does not, and the first problems are printed.
"""

import hashlib
import json
import sys
from collections import Counter
from pathlib import Path

RECORD, FROZEN = "zc-ballots-v1", "zc-round-v1"
LETTERS = {"y": "yes", "n": "no", "a": "abstain"}


def problems(record):
    """Yield every inconsistency of a record."""
    if record.get("alg") != RECORD:
        yield "记录格式不明 / unknown kind of record"
        return
    if hashlib.sha256(record["frozen"].encode()).hexdigest() != record["frozen_hash"]:
        yield "冻结内容与指纹不符 / what was frozen does not have this digest"
    facts = json.loads(record["frozen"])
    if facts.get("alg") != FROZEN:
        yield "冻结内容格式不明 / unknown kind of frozen text"
        return
    yield from box_problems(record, facts)
    yield from vote_problems(record, facts)
    yield from signature_problems(record)


def box_problems(record, facts):
    trackers = [one["tracker"] for one in record["receipts"]]
    if len(trackers) != len(set(trackers)):
        yield "有重复的回执号 / a receipt stands there twice"
    if len(trackers) != record["cast"]:
        yield "回执数与投票数不符 / as many receipts as ballots are needed"
    if record["cast"] > len(facts["roll"]):
        yield "票数多于名册人数 / more ballots than judges on the roll"
    if len(set(facts["roll"])) != facts["present"]:
        yield "名册人数与出席人数不符 / the roll differs from those present"
    if 3 * facts["present"] < 2 * facts["members"]:
        yield "出席人数不足三分之二 / fewer than two thirds were present"


def vote_problems(record, facts):
    if [one["position"] for one in record["candidates"]] != list(
        range(1, len(facts["candidates"]) + 1)
    ):
        yield "候选人与冻结名单不符 / the candidates differ from those frozen"
        return
    for one in record["candidates"]:
        number, away = facts["candidates"][one["position"] - 1], away_from(facts, one["position"])
        counted = Counter(one["opened"])
        if set(counted) - set(LETTERS):
            yield f"{number}: 有不明的票 / letters that are no vote"
        for letter, name in LETTERS.items():
            if counted[letter] != one[name]:
                yield f"{number}: {name} {one[name]} ≠ {counted[letter]}"
        if one["eligible"] != len(facts["roll"]) - away:
            yield f"{number}: 有表决权人数不符 / number of eligible judges differs"
        if not record["cast"] - away <= len(one["opened"]) <= min(record["cast"], one["eligible"]):
            yield f"{number}: 票数不可能 / impossible number of votes"


def away_from(facts, position):
    return sum(place == position for _seat, place in facts["recused"])


def signature_problems(record):
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError:
        print("（未安装 cryptography，回执签名未核对 / signatures not checked）")
        return
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(record["receipt_key"]))
    for one in record["receipts"]:
        parts = ("zc-receipt-v1", record["receipt_alg"], str(record["round_id"]),
                 record["frozen_hash"], one["tracker"], one["digest"])  # fmt: skip
        try:
            key.verify(bytes.fromhex(one["signature"]), "\0".join(parts).encode())
        except InvalidSignature:
            yield f"{one['tracker']}: 回执签名无效 / the signature of the receipt is not right"


def main(arguments):
    """Read the record (a file or standard input), print the verdict and return the exit code."""
    text = Path(arguments[0]).read_text(encoding="utf-8") if arguments else sys.stdin.read()
    try:
        found = list(problems(json.loads(text)))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        found = [f"记录不完整 / the record is damaged: {error!r}"]
    for line in found[:20]:
        print(line)
    print(
        "不一致 / DOES NOT AGREE"
        if found
        else "一致：重新计票与公布结果相同 / AGREES: counted again, the same result"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
