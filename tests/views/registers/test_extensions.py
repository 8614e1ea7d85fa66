"""1.4.2 over HTTP: extensions entered, confirmed, withdrawn and seen by those they concern."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, ExtensionKind, ExtensionState, Role, Stage
from app.models import Application, Batch, Extension
from tests.support import factories as f
from tests.support.counting import statements_of
from tests.support.signing import client_of

LIST, WAITING = "/g/1.4.2/extensions/", "/g/1.4.2/extensions-waiting/"
WHY = "洪水中断网络三天，顺延办理"


@pytest.fixture
def batch(app: Flask) -> Batch:
    return f.batch()


@pytest.fixture
def clerks(app: Flask) -> tuple[FlaskClient, FlaskClient]:
    """Two persons of the province's authority."""
    bureau = f.unit(region_code="430000")
    first, second = (client_of(app, f.position(Role.HRSS, unit=bureau)) for _count in range(2))
    return first, second


def typed(batch: Batch, **values: Any) -> dict[str, Any]:
    return {
        "kind": "batch",
        "review_year": batch.review_year,
        "batch_id": batch.id,
        "stage": "apply",
        "until": f.in_days(40).isoformat(),
        "document_number": "湘职改办〔2026〕12号",
        "approved_by": "王主任",
        "reason": WHY,
    } | values


def stored(session: Session) -> list[Extension]:
    session.expire_all()
    return list(session.scalars(select(Extension).order_by(Extension.id)))


def act(client: FlaskClient, button: str, made: Extension, **form: Any) -> Any:
    return client.post(f"{LIST}act/{button}", data={"row": f"{made.id}:{made.version}"} | form)


def test_extension_is_entered_confirmed_by_another_and_withdrawn(
    clerks: tuple[FlaskClient, FlaskClient], batch: Batch, session: Session
) -> None:
    first, second = clerks
    record = f.application(ApplicationState.DRAFT, batch=batch)
    assert first.get(f"{LIST}add").status_code == 200

    entered = first.post(f"{LIST}add", data=typed(batch))
    assert entered.status_code == 303, entered.text
    [made] = stored(session)
    assert "another person" in act(first, "confirm", made, decision="confirm").text
    assert batch.name in second.get(WAITING).text
    confirmed = act(second, "confirm", made, decision="confirm")
    assert confirmed.status_code == 303, confirmed.text
    session.expire_all()
    assert (made.state, f"{record.due_at:%Y-%m-%d}") == (
        ExtensionState.IN_FORCE,
        f.in_days(40).isoformat(),
    )
    assert WHY in second.get(f"{LIST}{made.id}").text
    assert "12号" in second.get(f"/g/1.4.2/{batch.id}").text
    assert act(second, "withdraw", made, opinion="").status_code == 422
    assert act(second, "withdraw", made, opinion="文件已废止，恢复原时间").status_code == 303

    session.expire_all()
    assert made.state is ExtensionState.WITHDRAWN
    assert f"{record.due_at:%Y-%m-%d}" == f"{batch.apply_end}"


@pytest.mark.parametrize("kind", ExtensionKind)
def test_form_takes_whom_its_kind_asks_for_and_nobody_else(
    clerks: tuple[FlaskClient, FlaskClient], batch: Batch, session: Session, kind: ExtensionKind
) -> None:
    record = f.application(ApplicationState.DRAFT, batch=batch)
    everything = {
        "unit_id": record.unit_id,
        "series_code": record.series_code,
        "person_number": record.number,
    }

    entered = clerks[0].post(f"{LIST}add", data=typed(batch, kind=kind.value, **everything))

    assert entered.status_code == 303, entered.text
    [made] = stored(session)
    assert (made.batch_id, made.unit_id, made.series_code, made.person_id) == {
        ExtensionKind.BATCH: (batch.id, None, None, None),
        ExtensionKind.UNIT: (batch.id, record.unit_id, None, None),
        ExtensionKind.SERIES: (None, None, record.series_code, None),
        ExtensionKind.PERSON: (batch.id, None, None, record.person_id),
    }[kind]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"until": "2026-02-30"}, "is no day"),
        ({"until": ""}, "Fill in this field"),
        ({"until": f.in_days(-1).isoformat()}, "already over"),
        ({"until": f.in_days(61).isoformat()}, "would be stuck"),
        ({"kind": ""}, "Choose"),
        ({"kind": "planet"}, "not offered any more"),
        ({"stage": "vote"}, "not offered any more"),
        ({"batch_id": "424242"}, "no such entry"),
        ({"batch_id": ""}, "whom"),
        ({"kind": "person", "person_number": "SB000"}, "There is nobody"),
        ({"kind": "person", "person_number": ""}, "whom"),
        ({"kind": "unit"}, "whom"),
        ({"kind": "series", "series_code": "99"}, "no such entry"),
        ({"document_number": ""}, "Fill in this field"),
        ({"document_number": "<b>12号</b>"}, "web"),
        ({"approved_by": "王"}, "name"),
        ({"reason": "同意"}, "Say why the time is extended"),
        ({"review_year": "二零二六"}, "whole number"),
    ],
)
def test_refused_entry_keeps_what_was_typed(
    clerks: tuple[FlaskClient, FlaskClient],
    batch: Batch,
    session: Session,
    values: dict[str, Any],
    words: str,
) -> None:
    page = clerks[0].post(f"{LIST}add", data=typed(batch, reason="洪水中断网络三天") | values)

    assert page.status_code == 422
    assert words in page.text
    for name, value in (typed(batch, reason="洪水中断网络三天") | values).items():
        if name in ("document_number", "approved_by", "until") and value and "<" not in value:
            assert str(value) in page.text
    assert stored(session) == []


def test_entry_for_a_batch_of_another_region_is_refused(app: Flask, session: Session) -> None:
    other = f.batch(committee=f.committee(region_code="430700"))
    city = client_of(app, f.position(Role.HRSS, unit=f.unit(region_code="430100")))

    page = city.post(f"{LIST}add", data=typed(other))

    assert page.status_code == 422
    assert "another region" in page.text
    assert stored(session) == []


def test_other_regions_and_offices_see_nothing_of_it(app: Flask, session: Session) -> None:
    batch = f.batch(committee=f.committee(region_code="430700"))
    made = f.extension(batch, region_code="430700")
    own = client_of(app, f.position(Role.OFFICE, committee=batch.committee))
    strangers = [
        client_of(app, f.position(Role.HRSS, unit=f.unit(region_code="430100"))),
        client_of(app, f.position(Role.OFFICE, committee=f.committee())),
    ]

    assert own.get(f"{LIST}{made.id}").status_code == 200
    assert own.get(f"{LIST}add").status_code == 403
    assert own.post(f"{LIST}act/withdraw", data={"row": f"{made.id}:0"}).status_code == 403
    for stranger in strangers:
        assert stranger.get(f"{LIST}{made.id}").status_code == 404
        assert made.document_number not in stranger.get(LIST).text
    assert stored(session)[0].state is ExtensionState.IN_FORCE


def test_office_sees_extensions_of_its_series(app: Flask) -> None:
    committee = f.committee(region_code="430700")
    client = client_of(app, f.position(Role.OFFICE, committee=committee))
    usual: dict[str, Any] = {"kind": ExtensionKind.SERIES}
    seen = f.extension(series_code=committee.series_code, **usual)
    f.extension(series_code=f.series("06").code, document_number="别的系列1号", **usual)
    f.extension(
        series_code=committee.series_code,
        region_code="430100",
        document_number="别的地区1号",
        **usual,
    )

    page = client.get(LIST).text

    assert seen.document_number in page
    assert "别的" not in page


@pytest.mark.parametrize("url", [LIST, "/g/1.1.1/check/", "/g/1.4.2/"])
def test_lists_take_as_many_statements_for_many_rows_as_for_one(app: Flask, url: str) -> None:
    school, batch = f.unit(region_code="430100"), f.batch()
    role = Role.UNIT if url.startswith("/g/1.1") else Role.HRSS
    unit = school if role is Role.UNIT else f.unit(region_code="430000")
    client = client_of(app, f.position(role, unit=unit))
    sent = []
    for count in (1, 4):
        for _one in range(count):
            record = f.application(ApplicationState.AT_UNIT, unit=school, batch=batch)
            f.extension(
                batch, kind=ExtensionKind.PERSON, person_id=record.person_id, stage=Stage.UNIT
            )
            f.extension(kind=ExtensionKind.UNIT, unit_id=f.unit().id)
        client.get(url)
        sent.append(statements_of(client, url))

    assert sent[0] == sent[1]


def in_stage(state: ApplicationState, stage: Stage, **values: Any) -> tuple[Application, Extension]:
    record = f.application(state, **values)
    until = f.in_days(150)
    given = f.extension(
        record.batch,
        kind=ExtensionKind.PERSON,
        person_id=record.person_id,
        stage=stage,
        until=until,
    )
    return record, given


def test_unit_superior_and_office_read_their_deadline_on_the_case(app: Flask) -> None:
    school, county, committee = f.unit(), f.unit(), f.committee()
    usual: dict[str, Any] = {"unit": school, "batch": f.batch(committee=committee)}
    for state, stage, url, position in (
        (ApplicationState.AT_UNIT, Stage.UNIT, "/g/1.1.1/check/", f.position(unit=school)),
        (
            ApplicationState.AT_SUPERIOR,
            Stage.SUPERIOR,
            "/g/1.1.3/",
            f.position(Role.SUPERIOR, unit=county),
        ),
        (
            ApplicationState.AT_OFFICE,
            Stage.OFFICE,
            "/g/1.2.1/",
            f.position(Role.OFFICE, committee=committee),
        ),
    ):
        record, given = in_stage(state, stage, superiors=(county,), **usual)

        page = client_of(app, position).get(f"{url}{record.id}").text

        assert "Your deadline" in page
        assert f"{given.until} 24:00" in page
        assert given.document_number in page


def test_applicant_reads_the_own_deadline_and_still_finds_the_batch(app: Flask) -> None:
    me, position = f.applicant()
    over = {name: f.in_days(-1) for name in ("apply_end", "material_cutoff")}
    batch, closed = f.batch(**over), f.batch(**over)
    given = f.extension(batch, kind=ExtensionKind.PERSON, person_id=me.id, until=f.in_days(20))
    client = client_of(app, position)

    offered = client.get("/me/").text

    assert batch.name in offered
    assert closed.name not in offered
    assert f"{given.until}" in offered
    assert given.document_number in offered
    assert f"{given.until}" in client.get(f"/me/apply?batch={batch.id}").text
    record = f.application(ApplicationState.DRAFT, person=me, batch=batch)
    page = client.get(f"/me/application/{record.id}/").text
    assert f"{given.until} 24:00" in page
    assert given.document_number in page


def test_deadlines_of_a_batch_move_on_its_page(
    clerks: tuple[FlaskClient, FlaskClient], batch: Batch, session: Session
) -> None:
    client, before = clerks[0], batch.unit_end
    form = {
        "row": f"{batch.id}:{batch.version}",
        "unit_end": f.in_days(75).isoformat(),
        "document_number": "湘职改办〔2026〕12号",
        "opinion": WHY,
    }

    shown = client.get(f"/g/1.4.2/act/adjust?pk={batch.id}").text
    assert f'value="{before}"' in shown
    refused = client.post(
        "/g/1.4.2/act/adjust", data=form | {"unit_end": f.in_days(99).isoformat()}
    )
    assert refused.status_code == 422
    assert "lies before" in refused.text
    assert f'value="{f.in_days(99)}"' in refused.text
    moved = client.post("/g/1.4.2/act/adjust", data=form)

    assert moved.status_code == 303, moved.text
    session.expire_all()
    assert batch.unit_end == f.in_days(75)
    page = client.get(f"/g/1.4.2/{batch.id}").text
    assert f"{f.in_days(75)} instead of {before}" in page
