"""What `bench.pages` looks at: positions that read, and a case that shares files and papers with others."""

import hashlib
import random
import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, func, insert, select, update

from app.enums import ApplicationState, FingerprintKind, Role
from app.extensions import db
from app.ground import clock
from app.models import (
    Application,
    Committee,
    CustomValue,
    DossierValue,
    Fingerprint,
    LoginSession,
    Position,
    RouteStep,
    Scan,
    Unit,
    User,
)
from app.models.dossier_value import DECLARED
from app.services.files import page_look, scans
from tests.support.signing import signed_in

CASES, PAPERS, FILES, CHUNK = 50_000, 5_000, 4, 5_000
"""Cases with fingerprints, different papers among them, files of each, and cases written at once."""
ACCOUNTS = {Role.UNIT: 70, Role.SUPERIOR: 20, Role.OFFICE: 10}
"""Accounts for the digest."""
COLUMNS = ("papers.title", "papers.words")
LISTED = {"is_shown": True, "is_searched": True, "label": ""}
THEMES = (
    "小学语文课堂教学",
    "中学数学作业设计",
    "基层慢病管理",
    "桥梁加固",
    "水稻病虫害防治",
    "电机可靠性",
)
WAITS_IN = {
    Role.OFFICE: ApplicationState.AT_OFFICE,
    Role.SUPERIOR: ApplicationState.AT_SUPERIOR,
    Role.UNIT: ApplicationState.AT_UNIT,
}


def position(role: Role) -> Position:
    """Return a position of `role` where most cases are, held by an account of its own."""
    name = f"bench_{role.value}"
    user = db.session.scalars(select(User).where(User.username == name)).first()
    held = user.positions[0] if user else _account(name, role, _place(role))
    db.session.commit()
    return held


def _account(name: str, role: Role, place: dict[str, int | None]) -> Position:
    user = User(
        username=name, first_name="", last_name=name, email=f"{name}@local.invalid", active=True, real_name=name
    )  # fmt: skip
    held = Position(user=user, role=role, **place)
    db.session.add(held)
    return held


def _place(role: Role) -> dict[str, int | None]:
    if role is Role.OFFICE:
        committee = db.session.get_one(Committee, db.session.scalar(_busiest(role).limit(1)))
        return {"unit_id": committee.unit_id, "committee_id": committee.id}
    if role in WAITS_IN:
        return {"unit_id": db.session.scalar(_busiest(role).limit(1))}
    province = select(Unit.id).where(Unit.region_code == "430000").order_by(Unit.id).limit(1)
    return {"unit_id": db.session.scalar(province)}


def _busiest(role: Role) -> Select[Any]:
    """Return the query for the committees, superiors of cities or units, those that most cases pass first."""
    if role is Role.SUPERIOR:
        of_city = RouteStep.unit_id.in_(select(Unit.id).where(Unit.region_code.endswith("00")))
        query, key = select(RouteStep.unit_id).where(of_city), RouteStep.unit_id
    else:
        key = Application.committee_id if role is Role.OFFICE else Application.unit_id
        query = select(key).where(Application.state == WAITS_IN[role])
    return query.group_by(key).order_by(func.count().desc(), key)


def reader(app: Flask, held: Position) -> FlaskClient:
    """Return a client that works in a position and has shown the second factor, where one is asked for."""
    client = signed_in(app.test_client(), held)
    shown = update(LoginSession).where(LoginSession.user_id == held.user_id)
    db.session.execute(shown.values(second_factor_at=clock.now()))
    db.session.commit()
    return client


def first_of(client: FlaskClient, menu: str) -> str:
    """Return the number of the first record in the list of a menu, 0 for none."""
    found = re.search(rf'href="{menu}(\d+)', client.get(menu).text)
    return found[1] if found else "0"


def fill_accounts() -> None:
    """Let ACCOUNTS accounts of units, superiors and offices hold a position, those with most cases first."""
    if db.session.scalar(select(User.id).where(User.username == "bench_staff_0_unit")):
        return
    for role, count in ACCOUNTS.items():
        for number, key in enumerate(db.session.scalars(_busiest(role).limit(count)).all()):
            place = {"committee_id" if role is Role.OFFICE else "unit_id": key}
            _account(f"bench_staff_{number}_{role.value}", role, place)
    db.session.commit()


def words(case: Application) -> dict[str, Any]:
    """Return what is looked for: that case, its name, number and unit."""
    return {
        "case": case.id, "name": case.name, "number": case.number, "prefix": case.number[:9], "unit": case.unit_id,
    }  # fmt: skip


def case_with_hits() -> Application:
    """Return a case that has the same paper, and nearly the same scan, as others; write the prints if none are there."""
    key = db.session.scalar(select(func.max(Fingerprint.application_id)))
    if key is None:
        ids = db.session.scalars(
            select(Application.id).where(Application.submitted_at.is_not(None)).order_by(Application.id.desc()).limit(CASES)
        ).all()  # fmt: skip
        chance = random.Random(12)
        for start in range(0, len(ids), CHUNK):
            _write(ids[start : start + CHUNK], chance)
        db.session.commit()
        key = ids[0]
    return db.session.get_one(Application, key)


def fill_columns() -> None:
    """Make two fields of papers columns of 1.1.4 and give every submitted case a value of each, if none has one."""
    if db.session.scalar(select(DossierValue.id).limit(1)):
        return
    for key in COLUMNS:
        db.session.add(
            CustomValue(
                area=DECLARED, target="ApplicationQueryView", key=key, scope="", value=LISTED
            )
        )
    ids = db.session.scalars(
        select(Application.id).where(Application.submitted_at.is_not(None))
    ).all()
    chance = random.Random(38)
    for start in range(0, len(ids), CHUNK):
        rows = [row for key in ids[start : start + CHUNK] for row in _values(key, chance)]
        db.session.execute(insert(DossierValue), rows)
    db.session.commit()


def _values(key: int, chance: random.Random) -> list[dict[str, Any]]:
    title, words = (
        f"{chance.choice(THEMES)}的实践与研究——以第{chance.randrange(10**6)}例为例",
        chance.randrange(3000, 12_000),
    )
    place = {"application_id": key, "position": 0, "total": 1, "day": None}
    return [
        {**place, "key": COLUMNS[0], "value": title, "text": title, "number": None},
        {**place, "key": COLUMNS[1], "value": words, "text": None, "number": words},
    ]


def _write(ids: list[int], chance: random.Random) -> None:
    prints, looks = [], []
    for key in ids:
        paper = f"论文{chance.randrange(PAPERS)}"
        prints.append(_print(key, FingerprintKind.PAPER, paper, paper))
        for number in range(FILES):
            digest = _digest(f"{key} {number}")
            prints.append(_print(key, FingerprintKind.FILE, digest, f"{number}.pdf"))
            looks.append(_scan(digest, key, number))
    db.session.execute(insert(Fingerprint), prints)
    db.session.execute(insert(Scan), looks)


def _print(key: int, kind: FingerprintKind, value: str, shown: str) -> dict[str, Any]:
    digest = value if kind is FingerprintKind.FILE else _digest(value)
    return {"application_id": key, "kind": kind, "digest": digest, "text": shown}


def _scan(digest: str, key: int, number: int) -> dict[str, Any]:
    """Return a page; the first file of every 500 cases is the same scan saved anew, which turns few bits."""
    bits = 4 * page_look.DIGITS
    look = random.Random(f"{key // 500 if not number else key} {number}").getrandbits(bits - 1)
    if not number:
        look ^= 1 << random.Random(key).randrange(bits - 1)
    bands = {band.key: value for band, value in zip(scans.BANDS, scans.bands_of(look), strict=True)}
    return {
        "digest": digest,
        "page": 1,
        "read_at": clock.now(),
        "look": f"{look:0{page_look.DIGITS}x}",
        **bands,
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
