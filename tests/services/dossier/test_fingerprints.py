"""What two cases have in common is found however it is typed, and is gone with its source."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.enums import ApplicationState
from app.enums import FingerprintKind as Kind
from app.models import Application, Fingerprint, Submission
from app.services.dossier import drafts, fingerprints, submissions
from tests.services import dossiers
from tests.services.dossier.test_submissions import change, hand_in, ready
from tests.support import factories


def stored(session: Session, application: Application) -> set[tuple[Kind, str]]:
    query = select(Fingerprint.kind, Fingerprint.text)
    rows = session.execute(query.where(Fingerprint.application_id == application.id))
    return set(rows.tuples())


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("碳纤维布加固梁桥的试验研究", "《碳纤维布加固梁桥的 试验研究》"),
        ("Bridge Strengthening with CFRP", "bridge strengthening, with ＣＦＲＰ"),
        ("基于BIM的桥梁养护（一）", "基于ＢＩＭ的桥梁养护(一)"),
    ],
)
def test_titles_are_compared_without_punctuation_and_case(first: str, second: str) -> None:
    assert fingerprints.title_value(first) == fingerprints.title_value(second) is not None


@pytest.mark.parametrize("title", ["", "教学改革", "——", "《 》"])
def test_short_titles_name_nothing(title: str) -> None:
    assert fingerprints.title_value(title) is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("ZL 2021 1 0123456.7", "专利号：202110123456.7"),
        ("ＧＢ／Ｔ 50001-2017", "gb/t50001—2017"),
        ("湘职改〔2020〕1234号", "证书编号:湘职改[2020]1234号"),
    ],
)
def test_numbers_are_compared_without_separators_and_leading_words(first: str, second: str) -> None:
    assert fingerprints.number_value(first) == fingerprints.number_value(second) is not None


@pytest.mark.parametrize("number", ["", "无", "见附件", "0000000", "12-3", "编号"])
def test_words_and_placeholders_are_no_numbers(number: str) -> None:
    assert fingerprints.number_value(number) is None


def test_different_numbers_stay_different() -> None:
    assert fingerprints.number_value("ZL202110123456.7") != fingerprints.number_value(
        "ZL202110123456.8"
    )


@pytest.mark.parametrize(
    ("text", "dois"),
    [
        ("DOI:10.13289/j.issn.1009-6264.2020-0012。", ["10.13289/j.issn.1009-6264.2020-0012"]),
        ("见 https://doi.org/10.1000/ABC（检索页）", ["10.1000/abc"]),
        ("2021年第10.5期 10/12页", []),
    ],
)
def test_a_doi_is_found_anywhere_in_a_paper(text: str, dois: list[str]) -> None:
    assert fingerprints.dois_of({"issue": text, "rank": 1, "is_representative": True}) == dois


def test_submission_writes_each_kind_once(app: Flask, session: Session) -> None:
    application = ready()
    papers = [dossiers.MORE["papers"][0] | {"proof": "10.1000/xyz"}] * 2
    patents = [dossiers.MORE["patents"][0] | {"number": "ZL202110123456.7"}]
    dossiers.fill(application, papers=papers, patents=patents)

    hand_in(application)

    found = stored(session, application)
    assert {
        (Kind.PAPER, "碳纤维布加固梁桥的试验研究"),
        (Kind.DOI, "10.1000/xyz"),
        (Kind.PATENT, "ZL202110123456.7"),
        (Kind.CERTIFICATE, "105321200805001234"),
        (Kind.ACHIEVEMENT, "湘江大桥加固"),
    } == {one for one in found if one[0] is not Kind.FILE}
    kept = submissions.latest(application)
    assert kept is not None
    digests = select(Fingerprint.digest).where(Fingerprint.kind == Kind.FILE)
    assert set(session.scalars(digests)) == {one["digest"] for one in kept.files}


def test_next_submission_replaces_them(app: Flask, session: Session) -> None:
    application = ready()
    hand_in(application)
    application.state, application.returned_sections = ApplicationState.RETURNED, {"": "请修改"}
    rows = dossiers.ROWS["achievements"]
    change(application, "achievements", [rows[0] | {"name": "资江大桥检测评定"}])
    assert (Kind.ACHIEVEMENT, "湘江大桥加固") in stored(session, application)

    hand_in(application, "resubmit")

    achievements = {text for kind, text in stored(session, application) if kind is Kind.ACHIEVEMENT}
    assert achievements == {"资江大桥检测评定"}


def test_purged_draft_leaves_none(app: Flask, session: Session) -> None:
    application = factories.application(ApplicationState.DISCARDED)
    fingerprints.write(application, {"papers": [{"title": "碳纤维布加固梁桥"}]}, [])
    session.flush()

    assert drafts.purge(factories.clock.now() + 20 * drafts.MONTH) == 1

    assert session.scalars(select(Fingerprint)).all() == []


def test_command_writes_what_was_handed_in_before(
    app: Flask, session: Session, runner: Any
) -> None:
    earlier = factories.application(ApplicationState.RETURNED)
    factories.add(
        Submission(
            application_id=earlier.id,
            event="submit",
            handed_in_at=factories.clock.now(),
            sections={"papers": [{"title": "碳纤维布加固梁桥"}]},
            files=[{"id": 1, "kind": "paper", "section": "papers", "name": "论文.pdf", "digest": "d" * 64}],
        )
    )  # fmt: skip
    draft = factories.application(ApplicationState.DRAFT)
    session.commit()

    results = [runner.invoke(args=["write-fingerprints"]) for _ in range(2)]

    assert [(one.exit_code, one.stdout.strip()) for one in results] == [(0, "1"), (0, "1")]
    assert stored(session, earlier) == {(Kind.PAPER, "碳纤维布加固梁桥"), (Kind.FILE, "论文.pdf")}
    assert stored(session, draft) == set()
