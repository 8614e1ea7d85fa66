"""A paper prints every character as it was typed, or is refused with the place of the one it would lack."""

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader

from app.enums import ApplicationState, CertificateState, PlanState
from app.extensions import db
from app.ground import clock, fonts
from app.services.certificates import certificate_pdf
from app.services.dossier import review_form
from app.services.dossier.dossier_display import Shown
from app.services.exports.paper_text import Undrawable, require_drawable_page
from app.services.results import result_sheets, results
from tests.support import factories

URL = "http://localhost/public/certificates/token"
TYPED = [
    "效率≥95%，误差≤0.5μm，α相→β相，√，Ω，①②",
    "李𫖯𱅒𮯰𠀀𪛗𬺰𢺳㐀龥鿏",
    "Ⅰ级 ㎡ ℃ № ⅔ ㊣ ⑩ ㉑ ❸ ⒈ ⓪ ㈱",
    "Müller Dvořák lǎoshī ñandú Łódź Ǻ ạ̈ Ελλάς ἄνθρωπος Привет Ӂ",
    "∑∫∮∂∇≈≡≠⊥∠⊙⇌↔⇒⟂𝑥𝛼∈∉⊂⊆∪∩",
    "■□▲△●○◆◇★☆✓✗☑➢│┼╱",
    "ＡＢ１２“引号”‘单’…—·￥〔〕【】《》〇々〆ゝ",
    "ﬁ 豈更凉 ⺌⼀ ㄅㄆㆠ ひらカナ ﾊﾝ",
]
"""What applicants type: formulas, rare names, numbered lists, foreign names, signs; each from several fonts."""
STEP = 1 if os.environ.get("LONG") else 499
BLANK = "\u115f\u1160\u2800"
LACKING = [("𰁁", "U+30041"), ("\ue815", "U+E815"), ("🙂", "U+1F642"), ("བོད", "U+0F56")]


def text_of(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def unspaced(text: str) -> str:
    return "".join(text.split())


def certificate_with(name: str) -> bytes:
    made = factories.certificate(
        factories.application(ApplicationState.CERTIFIED, plan=factories.plan()),
        state=CertificateState.VALID,
    )
    with db.session.no_autoflush:
        made.name = name
        return certificate_pdf.certificate_pdf(made, URL)


def review_form_with(text: str) -> bytes:
    shown = [
        Shown("basic", "基本信息", "pairs", ["姓名", "述职"], [["王一", text]]),
        Shown("papers", "论文", "table", ["题目", "说明"], [["甲", "乙"], [text[:40], "丙" * 60]]),
        Shown("awards", "奖项", "table", ["题目"], [[text[:20]]]),
    ]
    return review_form.review_form_pdf(factories.application(), shown, [], at=clock.now())


def result_sheet_with(text: str) -> bytes:
    plan = factories.plan(state=PlanState.ENTERED, members=25, present=22)
    row = factories.result(plan, factories.application(ApplicationState.IN_REVIEW, plan=plan))
    with db.session.no_autoflush:
        row.application.name = text
        return result_sheets.result_sheet_pdf(plan, [row])


PAPERS: dict[str, Callable[[str], bytes]] = {
    "certificate": certificate_with,
    "review form": review_form_with,
    "result sheet": result_sheet_with,
}


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_holds_what_was_typed(paper: str, app: Flask) -> None:
    content = PAPERS[paper]("；".join(TYPED))

    read = text_of(content)
    missing = {c for c in unspaced("".join(TYPED)) if c not in read}
    assert missing == set()


@pytest.mark.parametrize("paper", PAPERS)
def test_every_paper_holds_the_repertoire(paper: str, app: Flask) -> None:
    """LONG=1: all characters on each paper, in texts as long as its narrowest place takes."""
    every = [chr(c) for c in range(0x33000) if not 0xD800 <= c < 0xE000 and fonts.font_of(chr(c))]
    drawn = [c for c in every[::STEP] if not c.isspace() and c not in BLANK]

    size = 20_000 if paper == "review form" else 120
    for start in range(0, len(drawn), size):
        part = drawn[start : start + size]
        read = text_of(PAPERS[paper]("".join(part)))
        db.session.rollback()  # a name of this length is drawn, but never stored
        assert [f"U+{ord(c):04X}" for c in part if c not in read] == []


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize(("character", "code"), LACKING)
def test_a_character_without_a_font_refuses_the_paper_by_its_place(
    paper: str, character: str, code: str, app: Flask
) -> None:
    with pytest.raises(Undrawable) as refused:
        PAPERS[paper](f"王{character}明")

    assert f"王{character}明" in refused.value.sentence
    assert code in refused.value.sentence
    assert "字" in refused.value.sentence or "Character 2" in refused.value.sentence


def test_the_refusal_of_a_review_form_names_section_row_and_field(app: Flask) -> None:
    application = factories.application()
    shown = [
        Shown("basic", "基本信息", "pairs", ["姓名", "住址"], [["王一", "𰁁城"]]),
        Shown("papers", "论文", "table", ["题目"], [["甲"], ["乙\ue000"]]),
    ]

    with pytest.raises(Undrawable) as refused:
        review_form.review_form_pdf(application, shown, [], at=clock.now())

    for part in ("基本信息 · 住址", "论文 · ", "2", " · 题目", "U+30041", "U+E000"):
        assert part in refused.value.sentence


def test_the_refusal_of_a_result_sheet_names_the_person(app: Flask) -> None:
    plan = factories.plan(state=PlanState.ENTERED)
    for name in ("张一", "李𰁁", "王二"):
        application = factories.application(ApplicationState.IN_REVIEW, plan=plan)
        application.name = name
        factories.result(plan, application)
    rows = results.results_of_plan(db.session(), plan)

    with pytest.raises(Undrawable) as refused:
        result_sheets.result_sheet_pdf(plan, rows)

    named = next(row.application.number for row in rows if row.application.name == "李𰁁")
    assert f"{named} · " in refused.value.sentence


def test_a_refusal_counts_what_it_does_not_name(app: Flask) -> None:
    with pytest.raises(Undrawable) as refused:
        certificate_with("\ue001\ue002\ue003\ue004\ue005")

    assert refused.value.sentence.count("U+E00") == 3
    assert "2" in refused.value.sentence.replace("U+E002", "")


@pytest.mark.parametrize(("character", "code"), LACKING)
def test_a_page_for_the_printer_is_refused_too(character: str, code: str) -> None:
    with pytest.raises(Undrawable, match=code.replace("+", r"\+")):
        require_drawable_page(
            f"<table><tr><td>张一</td><td title=''>李{character}&amp;</td></tr></table>"
        )


def test_a_page_with_drawable_text_is_unchanged() -> None:
    page = f"<p>{'<br>'.join(TYPED)}</p>"

    assert require_drawable_page(page) == page


def test_a_font_that_the_operator_added_draws_what_the_shipped_ones_lack(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path)
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "broken.ttf").write_bytes(b"no font")
    lacking, font = font_with_one_more()
    with pytest.raises(Undrawable):
        certificate_with(f"王{lacking}")

    (tmp_path / "fonts" / "own.ttf").write_bytes(font)

    assert f"王{lacking}" in text_of(certificate_with(f"王{lacking}"))
    assert require_drawable_page(f"<p>{lacking}</p>")


def font_with_one_more() -> tuple[str, bytes]:
    """Return a character that no shipped font has, and a font in which it stands where its neighbour stood."""
    content = fonts.content("han-newer")
    for point in range(0x30000, 0x31340):
        has = [fonts.font_of(chr(point + after)) is not None for after in range(3)]
        if has == [False, True, False]:
            old, new = (struct.pack(">II", one, one) for one in (point + 1, point))
            assert content.count(old) == 1
            return chr(point), content.replace(old, new)
    raise AssertionError("no such character")


@pytest.mark.parametrize("paper", PAPERS)
def test_every_page_of_a_paper_of_a_rehearsal_says_so(app: Flask, paper: str) -> None:
    """In force none does."""
    pages = {}
    for is_rehearsal in (False, True):
        app.config["REHEARSAL"] = is_rehearsal
        read = PdfReader(io.BytesIO(PAPERS[paper]("王一"))).pages
        pages[is_rehearsal] = ["REHEARSAL" in page.extract_text() for page in read]

    assert pages[True] == [True] * len(pages[True])
    assert pages[False] == [False] * len(pages[True])
