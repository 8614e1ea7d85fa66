"""The menu: a chapter with work in it is open, and a folded one says how much waits inside."""

import re

from flask import Flask

from app.enums import ApplicationState, Role
from app.extensions import appbuilder, db
from tests.support import factories
from tests.support.signing import client_of

CHAPTER = re.compile(r'<details data-chapter="1\.2"( open)?>\s*<summary>(.*?)</summary>', re.DOTALL)


def test_a_chapter_with_work_is_open_and_counts_it(app: Flask) -> None:
    factories.work_days()
    batch = factories.batch()
    place = {"unit": batch.committee.unit, "committee": batch.committee}
    client = client_of(app, factories.position(Role.OFFICE, **place))

    before = CHAPTER.search(client.get("/").text)
    for _number in range(2):
        factories.application(ApplicationState.AT_OFFICE, batch=batch)
    after = CHAPTER.search(client.get("/").text)

    assert before
    assert before[1] is None
    assert "count" not in before[2]
    assert after
    assert after[1]
    assert '<span class="count">2</span>' in after[2]


def without(role: str, view: str) -> None:
    found = appbuilder.sm.find_role(role)
    found.permissions.remove(appbuilder.sm.find_permission_view_menu("can_list", view))
    db.session.commit()


def test_a_menu_stays_while_one_of_its_tabs_is_allowed(app: Flask) -> None:
    client = client_of(app, factories.position(Role.UNIT, unit=factories.unit()))
    link = re.compile(r'<li><a href="([^"]+)"[^>]*><span class="no">1\.1\.1</span>')

    whole = link.findall(client.get("/").text)
    without("unit", "UnitNoticeView")
    narrowed = link.findall(client.get("/").text)
    inside = client.get(narrowed[0])
    for tab in ("FirstCheckView", "UnitProposalView", "ObjectionView"):
        without("unit", tab)
    gone = link.findall(client.get("/").text)

    assert whole == ["/g/1.1.1/"]
    assert narrowed == ["/g/1.1.1/check/"]
    assert inside.status_code == 200
    assert 'href="/g/1.1.1/"' not in inside.text
    assert gone == []
