"""The personal hall through HTTP: choosing, saving, uploading, handing in, taking back; on the phone too."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, CorrectionState, Role
from app.ground import clock
from app.models import Application, Correction, Message, Person
from app.services.dossier import dossier
from app.services.messages import outbox
from tests.bad_input.applicant import complete, draft, section_url
from tests.services import dossiers
from tests.support import factories, signing
from tests.support.factories import applicant


@pytest.fixture
def me(client: FlaskClient) -> tuple[FlaskClient, Person]:
    person, position = applicant()
    return signing.english(signing.signed_in(client, position)), person


Me = tuple[FlaskClient, Person]


def row(section: str, number: int = 0, **change: str) -> dict[str, str]:
    values = dossiers.ROWS[section][0] | change
    return {f"rows-{number}-{key}": value for key, value in values.items()}


def followed(client: FlaskClient, answer: Any) -> Any:
    """Return the page a press leads to."""
    assert answer.status_code == 303
    return client.get(answer.location)


# the hall's first page


def test_the_hall_shows_where_applications_stand_and_what_is_next(me: Me) -> None:
    client, person = me
    application = draft(person, ApplicationState.AT_UNIT)

    page = client.get("/me/").text

    assert application.number in page
    assert application.unit.name in page
    assert "Your unit checks the application" in page


def test_the_hall_shows_open_batches_with_the_days_left(me: Me) -> None:
    client, _person = me
    batch = factories.batch()

    page = client.get("/me/").text

    assert batch.name in page
    assert re.search(r"30 days \d+ hours left", page)
    assert f"/me/apply?batch={batch.id}" in page


def test_the_hall_says_why_nothing_can_be_begun(me: Me) -> None:
    client, _person = me

    assert "No batch takes applications now" in client.get("/me/").text


def test_the_hall_has_the_guides_path(me: Me) -> None:
    client, _person = me
    crumbs = ["Home", "Talent and personnel", "Professional and technical staff", "Title review"]

    page = client.get("/me/").text

    places = [page.index(f"{crumb}<") for crumb in crumbs]
    assert places == sorted(places)


@pytest.mark.parametrize("path", ["/me/", "/me/apply", "/m/", "/me/certificates/", "/me/person/"])
def test_the_hall_asks_for_a_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 302
    assert "/login/" in answer.location


def test_the_hall_is_closed_to_staff(client: FlaskClient) -> None:
    clerk = factories.position(Role.UNIT, unit=factories.unit())

    answer = signing.signed_in(client, clerk).get("/me/")

    assert answer.status_code == 403


# choosing


def chosen(batch: Any, unit_id: int | None, **change: Any) -> dict[str, Any]:
    level = change.pop("level", "2")
    return {
        "batch": batch.id,
        "mode": "normal",
        "level": level,
        "title_code": "0502",
        "specialty_code": batch.committee.specialties[0].code,
        "unit_id": unit_id or "",
    } | change


def test_choosing_offers_only_what_fits(me: Me) -> None:
    client, _person = me
    batch = factories.batch(levels="23", modes=["normal"])
    factories.title()

    page = client.get(f"/me/apply?batch={batch.id}&mode=normal&level=2").text

    assert 'value="0502"' in page
    assert 'value="0503"' not in page
    assert 'value="1"' not in page.split('name="level"')[1].split("</select>")[0]


def test_choosing_begins_an_application(me: Me, session: Session) -> None:
    client, person = me
    batch = factories.batch()
    factories.title()

    answer = client.post("/me/apply", data=chosen(batch, person.unit_id))

    made = session.scalars(select(Application)).one()
    assert answer.status_code == 303
    assert answer.location == f"/me/application/{made.id}/"
    assert (made.state, made.person_id) == (ApplicationState.DRAFT, person.id)


def test_choosing_refuses_a_title_that_was_not_offered(me: Me, session: Session) -> None:
    client, person = me
    batch = factories.batch()
    factories.title()

    answer = client.post("/me/apply", data=chosen(batch, person.unit_id, title_code="0301"))

    assert "not offered any more" in answer.text
    assert session.scalars(select(Application)).all() == []


def test_choosing_refuses_a_second_application_and_keeps_what_was_chosen(me: Me) -> None:
    client, person = me
    application = draft(person)

    answer = client.post("/me/apply", data=chosen(application.batch, person.unit_id))

    assert "there is one a year" in answer.text
    assert '<option selected value="0502">' in answer.text


def test_choosing_knows_no_batch_that_is_not_open(me: Me) -> None:
    client, _person = me
    batch = factories.batch(state="draft")

    assert client.get(f"/me/apply?batch={batch.id}").status_code == 404
    assert client.get("/me/apply?batch=x").status_code == 200


# somebody else's


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "section/work"),
        ("post", "section/work"),
        ("get", "materials"),
        ("post", "materials"),
        ("get", "submit"),
        ("post", "submit"),
        ("post", "act/give_up"),
        ("post", "take-over"),
    ],
)
@pytest.mark.parametrize("base", ["/me", "/m"])
def test_an_application_of_somebody_else_does_not_exist(
    me: Me, base: str, method: str, path: str
) -> None:
    client, _person = me
    other = draft(applicant()[0])

    answer = getattr(client, method)(f"{base}/application/{other.id}/{path}")

    assert answer.status_code == 404
    assert other.state is ApplicationState.DRAFT


# sections


def test_a_section_is_saved_incomplete(me: Me) -> None:
    client, person = me
    application = draft(person)

    answer = client.post(
        section_url(application, "education"),
        data={"revision": "0", "rows-0-school": "湖南大学", "do": "save"},
    )

    assert answer.status_code == 303
    assert dossier.stored(application)["education"].rows[0]["school"] == "湖南大学"
    assert "湖南大学" in client.get(section_url(application, "education")).text


def test_next_leads_through_all_sections_to_the_material(me: Me) -> None:
    client, person = me
    application = draft(person)
    order = [one.key for one in dossier.form_of(application).sections]

    led = [
        client.post(section_url(application, key), data={"revision": "0", "do": "next"}).location
        for key in order
    ]

    expected = [section_url(application, key) for key in order[1:]]
    assert led == [*expected, f"/me/application/{application.id}/materials"]


def test_a_refused_value_keeps_everything_typed(me: Me) -> None:
    client, person = me
    application = draft(person)

    answer = client.post(
        section_url(application, "papers"),
        data={
            "revision": "0",
            "rows-0-title": "好论文",
            "rows-0-published": "去年",
            "rows-1-title": "另一篇",
        },
    )

    assert answer.status_code == 422
    assert "“去年” is no month" in answer.text
    for typed in ("好论文", "去年", "另一篇"):
        assert f'value="{typed}"' in answer.text
    kept = dossier.stored(application)["papers"].rows
    assert [(row["title"], row["published"]) for row in kept] == [
        ("好论文", None),
        ("另一篇", None),
    ]


def test_a_change_on_the_phone_is_not_overwritten(me: Me) -> None:
    client, person = me
    application = draft(person)
    client.post(
        section_url(application, "work", "/m"), data={"revision": "0", "rows-0-unit": "手机"}
    )

    answer = client.post(
        section_url(application, "work"), data={"revision": "0", "rows-0-unit": "电脑"}
    )

    assert answer.status_code == 409
    assert "This section was saved elsewhere at" in answer.text
    assert "电脑" in answer.text
    assert dossier.stored(application)["work"].rows[0]["unit"] == "手机"


def test_a_section_saves_by_itself(me: Me) -> None:
    client, person = me
    application = draft(person)

    answer = client.post(
        section_url(application, "work"),
        json={"revision": 0, "add": {"n1": {"unit": "甲"}}},
        headers={"Accept": "application/json"},
    )

    assert answer.json["revision"] == 1
    assert re.fullmatch(r"\d\d:\d\d:\d\d", answer.json["saved_at"])


def test_a_refusal_of_saving_by_itself_is_a_sentence(me: Me) -> None:
    client, person = me
    application = draft(person, ApplicationState.AT_UNIT)

    answer = client.post(
        section_url(application, "work"),
        json={"revision": 0, "add": {"n1": {"unit": "甲"}}},
        headers={"Accept": "application/json"},
    )

    assert answer.status_code == 422
    assert "cannot be changed now" in answer.json["refused"]


@pytest.mark.parametrize(
    ("wish", "units"),
    [
        ("copy.0", ["甲", "甲", "乙"]),
        ("remove.0", ["乙"]),
        ("remove.7", ["甲", "乙"]),
        ("remove.x", ["甲", "乙"]),
        ("nonsense.0", ["甲", "乙"]),
    ],
)
def test_rows_are_copied_and_removed(me: Me, wish: str, units: list[str]) -> None:
    client, person = me
    application = draft(person)

    client.post(
        section_url(application, "work"),
        data={"revision": "0", "rows-0-unit": "甲", "rows-3-unit": "乙", "do": wish},
    )

    assert [line["unit"] for line in dossier.stored(application)["work"].rows] == units


def test_a_row_is_added(me: Me) -> None:
    client, person = me
    application = draft(person)

    answer = followed(
        client,
        client.post(
            section_url(application, "work"),
            data={"revision": "0", "rows-0-unit": "甲", "do": "add"},
        ),
    )

    assert 'name="rows-1-unit"' in answer.text


def test_the_reason_of_a_return_stands_beside_its_section(me: Me) -> None:
    client, person = me
    application = draft(
        person, ApplicationState.RETURNED, returned_sections={"work": "起止时间不对", "": "请修改"}
    )

    page = client.get(section_url(application, "work")).text
    other = client.get(section_url(application, "papers")).text

    assert "起止时间不对" in page
    assert "Only what was asked for can be changed now" in other
    assert "<fieldset" in other
    assert " disabled" in other


def test_a_saved_section_lists_its_gaps(me: Me) -> None:
    client, person = me
    application = draft(person)
    client.post(section_url(application, "work"), data={"revision": "0", "rows-0-unit": "甲"})

    page = client.get(section_url(application, "work")).text

    assert 'href="#rows-0-started"' in page
    assert 'id="rows-0-started"' in page


def test_a_section_that_is_not_in_the_form_does_not_exist(me: Me) -> None:
    client, person = me

    assert client.get(section_url(draft(person), "nonsense")).status_code == 404


@pytest.mark.parametrize("key", [*dossiers.ROWS, "papers"])
@pytest.mark.parametrize("base", ["/me", "/m"])
def test_every_section_has_its_page(me: Me, base: str, key: str) -> None:
    client, person = me
    application = draft(person)
    dossiers.fill(application)

    answer = client.get(section_url(application, key, base))

    assert answer.status_code == 200
    assert " style=" not in answer.text
    assert "onclick" not in answer.text


# handing in


TICKED = {"is_true": "y", "is_secret_free": "y"}


def test_submitting_gives_a_receipt(me: Me) -> None:
    client, person = me
    application = complete(person)

    answer = followed(client, client.post(f"/me/application/{application.id}/submit", data=TICKED))

    assert application.state is ApplicationState.AT_UNIT
    assert re.search(r"HZ\d{8}-\d{7}", answer.text)
    assert application.unit.name in answer.text


def test_submitting_lists_everything_missing_with_links(me: Me) -> None:
    client, person = me
    application = draft(person)

    page = client.get(f"/me/application/{application.id}/submit").text
    answer = client.post(f"/me/application/{application.id}/submit", data=TICKED)

    assert f'href="/me/application/{application.id}/section/education#rows"' in page
    assert f'href="/me/application/{application.id}/materials#kind-id_card"' in page
    assert answer.status_code == 422
    assert "Missing or wrong:" in answer.text
    assert application.state is ApplicationState.DRAFT


@pytest.mark.parametrize(
    ("ticked", "words"),
    [
        ({"is_true": "y"}, "Secret material must never be handed in online"),
        ({"is_secret_free": "y"}, "Read the commitment and tick it"),
        ({}, "Read the commitment and tick it"),
    ],
)
def test_submitting_needs_both_ticks(me: Me, ticked: dict[str, str], words: str) -> None:
    client, person = me
    application = complete(person)

    answer = client.post(f"/me/application/{application.id}/submit", data=ticked)

    assert answer.status_code == 422
    assert words in answer.text
    assert application.state is ApplicationState.DRAFT


def test_submitting_twice_is_told(me: Me) -> None:
    client, person = me
    application = complete(person)
    client.post(f"/me/application/{application.id}/submit", data=TICKED)

    again = followed(client, client.post(f"/me/application/{application.id}/submit", data=TICKED))

    assert "cannot be changed now" in again.text
    assert application.version == 1 + len(dossiers.ROWS)


def test_a_returned_application_is_submitted_again(me: Me) -> None:
    client, person = me
    application = complete(person)
    application.state, application.returned_sections = (
        ApplicationState.RETURNED,
        {"work": "不对", "": "不对"},
    )

    client.post(f"/me/application/{application.id}/submit", data=TICKED)

    assert application.state is ApplicationState.AT_UNIT


def test_a_supplement_shows_its_items_and_is_handed_in(me: Me, session: Session) -> None:
    client, person = me
    application = complete(person)
    application.state, application.returned_sections = (
        ApplicationState.IN_CORRECTION,
        {"papers": "缺论文正文"},
    )
    asked = {
        "items": [{"section": "papers", "text": "缺论文正文"}],
        "deadline": factories.in_days(5),
        "asked_at": clock.now(),
    }
    session.add(Correction(application_id=application.id, **asked))

    page = client.get(f"/me/application/{application.id}/").text
    client.post(f"/me/application/{application.id}/submit", data=TICKED)

    assert "缺论文正文" in page
    assert f"until {factories.in_days(5):%Y-%m-%d} 24:00" in page
    assert application.state is ApplicationState.CORRECTED
    assert session.scalars(select(Correction.state)).one() is CorrectionState.ANSWERED


# taking back


def test_taking_back_and_withdrawing(me: Me) -> None:
    client, person = me
    application = complete(person)
    client.post(f"/me/application/{application.id}/submit", data=TICKED)

    client.post(f"/me/application/{application.id}/act/take_back")
    back = application.state
    client.post(f"/me/application/{application.id}/act/give_up")

    assert (back, application.state) == (ApplicationState.DRAFT, ApplicationState.WITHDRAWN)


def test_withdrawing_an_old_page_is_refused(me: Me) -> None:
    client, person = me
    application = draft(person)

    answer = followed(
        client, client.post(f"/me/application/{application.id}/act/give_up", data={"version": "7"})
    )

    assert application.state is ApplicationState.DRAFT
    assert answer.status_code == 200


@pytest.mark.parametrize("event", ["submit", "check_pass", "nonsense"])
def test_other_acts_are_not_reached_here(me: Me, event: str) -> None:
    client, person = me

    answer = client.post(f"/me/application/{draft(person).id}/act/{event}")

    assert answer.status_code == 404


def test_what_an_earlier_application_held_is_taken_over(me: Me) -> None:
    client, person = me
    old = draft(person, batch=factories.batch(review_year=factories.today().year - 1))
    dossiers.fill(old)
    new = draft(person)

    page = client.get(f"/me/application/{new.id}/").text
    client.post(f"/me/application/{new.id}/take-over")

    assert old.number in page
    assert set(dossier.stored(new)) == set(dossiers.ROWS)


@pytest.mark.parametrize("state", list(ApplicationState))
def test_every_state_has_its_page(me: Me, state: ApplicationState) -> None:
    client, person = me
    application = draft(person, state, superiors=(factories.unit(),))

    answers = [
        client.get(f"{base}/application/{application.id}/{page}")
        for base in ("/me", "/m")
        for page in ("", "materials", "section/work")
    ]

    assert [answer.status_code for answer in answers] == [200] * 6
    assert application.number in answers[0].text


# the phone


def test_the_phone_speaks_the_phones_words(me: Me) -> None:
    client, person = me
    application = draft(person)

    on_phone = client.get(section_url(application, "work", "/m")).text
    on_web = client.get(section_url(application, "work")).text

    assert "Save for now" in on_phone
    assert "Next step" in on_phone
    assert "Professional and technical staff" not in on_phone
    assert "Save the application" in on_web


def test_a_draft_begun_on_the_web_goes_on_on_the_phone(me: Me) -> None:
    client, person = me
    application = draft(person)
    client.post(section_url(application, "work"), data={"revision": "0", "rows-0-unit": "甲厂"})

    assert 'value="甲厂"' in client.get(section_url(application, "work", "/m")).text


# own data, certificates, messages


def test_own_data_show_the_id_number_masked(me: Me) -> None:
    client, person = me

    page = client.get("/me/person/").text

    assert person.id_number not in page
    assert person.id_number[-4:] in page


def test_own_data_are_changed(me: Me) -> None:
    client, person = me
    unit = factories.unit()

    client.post(
        "/me/person/",
        data={
            "phone": "139 0000 0000",
            "employment": "enterprise",
            "unit_id": unit.id,
            "version": person.version,
        },
    )

    assert (person.phone, person.unit_id) == ("13900000000", unit.id)


def test_own_data_refuse_a_wrong_telephone_and_keep_it(me: Me) -> None:
    client, _person = me

    answer = client.post("/me/person/", data={"phone": "123", "employment": "enterprise"})

    assert answer.status_code == 422
    assert "11 digits" in answer.text
    assert 'value="123"' in answer.text


def test_own_certificates_are_listed_and_nobody_elses(me: Me) -> None:
    client, person = me
    mine = factories.certificate(draft(person, ApplicationState.CERTIFIED))
    other = factories.certificate(draft(applicant()[0], ApplicationState.CERTIFIED))

    page = client.get("/me/certificates/").text

    assert "/public/certificates/" in page
    assert mine.token in page
    assert other.token not in page


def test_messages_are_read(me: Me, session: Session) -> None:
    client, person = me
    outbox.queue_message(
        session, person.user_id or 0, "application.submit", at=clock.now(), number="42", time="x"
    )
    outbox.deliver(clock.now())

    page = client.get("/messages/").text
    client.post("/messages/read")

    assert "申报 42 已提交" in page
    assert session.scalars(select(Message)).one().read_at is not None


def test_messages_need_a_sign_in(client: FlaskClient) -> None:
    assert client.get("/messages/").status_code == 302
    assert client.post("/messages/read").status_code == 401
