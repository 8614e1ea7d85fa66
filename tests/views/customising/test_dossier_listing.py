"""The page on which fields of the dossier become columns of lists: collected, published, undone, refused."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.enums import ApplicationState, ChangeSetState, Role
from app.ground import clock
from app.models import ChangeSet, CustomValue, FormDefinition, Override
from app.services.form import form_drafts
from app.views.customising import dossier_catalogue
from app.views.customising.dossier_catalogue import DOSSIER
from app.views.customising.dossier_listing import MOST
from tests.support import factories as make
from tests.support.dossier_lists import FIELD, PUBLISHED, QUERY, TITLE, declare, fill_in, run_clock
from tests.support.signing import client_of

PAGE = "/g/dossier-columns/"
LISTS = {
    "FirstCheckView", "UnitReportView", "SuperiorReviewView", "ApplicationQueryView", "QualificationView",
    "CommitteeApplicationsView", "InterviewView",
}  # fmt: skip


def save(client: FlaskClient, uses: dict[str, str], **form: Any) -> TestResponse:
    typed = {f"use:{key}": use for key, use in uses.items()}
    return client.post(f"{PAGE}save", data={"menu": QUERY, "key": list(uses), **typed, **form})


def publish(client: FlaskClient, session: Session) -> ChangeSet:
    record = session.scalars(select(ChangeSet).order_by(ChangeSet.id.desc())).first()
    assert record is not None
    done = client.post("/g/customise/publish", data={"version": record.version})
    assert done.status_code == 303, done.text
    session.expire_all()
    return record


def test_lists_of_cases_are_offered_and_no_desk_of_a_judge(app: Flask) -> None:
    assert {view.__name__ for view in dossier_catalogue.lists()} == LISTS


def test_fields_that_tell_who_or_where_somebody_is_are_not_offered(app: Flask) -> None:
    keys = {key for _view, key in DOSSIER.items()}

    assert {TITLE, FIELD, "basic.nation"} <= keys
    assert not keys & {
        "basic.id_number", "basic.phone", "basic.email", "basic.name", "summary.text", "applying.title",
    }  # fmt: skip


def test_field_is_collected_published_filled_in_and_taken_back(
    app: Flask, sysadmin: FlaskClient, session: Session
) -> None:
    unit = make.unit()
    clerk = client_of(app, make.position(Role.UNIT, unit=unit))
    case = make.application(ApplicationState.AT_UNIT, unit=unit)
    fill_in(case, papers=[{"title": "桥梁加固"}])

    saved = save(sysadmin, {TITLE: "shown_searched"}, **{f"label:{TITLE}": " 代表论文 "})
    assert saved.status_code == 303
    assert "代表论文" not in clerk.get("/g/1.1.4/").text
    record = publish(sysadmin, session)
    assert "0 / 1 cases filled in" in sysadmin.get(PAGE).text
    run_clock()

    shown = clerk.get("/g/1.1.4/").text
    assert (record.state, "代表论文" in shown, "桥梁加固" in shown) == (
        ChangeSetState.PUBLISHED,
        True,
        True,
    )
    assert "1 / 1 cases filled in" in sysadmin.get(PAGE).text
    sysadmin.post(f"/g/permission-changes/{record.id}/undo", data={})
    assert "代表论文" not in clerk.get("/g/1.1.4/").text
    assert session.scalars(select(CustomValue)).all() == []


def test_sections_are_found_by_words_and_the_others_stay_out_of_the_form(
    sysadmin: FlaskClient,
) -> None:
    page = sysadmin.get(f"{PAGE}?q=publ").text

    keys = re.findall(r'name="key" value="([^"]+)"', page)
    assert PUBLISHED in keys
    assert TITLE not in keys
    assert "Nothing matches" in sysadmin.get(f"{PAGE}?q=nosuchfield").text


@pytest.mark.parametrize(
    ("uses", "form", "said"),
    [
        ({TITLE: "nosuch"}, {}, "Choose one of the offered uses"),
        ({"papers.nosuch": "shown"}, {}, "There is nothing of this name to change"),
        ({"basic.id_number": "shown"}, {}, "There is nothing of this name to change"),
        ({TITLE: "shown"}, {f"label:{TITLE}": "长" * 31}, "at most 30 characters"),
        ({TITLE: "shown"}, {f"label:{TITLE}": "两\n行"}, "at most 30 characters"),
    ],
)
def test_what_cannot_be_a_column_is_refused_and_the_rest_kept(
    sysadmin: FlaskClient, session: Session, uses: dict[str, str], form: dict[str, str], said: str
) -> None:
    answer = save(sysadmin, {FIELD: "offered_searched", **uses}, **form)

    assert answer.status_code == 422
    assert said in answer.text
    assert re.search(r'value="offered_searched" selected', answer.text)
    assert session.scalars(select(Override)).all() == []


def test_more_columns_than_a_list_carries_are_refused(sysadmin: FlaskClient) -> None:
    keys = [key for view, key in DOSSIER.items() if view == QUERY]
    declare(*keys[: MOST - 1])

    answer = save(sysadmin, dict.fromkeys(keys[MOST - 1 : MOST + 1], "offered"))

    assert answer.status_code == 422
    assert f"at most {MOST} are possible" in answer.text
    assert save(sysadmin, {keys[MOST - 1]: "offered"}).status_code == 303


@pytest.mark.parametrize("menu", ["SeatView", "StatisticsView", "<script>"])
def test_other_menus_have_no_such_page(sysadmin: FlaskClient, menu: str) -> None:
    assert sysadmin.get(PAGE, query_string={"menu": menu}).status_code == 404


def test_nothing_changed_is_said(sysadmin: FlaskClient) -> None:
    saved = sysadmin.post(f"{PAGE}save", data={"menu": QUERY, "key": [TITLE]})

    assert "Nothing was changed" in sysadmin.get(saved.location).text


def test_form_that_removes_a_column_says_so_and_older_cases_keep_it(
    app: Flask, sysadmin: FlaskClient, session: Session
) -> None:
    unit = make.unit()
    clerk = client_of(app, make.position(Role.UNIT, unit=unit))
    case = make.application(ApplicationState.AT_UNIT, unit=unit)
    fill_in(case, applying=[{"field": "桥梁设计"}])
    declare(FIELD)
    run_clock()
    actor = make.actor(Role.SYSADMIN, user=make.user())
    draft = form_drafts.begin(actor=actor)
    body = draft.body
    part = next(one for one in body["sections"] if one["key"] == "applying")
    part["fields"] = [one for one in part["fields"] if one["key"] != "field"]
    draft.body = {**body}
    session.query(FormDefinition).filter_by(id=draft.id).update({"body": body})
    session.commit()

    page = sysadmin.get(f"/g/form/{draft.form_version}/publish").text
    draft.published_at = clock.now()
    session.commit()

    assert "is a column of 1.1.4" in page
    assert "桥梁设计" in clerk.get("/g/1.1.4/").text
    assert "not in the form in use" in sysadmin.get(PAGE).text
