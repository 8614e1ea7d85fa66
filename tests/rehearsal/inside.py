"""What is so inside of a rehearsal, in a process with its settings: `python -m tests.rehearsal.inside` prints JSON.

Reads what holds there, then plays one case from filling in to the certificate, with invented people who sign in
with one press.
"""

import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import time_machine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app import create_app, settings
from app.enums import ApplicationState, Role, Sex
from app.extensions import db
from app.ground import clock
from app.models import (
    Application,
    Batch,
    Expert,
    OwnRole,
    Person,
    Plan,
    Position,
    RouteNode,
    Unit,
    User,
)
from app.services.certificates import certificates
from app.services.draw import draw_pool
from app.services.form import form_definition
from app.services.messages import channels
from tests.conftest import TESTING, Browser
from tests.journeys import driver, hall, stage
from tests.journeys.hands import PaperHand
from tests.journeys.stage import Somebody
from tests.rehearsal.source import BATCH, BOARD, LAST, WORKS
from tests.support import factories as make

PLAN, NOTICE, FILING = "演练评审会议方案", "演练评审结果公示", "演评〔2026〕1号"
THURSDAY = 3
NUMBER = re.compile(r"\bY\d{9,11} \d{4} \d{5} [0-9A-Z]\b")


@dataclass
class Presser(Somebody):
    """Somebody who signs in with one press, as everybody in a rehearsal does."""

    def go(self, path: str) -> Any:
        hand: Any = self.hand
        hand.open(path)
        if hand.path.startswith("/login/"):
            pressed = {"demo": self.username, "csrf_token": hand.token}
            hand._take(hand.client.post("/login/", data=pressed))
            hand.open(path)
        return hand


def main() -> None:
    keep = {"DEMO": True, "PUBLIC_URL": "http://localhost"}
    app = create_app(TESTING | keep | {"WTF_CSRF_ENABLED": True, "WTF_CSRF_CHECK_DEFAULT": True})
    app.test_client_class = Browser
    with app.app_context():
        facts = _held(app)
        with time_machine.travel(clock.now(), tick=False) as traveller:
            facts |= _played(app, traveller)
    print(json.dumps(facts, ensure_ascii=False))


def _held(app: Flask) -> dict[str, Any]:
    """Return what holds before anybody does anything."""
    session = db.session()
    form = form_definition.load(session, form_definition.newest_version(session))
    basic = form.section("basic")
    assert basic is not None
    batch = session.scalars(select(Batch).where(Batch.name == BATCH)).one()
    office = presser(app, Role.OFFICE, 1)
    clerk = presser(app, Role.UNIT)
    clerk.go("/g/1.1.4/")
    facts = {
        "megabytes": settings.get("upload_max_mb"),
        "fields": [one.label for one in basic.fields],
        "nations": list(form_definition.offered(session, form)["nation"].values()),
        "own_roles": list(session.scalars(select(OwnRole.name))),
        "holders_of_own_roles": len(
            list(session.scalars(select(Position.id).where(Position.own_role_id.is_not(None))))
        ),
        "batch": [batch.state.value, batch.apply_start.isoformat(), batch.apply_end.isoformat()],
        "tree": [
            [unit, superior]
            for unit, superior in session.execute(
                select(Unit.name, RouteNode.superior_id)
                .join(RouteNode, RouteNode.unit_id == Unit.id)
                .order_by(Unit.name)
            ).tuples()
        ],
        "states": Counter(one.value for one in session.scalars(select(Application.state))),
        "experts": len(list(session.scalars(select(Expert.id)))),
        "roles": sorted({one.value for one in session.scalars(select(Position.role))}),
        "is_demo": sorted({*session.scalars(select(User.is_demo))}),
        "headings": office.go("/g/1.2.1/").text,
        "export": clerk.hand.client.get("/g/1.1.4/export").status_code,
        "channels": [one.name for one in channels.available()],
        "issuer": app.config["OIDC_ISSUER"],
        "page": app.test_client().get("/login/").text,
        "cookie": app.config["SESSION_COOKIE_NAME"],
    }
    session.commit()
    return facts


def presser(app: Flask, role: Role, second: int = 0) -> Presser:
    """Return the invented person in a role, the `second` of them by account if there are more."""
    names = db.session.scalars(
        select(User.username)
        .join(Position, Position.user_id == User.id)
        .where(Position.role == role, Position.own_role_id.is_(None))
        .order_by(User.id)
    ).all()
    name = names[second]
    db.session.commit()
    return Presser(name, PaperHand(app.test_client()))


def _newcomer(app: Flask) -> Presser:
    """Return the person of the institute who has not applied yet, with what the rules ask about a person."""
    user = db.session.scalars(select(User).where(User.username.startswith("newcomer"))).one()
    person = db.session.scalars(select(Person).where(Person.user_id == user.id)).one()
    person.birth_date, person.sex = date(1985, 3, 7), Sex.MALE
    for unit in db.session.scalars(select(Unit).where(Unit.name.in_((WORKS, BOARD)))):
        make.register_leader(unit)
    make.register_leader(
        db.session.scalars(select(Batch).where(Batch.name == BATCH)).one().committee.unit
    )
    name = user.username
    db.session.commit()
    return Presser(name, PaperHand(app.test_client()))


def _played(app: Flask, traveller: Any) -> dict[str, Any]:
    """Play one case to its certificate and return what came of it."""

    def until(day: date, hour: int = 9) -> None:
        traveller.move_to(stage.moment(day, hour))
        stage.run_due(app)

    today = clock.local_date(clock.now())
    until(today)
    person, unit, office = _newcomer(app), presser(app, Role.UNIT), presser(app, Role.OFFICE)
    second, superior = presser(app, Role.OFFICE, 1), presser(app, Role.SUPERIOR)
    authority = presser(app, Role.HRSS)
    name = db.session.scalars(select(User.real_name).where(User.username == person.username)).one()
    db.session.commit()
    home = hall.begin(person, level="2", title="高级工程师", specialty="机械", unit=WORKS)
    sections = hall.dossier(held=("3", "工程师"), employer=WORKS)
    sections["basic"][0]["rehearsed"] = "已在演练中填写"
    hall.fill_sections(person, home, sections)
    hall.upload_materials(person, home)
    hall.hand_in(person, home)
    driver.check(unit, [name])
    driver.open_notice(unit, "演练申报公示", [name], today)
    until(today + timedelta(days=9))
    driver.report(unit, [name])
    driver.pass_on(superior, [name])
    driver.qualify(office, [name])
    return _to_the_certificate(app, until, name, (office, second, authority, person))


def _to_the_certificate(
    app: Flask, until: Any, name: str, people: tuple[Presser, ...]
) -> dict[str, Any]:
    office, second, authority, person = people
    meeting = LAST
    while meeting.weekday() > THURSDAY:
        meeting -= timedelta(days=1)
    driver.report_plan(office, PLAN, meeting, seats=11)
    driver.agree_plan(authority, PLAN)
    plan = db.session.scalars(select(Plan).where(Plan.name == PLAN)).one()
    pool = draw_pool.build_pool(db.session(), plan, 1, "salt").entries
    drawable = sum(not one.exclusions for one in pool)
    db.session.commit()
    until(meeting, 17)
    driver.enter_result(office, PLAN, meeting, present=9, votes=_votes(office, name))
    driver.confirm_result(second, PLAN)
    until(meeting + timedelta(days=1))
    driver.publish_result(office, PLAN, NOTICE, meeting + timedelta(days=1))
    until(meeting + timedelta(days=14))
    driver.file_result(office, PLAN, FILING)
    driver.agree_filing(authority, FILING, "演职改办〔2026〕9号")
    hand: Any = person.go("/me/certificates/")
    found = NUMBER.search(hand.text)
    assert found, hand.text
    paper = PdfReader(io.BytesIO(hand.download("PDF"))).pages[0].extract_text()
    public = Somebody("", PaperHand(app.test_client()))
    number = certificates.normalised(found[0])
    return {
        "number": number,
        "drawable": drawable,
        "is_number": certificates.is_number(number),
        "paper": paper,
        "public": public.go("/public/certificates/").text,
    }


def _votes(office: Presser, name: str) -> list[tuple[int, int, int]]:
    """Return votes for all candidates in the order of the sheet, by which only one passes."""
    of_plan = select(Application.name).where(Application.state == ApplicationState.IN_REVIEW)
    names = db.session.scalars(of_plan).all()
    db.session.commit()
    driver.prepare_act(office, "/g/1.2.5/", [PLAN], "录入")
    ordered = sorted(names, key=office.hand.text.index)
    return [(7, 2, 0) if one == name else (3, 6, 0) for one in ordered]


if __name__ == "__main__":
    main()
