"""The unit's first check on its page: section by section, who answers for it, what a resubmission changed."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.orm import Session

from app import engine
from app.enums import ApplicationState, Role
from app.ground import clock
from app.models import Application, Position, TransitionLog, Unit
from app.services.dossier import dossier
from app.services.files import attached_files as file_list
from app.services.review import first_checks
from app.views.case import files as file_view
from tests.services import dossiers
from tests.services.dossier.test_submissions import change, hand_in, ready
from tests.services.dossiers import owner_of
from tests.support import factories
from tests.support.pressing import LEADER, check_pass, returned, ticks
from tests.support.signing import client_of, english, signed_in

CHECK = "/g/1.1.1/check/act/audit"
WHY = "论文材料不完整，请补充"


@pytest.fixture
def handed_in(app: Flask) -> Application:
    made = ready()
    hand_in(made)
    return made


@pytest.fixture
def position(handed_in: Application) -> Position:
    return factories.position(Role.UNIT, unit=handed_in.unit)


@pytest.fixture
def clerk(app: Flask, position: Position) -> FlaskClient:
    return client_of(app, position)


def press(client: FlaskClient, *records: Application, **typed: Any) -> Any:
    rows = [f"{record.id}:{record.version}" for record in records]
    return client.post(CHECK, data={"row": rows, **typed})


def last(session: Session) -> TransitionLog:
    found: TransitionLog = session.query(TransitionLog).order_by(TransitionLog.id.desc()).first()  # type: ignore[assignment]
    return found


def test_page_has_a_tick_beside_every_section(clerk: FlaskClient, handed_in: Application) -> None:
    page = clerk.get(f"/g/1.1.1/check/{handed_in.id}").text

    for place, key in enumerate(first_checks.sections_of(handed_in)):
        assert f'name="checks-{place}-key" type="hidden" value="{key}"' in page.replace(
            ' form="act-form-audit"', ""
        )
    assert 'form="act-form-audit"' in page
    assert 'id="act-form-audit"' in page


def test_pass_with_every_section_ticked_is_logged(
    clerk: FlaskClient, handed_in: Application, session: Session
) -> None:
    answer = press(clerk, handed_in, **check_pass(handed_in))

    assert answer.status_code == 303
    assert handed_in.state is ApplicationState.CHECKED
    assert last(session).details["checked"] == list(first_checks.sections_of(handed_in))
    page = clerk.get(f"/g/1.1.4/{handed_in.id}").text
    assert "sections checked one by one" in page
    assert LEADER["leader"] in page


def test_pass_names_the_sections_that_are_left(clerk: FlaskClient, handed_in: Application) -> None:
    typed = check_pass(handed_in)
    keys = list(first_checks.sections_of(handed_in))
    for key in ("work", "education"):
        del typed[f"checks-{keys.index(key)}-is_checked"]

    answer = press(clerk, handed_in, **typed)

    assert answer.status_code == 422
    with force_locale("en"):
        labels = first_checks.sections_of(handed_in)
    assert "Not checked yet: 2 sections" in answer.text
    assert all(labels[key] in answer.text for key in ("work", "education"))
    assert handed_in.state is ApplicationState.AT_UNIT


def test_pass_is_refused_with_a_reason_to_go_back(
    clerk: FlaskClient, handed_in: Application
) -> None:
    reasons = returned(handed_in, "work", "缺起止时间") | check_pass(handed_in)

    answer = press(clerk, handed_in, **reasons)

    assert answer.status_code == 422
    assert handed_in.state is ApplicationState.AT_UNIT
    assert "缺起止时间" in answer.text


def test_single_person_is_not_passed_with_the_tick_for_all(
    clerk: FlaskClient, handed_in: Application
) -> None:
    answer = press(clerk, handed_in, decision="check_pass", is_each_checked="y", **LEADER)

    assert answer.status_code == 422
    assert "Not checked yet" in answer.text


def test_several_people_pass_with_one_tick_that_is_kept(
    clerk: FlaskClient, handed_in: Application, session: Session
) -> None:
    other = factories.application(ApplicationState.AT_UNIT, unit=handed_in.unit)

    untold = press(clerk, handed_in, other, decision="check_pass", **LEADER)
    answer = press(clerk, handed_in, other, **check_pass(handed_in, other))

    assert untold.status_code == 422
    assert "every section of each of them" in untold.text
    assert answer.status_code == 303
    assert (handed_in.state, other.state) == (ApplicationState.CHECKED, ApplicationState.CHECKED)
    assert last(session).details["is_each_checked"] is True


def test_return_needs_a_section(clerk: FlaskClient, handed_in: Application) -> None:
    typed = {"decision": "refuse", "way": "check_return", "opinion": WHY, **LEADER}

    answer = press(clerk, handed_in, **typed, **ticks(handed_in))

    assert answer.status_code == 422
    assert "at least one section" in answer.text
    assert WHY in answer.text
    assert handed_in.state is ApplicationState.AT_UNIT


@pytest.mark.parametrize("reason", ["无", "……", "。。", "aaaa", "退回"])
def test_reason_at_a_section_must_say_something(
    clerk: FlaskClient, handed_in: Application, reason: str
) -> None:
    answer = press(clerk, handed_in, opinion=WHY, **returned(handed_in, "work", reason))

    assert answer.status_code == 422
    assert handed_in.state is ApplicationState.AT_UNIT


def test_return_names_the_field(clerk: FlaskClient, handed_in: Application) -> None:
    typed = returned(handed_in, "education", "与证书不一致")
    place = list(first_checks.sections_of(handed_in)).index("education")
    typed[f"checks-{place}-place"] = "rows-0-school"

    answer = press(clerk, handed_in, opinion=WHY, **typed)

    assert answer.status_code == 303
    assert handed_in.returned_sections["education"] == {
        "reason": "与证书不一致",
        "fields": {"rows-0-school": "与证书不一致"},
    }
    assert "与证书不一致" in clerk.get(f"/g/1.1.4/{handed_in.id}").text


def test_field_without_a_reason_is_refused(clerk: FlaskClient, handed_in: Application) -> None:
    typed = returned(handed_in, "education", "")
    place = list(first_checks.sections_of(handed_in)).index("education")
    typed[f"checks-{place}-place"] = "rows-0-school"

    answer = press(clerk, handed_in, opinion=WHY, **typed)

    assert answer.status_code == 422
    assert "Say what is to be changed there" in answer.text


# who answers for it


@pytest.mark.parametrize("leader", ["", "  "])
def test_person_responsible_is_required(
    clerk: FlaskClient, handed_in: Application, leader: str
) -> None:
    answer = press(clerk, handed_in, **check_pass(handed_in) | {"leader": leader})

    assert answer.status_code == 422
    assert handed_in.state is ApplicationState.AT_UNIT


def test_person_responsible_is_somebody_else(
    clerk: FlaskClient, handed_in: Application, position: Position
) -> None:
    own = " ".join(position.user.real_name)

    for name in (own, handed_in.name):
        answer = press(clerk, handed_in, **check_pass(handed_in) | {"leader": name})

        assert answer.status_code == 422
        assert "cannot answer for this step" in answer.text
    assert handed_in.state is ApplicationState.AT_UNIT


def test_person_responsible_is_offered_again(
    clerk: FlaskClient, handed_in: Application, unit_mate: Application
) -> None:
    press(clerk, handed_in, **check_pass(handed_in))

    page = clerk.get(f"/g/1.1.1/check/{unit_mate.id}").text

    assert f'value="{LEADER["leader"]}"' in page


@pytest.fixture
def unit_mate(handed_in: Application) -> Application:
    return factories.application(ApplicationState.AT_UNIT, unit=handed_in.unit)


# what a resubmission changed


@pytest.fixture
def resubmitted(handed_in: Application) -> Application:
    handed_in.state = ApplicationState.RETURNED
    handed_in.returned_sections = {"work": "请写具体", "": WHY}
    change(handed_in, "work", [dossiers.ROWS["work"][0] | {"work": "隧道设计"}])
    hand_in(handed_in, "resubmit")
    return handed_in


def test_resubmission_shows_the_old_value_beside_the_new(
    clerk: FlaskClient, resubmitted: Application
) -> None:
    page = clerk.get(f"/g/1.1.1/check/{resubmitted.id}").text

    assert "桥梁设计</del>" in page
    assert "隧道设计</ins>" in page
    assert "请写具体" in page
    assert "1 places changed" in page


def test_filter_leaves_the_changes_alone(clerk: FlaskClient, resubmitted: Application) -> None:
    everything = clerk.get(f"/g/1.1.1/check/{resubmitted.id}").text
    page = clerk.get(f"/g/1.1.1/check/{resubmitted.id}?changed=1").text

    assert "湖南大学" in everything
    assert "湖南大学" not in page
    assert "隧道设计" in page
    assert 'name="checks-0-key"' in page


def test_first_hand_in_has_no_bar_of_changes(clerk: FlaskClient, handed_in: Application) -> None:
    assert 'id="changes"' not in clerk.get(f"/g/1.1.1/check/{handed_in.id}").text


@pytest.mark.parametrize("query", ["since=0", "since=99", "since=x", "changed=2", "since=-1"])
def test_odd_addresses_of_changes_do_no_harm(
    clerk: FlaskClient, resubmitted: Application, query: str
) -> None:
    assert clerk.get(f"/g/1.1.1/check/{resubmitted.id}?{query}").status_code == 200


def test_staff_do_not_see_what_is_half_changed(clerk: FlaskClient, handed_in: Application) -> None:
    actor = owner_of(handed_in.person)
    clerk_at = factories.actor(Role.UNIT, unit=handed_in.unit)
    engine.fire(
        handed_in,
        "check_return",
        actor=clerk_at,
        at=clock.now(),
        opinion=WHY,
        details={"sections": {"work": "请写具体"}},
    )
    saved = dossier.stored(handed_in)["work"]
    dossier.save_section(
        handed_in,
        "work",
        [dossiers.ROWS["work"][0] | {"work": "半途修改"}],
        actor=actor,
        at=clock.now(),
        seen_revision=saved.revision,
    )

    page = clerk.get(f"/g/1.1.4/{handed_in.id}").text

    assert "半途修改" not in page
    assert "桥梁设计" in page


def test_staff_open_the_files_that_were_handed_in_and_no_others(handed_in: Application) -> None:
    clerk_at, owner = factories.actor(Role.UNIT, unit=handed_in.unit), owner_of(handed_in.person)
    handed_in.person.user_id = owner.user_id or factories.user().id
    handed_in.state, handed_in.returned_sections = ApplicationState.RETURNED, {"": WHY}
    old, kept = file_list.attachments_of(handed_in)[:2]
    file_list.detach(old, clock.now())
    new = factories.attachment(handed_in, old.kind)
    new.added_by = handed_in.person.user_id

    seen = [
        [one for one in (old, kept, new) if file_view.find(one.id, actor)]
        for actor in (clerk_at, owner)
    ]

    assert seen == [[old, kept], [kept, new]]


def test_superior_names_a_field_of_one_application(app: Flask, unit: Unit) -> None:
    above = factories.unit()
    held = factories.application(ApplicationState.AT_SUPERIOR, unit=unit, superiors=(above,))
    superior = english(signed_in(app.test_client(), factories.position(Role.SUPERIOR, unit=above)))

    answer = superior.post(
        "/g/1.1.3/act/audit",
        data={
            "row": f"{held.id}:{held.version}",
            "decision": "refuse",
            "way": "superior_return",
            "opinion": WHY,
            "reasons-0-section": "papers",
            "reasons-0-reason": "缺刊号",
            **LEADER,
        },
    )

    assert answer.status_code == 303
    assert held.returned_sections == {"papers": "缺刊号", "": WHY}


@pytest.fixture
def unit(app: Flask) -> Unit:
    return factories.unit()
