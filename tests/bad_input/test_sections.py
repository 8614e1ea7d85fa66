"""Rows 13, 15 and 62: what a section refuses when it is saved, and when it is handed in."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.enums import Role
from app.models import Application
from app.services.dossier import dossier
from tests.services import dossiers
from tests.support import factories, signing


@pytest.fixture
def record(app: Any) -> Application:
    return factories.application(person=factories.person(unit=factories.unit()))


@pytest.fixture
def me(client: FlaskClient, record: Application) -> FlaskClient:
    user = factories.user(person=record.person)
    position = factories.position(Role.APPLICANT, user=user)
    return signing.english(signing.signed_in(client, position))


def sent(me: FlaskClient, record: Application, key: str, **row: Any) -> Any:
    typed = {f"rows-0-{name}": value for name, value in row.items()}
    url = f"/me/application/{record.id}/section/{key}"
    return me.post(url, data=typed | {"revision": "0", "do": "save"})


@pytest.mark.parametrize(
    ("section", "row", "words"),
    [
        ("basic", {"former_name": "张\u200b三"}, "cannot be seen (U+200B)"),
        ("basic", {"former_name": "<script>"}, "web page"),
        ("basic", {"native_place": "甲\x07乙"}, "cannot be seen"),
        ("papers", {"title": "<script>alert(1)</script>"}, "web page"),
        ("summary", {"text": "述" * 5001}, "5001 characters; at most 5000"),
        ("achievements", {"rank": "-1"}, "from 1 to 999"),
        ("achievements", {"funds": "1e999"}, "is no number"),
        ("continuing", {"public_hours": "NaN"}, "is no number"),
        ("assessments", {"year": "十"}, "no whole number"),
        ("titles", {"obtained_on": "2022-02-30"}, "is no day"),
        ("conduct", {"has_penalty": "perhaps"}, "not offered any more"),
    ],
)
def test_what_cannot_be_stored_is_refused_and_kept_as_typed(
    me: FlaskClient, record: Application, section: str, row: dict[str, str], words: str
) -> None:
    answer = sent(me, record, section, **row)

    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>alert" not in answer.text
    kept = dossier.stored(record).get(section)
    assert not [line for line in (kept.rows if kept else []) if line.get(next(iter(row)))]


@pytest.mark.parametrize(
    ("section", "row", "stored"),
    [
        ("summary", {"text": "成果😀\U00020000"}, "成果😀\U00020000"),
        ("summary", {"text": "a < b 且 c > d"}, "a < b 且 c > d"),
        ("summary", {"text": "甲\u200b乙\ufeff"}, "甲乙"),
        ("basic", {"former_name": "阿卜杜・买买提"}, "阿卜杜·买买提"),
        ("basic", {"native_place": "　湖南Ａ  "}, "湖南A"),
    ],
)
def test_what_only_looks_odd_is_cleaned_and_stored(
    me: FlaskClient, record: Application, section: str, row: dict[str, str], stored: str
) -> None:
    answer = sent(me, record, section, **row)

    assert answer.status_code == 303
    assert dossier.stored(record)[section].rows[0][next(iter(row))] == stored


@pytest.mark.parametrize(
    ("section", "change", "words"),
    [
        ("achievements", {"ended": f"{dossiers.TITLE_YEAR}-10"}, "before the present title"),
        ("achievements", {"started": "2099-01"}, "future"),
        ("achievements", {"rank": "13"}, "more than"),
        ("education", {"graduated": "2001-06"}, "before"),
        ("work", {"work": ""}, "Not filled in"),
        ("applying", {"field": ""}, "If there is none, enter “无”"),
        ("conduct", {"is_declared": ""}, "must be ticked"),
        ("assessments", {"grade": "none"}, "Not filled in"),
    ],
)
def test_what_contradicts_itself_is_listed_before_handing_in(
    me: FlaskClient, record: Application, section: str, change: dict[str, str], words: str
) -> None:
    rows = [dict(row) for row in dossiers.ROWS[section]]
    rows[0] |= change
    dossiers.fill(record, **{section: rows})

    page = me.get(f"/me/application/{record.id}/submit")

    assert page.status_code == 200
    assert words in page.text


def test_a_missing_year_of_assessment_is_named(me: FlaskClient, record: Application) -> None:
    dossiers.fill(record, assessments=dossiers.ROWS["assessments"][1:])

    page = me.get(f"/me/application/{record.id}/submit")

    assert f"A row is missing for {dossiers.TITLE_YEAR + 1}." in page.text
