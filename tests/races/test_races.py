"""Two presses at the same moment, from real threads with connections of their own: one wins, the others are told."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.enums import (
    ApplicationState,
    BatchState,
    CorrectionState,
    FilingState,
    Level,
    NoticeState,
    PlanState,
    Role,
    Sex,
    UnitKind,
)
from app.extensions import db
from app.ground import clock
from app.models import (
    Application,
    Batch,
    Certificate,
    Correction,
    Filing,
    Notice,
    Person,
    RouteNode,
    Section,
    TransitionLog,
)
from app.services.dossier import dossier
from app.services.jobs import scheduled_jobs
from tests.bad_input import desk
from tests.bad_input.applicant import complete
from tests.support import factories
from tests.support.pressing import LEADER, check_pass
from tests.support.signing import cookie, replays

REASON = "论文材料不完整，请补充封面"
TICKED = {"is_true": "y", "is_secret_free": "y"}
NUMBER = {"approval_number": "湘职改办〔2026〕9号"}


@pytest.fixture(autouse=True)
def official_calendar(app: Flask) -> None:
    factories.work_days()


def together(app: Flask, *presses: Callable[[], Any]) -> list[Any]:
    """Let all presses start at one moment and return their answers, none of which may be a failure."""
    gate = Barrier(len(presses))

    def press(one: Callable[[], Any]) -> Any:
        with app.app_context():
            gate.wait()
            answer = one()
            db.session.remove()
            return answer

    db.session.commit()
    with ThreadPoolExecutor(len(presses)) as pool:
        answers = list(pool.map(press, presses))
    assert all(getattr(answer, "status_code", 200) < 500 for answer in answers), answers
    return answers


def posts(client: FlaskClient, url: str, typed: dict[str, Any]) -> Callable[[], Any]:
    return lambda: client.post(url, data=typed)


def sends(client: FlaskClient, url: str, change: dict[str, Any]) -> Callable[[], Any]:
    return lambda: client.post(url, json=change)


def tabs(app: Flask, client: FlaskClient, count: int) -> list[FlaskClient]:
    """Return windows of one browser: all hold the same session."""
    return [replays(app, cookie(client)) for _ in range(count)]


def events(record: Any) -> Counter[str]:
    logs = db.session.query(TransitionLog).filter_by(
        subject_type=record.__tablename__, subject_id=record.id
    )
    return Counter(log.event for log in logs)


def statuses(answers: list[Any]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def applicant(app: Flask) -> tuple[FlaskClient, Person]:
    person = factories.person(unit=factories.unit(), sex=Sex.MALE)
    return desk.clerk(app, Role.APPLICANT, person=person), person


# the applicant


def test_submit_pressed_five_times_is_one_submission(app: Flask) -> None:
    me, person = applicant(app)
    application = complete(person)
    url = f"/me/application/{application.id}/submit"

    together(app, *(posts(tab, url, TICKED) for tab in tabs(app, me, 5)))

    assert application.state is ApplicationState.AT_UNIT
    assert events(application) == {"submit": 1}


def test_two_tabs_begin_one_application_a_year(app: Flask) -> None:
    me, person = applicant(app)
    title = factories.title()
    batches = [factories.batch() for _ in range(3)]
    chosen = [
        {
            "batch": batch.id,
            "mode": "normal",
            "level": "2",
            "title_code": title.code,
            "specialty_code": batch.committee.specialties[0].code,
            "unit_id": person.unit_id,
        }
        for batch in batches
    ]

    answers = together(
        app,
        *(posts(tab, "/me/apply", one) for tab, one in zip(tabs(app, me, 3), chosen, strict=True)),
    )

    assert statuses(answers) == [303, 422, 422]
    assert db.session.query(Application).count() == 1


def test_section_saved_twice_at_once_keeps_one(app: Flask) -> None:
    me, person = applicant(app)
    application = factories.application(person=person)
    url = f"/me/application/{application.id}/section/work"
    typed = [{"revision": "0", "rows-0-unit": f"单位{number}"} for number in range(4)]

    answers = together(
        app, *(posts(tab, url, one) for tab, one in zip(tabs(app, me, 4), typed, strict=True))
    )

    assert statuses(answers) == [303, 409, 409, 409]
    [won] = [one for one, answer in zip(typed, answers, strict=True) if answer.status_code == 303]
    section = db.session.query(Section).one()
    assert (section.revision, section.rows[0]["unit"]) == (1, won["rows-0-unit"])
    for one, answer in zip(typed, answers, strict=True):
        assert answer.status_code == 303 or one["rows-0-unit"] in answer.text


def test_the_same_field_saved_by_itself_twice_at_once_keeps_one(app: Flask) -> None:
    me, person = applicant(app)
    application = factories.application(person=person)
    url = f"/me/application/{application.id}/section/basic"
    typed = [{"revision": 0, "add": {"r0": {"duty": f"职务{number}"}}} for number in range(4)]

    answers = together(
        app,
        *(sends(tab, url, one) for tab, one in zip(tabs(app, me, 4), typed, strict=True)),
    )

    assert statuses(answers) == [200, 409, 409, 409]
    section = db.session.query(Section).one()
    [won] = [one for one, answer in zip(typed, answers, strict=True) if answer.status_code == 200]
    assert (section.revision, section.rows[0]["duty"]) == (1, won["add"]["r0"]["duty"])
    assert all(
        [one["add"]["r0"]["duty"], section.rows[0]["duty"]] == answer.json["conflicts"][0][3:]
        for one, answer in zip(typed, answers, strict=True)
        if answer.status_code == 409
    )


def test_different_fields_and_sections_saved_at_once_are_all_kept(app: Flask) -> None:
    me, person = applicant(app)
    application = factories.application(person=person)
    url = f"/me/application/{application.id}/section"
    sent = [
        ("basic", {"add": {"r0": {"duty": "总工"}}}),
        ("basic", {"add": {"r0": {"native_place": "长沙"}}}),
        ("work", {"add": {"n1": {"unit": "甲厂"}}}),
        ("work", {"add": {"n2": {"unit": "乙厂"}}}),
    ]

    answers = together(
        app,
        *(
            sends(tab, f"{url}/{key}", {"revision": 0, **change})
            for tab, (key, change) in zip(tabs(app, me, 4), sent, strict=True)
        ),
    )

    kept = dossier.stored(application)
    assert statuses(answers) == [200] * 4
    assert (kept["basic"].rows[0]["duty"], kept["basic"].rows[0]["native_place"]) == (
        "总工",
        "长沙",
    )
    assert {row["unit"] for row in kept["work"].rows} == {"甲厂", "乙厂"}


def test_what_is_changed_while_handed_in_is_either_in_it_or_refused(app: Flask) -> None:
    me, person = applicant(app)
    application = complete(person)
    known = dossier.stored(application)["work"].revision
    save, hand_in = tabs(app, me, 2)
    changed = {"revision": known, "rows-0-started": "2008-07", "rows-0-unit": "改了的单位",
               "rows-0-work": "桥梁设计"}  # fmt: skip

    together(
        app,
        posts(save, f"/me/application/{application.id}/section/work", changed),
        posts(hand_in, f"/me/application/{application.id}/submit", TICKED),
    )

    kept = dossier.stored(application)["work"]
    is_saved = kept.rows[0]["unit"] == "改了的单位"
    assert kept.revision == known + is_saved
    assert application.state in (ApplicationState.DRAFT, ApplicationState.AT_UNIT)
    assert (application.state is ApplicationState.AT_UNIT) == (events(application)["submit"] == 1)
    assert (application.committed_at is not None) or application.state is ApplicationState.DRAFT


# staff


def test_press_of_one_version_counts_once(app: Flask) -> None:
    unit = factories.unit()
    clerk = desk.clerk(app, Role.UNIT, unit=unit)
    cases = [factories.application(ApplicationState.AT_UNIT, unit=unit) for _ in range(3)]
    typed = {"row": [desk.row(case) for case in cases], **check_pass(*cases)}

    answers = together(
        app, *(posts(tab, "/g/1.1.1/check/act/audit", typed) for tab in tabs(app, clerk, 5))
    )

    assert statuses(answers) == [303, 422, 422, 422, 422]
    assert [events(case) for case in cases] == [{"check_pass": 1}] * 3
    assert {case.version for case in cases} == {1}


def test_slower_superior_is_told_who_was_faster(app: Flask) -> None:
    county = factories.unit()
    case = factories.application(ApplicationState.AT_SUPERIOR, superiors=(county,))
    people = [factories.position(Role.SUPERIOR, unit=county) for _ in range(2)]
    passes, returns = (desk.at(app, one) for one in people)
    row = {"row": desk.row(case)}
    back = {"decision": "refuse", "way": "superior_return", "opinion": REASON, **LEADER}

    answers = together(
        app,
        posts(passes, "/g/1.1.3/act/audit", row | {"decision": "superior_pass", **LEADER}),
        posts(returns, "/g/1.1.3/act/audit", row | back),
    )

    won = next(place for place, answer in enumerate(answers) if answer.status_code == 303)
    assert statuses(answers) == [303, 422]
    assert case.state is (ApplicationState.AT_OFFICE, ApplicationState.RETURNED)[won]
    assert people[won].user.real_name in answers[1 - won].text
    assert won == 1 or REASON in answers[1].text


def test_two_edits_close_no_circle(app: Flask) -> None:
    committee = factories.committee()
    upper, lower = factories.unit(), factories.unit()
    places = [factories.route(committee, one) for one in (upper, lower)]
    office = desk.clerk(app, Role.OFFICE, committee=committee)

    answers = together(
        app,
        *(
            posts(
                tab,
                f"/g/1.6.1/{place.id}/edit",
                {"superior_id": other.id, "levels": ["1"], "version": place.version},
            )
            for tab, place, other in zip(tabs(app, office, 2), places, (lower, upper), strict=True)
        ),
    )

    superiors = [superior for (superior,) in db.session.query(RouteNode.superior_id)]
    assert statuses(answers) == [303, 422]
    assert sorted(superiors, key=str).count(None) == 1


def test_two_batches_of_a_year_open_one(app: Flask) -> None:
    committee = factories.committee()
    waiting = [factories.batch(committee=committee, state=BatchState.SUBMITTED) for _ in range(2)]
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    clerks = [desk.clerk(app, Role.HRSS, unit=bureau) for _ in waiting]

    answers = together(
        app,
        *(
            posts(clerk, "/g/1.4.2/act/audit", {"row": desk.row(one), "decision": "agree"})
            for clerk, one in zip(clerks, waiting, strict=True)
        ),
    )

    assert statuses(answers) == [303, 422]
    assert db.session.query(Batch).filter_by(state=BatchState.OPEN).count() == 1


# filing


def filed(*people: Application) -> Filing:
    """Return the reported filing of a meeting that passed `people`."""
    plan = people[0].plan
    plan.state, plan.members, plan.present = PlanState.CONCLUDED, 25, 25
    plan.voted_on = factories.today()
    for one in people:
        factories.result(plan, one)
    return factories.filing(plan)


def candidates(count: int, **values: Any) -> list[Application]:
    plan = factories.plan()
    return [
        factories.application(ApplicationState.IN_FILING, plan=plan, level=Level.MIDDLE, **values)
        for _ in range(count)
    ]


def authorities(app: Flask, count: int) -> list[FlaskClient]:
    bureau = factories.unit(kind=UnitKind.AUTHORITY, region_code="430000")
    return [desk.clerk(app, Role.HRSS, unit=bureau) for _ in range(count)]


def test_filing_agreed_twice_at_once_issues_once(app: Flask) -> None:
    filing = filed(*candidates(3))
    agree = {"row": desk.row(filing), "decision": "agree"} | NUMBER

    answers = together(
        app, *(posts(clerk, "/g/1.2.7/act/audit", agree) for clerk in authorities(app, 3))
    )

    issued = db.session.query(Certificate).all()
    assert statuses(answers) == [303, 422, 422]
    assert len(issued) == len({one.number for one in issued}) == 3
    assert {one.application.state for one in issued} == {ApplicationState.CERTIFIED}


def test_last_post_is_given_once(app: Flask) -> None:
    school = factories.unit(kind=UnitKind.PUBLIC)
    quota = factories.quota(school, level=Level.MIDDLE, granted=1)
    filings = [filed(*candidates(1, unit=school)) for _ in range(2)]

    answers = together(
        app,
        *(
            posts(clerk, "/g/1.2.7/act/audit", {"row": desk.row(one), "decision": "agree"} | NUMBER)
            for clerk, one in zip(authorities(app, 2), filings, strict=True)
        ),
    )

    assert statuses(answers) == [303, 422]
    assert quota.used == 1
    assert sorted(one.state for one in filings) == sorted(
        [FilingState.AGREED, FilingState.REPORTED]
    )
    assert db.session.query(Certificate).count() == 1
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert school.name in refused.text


# the clock


def test_two_clocks_do_everything_once(app: Flask) -> None:
    notices = [
        factories.notice(
            [factories.application(ApplicationState.IN_NOTICE)], ends_on=factories.in_days(-1)
        )
        for _ in range(4)
    ]
    missed = factories.application(ApplicationState.IN_CORRECTION)
    factories.add(
        Correction(
            application_id=missed.id, items=[{"section": "papers", "text": "补交封面"}],
            deadline=factories.in_days(-1), state=CorrectionState.OPEN, asked_at=clock.now(),
        )
    )  # fmt: skip
    at = clock.now()

    counts = together(app, *(lambda: scheduled_jobs.run(at) for _ in range(2)))

    assert sum(one["notices"] for one in counts) == 4
    assert sum(one["supplements"] for one in counts) == 1
    assert {one.state for one in db.session.query(Notice)} == {NoticeState.OVER}
    assert [events(one) for one in notices] == [{"close": 1}] * 4
    assert events(missed) == {"lapse": 1}
