"""The algorithm of the draw of judges: canonical pool, commitments, seed, ranks; pure functions.

`tools/verify_draw.py` implements the same algorithm independently. Neither party can influence the result:
the pool is fixed by its digest before each of the two parties commits to a secret. The rank of an expert is a
digest of the seed and the expert's token, so leaving one out later does not change the order of the others.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ALG = "zc-draw-v1"
OFFICE, SUPERVISOR = "office", "supervisor"
TOKEN_LENGTH = 32
DIGEST = re.compile(r"[0-9a-f]{64}")
SECRET = re.compile(r"[0-9a-z]{16,128}")
SEAT, ALTERNATE, LATER = "seat", "alternate", "later"
SECRET_SEPARATORS = re.compile(r"[\s-]+")


@dataclass(frozen=True)
class Entry:
    """An expert of the pool: salted tokens of expert and unit, specialty, level, exclusion codes."""

    token: str
    unit: str
    specialty: str
    level: str
    exclusions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """A group of the meeting; an empty `specialties` means all specialties."""

    name: str
    seats: int
    specialties: tuple[str, ...] = ()

    def hears(self, entry: Entry) -> bool:
        """Return whether the expert's specialty belongs to the group."""
        return not self.specialties or entry.specialty in self.specialties


@dataclass(frozen=True)
class Pool:
    """The input of a draw. `unit_max`: maximum of judges of one unit in the whole meeting, 0 for no limit."""

    plan: int
    attempt: int
    groups: tuple[Group, ...]
    alternates: int
    unit_max: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Drawn:
    """A drawn expert with its group; `kind` is SEAT, ALTERNATE or LATER (called after the last alternate)."""

    token: str
    group: str
    kind: str


@dataclass(frozen=True)
class Shortage:
    """A group with too few eligible experts: the seats wanted and the experts found."""

    group: str
    wanted: int
    found: int


def pool_text(pool: Pool) -> str:
    """Return the canonical JSON text of a pool; it does not depend on the order of the entries."""
    plain = {
        "alg": ALG,
        "plan": pool.plan,
        "attempt": pool.attempt,
        "groups": [
            {"name": one.name, "seats": one.seats, "specialties": sorted(one.specialties)}
            for one in pool.groups
        ],
        "alternates": pool.alternates,
        "unit_max": pool.unit_max,
        "entries": [
            {
                "t": one.token,
                "u": one.unit,
                "s": one.specialty,
                "l": one.level,
                "x": sorted(one.exclusions),
            }
            for one in sorted(pool.entries, key=lambda one: one.token)
        ],
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return unicodedata.normalize("NFC", text)


def read_pool(text: str) -> Pool:
    """Parse a canonical text and return its pool."""
    plain: Mapping[str, Any] = json.loads(text)
    return Pool(
        plain["plan"],
        plain["attempt"],
        tuple(
            Group(one["name"], one["seats"], tuple(one["specialties"])) for one in plain["groups"]
        ),
        plain["alternates"],
        plain["unit_max"],
        tuple(
            Entry(one["t"], one["u"], one["s"], one["l"], tuple(one["x"]))
            for one in plain["entries"]
        ),
    )


def pool_hash(text: str) -> str:
    """Return the SHA-256 digest of the canonical text of a pool."""
    return hashlib.sha256(text.encode()).hexdigest()


def token(salt: str, expert_id: int) -> str:
    """Return the token of an expert in the record; without the salt it cannot be traced to the expert."""
    return _digest("zc-draw-id", salt, str(expert_id))[:TOKEN_LENGTH]


def unit_token(salt: str, unit_id: int) -> str:
    """Return the token of a unit in the record."""
    return _digest("zc-draw-unit", salt, str(unit_id))[:TOKEN_LENGTH]


def plain_secret(typed: str) -> str:
    """Normalise a typed secret: remove spaces and hyphens, convert to lower case."""
    return SECRET_SEPARATORS.sub("", typed).lower()


def normalise_public_value(value: str) -> str:
    """Normalise a public value to its letters and digits, so that spelling variants give the same seed."""
    return "".join(one for one in unicodedata.normalize("NFKC", value).upper() if one.isalnum())


def commitment(digest_of_pool: str, role: str, secret: str) -> str:
    """Return the digest a party publishes before it reveals its secret, bound to this pool and role."""
    return _digest("zc-draw-commit-v1", digest_of_pool, role, secret)


def seed(digest_of_pool: str, office: str, supervisor: str, public: str) -> str:
    """Return the seed of the draw, from both secrets and the public value; neither party can predict it."""
    return _digest("zc-draw-seed-v1", digest_of_pool, office, supervisor, public)


def rank_key(of_seed: str, of_token: str) -> str:
    """Return the sort key of an expert in the ranking, ascending."""
    return _digest(ALG, of_seed, of_token)


def ranking(pool: Pool, of_seed: str) -> list[Entry]:
    """Return the entries without exclusions, by rank."""
    eligible = (one for one in pool.entries if not one.exclusions)
    return sorted(eligible, key=lambda one: rank_key(of_seed, one.token))


def draw_seats(pool: Pool, of_seed: str) -> list[Drawn]:
    """Return the drawn seats of every group, then the alternates of every group, each by rank.

    A group with too few experts gets fewer seats; `shortages` reports it.
    """
    ranked = ranking(pool, of_seed)
    drawn: list[Drawn] = []
    taken: set[str] = set()
    units: Counter[str] = Counter()
    for kind in (SEAT, ALTERNATE):
        for group in pool.groups:
            wanted = group.seats if kind == SEAT else pool.alternates
            chosen_entries = _take_by_rank(ranked, group, pool.unit_max, taken, units, wanted)
            drawn += [Drawn(entry.token, group.name, kind) for entry in chosen_entries]
    return drawn


def next_in_line(
    pool: Pool, of_seed: str, group_name: str, taken_tokens: Iterable[str]
) -> Entry | None:
    """Return the next expert by rank in a group, without those already taken; None when nobody is left."""
    ranked, taken = ranking(pool, of_seed), set(taken_tokens)
    units = Counter(one.unit for one in ranked if one.token in taken)
    group = next(one for one in pool.groups if one.name == group_name)
    return next(iter(_take_by_rank(ranked, group, pool.unit_max, taken, units, 1)), None)


def _take_by_rank(
    ranked: Sequence[Entry],
    group: Group,
    unit_max: int,
    taken: set[str],
    units: Counter[str],
    wanted: int,
) -> list[Entry]:
    """Return the first `wanted` experts of a group by rank; add them to `taken` and `units`."""
    chosen: list[Entry] = []
    for entry in ranked:
        if len(chosen) == wanted:
            break
        is_full = unit_max and units[entry.unit] >= unit_max
        if entry.token in taken or is_full or not group.hears(entry):
            continue
        chosen.append(entry)
        taken.add(entry.token)
        units[entry.unit] += 1
    return chosen


def shortages(pool: Pool, of_seed: str) -> list[Shortage]:
    """Return the groups in which a draw with this seed fills fewer seats than wanted."""
    found = Counter(one.group for one in draw_seats(pool, of_seed) if one.kind == SEAT)
    return [
        Shortage(group.name, group.seats, found[group.name])
        for group in pool.groups
        if found[group.name] < group.seats
    ]


def count_exclusions(pool: Pool) -> Counter[str]:
    """Return how many entries each reason excludes; an entry may have several."""
    return Counter(code for entry in pool.entries for code in entry.exclusions)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
