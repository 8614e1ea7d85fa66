"""Two programs on one database, each with a worker of its own: what is published through one holds at once in the other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.models import Position
from tests.support import factories as make
from tests.support.programs import Answer, Served, free_port
from tests.support.rights import own_role
from tests.support.signing import PASSWORD, give_password

QUERY, REPORT = "/g/1.1.4/", "/g/1.1.2/"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    """Somebody at a browser; the same cookies are sent to whichever program is asked."""

    username: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, served: Served, path: str) -> Answer:
        return self._ask(served, "GET", path, None)

    def send(self, served: Served, page: str, path: str, **typed: Any) -> Answer:
        """Send a form of a page with its token."""
        found = TOKEN.search(self.get(served, page).text)
        assert found is not None, f"{page} has no form"
        body = urlencode({"csrf_token": found[1], **typed}, doseq=True)
        answer = self._ask(served, "POST", path, body)
        assert answer.status in (302, 303), answer.text
        return answer

    def sign_in(self, served: Served) -> None:
        self.send(served, "/login/", "/login/", username=self.username, password=PASSWORD)

    def _ask(self, served: Served, method: str, path: str, body: str | None) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = served.ask(method, path, body, headers)
        for one in answer.cookies:
            name, _equals, value = one.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer


@dataclass(frozen=True)
class Scene:
    """Both programs, and who is signed in: who changes, and a clerk with an own role who reads."""

    programs: tuple[Served, Served]
    sysadmin: Visitor
    secadmin: Visitor
    clerk: Visitor

    def read(self) -> list[tuple[int, bool]]:
        """Return for each program whether the clerk may report, and whether the column has its new name."""
        return [
            (self.clerk.get(one, REPORT).status, "受理编号" in self.clerk.get(one, QUERY).text)
            for one in self.programs
        ]


@pytest.fixture
def twin(served: Served) -> Iterator[Served]:
    """A second web server on the same database, not started yet; the clock of the first is enough."""
    variables = {**served.variables, "PORT": str(free_port())}
    other = replace(served, variables=variables, arguments=("--web",))
    try:
        yield other
    finally:
        other.close()


@pytest.fixture
def scene(app: Flask, session: Session, served: Served, twin: Served) -> Scene:
    unit = make.unit()
    make.application(ApplicationState.NOTICE_OVER, unit=unit)
    clerk = make.position(Role.UNIT, unit=unit)
    clerk.own_role = own_role()
    people: list[Position] = [
        make.position(Role.SYSADMIN, user=make.user()), make.position(Role.SECADMIN, user=make.user()), clerk,
    ]  # fmt: skip
    names = [give_password(one.user).username for one in people]
    session.commit()
    for program in (served, twin):
        program.variables["WORKERS"] = "1"
        program.start()
    visitors = [Visitor(name) for name in names]
    for one in visitors:
        one.sign_in(served)
    return Scene((served, twin), *visitors)


def test_what_is_published_through_one_holds_at_the_next_request_of_the_other(
    scene: Scene,
) -> None:
    """The own role is changed through the first program and the column renamed through the second."""
    first, second = scene.programs
    before = [scene.read() for _time in range(2)]

    own = "UnitReportView:can_list:own:unit-viewer"
    scene.secadmin.send(first, "/g/permissions/", "/g/permissions/save", was=own)
    scene.secadmin.send(first, "/g/permissions/draft", "/g/permissions/publish", note="")
    of_role = scene.read()
    screen, typed = "/g/screens/ApplicationQueryView", {"shown": "column:number"}
    scene.sysadmin.send(second, screen, screen, **typed, **{"v:column:number": "受理编号"})
    scene.sysadmin.send(second, "/g/customise/draft", "/g/customise/publish", note="")
    of_column = scene.read()

    assert before == [[(200, False), (200, False)]] * 2
    assert of_role == [(403, False), (403, False)]
    assert of_column == [(403, True), (403, True)]
