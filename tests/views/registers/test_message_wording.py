"""The page of message wordings: refused at the field, previewed, tried out, saved with both values, restored."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.extensions import db
from app.models import AuditLog, MessageTemplate, Outbox
from app.services.accounts import grants
from app.services.messages import templates
from app.views.registers.message_wording import TemplatePage
from tests.support import factories
from tests.support.world import enter

KEY = "application.superior_end"
LIST = "/console/message-template/"


@pytest.fixture
def administrator(app: Flask, session: Session) -> FlaskClient:
    return enter(app, factories.actor(Role.SYSADMIN))


def stored() -> MessageTemplate:
    db.session.expire_all()
    return db.session.scalars(select(MessageTemplate).where(MessageTemplate.key == KEY)).one()


def address(route: str = "edit") -> str:
    return f"{LIST}{route}/?id={stored().id}"


def typed(**values: str) -> dict[str, str]:
    template = stored()
    kept = {"subject": template.subject, "body": template.body, "version": str(template.version)}
    return {**kept, **values}


def audited() -> list[AuditLog]:
    query = select(AuditLog).where(AuditLog.subject == f"message_template:{stored().id}")
    return list(db.session.scalars(query.order_by(AuditLog.id)))


def test_page_lists_variables_with_examples_and_a_preview(administrator: FlaskClient) -> None:
    page = administrator.get(address()).text

    for name, one in templates.variables_of(KEY).items():
        assert f'data-insert="{{{name}}}"' in page
        assert one.words[1] in page
    assert "申报 2026430100023 审核不通过" in page


def test_preview_holds_nothing_of_a_case_and_says_so(administrator: FlaskClient) -> None:
    case = factories.application(ApplicationState.AT_SUPERIOR, superiors=(factories.unit("乙局"),))

    page = administrator.post(address(), data=typed(press="preview", number=case.number)).text

    assert "with invented values; who administers the system sees no cases" in page
    assert case.number not in page
    assert case.person.name not in page


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.SYSADMIN])
def test_nobody_who_sees_cases_can_be_given_the_page(role: Role) -> None:
    """So the preview has no use for the number of a case: the one role with the page has no scope over any."""
    assert grants.separation_refusal(role, TemplatePage.roles) is not None


@pytest.mark.parametrize("press", ["", "preview", "trial"])
def test_unknown_variable_is_refused_at_the_field_and_kept(
    administrator: FlaskClient, press: str
) -> None:
    before = stored().body
    values = typed(body="终止了 {nosuch}。", **({"press": press} if press else {}))

    answer = administrator.post(address(), data=values)

    assert answer.status_code == 422
    assert 'id="body-error"' in answer.text
    assert "{nosuch}" in answer.text
    assert stored().body == before
    assert db.session.scalars(select(Outbox)).all() == []


@pytest.mark.parametrize("field", ["subject", "body"])
@pytest.mark.parametrize("value", ["", "  ", "坏\u200b字", "坏\x07字", "<script>x</script>"])
def test_unusable_texts_are_refused(administrator: FlaskClient, field: str, value: str) -> None:
    answer = administrator.post(address(), data=typed(**{field: value}))

    assert answer.status_code == 422
    assert audited() == []


def test_preview_shows_what_is_typed_and_saves_nothing(administrator: FlaskClient) -> None:
    before = stored().version

    answer = administrator.post(
        address(), data=typed(subject="关于 {number} 的通知", press="preview")
    )

    assert answer.status_code == 200
    assert "关于 2026430100023 的通知" in answer.text
    assert 'value="关于 {number} 的通知"' in answer.text
    assert stored().version == before


def test_trial_is_queued_for_oneself_and_saves_nothing(administrator: FlaskClient) -> None:
    answer = administrator.post(address(), data=typed(subject="试 {number}", press="trial"))

    assert answer.status_code == 200
    waiting = db.session.scalars(select(Outbox)).one()
    assert (waiting.template, waiting.payload["of"]) == ("message.trial", KEY)
    assert waiting.payload["subject"] == "试 2026430100023"
    assert stored().subject == templates.defaults()[KEY][0]


def test_save_keeps_both_wordings_in_the_log_and_restoring_brings_the_first_back(
    administrator: FlaskClient,
) -> None:
    first = templates.defaults()[KEY][0]
    saved = administrator.post(address(), data=typed(subject="申报 {number} 终止"))
    version = str(stored().version)

    restored = administrator.post(address("restore"), data={"version": version})

    assert (saved.status_code, restored.status_code) == (302, 303)
    assert stored().subject == first
    change, back = audited()
    assert first in change.details["from"]
    assert "申报 {number} 终止" in change.details["to"]
    assert first in back.details["to"]


def test_restore_from_an_old_page_changes_nothing(administrator: FlaskClient) -> None:
    old = str(stored().version)
    administrator.post(address(), data=typed(subject="申报 {number} 终止"))

    administrator.post(address("restore"), data={"version": old})

    assert stored().subject == "申报 {number} 终止"


def test_wording_that_names_what_is_gone_is_reported(administrator: FlaskClient) -> None:
    stored().body = "终止了 {gone}"
    db.session.commit()

    listed, page = administrator.get(LIST).text, administrator.get(address()).text

    assert f"/edit/?id={stored().id}" in listed.split("<table")[0]
    assert 'class="note stop"' in page


@pytest.mark.parametrize("role", [Role.UNIT, Role.AUDITOR, Role.APPLICANT])
def test_others_are_kept_out(app: Flask, session: Session, role: Role) -> None:
    client = enter(app, factories.actor(role, unit=factories.unit()))

    for press in ("preview", "trial"):
        assert client.post(address(), data=typed(press=press)).status_code == 403
    assert client.post(address("restore"), data={"version": "1"}).status_code == 403
    assert client.get(address("restore")).status_code in {403, 405}


def test_unknown_rows_are_404(administrator: FlaskClient) -> None:
    for key in ("999999", "x", ""):
        answer = administrator.post(f"{LIST}restore/?id={key}", data={"version": "1"})
        assert answer.status_code == 404
        tried = administrator.post(f"{LIST}edit/?id={key}", data={"press": "trial", "subject": "x"})
        assert tried.status_code == 404


def test_templates_are_neither_added_nor_deleted(administrator: FlaskClient) -> None:
    before = len(db.session.scalars(select(MessageTemplate)).all())

    administrator.post(f"{LIST}new/", data={"key": "x", "subject": "一", "body": "二"})
    administrator.post(f"{LIST}delete/", data={"id": str(stored().id)})

    assert len(db.session.scalars(select(MessageTemplate)).all()) == before
