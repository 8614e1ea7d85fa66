"""The demonstration: complete, true to the rules, the same every time."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import demo, sample
from app.enums import (
    ApplicationState,
    BatchState,
    CertificateState,
    ExpertState,
    FilingState,
    IdKind,
    MeetingMode,
    NoticeState,
    ObjectionState,
    PlanState,
    QuotaState,
    Role,
    RouteState,
)
from app.extensions import db
from app.ground import clock
from app.models import (
    Application,
    Attachment,
    Batch,
    Certificate,
    Expert,
    Filing,
    Notice,
    Objection,
    Person,
    Plan,
    Position,
    Quota,
    RouteNode,
    RouteStep,
    Section,
    TransitionLog,
    Unit,
    User,
)
from app.services.credentials import passwords
from app.services.dossier import completeness, dossier, eligibility
from app.services.files import attached_files
from app.services.form import form_definition, section_checks
from app.services.jobs import cleanup, scheduled_jobs
from app.validators import credit_code, id_number
from tests.support import demonstration
from tests.support.databases import Prepared
from tests.support.demonstration import AT


@pytest.fixture(scope="module")
def told(application: Flask, prepared: Prepared) -> Iterator[Flask]:
    """The application with the demonstration, brought once for this file; gone afterwards."""
    configured = dict(application.config)
    with application.app_context():
        demonstration.bring(prepared)
    application.config["DEMO"] = True
    yield application
    application.config.clear()
    application.config.update(configured)
    with application.app_context():
        db.session.remove()
        prepared.restore()


@pytest.fixture
def session(told: Flask) -> Iterator[Any]:
    with told.app_context():
        yield db.session()
        db.session.rollback()
        db.session.remove()


def states(session: Any, model: Any) -> Counter[Any]:
    return Counter(session.scalars(select(model.state)))


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        (Application, ApplicationState),
        (Batch, BatchState),
        (Plan, PlanState),
        (Notice, NoticeState),
        (Objection, ObjectionState),
        (Quota, QuotaState),
        (Filing, FilingState),
        (Certificate, CertificateState),
        (Expert, ExpertState),
        (RouteNode, RouteState),
    ],
    ids=lambda value: value.__name__,
)
def test_every_state_occurs(session: Any, model: Any, kind: Any) -> None:
    assert set(states(session, model)) == set(kind)


def test_meetings_of_both_kinds_are_agreed(session: Any) -> None:
    agreed = select(Plan.mode).where(Plan.state == PlanState.APPROVED)

    assert set(session.scalars(agreed)) == set(MeetingMode)


def test_every_role_has_an_account(session: Any) -> None:
    accounts = demo.accounts()

    roles = {place["role"] for one in accounts.values() for place in one["positions"]}
    assert roles == {role.value for role in Role}


def test_an_account_shows_its_password_positions_and_name(session: Any) -> None:
    account = demo.accounts()["office_edu1"]

    assert set(account) == {"password", "positions", "name"}
    assert account["positions"] == [{"role": "office", "organisation": "常德市教育局"}]
    assert account["name"]


def test_passwords_open_their_accounts(session: Any) -> None:
    accounts = demo.accounts()

    for username in ("sysadmin", "hrss_hunan", "judge_edu01", "applicant01"):
        stored = session.scalars(select(User.password).where(User.username == username)).one()
        assert passwords.is_right(stored, accounts[username]["password"])


def test_passwords_differ_and_are_for_their_owner_alone(told: Flask, session: Any) -> None:
    kept = Path(told.config["DATA_DIR"]) / "demo-accounts.json"

    assert kept.stat().st_mode & 0o777 == 0o600
    assert len({one["password"] for one in demo.accounts().values()}) == len(demo.accounts())


def test_only_accounts_of_the_demonstration_can_sign_in(session: Any) -> None:
    open_ones = select(func.count()).where(User.password.is_not(None), User.is_demo.is_(False))

    assert session.scalar(open_ones) == 0


def test_applicants_with_an_account_stand_in_every_state(session: Any) -> None:
    query = (
        select(Application.state)
        .join(Person, Person.id == Application.person_id)
        .join(User, User.id == Person.user_id)
        .where(User.is_demo.is_(True))
    )

    assert set(session.scalars(query)) == set(ApplicationState)


def test_units_stand_in_different_branches(session: Any) -> None:
    query = (
        select(Unit.region_code)
        .join(Position, Position.unit_id == Unit.id)
        .where(Position.role == Role.UNIT)
    )

    assert {code[:4] for code in session.scalars(query)} >= {"4307", "4301", "4331"}


def test_a_committee_has_thirteen_experts_eleven_with_an_account(session: Any) -> None:
    rows = session.execute(
        select(Expert.committee_id, func.count(), func.count(Person.user_id))
        .join(Person, Person.id == Expert.person_id)
        .where(Expert.state == ExpertState.ADMITTED)
        .group_by(Expert.committee_id)
    ).all()

    assert sum(experts >= 15 and judges >= 13 for _id, experts, judges in rows) >= 2


def test_somebody_holds_several_positions(session: Any) -> None:
    held = select(Position.user_id).group_by(Position.user_id).having(func.count() > 2)

    assert session.scalars(held).all()


def test_id_numbers_are_valid_and_nobodys(session: Any) -> None:
    for person in session.scalars(select(Person)):
        number = id_number(
            IdKind.RESIDENT,
            person.id_number,
            sex=person.sex,
            birth=person.birth_date,
            today=clock.local_date(AT),
        )
        assert number.startswith("430099")


def test_credit_codes_are_valid_and_of_their_region(session: Any) -> None:
    for unit in session.scalars(select(Unit)):
        assert credit_code(unit.credit_code)[2:8] == unit.region_code


def test_submitted_dossiers_are_complete(session: Any) -> None:
    for record in session.scalars(select(Application).where(Application.submitted_at.is_not(None))):
        assert completeness.missing_entries(record, AT) == [], record.number


def test_drafts_are_not_complete(session: Any) -> None:
    for record in session.scalars(
        select(Application).where(Application.state == ApplicationState.DRAFT)
    ):
        assert eligibility.missing(record, AT)


def test_material_is_really_there(session: Any) -> None:
    attachments = session.scalars(select(Attachment)).all()

    assert attachments
    assert all(attached_files.open_path(one).stat().st_size == one.file.size for one in attachments)


def test_every_section_holds_values_the_form_knows(session: Any) -> None:
    forms = {record.id: dossier.form_of(record) for record in session.scalars(select(Application))}
    whole = form_definition.load(session, form_definition.newest_version(session))
    offered = form_definition.offered(session, whole)

    for section in session.scalars(select(Section)):
        definition = forms[section.application_id].section(section.key)
        _rows, faults = section_checks.read_rows(definition, section.rows, offered)
        assert faults == {}, section.key
        known = {one.key for one in definition.typed_fields}
        assert all(set(row) <= known for row in section.rows), section.key


def test_last_log_line_leads_to_the_state(session: Any) -> None:
    for model in (Application, Batch, Plan, Notice, Objection, Filing, Certificate):
        latest = dict(
            session.execute(
                select(TransitionLog.subject_id, TransitionLog.target)
                .where(TransitionLog.subject_type == model.__tablename__)
                .order_by(TransitionLog.id)
            )
            .tuples()
            .all()
        )
        for record in session.scalars(select(model)):
            if record.state.value != "draft" or model is Application:
                assert latest[record.id] == record.state.value, model


def test_log_runs_in_the_order_of_time_and_ends_before_now(session: Any) -> None:
    engine_made = select(TransitionLog.at).where(TransitionLog.subject_type != "expert")
    moments = session.scalars(engine_made.order_by(TransitionLog.id)).all()

    assert moments == sorted(moments)
    assert moments[-1] <= AT


def test_routes_are_of_different_depth_and_end_where_the_application_is(session: Any) -> None:
    depths = Counter(session.scalars(select(RouteStep.application_id)))

    assert set(depths.values()) >= {1, 2, 3}
    for record in session.scalars(
        select(Application).where(Application.state == ApplicationState.AT_SUPERIOR)
    ):
        assert record.route[record.route_position - 1].unit_id == record.holder_id


def test_nothing_is_due_already(told: Flask, session: Any) -> None:
    before = states(session, Application)
    session.rollback()
    # what other tests left in the place of the files is no business of the demonstration
    cleanup.sweep_hourly(AT)

    done = scheduled_jobs.run(AT)

    # what is swept are files of earlier tests on this machine; how pages look is read after the submission, at leisure
    assert not any(count for kind, count in done.items() if kind not in ("swept", "scans"))
    assert states(session, Application) == before


def test_running_batches_let_everybody_act_today(session: Any) -> None:
    today = clock.local_date(AT)
    running = session.scalars(select(Batch).where(Batch.state == BatchState.OPEN)).all()

    assert any(one.apply_start <= today < one.apply_end for one in running)
    assert all(one.office_end <= date(2026, 12, 31) for one in running)


def test_sample_loads_beside_it(session: Any) -> None:
    """Stands last: the demonstration is not alone afterwards."""
    before = {
        model: session.scalar(select(func.count()).select_from(model))
        for model in (Application, Unit)
    }

    sample.load(100, seed=3, at=AT)

    session.expire_all()
    after = {
        model: session.scalar(select(func.count()).select_from(model))
        for model in (Application, Unit)
    }
    assert after[Application] == before[Application] + 100
    assert after[Unit] == before[Unit] + 20_000
    open_ones = select(func.count()).where(Batch.state == BatchState.OPEN)
    assert session.scalar(open_ones) > 300
