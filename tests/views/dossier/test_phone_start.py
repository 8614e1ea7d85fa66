"""Start page of the phone: what waits for the applicant is what the menu counts."""

import re

from flask import Flask
from sqlalchemy import select

from app.enums import ApplicationState, InterviewState, PlanState, Role
from app.extensions import db
from app.models import Application, Position
from app.views.dossier import hall_todos
from app.views.dossier.ch0_personal import Hall
from tests.support import factories as f
from tests.support.counting import statements_of
from tests.support.signing import client_of


def shown(app: Flask, position: Position) -> list[str]:
    page = client_of(app, position).get("/m/").text
    section = page.partition('aria-labelledby="waiting"')[2].partition("</section>")[0]
    return sorted(re.findall(r'<h3><a href="/m/application/(\d+)/"', section))


def test_start_page_shows_what_the_menu_counts(app: Flask) -> None:
    person, position = f.applicant()
    plan = f.plan(state=PlanState.APPROVED)
    to_go_on = f.application(ApplicationState.RETURNED, person=person, review_year=2024)
    invited = f.application(ApplicationState.IN_REVIEW, person=person, plan=plan)
    f.interview(invited, state=InterviewState.SENT)
    f.application(ApplicationState.AT_UNIT, person=person, review_year=2025)
    f.application(ApplicationState.DRAFT, person=f.person())

    actor = f.actor_of(position)

    both = sorted([str(to_go_on.id), str(invited.id)])
    waits = select(Application.id).where(hall_todos.waits(Hall, actor))
    assert sorted(map(str, db.session.scalars(waits))) == both
    assert shown(app, position) == both
    assert re.search(r'href="/me/"[^>]*>.*?2', client_of(app, position).get("/me/").text, re.DOTALL)


def test_an_interview_of_a_meeting_called_off_does_not_wait(app: Flask) -> None:
    person, position = f.applicant()
    plan = f.plan(state=PlanState.RETURNED)
    invited: Application = f.application(ApplicationState.IN_REVIEW, person=person, plan=plan)
    f.interview(invited, state=InterviewState.SENT)

    assert position.role is Role.APPLICANT
    assert shown(app, position) == []


def test_both_start_pages_take_few_statements_however_many_batches_are_open(app: Flask) -> None:
    f.work_days()
    unit = f.unit()
    person, position = f.applicant(unit=unit)
    f.application(ApplicationState.RETURNED, person=person, review_year=2024)
    f.application(ApplicationState.DISCARDED, person=person, batch=f.batch())
    client = client_of(app, position)
    few = [statements_of(client, url) for url in ("/me/", "/m/")]
    for _number in range(3):
        f.batch(committee=f.committee(unit=f.unit()))

    assert [statements_of(client, url) for url in ("/me/", "/m/")] == few
    assert max(few) <= 14
