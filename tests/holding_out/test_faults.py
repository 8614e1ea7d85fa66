"""A full disk, a database that is away: a clear page, everything typed kept, nothing half done, well again alone."""

import resource
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path

import pytest
import requests
from flask import Flask
from sqlalchemy import create_engine, func, select

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import Application, Position, TransitionLog
from tests.support import children
from tests.support import factories as make
from tests.support.databases import Database
from tests.support.form_data import sent
from tests.support.forwarding import Forwarder
from tests.support.pressing import LEADER
from tests.support.programs import Served, wait_until
from tests.support.signing import COOKIE, cookie, signed_in

TYPED = "同意推荐。该同志三年来主持完成两项课题,材料齐全。"
ACT = "/g/1.1.3/act/audit"
AWAY_SECONDS = 10
NO_LIMIT = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class Clerk:
    """A person at a browser: holds a session, reads pages of the running program and sends its forms."""

    def __init__(self, app: Flask, served: Served, position: Position) -> None:
        client = signed_in(app.test_client(), position)
        self.served = served
        self.http = requests.Session()
        self.http.cookies.set(COOKIE, cookie(client), domain="127.0.0.1")
        self.http.headers.update({"Origin": self._url(""), "Sec-Fetch-Site": "same-origin"})

    def beside(self) -> "Clerk":
        """Return the same session for another thread."""
        other = copy(self)
        other.http = requests.Session()
        other.http.cookies.update(self.http.cookies)
        other.http.headers.update(self.http.headers)
        return other

    def get(self, path: str) -> requests.Response:
        return self.http.get(self._url(path), timeout=children.PATIENCE)

    def post(self, fields: dict[str, str | list[str]]) -> requests.Response:
        return self.http.post(
            self._url(ACT), data=fields, timeout=children.PATIENCE, allow_redirects=False
        )

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.served.port}{path}"


@pytest.fixture
def position(app: Flask) -> Position:
    return make.position(Role.SUPERIOR, unit=make.unit())


@pytest.fixture
def case(position: Position) -> Application:
    made = make.application(ApplicationState.AT_SUPERIOR, superiors=(position.unit,))
    db.session.commit()
    return made


def filled_in(clerk: Clerk, case: Application) -> dict[str, str | list[str]]:
    """Return the form of the act as the clerk fills it in."""
    key, version = case.id, case.version
    # a transaction of this process would keep the program's writers waiting
    db.session.rollback()
    page = clerk.get(f"{ACT}?pk={key}")
    typed = {"row": f"{key}:{version}", "decision": "superior_pass", "opinion": TYPED, **LEADER}
    return {"csrf_token": sent(page.text)["csrf_token"], **typed}


def case_id(case: Application) -> int:
    key = case.id
    db.session.rollback()
    return key


def acts(key: int) -> int:
    """Return how many acts of a case are stored; reads the database past the running program."""
    query = select(func.count()).where(TransitionLog.subject_id == key)
    count = db.session.scalar(query) or 0
    db.session.rollback()
    return count


def is_told(answer: requests.Response) -> bool:
    """Whether the page says in Chinese that nothing was changed, when to try again, and holds what was typed."""
    return (
        answer.status_code == 503
        and int(answer.headers["Retry-After"]) > 0
        and "未作任何改动" in answer.text
        and TYPED in answer.text
    )


def given_back(answer: requests.Response) -> dict[str, str | list[str]]:
    """Return what the form in the page of a fault sends at the next press."""
    return dict(sent(answer.text).to_dict(flat=False))


@contextmanager
def full_disk(served: Served) -> Iterator[None]:
    """No process of the program can write to any file, as on a full disk; then it can again."""
    for limit in ((0, resource.RLIM_INFINITY), NO_LIMIT):
        for process in served.family():
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limit)
        if limit != NO_LIMIT:
            yield


def test_full_disk_is_a_page_that_keeps_what_was_typed(
    app: Flask, served: Served, database: Database, position: Position, case: Application
) -> None:
    served.start()
    clerk = Clerk(app, served, position)
    form, key = filled_in(clerk, case), case_id(case)

    with full_disk(served):
        pages = [clerk.get(path).status_code for path in ("/healthz", "/g/1.1.3/", "/login/")]
        answer = clerk.post(form)
        if database.kind == "sqlite":
            assert is_told(answer), answer.text
            assert acts(key) == 0
    after = clerk.post(given_back(answer)) if database.kind == "sqlite" else answer

    assert pages == [200] * 3
    # PostgreSQL writes to a disk of its own
    assert after.status_code == 303, after.text
    assert acts(key) == 1


def test_large_form_that_finds_no_room_is_answered_and_taken_later(
    app: Flask, served: Served, position: Position, case: Application
) -> None:
    served.start()
    clerk = Clerk(app, served, position)
    form, key = filled_in(clerk, case), case_id(case)
    large = form | {"filling": "x" * 3_000_000}

    with full_disk(served):
        answer = clerk.post(large)

    assert answer.status_code == 503
    assert "未作任何改动" in answer.content.decode()
    assert acts(key) == 0
    assert clerk.post(large).status_code == 303
    assert acts(key) == 1


def test_database_away_under_load_is_a_page_and_all_is_well_when_it_is_back(
    app: Flask,
    served: Served,
    database: Database,
    position: Position,
    case: Application,
    tmp_path: Path,
) -> None:
    others = [
        make.application(ApplicationState.AT_SUPERIOR, superiors=(position.unit,))
        for _other in range(20)
    ]
    db.session.commit()
    go, come_back = taking_away(served, database, tmp_path)
    served.start()
    clerk = Clerk(app, served, position)
    form, key = filled_in(clerk, case), case_id(case)
    load = [(filled_in(clerk, one), case_id(one)) for one in others]
    mine, statuses = clerk.beside(), dict[int, int]()

    def press_all() -> None:
        for fields, one in load:
            statuses[one] = mine.post(fields).status_code
            time.sleep(0.1)

    thread = threading.Thread(target=press_all)
    thread.start()
    go()
    try:
        begun = time.monotonic()
        answer = clerk.post(form)
        assert is_told(answer), answer.text
        time.sleep(max(0.0, AWAY_SECONDS - (time.monotonic() - begun)))
    finally:
        come_back()
    assert wait_until(served.is_healthy)
    thread.join()

    after = clerk.post(given_back(answer))
    assert after.status_code == 303, after.text
    assert acts(key) == 1
    assert set(statuses.values()) <= {303, 503}
    assert {one: acts(one) for one in statuses} == {
        one: int(status == 303) for one, status in statuses.items()
    }


def taking_away(
    served: Served, database: Database, folder: Path
) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return what takes the database away from the program, and what brings it back.

    SQLite: another process keeps the database to itself. PostgreSQL: every connection ends, none is made.
    """
    if database.kind == "postgresql":
        forwarder = Forwarder(folder, database.socket)
        forwarder.open()
        address = served.variables["DATABASE_URL"].replace(database.socket, str(folder))
        served.variables["DATABASE_URL"] = address
        return forwarder.cut, forwarder.open
    holder = create_engine(served.variables["DATABASE_URL"]).connect()
    driver = holder.connection.driver_connection
    assert driver is not None
    return lambda: driver.execute("BEGIN IMMEDIATE"), lambda: driver.rollback()
