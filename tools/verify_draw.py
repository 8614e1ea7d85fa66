#!/usr/bin/env python3
"""Check the exported record of a draw of judges without the program that made it.

    python3 verify_draw.py draw-12-1.json --key FINGERPRINT [--record DIGEST] [--pool DIGEST] [--seed SEED]

FINGERPRINT is the one of the program's key, as printed papers and the public page 「公开核验」 show it; the digests
stand on the printed sheet of the draw. Standard library only. Exit code 0: everything agrees; 1: it does not.
检验评委抽取记录：只用标准库，不依赖本系统。退出码 0 为一致，1 为不一致。
"""

import argparse
import json
import sys
import unicodedata
from hashlib import sha256, sha512
from pathlib import Path

ALG, EXPORT, SIGNED = "zc-draw-v1", "zc-draw-export-v1", "zc-signed-v1"
CHINESE = {
    "not signed": "没有签名",
    "signed with an unknown key": "由不认识的密钥签名",
    "the signature is wrong": "签名无效",
    "not a record of a draw": "不是抽取记录",
    "the seed does not follow from pool and secrets": "种子不一致",
    "a public value belongs to a source named in advance": "公开数据与事先指定的来源不符",
    "unknown algorithm": "算法未知",
    "the pool was changed: digest differs": "专家库摘要不一致",
    "the pool is not in its canonical form": "专家库文本不是规范格式",
    "numbers repeat or are not in order": "专家编号重复或无序",
    "the pool belongs to another draw": "专家库属于另一次抽取",
    "the office's secret does not open its commitment": "评委会办公室揭示的口令与承诺不符",
    "the supervisor's secret does not open its commitment": "监督员揭示的口令与承诺不符",
    "the pool cannot fill all seats": "合格专家不足，席位未能抽满",
    "there are too many seats": "席位记录多出",
    "the seats differ from those derived anew": "席位与重新推算的结果不一致",
    "the places are not in order": "席位顺序有误",
    "the database now differs from what was signed at the draw": "数据库现在的记录与抽取时签名的不同",
    "differs from what is printed": "与纸面上的不同",
}
NOT_GIVEN = "未给出纸面上的数，未核对 / NOT GIVEN, not compared"
NOT_CHECKED = (
    "编号对应哪位专家，只有评委会办公室和监督员看得到 / which expert a number stands for: office and supervisor see it",
    "公开数据是否就是来源公布的，请到来源查对 / whether the public value is what its source published: look it up",
    "专家库中的排除理由是否属实 / whether the reasons that keep experts out of the pool are true",
)

# Ed25519, as RFC 8032 (section 6) prints it
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


class Wrong(Exception):
    """Raised when a step does not agree, with the sentence in Chinese and in English."""


def need(holds, english, what=""):
    if not holds:
        raise Wrong(f"{what} {CHINESE[english]} / {english}".strip())


def add(one, other):
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(number, point):
    product = (0, 1, 1, 0)
    while number > 0:
        product = add(product, point) if number & 1 else product
        point, number = add(point, point), number >> 1
    return product


def point_of(data):
    """Return the point that 32 bytes stand for. Raises ValueError."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = x if x & 1 == sign else P - x
    return (x, y, 1, x * y % P)


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, text, signature):
    try:
        owner, nonce = point_of(key), point_of(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(sha512(signature[:32] + key + text).digest(), "little") % Q
    one, other = multiply(s, BASE), add(nonce, multiply(h, owner))
    same_x = (one[0] * other[2] - other[0] * one[2]) % P == 0
    same_y = (one[1] * other[2] - other[1] * one[2]) % P == 0
    return len(key) == 32 and len(signature) == 64 and s < Q and same_x and same_y


def plain(typed):
    return "".join(one for one in typed.lower() if one.isalnum())


def opened(signed, keys, what):
    """Return the facts of a signed text whose key has one of the fingerprints. Raises Wrong."""
    need(isinstance(signed, dict) and signed.get("alg") == SIGNED, "not signed", what)
    key = bytes.fromhex(signed["key"])
    need(sha256(key).hexdigest()[:32] in keys, "signed with an unknown key", what)
    text, signature = f"{SIGNED}\0{signed['text']}".encode(), bytes.fromhex(signed["signature"])
    need(is_signed(key, text, signature), "the signature is wrong", what)
    return json.loads(signed["text"])


def h(*parts):
    return sha256(b"\x00".join(part.encode("utf-8") for part in parts)).hexdigest()


def check(record):
    """Check the facts of a draw; return the number of seats and of alternates derived again. Raises Wrong."""
    pool, digest = check_pool(record)
    secrets = [record[role]["secret"] for role in ("office", "supervisor")]
    for role, secret in zip(("office", "supervisor"), secrets, strict=True):
        fits = h("zc-draw-commit-v1", digest, role, secret) == record[role]["commitment"]
        need(fits, f"the {role}'s secret does not open its commitment")
    seed = h("zc-draw-seed-v1", digest, *secrets, record["public_value"])
    need(record["seed"] == seed, "the seed does not follow from pool and secrets")
    both = {record["public_value"] != "", record["public_source"] != ""}
    need(len(both) == 1, "a public value belongs to a source named in advance")
    return check_seats(record, pool, seed)


def check_pool(record):
    text = record["pool"]
    need(record["alg"] == ALG, "unknown algorithm")
    need(h(text) == record["pool_hash"], "the pool was changed: digest differs")
    pool = json.loads(text)
    again = json.dumps(pool, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    need(unicodedata.normalize("NFC", again) == text, "the pool is not in its canonical form")
    tokens = [entry["t"] for entry in pool["entries"]]
    need(tokens == sorted(set(tokens)), "numbers repeat or are not in order")
    named = (pool["alg"], pool["plan"], pool["attempt"])
    need(named == (ALG, record["plan"], record["attempt"]), "the pool belongs to another draw")
    return pool, record["pool_hash"]


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
            is_other = group["specialties"] and entry["s"] not in group["specialties"]
            if entry["t"] in self.used or is_full or is_other:
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
    need(all(token for token, _group, _kind in derived), "the pool cannot fill all seats")
    for group in pool["groups"]:
        taken = [line.take(group) for _turn in range(pool["alternates"])]
        derived += [[one, group["name"], "alternate"] for one in taken if one is not None]
    noted = [[seat["token"], seat["group"], seat["kind"]] for seat in record["seats"]]
    for _token, name, kind in noted[len(derived) :]:
        need(kind == "later" and name in groups, "there are too many seats")
        derived.append([line.take(groups[name]), name, "later"])
    need(noted == derived, "the seats differ from those derived anew")
    places = [seat["place"] for seat in record["seats"]]
    need(places == list(range(1, len(places) + 1)), "the places are not in order")
    kinds = [kind for _token, _group, kind in derived]
    return kinds.count("seat"), len(kinds) - kinds.count("seat")


def verify(exported, asked):
    """Check an export against fingerprints and printed digests; return what agreed. Raises Wrong."""
    keys = {plain(one) for one in asked.key}
    export = opened(exported, keys, "导出文件 (file)")
    need(export.get("alg") == EXPORT, "not a record of a draw")
    then, now = opened(export["at_draw"], keys, "抽取记录 (record)"), export["now"]
    check(then)
    seats, others = check(now)
    names = {*then, *now} - {"seats", "taken_over"}
    differs = [name for name in sorted(names) if then.get(name) != now.get(name)]
    if now["seats"][: len(then["seats"])] != then["seats"]:
        differs.append("seats")
    what = ", ".join(differs)
    need(not differs, "the database now differs from what was signed at the draw", what)
    digest = sha256(export["at_draw"]["text"].encode()).hexdigest()
    done = [
        "签名与密钥指纹相符 / signed with the key of that fingerprint",
        f"{seats} 个席位、{others} 名候补均由记录推得 / seats and alternates follow from the record",
        f"抽取时间 / drawn at: {then['drawn_at']}",
        f"公开来源 / public source: {then['public_source'] or '—'} = {then['public_value'] or '—'}",
    ]
    if then.get("taken_over"):
        done.append("注意：系统升级时补签 / note: signed at an upgrade, not at the draw")
    for name, found in (("record", digest), ("pool", then["pool_hash"]), ("seed", then["seed"])):
        printed = plain(getattr(asked, name))
        need(printed in ("", found), "differs from what is printed", f"--{name}")
        done.append(f"{name}: {found} {'= 纸面 / as printed' if printed else NOT_GIVEN}")
    return done


def main(arguments):
    """Read the record, print the verdict and return the exit code."""
    parser = argparse.ArgumentParser(description="检验评委抽取记录 / check a draw of judges")
    parser.add_argument("file", nargs="?", help="导出的 JSON / the export, else standard input")
    parser.add_argument("--key", action="append", required=True, help="密钥指纹 / fingerprint")
    for name in ("--record", "--pool", "--seed"):
        parser.add_argument(name, default="", help="纸面上的数 / as printed on the sheet")
    asked = parser.parse_args(arguments[1:])
    try:
        data = Path(asked.file).read_bytes() if asked.file else sys.stdin.buffer.read()
        done = verify(json.loads(data.decode("utf-8")), asked)
    except Wrong as wrong:
        print(f"不一致 / WRONG: {wrong}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        print(f"无法读取记录 / the record cannot be read: {type(error).__name__}: {error}")
        return 1
    print("已核对 / CHECKED", *done, sep="\n  ")
    print("未核对 / NOT CHECKED", *NOT_CHECKED, sep="\n  ")
    print("一致 / CORRECT")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
