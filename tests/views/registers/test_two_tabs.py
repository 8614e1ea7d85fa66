"""Registers open in two tabs at once: the second save is told of the first one, and neither is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from app import menu, settings
from app.enums import IdKind, Role
from app.extensions import db
from app.models import AuditLog, EligibilityRule, MessageTemplate, Override
from app.models.base import Stateful, Versioned
from app.views.base.base import GuideView
from app.views.codes import code_tables, dictionaries
from app.views.dossier.ch0_own import OwnData
from app.views.registers import maintenance
from app.views.registers.maintenance_base import MaintenanceView
from tests.races.test_races import posts, statuses, tabs, together
from tests.support import factories, form_data, rights
from tests.support.world import enter

pytestmark = pytest.mark.filterwarnings("ignore:Yielding raw tuples:DeprecationWarning")
OVERTAKEN = "This record was changed after you opened it."
NO_FIELDS = {
    ("PositionView", "withdraw"),
    ("PositionView", "change_own_role"),
    ("RelationView", "remove"),
    ("MeetingRoomView", "key"),
    ("ResultView", "scan"),
    ("AccountView", "change_account"),
    ("AccountView", "reset"),
    ("AccountView", "remove_device"),
    ("UnitPersonView", "hand_over"),
    ("UnitView", "move_record"),
}
"""Pages about one record that show nothing of it to be changed: an act, a first password, a file to hand in.
The page of a position's own role names the one it was made from (`test_own_roles.py`)."""

Open = tuple[FlaskClient, Any, str]
"""Who opens a record, the record, and the address of its form."""


@dataclass(frozen=True)
class Register:
    """One page on which a record is edited: two texts of it, and what opens it."""

    first: str
    second: str
    open: Callable[[Flask], Open]


def sysadmin(app: Flask) -> FlaskClient:
    return enter(app, factories.actor(Role.SYSADMIN))


def kept(make: Callable[[], Any], address: str) -> Callable[[Flask], Open]:
    """Open a record of a register that the system administrator keeps."""

    def find(app: Flask) -> Open:
        record = make()
        db.session.commit()
        return sysadmin(app), record, address.format(record.id)

    return find


def coded(page: type[MaintenanceView]) -> Callable[[Flask], Open]:
    """Open the first row of a maintenance page."""

    def find(app: Flask) -> Open:
        if page.model_class is MessageTemplate:
            db.session.add(MessageTemplate(key="test", subject="主题", body="正文"))
        db.session.commit()
        row = db.session.scalars(select(page.model_class)).first()
        (key,) = inspect(row).identity
        table = page.model_class.__tablename__.replace("_", "-")
        return sysadmin(app), row, f"/console/{table}/edit/?id={key}"

    return find


def own_person(app: Flask) -> Open:
    person = factories.person(unit=factories.unit())
    client = enter(app, factories.actor(Role.APPLICANT, person=person))
    return client, person, "/me/person/"


def person_of_unit(app: Flask) -> Open:
    unit = factories.unit()
    person = factories.person("向若西", unit=unit, id_kind=IdKind.RESIDENT)
    clerk = enter(app, factories.actor(Role.UNIT, unit=unit))
    return clerk, person, f"/g/unit-people/{person.id}/correct"


def own_phrase(app: Flask) -> Open:
    actor = factories.actor(Role.UNIT, unit=factories.unit())
    phrase = factories.phrase(user_id=actor.user_id)
    return enter(app, actor), phrase, f"/g/own-phrases/{phrase.id}/edit"


def own_role(app: Flask) -> Open:
    made = rights.own_role()
    administrator = factories.actor(Role.SECADMIN, user=factories.user())
    return enter(app, administrator), made, f"/g/own-roles/{made.id}/edit"


def any_rule() -> EligibilityRule:
    return db.session.scalars(select(EligibilityRule)).first() or pytest.fail("there is no rule")


REGISTERS = {
    ("UnitView", "edit"): Register("contact", "name", kept(factories.unit, "/g/units/{}/edit")),
    ("CommitteeView", "edit"): Register(
        "approval_number", "name", kept(factories.committee, "/g/committees/{}/edit")
    ),
    ("EligibilityRuleView", "change_rule"): Register(
        "name", "clause", kept(any_rule, "/g/eligibility-rules/{}/change")
    ),
    ("PhraseView", "edit"): Register("text", "text", kept(factories.phrase, "/g/phrases/{}/edit")),
    ("OwnPhraseView", "edit"): Register("text", "text", own_phrase),
    ("OwnRoleView", "edit"): Register("remark", "name_en", own_role),
    ("UnitPersonView", "correct"): Register("name", "name", person_of_unit),
    ("OwnData", "list"): Register("phone", "email", own_person),
    ("DictionaryPage", "edit_view"): Register(
        "name", "name_en", coded(dictionaries.DictionaryPage)
    ),
    ("ValuePage", "edit_view"): Register("label", "standard", coded(dictionaries.ValuePage)),
    ("SeriesPage", "edit_view"): Register("name", "name", coded(code_tables.SeriesPage)),
    ("TitlePage", "edit_view"): Register("name", "name", coded(code_tables.TitlePage)),
    ("SpecialtyPage", "edit_view"): Register("name", "name", coded(code_tables.SpecialtyPage)),
    ("RegionPage", "edit_view"): Register("name", "name", coded(code_tables.RegionPage)),
    ("MaterialKindPage", "edit_view"): Register(
        "name", "help", coded(code_tables.MaterialKindPage)
    ),
    ("CalendarPage", "edit_view"): Register("note", "source", coded(maintenance.CalendarPage)),
    ("TemplatePage", "edit_view"): Register("subject", "body", coded(maintenance.TemplatePage)),
}
VALUES = {
    "phone": ("13911111111", "13922222222"),
    "email": ("one@example.com", "two@example.com"),
    "name_en": ("First viewer", "Second viewer"),
}


def edited_pages() -> Iterator[tuple[type[Any], str]]:
    """Yield every page of the menus that shows one record in a form: (view, name of the route)."""
    for view in (*menu.views(), *dictionaries.INSIDE):
        if issubclass(view, MaintenanceView):
            yield view, "edit_view"
            continue
        for name in dir(view):
            for url, methods in getattr(getattr(view, name), "_urls", ()):
                is_form = {"GET", "POST"} <= set(methods or ()) and "<int:pk>" in url
                is_own = issubclass(view, GuideView) and name != "edit"
                if is_form and (is_own or (name == "edit" and getattr(view, "change", None))):
                    yield view, name


def texts(name: str) -> tuple[str, str]:
    return VALUES.get(name, ("向若甲", "向若乙"))


def sent(page: str, name: str, value: str) -> Any:
    """Return what the form of `page` sends after `value` was typed into one field."""
    data = form_data.sent(page)
    assert name in data
    data[name] = value
    return data


def test_every_page_that_edits_a_record_is_known_here() -> None:
    found = {
        (view.__name__, name)
        for view, name in edited_pages()
        if not issubclass(getattr(view, "model", Versioned), Stateful)
    }

    assert found - NO_FIELDS == REGISTERS.keys() - {(OwnData.__name__, "list")}


def test_every_record_edited_has_a_version() -> None:
    bare = {
        view.__name__
        for view, name in edited_pages()
        if (view.__name__, name) not in NO_FIELDS
        and not issubclass(getattr(view, "model_class", None) or view.model, Versioned | Stateful)
    }

    assert bare == set()


@pytest.mark.parametrize("key", REGISTERS, ids=lambda key: ".".join(key))
def test_second_tab_is_told_and_puts_nothing_back(app: Flask, key: tuple[str, str]) -> None:
    register = REGISTERS[key]
    client, record, address = register.open(app)
    mine, theirs = texts(register.first)[0], texts(register.second)[1]
    tab = client.get(address).text

    first = client.post(address, data=sent(tab, register.first, mine))
    second = client.post(address, data=sent(tab, register.second, theirs))

    assert (first.status_code // 100, second.status_code) == (3, 422)
    assert OVERTAKEN in second.text
    assert "Last change: " in second.text
    assert f"Stored now: {mine}" in second.text
    assert theirs in second.text
    db.session.refresh(record)
    assert getattr(record, register.first) == mine

    again = client.post(address, data=form_data.sent(second.text))

    assert again.status_code // 100 == 3
    db.session.refresh(record)
    assert getattr(record, register.second) == theirs


@pytest.mark.parametrize("key", REGISTERS, ids=lambda key: ".".join(key))
def test_save_that_names_no_version_is_refused(app: Flask, key: tuple[str, str]) -> None:
    register = REGISTERS[key]
    client, record, address = register.open(app)
    before = getattr(record, register.first)
    data = sent(client.get(address).text, register.first, texts(register.first)[0])

    answered = set()
    for data["version"] in ("", "x", "9" * 30, "-1", "٣"):
        answered.add(client.post(address, data=data).status_code)

    assert answered == {422}
    db.session.refresh(record)
    assert getattr(record, register.first) == before


@pytest.mark.parametrize("key", REGISTERS, ids=lambda key: ".".join(key))
def test_of_two_saves_at_once_one_is_told(app: Flask, key: tuple[str, str]) -> None:
    register = REGISTERS[key]
    client, record, address = register.open(app)
    page = client.get(address).text
    typed = [sent(page, register.first, value) for value in texts(register.first)]

    answers = together(
        app,
        *(posts(tab, address, one) for tab, one in zip(tabs(app, client, 2), typed, strict=True)),
    )

    won = next(place for place, one in enumerate(answers) if one.status_code < 400)
    assert statuses(answers)[1] == 422
    db.session.refresh(record)
    assert getattr(record, register.first) == texts(register.first)[won]


# parameters: one value each


PARAMETER = "/g/parameters/draft_keep_months"


def test_parameter_changed_meanwhile_is_not_overwritten(app: Flask) -> None:
    client, seen = sysadmin(app), settings.display_value("draft_keep_months")

    first = client.post(PARAMETER, data={"value": "18", "seen": seen})
    second = client.post(PARAMETER, data={"value": "24", "seen": seen})

    assert (first.status_code, second.status_code) == (303, 422)
    assert OVERTAKEN in second.text
    assert "Stored now: 18" in second.text
    assert 'value="24"' in second.text
    assert settings.get("draft_keep_months") == 18

    again = client.post(PARAMETER, data={"value": "24", "seen": "18"})

    assert (again.status_code, settings.get("draft_keep_months")) == (303, 24)


def test_parameter_without_what_was_seen_is_not_stored(app: Flask) -> None:
    answer = sysadmin(app).post(PARAMETER, data={"value": "18"})

    assert (answer.status_code, settings.get("draft_keep_months")) == (422, 12)


@pytest.mark.parametrize("is_stored", [False, True])
def test_of_two_parameters_saved_at_once_one_is_told(app: Flask, is_stored: bool) -> None:
    if is_stored:
        settings.store_value("draft_keep_months", "10")
    client, seen = sysadmin(app), settings.display_value("draft_keep_months")

    answers = together(
        app,
        *(
            posts(tab, PARAMETER, {"value": value, "seen": seen})
            for tab, value in zip(tabs(app, client, 2), ("18", "24"), strict=True)
        ),
    )

    won = next(place for place, one in enumerate(answers) if one.status_code == 303)
    assert statuses(answers) == [303, 422]
    assert settings.get("draft_keep_months") == (18, 24)[won]
    assert db.session.query(AuditLog).filter_by(kind="parameter").count() == 1


# permissions: a tick each, which is either set or not


def test_ticks_of_two_tabs_meet_in_the_draft_and_the_same_tick_at_once_is_no_fault(
    app: Flask,
) -> None:
    client = enter(app, factories.actor(Role.SECADMIN))
    ticks = [f"ApplicationQueryView:{name}:unit" for name in ("can_export", "can_show")]
    address = "/g/permissions/save"

    apart = [client.post(address, data={"was": one}) for one in ticks]
    both = together(app, *(posts(tab, address, {"cell": ticks[0]}) for tab in tabs(app, client, 2)))

    drafted = {
        f"{one.target}:{one.key}:{one.scope}" for one in db.session.scalars(select(Override))
    }
    assert statuses(apart) == [303, 303]
    assert set(statuses(both)) <= {303, 422}
    assert 303 in statuses(both)
    assert drafted == {ticks[1]}
