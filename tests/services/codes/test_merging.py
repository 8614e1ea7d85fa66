"""Merging two values: cases and rules take the one that stays, and what would mean something else is refused."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, AuditLog, DictItem, EligibilityRule, Section, Submission
from app.services.codes import merging, usage
from app.services.dossier import dossier_display, submission_diff, submissions
from tests.services import dossiers
from tests.support import factories

TODAY = clock.local_date(clock.now())


@pytest.fixture
def actor(session: Session) -> Actor:
    return factories.actor(Role.SYSADMIN)


def value(kind: str, code: str) -> DictItem:
    return db.session.scalars(select(DictItem).filter_by(kind=kind, code=code)).one()


def filled(**rows: list[dict[str, Any]]) -> Application:
    case = factories.application()
    dossiers.fill(case, **rows)
    return case


def shown(case: Application, section: str) -> str:
    found = next(one for one in dossier_display.display(case) if one.key == section)
    return " ".join(str(cell) for row in found.rows for cell in row)


def section_of(case: Application, key: str) -> Section:
    return db.session.scalars(select(Section).filter_by(application_id=case.id, key=key)).one()


def merge(source: DictItem, target: DictItem, actor: Actor) -> merging.Extent:
    return merging.merge(db.session(), source, target, actor=actor, today=TODAY)


def test_cases_follow_and_the_merged_value_is_retired(actor: Actor) -> None:
    case, other = filled(basic=[{"nation": "56"}]), filled(basic=[{"nation": "01"}])
    source, target = value("nation", "56"), value("nation", "02")
    before = section_of(case, "basic").revision

    found = merge(source, target, actor)
    db.session.expire_all()

    assert (found.applications, found.rules) == (1, ())
    assert target.label in shown(case, "basic")
    assert source.label not in shown(case, "basic")
    assert section_of(case, "basic").revision == before + 1
    assert section_of(other, "basic").rows[0]["nation"] == "01"
    assert (source.is_active, source.merged_into) == (False, "02")


def test_only_fields_of_the_dictionary_follow(actor: Actor) -> None:
    case = filled(basic=[{"nation": "03", "native_place": "03"}])

    merge(value("nation", "03"), value("nation", "02"), actor)
    db.session.expire_all()

    row = section_of(case, "basic").rows[0]
    assert (row["nation"], row["native_place"]) == ("02", "03")


def test_rows_that_can_be_brought_back_follow(actor: Actor) -> None:
    case = filled(
        papers=[
            {"title": "湘江冲刷", "index": "cscd", "journal": "公路"},
            {"title": "拱桥加固", "index": "ei", "journal": "桥梁"},
        ]
    )
    section = section_of(case, "papers")
    section.previous_rows = [{"id": "r9", "row": {"title": "旧文", "index": "cscd"}, "at": 0}]
    db.session.flush()

    merge(value("paper_level", "cscd"), value("paper_level", "core"), actor)
    db.session.expire_all()

    assert [row["index"] for row in section_of(case, "papers").rows] == ["core", "ei"]
    assert section_of(case, "papers").previous_rows[0]["row"]["index"] == "core"


def test_rules_name_the_value_that_stays_once(actor: Actor) -> None:
    rule = db.session.scalars(select(EligibilityRule).filter_by(code="no_penalty")).one()
    assert rule.parameters["kinds"][:2] == ["demerit", "serious_demerit"]

    found = merge(value("punishment", "serious_demerit"), value("punishment", "demerit"), actor)

    assert rule.name in found.rules
    assert rule.parameters["kinds"] == ["demerit", "demotion", "dismissal_post"]


def test_merge_is_in_the_audit_log_with_numbers(actor: Actor) -> None:
    filled(basic=[{"nation": "56"}])
    source = value("nation", "56")

    merge(source, value("nation", "02"), actor)

    query = select(AuditLog).filter_by(kind="maintenance", subject=f"dict_item:{source.id}")
    details = db.session.scalars(query).one().details
    assert source.label in details["from"]
    assert value("nation", "02").label in details["to"]
    assert details["applications"] == 1


def test_who_merged_is_no_change_of_the_applicant(actor: Actor) -> None:
    case = filled(basic=[{"nation": "56"}])
    content = submissions.current_content(case)
    factories.add(
        Submission(
            application_id=case.id,
            event="submit",
            handed_in_at=clock.now(),
            sections=dict(content.sections),
            files=list(content.files),
        )
    )

    merge(value("nation", "56"), value("nation", "02"), actor)
    db.session.expire_all()

    assert submission_diff.changes_since_submission(case) == {}


def test_earlier_merges_lead_on_to_the_value_that_stays(actor: Actor) -> None:
    first, second, third = (value("nation", code) for code in ("54", "55", "56"))

    merge(first, second, actor)
    merge(second, third, actor)

    assert (first.merged_into, second.merged_into) == ("56", "56")


DIFFERENT = [
    ("patent_kind", "transfer", "invention", "“专利、标准”栏目的“"),
    ("degree", "0", "4", "“教育经历”"),
    ("education", "22", "21", "program"),
    ("yes_no", "no", "yes", "is closed"),
]


@pytest.mark.parametrize(("kind", "source", "target", "says"), DIFFERENT)
def test_values_that_mean_different_things_are_not_merged(
    actor: Actor, kind: str, source: str, target: str, says: str
) -> None:
    with pytest.raises(Refused) as refused:
        merge(value(kind, source), value(kind, target), actor)

    assert "cannot be merged" in refused.value.sentence or says in refused.value.sentence
    assert value(kind, source).is_active


def test_value_goes_into_none_of_another_dictionary_and_none_retired(actor: Actor) -> None:
    retired = value("politics", "12")
    retired.is_active = False
    db.session.flush()

    for target in (value("nation", "01"), retired, value("politics", "13")):
        with pytest.raises(Refused):
            merge(value("politics", "13"), target, actor)


def test_applicant_who_saves_at_the_same_moment_loses_nothing(actor: Actor) -> None:
    case = filled(basic=[{"nation": "56"}])
    section = section_of(case, "basic")
    section.rows = [{**section.rows[0], "native_place": "湖南长沙"}]
    section.revision += 1
    db.session.flush()

    merge(value("nation", "56"), value("nation", "02"), actor)
    db.session.expire_all()

    row = section_of(case, "basic").rows[0]
    assert (row["nation"], row["native_place"]) == ("02", "湖南长沙")


def test_count_is_of_applications_not_of_rows(session: Session) -> None:
    filled(
        papers=[
            {"title": "湘江冲刷", "index": "cscd", "journal": "公路"},
            {"title": "拱桥加固", "index": "cscd", "journal": "桥梁"},
        ]
    )
    filled(papers=[{"title": "沥青老化", "index": "cscd", "journal": "公路"}])

    assert usage.count_applications(db.session(), "paper_level", "cscd") == 2
    assert usage.count_applications(db.session(), "paper_level", "ei") == 0
