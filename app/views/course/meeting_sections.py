"""Sections of a meeting's page: attendance, sign-ins, who holds a code of the ballot box."""

from flask_babel import gettext, pgettext

from app.enums import SeatState
from app.ground import clock
from app.services.course.meeting_facts import Facts
from app.services.meeting import seats
from app.services.voting import vote_rounds
from app.views.base import detail_sections
from app.views.base.columns import Cell
from app.views.base.detail_sections import DetailSection
from app.views.course import press_links


def attendance(facts: Facts) -> DetailSection:
    """Return the section that counts members and those signed in."""
    pairs = [
        (gettext("Members"), Cell(str(len(facts.members)))),
        (pgettext("count", "Signed in"), Cell(str(len(facts.present)))),
    ]
    return DetailSection("attendance", gettext("Who is there"), "pairs", pairs=pairs)


def sign_ins(facts: Facts) -> DetailSection:
    """Return the section of the judges called: answers, times of signing in and leaving, what the office notes."""
    names = ["user", "role", "group_name", "attended_at", "left_at", "state"]
    shown = [one for one in facts.seats if one.state in (SeatState.CALLED, *seats.MEMBERS)]
    section = detail_sections.table_of("sign_ins", gettext("Seats and signing in"), shown, names)
    presses = [press_links.of_seat(one, facts) for one in shown]
    if any(presses):
        section.columns = [*section.columns, gettext("Operation")]
        for row, links in zip(section.rows, presses, strict=True):
            row.append(Cell("", links=links))
    return section


def key_holders_section(facts: Facts, *, with_names: bool) -> DetailSection:
    """Return the section of the three key holders; `with_names` shows who they are."""
    known = facts.holders
    rows = []
    for role in vote_rounds.ORDER:
        holder = known.get(role)
        who = holder.user.real_name if holder and with_names else ""
        taken = (
            f"{clock.local(holder.registered_at):%Y-%m-%d %H:%M}" if holder else gettext("not yet")
        )
        rows.append([Cell(str(role.label)), Cell(taken), Cell(who or "—")])
    columns = [gettext("Part of the key"), gettext("Code taken"), gettext("Name")]
    return DetailSection(
        "holders",
        gettext("Holders of the key"),
        "table",
        columns=columns,
        rows=rows,
        count=len(known),
    )
