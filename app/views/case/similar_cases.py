"""Shows who handles a case what it has in common with other cases: links in the own scope, a count outside it."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext

from app import scopes, settings
from app.enums import FingerprintKind, Role
from app.extensions import appbuilder
from app.ground.actor import Actor
from app.models import Application
from app.services.dossier import similar_cases
from app.services.dossier.similar_cases import Case, Group, Hit
from app.views.base.columns import NOTHING, Cell
from app.views.base.detail_sections import DetailSection

PAGES = {
    Role.UNIT: "ApplicationQueryView",
    Role.SUPERIOR: "ApplicationQueryView",
    Role.HRSS: "ApplicationQueryView",
    Role.OFFICE: "CommitteeApplicationsView",
}
"""Who handles cases, and the menu that opens any case of the role's scope."""


def similar_sections(record: Application, actor: Actor) -> list[DetailSection]:
    """Return the section of what is also in other cases; none if there is nothing or the reader handles no cases."""
    if actor.role not in PAGES:
        return []
    hits = similar_cases.hits_of(record, scopes.visible(Application, actor))
    if not hits:
        return []
    rows = _rows(hits, _page_for(actor))
    return [
        DetailSection(
            "similar",
            gettext("Also found in other cases"),
            "table",
            columns=[
                gettext("What is the same"),
                gettext("As filled in"),
                gettext("Cases of other people"),
                gettext("The same person, other years"),
            ],
            rows=rows,
            count=len(rows),
            text=_explanation(),
        )
    ]


def _page_for(actor: Actor) -> str | None:
    """Return the endpoint that opens a case, or None if the actor was denied that menu."""
    view = PAGES[actor.role]
    return f"{view}.show" if appbuilder.sm.has_access("can_show", view) else None


def _rows(hits: Sequence[Hit], page: str | None) -> list[list[Cell]]:
    """Return a row per hit; files that only the same person uses again share one."""
    again = [
        one
        for one in hits
        if one.kind is FingerprintKind.FILE and not one.is_near and not one.others.total
    ]
    single = [one for one in hits if one not in again or len(again) == 1]
    rows = [
        [
            Cell(gettext("Nearly the same scan") if hit.is_near else str(hit.kind.label)),
            Cell(hit.text),
            _cases(hit.others, page),
            _cases(hit.own, page),
        ]
        for hit in single
    ]
    if len(again) > 1:
        rows.append(_files_again(again, page))
    return rows


def _files_again(hits: Sequence[Hit], page: str | None) -> list[Cell]:
    seen = {case.id: case for hit in hits for case in hit.own.cases}
    group = Group(len(seen), max(hit.own.outside for hit in hits), list(seen.values()))
    count = gettext("%(count)s files", count=len(hits))
    return [Cell(str(FingerprintKind.FILE.label)), Cell(count), Cell(NOTHING), _cases(group, page)]


def _cases(group: Group, page: str | None) -> Cell:
    if not group.total:
        return Cell(NOTHING)
    more = group.count - len(group.cases)
    words = [
        gettext("%(count)s more in your scope", count=more) if more > 0 else "",
        gettext("%(count)s outside your scope", count=group.outside) if group.outside else "",
    ]
    text = gettext("; ").join(word for word in words if word)
    return Cell(
        text, links=[(_name(case), page and url_for(page, pk=case.id)) for case in group.cases]
    )


def _name(case: Case) -> str:
    return gettext(
        "%(name)s, %(year)s, %(number)s", name=case.name, year=case.review_year, number=case.number
    )


def _explanation() -> str:
    return gettext(
        "Only a hint of where to look: co-authors name the same paper, colleagues the same project. It stops "
        "nothing. Files in more than %(count)s cases of other people are left out.",
        count=settings.get("common_file_cases"),
    )
