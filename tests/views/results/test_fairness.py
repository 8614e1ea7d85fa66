"""The panel of how the judges scored: for chair, supervisor and authority, after the count, never a verdict."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role, SeatRole
from app.extensions import db
from app.models import Plan, Position
from tests.bad_input import desk
from tests.support import factories, meetings
from tests.support.counting import statements_of

MOST_STATEMENTS = 12


def held(size: int = 5, judges: int = 3) -> tuple[Plan, list[Position]]:
    """Make a meeting whose judges scored all candidates."""
    plan = meetings.online(count=size)
    sat = [
        meetings.judge(plan, SeatRole.MEMBER if place else SeatRole.CHAIR)
        for place in range(judges)
    ]
    for case in meetings.candidates(plan):
        for place, (_position, seat) in enumerate(sat):
            factories.assessment(seat, case, total=9000 - 1000 * place)
    return plan, [position for position, _seat in sat]


def readers(app: Flask, plan: Plan, judges: list[Position]) -> dict[str, FlaskClient]:
    bureau = factories.unit(kind="authority", region_code="430000")
    found = {
        "chair": desk.at(app, judges[0]),
        "supervisor": desk.at(app, meetings.supervisor(plan)),
        "hrss": desk.clerk(app, Role.HRSS, unit=bureau),
        "member": desk.at(app, judges[1]),
        "office": desk.clerk(app, Role.OFFICE, committee=plan.committee),
        "unit": desk.clerk(app, Role.UNIT, unit=factories.unit()),
        "applicant": desk.clerk(app, Role.APPLICANT, person=factories.person()),
        "elsewhere": desk.clerk(
            app, Role.HRSS, unit=factories.unit(kind="authority", region_code="440000")
        ),
    }
    db.session.commit()
    return found


def answers(clients: dict[str, FlaskClient], url: str) -> set[str]:
    found = {name: client.get(url).status_code for name, client in clients.items()}
    assert set(found.values()) <= {200, 404}
    return {name for name, code in found.items() if code == 200}


def test_only_for_three_and_only_after_the_count(app: Flask) -> None:
    plan, judges = held()
    clients, url = readers(app, plan, judges), f"/g/meeting/{plan.id}/fairness"
    assert answers(clients, url) == set()

    meetings.vote(plan, *([20] * 5))
    db.session.commit()
    assert answers(clients, url) == {"chair", "supervisor", "hrss"}
    assert app.test_client().get(url).status_code == 302
    assert answers(clients, "/g/meeting/99999999/fairness") == set()


def test_names_are_for_the_supervisor_and_figures_for_all(app: Flask) -> None:
    plan, judges = held()
    meetings.vote(plan, *([20] * 5))
    names = [one.user.real_name for one in judges]
    clients = readers(app, plan, judges)
    for who in ("chair", "supervisor", "hrss"):
        page = clients[who].get(f"/g/meeting/{plan.id}/fairness").text
        panel = page.partition('id="s-judges"')[2].partition("</section>")[0]
        assert [name in panel for name in names] == [who == "supervisor"] * 3
        assert "+15.00" in panel
        assert "-15.00" in panel
        assert "tag stop" not in panel
        assert "tag wait" not in panel
        assert "仅供了解" in page


@pytest.mark.parametrize("size", [0, 4])
def test_says_so_where_there_is_too_little(app: Flask, size: int) -> None:
    plan, judges = held(size or 1, judges=3 if size else 1)
    meetings.vote(plan, *([20] * (size or 1)))
    client = readers(app, plan, [*judges, *judges])["supervisor"]

    page = client.get(f"/g/meeting/{plan.id}/fairness").text
    assert "可比较的评分过少" in page
    assert "标准差，" not in page.partition('id="s-judges"')[2]


def test_links_lead_there(app: Flask) -> None:
    plan, judges = held()
    clients, url = readers(app, plan, judges), f"/g/meeting/{plan.id}/fairness"
    pages = dict.fromkeys(("chair", "supervisor", "member", "office"), f"/g/meeting/{plan.id}/")
    pages["hrss"] = f"/g/1.2.2/{plan.id}"

    def linked() -> set[str]:
        db.session.commit()
        return {name for name, page in pages.items() if url in clients[name].get(page).text}

    assert linked() == set()
    meetings.vote(plan, *([20] * 5))
    assert linked() == {"chair", "supervisor", "hrss"}


def test_takes_the_same_statements_for_any_size(app: Flask) -> None:
    sizes: list[Any] = []
    for size in (2, 9):
        plan, judges = held(size, judges=size)
        meetings.vote(plan, *([20] * size))
        client = readers(app, plan, judges)["supervisor"]
        client.get(f"/g/meeting/{plan.id}/fairness")
        sizes.append(statements_of(client, f"/g/meeting/{plan.id}/fairness"))
    assert sizes[0] == sizes[1] <= MOST_STATEMENTS
