"""The hall after handing in: the way, the receipt, reasons with links, the supplement, deleted drafts, own data."""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import engine
from app.enums import FINAL, ApplicationState, Role
from app.ground import clock
from app.models import Application, AuditLog, Correction, Person, Section
from app.services.dossier import drafts
from app.services.jobs import scheduled_jobs
from app.services.messages import outbox
from app.views.dossier import hall_overview
from tests.services import dossiers
from tests.services.dossier.test_submissions import hand_in, ready
from tests.services.dossiers import owner_of
from tests.support import factories
from tests.support.signing import english, signed_in


@pytest.fixture
def mine(app: Flask) -> Application:
    return ready()


@pytest.fixture
def person(mine: Application) -> Person:
    return mine.person


@pytest.fixture
def me(app: Flask, person: Person) -> FlaskClient:
    return english(signed_in(app.test_client(), factories.position(Role.APPLICANT, person=person)))


def page_of(client: FlaskClient, application: Application, rest: str = "") -> str:
    answer = client.get(f"/me/application/{application.id}/{rest}")
    assert answer.status_code == 200, answer.text
    return answer.text


def act(client: FlaskClient, application: Application, event: str) -> Any:
    address = f"/me/application/{application.id}/act/{event}"
    answer = client.post(address, data={"version": application.version})
    return client.get(answer.location) if answer.status_code == 303 else answer


# the way and the receipt


def test_way_marks_where_it_stands(me: FlaskClient, mine: Application) -> None:
    hand_in(mine)

    assert 'aria-current="step"><span>First check' in page_of(me, mine)


@pytest.mark.parametrize("state", sorted(ApplicationState))
def test_way_has_one_present_stage_in_every_state(app: Flask, state: ApplicationState) -> None:
    way = hall_overview.stages(factories.application(state, superiors=(factories.unit(),)))

    assert sum(stage["is_now"] for stage in way) == 1
    is_bad_end = state in FINAL - {ApplicationState.CERTIFIED, ApplicationState.REVOKED}
    assert any(stage["is_stopped"] for stage in way) == is_bad_end


def test_way_leaves_superior_units_out_where_there_are_none(app: Flask) -> None:
    straight = hall_overview.stages(factories.application(ApplicationState.AT_OFFICE))
    long = hall_overview.stages(
        factories.application(ApplicationState.AT_OFFICE, superiors=(factories.unit(),))
    )

    assert len(long) == len(straight) + 1


def test_receipt_prints_number_holder_and_what_was_handed_in(
    me: FlaskClient, mine: Application
) -> None:
    log = hand_in(mine)

    page = page_of(me, mine, "receipt")

    assert log.receipt in page
    assert mine.number in page
    assert mine.unit.name in page
    assert ".pdf" in page


def test_draft_has_no_receipt_yet_and_says_so(me: FlaskClient, mine: Application) -> None:
    answer = me.get(f"/me/application/{mine.id}/receipt")

    assert answer.location == f"/me/application/{mine.id}/"
    assert "Nothing was handed in yet" in me.get(answer.location).text


# why it came back


def test_reasons_lead_to_their_fields(me: FlaskClient, mine: Application) -> None:
    hand_in(mine)
    mine.state = ApplicationState.RETURNED
    mine.returned_sections = {
        "education": {"reason": "与证书不一致", "fields": {"rows-0-school": "校名有误"}},
        "work": "请写具体",
        "": "请修改后重新提交",
    }

    page = page_of(me, mine)

    for words in ("与证书不一致", "校名有误", "请写具体", "请修改后重新提交"):
        assert words in page
    assert f"/me/application/{mine.id}/section/education#rows-0-school" in page


def test_supplement_opens_the_kind_it_names_and_nothing_else(
    me: FlaskClient, mine: Application
) -> None:
    hand_in(mine)
    mine.state, mine.returned_sections = (
        ApplicationState.IN_CORRECTION,
        {"kind:education": "请重新上传"},
    )
    factories.add(
        Correction(
            application_id=mine.id,
            items=[{"section": "kind:education", "text": "请重新上传"}],
            deadline=factories.in_days(5),
            asked_at=clock.now(),
        )
    )

    overview, material = page_of(me, mine), page_of(me, mine, "materials")

    assert f"/me/application/{mine.id}/materials#kind-education" in overview
    assert 'id="f-education"' in material
    assert 'id="f-photo"' not in material
    closed = me.post(
        f"/me/application/{mine.id}/section/education", data={"rows-0-school": "别的学校"}
    )
    assert closed.status_code == 422
    assert "Only what was asked for" in closed.text


# drafts that are deleted


def test_draft_is_deleted_and_restored(me: FlaskClient, mine: Application) -> None:
    gone = act(me, mine, "discard")
    is_deleted = mine.state is ApplicationState.DISCARDED
    back = act(me, mine, "restore")

    assert is_deleted
    assert "Deleted draft" in gone.text
    assert mine.number in gone.text
    assert back.status_code == 200
    assert mine.state is ApplicationState.DRAFT
    assert mine.due_at == clock.end_of_day(mine.batch.apply_end)


def test_deleted_draft_frees_the_year_and_then_stays_deleted(
    me: FlaskClient, mine: Application
) -> None:
    act(me, mine, "discard")
    factories.application(ApplicationState.DRAFT, person=mine.person, batch=mine.batch)

    home, tried = me.get("/me/").text, act(me, mine, "restore")

    assert "there is one a year" in home
    assert "there is one a year" in tried.text
    assert mine.state is ApplicationState.DISCARDED


def test_deleted_draft_is_not_offered_after_the_batch_closed(
    me: FlaskClient, mine: Application
) -> None:
    act(me, mine, "discard")
    mine.batch.apply_start = factories.in_days(-60)
    mine.batch.material_cutoff = mine.batch.apply_end = factories.in_days(-1)

    home, tried = me.get("/me/").text, act(me, mine, "restore")

    assert "Deleted draft" not in home
    assert mine.state is ApplicationState.DISCARDED
    assert "is over" in tried.text


def test_what_was_handed_in_once_is_withdrawn_not_deleted(
    me: FlaskClient, mine: Application
) -> None:
    hand_in(mine)
    act(me, mine, "take_back")

    page, tried = page_of(me, mine), act(me, mine, "discard")

    assert "act/give_up" in page
    assert "act/discard" not in page
    assert "stays on record" in tried.text
    assert mine.state is ApplicationState.DRAFT


def test_mere_draft_is_deleted_not_withdrawn(me: FlaskClient, mine: Application) -> None:
    page, tried = page_of(me, mine), act(me, mine, "give_up")

    assert "act/discard" in page
    assert "act/give_up" not in page
    assert "never handed in" in tried.text
    assert mine.state is ApplicationState.DRAFT


def test_somebody_elses_draft_does_not_exist(me: FlaskClient) -> None:
    other = factories.application(ApplicationState.DISCARDED)

    assert act(me, other, "restore").status_code == 404


@pytest.mark.parametrize(("months", "is_kept"), [(11, True), (13, False)])
def test_old_drafts_are_deleted_for_good(session: Session, months: int, is_kept: bool) -> None:
    application = ready()
    engine.fire(application, "discard", actor=owner_of(application.person), at=clock.now())
    key, number = application.id, application.number
    session.commit()

    with time_machine.travel(clock.now() + timedelta(days=30 * months)):
        scheduled_jobs.run(clock.now())

    session.expire_all()
    assert (session.get(Application, key) is not None) == is_kept
    rows = session.query(AuditLog).filter_by(kind="draft_purge").all()
    assert [row.details for row in rows] == ([] if is_kept else [{"count": 1}])
    assert not is_kept or number


def test_purge_leaves_what_was_touched_or_handed_in(session: Session) -> None:
    sent, touched = ready(), ready()
    hand_in(sent)
    later = clock.now() + timedelta(days=400)
    session.query(Section).filter_by(application_id=touched.id).update({"saved_at": later})
    session.commit()

    assert drafts.purge(later + timedelta(days=1)) == 0


# own data


def test_own_data_come_as_an_archive(me: FlaskClient, mine: Application) -> None:
    page = me.get("/me/person/").text

    answer = me.post("/me/person/download")

    assert "/me/person/download" in page
    assert answer.mimetype == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    assert mine.number in archive.read("data.json").decode()


def test_own_data_are_refused_when_asked_too_often(me: FlaskClient) -> None:
    answers = [me.post("/me/person/download") for _time in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [303]
    assert "Try again tomorrow" in me.get("/me/person/").text


def test_own_data_are_for_applicants_alone(app: Flask) -> None:
    clerk = signed_in(app.test_client(), factories.position(Role.UNIT, unit=factories.unit()))

    assert clerk.post("/me/person/download").status_code == 403
    assert app.test_client().post("/me/person/download").status_code == 401


def test_submit_shows_the_receipt_at_once(me: FlaskClient, mine: Application) -> None:
    dossiers.commit(mine)
    ticked = {"is_true": "y", "is_secret_free": "y"}

    answer = me.post(f"/me/application/{mine.id}/submit", data=ticked)

    page = me.get(answer.location).text
    assert "Submitted. Receipt HZ" in page
    assert f"/me/application/{mine.id}/receipt" in page


def test_message_of_a_return_names_reasons_deadline_and_next_step(
    me: FlaskClient, mine: Application
) -> None:
    hand_in(mine)
    engine.fire(
        mine,
        "check_return",
        actor=factories.actor(Role.UNIT, unit=mine.unit),
        at=clock.now(),
        opinion="材料不完整，请补充",
        details={"sections": {"work": "请写明起止时间"}},
    )
    outbox.deliver(clock.now())

    page = me.get("/messages/").text

    for words in ("材料不完整，请补充", "请写明起止时间", "下一步", f"{mine.batch.resubmit_end}"):
        assert words in page
    assert f"/me/application/{mine.id}/" in page
    assert re.search(r'class="count">\d', page)
