"""Wordings of messages: only variables of the message, previews with invented values, tests to oneself."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import AuditLog, Delivery, Message, MessageTemplate
from app.services.messages import choices, outbox, templates, trying_out, wording
from tests.support import factories

KEY = "application.superior_end"


def template(session: Session, key: str = KEY) -> MessageTemplate:
    return session.scalars(select(MessageTemplate).where(MessageTemplate.key == key)).one()


def administrator() -> Actor:
    person = factories.person(phone="13907310001")
    return factories.actor_of(factories.position(Role.SYSADMIN, person=person))


def test_every_variable_of_every_message_has_words_and_an_example(app: Flask) -> None:
    poor = {
        (key, name)
        for key in templates.defaults()
        for name, one in templates.variables_of(key).items()
        if not one.example.strip() or name in one.words
    }

    assert poor == set()


def test_shipped_wordings_are_sound(session: Session) -> None:
    assert wording.unsound(session) == []
    assert not any(
        wording.faults(text, templates.variables_of(key))
        for key, words in templates.defaults().items()
        for text in words
    )


def test_variables_are_those_of_the_message(app: Flask) -> None:
    assert set(templates.variables_of("seat.call")) == {"plan", "opens", "closes", "place"}
    assert templates.variables_of("seat.decline_check")["place"].words[0] == "抽取顺序"
    assert templates.variables_of("interview.send")["place"].words[0] == "地点"
    assert templates.variables_of("no.such") == {}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("终止了 {nosuch}", "{nosuch}"),
        ("终止了 {编号}", "{编号}"),
        ("{number.__class__}", "plain name"),
        ("{number[0]}", "plain name"),
        ("{number!r}", "plain name"),
        ("{number:>99}", "plain name"),
        ("{ number }", "plain name"),
        ("{0}", "plain name"),
        ("{}", "{}"),
        ("{number", "brace"),
        ("number}", "brace"),
        ("{{number}}", "brace"),
        ("{num\nber}", "brace"),
        ("｛number｝", "half-width"),
    ],
)
def test_wrong_variables_are_named(app: Flask, typed: str, says: str) -> None:
    found = wording.faults(typed, templates.variables_of(KEY))

    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize(
    "typed", ["", "没有变量。", "{number}{number} {opinion}", "（注）[名称](/g/form/)"]
)
def test_plain_texts_and_variables_are_fine(app: Flask, typed: str) -> None:
    assert wording.faults(typed, templates.variables_of(KEY)) == []


def test_many_faults_are_cut(app: Flask) -> None:
    typed = " ".join(f"{{x{number}}}" for number in range(50))

    assert len(wording.faults(typed, ())) == wording.MOST_FAULTS


def test_wording_with_a_variable_that_is_gone_is_reported_and_not_sent(session: Session) -> None:
    stored = template(session)
    stored.body = "{unit} 终止了 {gone}。"
    user = factories.user(person=factories.person())
    outbox.queue_message(session, user.id, KEY, at=clock.now(), number="7", unit="甲", opinion="乙")

    outbox.deliver(clock.now())

    assert wording.unsound(session) == [stored]
    assert session.scalars(select(Message)).one().body == "甲 终止了您本年度的申报 7。原因：乙"


def test_value_that_looks_like_a_variable_is_left_as_typed(session: Session) -> None:
    assert (
        templates.fill("原因：{opinion}", {"opinion": "见 {number}", "number": "7"})
        == "原因：见 {number}"
    )


def test_preview_is_filled_and_says_how_long_an_sms_is(app: Flask) -> None:
    shown = trying_out.preview(KEY, "{number}", "短")
    long = trying_out.preview(KEY, "{number}", "长" * 200)
    none = trying_out.preview("application.publish", "{number}", "无短信")

    assert "{" not in shown.subject + shown.body
    assert (shown.sms_length > 1, long.sms_parts > shown.sms_parts) == (True, True)
    assert (none.sms_length, none.sms_parts) == (0, 0)


def test_restoring_brings_the_shipped_wording_back(session: Session) -> None:
    stored = template(session)
    stored.subject = "改过"
    assert wording.is_changed(stored)

    wording.restore(stored)

    assert (stored.subject, stored.body) == templates.defaults()[KEY]
    assert not wording.is_changed(stored)


def test_test_comes_to_oneself_alone_marked_and_by_the_chosen_channels(
    app: Flask, session: Session, tmp_path: object
) -> None:
    app.config["SMS_FILE"] = f"{tmp_path}/sms.jsonl"
    actor = administrator()
    at = clock.now()
    for ways in ((KEY, 1), ("application.publish", 0)):
        trying_out.try_out(session, ways[0], "标题 {number}", "正文 {number}", actor=actor, at=at)
        session.flush()
        outbox.deliver(at)
        last = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert last is not None
        sent = select(Delivery).where(Delivery.outbox_id == last.outbox_id)
        assert len(session.scalars(sent).all()) == ways[1]
        assert (last.user_id, last.subject) == (actor.user_id, "【测试】标题 2026430100023")
        assert last.body.startswith("【测试】正文")

    choices.store(session, actor.user_id or 0, [], ["sms"], None)
    trying_out.try_out(session, KEY, "标题", "正文", actor=actor, at=at)
    session.flush()
    outbox.deliver(at)

    assert len(session.scalars(select(Delivery)).all()) == 1
    logged = session.scalars(select(AuditLog).where(AuditLog.kind == "message_trial")).all()
    assert {row.subject for row in logged} == {
        f"message_template:{KEY}", "message_template:application.publish",
    }  # fmt: skip
