"""The result sheet of a meeting as PDF, signed by the chair and sealed by the committee (Order 40, art. 23).

For an online meeting it contains ranks, scores and reasons, the two signatures given in the program with
their times, and the frozen digest of every counted round. It contains no ID number.
"""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import gettext, pgettext
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    KeepTogether,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from sqlalchemy.orm import Session, object_session

from app.enums import MeetingMode
from app.ground import clock
from app.models import Plan, Result, User
from app.services.exports.paper_text import require_drawable
from app.services.exports.pdf_drawing import LATIN, draw_centred, markup
from app.services.exports.pdf_pages import Paper
from app.services.ground import log_chain
from app.services.judging import scoring
from app.services.meeting import quorum
from app.services.results import outcomes, results

WIDTHS_OFFLINE = (14, 32, 24, 62, 38, 14, 14, 16, 18, 34)
WIDTHS_ONLINE = (14, 30, 22, 60, 36, 14, 14, 16, 18, 18, 24)
"""Column widths in millimetres; each row adds up to the width between the margins."""


def result_sheet_pdf(plan: Plan, rows: Sequence[Result]) -> bytes:
    """Return the result sheet of a plan as PDF (Order 40, art. 23).

    Raises Undrawable if a character would be missing on it.
    """
    require_drawable(_names(rows))
    stream = io.BytesIO()
    document = SimpleDocTemplate(
        stream,
        pagesize=landscape(A4),
        leftMargin=15 * mm,
        rightMargin=15 * mm,
        topMargin=15 * mm,
        bottomMargin=18 * mm,
        title=gettext("Result sheet"),
        author="",
    )
    style = ParagraphStyle("cell", fontName=LATIN, fontSize=9, leading=12, wordWrap="CJK")
    heading = ParagraphStyle("heading", parent=style, fontSize=16, leading=22, alignment=TA_CENTER)
    is_online = plan.mode is MeetingMode.ONLINE
    parts = [
        Paragraph(markup(f"{plan.committee.name} {gettext('Result sheet')}"), heading),
        Spacer(1, 3 * mm),
        Paragraph(markup(_meeting_line(plan)), style),
        Spacer(1, 4 * mm),
        _online_table(rows, style) if is_online else _offline_table(rows, style),
        Spacer(1, 6 * mm),
        KeepTogether(
            [
                *(Paragraph(markup(line), style) for line in _round_lines(plan, rows)),
                Paragraph(markup(_head_line(plan)), style),
                Spacer(1, 4 * mm),
                _signatures(plan, style),
            ]
        ),
    ]
    foot = partial(_draw_foot, version=plan.version)
    document.build(parts, onFirstPage=foot, onLaterPages=foot, canvasmaker=Paper)
    return stream.getvalue()


def _names(rows: Sequence[Result]) -> Iterator[tuple[str, str]]:
    """Yield (place, text) of what persons and units typed on the sheet."""
    for application in (one.application for one in rows):
        yield f"{application.number} · {gettext('Name')}", application.name
        yield f"{application.number} · {gettext('Unit')}", application.unit.name


def _meeting_line(plan: Plan) -> str:
    present = plan.present or 0
    return gettext(
        "%(plan)s · vote on %(day)s at %(place)s · members %(members)s · present %(present)s · yes votes needed %(needed)s",
        plan=plan.name,
        day=plan.voted_on.isoformat() if plan.voted_on else "—",
        place=plan.place,
        members=plan.members or "—",
        present=plan.present or "—",
        needed=quorum.votes_needed(present) if present else "—",
    )


def _head_line(plan: Plan) -> str:
    return gettext("Head of the log chain: %(head)s", head=log_chain.head(_session(plan)))


def _round_lines(plan: Plan, rows: Sequence[Result]) -> Iterator[str]:
    """Yield who lost the pass since, and one line for every counted round: its figures and its digest.

    A further round of an offline meeting has a second line with its votes, which the table does not show.
    """
    if lost := results.cancelled_line(rows):
        yield lost
    names = {one.application_id: one.application.name for one in rows}
    unused = outcomes.outcome_of_plan(_session(plan), plan).unused
    for vote_round in outcomes.counted_rounds(_session(plan), plan):
        yield gettext(
            "%(round)s (%(way)s): %(candidates)s candidates, members %(members)s, present %(present)s; "
            "digest %(digest)s",
            round=vote_round.title,
            way=gettext("on paper") if vote_round.is_on_paper else gettext("online"),
            candidates=len(vote_round.candidates),
            members=vote_round.members,
            present=vote_round.present,
            digest=vote_round.frozen_hash or "—",
        )
        if vote_round.id in unused:
            yield gettext("This round is not applied: the votes above lead to no such round.")
        if plan.mode is MeetingMode.OFFLINE:
            yield gettext(", ").join(
                f"{names[one.application_id]} {one.yes} / {one.no} / {one.abstain}"
                for one in vote_round.candidates
            )


def _offline_table(rows: Sequence[Result], style: ParagraphStyle) -> LongTable:
    columns = (
        gettext("Rank"),
        gettext("Application number"),
        gettext("Name"),
        gettext("Unit"),
        gettext("Title applied for"),
        pgettext("vote", "Yes"),
        pgettext("vote", "No"),
        gettext("Abstained"),
        gettext("Score"),
        gettext("Result"),
    )
    lines = [
        (
            one.rank or "—", one.application.number, one.application.name, one.application.unit.name,
            one.application.title.name, one.yes, one.no, one.abstain,
            scoring.format_score(one.score), _offline_result(one),
        )
        for one in _by_rank(rows)
    ]  # fmt: skip
    return _table(columns, lines, WIDTHS_OFFLINE, style)


def _offline_result(one: Result) -> str:
    """Return the decision on a candidate; undecided ones are still to be voted on again."""
    if one.reason is not None:
        return str(one.reason.label)
    if one.rank is not None:
        return gettext("Not decided yet, to be voted on again")
    return gettext("Passed") if one.is_passed else gettext("Not passed")


def _by_rank(rows: Sequence[Result]) -> list[Result]:
    return sorted(rows, key=lambda one: (one.application.level, one.rank or 0))


def _online_table(rows: Sequence[Result], style: ParagraphStyle) -> LongTable:
    columns = (
        gettext("Rank"),
        gettext("Application number"),
        gettext("Name"),
        gettext("Unit"),
        gettext("Title applied for"),
        pgettext("vote", "Yes"),
        pgettext("vote", "No"),
        gettext("Abstained"),
        gettext("Two thirds of"),
        gettext("Score"),
        gettext("Result"),
    )
    lines = [
        (
            one.rank or "—", one.application.number, one.application.name, one.application.unit.name,
            one.application.title.name, one.yes, one.no, one.abstain, one.counted_of or "—",
            scoring.format_score(one.score),
            one.reason.label if one.reason else "—",
        )
        for one in _by_rank(rows)
    ]  # fmt: skip
    return _table(columns, lines, WIDTHS_ONLINE, style)


def _table(
    columns: Sequence[str],
    lines: Sequence[Sequence[Any]],
    widths: Sequence[int],
    style: ParagraphStyle,
) -> LongTable:
    cells = [[Paragraph(markup(value), style) for value in line] for line in (columns, *lines)]
    table = LongTable(cells, colWidths=[width * mm for width in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, "#666666"),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("BACKGROUND", (0, 0), (-1, 0), "#eeeeee"),
            ]
        )
    )
    return table


def _signatures(plan: Plan, style: ParagraphStyle) -> LongTable:
    names = (
        (gettext("Chair (signature)"), _signed(plan, plan.chair_signed_by, plan.chair_signed_at)),
        (gettext("Counted by"), ""),
        (
            gettext("Supervisor"),
            _signed(plan, plan.supervisor_signed_by, plan.supervisor_signed_at),
        ),
        (gettext("Seal of the committee"), ""),
    )
    cells = [Paragraph(markup(f"{name}{gettext(':')}{signed}"), style) for name, signed in names]
    return LongTable([cells], colWidths=[76 * mm, 46 * mm, 76 * mm, 66 * mm])


def _signed(plan: Plan, user_id: int | None, at: datetime | None) -> str:
    """Return name and time of a signature that was given in the program."""
    signer = _session(plan).get(User, user_id) if user_id is not None else None
    return f"{signer.real_name} {clock.local(at):%Y-%m-%d %H:%M}" if signer and at else ""


def _session(plan: Plan) -> Session:
    session = object_session(plan)
    assert session is not None
    return session


def _draw_foot(canvas: Canvas, document: Any, version: int) -> None:
    """Draw page and version of the plan, so that a sheet of an older entry can be recognised."""
    text = gettext("Version %(version)s · page %(page)s", version=version, page=document.page)
    draw_centred(canvas, landscape(A4)[0] / 2, 10 * mm, text, 8)
