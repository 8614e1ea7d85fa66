"""Rows 5, 6, 15, 16 and 25: when and how often one applies, what must be there, what may be uploaded, what is frozen."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import settings
from app.enums import ApplicationState, BatchState, Role
from app.extensions import db
from app.ground import clock
from app.models import Attachment, Person, Position
from app.services.dossier import dossier, materials
from tests.bad_input import desk
from tests.bad_input.applicant import TICKED, address, chosen, complete, draft
from tests.services import dossiers
from tests.services.dossiers import pdf, picture, pixel_bomb
from tests.support import factories

FROZEN = (
    ApplicationState.IN_NOTICE,
    ApplicationState.DISPUTED,
    ApplicationState.NOTICE_OVER,
    ApplicationState.AT_SUPERIOR,
    ApplicationState.AT_OFFICE,
    ApplicationState.CERTIFIED,
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


# 5

OUTSIDE: dict[str, dict[str, Any]] = {
    "not begun": {"apply_start": factories.in_days(1)},
    "over": {
        "apply_start": factories.in_days(-9),
        "apply_end": factories.in_days(-1),
        "material_cutoff": factories.in_days(-1),
    },
}


@pytest.mark.parametrize("values", OUTSIDE.values(), ids=OUTSIDE)
def test_row_05_outside_the_window_nothing_begins_or_goes_in(
    me: FlaskClient, person: Person, values: dict[str, Any]
) -> None:
    batch = factories.batch(**values)
    forged = {"at": "2020-01-01", "apply_end": "2099-12-31", "now": "2020-01-01T00:00:00"}

    said = desk.assert_refused(
        me, "/me/apply", chosen(batch, person) | forged, batch.name, keeps=False
    )
    desk.assert_refused(me, "/m/apply", chosen(batch, person), keeps=False)
    application = complete(person, batch=batch)
    for base in ("/me", "/m"):
        url = address(application).replace("/me", base)
        desk.assert_refused(
            me, url, TICKED | forged, str(batch.apply_start), str(batch.apply_end), keeps=False
        )

    assert str(batch.apply_end) in said


def test_row_05_closed_batch_takes_nothing(me: FlaskClient, person: Person) -> None:
    application = complete(person, batch=factories.batch(state=BatchState.CLOSED))
    waiting = factories.batch(state=BatchState.SUBMITTED, committee=application.committee)

    desk.assert_refused(me, address(application), TICKED, application.batch.name)
    desk.assert_refused(me, "/me/apply", chosen(waiting, person), status=404)
    desk.assert_refused(me, "/me/apply", chosen(waiting, person) | {"batch": "9" * 20}, status=400)


def test_row_05_window_ends_at_midnight_by_the_servers_clock(app: Flask, person: Person) -> None:
    application = complete(person)
    last = clock.end_of_day(application.batch.apply_end)

    with time_machine.travel(last + timedelta(seconds=1), tick=False) as now:
        me = desk.clerk(app, Role.APPLICANT, person=person)
        desk.assert_refused(me, address(application), TICKED, str(application.batch.apply_end))
        now.move_to(last - timedelta(seconds=1))
        in_time = desk.at(app, db.session.scalars(select(Position)).one())
        answer = in_time.post(address(application), data=TICKED)

    assert answer.status_code == 303
    assert application.state is ApplicationState.AT_UNIT


def test_row_05_returned_one_has_its_own_last_day(me: FlaskClient, person: Person) -> None:
    days = dict.fromkeys(("apply_end", "resubmit_end", "material_cutoff"), factories.in_days(-1))
    batch = factories.batch(**days)
    application = draft(person, ApplicationState.RETURNED, batch=batch)

    desk.assert_refused(me, address(application), TICKED, batch.name, str(batch.resubmit_end))


# 6


def test_row_06_one_application_a_year_until_it_is_withdrawn(
    me: FlaskClient, person: Person
) -> None:
    first, other = draft(person), factories.batch()

    for state in (
        ApplicationState.DRAFT,
        ApplicationState.AT_OFFICE,
        ApplicationState.ENDED,
        ApplicationState.LAPSED,
        ApplicationState.CERTIFIED,
    ):
        first.state = state
        desk.assert_refused(
            me, "/me/apply", chosen(other, person), first.number, str(first.review_year)
        )
        desk.assert_refused_twin(first, number="0", batch_id=other.id)
    first.state = ApplicationState.WITHDRAWN
    assert me.post("/me/apply", data=chosen(other, person)).status_code == 303


# 15


def test_row_15_missing_sections_are_named(me: FlaskClient, person: Person) -> None:
    application = complete(person)
    form, owner = dossier.form_of(application), dossiers.owner_of(person)

    for key, rows in dossiers.ROWS.items():
        label = form.section(key).label
        saved = dossier.stored(application)
        for wanted in ([], rows):
            dossier.save_section(
                application, key, wanted, actor=owner, at=clock.now(),
                seen_revision=saved[key].revision,
            )  # fmt: skip
            if not wanted and form.section(key).min_rows:
                desk.assert_refused(me, address(application), TICKED, label)
    desk.assert_refused(me, address(application), {"is_true": "y"}, "涉密")
    desk.assert_refused(me, address(application), {"is_secret_free": "y"}, "承诺")
    answer = me.post(address(application), data=TICKED)
    assert answer.status_code == 303, desk.sentences(desk.parse(answer.text))


def test_row_15_missing_material_is_named(me: FlaskClient, person: Person) -> None:
    application = complete(person)

    for one in materials.asked(application, dossier.form_of(application)):
        if one.is_required:
            [attachment] = one.attachments
            attachment.removed_at = clock.now()
            desk.assert_refused(me, address(application), TICKED, one.kind.name)
            attachment.removed_at = None


def test_row_15_empty_draft_says_how_much_is_missing(me: FlaskClient, person: Person) -> None:
    said = desk.assert_refused(me, address(draft(person)), TICKED)

    assert "基本信息" in said or "学历" in said


# 16


def upload(kind: str, *sent: tuple[bytes, str]) -> dict[str, Any]:
    files = [(BytesIO(content), name) for content, name in sent]
    return {"kind": kind, "secret": "no", "file": files}


def test_row_16_hostile_files_are_refused(me: FlaskClient, person: Person) -> None:
    application = draft(person)
    settings.store_value("upload_max_pages", "20")
    url, good = address(application, "materials"), pdf()
    hostile: list[tuple[str, list[tuple[bytes, str]], str]] = [
        ("education", [(b"MZ\x90\0" * 100, "学历.pdf")], "学历.pdf"),
        ("education", [(good + b"0" * 6_000_000, "大.pdf")], "5"),
        ("education", [(pdf(password="secret"), "加密.pdf")], "加密.pdf"),
        ("education", [(b"", "空.pdf")], "空.pdf"),
        ("education", [(pdf(21), "厚.pdf")], "20"),
        ("education", [(good[:200], "半.pdf")], "半.pdf"),
        ("education", [(SVG, "图.svg")], "图.svg"),
        ("education", [(b"<html><script>1</script>", "页.jpg")], "页.jpg"),
        ("education", [(b"PK\3\4" + good, "压缩.pdf")], "压缩.pdf"),
        ("photo", [(pixel_bomb(), "大图.png")], "大图.png"),
        ("photo", [(good, "照片.jpg")], "照片.jpg"),
        ("photo", [(picture()[:60], "残.png")], "残.png"),
        ("id_card", [(good, f"{place}.pdf") for place in range(3)], "2"),
    ]

    before = desk.contents()
    for kind, sent, named in hostile:
        desk.assert_refused(me, url, upload(kind, *sent), named)
    for kind in ("notice_proof", "no_such_kind", "", "../photo"):
        desk.assert_refused(me, url, upload(kind, (good, "a.pdf")))
    desk.assert_refused(me, url, upload("education"))
    assert desk.contents() == before
    mixed = me.post(url, data=upload("education", (good, "好.pdf"), (b"MZ", "坏.pdf")))
    desk.assert_answer(me, mixed, 422, ("坏.pdf",))
    assert db.session.query(Attachment).count() == 0


def test_row_16_path_in_a_file_name_is_no_path(me: FlaskClient, person: Person) -> None:
    application = draft(person)
    names = [
        "../../../etc/passwd.pdf",
        "/证/书/证书.pdf",
        "证\u202efdp.exe.pdf",
        "长" * 300 + ".pdf",
    ]

    answer = me.post(
        address(application, "materials"),
        data=upload("education", *((pdf(n), name) for n, name in enumerate(names, 1))),
    )

    kept = [one.name for one in db.session.scalars(select(Attachment).order_by(Attachment.id))]
    assert answer.status_code == 303
    assert kept[:3] == ["passwd.pdf", "证书.pdf", "证fdp.exe.pdf"]
    assert len(kept[3]) <= 200


# 25


def test_row_25_material_is_frozen_from_the_notice_on(me: FlaskClient, person: Person) -> None:
    application = draft(person)
    attachment = factories.attachment(application, "education")
    typed = {"revision": "0", "rows-0-unit": "改了的单位"}

    for state in FROZEN:
        application.state = state
        label = str(state.label)
        said = desk.assert_refused(me, address(application, "section/work"), typed)
        desk.assert_refused(me, address(application, "section/work").replace("/me", "/m"), typed)
        desk.assert_refused(
            me, address(application, "materials"), upload("education", (pdf(), "新.pdf"))
        )
        desk.assert_refused(
            me, address(application, f"materials/{attachment.id}/remove"), {}, status=303
        )
        desk.assert_refused(me, address(application, "take-over"), {}, status=303)
        desk.assert_refused(me, address(application), TICKED, status=303)
        assert "不能修改" in said, (label, said)


def test_row_25_saving_by_itself_is_refused_too(me: FlaskClient, person: Person) -> None:
    application = draft(person, ApplicationState.IN_NOTICE)
    before = desk.stored()

    answer = me.post(
        address(application, "section/work"),
        json={"revision": 0, "add": {"n1": {"unit": "改"}}},
        headers={"Accept": "application/json"},
    )

    assert (answer.status_code, desk.stored()) == (422, before)
    assert "公示" in answer.json["refused"]


def test_row_25_unit_cannot_change_under_way(me: FlaskClient, person: Person) -> None:
    application = draft(person, ApplicationState.IN_NOTICE)
    typed = {"phone": "13911112222", "employment": "public_post", "unit_id": factories.unit().id}

    desk.assert_refused(me, "/me/person/", typed, application.number)


def test_row_25_only_what_was_asked_for_is_open(me: FlaskClient, person: Person) -> None:
    application = draft(
        person, ApplicationState.RETURNED, returned_sections={"papers": "缺刊号", "": "请修改"}
    )

    desk.assert_refused(
        me, address(application, "section/work"), {"revision": "0", "rows-0-unit": "甲"}, "论文"
    )
    desk.assert_refused(
        me, address(application, "materials"), upload("education", (pdf(), "a.pdf")), "论文"
    )
