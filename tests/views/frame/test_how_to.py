"""怎么改: the pages that say how something is changed, linked by the menu concerned and open to who has it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import Role
from app.views.frame import how_to_pages
from tests.support import factories
from tests.support.signing import client_of

PAGE = "/g/how-to/take-a-button-from-a-role"


@pytest.fixture
def secadmin(app: Flask) -> FlaskClient:
    return client_of(app, factories.position(Role.SECADMIN))


@pytest.fixture
def sysadmin(app: Flask) -> FlaskClient:
    return client_of(app, factories.position(Role.SYSADMIN))


def test_menu_links_its_pages(secadmin: FlaskClient, sysadmin: FlaskClient) -> None:
    several = secadmin.get("/g/permissions/").text
    single = sysadmin.get("/console/dictionary/").text
    inside = sysadmin.get("/console/dict-item/?kind=nation").text

    assert f'class="dropdown-item" href="{PAGE}"' in several
    assert 'class="pill wide" href="/g/how-to/add-and-retire-a-value"' in single
    assert 'class="pill wide" href="/g/how-to/add-and-retire-a-value"' in inside
    assert "/g/how-to/" not in sysadmin.get("/").text


def test_page_is_shown_to_who_may_open_its_menu_alone(
    app: Flask, secadmin: FlaskClient, sysadmin: FlaskClient
) -> None:
    title = how_to_pages.page("take-a-button-from-a-role").title
    shown = secadmin.get(PAGE)

    assert f"<h1>{title}</h1>" in shown.text
    assert 'href="/g/permissions/">Open “Menu permissions”' in shown.text
    assert sysadmin.get(PAGE).status_code == 403
    assert client_of(app, factories.position(Role.APPLICANT)).get(PAGE).status_code == 403
    assert app.test_client().get(PAGE).location == f"/login/?next={PAGE}"
    assert secadmin.get("/g/how-to/none").status_code == 404
    assert secadmin.get("/g/how-to/..%2fcustomise").status_code == 404


def test_list_has_the_pages_of_the_reader(
    app: Flask, secadmin: FlaskClient, sysadmin: FlaskClient
) -> None:
    assert f'href="{PAGE}"' in secadmin.get("/g/how-to/").text
    assert PAGE not in sysadmin.get("/g/how-to/").text
    assert 'href="/g/how-to/rename-a-column"' in sysadmin.get("/g/how-to/").text
    applicant = client_of(app, factories.position(Role.APPLICANT))
    assert applicant.get("/g/how-to/").status_code == 403


def test_page_leads_to_other_pages_of_the_program(secadmin: FlaskClient) -> None:
    assert 'href="restore-the-rights-of-a-role"' in secadmin.get(PAGE).text


def test_picture_is_sent_with_its_page_alone(secadmin: FlaskClient, sysadmin: FlaskClient) -> None:
    picture = "/g/how-to/images/take-a-button-from-a-role.png"

    assert secadmin.get(picture).content_type == "image/png"
    assert sysadmin.get(picture).status_code == 404
    assert secadmin.get("/g/how-to/images/none.png").status_code == 404
