"""A case says what it has in common with others: links in the own scope, a count outside it, never a refusal."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app import settings
from app.enums import ApplicationState, Role
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Fingerprint, Scan
from app.services.dossier import fingerprints
from app.services.files import scans
from app.views.case import similar_cases
from tests.support import factories
from tests.support.counting import count, statements_of
from tests.support.pressing import check_pass
from tests.support.signing import client_of

PAPER = {"papers": [{"title": "碳纤维布加固梁桥的试验研究", "proof": "10.1000/xyz"}]}
NOTE = 'id="s-similar"'


@pytest.fixture(autouse=True)
def official_calendar(app: Flask) -> None:
    factories.work_days()


def a_case(sections: Any = PAPER, files: tuple[str, ...] = (), **values: Any) -> Application:
    """Make a case with the unit whose fingerprints are those of `sections` and of files with the digests."""
    made = factories.application(values.pop("state", ApplicationState.AT_UNIT), **values)
    named = [{"name": f"{one[:4]}.pdf", "digest": one} for one in files]
    fingerprints.write(made, sections, named)
    factories.db.session.flush()
    return made


def note_of(page: str) -> str:
    """Return the note of a page as text with its links, or nothing."""
    found = re.search(r'<section class="card sec" id="s-similar".*?</section>', page, re.DOTALL)
    return found.group() if found else ""


def linked(page: str) -> list[int]:
    return [int(key) for key in re.findall(r'href="/g/[\d.]+(?:/all)?/(\d+)"', note_of(page))]


@pytest.mark.parametrize(
    "sections",
    [
        {"papers": [{"title": "《碳纤维布加固梁桥的试验研究》"}]},
        {"papers": [{"title": "别的题目一二三", "issue": "doi 10.1000/XYZ"}]},
    ],
)
def test_unit_reads_links_of_own_cases_and_a_count_of_others(app: Flask, sections: Any) -> None:
    unit = factories.unit()
    mine = a_case(unit=unit)
    colleague = a_case(sections, unit=unit)
    foreign = a_case(sections)
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    page = clerk.get(f"/g/1.1.1/check/{mine.id}").text

    assert linked(page) == [colleague.id]
    assert colleague.number in page
    assert foreign.number not in page
    assert foreign.name not in note_of(page).replace(colleague.name, "")
    assert "1 outside your scope" in note_of(page)
    assert clerk.get(f"/g/1.1.4/{colleague.id}").status_code == 200
    assert clerk.get(f"/g/1.1.4/{foreign.id}").status_code == 404


@pytest.mark.parametrize("role", [Role.SUPERIOR, Role.OFFICE, Role.HRSS])
def test_other_staff_read_links_in_their_scope(app: Flask, role: Role) -> None:
    superior, region = factories.unit(), "430200"
    batch = factories.batch()
    around = {
        Role.SUPERIOR: {"state": ApplicationState.AT_SUPERIOR, "superiors": (superior,)},
        Role.OFFICE: {"state": ApplicationState.AT_OFFICE, "batch": batch},
        Role.HRSS: {"unit": factories.unit(region_code=region)},
    }[role]
    mine, seen, _foreign = a_case(**around), a_case(**around), a_case()
    place = {
        Role.SUPERIOR: {"unit": superior},
        Role.OFFICE: {"unit": batch.committee.unit, "committee": batch.committee},
        Role.HRSS: {"unit": factories.unit(region_code=region)},
    }[role]
    client = client_of(app, factories.position(role, **place))
    menu = "1.2.1/all" if role is Role.OFFICE else "1.1.4"

    page = client.get(f"/g/{menu}/{mine.id}").text

    assert linked(page) == [seen.id, seen.id]
    assert "1 outside your scope" in note_of(page)
    assert client.get(f"/g/{menu}/{seen.id}").status_code == 200


def test_the_same_person_is_told_apart_and_the_same_year_is_no_other_case(app: Flask) -> None:
    unit = factories.unit()
    person = factories.person(unit=unit)
    education = {"education": [{"certificate_number": "105321200805001234"}]}
    mine = a_case(education, unit=unit, person=person)
    a_case(
        education,
        unit=unit,
        person=person,
        review_year=mine.review_year,
        state=ApplicationState.WITHDRAWN,
    )
    earlier = a_case(education, unit=unit, person=person, review_year=mine.review_year - 1)
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    page = clerk.get(f"/g/1.1.1/check/{mine.id}").text

    assert linked(page) == [earlier.id]
    cell = note_of(page).split('data-label="The same person, other years"')[1]
    assert earlier.number in cell


def test_files_that_many_have_are_left_out_and_own_ones_share_a_row(app: Flask) -> None:
    unit = factories.unit()
    person = factories.person(unit=unit)
    common, rare, own, second = ("a" * 64, "b" * 64, "c" * 64, "d" * 64)
    settings.store_value("common_file_cases", "2")
    mine = a_case({}, (common, rare, own, second), unit=unit, person=person)
    for files in ((common, rare), (common, rare), (common,)):
        a_case({}, files)
    a_case({}, (own, second), unit=unit, person=person, review_year=mine.review_year - 1)
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    note = note_of(clerk.get(f"/g/1.1.1/check/{mine.id}").text)

    assert "bbbb.pdf" in note
    assert "aaaa.pdf" not in note
    assert "2 files" in note
    assert "cccc.pdf" not in note


def test_a_scan_that_looks_nearly_the_same_is_named_apart(app: Flask) -> None:
    unit = factories.unit()
    mine, near, same, far = ("a" * 64, "b" * 64, "a" * 64, "c" * 64)
    case = a_case({}, (mine,), unit=unit)
    saved_anew = a_case({}, (near,), unit=unit)
    with_the_file = a_case({}, (same,), unit=unit)
    a_case({}, (far,), unit=unit)
    a_case({}, (near,))
    for digest, look in {mine: 1 << 900, near: 1 << 900 | 1, far: (1 << 1023) - 1}.items():
        looking(digest, look)
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    page = clerk.get(f"/g/1.1.1/check/{case.id}").text

    assert linked(page) == [with_the_file.id, saved_anew.id]
    assert note_of(page).count("Nearly the same scan") == 1
    assert "1 outside your scope" in note_of(page)


def looking(digest: str, look: int) -> None:
    """Give a content a look."""
    bands = zip(scans.BANDS, scans.bands_of(look), strict=True)
    values = {band.key: value for band, value in bands}
    row = Scan(digest=digest, look=f"{look:0256x}", read_at=clock.now(), **values)
    scan = factories.db.session.query(Scan).filter_by(digest=digest)
    scan.delete()
    factories.db.session.add(row)
    factories.db.session.flush()


def test_many_cases_are_counted_beyond_the_first_five(app: Flask) -> None:
    unit = factories.unit()
    mine = a_case(unit=unit)
    others = [a_case({"papers": PAPER["papers"][:1]}, unit=unit) for _ in range(7)]
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    page = clerk.get(f"/g/1.1.1/check/{mine.id}").text

    newest = [one.id for one in reversed(others)][:5]
    assert linked(page) == newest * 2
    assert note_of(page).count("2 more in your scope") == 2


def test_nothing_in_common_shows_no_note(app: Flask) -> None:
    unit = factories.unit()
    mine = a_case(unit=unit)
    a_case({"papers": [{"title": "完全不同的一篇论文"}]}, unit=unit)
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    assert NOTE not in clerk.get(f"/g/1.1.1/check/{mine.id}").text


def test_applicant_reads_no_note(app: Flask) -> None:
    person = factories.person(unit=factories.unit())
    user = factories.user(person=person)
    mine = a_case(person=person)
    a_case()
    client = client_of(app, factories.position(Role.APPLICANT, user=user))

    pages = [client.get(url).text for url in ("/", f"/hall/{mine.id}", "/hall/")]

    assert not any(NOTE in page or "outside your scope" in page for page in pages)


@pytest.mark.parametrize("role", sorted(set(Role) - set(similar_cases.PAGES)))
def test_who_handles_no_cases_is_told_nothing(app: Flask, role: Role) -> None:
    mine = a_case()
    a_case()

    assert similar_cases.similar_sections(mine, Actor(role=role, name="某人")) == []


def test_note_stops_no_act(app: Flask, session: Session) -> None:
    unit = factories.unit()
    mine = a_case(unit=unit)
    a_case(unit=unit)
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))

    answer = clerk.post(
        "/g/1.1.1/check/act/audit", data={"row": f"{mine.id}:{mine.version}", **check_pass(mine)}
    )

    assert answer.status_code == 303
    assert session.get_one(Application, mine.id).state is ApplicationState.CHECKED


def test_statements_do_not_grow_with_the_hits(app: Flask) -> None:
    unit = factories.unit()
    few, many = a_case({}, unit=unit), a_case(unit=unit)
    for _ in range(6):
        a_case(unit=unit)
        a_case()
    clerk = client_of(app, factories.position(Role.UNIT, unit=unit))
    statements_of(clerk, f"/g/1.1.1/check/{few.id}")

    without = statements_of(clerk, f"/g/1.1.1/check/{few.id}")

    assert count(Fingerprint) > 0
    assert statements_of(clerk, f"/g/1.1.1/check/{many.id}") - without <= 2
