#!/usr/bin/env python3
"""Count a voting round again from its exported record, without the program that made it.

    python3 verify_ballots.py round-12-1.json --key FINGERPRINT [--record … --result … --frozen … --receipt TRACKER:DIGEST]

FINGERPRINT is the one of the program's key, as minutes, receipts and the public page 「公开核验」 show it; the digests
stand in the minutes, TRACKER and DIGEST on a judge's receipt. Standard library only. Exit code 0: everything
agrees; 1: it does not, and the first problems are printed. 重新计票：只用标准库，不依赖本系统。退出码 0 为一致。
"""

import argparse
import json
import sys
from collections import Counter
from hashlib import sha256, sha512
from pathlib import Path

RECORD, RESULT = "zc-ballots-v2", "zc-result-v1"
EXPORT, SIGNED = "zc-round-export-v1", "zc-signed-v1"
FROZEN = ("zc-round-v1", "zc-round-v2")
LETTERS = {"y": "yes", "n": "no", "a": "abstain"}
NOT_GIVEN = "未给出纸面上的数，未核对 / NOT GIVEN, not compared"
NOT_CHECKED = (
    "密封的票已销毁，每张回执背后的票怎么投的无从再查 / how the ballot behind a receipt voted: the sealed ballots are destroyed",
    "通过人数上限和分数排序 / the caps on those who pass, and ranks by score",
    "名册上的席位是哪位评委 / which judge has which seat on the roll",
)

# Ed25519, as RFC 8032 (section 6) prints it
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


class Unsigned(Exception):
    """Raised for a text that is not signed with a known key, with the sentence that says so."""


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
    """Return the facts of a signed text whose key has one of the fingerprints. Raises Unsigned."""
    if not isinstance(signed, dict) or signed.get("alg") != SIGNED:
        raise Unsigned(f"{what} 没有签名 / not signed")
    key, signature = bytes.fromhex(signed["key"]), bytes.fromhex(signed["signature"])
    if sha256(key).hexdigest()[:32] not in keys:
        raise Unsigned(f"{what} 由不认识的密钥签名 / signed with an unknown key")
    if not is_signed(key, f"{SIGNED}\0{signed['text']}".encode(), signature):
        raise Unsigned(f"{what} 签名无效 / the signature is wrong")
    return json.loads(signed["text"])


def problems(export, asked, done):
    """Yield every inconsistency of an export whose signature holds; add to `done` what agreed."""
    keys = {plain(one) for one in asked.key}
    then, now = opened(export["at_count"], keys, "计票记录 (record)"), export["now"]
    facts = json.loads(then["frozen"])
    if then.get("alg") != RECORD or facts.get("alg") not in FROZEN:
        yield "记录格式不明 / unknown kind of record"
        return
    for name in sorted({*then, *now} - {"taken_over"}):
        if then.get(name) != now.get(name):
            yield f"{name}: 数据库现在的与计票时签名的不同 / the database now differs from what was signed"
    yield from frozen_problems(then, facts)
    yield from box_problems(then, facts)
    yield from vote_problems(then, facts)
    yield from receipt_problems(then, export["at_count"]["key"])
    yield from result_problems(export, then, facts, keys, done)
    yield from printed_problems(asked, export, then, done)
    if then.get("taken_over"):
        done.append("注意：系统升级时补签 / note: signed at an upgrade, not at the count")


def digest(signed):
    return sha256(signed["text"].encode()).hexdigest() if signed else ""


def frozen_problems(record, facts):
    if sha256(record["frozen"].encode()).hexdigest() != record["frozen_hash"]:
        yield "冻结内容与指纹不符 / what was frozen does not have this digest"
    names = ("plan", "public_key", "sealed_with")
    is_other = any(facts.get(name, record[name]) != record[name] for name in names)
    if is_other or facts["round"] != record["number"]:
        yield "冻结内容属于另一轮或另一把公钥 / what was frozen belongs to another round or key"


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
    numbers = facts["candidates"]
    if [one["position"] for one in record["candidates"]] != list(range(1, len(numbers) + 1)):
        yield "候选人与冻结名单不符 / the candidates differ from those frozen"
        return
    for one, number in zip(record["candidates"], numbers, strict=True):
        counted = Counter(one["opened"])
        if set(counted) - set(LETTERS):
            yield f"{number}: 有不明的票 / letters that are no vote"
        for letter, name in LETTERS.items():
            if counted[letter] != one[name]:
                yield f"{number}: {name} {one[name]} ≠ {counted[letter]}"
        away = sum(place == one["position"] for _seat, place in facts["recused"])
        if one["eligible"] != len(facts["roll"]) - away:
            yield f"{number}: 有表决权人数不符 / number of eligible judges differs"
        most = min(record["cast"], one["eligible"])
        if not record["cast"] - away <= len(one["opened"]) <= most:
            yield f"{number}: 票数不可能 / impossible number of votes"


def receipt_problems(record, key):
    for one in record["receipts"]:
        parts = ("zc-receipt-v1", record["receipt_alg"], str(record["round_id"]))
        text = "\0".join((*parts, record["frozen_hash"], one["tracker"], one["digest"]))
        if not is_signed(bytes.fromhex(key), text.encode(), bytes.fromhex(one["signature"])):
            yield f"{one['tracker']}: 回执签名无效 / the signature of the receipt is not right"


def result_problems(export, record, facts, keys, done):
    """Compare the published result with the count; before the result there is none."""
    if export["result"] is None:
        if export["shown"]:
            yield "公布的结果没有签名 / the result that is shown is not signed"
        done.append("结果：尚未产生，未核对 / result: none yet, NOT compared")
        return
    result = opened(export["result"], keys, "会议结果 (result)")
    own = {"number": record["number"], "record": digest(export["at_count"])}
    if result["alg"] != RESULT or result["plan"] != record["plan"] or own not in result["rounds"]:
        yield "结果不是由本轮计票得出 / the result does not follow from this count"
    if export["shown"] != result["results"]:
        yield "现在显示的结果与签名的不同 / the result shown now differs from what was signed"
    places = {number: place for place, number in enumerate(facts["candidates"])}
    of_round = [one for one in result["results"] if one["round"] == record["number"]]
    for one in of_round:
        vote = record["candidates"][places[one["candidate"]]]
        of = facts["present"] if facts["denominator"] == "present" else vote["eligible"]
        if [one[name] for name in LETTERS.values()] != [vote[name] for name in LETTERS.values()]:
            yield f"{one['candidate']}: 公布的票数与计票不同 / the published votes differ from the count"
        if one["of"] != of or (one["passed"] and 3 * one["yes"] < 2 * of):
            yield f"{one['candidate']}: 未达三分之二却通过 / passed without two thirds"
    if set(places) - {one["candidate"] for one in result["results"]}:
        yield "有候选人没有结果 / a candidate has no result"
    done.append(f"本轮决定的结果 {len(of_round)} 人，与计票相符 / results of this round agree")


def printed_problems(asked, export, record, done):
    digests = digest(export["at_count"]), digest(export["result"]), record["frozen_hash"]
    for name, value in zip(("record", "result", "frozen"), digests, strict=True):
        printed = plain(getattr(asked, name))
        if printed not in ("", value):
            yield f"--{name}: 与纸面上的不同 / differs from what is printed"
        done.append(f"{name}: {value or '—'} {'= 纸面 / as printed' if printed else NOT_GIVEN}")
    box = {f"{one['tracker']}:{one['digest']}" for one in record["receipts"]}
    for one in asked.receipt:
        if one.strip().lower() not in box:
            yield f"{one}: 票箱里没有这张回执 / this receipt is not in the box"
        done.append(f"回执在票箱里 / receipt in the box: {one}")
    if not asked.receipt:
        done.append(f"--receipt: {NOT_GIVEN}")


def main(arguments):
    """Read the record, print the verdict and return the exit code."""
    parser = argparse.ArgumentParser(description="重新计票 / count a voting round again")
    parser.add_argument("file", nargs="?", help="导出的 JSON / the export, else standard input")
    parser.add_argument("--key", action="append", required=True, help="密钥指纹 / fingerprint")
    parser.add_argument("--receipt", action="append", default=[], help="回执号:摘要")
    for name in ("--record", "--result", "--frozen"):
        parser.add_argument(name, default="", help="纪要上的数 / as printed in the minutes")
    asked, done = parser.parse_args(arguments), []
    try:
        data = Path(asked.file).read_bytes() if asked.file else sys.stdin.buffer.read()
        keys = {plain(one) for one in asked.key}
        export = opened(json.loads(data.decode("utf-8")), keys, "导出文件 (file)")
        found = ["不是计票记录 / not a record of a round"]
        if export.get("alg") == EXPORT:
            found = list(problems(export, asked, done))
    except Unsigned as unsigned:
        found = [str(unsigned)]
    except (OSError, ValueError, KeyError, TypeError, LookupError, AttributeError) as error:
        found = [f"记录不完整 / the record is damaged: {error!r}"]
    if found:
        print(*found[:20], "不一致 / DOES NOT AGREE", sep="\n")
        return 1
    print("已核对 / CHECKED", "签名与密钥指纹相符 / signed with that key", *done, sep="\n  ")
    print("未核对 / NOT CHECKED", *NOT_CHECKED, sep="\n  ")
    print("一致：重新计票与公布结果相同 / AGREES: counted again, the same result")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
