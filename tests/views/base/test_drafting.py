"""Drafts of new records over HTTP: kept half filled in, opened again, gone when the record is saved."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role, UnitKind
from app.models import Batch, Committee, Plan, RecordDraft
from app.services.ground import record_drafts
from tests.support import factories as f
from tests.support.counting import statements
from tests.support.signing import client_of, english
from tests.views.registers.test_ch1_4_batches import typed
from tests.views.review.test_ch1_2_committee import typed as typed_plan

LIST, NEW = "/g/1.4.2/", "/g/1.4.2/add"
KEEP = {"keep_draft": "1"}


@pytest.fixture
def committee(app: Flask) -> Committee:
    return f.committee()


@pytest.fixture
def office(app: Flask, committee: Committee) -> FlaskClient:
    return english(client_of(app, f.position(Role.OFFICE, committee=committee)))


@pytest.fixture
def draft(office: FlaskClient, session: Session) -> RecordDraft:
    half = {
        "name": "半份批次",
        "review_year": "二零二六",
        "levels": ["2", "1"],
        "unit_end": "5月底",
    }
    answer = office.post(NEW, data=half | KEEP)
    assert answer.status_code == 303, answer.text
    return session.scalars(select(RecordDraft)).one()


def test_draft_is_kept_without_any_rule_and_opened_as_it_was_typed(
    office: FlaskClient, draft: RecordDraft, session: Session
) -> None:
    shown = office.get(LIST).text
    form = office.get(f"{NEW}?draft={draft.id}").text

    assert session.scalars(select(Batch)).all() == []
    assert "Draft kept: 半份批次. It stands above the list." in shown
    assert f'href="{NEW}?draft={draft.id}"' in shown
    for value in ("半份批次", "二零二六", "5月底"):
        assert f'value="{value}"' in form
    assert len(re.findall(r'checked id="levels-\d"', form)) == 2
    assert f'<input type="hidden" name="draft" value="{draft.id}">' in form
    assert "Draft of " in form
    assert 'class="error"' not in form


def test_draft_is_kept_again_under_its_name_and_gone_when_the_record_is_saved(
    office: FlaskClient, draft: RecordDraft, committee: Committee, session: Session
) -> None:
    office.post(NEW, data={"name": "改名", "draft": str(draft.id)} | KEEP)
    session.expire_all()
    assert [one.title for one in session.scalars(select(RecordDraft))] == ["改名"]

    refused = office.post(NEW, data=typed(committee, name="") | {"draft": str(draft.id)})
    assert refused.status_code == 422
    assert f'<input type="hidden" name="draft" value="{draft.id}">' in refused.text
    saved = office.post(NEW, data=typed(committee) | {"draft": str(draft.id)})

    assert saved.status_code == 303, saved.text
    assert session.scalars(select(Batch.name)).all() == ["高级评审批次"]
    assert session.scalars(select(RecordDraft.id)).all() == []


def test_draft_is_deleted_once(office: FlaskClient, draft: RecordDraft) -> None:
    key = str(draft.id)

    assert office.post(NEW, data={"drop_draft": key}).status_code == 303
    assert "Draft deleted: 半份批次." in office.get(LIST).text
    assert office.post(NEW, data={"drop_draft": key}).status_code == 303
    assert "This draft is not there any more." in office.get(LIST).text
    assert office.get(f"{NEW}?draft={key}").status_code == 404


def test_nobody_else_sees_a_draft(app: Flask, committee: Committee, draft: RecordDraft) -> None:
    colleague = english(client_of(app, f.position(Role.OFFICE, committee=committee)))

    assert "半份批次" not in colleague.get(LIST).text
    assert colleague.get(f"{NEW}?draft={draft.id}").status_code == 404
    assert colleague.get(f"{NEW}?draft=x").status_code == 404


def test_fields_that_the_form_has_lost_are_named(
    office: FlaskClient, draft: RecordDraft, session: Session
) -> None:
    draft.typed = [*draft.typed, ["rooms-0-name", "一室"], ["colour", "red"]]
    draft.labels = draft.labels | {"rooms": "Meeting rooms"}
    session.flush()

    form = office.get(f"{NEW}?draft={draft.id}").text

    assert "any more: Meeting rooms, colour. The rest is filled in." in form
    assert 'value="半份批次"' in form


def test_too_many_drafts_are_refused_with_everything_typed(office: FlaskClient) -> None:
    for number in range(record_drafts.MOST):
        office.post(NEW, data={"name": f"批次{number}"} | KEEP)

    refused = office.post(NEW, data={"name": "第十一个", "note": "备注"} | KEEP)

    assert refused.status_code == 422
    assert "You have 10 drafts here already" in refused.text
    assert 'value="第十一个"' in refused.text
    with statements() as sent:
        office.get(LIST)
    assert len(sent) <= 12


def test_rows_of_a_plan_come_back(app: Flask, session: Session) -> None:
    batch = f.batch()
    f.application(ApplicationState.QUALIFIED, batch=batch)
    office = english(client_of(app, f.position(Role.OFFICE, committee=batch.committee)))
    rows: dict[str, Any] = {
        "score_items-0-name": "学术水平",
        "score_items-3-name": "答辩",
        "group_rows-0-name": "机械组",
        "group_rows-0-specialties": ["05001"],
    }
    office.post("/g/1.2.2/add", data=typed_plan(batch) | rows | KEEP)
    draft = session.scalars(select(RecordDraft)).one()

    form = office.get(f"/g/1.2.2/add?draft={draft.id}").text

    assert session.scalars(select(Plan)).all() == []
    for value in ("学术水平", "答辩", "机械组"):
        assert f'value="{value}"' in form
    assert re.search(r'checked id="group_rows-0-specialties-0"', form)


def test_quota_draft_is_called_by_its_post_and_keeps_no_file(app: Flask, session: Session) -> None:
    specialty = f.specialty("05001")
    unit = f.unit(kind=UnitKind.PUBLIC)
    clerk = english(client_of(app, f.position(Role.UNIT, unit=unit)))
    sent = {"level": "2", "specialty_code": "05001", "proof": (io.BytesIO(b"%PDF-1.4"), "a.pdf")}

    answer = clerk.post("/g/1.5.1/add", data=sent | KEEP, content_type="multipart/form-data")
    shown = clerk.get("/g/1.5.1/").text
    draft = session.scalars(select(RecordDraft)).one()

    assert answer.status_code == 303
    assert draft.title == f"{specialty.name} · Senior (associate)"
    assert draft.typed == [["level", "2"], ["specialty_code", "05001"]]
    assert "Files are not kept; choose them when you save the record." in shown


def test_draft_without_a_name_is_called_so(office: FlaskClient) -> None:
    office.post(NEW, data=KEEP)

    assert "<b>not named yet</b>" in office.get(LIST).text
