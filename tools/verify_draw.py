#!/usr/bin/env python3
"""Check the record of a draw of judges without the program that made it.

    python3 tools/verify_draw.py record.json        (or the record on standard input)

Standard library only; nothing of the application is imported. Exit code 0: everything agrees; 1: it does not.
检验评委抽取记录：只用标准库，不依赖本系统。退出码 0 为一致，1 为不一致。
"""

import json
import sys
import unicodedata
from hashlib import sha256

ALG = "zc-draw-v1"


class Wrong(Exception):
    """Raised when a step of the draw does not agree, with the sentence in Chinese and in English."""


def h(*parts):
    return sha256(b"\x00".join(part.encode("utf-8") for part in parts)).hexdigest()


def need(holds, chinese, english):
    if not holds:
        raise Wrong(f"{chinese} / {english}")


def check(record):
    """Check the record; return the number of seats and of alternates derived again. Raises Wrong."""
    pool, digest = check_pool(record)
    check_commitments(record, digest)
    seed = h(
        "zc-draw-seed-v1",
        digest,
        record["office"]["secret"],
        record["supervisor"]["secret"],
        record["public_value"],
    )
    need(record["seed"] == seed, "种子不一致", "the seed does not follow from pool and secrets")
    has_value = record["public_value"] != ""
    need(
        has_value == (record["public_source"] != ""),
        "公开数据与事先指定的来源不符",
        "a public value belongs to a source named in advance",
    )
    return check_seats(record, pool, seed)


def check_pool(record):
    text = record["pool"]
    need(record["alg"] == ALG, "算法未知", "unknown algorithm")
    need(h(text) == record["pool_hash"], "专家库摘要不一致", "the pool was changed: digest differs")
    pool = json.loads(text)
    again = json.dumps(pool, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    need(
        unicodedata.normalize("NFC", again) == text,
        "专家库文本不是规范格式",
        "the pool is not in its canonical form",
    )
    tokens = [entry["t"] for entry in pool["entries"]]
    need(tokens == sorted(set(tokens)), "专家编号重复或无序", "numbers repeat or are not in order")
    named = (pool["alg"], pool["plan"], pool["attempt"])
    need(
        named == (ALG, record["plan"], record["attempt"]),
        "专家库属于另一次抽取",
        "the pool belongs to another draw",
    )
    return pool, record["pool_hash"]


def check_commitments(record, digest):
    for role, name in (("office", "评委会办公室"), ("supervisor", "监督员")):
        party = record[role]
        opened = h("zc-draw-commit-v1", digest, role, party["secret"])
        need(
            opened == party["commitment"],
            f"{name}揭示的口令与承诺不符",
            f"the secret of the {role} does not open its commitment",
        )


class Line:
    """Eligible experts by rank; `take` returns the first one that fits and is not yet taken."""

    def __init__(self, pool, seed):
        eligible = [entry for entry in pool["entries"] if not entry["x"]]
        self.ranked = sorted(eligible, key=lambda entry: h(ALG, seed, entry["t"]))
        self.limit = pool["unit_max"]
        self.used, self.per_unit = set(), {}

    def take(self, group):
        for entry in self.ranked:
            is_full = self.limit and self.per_unit.get(entry["u"], 0) >= self.limit
            if entry["t"] in self.used or is_full:
                continue
            if group["specialties"] and entry["s"] not in group["specialties"]:
                continue
            self.used.add(entry["t"])
            self.per_unit[entry["u"]] = self.per_unit.get(entry["u"], 0) + 1
            return entry["t"]
        return None


def check_seats(record, pool, seed):
    line, derived = Line(pool, seed), []
    groups = {group["name"]: group for group in pool["groups"]}
    for group in pool["groups"]:
        for _turn in range(group["seats"]):
            derived.append([line.take(group), group["name"], "seat"])
    need(
        all(token for token, _group, _kind in derived),
        "合格专家不足，席位未能抽满",
        "the pool cannot fill all seats",
    )
    for group in pool["groups"]:
        for _turn in range(pool["alternates"]):
            if (token := line.take(group)) is not None:
                derived.append([token, group["name"], "alternate"])
    noted = [[seat["token"], seat["group"], seat["kind"]] for seat in record["seats"]]
    for _token, name, kind in noted[len(derived) :]:
        need(kind == "later" and name in groups, "席位记录多出", "there are too many seats")
        derived.append([line.take(groups[name]), name, "later"])
    need(noted == derived, "席位与重新推算的结果不一致", "the seats differ from those derived anew")
    places = [seat["place"] for seat in record["seats"]]
    need(places == list(range(1, len(places) + 1)), "席位顺序有误", "the places are not in order")
    kinds = [kind for _token, _group, kind in derived]
    return kinds.count("seat"), len(kinds) - kinds.count("seat")


def main(arguments):
    """Read the record, print the verdict and return the exit code."""
    try:
        if len(arguments) > 1:
            with open(arguments[1], encoding="utf-8") as file:
                record = json.load(file)
        else:
            record = json.loads(sys.stdin.buffer.read().decode("utf-8"))
        seats, others = check(record)
    except Wrong as wrong:
        print(f"不一致 / WRONG: {wrong}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print(f"无法读取记录 / the record cannot be read: {type(error).__name__}: {error}")
        return 1
    print(f"专家库摘要 / pool: {record['pool_hash']}")
    print(f"种子 / seed: {record['seed']}")
    print(
        f"一致：{seats} 个席位、{others} 名候补均由记录推得。/ "
        f"CORRECT: {seats} seats and {others} alternates follow from the record."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
