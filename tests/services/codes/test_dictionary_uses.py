"""Where values are needed: ending them is refused with form, section and field, with the rule, with the program."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.engine import Refused
from app.enums import ApplicationState
from app.extensions import db
from app.ground import clock
from app.models import Dictionary, DictItem, EligibilityRule, FormDefinition
from app.services.codes import dictionary_uses, usage
from app.services.form import form_definition
from tests.services import dossiers
from tests.support import factories

TODAY = clock.local_date(clock.now())
pytestmark = pytest.mark.usefixtures("app")


def value(kind: str, code: str) -> DictItem:
    return db.session.scalars(select(DictItem).filter_by(kind=kind, code=code)).one()


def refusal(item: DictItem, **days: Any) -> str:
    """Return why a value cannot end; "" if it can."""
    try:
        dictionary_uses.require_may_end(
            db.session(), item, **{"last": None, "today": TODAY, **days}
        )
    except Refused as refused:
        return refused.sentence
    return ""


NEEDED = [
    (
        "patent_kind",
        "transfer",
        "form version 2, section “专利、软著、标准、成果转化”, field “转化金额”",
    ),
    ("post_category", "technical", "section “个人基本信息”"),
    ("punishment", "demerit", "condition for applying “"),
    ("assessment", "competent", "condition for applying “"),
    ("assessment", "none", "program: conditions count assessments"),
    ("yes_no", "yes", "is closed"),
]


@pytest.mark.parametrize(("kind", "code", "place"), NEEDED)
def test_value_that_is_needed_has_to_stay_and_the_place_is_named(
    kind: str, code: str, place: str
) -> None:
    assert place in refusal(value(kind, code))


@pytest.mark.parametrize(
    ("kind", "code"), [("nation", "56"), ("paper_level", "ssci"), ("education", "17")]
)
def test_value_that_nothing_needs_may_go(kind: str, code: str) -> None:
    assert refusal(value(kind, code)) == ""


def only(kind: str, code: str) -> DictItem:
    for one in db.session.scalars(select(DictItem).filter_by(kind=kind)):
        one.is_active = one.code == code
    db.session.flush()
    return value(kind, code)


def test_last_value_of_a_required_field_has_to_stay() -> None:
    assert "field “民族” (required), which would have nothing left to choose" in refusal(
        only("nation", "56")
    )


def test_last_value_of_an_optional_field_may_go() -> None:
    assert refusal(only("health", "good")) == ""


def test_another_value_counts_only_if_it_is_offered_after_the_last_day() -> None:
    last = TODAY + timedelta(days=30)
    mine, other = only("nation", "56"), value("nation", "55")
    other.is_active, other.valid_to = True, last
    db.session.flush()

    assert "nothing left to choose" in refusal(mine, last=last)
    other.valid_to = last + timedelta(days=1)
    db.session.flush()
    assert refusal(mine, last=last) == ""


def test_rule_that_is_switched_off_needs_nothing() -> None:
    for rule in db.session.scalars(select(EligibilityRule).filter_by(kind="no_penalty")):
        rule.is_active = False
    db.session.flush()

    assert refusal(value("punishment", "demerit")) == ""


def publish_without(field: str) -> None:
    newest = db.session.scalars(select(FormDefinition)).one()
    body = deepcopy(newest.body)
    for section in body["sections"]:
        section["fields"] = [one for one in section["fields"] if one["key"] != field]
    body["version"] = 3
    row = FormDefinition(form_version=3, title=body["title"], body=body)
    db.session.add(row)
    db.session.flush()
    form_definition.publish(row, at=clock.now())
    db.session.flush()


@pytest.mark.parametrize("state", [ApplicationState.DRAFT, ApplicationState.AT_UNIT])
def test_earlier_form_counts_while_an_application_is_on_it(state: ApplicationState) -> None:
    case = factories.application(state, form_version=2)
    publish_without("income")

    assert "form version 2" in refusal(value("patent_kind", "transfer"))
    case.state = ApplicationState.ENDED
    db.session.flush()
    assert "form version 2" not in refusal(value("patent_kind", "transfer"))


def test_places_of_a_dictionary_are_fields_rules_and_program() -> None:
    places = dictionary_uses.places_of_dictionary(db.session(), "assessment")

    assert places[0] == "form version 2, section “任职以来考核信息”, field “考核等次” (required)"
    assert sum("condition for applying" in one for one in places) == 2
    assert places[-1] == "program: conditions count assessments"
    assert dictionary_uses.places_of_dictionary(db.session(), "unit_nature") == []


def test_code_is_fixed_by_applications_by_places_and_by_earlier_submissions() -> None:
    free = value("nation", "56")
    assert dictionary_uses.code_refusal(db.session(), free, is_thorough=True) is None

    case = factories.application()
    dossiers.fill(case, basic=[{"nation": "56"}])

    assert "1 applications" in str(dictionary_uses.code_refusal(db.session(), free))
    assert dictionary_uses.code_refusal(db.session(), value("degree", "3")) is not None
    assert dictionary_uses.code_refusal(db.session(), value("education", "47")) is not None


def test_value_under_a_field_of_another_dictionary_is_not_counted(session: Session) -> None:
    dossiers.fill(factories.application(), awards=[{"name": "一等奖", "level": "national"}])

    assert usage.count_applications(session, "award_level", "national") == 1
    assert usage.count_applications(session, "project_level", "national") == 0


@pytest.mark.parametrize("code", ["%", "_", 'a"b', "\\", "0_"])
def test_odd_codes_match_nothing_else(session: Session, code: str) -> None:
    dossiers.fill(factories.application())

    assert usage.count_applications(session, "nation", code) == 0


def test_closed_dictionary_takes_no_value(session: Session) -> None:
    with pytest.raises(Refused) as refused:
        dictionary_uses.require_open(session, "yes_no")

    assert "is closed" in refused.value.sentence
    session.get_one(Dictionary, "yes_no").is_closed = False
    dictionary_uses.require_open(session, "yes_no")
