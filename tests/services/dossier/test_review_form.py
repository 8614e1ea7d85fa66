"""The printed 评审表 and the dossier in Excel: everything is there, nothing breaks them."""

import io
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from app.enums import ApplicationState, ApplyMode
from app.extensions import db
from app.ground import clock
from app.models import Application, Section
from app.services.certificates import reviewer_boxes
from app.services.dossier import dossier, dossier_export, review_form
from app.services.files import attached_files
from tests.services import dossiers
from tests.support import factories


def pdf_of(application: Application, *, is_own: bool = False) -> bytes:
    shown = dossier.display(application, is_masked=not is_own)
    boxes = reviewer_boxes.boxes(application, is_own=is_own)
    return review_form.review_form_pdf(application, shown, boxes, at=clock.now())


def printed(application: Application, **options: Any) -> str:
    pages = PdfReader(io.BytesIO(pdf_of(application, **options))).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def sheets(application: Application) -> dict[str, list[tuple[Any, ...]]]:
    shown = dossier.display(application)
    book = load_workbook(
        io.BytesIO(dossier_export.dossier_xlsx(application, shown, at=clock.now()))
    )
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def unspaced(text: str) -> str:
    return "".join(str(text).split())


def put(application: Application, key: str, rows: list[dict[str, Any]]) -> None:
    factories.add(Section(application_id=application.id, key=key, rows=rows, saved_at=clock.now()))


@pytest.fixture
def filled(app: Flask) -> Application:
    application = factories.application()
    dossiers.fill(application, **dossiers.MORE)
    dossiers.commit(application)
    return application


def test_print_holds_every_section_with_its_values(filled: Application) -> None:
    text = printed(filled)

    for shown in dossier.display(filled):
        assert unspaced(shown.label) in text
        for value in (value for row in shown.rows for value in row if value):
            assert unspaced(value) in text, (shown.key, value)


def test_print_ends_with_the_commitment_and_the_boxes(filled: Application) -> None:
    text = printed(filled)

    assert unspaced("Signed electronically on") in text
    assert unspaced(dossier.form_of(filled).commitment) in text
    assert unspaced("Review and vote of the committee") in text


def test_print_says_that_nothing_was_signed(app: Flask) -> None:
    application = factories.application(committed_at=None)

    assert unspaced("Not signed yet") in printed(application)


def test_print_masks_id_and_telephone_for_others(filled: Application) -> None:
    text = printed(filled)

    assert filled.person.id_number not in text
    assert str(filled.person.phone) not in text


def test_own_print_shows_the_telephone_but_not_what_the_unit_wrote(filled: Application) -> None:
    filled.recommendation = "同意推荐"

    own, staff = printed(filled, is_own=True), printed(filled)

    assert str(filled.person.phone) in own
    assert "同意推荐" not in own
    assert "同意推荐" in staff


def test_print_shows_the_reasons_of_an_exceptional_application(app: Flask) -> None:
    application = factories.application(mode=ApplyMode.EXCEPTIONAL)
    put(application, "exceptional", [{"clause": "第三条", "reason": "获国家科技进步奖"}])

    assert "获国家科技进步奖" in printed(application)


def test_print_takes_two_hundred_long_rows_and_rare_characters(app: Flask) -> None:
    application = factories.application(ApplicationState.AT_UNIT)
    row = {"name": "𠮷野\U00020bb7😀<&>桥梁", "rank": 1, "people": 3, "outcome": "按期完成。" * 20}
    longest = {"outcome": "长" * 1000, "benefit": "益\n" * 200}
    put(application, "achievements", [row] * 195 + [row | longest] * 5)
    put(application, "summary", [{"text": ("述职" * 40 + "\n") * 60}])

    content = pdf_of(application)

    assert len(PdfReader(io.BytesIO(content)).pages) > 20


def test_print_of_an_empty_dossier_is_drawn(app: Flask) -> None:
    application = factories.application()

    assert application.number in printed(application)


def test_print_shows_the_photo_and_survives_a_broken_one(filled: Application) -> None:
    stored = attached_files.store(io.BytesIO(dossiers.picture("JPEG")), "照片.jpg", kinds=("jpg",))
    factories.attachment(filled, "photo", name="照片.jpg").file = stored
    db.session.flush()
    with_photo = pdf_of(filled)
    attached_files.open_path(attached_files.attachments_of(filled, "photo")[0]).write_bytes(
        b"no picture"
    )
    without = pdf_of(filled)

    assert b"/Subtype /Image" in with_photo
    assert b"/Subtype /Image" not in without


def deep() -> Image.Image:
    """Return a grey ramp with 16 bits per dot."""
    ramp = Image.linear_gradient("L").convert("I")
    return ramp.point(lambda level: level * 257).convert("I;16")


@pytest.mark.parametrize(
    ("portrait", "kind", "darkest", "lightest"),
    [
        (deep(), "PNG", 10, 245),
        (Image.linear_gradient("L"), "PNG", 10, 245),
        (Image.new("LA", (60, 80), (0, 0)), "PNG", 250, 255),
        (Image.new("RGBA", (60, 80), (0, 0, 0, 128)), "PNG", 125, 130),
        (Image.new("CMYK", (60, 80), (0, 0, 0, 255)), "JPEG", 0, 5),
    ],
)
def test_print_shows_a_photo_of_any_depth_as_it_is(
    filled: Application, portrait: Image.Image, kind: str, darkest: int, lightest: int
) -> None:
    made = io.BytesIO()
    portrait.save(made, kind)
    stored = attached_files.store(io.BytesIO(made.getvalue()), "照片.png", kinds=("jpg", "png"))
    factories.attachment(filled, "photo", name="照片.png").file = stored
    db.session.flush()

    photo = PdfReader(io.BytesIO(pdf_of(filled))).pages[0].images[0].image

    assert photo is not None
    low, high = photo.convert("L").getextrema()
    assert low <= darkest + 5
    assert high >= lightest - 5
    assert high - low < 20 or high - low > 200


def test_every_page_has_the_version_the_digest_and_its_place(filled: Application) -> None:
    put(filled, "annual", [{"text": "述职" * 2000}])
    filled.version = 41
    shown, boxes = dossier.display(filled), reviewer_boxes.boxes(filled)
    digest = review_form.content_digest(filled, shown, boxes)

    pages = [unspaced(page.extract_text()) for page in PdfReader(io.BytesIO(pdf_of(filled))).pages]

    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert digest in page
        assert unspaced("version 41 ·") in page
        assert unspaced(f"page {number} of {len(pages)}") in page


@pytest.mark.parametrize("change", ["name of a file", "a value", "the recommendation", "version"])
def test_the_digest_changes_with_whatever_is_printed(filled: Application, change: str) -> None:
    paper = factories.attachment(filled, "paper", name="论文.pdf")

    def digest() -> str:
        shown, boxes = dossier.display(filled), reviewer_boxes.boxes(filled)
        return review_form.content_digest(filled, shown, boxes)

    before, again = digest(), digest()
    if change == "name of a file":
        paper.name = "论文（改）.pdf"
    elif change == "a value":
        dossier.stored(filled)["papers"].rows = [{"title": "另一篇"}]
    elif change == "the recommendation":
        filled.recommendation = "同意推荐。"
    else:
        filled.version += 1

    assert before == again
    assert digest() != before


@pytest.mark.parametrize(
    ("section", "field", "value", "number_format"),
    [
        (
            "titles",
            "obtained_on",
            datetime.fromisoformat(f"{dossiers.TITLE_YEAR}-12-30"),
            "yyyy-mm-dd",
        ),
        (
            "papers",
            "published",
            datetime.fromisoformat(f"{dossiers.TITLE_YEAR + 3}-08-01"),
            "yyyy-mm",
        ),
        ("papers", "words", 6200, 'General" characters"'),
        ("projects", "funds", 35.5, 'General" 10,000 yuan"'),
        ("projects", "rank", 2, "General"),
        ("assessments", "year", dossiers.TITLE_YEAR + 1, "General"),
        ("projects", "number", "2022-K-031", "General"),
    ],
)
def test_excel_holds_days_months_and_numbers_as_such(
    filled: Application, section: str, field: str, value: Any, number_format: str
) -> None:
    fields = [one.key for one in dossier.form_of(filled).section(section).fields]
    shown = dossier.display(filled)
    place = [one.key for one in shown if one.kind == "table"].index(section) + 1
    content = dossier_export.dossier_xlsx(filled, shown, at=clock.now())

    cell = load_workbook(io.BytesIO(content)).worksheets[place].cell(2, fields.index(field) + 1)

    assert (cell.value, cell.number_format) == (value, number_format)


def test_excel_has_a_sheet_for_every_list(filled: Application) -> None:
    found = sheets(filled)

    for shown in dossier.display(filled):
        if shown.kind == "table":
            title = next(name for name in found if name.startswith(shown.label[:20]))
            assert len(found[title]) == 1 + len(shown.rows)
    overview = {row[1]: row[2] for row in found["Overview"]}
    assert overview["Present field of work"] == "桥梁设计"
    assert filled.person.id_number not in str(found)


def test_excel_holds_no_formula(app: Flask) -> None:
    application = factories.application()
    put(application, "papers", [{"title": "=1+1", "journal": "@x"}])

    row = sheets(application)["Papers"][1]

    assert row[0] == "'=1+1"
    assert row[1] == "'@x"


def test_excel_names_the_material(filled: Application) -> None:
    factories.attachment(filled, "paper", name="论文全文.pdf")

    assert ("Papers", "论文全文.pdf") in sheets(filled)["Material"]
