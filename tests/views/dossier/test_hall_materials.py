"""【申报材料上传】 through HTTP: limits, names, secrecy, replacing, undoing, pieces, previews and safe headers."""

import re
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState, Role
from app.ground import clock
from app.models import Application, Attachment, Person
from app.services.files import file_store
from tests.bad_input.applicant import draft
from tests.services.dossiers import pdf, picture
from tests.support import factories, signing
from tests.support.factories import applicant

Me = tuple[FlaskClient, Person]


@pytest.fixture
def me(client: FlaskClient) -> Me:
    person, position = applicant()
    return signing.english(signing.signed_in(client, position)), person


def place(application: Application) -> str:
    return f"/me/application/{application.id}/materials"


def upload(
    client: FlaskClient,
    application: Application,
    kind: str,
    *sent: tuple[bytes, str],
    **more: Any,
) -> Any:
    files = [(BytesIO(content), name) for content, name in sent]
    return client.post(
        place(application),
        data={"kind": kind, "file": files, "secret": "no"} | more,
        content_type="multipart/form-data",
    )


def there(session: Session) -> list[Attachment]:
    query = select(Attachment).where(Attachment.removed_at.is_(None))
    return list(session.scalars(query.order_by(Attachment.order, Attachment.id)))


# the page


def test_the_limits_are_shown_before_choosing(me: Me) -> None:
    client, person = me

    page = client.get(place(draft(person))).text

    assert "PDF, JPG, PNG, at most 5 MB each. At most 10 files." in page
    assert "JPG, PNG, at most 1 MB each. At most 1 files." in page
    assert "A PDF has at most 300 pages." in page


def test_every_upload_has_the_warning_and_the_tick(me: Me) -> None:
    client, person = me

    page = client.get(place(draft(person))).text

    assert "Never upload secret material" in page
    forms = page.count("data-upload=")
    assert forms > 10
    assert page.count('name="secret" value="no"') == forms
    assert page.count('name="secret" value="yes"') == forms
    assert page.count('capture="environment"') == forms


def test_files_are_uploaded_under_their_chinese_names(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)

    answer = upload(
        client,
        application,
        "education",
        (pdf(), "《毕业》证书（一）.pdf"),
        (pdf(2), "𠮷·学位😀.pdf"),
    )

    assert answer.status_code == 303
    assert [one.name for one in there(session)] == ["《毕业》证书（一）.pdf", "𠮷·学位😀.pdf"]


def test_a_refused_file_is_named_beside_its_kind(me: Me, session: Session) -> None:
    client, person = me
    before = set(file_store.root().glob(f"{file_store.NEW}*"))

    answer = upload(client, draft(person), "paper", (pdf(), "好.pdf"), (b"MZ\x90\0", "坏.pdf"))

    assert answer.status_code == 422
    assert "“坏.pdf” is no PDF, JPG, PNG file" in answer.text
    assert 'id="e-paper"' in answer.text
    assert there(session) == []
    assert set(file_store.root().glob(f"{file_store.NEW}*")) == before


@pytest.mark.parametrize(
    ("kind", "sent", "words"),
    [
        ("paper", [], "Choose a file."),
        ("nonsense", [(pdf(), "a.pdf")], "not asked for here"),
        ("photo", [(picture(), "a.png"), (picture(size=(9, 9)), "b.png")], "takes 1 files at most"),
        ("paper", [(b"\0\0\0\x18ftypheic" + bytes(50), "IMG_1.HEIC")], "is a HEIC photo"),
    ],
)
def test_what_cannot_be_taken_is_said(
    me: Me, kind: str, sent: list[tuple[bytes, str]], words: str
) -> None:
    client, person = me

    answer = upload(client, draft(person), kind, *sent)

    assert answer.status_code == 422
    assert words in answer.text


def test_the_files_that_were_not_at_fault_stay_chosen(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    sent = ((pdf(1), "一.pdf"), (b"MZ\x90\0", "坏.pdf"), (pdf(2), "二.pdf"))

    refused = upload(client, application, "paper", *sent)
    kept = re.findall(r'name="file" value="([^"]+)" checked', refused.text)
    data = {"kind": "paper", "secret": "no", "file": [*kept, (BytesIO(pdf(3)), "三.pdf")]}
    taken = client.post(place(application), data=data, content_type="multipart/form-data")

    assert "“坏.pdf” is not kept: choose the file again." in refused.text
    assert len(kept) == 2
    assert taken.status_code == 303, taken.text
    assert {one.name for one in there(session)} == {"一.pdf", "二.pdf", "三.pdf"}


@pytest.mark.parametrize("secret", ["", "yes"])
def test_a_file_that_may_be_secret_is_not_kept(me: Me, secret: str) -> None:
    client, person = me

    answer = upload(client, draft(person), "paper", (pdf(), "密.pdf"), secret=secret)

    assert 'name="file" value=' not in answer.text
    assert "“密.pdf” is not kept" in answer.text


@pytest.mark.parametrize(("secret", "words"), [("", "first tick"), ("yes", "Hand it in on paper")])
def test_what_may_be_secret_is_not_taken(me: Me, session: Session, secret: str, words: str) -> None:
    client, person = me

    answer = upload(client, draft(person), "paper", (pdf(), "a.pdf"), secret=secret)

    assert answer.status_code == 422
    assert words in answer.text
    assert there(session) == []


def test_saying_secret_outweighs_the_tick(me: Me, session: Session) -> None:
    client, person = me

    answer = client.post(
        place(draft(person)),
        data={"kind": "paper", "secret": ["no", "yes"], "file": (BytesIO(pdf()), "a.pdf")},
        content_type="multipart/form-data",
    )

    assert "Hand it in on paper" in answer.text
    assert there(session) == []


def test_the_same_file_again_is_told(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    upload(client, application, "paper", (pdf(), "一.pdf"))

    answer = upload(client, application, "paper", (pdf(), "二.pdf"))

    assert answer.status_code == 422
    assert "“二.pdf” is there already under this kind, as “一.pdf”" in answer.text
    assert len(there(session)) == 1


# changing what is there


def test_a_file_is_replaced_in_one_press(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    upload(client, application, "photo", (picture(size=(8, 9)), "旧.png"))
    old = there(session)[0]

    upload(client, application, "photo", (picture(size=(9, 9)), "新.png"), replaces=str(old.id))

    assert [one.name for one in there(session)] == ["新.png"]


def test_a_replacement_that_is_refused_keeps_the_old_file(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    upload(client, application, "photo", (picture(), "旧.png"))
    old = there(session)[0]

    upload(client, application, "photo", (b"MZ", "新.png"), replaces=str(old.id))

    assert there(session) == [old]
    assert client.get(f"/file/{old.id}").status_code == 200


def test_a_removed_file_is_offered_to_be_put_back(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    upload(client, application, "paper", (pdf(), "论文.pdf"))
    (attachment,) = there(session)

    answer = client.post(f"{place(application)}/{attachment.id}/remove")
    page = client.get(answer.location).text

    assert client.get(f"/file/{attachment.id}").status_code == 404
    assert "“论文.pdf” was removed." in page
    assert f"{place(application)}/{attachment.id}/restore" in page
    client.post(f"{place(application)}/{attachment.id}/restore")
    assert there(session) == [attachment]
    assert client.get(f"/file/{attachment.id}").status_code == 200


def test_the_page_offers_nothing_of_another_application(me: Me) -> None:
    client, person = me
    foreign = factories.attachment(draft(applicant()[0]), "paper", name="别人的.pdf")
    foreign.removed_at = clock.now()

    page = client.get(f"{place(draft(person))}?removed={foreign.id}")

    assert "别人的.pdf" not in page.text


def test_files_are_put_in_order(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    upload(client, application, "paper", (pdf(1), "1.pdf"), (pdf(2), "2.pdf"))

    client.post(f"{place(application)}/{there(session)[1].id}/up")

    assert [one.name for one in there(session)] == ["2.pdf", "1.pdf"]


@pytest.mark.parametrize("act", ["remove", "restore", "up"])
def test_a_closed_application_is_not_changed(me: Me, session: Session, act: str) -> None:
    client, person = me
    application = draft(person, ApplicationState.AT_OFFICE)
    attachment = factories.attachment(application, "paper")
    if act == "restore":
        attachment.removed_at = clock.now()
    before = attachment.removed_at

    answer = client.post(f"{place(application)}/{attachment.id}/{act}")

    assert "cannot be changed now" in client.get(answer.location).text
    assert attachment.removed_at == before


# looking at files


def test_a_picture_is_shown_and_a_pdf_is_handed_out(me: Me, session: Session) -> None:
    client, person = me
    application = draft(person)
    upload(client, application, "photo", (picture("JPEG"), "证件照.jpg"))
    upload(client, application, "paper", (pdf(), "论文.pdf"))
    photo, paper = (one for one in sorted(there(session), key=lambda it: it.id))

    shown, handed = client.get(f"/file/{photo.id}"), client.get(f"/file/{paper.id}")

    assert shown.mimetype == "image/jpeg"
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "filename*=UTF-8''%E8%AF%81" in shown.headers["Content-Disposition"]
    assert handed.headers["Content-Disposition"].startswith("attachment")
    assert "filename*=UTF-8''%E8%AE%BA%E6%96%87.pdf" in handed.headers["Content-Disposition"]
    for answer in (shown, handed, client.get(f"/file/{paper.id}/page/1")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_picture_is_handed_out_to_be_kept(me: Me, session: Session) -> None:
    client, person = me
    upload(client, draft(person), "photo", (picture("JPEG"), "证件照.jpg"))

    answer = client.get(f"/file/{there(session)[0].id}?download=1")

    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_pages_are_drawn(me: Me, session: Session) -> None:
    client, person = me
    upload(client, draft(person), "paper", (pdf(2), "论文.pdf"))
    base = f"/file/{there(session)[0].id}/page"

    answer = client.get(f"{base}/2?width=thumb")

    assert answer.mimetype == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    for unknown in (f"{base}/0", f"{base}/3", f"{base}/1?width=9000", f"{base}/1?width="):
        assert client.get(unknown).status_code == 404


def test_a_file_of_somebody_else_does_not_exist(me: Me) -> None:
    client, _person = me
    attachment = factories.attachment(draft(applicant()[0]), "paper")

    for path in (f"/file/{attachment.id}", f"/file/{attachment.id}/page/1", "/file/99999"):
        assert client.get(path).status_code == 404


def test_a_file_needs_a_sign_in(client: FlaskClient) -> None:
    attachment = factories.attachment(factories.application(), "paper")

    assert client.get(f"/file/{attachment.id}").status_code == 302
    assert client.get(f"/file/{attachment.id}/page/1").status_code == 302


def test_a_file_whose_content_is_gone_is_not_found(me: Me) -> None:
    client, person = me
    attachment = factories.attachment(draft(person), "paper")

    assert client.get(f"/file/{attachment.id}").status_code == 404
    assert client.get(f"/file/{attachment.id}/page/1").status_code == 404


def test_a_unit_sees_the_files_of_its_people(client: FlaskClient, session: Session) -> None:
    unit = factories.unit()
    person, position = applicant(unit=unit)
    application = draft(person)
    upload(signing.signed_in(client, position), application, "paper", (pdf(), "a.pdf"))
    (attachment,) = there(session)
    application.state = ApplicationState.AT_UNIT
    clerk = factories.position(Role.UNIT, unit=unit)
    stranger = factories.position(Role.UNIT, unit=factories.unit())

    for path in (f"/file/{attachment.id}", f"/file/{attachment.id}/page/1"):
        assert signing.signed_in(client, clerk).get(path).status_code == 200
        assert signing.signed_in(client, stranger).get(path).status_code == 404
