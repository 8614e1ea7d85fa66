"""A press on a meeting's page opens its form with that meeting chosen, or with none."""

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient

from app.enums import ApplicationState, DrawState, ReviewStep
from app.extensions import db
from tests.bad_input import desk
from tests.support import drawing, factories

INTERVIEW = [ReviewStep.INTERVIEW.value, ReviewStep.OPINION.value, ReviewStep.VOTE.value]


def chosen(client: FlaskClient, url: str) -> list[str]:
    """Return the values of the chosen options of the field plan_id."""
    page = client.get(url).get_data(as_text=True)
    field = re.search(r'<select[^>]*name="plan_id".*?</select>', page, re.S)
    assert field is not None, page
    options = re.findall(r"<option[^>]*>", field[0])
    values = [re.search(r'value="([^"]*)"', one) for one in options if "selected" in one]
    return [one[1] for one in values if one is not None and one[1]]


def test_the_form_concerns_the_meeting_of_the_page(app: Flask) -> None:
    made = drawing.meeting(steps=INTERVIEW)
    other = factories.plan(
        batch=made.plan.batch, mode=made.plan.mode, steps=INTERVIEW,
        opens_on=made.plan.opens_on, closes_on=made.plan.closes_on,
    )  # fmt: skip
    case = factories.application(ApplicationState.IN_REVIEW, plan=other)
    db.session.commit()
    client = desk.at(app, made.clerk)

    freeze = f"/g/1.2.3/draws/add?plan={other.id}"
    assert freeze in client.get(f"/g/1.2.3/{other.id}").get_data(as_text=True)
    generate = f"/g/1.2.4/generate?plan={other.id}"
    assert generate in client.get(f"/g/1.2.4/{case.id}").get_data(as_text=True)
    for url in (freeze, generate):
        assert chosen(client, url) == [str(other.id)], url
    made.plan.opens_on = other.opens_on = factories.in_days(0)
    db.session.commit()
    assert chosen(client, f"/g/meeting/rounds/add?plan={other.id}") == [str(other.id)]
    for wrong in ("0", "x", "", "99999999999999999999"):
        for form in ("/g/1.2.3/draws/add", "/g/1.2.4/generate", "/g/meeting/rounds/add"):
            assert chosen(client, f"{form}?plan={wrong}") == [], (form, wrong)


def offered(client: FlaskClient, url: str, field: str) -> set[str]:
    """Return the values that a choice of a form offers."""
    page = client.get(url).get_data(as_text=True)
    found = re.search(rf'<select[^>]*name="{field}".*?</select>', page, re.S)
    assert found is not None, page
    return set(re.findall(r'<option[^>]*value="(\d+)"', found[0]))


def test_a_recusal_is_of_the_meeting_of_the_page(app: Flask) -> None:
    made = drawing.meeting()
    other = factories.plan(
        batch=made.plan.batch, mode=made.plan.mode,
        opens_on=made.plan.opens_on, closes_on=made.plan.closes_on,
    )  # fmt: skip
    here, there = (factories.seat(one, factories.user()) for one in (made.plan, other))
    db.session.commit()
    office = desk.at(app, made.clerk)

    form = f"/g/1.2.3/recusals/add?plan={other.id}"
    way = rf'/g/1.2.3/recusals/add\?[^"]*plan={other.id}"'
    for page in (f"/g/1.2.3/recusals/?q.plan={other.id}", f"/g/meeting/{other.id}/"):
        assert re.search(way, unescape(office.get(page).get_data(as_text=True))), page
    assert offered(office, form, "seat_id") == {str(there.id)}
    assert offered(office, "/g/1.2.3/recusals/add", "seat_id") == {str(here.id), str(there.id)}
    for wrong in ("0", "x", "", "99999999999999999999"):
        assert offered(office, f"/g/1.2.3/recusals/add?plan={wrong}", "seat_id") == set()


def test_lists_of_a_meeting_open_its_forms(app: Flask) -> None:
    made = drawing.meeting(steps=INTERVIEW)
    db.session.commit()
    office, key = desk.at(app, made.clerk), made.plan.id

    for page, form in (
        ("/g/1.2.3/draws/", "/g/1.2.3/draws/add"),
        ("/g/1.2.4/", "/g/1.2.4/generate"),
        ("/g/meeting/rounds/", "/g/meeting/rounds/add"),
    ):
        shown = unescape(office.get(f"{page}?q.plan={key}").get_data(as_text=True))
        assert re.search(rf'{form}\?[^"]*plan={key}"', shown), (page, form)


def test_a_list_of_meetings_says_how_far_the_draw_is(app: Flask) -> None:
    made = drawing.meeting()
    db.session.commit()
    office = desk.at(app, made.clerk)

    for page in ("/g/1.2.3/", "/g/meeting/"):
        assert "未开始" in office.get(page).get_data(as_text=True)
    drawing.freeze(made)
    db.session.commit()
    for page in ("/g/1.2.3/", "/g/meeting/"):
        shown = office.get(page).get_data(as_text=True)
        assert "未开始" not in shown
        assert str(DrawState.FROZEN.label) in shown
