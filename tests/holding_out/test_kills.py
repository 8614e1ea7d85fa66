"""kill -9 in the middle of acts over HTTP: what was acknowledged is there, and no act is done by half."""

import http.client
import json
import os
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, Batch, Position, TransitionLog, Unit
from tests.support import factories as make
from tests.support.databases import Database
from tests.support.pressing import LEADER
from tests.support.programs import Served, wait_until
from tests.support.world import bearer, token

CYCLES = (
    {"sqlite": 100, "postgresql": 20} if os.environ.get("LONG") else {"sqlite": 3, "postgresql": 2}
)
AT_ONCE = 3
ROWS = 3
"""Applications moved by one press."""
LONGEST = 0.6
"""Seconds of acts before the kill, at most; at least one act is acknowledged before it."""
MOST_PRESSES = 40
"""Of one cycle; so many are made ready."""


@dataclass
class Desk:
    """A superior unit's clerk who passes applications on, through the interface for programs."""

    served: Served
    unit: Unit
    clerk: Position
    below: Unit
    batch: Batch
    secret: str
    ready: list[list[tuple[int, int]]] = field(default_factory=list)
    sent: list[list[int]] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Receipt → application, as the program answered."""

    @classmethod
    def new(cls, served: Served) -> "Desk":
        unit = make.unit()
        clerk = make.position(Role.SUPERIOR, unit=unit)
        return cls(
            served, unit, clerk, make.unit(parent=unit), make.batch(), token(make.actor_of(clerk))
        )

    def lay_out(self) -> None:
        """Make applications for one cycle ready, and sign in anew: a long run outlasts a session."""
        self.secret = token(make.actor_of(self.clerk))
        while len(self.ready) < MOST_PRESSES:
            rows = [
                make.application(
                    ApplicationState.AT_SUPERIOR,
                    unit=self.below,
                    batch=self.batch,
                    superiors=(self.unit,),
                )
                for _row in range(ROWS)
            ]
            db.session.flush()
            self.ready.append([(row.id, row.version) for row in rows])
        db.session.commit()
        db.session.rollback()

    def press_on(self, stop: threading.Event) -> None:
        """Press until told to stop or nothing is ready; what is not answered is not acknowledged."""
        while not stop.is_set() and self.ready:
            rows = self.ready.pop()
            self.sent.append([key for key, _version in rows])
            try:
                answer = self.served.ask("POST", "/api/v1/g/1.1.3/act/audit", *self._request(rows))
            except (OSError, http.client.HTTPException):
                continue
            assert answer.status in (200, 503), answer.text
            if answer.status == 200:
                told = answer.json["receipts"]
                keys = [key for key, _version in rows]
                self.acknowledged |= dict(zip(told, keys, strict=True))

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.secret) | {"Content-Type": "application/json"}

    def _request(self, rows: list[tuple[int, int]]) -> tuple[str, dict[str, str]]:
        told = [{"id": key, "version": version} for key, version in rows]
        body: dict[str, Any] = {"event": "superior_pass", "rows": told, "details": LEADER}
        return json.dumps(body), self.headers


def test_no_receipt_is_lost_and_no_act_is_torn(
    served: Served, database: Database, session: Session
) -> None:
    chance = random.Random(11)
    desk = Desk.new(served)
    desk.lay_out()
    served.start()

    for cycle in range(CYCLES[database.kind]):
        desk.lay_out()
        press_until_killed(desk, chance, is_whole=cycle % 2 == 1)
        if cycle % 2:
            served.start()
        else:
            assert wait_until(served.is_healthy)
        check(desk)
    print(
        f"{database.kind}: {CYCLES[database.kind]} cycles, {len(desk.sent)} presses of {ROWS} rows, "
        f"{len(desk.acknowledged)} receipts acknowledged, 0 lost, 0 torn"
    )


def press_until_killed(desk: Desk, chance: random.Random, *, is_whole: bool) -> None:
    """Kill the workers, or the whole program, while the clerk presses."""
    stop, before = threading.Event(), len(desk.acknowledged)
    threads = [threading.Thread(target=desk.press_on, args=(stop,)) for _one in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    assert wait_until(lambda: len(desk.acknowledged) > before)
    time.sleep(chance.uniform(0, LONGEST))
    desk.served.kill(desk.served.family() if is_whole else desk.served.workers())
    stop.set()
    if is_whole:
        desk.served.kill_all()
    for thread in threads:
        thread.join()


def check(desk: Desk) -> None:
    """Compare what is stored with what was acknowledged; every press moved all of its rows or none."""
    query = select(TransitionLog).where(TransitionLog.event == "superior_pass")
    logs = {row.receipt: row for row in db.session.scalars(query)}
    moved = {row.subject_id for row in logs.values()}
    query = select(Application.id).where(
        Application.batch_id == desk.batch.id, Application.state != ApplicationState.AT_SUPERIOR
    )

    assert desk.acknowledged.items() <= {r: row.subject_id for r, row in logs.items()}.items()
    assert len(moved) == len(logs)
    assert set(db.session.scalars(query)) == moved
    assert {len(moved.intersection(press)) for press in desk.sent} <= {0, ROWS}
    db.session.rollback()
