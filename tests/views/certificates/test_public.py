"""Public pages: what anybody may read, and no more."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app import settings
from app.enums import ApplicationState, CertificateState, NoticeState
from app.extensions import db
from app.ground import clock, crypto, paths
from app.models import Certificate, Notice
from app.services.certificates import certificates
from tests.support import factories
from tests.support.signing import english


@pytest.fixture
def visitor(client: FlaskClient) -> FlaskClient:
    return english(client)


@pytest.fixture
def certificate(app: Any) -> Certificate:
    person = factories.person("欧阳春华", unit=factories.unit())
    made = factories.certificate(
        factories.application(ApplicationState.CERTIFIED, plan=factories.plan(), person=person)
    )
    db.session.commit()
    return made


def ask(client: FlaskClient, number: str, name: str) -> Any:
    return client.post("/public/certificates/", data={"number": number, "name": name})


def middle(page: str) -> str:
    """Return what the page says, without the fields that repeat what was typed."""
    return page.split("<main", 1)[1].split("<form", 1)[0]


def test_certificate_is_verified_by_number_and_name(
    visitor: FlaskClient, certificate: Certificate
) -> None:
    answer = ask(visitor, certificates.grouped(certificate.number), certificate.name)

    said = middle(answer.text)
    assert answer.status_code == 200
    assert certificates.grouped(certificate.number) in said
    assert "欧**华" in said
    assert certificate.name not in said
    assert certificate.person.id_number not in answer.text


def test_wrong_name_and_wrong_number_get_the_same_answer(
    visitor: FlaskClient, certificate: Certificate
) -> None:
    wrong_name = ask(visitor, certificate.number, "赵六")
    wrong_number = ask(visitor, "432026052999900001X", certificate.name)

    assert wrong_name.status_code == wrong_number.status_code == 200
    assert middle(wrong_name.text) == middle(wrong_number.text)
    assert "No certificate agrees" in wrong_name.text


def test_query_keeps_what_was_typed_and_says_what_is_missing(visitor: FlaskClient) -> None:
    answer = ask(visitor, "4320<b>", "")

    assert answer.status_code == 422
    assert "4320&lt;b&gt;" in answer.text


def test_qr_code_opens_the_certificate(visitor: FlaskClient, certificate: Certificate) -> None:
    answer = visitor.get(f"/public/certificates/{certificate.token}")

    assert answer.status_code == 200
    assert "Valid</span>" in answer.text
    assert certificate.name not in answer.text


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (CertificateState.REVOKED, "Revoked"),
        (CertificateState.CORRECTED, "replaced by a new number"),
    ],
)
def test_certificate_that_no_longer_stands_says_so(
    visitor: FlaskClient, certificate: Certificate, state: CertificateState, word: str
) -> None:
    certificate.state, certificate.settled_at = state, clock.now()
    certificate.decision_reason = "论文代写"

    scanned = visitor.get(f"/public/certificates/{certificate.token}")
    asked = ask(visitor, certificate.number, certificate.name)

    for answer in (scanned, asked):
        assert "not valid any more" in answer.text
        assert word in answer.text
        assert "论文代写" not in answer.text


@pytest.mark.parametrize("token", ["guessed", "x" * 300, "%00", "' OR 1=1 --", "43"])
def test_guessed_token_finds_nothing(
    visitor: FlaskClient, certificate: Certificate, token: str
) -> None:
    assert visitor.get(f"/public/certificates/{token}").status_code in (400, 404)


def test_public_is_stopped_when_it_asks_too_often(
    visitor: FlaskClient, certificate: Certificate
) -> None:
    settings.store_value("public_query_per_minute", "3")

    asked = [ask(visitor, f"43{turn}", "张三").status_code for turn in range(3)]
    stopped = ask(visitor, certificate.number, certificate.name)
    scanned = visitor.get(f"/public/certificates/{certificate.token}")

    assert asked == [200, 200, 200]
    assert (stopped.status_code, scanned.status_code) == (429, 429)
    assert stopped.headers["Retry-After"] == "60"
    assert certificates.grouped(certificate.number) not in stopped.text
    assert visitor.get("/public/certificates/").status_code == 200


@pytest.mark.parametrize("address", ["/public/certificates/", "/public/notices/"])
def test_public_pages_stay_out_of_search_engines(visitor: FlaskClient, address: str) -> None:
    answer = visitor.get(address)

    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert 'name="robots"' in answer.text


@pytest.fixture
def notice(app: Any) -> Notice:
    plan = factories.plan()
    people = [
        factories.application(ApplicationState.IN_RESULT_NOTICE, plan=plan) for _count in range(2)
    ]
    return factories.notice(people, plan=plan, title="2026年度高级职称评审结果公示")


def test_notice_shows_name_unit_and_title_only(visitor: FlaskClient, notice: Notice) -> None:
    listed = visitor.get("/public/notices/")
    shown = visitor.get(f"/public/notices/{notice.id}")

    assert notice.title in listed.text
    for item in notice.items:
        person = item.application.person
        for value in (
            item.application.name,
            item.application.unit.name,
            item.application.title.name,
        ):
            assert value in shown.text
        for hidden in (person.id_number, person.phone, item.application.number):
            assert str(hidden) not in shown.text
    assert notice.contact in shown.text
    assert notice.phone in shown.text


@pytest.mark.parametrize(
    "change",
    [
        {"state": NoticeState.OVER},
        {"state": NoticeState.CANCELLED},
        {"starts_on": 1, "ends_on": 9},
        {"starts_on": -9, "ends_on": -1},
    ],
)
def test_notice_that_does_not_run_is_not_public(
    visitor: FlaskClient, notice: Notice, change: dict[str, Any]
) -> None:
    for key, value in change.items():
        setattr(notice, key, factories.in_days(value) if isinstance(value, int) else value)

    assert visitor.get(f"/public/notices/{notice.id}").status_code == 404
    assert notice.title not in visitor.get("/public/notices/").text


def test_notice_inside_a_unit_is_not_public(visitor: FlaskClient) -> None:
    inside = factories.notice(
        [factories.application(ApplicationState.IN_NOTICE)], title="单位内部公示"
    )

    assert visitor.get(f"/public/notices/{inside.id}").status_code == 404
    assert inside.title not in visitor.get("/public/notices/").text


def test_notices_are_paged(visitor: FlaskClient) -> None:
    for place in range(21):
        plan = factories.plan()
        factories.notice(
            [factories.application(ApplicationState.IN_RESULT_NOTICE, plan=plan)],
            plan=plan,
            title=f"公示第{place:02d}号",
        )

    first = visitor.get("/public/notices/").text
    second = visitor.get("/public/notices/?page=2").text

    assert [f"第{place:02d}号" in first for place in range(21)] == [True] * 20 + [False]
    assert "第20号" in second


@pytest.mark.parametrize("page", ["0", "-1", "99999999999999999999"])
def test_impossible_page_of_notices_is_refused(visitor: FlaskClient, page: str) -> None:
    assert visitor.get(f"/public/notices/?page={page}").status_code == 400


def test_page_of_the_proofs_shows_the_fingerprint_and_hands_out_the_programs(
    client: FlaskClient,
) -> None:
    page = client.get("/public/proofs/")
    programs = {
        name: client.get(f"/public/proofs/{name}.py")
        for name in ("verify_draw", "verify_ballots", "open_box")
    }

    assert crypto.fingerprint() in page.text
    assert "noindex" in page.headers["X-Robots-Tag"]
    for name, answer in programs.items():
        assert f"{name}.py" in page.text
        assert answer.data == (paths.ROOT / "tools" / f"{name}.py").read_bytes()
    for other in ("build_fonts", "../config", "verify_draw.py", ""):
        assert client.get(f"/public/proofs/{other}.py").status_code == 404
