"""The pages on which permissions are collected, published, undone, exported and read in."""

import io
import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.enums import ChangeSetState, ConsentState, Role
from app.extensions import appbuilder
from app.ground import clock
from app.ground.actor import Actor
from app.menu import views
from app.models import ChangeSet, Consent, Override
from app.services.customising import change_sets
from app.views.customising.rights_catalogue import RIGHTS, permission_label
from tests.support import factories as make
from tests.support.counting import statements_of
from tests.support.rights import OWN, REPORT, holds, published
from tests.support.signing import client_of

REASON = "省人社厅任命文件已核对"
SAVE = "/g/permissions/save"
TICK = ":".join(REPORT)


def save(client: FlaskClient, **form: object) -> TestResponse:
    return client.post(SAVE, data=form)


def newest(session: Session) -> ChangeSet:
    session.expire_all()
    return session.scalars(select(ChangeSet).order_by(ChangeSet.id.desc())).all()[0]


def agree(client: FlaskClient, session: Session) -> Consent:
    session.expire_all()
    consent = session.scalars(select(Consent).where(Consent.state == ConsentState.ASKED)).one()
    form = {"row": f"{consent.id}:{consent.version}", "decision": "agree"}
    assert client.post("/g/consents/act/decide", data=form).status_code == 303
    return consent


# collecting


def test_ticks_are_collected_in_the_draft_which_every_page_shows(
    secadmin: FlaskClient, session: Session
) -> None:
    saved = save(secadmin, was=TICK)
    home = secadmin.get("/").text
    draft = secadmin.get("/g/permissions/draft").text

    assert (saved.status_code, holds(REPORT)) == (303, True)
    assert "Draft: 1 changes" in home
    assert "1.1.2" in draft
    assert re.search(r"<del>allowed</del> → <ins>not allowed</ins>", draft)


def test_draft_is_published_by_a_press(secadmin: FlaskClient, session: Session) -> None:
    save(secadmin, was=TICK)
    form = {"note": "按处室分工调整", "version": newest(session).version}

    done = secadmin.post("/g/permissions/publish", data=form)

    record = newest(session)
    page = secadmin.get(done.location).text
    assert (done.status_code, done.location) == (303, f"/g/permission-changes/{record.id}")
    assert (record.state, record.note) == (ChangeSetState.PUBLISHED, "按处室分工调整")
    assert not holds(REPORT)
    assert "Published: 1 change." in page


def test_draft_is_published_from_a_day_on(secadmin: FlaskClient, session: Session) -> None:
    save(secadmin, was=TICK)
    day = make.in_days(7)

    past = secadmin.post("/g/permissions/publish", data={"effective_from": str(make.today())})
    done = secadmin.post("/g/permissions/publish", data={"effective_from": str(day)})

    record = newest(session)
    assert past.status_code == 422
    assert "Name a day after today" in past.text
    assert (done.status_code, record.state) == (303, ChangeSetState.SCHEDULED)
    assert holds(REPORT)


def test_refused_publication_keeps_what_was_typed(secadmin: FlaskClient, session: Session) -> None:
    save(secadmin, was=TICK)

    refused = secadmin.post(
        "/g/permissions/publish", data={"note": "分工", "effective_from": "2026-13-45"}
    )

    assert refused.status_code == 422
    assert 'value="分工"' in refused.text
    assert 'value="2026-13-45"' in refused.text


def test_draft_that_another_tab_changed_is_looked_at_again(
    secadmin: FlaskClient, session: Session
) -> None:
    save(secadmin, was=TICK)
    version = newest(session).version
    save(secadmin, was="UnitReportView:can_show:unit")

    refused = secadmin.post("/g/permissions/publish", data={"version": version})

    assert refused.status_code == 422
    assert holds(REPORT)


def test_parts_are_left_out_and_the_rest_discarded(secadmin: FlaskClient, session: Session) -> None:
    save(secadmin, was=[TICK, "UnitReportView:can_show:unit"])
    one = session.scalars(select(Override.id)).first()

    left = secadmin.post("/g/permissions/leave-out", data={"override": one})
    again = secadmin.post("/g/permissions/leave-out", data={"override": one})
    size = newest(session).size
    gone = secadmin.post("/g/permissions/discard")

    assert [left.status_code, again.status_code, gone.status_code] == [303, 303, 303]
    assert (size, newest(session).state) == (1, ChangeSetState.DISCARDED)
    assert "Draft:" not in secadmin.get("/").text


@pytest.mark.parametrize("page", ["publish", "discard"])
def test_without_a_draft_a_press_says_so(page: str, secadmin: FlaskClient) -> None:
    answer = secadmin.post(f"/g/permissions/{page}")

    assert answer.status_code == 303
    assert "You have no draft" in secadmin.get(answer.location).text


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("ApplicationQueryView:can_list:sysadmin", "may have no menus but its own"),
        ("AccountView:can_list:unit", "This menu belongs to the administrators"),
        ("AccountView:can_fly:unit", "There is nothing of this name"),
        ("Nothing:can_list:unit", "There is nothing of this name"),
        ("UnitReportView:can_list:emperor", "There is no role"),
        ("UnitReportView:can_report:hrss", "No rule of the procedure"),
        ("MeetingSeatView:can_list:hrss", "the names of judges"),
        ("", "There is nothing of this name"),
        ("::::", "There is nothing of this name"),
    ],
)
def test_ticks_that_could_never_work_are_refused(
    cell: str, sentence: str, secadmin: FlaskClient, session: Session
) -> None:
    kept = "UnitNoticeView:can_list:hrss"

    page = save(secadmin, cell=[cell, kept])

    assert page.status_code == 422
    assert sentence in page.text
    assert re.search(rf'value="{kept}" checked', page.text)
    assert session.scalars(select(ChangeSet)).all() == []


def test_ticks_of_the_own_role_are_taken_by_nobody(secadmin: FlaskClient) -> None:
    page = save(secadmin, was="GrantView:can_list:secadmin")

    assert page.status_code == 422
    assert "the permissions of the own role" in page.text


# the matrix


def test_matrix_has_roles_as_columns_and_signs_where_no_tick_would_work(
    secadmin: FlaskClient,
) -> None:
    page = secadmin.get("/g/permissions/").text

    assert {f"{TICK}", "UnitReportView:can_list:hrss"} <= set(
        re.findall(r'name="cell" value="([^"]+)"', page)
    )
    assert 'value="UnitReportView:can_report:hrss"' not in page
    assert 'value="AccountView:can_list:unit"' not in page
    assert '<td class="no">※</td>' in page
    assert "come with the program" in page


def test_ticks_of_the_own_role_are_fixed(secadmin: FlaskClient) -> None:
    page = secadmin.get("/g/permissions/?role=secadmin").text

    boxes = re.findall(r"<input type=\"checkbox\" name=\"cell\"[^>]*>", page)
    assert boxes
    assert all("disabled" in box for box in boxes)


def test_search_shows_menus_and_buttons_by_their_words(secadmin: FlaskClient) -> None:
    found, none = (
        re.findall(r'name="cell" value="([^"]+)"', secadmin.get(f"/g/permissions/?{args}").text)
        for args in ("q=1.1.2 list&role=unit", "q=nothing is called so")
    )

    assert found == ["UnitReportView:can_list:unit"]
    assert none == []


def test_only_what_differs_is_shown(secadmin: FlaskClient, session: Session) -> None:
    save(secadmin, was=TICK)

    page = secadmin.get("/g/permissions/?different=1&role=unit").text
    nothing = secadmin.get("/g/permissions/?different=1&role=hrss").text

    assert re.findall(r'name="cell" value="([^"]+)"', page) == [TICK]
    assert "In your draft: allowed → not allowed" in page
    assert "Nothing matches" in nothing


def test_unknown_role_of_the_filter_is_a_bad_request(secadmin: FlaskClient) -> None:
    assert secadmin.get("/g/permissions/?role=emperor").status_code == 400
    assert secadmin.post(SAVE, data={"role": "emperor"}).status_code == 400


def test_default_is_restored_by_role(secadmin: FlaskClient, session: Session) -> None:
    author = make.actor(Role.SECADMIN, user=make.user())
    added = ("UnitReportView", "can_list", "hrss")
    published(author, {REPORT: False, added: True})

    secadmin.post("/g/permissions/restore", data={"role": "unit"})

    draft = newest(session)
    assert [(one.target, one.key, one.scope, one.new) for one in draft.overrides] == [
        (*REPORT, True)
    ]


def test_what_stands_against_the_rules_can_be_taken_away(
    secadmin: FlaskClient, session: Session
) -> None:
    role = appbuilder.sm.find_role("hrss")
    role.permissions.append(appbuilder.sm.find_permission_view_menu("can_list", "MeetingSeatView"))
    session.commit()
    cell = "MeetingSeatView:can_list:hrss"

    shown = secadmin.get("/g/permissions/?role=hrss").text
    save(secadmin, was=cell)
    secadmin.post("/g/permissions/publish")

    assert f'value="{cell}" checked' in shown
    assert not holds(("MeetingSeatView", "can_list", "hrss"))


def test_page_costs_the_same_with_few_and_with_many_changes(
    secadmin: FlaskClient, session: Session
) -> None:
    save(secadmin, was=TICK)
    # what a worker reads once: the catalogue of all areas
    secadmin.get("/g/permissions/")
    few = [statements_of(secadmin, url) for url in ("/g/permissions/", "/g/permissions/draft")]
    save(secadmin, was=[":".join(cell) for cell in declared("unit")])
    many = [statements_of(secadmin, url) for url in ("/g/permissions/", "/g/permissions/draft")]

    assert newest(session).size > 20
    assert few == many
    assert max(many) <= 13


def declared(role: str) -> list[tuple[str, str, str]]:
    return [
        (view, key, role)
        for (view, key), right in RIGHTS.items().items()
        if Role(role) in right.comes_with and (view, key, role) != REPORT
    ]


def test_every_declared_grant_can_be_ticked_again(app: Flask) -> None:
    with app.test_request_context():
        grey = [
            (right.target, role, right.key)
            for right in RIGHTS.items().values()
            for role in right.comes_with
            if right.why_never(role)
        ]

    assert grey == []


def test_every_permission_has_a_name(app: Flask) -> None:
    with app.test_request_context():
        raw = [
            (view.__name__, name)
            for view in views()
            for name in view.permissions()
            if str(permission_label(view, name)) == name
        ]

    assert raw == []


# the second administrator


def test_menu_of_an_administrator_is_taken_by_two_and_given_by_one(
    secadmin: FlaskClient, sysadmin: FlaskClient, session: Session
) -> None:
    save(secadmin, was=":".join(OWN))

    without_reason = secadmin.post("/g/permissions/publish")
    asked = secadmin.post("/g/permissions/publish", data={"reason": REASON, "note": "职责调整"})
    waits = secadmin.get("/g/permissions/draft").text
    consent = session.scalars(select(Consent)).one()
    read = sysadmin.get(f"/g/consents/{consent.id}").text
    before = holds(OWN)
    agree(sysadmin, session)
    record = newest(session)

    assert without_reason.status_code == 422
    assert "own. Two administrators decide" in without_reason.text
    assert (asked.status_code, before, holds(OWN)) == (303, True, False)
    assert "was asked for" in waits
    assert "Audit log · Export: allowed → not allowed" in read
    assert (record.state, record.note, bool(record.second)) == (
        ChangeSetState.PUBLISHED, "职责调整", True,
    )  # fmt: skip


def test_draft_changed_after_it_was_asked_for_is_not_agreed_to(
    secadmin: FlaskClient, sysadmin: FlaskClient, session: Session
) -> None:
    save(secadmin, was=":".join(OWN))
    secadmin.post("/g/permissions/publish", data={"reason": REASON})
    save(secadmin, was=TICK)
    consent = session.scalars(select(Consent)).one()

    form = {"row": f"{consent.id}:{consent.version}", "decision": "agree"}
    refused = sysadmin.post("/g/consents/act/decide", data=form)

    assert refused.status_code == 422
    assert "The set was changed since this was asked for" in refused.text
    assert holds(OWN)


def test_undo_that_takes_a_menu_from_administrators_needs_two(
    secadmin: FlaskClient, sysadmin: FlaskClient, session: Session
) -> None:
    save(secadmin, was=":".join(OWN))
    secadmin.post("/g/permissions/publish", data={"reason": REASON})
    agree(sysadmin, session)
    save(secadmin, cell=":".join(OWN))
    secadmin.post("/g/permissions/publish")
    given = newest(session)
    address = f"/g/permission-changes/{given.id}/undo"

    without_reason = secadmin.post(address)
    secadmin.post(address, data={"reason": REASON})
    agree(sysadmin, session)

    assert without_reason.status_code == 422
    assert (newest(session).state, holds(OWN)) == (ChangeSetState.UNDONE, False)


# the record of changes


@pytest.fixture
def author(session: Session) -> Actor:
    return make.actor(Role.SECADMIN, user=make.user("周安"))


def test_record_shows_values_before_and_after_to_administrator_and_auditor(
    app: Flask, secadmin: FlaskClient, author: Actor
) -> None:
    done = published(author, {REPORT: False})
    auditor = client_of(app, make.position(Role.AUDITOR, user=make.user()))

    for client in (secadmin, auditor):
        assert "周安" in client.get("/g/permission-changes/").text
        page = client.get(f"/g/permission-changes/{done.id}").text
        assert "1.1.2" in page
        assert re.search(r"<del>.*?allowed</del> <ins>.*?not allowed</ins>", page)
    assert auditor.post(f"/g/permission-changes/{done.id}/undo").status_code == 403
    assert auditor.get("/g/permissions/").status_code == 403


def test_drafts_of_colleagues_are_not_there(secadmin: FlaskClient, author: Actor) -> None:
    change_sets.collect(author, RIGHTS, {REPORT: False}, at=clock.now())
    draft = change_sets.draft_of(author)
    assert draft is not None

    assert secadmin.get(f"/g/permission-changes/{draft.id}").status_code == 404


def test_undo_brings_back_the_values_before(
    secadmin: FlaskClient, author: Actor, session: Session
) -> None:
    first = published(author, {REPORT: False})
    second = published(author, {REPORT: True})
    address = "/g/permission-changes/{}/undo"

    page = secadmin.get(address.format(first.id)).text
    refused = secadmin.post(address.format(first.id))
    secadmin.post(address.format(second.id))
    done = secadmin.post(address.format(first.id))

    assert f"Set {second.id} of 周安 changed the same later" in page
    assert "Report: not allowed → allowed" in page
    assert refused.status_code == 422
    assert (done.status_code, holds(REPORT)) == (303, True)
    assert secadmin.get(address.format(first.id)).status_code == 404


def test_set_is_undone_from_its_row_by_who_may_and_leads_back_to_the_list(
    app: Flask, secadmin: FlaskClient, sysadmin: FlaskClient, author: Actor
) -> None:
    address = f"/g/permission-changes/{published(author, {REPORT: False}).id}/undo"
    auditor = client_of(app, make.position(Role.AUDITOR, user=make.user()))

    rows = [one.get("/g/permission-changes/").text for one in (secadmin, sysadmin, auditor)]
    done = secadmin.post(address)

    assert [address in row for row in rows] == [True, False, False]
    assert done.location == "/g/permission-changes/"
    assert address not in secadmin.get("/g/permission-changes/").text


def test_scheduled_set_goes_back_to_draft_by_a_press(
    secadmin: FlaskClient, session: Session
) -> None:
    save(secadmin, was=TICK)
    secadmin.post("/g/permissions/publish", data={"effective_from": str(make.in_days(7))})
    record = newest(session)

    form = {"row": f"{record.id}:{record.version}"}
    done = secadmin.post("/g/permission-changes/act/cancel", data=form)

    assert (done.status_code, newest(session).state) == (303, ChangeSetState.DRAFT)


def test_scheduled_set_that_cannot_take_effect_says_why(
    secadmin: FlaskClient, session: Session
) -> None:
    position = make.position(Role.SECADMIN, user=make.user("周安"))
    done = published(
        make.actor_of(position), {REPORT: False}, effective_from=clock.now() + timedelta(days=1)
    )
    position.is_active, done.effective_from = False, clock.now()
    session.commit()

    page = secadmin.get(f"/g/permission-changes/{done.id}").text

    assert "周安, who made this set, is no Security administrator any more." in page


# files


def test_export_holds_what_differs_without_ids_and_reads_in_as_nothing_new(
    secadmin: FlaskClient,
) -> None:
    secadmin.post(SAVE, data={"was": TICK})
    secadmin.post("/g/permissions/publish")
    file = secadmin.get("/g/permissions/export.json")

    body = json.loads(file.data)
    again = read_in(secadmin, file.data)
    assert body["areas"] == {"rights": {"UnitReportView": {"can_report": {"unit": False}}}}
    assert "form" not in body
    assert "The file holds what holds already." in again.text


def test_file_is_a_dry_run_that_names_what_it_cannot_do(
    secadmin: FlaskClient, session: Session
) -> None:
    body = json.loads(secadmin.get("/g/permissions/export.json").data)
    body["areas"]["rights"] = {
        "UnitReportView": {"can_report": {"unit": False, "hrss": True, "emperor": True}},
        "GoneView": {"can_list": {"unit": True}},
    }
    content = json.dumps(body)

    page = read_in(secadmin, content.encode()).text
    drafts = session.scalars(select(ChangeSet)).all()
    saved = secadmin.post("/g/permissions/collect", data={"content": content, "part": ["rights"]})

    assert "1 changes can be collected in your draft" in page
    assert "Not in this installation, left out (1)" in page
    assert "May not be set, left out (2)" in page
    assert "GoneView can_list" in page
    assert "There is no role “emperor”." in page
    assert drafts == []
    assert saved.location == "/g/permissions/draft"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"kind": "configuration", "format": 2, "areas": {}}',
        b'{"kind": "configuration", "format": 1, "areas": []}',
        b'{"kind": "configuration", "format": 1, "areas": {"rights": {"UnitReportView": ["unit"]}}}',
        b'{"kind": "configuration", "format": 1, "areas": {"rights": {"V": {"can_list": null}}}}',
        b'{"kind": "configuration", "format": 1, "areas": {}, "own_roles": {"own:x": {"name": 1}}}',
        b"[" * 100_000,
    ],
)
def test_file_of_something_else_is_refused_calmly(content: bytes, secadmin: FlaskClient) -> None:
    assert read_in(secadmin, content).status_code == 422


def read_in(client: FlaskClient, content: bytes) -> TestResponse:
    form = {"file": (io.BytesIO(content), "permissions.json")}
    return client.post("/g/permissions/import", data=form, content_type="multipart/form-data")
