"""Who may apply for what and when; what is missing; what is signed."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import engine
from app.engine import Act, Refused
from app.enums import (
    ApplicationState,
    ApplyMode,
    BatchState,
    Employment,
    Level,
    Role,
    Sex,
    UnitKind,
)
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Batch, Person, Title
from app.services.accounts import own_data
from app.services.dossier import (
    application_choices,
    completeness,
    dossier,
    eligibility,
    new_application,
)
from tests.services import dossiers
from tests.services.dossiers import owner_of
from tests.support import factories
from tests.support.pressing import EACH_CHECKED


def make_person(**values: Any) -> Person:
    unit = values.pop("unit", None) or factories.unit()
    return factories.person(unit=unit, **({"sex": Sex.MALE} | values))


def begin(person: Person, batch: Batch, **values: Any) -> Application:
    level = values.get("level", Level.ASSOCIATE)
    usual = {
        "batch": batch,
        "mode": ApplyMode.NORMAL,
        "level": level,
        "title_code": factories.title(level).code,
        "specialty_code": batch.committee.specialties[0].code,
        "unit_id": person.unit_id,
        "actor": owner_of(person),
        "at": clock.now(),
    }
    return new_application.begin_application(**(usual | values))


def why_not_begin(person: Person, batch: Batch, **values: Any) -> str:
    with pytest.raises(Refused) as caught:
        begin(person, batch, **values)
    return caught.value.sentence


def act_of(application: Application, event: str = "submit", **values: Any) -> Act:
    return Act(application, event, owner_of(application.person), values.get("at") or clock.now())


def ready(**values: Any) -> Application:
    """Return a draft with everything filled in, uploaded and signed, whose route is confirmed."""
    unit = values.pop("unit", None) or factories.unit()
    batch = values.pop("batch", None) or factories.batch()
    application = factories.application(
        person=make_person(unit=unit), unit=unit, batch=batch, **values
    )
    factories.route(batch.committee, unit)
    dossiers.fill(application)
    dossiers.upload(application)
    dossiers.commit(application)
    return application


def gaps(application: Application) -> list[str]:
    return [f"{gap.section}.{gap.field}" for gap in eligibility.missing(application, clock.now())]


# beginning


def test_begin_makes_a_draft_with_a_number(app: Flask) -> None:
    person, batch = make_person(), factories.batch()

    made = begin(person, batch)

    assert made.state is ApplicationState.DRAFT
    assert made.number.startswith(str(batch.review_year))
    assert (made.person_id, made.unit_id, made.series_code) == (person.id, person.unit_id, "05")
    assert made.holder_id is None
    assert made.due_at == clock.end_of_day(batch.apply_end)


def test_begin_refuses_another_person(app: Flask) -> None:
    somebody = Actor(role=Role.APPLICANT, person_id=None)

    assert "yourself only" in why_not_begin(make_person(), factories.batch(), actor=somebody)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"employment": Employment.CIVIL_SERVANT}, "Civil servants"),
        ({"employment": Employment.RETIRED}, "retired"),
        ({"birth_date": date(1950, 1, 1)}, "the age is over 65 on"),
        (
            {"birth_date": date(1950, 1, 1), "employment": Employment.FREELANCE},
            "the age is over 65",
        ),
        ({"banned_until": date(2090, 1, 1), "ban_reason": "材料造假"}, "2090-01-01: 材料造假"),
    ],
)
def test_begin_refuses_who_may_not_apply(app: Flask, values: dict[str, Any], words: str) -> None:
    assert words in why_not_begin(make_person(**values), factories.batch())


def test_begin_takes_who_was_barred_until_yesterday(app: Flask) -> None:
    person = make_person(banned_until=factories.in_days(-1))

    assert begin(person, factories.batch()).state is ApplicationState.DRAFT


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": BatchState.CLOSED}, "is not open"),
        ({"state": BatchState.SUBMITTED}, "is not open"),
        ({"apply_start": factories.in_days(2)}, "has not begun: it takes this from"),
        (
            {"apply_end": factories.in_days(-1), "material_cutoff": factories.in_days(-5)},
            "is over: it took this from",
        ),
    ],
)
def test_begin_refuses_outside_the_window(app: Flask, values: dict[str, Any], words: str) -> None:
    assert words in why_not_begin(make_person(), factories.batch(**values))


def test_begin_is_possible_until_the_last_moment_of_the_last_day(app: Flask) -> None:
    person, batch = make_person(), factories.batch()
    last = clock.end_of_day(batch.apply_end)

    too_late = why_not_begin(person, batch, at=last + timedelta(microseconds=1))
    made = begin(person, batch, at=last)

    assert "is over" in too_late
    assert made.state is ApplicationState.DRAFT


def test_begin_refuses_a_unit_that_is_switched_off(app: Flask) -> None:
    person = make_person(unit=factories.unit(is_active=False))

    said = why_not_begin(person, factories.batch())
    assert "is closed in the register" in said
    assert person.unit.name in said


def test_begin_refuses_a_unit_that_is_not_in_the_register(app: Flask) -> None:
    assert "register" in why_not_begin(make_person(), factories.batch(), unit_id=99_999)


def test_begin_binds_a_public_post_to_its_own_unit(app: Flask) -> None:
    agency = factories.unit(kind=UnitKind.AGENCY)

    assert "own unit only" in why_not_begin(make_person(), factories.batch(), unit_id=agency.id)


def test_begin_lets_others_apply_through_an_agency_only(app: Flask) -> None:
    person = make_person(employment=Employment.FREELANCE)
    agency, other = factories.unit(kind=UnitKind.AGENCY), factories.unit()
    batch = factories.batch()

    refused = why_not_begin(person, batch, unit_id=other.id)
    made = begin(person, batch, unit_id=agency.id)

    assert "neither your own unit nor a personnel agency" in refused
    assert made.unit_id == agency.id


@pytest.mark.parametrize(
    ("batch_values", "values", "words"),
    [
        ({"modes": ["green"]}, {}, "does not take the way"),
        ({"levels": "3"}, {}, "does not take the level"),
        ({}, {"title_code": "0501"}, "does not belong to the chosen series and level"),
        ({}, {"title_code": "0302"}, "judges the series"),
        ({}, {"title_code": "nothing"}, "does not belong to the chosen series and level"),
        ({}, {"specialty_code": "0301"}, "specialty does not belong to the series"),
        ({}, {"specialty_code": "nothing"}, "specialty does not belong to the series"),
        ({}, {"mode": ApplyMode.GRASSROOTS}, "marked as grassroots"),
    ],
)
def test_begin_refuses_what_does_not_go_together(
    app: Flask, batch_values: dict[str, Any], values: dict[str, Any], words: str
) -> None:
    factories.specialty("0301")
    factories.title(Level.ASSOCIATE, "03")

    assert words in why_not_begin(make_person(), factories.batch(**batch_values), **values)


def test_begin_refuses_a_level_above_the_committee(app: Flask) -> None:
    committee = factories.committee(level=Level.MIDDLE)

    assert "does not take the level" in why_not_begin(
        make_person(), factories.batch(committee=committee)
    )


def test_begin_refuses_an_expired_committee(app: Flask) -> None:
    committee = factories.committee(valid_to=factories.in_days(-1))

    assert "is valid from" in why_not_begin(make_person(), factories.batch(committee=committee))


def test_begin_refuses_a_specialty_the_committee_does_not_cover(app: Flask) -> None:
    committee = factories.committee(is_by_specialty=True)
    factories.specialty("0502")

    refused = why_not_begin(
        make_person(), factories.batch(committee=committee), specialty_code="0502"
    )

    assert "does not cover" in refused


def test_begin_takes_a_grassroots_title_by_its_way(session: Session) -> None:
    factories.series("05")
    session.merge(
        Title(code="0599", name="基层", series_code="05", level=Level.ASSOCIATE, is_grassroots=True)
    )
    session.flush()

    made = begin(make_person(), factories.batch(), mode=ApplyMode.GRASSROOTS, title_code="0599")

    assert made.title_code == "0599"


def test_begin_asks_for_a_batch_and_its_own_committee(app: Flask) -> None:
    person, batch = make_person(), factories.batch()
    record = Application(person_id=person.id, name=person.name, unit_id=person.unit_id)
    act = Act(record, "begin", owner_of(person), clock.now())

    without_batch = eligibility.may_begin(act)
    record.batch_id, record.committee_id = batch.id, factories.committee().id
    record.mode, record.level, record.series_code = ApplyMode.NORMAL, Level.ASSOCIATE, "05"

    assert without_batch == "Choose a batch."
    assert "belongs to the committee" in str(eligibility.may_begin(act))


def test_begin_asks_for_a_person(app: Flask) -> None:
    record = Application(person_id=None, batch_id=None)

    why = eligibility.may_begin(Act(record, "begin", Actor(role=Role.APPLICANT), clock.now()))

    assert "yourself only" in str(why)


# one a year


def test_begin_refuses_a_second_application_of_the_year(app: Flask) -> None:
    person = make_person()
    first = begin(person, factories.batch())

    refused = why_not_begin(person, factories.batch())

    assert first.number in refused


@pytest.mark.parametrize(
    "state",
    [
        ApplicationState.ENDED,
        ApplicationState.LAPSED,
        ApplicationState.FAILED,
        ApplicationState.CANCELLED,
    ],
)
def test_begin_refuses_after_an_end_in_the_same_year(app: Flask, state: ApplicationState) -> None:
    person = make_person()
    factories.application(state, person=person)

    assert "there is one a year" in why_not_begin(person, factories.batch())


def test_begin_takes_another_one_after_a_withdrawal(app: Flask) -> None:
    person = make_person()
    factories.application(ApplicationState.WITHDRAWN, person=person)

    assert begin(person, factories.batch()).state is ApplicationState.DRAFT


def test_begin_refuses_who_deletes_drafts_without_end(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = make_person()
    monkeypatch.setattr(eligibility, "MOST_DELETED", 1)
    factories.application(ApplicationState.DISCARDED, person=person)

    assert "Restore one of them" in why_not_begin(person, factories.batch())


def test_begin_takes_another_one_in_another_year(app: Flask) -> None:
    person = make_person()
    last_year = factories.batch(review_year=factories.today().year - 1)
    factories.application(ApplicationState.ENDED, person=person, batch=last_year)

    assert begin(person, factories.batch()).state is ApplicationState.DRAFT


def test_the_database_refuses_a_second_application_too(session: Session) -> None:
    person = make_person()
    factories.application(person=person)

    with pytest.raises(IntegrityError):
        factories.application(person=person)

    session.rollback()


def test_begin_says_so_when_another_window_was_faster(session: Session) -> None:
    person, batch = make_person(), factories.batch()
    factories.title()
    first = factories.application(person=factories.person(), batch=batch)
    values = {
        column.key: getattr(first, column.key)
        for column in Application.__table__.columns
        if column.key != "id"
    }

    with session.no_autoflush:
        session.add(Application(**(values | {"person_id": person.id, "number": "X"})))

        refused = why_not_begin(person, batch)

    assert "of this review year" in refused


# completeness


def test_nothing_is_missing_when_everything_is_there(app: Flask) -> None:
    assert gaps(ready()) == []


def test_missing_names_every_section_of_an_empty_application(app: Flask) -> None:
    found = gaps(factories.application())

    sections = [place.partition(".")[0] for place in found]
    assert {"basic", "education", "work", "achievements", "assessments", "materials"} <= set(
        sections
    )
    assert "basic.nation" in found
    assert "materials.id_card" in found


def test_missing_leads_to_the_row_and_field(app: Flask) -> None:
    application = ready()
    rows = [dossiers.ROWS["education"][0], {"school": "中南大学"}]
    dossiers.fill(application, education=rows)

    found = eligibility.missing(application, clock.now())

    places = {(gap.anchor, gap.field) for gap in found if gap.section == "education"}
    assert ("rows-1-level", "level") in places
    assert "row 2" in found[0].label


@pytest.mark.parametrize(
    ("section", "change", "field"),
    [
        ("education", {"graduated": "2003-06"}, "graduated"),
        ("education", {"is_basis": ""}, "is_basis"),
        ("achievements", {"rank": "13"}, "rank"),
        ("achievements", {"ended": "2001-01"}, "ended"),
        ("work", {"started": "2090-01"}, "started"),
        ("basic", {"technical_since": "2001-01"}, "technical_since"),
        ("assessments", {"grade": "none"}, "absence"),
    ],
)
def test_missing_names_what_contradicts_itself(
    app: Flask, section: str, change: dict[str, Any], field: str
) -> None:
    application = ready()

    first, *others = dossiers.ROWS[section]
    dossiers.fill(application, **{section: [first | change, *others]})

    assert set(gaps(application)) == {f"{section}.{field}"}


def test_missing_names_a_year_that_is_there_twice(app: Flask) -> None:
    application = ready()

    rows = dossiers.ROWS["assessments"]
    dossiers.fill(application, assessments=[*rows, rows[0]])

    assert gaps(application) == ["assessments.year"]


def test_missing_names_achievements_after_the_cutoff(app: Flask) -> None:
    application = ready(batch=factories.batch(material_cutoff=factories.in_days(-40)))
    paper = {"title": "t", "journal": "j", "issn": "i", "rank": "1", "authors": "1", "index": "sci"}
    late, in_time = f"{factories.today():%Y-%m}", f"{factories.in_days(-80):%Y-%m}"

    dossiers.fill(application, papers=[paper | {"published": day} for day in (late, in_time)])

    found = eligibility.missing(application, clock.now())
    assert [(gap.field, gap.anchor) for gap in found] == [("published", "rows-0-published")]
    assert f"count until {factories.in_days(-40)}" in found[0].reason


def test_missing_names_what_the_own_data_lack(app: Flask) -> None:
    application = ready()

    application.person.phone = None

    assert gaps(application) == ["person.phone"]


# one title after another


def titles(*held: tuple[str, str]) -> list[dict[str, Any]]:
    usual = dossiers.ROWS["titles"][0]
    return [usual | {"series": series, "level": level} for series, level in held]


@pytest.mark.parametrize(
    ("mode", "level", "held", "words"),
    [
        (ApplyMode.NORMAL, Level.SENIOR, [("05", "4")], "one after another"),
        (ApplyMode.NORMAL, Level.ASSOCIATE, [("05", "2")], "already held"),
        (ApplyMode.NORMAL, Level.ASSOCIATE, [("03", "3")], "another series"),
        (ApplyMode.NORMAL, Level.ASSOCIATE, [], "one after another"),
        (ApplyMode.NORMAL, Level.MIDDLE, [], None),
        (ApplyMode.NORMAL, Level.ASSOCIATE, [("05", "4"), ("05", "3")], None),
        (ApplyMode.EXCEPTIONAL, Level.SENIOR, [("05", "4")], None),
        (ApplyMode.TRANSFER, Level.ASSOCIATE, [("03", "2")], None),
        (ApplyMode.TRANSFER, Level.ASSOCIATE, [("03", "3")], "same level"),
        (ApplyMode.TRANSFER, Level.ASSOCIATE, [("05", "2")], "same level"),
    ],
)
def test_titles_are_taken_one_after_another(
    app: Flask, mode: ApplyMode, level: Level, held: list[tuple[str, str]], words: str | None
) -> None:
    application = ready(mode=mode, level=level)
    factories.series("03")

    dossiers.fill(application, titles=titles(*held))

    found = [
        gap for gap in eligibility.missing(application, clock.now()) if gap.section == "titles"
    ]
    assert [words in gap.reason for gap in found] == ([True] if words else [])


# handing in


def test_submit_hands_a_complete_application_to_the_unit(app: Flask) -> None:
    application = ready()

    log = engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert application.state is ApplicationState.AT_UNIT
    assert application.holder_id == application.unit_id
    assert log.receipt.startswith("HZ")


def test_submit_names_the_number_of_gaps_and_the_first(app: Flask) -> None:
    application = ready()
    dossiers.fill(application, work=[], education=[])
    dossiers.commit(application)

    with pytest.raises(Refused) as caught:
        engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert caught.value.sentence.startswith("Missing or wrong: 2, first: Education")
    assert application.state is ApplicationState.DRAFT


def test_submit_refuses_without_the_commitment(app: Flask) -> None:
    application = ready()
    dossier.commit_to(application, is_true=False, is_secret_free=True, at=clock.now())

    with pytest.raises(Refused, match="Read the commitment") as caught:
        engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert caught.value.field == "is_true"


def test_submit_refuses_secret_material(app: Flask) -> None:
    application = ready()
    dossier.commit_to(application, is_true=True, is_secret_free=False, at=clock.now())

    with pytest.raises(Refused, match="Secret material") as caught:
        engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())

    assert caught.value.field == "is_secret_free"


def test_submit_refuses_a_commitment_to_an_older_wording(app: Flask) -> None:
    application = ready()
    application.commitment_version = 0

    assert "Read the commitment" in _checked(eligibility.is_committed, application)


def test_submit_refuses_who_was_barred_meanwhile(app: Flask) -> None:
    application = ready()
    application.person.banned_until = factories.in_days(30)

    assert "is barred" in str(eligibility.is_complete(act_of(application)))


def test_submit_refuses_when_the_committee_expired_meanwhile(app: Flask) -> None:
    application = ready()
    application.committee.valid_to = factories.in_days(-1)

    assert "is valid from" in str(eligibility.is_complete(act_of(application)))


def test_submit_refuses_a_unit_that_is_not_the_own_one_any_more(app: Flask) -> None:
    application = ready()
    application.person.unit = factories.unit()

    assert "in your own data first" in str(eligibility.is_complete(act_of(application)))


def test_submit_is_refused_after_the_window(app: Flask) -> None:
    application = factories.application()
    late = clock.end_of_day(application.batch.apply_end) + timedelta(seconds=1)

    assert "is over" in str(eligibility.is_in_window(act_of(application, at=late)))
    assert eligibility.is_in_window(act_of(application)) is None


def test_resubmit_has_a_window_of_its_own(app: Flask) -> None:
    application = factories.application(ApplicationState.RETURNED)
    after_apply = clock.end_of_day(application.batch.apply_end) + timedelta(days=1)
    after_all = clock.end_of_day(application.batch.resubmit_end) + timedelta(seconds=1)

    inside = eligibility.is_in_resubmit_window(act_of(application, "resubmit", at=after_apply))
    outside = eligibility.is_in_resubmit_window(act_of(application, "resubmit", at=after_all))

    assert inside is None
    assert f"until {application.batch.resubmit_end} 24:00" in str(outside)


def test_resubmit_is_refused_in_a_closed_batch(app: Flask) -> None:
    application = factories.application(
        ApplicationState.RETURNED, batch=factories.batch(state=BatchState.CLOSED)
    )

    assert "is not open" in str(eligibility.is_in_resubmit_window(act_of(application)))


def test_only_the_owner_hands_in(app: Flask) -> None:
    application = ready()
    other = Actor(role=Role.APPLICANT, person_id=application.person_id + 1)

    why = engine.why_not(application, "submit", actor=other, at=clock.now())

    assert why == "Only the applicant can do this."


def test_two_windows_cannot_change_and_submit_at_once(session: Session) -> None:
    application = ready()
    session.execute(
        Application.__table__.update()
        .where(Application.id == application.id)
        .values(version=application.version + 1)
    )

    with pytest.raises(Refused):
        engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())


# taking back


def submitted() -> Application:
    application = ready()
    engine.fire(application, "submit", actor=owner_of(application.person), at=clock.now())
    return application


def test_take_back_opens_the_draft_again(app: Flask) -> None:
    application = submitted()

    engine.fire(application, "take_back", actor=owner_of(application.person), at=clock.now())

    assert application.state is ApplicationState.DRAFT


def test_take_back_is_refused_once_somebody_acted(app: Flask) -> None:
    application = submitted()
    clerk = factories.actor(Role.UNIT, unit=application.unit)
    engine.fire(application, "check_pass", actor=clerk, at=clock.now(), details=EACH_CHECKED)

    assert "The review has begun" in str(eligibility.is_untouched(act_of(application, "take_back")))


def test_take_back_is_refused_when_it_could_not_be_handed_in_again(app: Flask) -> None:
    application = submitted()
    late = clock.end_of_day(application.batch.apply_end) + timedelta(days=1)

    why = eligibility.is_untouched(act_of(application, "take_back", at=late))

    assert "could not be handed in again" in str(why)


def test_give_up_frees_the_year(app: Flask) -> None:
    application = submitted()

    engine.fire(application, "give_up", actor=owner_of(application.person), at=clock.now())

    assert application.state is ApplicationState.WITHDRAWN
    assert begin(application.person, factories.batch()).state is ApplicationState.DRAFT


def test_is_not_barred_is_asked_at_every_step_upwards(app: Flask) -> None:
    application = factories.application(ApplicationState.AT_UNIT)
    application.person.banned_until = factories.in_days(1)

    assert "is barred" in str(eligibility.is_not_barred(act_of(application, "check_pass")))


# choosing


def test_offers_say_why_a_batch_cannot_be_used(session: Session) -> None:
    person = make_person()
    factories.batch(name="开放")
    factories.batch(name="未来", apply_start=factories.in_days(3))
    factories.batch(name="草稿", state=BatchState.DRAFT)

    found = application_choices.offers(session, person, clock.now())

    assert {offer.batch.name: offer.why_not is None for offer in found} == {
        "开放": True,
        "未来": False,
    }
    assert application_choices.why_none(person, found, clock.now()) is None


def test_offers_say_that_the_year_is_taken(session: Session) -> None:
    person = make_person()
    taken = factories.application(person=person)

    found = application_choices.offers(session, person, clock.now())

    assert all(taken.number in str(offer.why_not) for offer in found)
    assert "each says why" in str(application_choices.why_none(person, found, clock.now()))


def test_offers_say_that_the_committee_has_expired(session: Session) -> None:
    factories.batch(committee=factories.committee(valid_to=factories.in_days(-1)))

    found = application_choices.offers(session, make_person(), clock.now())

    assert ["is valid from" in str(offer.why_not) for offer in found] == [True]


def test_why_none_says_that_no_batch_is_open(session: Session) -> None:
    person = make_person()

    assert "No batch takes applications now" in str(
        application_choices.why_none(person, [], clock.now())
    )


def test_why_none_speaks_of_the_person_first(session: Session) -> None:
    person = make_person(employment=Employment.CIVIL_SERVANT)

    assert "Civil servants" in str(application_choices.why_none(person, [], clock.now()))


def test_combination_offers_only_what_fits(session: Session) -> None:
    committee = factories.committee(is_by_specialty=True)
    batch = factories.batch(committee=committee, levels="23", modes=["normal"])

    found = application_choices.combination(session, batch, ApplyMode.NORMAL, Level.ASSOCIATE)

    assert {title.series_code for title in found.titles} == {"05"}
    assert {title.level for title in found.titles} == {Level.ASSOCIATE}
    assert not any(title.is_grassroots for title in found.titles)
    assert found.specialties == committee.specialties
    assert application_choices.levels(batch) == [Level.ASSOCIATE, Level.MIDDLE]
    assert application_choices.modes(batch) == [ApplyMode.NORMAL]


def test_combination_says_why_there_is_none(session: Session) -> None:
    committee = factories.committee(series_code="01")
    batch = factories.batch(committee=committee)

    found = application_choices.combination(session, batch, ApplyMode.NORMAL, Level.CLERK)

    assert found.titles == []
    assert "has no title of the level" in str(found.why_none)


def test_combination_says_that_a_committee_covers_nothing(session: Session) -> None:
    committee = factories.committee(is_by_specialty=True)
    committee.specialties.clear()

    found = application_choices.combination(
        session, factories.batch(committee=committee), ApplyMode.NORMAL, Level.ASSOCIATE
    )

    assert "covers no specialty" in str(found.why_none)


# own data


def changed(person: Person, **values: Any) -> Any:
    typed = {
        "phone": "13900000000",
        "employment": person.employment,
        "unit_id": person.unit_id,
        "actor": None,
        "at": clock.now(),
    }
    return own_data.change(person, **typed | values)


def test_own_data_can_be_changed_before_anything_is_handed_in(app: Flask) -> None:
    person, unit = make_person(), factories.unit()
    factories.application(person=person)

    changed(person, unit_id=unit.id)

    assert (person.phone, person.unit_id) == ("13900000000", unit.id)


def test_the_telephone_can_be_changed_while_an_application_is_under_way(app: Flask) -> None:
    person = make_person()
    factories.application(ApplicationState.AT_UNIT, person=person)

    changed(person)

    assert person.phone == "13900000000"


@pytest.mark.parametrize("change", [{"unit_id": None}, {"employment": Employment.FREELANCE}])
def test_own_data_keep_unit_and_employment_while_an_application_is_under_way(
    app: Flask, change: dict[str, Any]
) -> None:
    person = make_person()
    factories.application(ApplicationState.AT_UNIT, person=person)

    with pytest.raises(Refused, match="is under way") as caught:
        changed(person, **change)

    assert caught.value.field == "unit_id"


def test_a_gap_reads_as_a_sentence(app: Flask) -> None:
    gap = completeness.Missing("work", "Work", "unit", "Unit", "Not filled in.")

    assert str(gap) == "Work · Unit: Not filled in"


def _checked(check: Any, application: Application) -> str:
    with pytest.raises(Refused) as caught:
        check(act_of(application))
    return caught.value.sentence
