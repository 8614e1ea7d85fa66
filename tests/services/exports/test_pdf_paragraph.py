"""Long text in a PDF: every character is there, lines fit, a page ends anywhere."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader
from reportlab.platypus import SimpleDocTemplate

from app.services.exports.pdf_drawing import text_width
from app.services.exports.pdf_paragraph import RunningText, break_lines

TEXT = st.text(alphabet="桥梁加固设计，。；（）abcXYZ019 -\n𠮷😀", max_size=300)


@given(text=TEXT)
def test_every_line_fits_and_nothing_is_lost(text: str) -> None:
    lines = list(break_lines(text, 12.0))

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width(line.rstrip(), 1.0) <= 12.0 or len(line) == 1 for line in lines)


def test_lines_break_between_words_and_not_before_a_stop() -> None:
    lines = list(break_lines("采用ABAQUS软件分析，完成设计。", 6.0))

    assert "ABAQUS" in "".join(line for line in lines if "ABAQUS" in line)
    assert not [line for line in lines if line[0] in "，。"]


@pytest.mark.parametrize(
    "word", ["Dvořáková", "параметры", "ἄνθρωπος", "la\u0323\u0308ngs", "x²y³"]
)
def test_words_with_accents_and_of_other_alphabets_are_not_broken(word: str) -> None:
    for width in (6.0, 6.5, 7.0):
        lines = list(break_lines(f"设计参数{word}，完成设计。", width))

        assert [line for line in lines if word in line]


def test_a_text_longer_than_a_page_goes_on() -> None:
    stream = io.BytesIO()

    SimpleDocTemplate(stream).build([RunningText("述职" * 10_000), RunningText("末尾")])

    pages = PdfReader(io.BytesIO(stream.getvalue())).pages
    text = "".join(page.extract_text() for page in pages)
    assert len(pages) > 5
    assert (text.count("述"), text.count("末尾")) == (10_000, 1)


def test_empty_text_takes_no_room() -> None:
    assert RunningText("\n\n").wrap(100, 100) == (100, 0)
