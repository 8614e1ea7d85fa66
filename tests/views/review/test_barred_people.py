"""Barred people on the to-do lists of unit, office and authority."""

import pytest
from flask import Flask

from app.enums import ApplicationState, PlanState, Role
from app.extensions import db
from app.models import Application
from tests.bad_input import desk
from tests.support import factories
from tests.support.counting import statements_of

LIST = "/g/barred-people/"
REASON = "湘职改办处〔2026〕5号决定记入诚信档案"


def barred(state: ApplicationState, days: int = 9, **values: object) -> Application:
    application = factories.application(state, **values)
    application.person.banned_until = factories.in_days(days)
    application.person.ban_reason = "材料造假"
    db.session.commit()
    return application


@pytest.mark.parametrize(
    "state",
    [
        ApplicationState.QUALIFIED,
        ApplicationState.IN_REVIEW,
        ApplicationState.PASSED,
        ApplicationState.RESULT_CLEAR,
    ],
)
def test_the_office_finds_and_takes_out(app: Flask, state: ApplicationState) -> None:
    plan = factories.plan(state=PlanState.CONCLUDED)
    mine = barred(state, plan=plan)
    free = factories.application(state, plan=plan)
    elsewhere = barred(state)
    expired = barred(state, -1, plan=plan)
    office = desk.clerk(app, Role.OFFICE, committee=plan.committee)

    page = office.get(LIST).text

    assert mine.number in page
    assert "材料造假" in page
    for other in (free, elsewhere, expired):
        assert other.number not in page
    answer = office.post(f"{LIST}act/bar_out", data={"row": desk.row(mine), "opinion": REASON})
    db.session.expire_all()
    assert answer.status_code == 303
    assert mine.state in (ApplicationState.ENDED, ApplicationState.CANCELLED)
    assert mine.number not in office.get(LIST).text


@pytest.mark.parametrize(("ended_after_the_vote", "is_listed"), [(-1, False), (0, True), (3, True)])
def test_who_was_barred_on_the_day_of_the_vote_is_found(
    app: Flask, ended_after_the_vote: int, is_listed: bool
) -> None:
    plan = factories.plan(state=PlanState.CONCLUDED, voted_on=factories.in_days(-8))
    mine = barred(ApplicationState.RESULT_CLEAR, ended_after_the_vote - 8, plan=plan)
    office = desk.clerk(app, Role.OFFICE, committee=plan.committee)

    assert (mine.number in office.get(LIST).text) is is_listed


@pytest.mark.parametrize("state", [ApplicationState.CHECKED, ApplicationState.NOTICE_OVER])
def test_who_is_proposed_for_a_step_is_found_all_the_same(
    app: Flask, state: ApplicationState
) -> None:
    mine = barred(state)
    factories.proposal(mine, factories.actor(Role.UNIT, unit=mine.unit), "report")
    clerk = desk.clerk(app, Role.UNIT, unit=mine.unit)

    assert mine.number in clerk.get(LIST).text


def test_the_authority_finds_those_in_a_filing(app: Flask) -> None:
    filed, waiting = barred(ApplicationState.IN_FILING), barred(ApplicationState.RESULT_CLEAR)
    authority = desk.clerk(
        app, Role.HRSS, unit=factories.unit(kind="authority", region_code="430000")
    )

    page = authority.get(LIST).text

    assert filed.number in page
    assert waiting.number not in page


@pytest.mark.parametrize("opinion", ["", "无", "不符合", "……", "1111"])
def test_nobody_is_taken_out_without_a_reason(app: Flask, opinion: str) -> None:
    mine = barred(ApplicationState.NOTICE_OVER)
    clerk = desk.clerk(app, Role.UNIT, unit=mine.unit)

    desk.assert_refused(
        clerk, f"{LIST}act/bar_out", {"row": desk.row(mine), "opinion": opinion}, keeps=False
    )


def test_who_is_not_barred_is_not_taken_out(app: Flask) -> None:
    free = factories.application(ApplicationState.NOTICE_OVER)
    clerk = desk.clerk(app, Role.UNIT, unit=free.unit)
    typed = {"row": desk.row(free), "opinion": REASON}

    desk.assert_refused(clerk, f"{LIST}act/bar_out", typed, free.name)
    stranger = desk.clerk(app, Role.UNIT, unit=factories.unit())
    assert stranger.post(f"{LIST}act/bar_out", data=typed).status_code == 404


def test_the_list_takes_the_same_statements_for_one_and_three(app: Flask) -> None:
    unit = factories.unit()
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    barred(ApplicationState.CHECKED, unit=unit)
    clerk.get(LIST)
    one = statements_of(clerk, LIST)
    for _count in range(2):
        barred(ApplicationState.CHECKED, unit=unit)

    assert statements_of(clerk, LIST) == one
