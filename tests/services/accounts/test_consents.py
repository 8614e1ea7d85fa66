"""Consent of a second administrator: who may ask, who may agree, and that nothing happens before."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act, Refused
from app.enums import ConsentState, Role
from app.ground import clock
from app.ground.actor import SYSTEM, Actor
from app.models import Consent, Outbox, TransitionLog, User
from app.services.accounts import consents
from app.services.jobs import scheduled_jobs
from tests.support import factories as make

KIND = "rename"


@pytest.fixture(autouse=True)
def rename() -> Iterator[None]:
    """An act that needs consent: giving an account another name."""

    def carry_out(act: Act) -> None:
        act.record.user.real_name = act.record.details["name"]

    consents.register(consents.Kind(KIND, "Rename", carry_out, lambda one: _why_not(one)))
    yield
    del consents.KINDS[KIND]


def _why_not(consent: Consent) -> str | None:
    return None if consent.user.active else "The account is disabled."


def admin(role: Role = Role.SYSADMIN) -> Actor:
    return make.actor(role, user=make.user())


def asked(actor: Actor, user: User) -> Consent:
    return consents.ask(
        actor,
        KIND,
        subject=user.username,
        reason="姓名录入有误",
        user=user,
        details={"name": "王芳"},
        at=clock.now(),
    )


def told(session: Session) -> list[tuple[str, int | None]]:
    rows = session.scalars(select(Outbox).order_by(Outbox.id))
    return [(row.template, row.user_id) for row in rows]


@pytest.mark.parametrize("role", consents.ADMINISTRATORS)
def test_the_act_is_done_when_a_second_administrator_agrees(session: Session, role: Role) -> None:
    first, second, user = admin(), admin(role), make.user("王方")

    consent = asked(first, user)
    before = user.real_name
    engine.fire(consent, "agree", actor=second, at=clock.now())

    assert (before, user.real_name) == ("王方", "王芳")
    assert (consent.state, consent.second) == (ConsentState.AGREED, second.name)
    assert told(session) == [("consent.ask", second.user_id), ("consent.agree", first.user_id)]
    log = session.scalars(select(TransitionLog).order_by(TransitionLog.id.desc())).first()
    assert log is not None
    assert (log.event, log.actor_id, log.details["act"]) == ("agree", second.user_id, KIND)


def test_only_somebody_else_agrees_and_only_in_time(session: Session) -> None:
    first, second = admin(), admin(Role.SECADMIN)
    user = make.user()
    own = make.actor(Role.SYSADMIN, user=user)
    consent = asked(first, user)
    later = clock.now() + consents.LIFE

    def why_not(actor: Actor, event: str = "agree", late: bool = False) -> str | None:
        return engine.why_not(consent, event, actor=actor, at=later if late else clock.now())

    assert why_not(second) is None
    assert "another administrator" in (why_not(first) or "")
    assert "own account" in (why_not(own) or "")
    assert "may not take" in (why_not(make.actor(Role.AUDITOR, user=make.user())) or "")
    assert "time to agree is over" in (why_not(second, late=True) or "")
    assert "takes it back" in (why_not(second, "take_back") or "")
    assert why_not(first, "take_back") is None
    user.active = False
    assert why_not(second) == "The account is disabled."


def test_asking_is_refused_for_oneself_alone_twice_and_without_reason(session: Session) -> None:
    first, user = admin(), make.user()
    with pytest.raises(Refused, match="make-administrator"):
        asked(first, user)
    session.rollback()

    first, user = admin(), make.user()
    admin(Role.SECADMIN)
    with pytest.raises(Refused, match="own account"):
        asked(first, session.get_one(User, first.user_id))
    session.rollback()

    first, user = admin(), make.user()
    admin(Role.SECADMIN)
    asked(first, user)
    with pytest.raises(Refused, match="waits for another administrator"):
        asked(first, user)
    with pytest.raises(Refused):
        consents.ask(first, KIND, subject="x", reason=" ", at=clock.now())


def test_declined_and_lapsed_acts_are_never_done(session: Session) -> None:
    first, second = admin(), admin(Role.SECADMIN)
    declined, lapsed = make.user("甲某"), make.user("乙某")
    one, other = asked(first, declined), asked(first, lapsed)

    engine.fire(one, "decline", actor=second, at=clock.now(), opinion="未经本人申请")
    with pytest.raises(Refused, match="not over"):
        engine.fire(other, "lapse", actor=SYSTEM, at=clock.now())
    session.commit()
    done = scheduled_jobs.run(clock.now() + consents.LIFE + timedelta(minutes=1))

    session.expire_all()
    assert done["consents"] == 1
    assert (one.state, other.state) == (ConsentState.DECLINED, ConsentState.LAPSED)
    assert (declined.real_name, lapsed.real_name) == ("甲某", "乙某")
    assert [name for name, whom in told(session) if whom == first.user_id] == [
        "consent.decline",
        "consent.lapse",
    ]
    with pytest.raises(Refused):
        engine.fire(other, "agree", actor=second, at=clock.now())
