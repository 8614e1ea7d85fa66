"""The engine: what a row says happens, nothing else does, and every act leaves its row in the log."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.attributes import set_committed_value

from app.engine import Refused, RefusedRows, Workflow, fire, fire_all, why_not
from app.enums import ApplicationState, QuotaState, Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import SYSTEM
from app.models import (
    Application,
    Batch,
    Certificate,
    Filing,
    Notice,
    Objection,
    Plan,
    Quota,
    RouteNode,
    TransitionLog,
)
from app.workflow import (
    APPLICATION,
    BATCH,
    CERTIFICATE,
    FILING,
    NOTICE,
    OBJECTION,
    PLAN,
    QUOTA,
    ROUTE,
)
from tests.support import factories as make

TABLES = {
    Application: APPLICATION,
    Notice: NOTICE,
    Objection: OBJECTION,
    Batch: BATCH,
    RouteNode: ROUTE,
    Quota: QUOTA,
    Plan: PLAN,
    Filing: FILING,
    Certificate: CERTIFICATE,
}


def record_of(model):
    unit = make.unit()
    case = make.application(state=ApplicationState.IN_NOTICE, unit=unit)
    if model is Application:
        return case
    if model is Notice:
        return make.notice(applications=[case])
    if model is Objection:
        return make.objection(make.notice(applications=[case]), case)
    if model is Batch:
        return make.batch()
    if model is RouteNode:
        return make.route(unit, make.committee())
    if model is Quota:
        return make.quota(unit)
    if model is Plan:
        return make.plan()
    if model is Filing:
        return make.filing(make.plan())
    return make.certificate(make.application(state=ApplicationState.CERTIFIED))


def waiting_quota(session):
    superior = make.unit()
    unit = make.unit(parent=superior)
    quota = make.quota(unit, state=QuotaState.SUBMITTED, granted=0)
    actor = make.actor_of(make.position(Role.SUPERIOR, unit=superior))
    session.flush()
    return quota, actor


@pytest.mark.parametrize(
    ("model", "event"), [(model, event) for model, table in TABLES.items() for event in table.rows]
)
def test_every_event_in_every_state_moves_only_from_its_sources(session, model, event):
    record, row = record_of(model), TABLES[model].rows[event]
    actor = SYSTEM if row.by_clock else make.actor(row.roles[0], unit_id=None)

    for state in type(record.state):
        set_committed_value(record, "state", state)
        refusal = why_not(record, event, actor=actor, at=clock.now())
        if row.source and state not in row.source:
            assert refusal, state
            with pytest.raises(Refused):
                fire(record, event, actor=actor, at=clock.now())
            assert record.state is state


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_every_event_is_refused_to_every_role_that_its_row_does_not_name(session, model):
    record = record_of(model)
    actors = {role: make.actor(role) for role in Role}

    for event, row in TABLES[model].rows.items():
        for role in set(Role) - set(row.roles):
            assert why_not(record, event, actor=actors[role], at=clock.now()), (event, role)
        if not row.by_clock:
            assert why_not(record, event, actor=SYSTEM, at=clock.now()), event


def test_fire_moves_writes_the_log_and_gives_a_receipt(session):
    quota, actor = waiting_quota(session)

    log = fire(quota, "refuse", actor=actor, at=clock.now(), opinion="空缺岗位数与备案表不一致")

    assert quota.state is QuotaState.RETURNED
    assert quota.version == 1
    assert (log.source, log.target, log.event) == ("submitted", "returned", "refuse")
    assert (log.actor_id, log.unit_id) == (actor.user_id, actor.unit_id)
    assert log.receipt == f"HZ{clock.local_date(log.at):%Y%m%d}-{log.id:07d}"


def test_second_of_two_clerks_is_told_who_was_faster(session):
    quota, actor = waiting_quota(session)
    seen = quota.version
    fire(
        quota, "refuse", actor=actor, at=clock.now(), opinion="空缺岗位数与备案表不一致", seen=seen
    )

    with pytest.raises(Refused) as refusal:
        fire(quota, "approve", actor=actor, at=clock.now(), details={"granted": 1}, seen=seen)

    assert actor.name in refusal.value.sentence


def test_guard_stands_in_the_update_itself(session):
    quota, actor = waiting_quota(session)
    session.execute(
        update(Quota).where(Quota.id == quota.id).values(version=9),
        execution_options={"synchronize_session": False},
    )

    with pytest.raises(Refused):
        fire(quota, "refuse", actor=actor, at=clock.now(), opinion="空缺岗位数与备案表不一致")

    state = session.scalar(select(Quota.state).where(Quota.id == quota.id))
    assert state is QuotaState.SUBMITTED


@pytest.mark.parametrize("opinion", ["", "   ", "无", "无。", "-", "同意"])
def test_opinion_that_says_nothing_is_refused(session, opinion):
    quota, actor = waiting_quota(session)

    with pytest.raises(Refused) as refusal:
        fire(quota, "refuse", actor=actor, at=clock.now(), opinion=opinion)

    assert refusal.value.field == "opinion"
    assert quota.state is QuotaState.SUBMITTED


def test_bulk_press_moves_all_or_none_and_names_the_refused(session):
    first, actor = waiting_quota(session)
    second = make.quota(first.unit, state=QuotaState.RETURNED, review_year=first.review_year - 1)

    with pytest.raises(RefusedRows) as refusal:
        fire_all(
            [first, second],
            "refuse",
            actor=actor,
            at=clock.now(),
            opinion="空缺岗位数与备案表不一致",
        )

    assert [row[0] for row in refusal.value.rows] == [second]
    session.rollback()


@pytest.mark.parametrize("table", ["transition_log", "audit_log"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET actor_name = 'x'", "DELETE FROM {}"])
def test_database_refuses_to_change_the_logs(session, table, verb):
    quota, actor = waiting_quota(session)
    fire(quota, "refuse", actor=actor, at=clock.now(), opinion="空缺岗位数与备案表不一致")
    session.execute(
        text("INSERT INTO audit_log (at, kind, is_success, actor_name, subject, details, address, request_id)"
             " VALUES (CURRENT_TIMESTAMP, 'x', true, '', '', '{}', '', '')")
    )  # fmt: skip
    session.commit()

    with pytest.raises(DBAPIError):
        session.execute(text(verb.format(table)))

    session.rollback()


def test_log_row_goes_with_its_act_or_not_at_all(session):
    quota, actor = waiting_quota(session)
    session.commit()
    fire(quota, "refuse", actor=actor, at=clock.now(), opinion="空缺岗位数与备案表不一致")

    session.rollback()

    assert session.scalars(select(TransitionLog)).all() == []
    assert db.session.get(Quota, quota.id).state is QuotaState.SUBMITTED


def test_one_row_per_event_is_enforced():
    row = next(iter(QUOTA.rows.values()))

    with pytest.raises(ValueError, match="one row per event"):
        Workflow(Quota, row, row)

    Workflow.registry[Quota] = QUOTA


def test_many_move_at_once_or_none_when_somebody_was_faster(session):
    superior, unit = make.unit(), make.unit()
    cases = [
        make.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(superior,))
        for _count in range(3)
    ]
    session.commit()
    actor = make.actor_of(make.position(Role.SUPERIOR, unit=superior))
    for one in cases:
        session.refresh(one)
    # as another worker would, unseen by this session
    session.connection().execute(
        update(Application.__table__)
        .where(Application.__table__.c.id == cases[1].id)
        .values(state=ApplicationState.RETURNED, version=cases[1].version + 1)
    )

    with pytest.raises(RefusedRows) as refusal:
        fire_all(
            cases,
            "superior_end",
            actor=actor,
            at=clock.now(),
            opinion="材料与岗位不符，本年度不再受理。",
            details={"leader": make.LEADER},
        )
    session.rollback()

    assert [record for record, _why in refusal.value.rows] == [cases[1]]
    assert {one.state for one in cases} == {ApplicationState.AT_SUPERIOR}


def test_many_that_move_at_once_each_have_their_log_row_and_version(session):
    superior, unit = make.unit(), make.unit()
    cases = [
        make.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(superior, *further))
        for further in ((), (make.unit(),))
    ]
    before = {one.id: one.version for one in cases}

    logs = fire_all(
        cases,
        "superior_pass",
        actor=make.actor_of(make.position(Role.SUPERIOR, unit=superior)),
        at=clock.now(),
        details={"leader": make.LEADER},
    )
    session.expire_all()

    assert [log.subject_id for log in logs] == [one.id for one in cases]
    assert [log.target for log in logs] == ["at_office", "at_superior"]
    assert [one.state.value for one in cases] == ["at_office", "at_superior"]
    assert all(one.version == before[one.id] + 1 for one in cases)
    assert all(log.source == "at_superior" and log.details["leader"] for log in logs)
