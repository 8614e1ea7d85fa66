"""Two who save the same record of a register: the database itself refuses the second."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from app.enums import Role
from app.models import Unit
from app.services.ground import versions
from app.services.ground.audit import audit
from app.services.registers import units
from tests.support import factories


@pytest.fixture
def unit(session: Session) -> Unit:
    made = factories.unit(phone="0731-1")
    session.commit()
    return made


def test_version_counts_every_change(session: Session, unit: Unit) -> None:
    before = unit.version

    unit.phone = "0731-2"
    session.flush()

    assert unit.version == before + 1


def test_record_seen_in_an_older_version_is_not_written(session: Session, unit: Unit) -> None:
    seen = unit.version
    unit.phone = "0731-2"
    session.commit()

    versions.require_version(unit, seen)
    unit.contact = "王五"
    with pytest.raises(StaleDataError):
        session.flush()
    session.rollback()

    assert (unit.phone, unit.contact, unit.version) == ("0731-2", "", seen + 1)


def test_change_between_reading_and_writing_is_noticed(session: Session, unit: Unit) -> None:
    versions.require_version(unit, unit.version)
    session.execute(
        update(Unit).values(phone="0731-2", version=Unit.version + 1),
        execution_options={"synchronize_session": False},
    )

    unit.contact = "王五"
    with pytest.raises(StaleDataError):
        session.flush()


def test_saving_what_is_stored_anyway_is_no_conflict(session: Session, unit: Unit) -> None:
    seen = unit.version
    unit.phone = "0731-2"
    session.commit()

    versions.require_version(unit, seen)
    unit.phone = "0731-2"
    session.commit()

    assert unit.version == seen + 1


def test_refusal_names_who_changed_it_last(session: Session, unit: Unit) -> None:
    sysadmin = factories.actor(Role.SYSADMIN)
    audit("register", actor=sysadmin, subject="unit:1")
    audit("first_password", actor=factories.actor(Role.SECADMIN), subject="unit:1")
    session.flush()

    known, unknown = versions.outdated_refusal("unit:1"), versions.outdated_refusal("unit:2")

    assert f"Last change: {sysadmin.name}, " in known.sentence
    assert "Last change" not in unknown.sentence
    assert "compare it with what is stored now" in unknown.sentence


def test_moving_a_unit_leaves_those_below_as_they_were_seen(session: Session, unit: Unit) -> None:
    below = factories.unit(parent=unit)
    before, top = below.version, factories.unit()

    data = {name: getattr(unit, name) for name in units.COLUMNS} | {"parent_id": top.id}
    units.write(unit, data)
    session.flush()
    session.refresh(below)

    assert below.path == f"{top.path}{unit.id}/{below.id}/"
    assert below.version == before
