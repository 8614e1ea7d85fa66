"""Fields of the dossier that administrators made columns of a list of cases: shown, sorted and searched.

A list without such a field asks the database nothing for it. Who does not read the dossiers' fields in an export has
no such column either (`READERS`), and what is stored is what the page of a case shows: the content as last submitted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from flask import current_app
from flask_babel import gettext
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from app.enums import Role
from app.extensions import db
from app.ground import in_force, language
from app.ground.in_force import Cell as Place
from app.models import Application, DossierValue
from app.models.dossier_value import DECLARED
from app.services.customising.dossier_order import PREFIX
from app.services.dossier import dossier_display
from app.services.form import published_forms
from app.services.form.form_parts import DATE_KINDS, NUMBER_KINDS, Field, Form, Offered, SectionDef
from app.views.base.columns import Cell, Column, cell_of
from app.views.base.further import NOTHING, Further, StoredOrder
from app.views.base.search import SearchField
from app.views.case.dossier_search import search_field

READERS = frozenset({Role.UNIT, Role.SUPERIOR, Role.HRSS, Role.OFFICE})
"""Roles that read whole dossiers with personal facts."""
Kept = tuple[str, str, str]
KEPT = "zhicheng.listed_fields"
SHOWN = 3
"""Rows of a repeated section that a cell shows."""


def further(view: str) -> Further:
    """Return what administrators added to the list of a view, for the reader of this request."""
    cells = in_force.of_area(DECLARED)
    if not cells:
        return NOTHING
    memo, place = in_force.memo(), (DECLARED, view, language.current())
    if place not in memo:
        memo[place] = _further(place, cells)
    found: Further = memo[place]
    return found


def _further(place: Kept, cells: Mapping[Place, Any]) -> Further:
    declared = {key: one for (target, key, _scope), one in cells.items() if target == place[1] and one}  # fmt: skip
    if not declared or in_force.reader() not in READERS:
        return NOTHING
    return _listed(place, declared).further()


def _listed(place: Kept, declared: Mapping[str, Any]) -> "ListedFields":
    """Return the declared fields of a list; a worker keeps them while declarations and published forms are the same."""
    kept: dict[Any, ListedFields] = current_app.extensions.setdefault(KEPT, {})
    forms, found = published_forms.kept(db.session()), kept.get(place)
    if found is None or found.declared != declared or not published_forms.are_same(found.forms, forms):  # fmt: skip
        found = kept[place] = ListedFields(declared, forms)
    return found


class ListedFields:
    """The declared fields of one list, in one language: {key: {is_shown, is_searched, label}}.

    Nothing of a request is stored here: labels of codes are read anew, as a dictionary changes without a publication.
    """

    def __init__(self, declared: Mapping[str, Mapping[str, Any]], forms: Sequence[Form]) -> None:
        self.declared, self.forms = declared, forms
        found = {key: published_forms.find(self.forms, key) for key in declared}
        self.parts = {key: part for key, part in found.items() if part is not None}

    def further(self) -> Further:
        searched = [key for key in self._columns if self.declared[key]["is_searched"]]
        return replace(self._fixed, fields=[self._search(key) for key in searched])

    @cached_property
    def _columns(self) -> Mapping[str, Column]:
        return {key: self._column(key) for key in self._in_order()}

    @cached_property
    def _fixed(self) -> Further:
        """What does not depend on the request."""
        columns = self._columns
        return Further(
            columns=list(columns.values()),
            shown=[one for key, one in columns.items() if self.declared[key]["is_shown"]],
            stored=[(PREFIX + key, stored_order(self.parts[key][1], key)) for key in columns],
        )

    def _in_order(self) -> list[str]:
        """Return the keys in the order of the form in use; those that it has no more last."""
        listed = [key for form in self.forms for key, *_part in published_forms.listed_fields(form)]
        return [key for key in dict.fromkeys(listed) if key in self.parts]

    def _column(self, key: str) -> Column:
        section, field = self.parts[key]
        is_single = not section.is_repeated
        kind = _kind(field) if is_single else "text"
        stored = stored_order(field, key)
        return Column(
            PREFIX + key,
            self.label(key),
            lambda case: self._cell(case, key),
            kind,
            order=_first_value(stored),
            load=(selectinload(Application.listed_values.and_(DossierValue.key.in_(self.parts))),),
            export=lambda case: self._exported(case, key),
            roles=tuple(READERS),
        )

    def label(self, key: str) -> str:
        return self.declared[key]["label"] or field_label(*self.parts[key])

    def _search(self, key: str) -> SearchField:
        section, field = self.parts[key]
        choices = self._offered().get(field.dictionary, {}) if field.kind == "choice" else {}
        return search_field(PREFIX + key, key, self.label(key), section, field, choices)

    def _offered(self) -> Offered:
        """Return the labels of the codes of all declared choices, inactive ones included, read once per request."""
        memo = in_force.memo()
        if self not in memo:
            memo[self] = self._labels()
        found: Offered = memo[self]
        return found

    def _labels(self) -> Offered:
        if not any(field.kind == "choice" for _section, field in self.parts.values()):
            return {}
        sections = [
            replace(form.sections[0], fields=(found[1],))
            for form in self.forms
            for key in self.parts
            if (found := published_forms.find([form], key))
        ]
        reduced = replace(self.forms[0], sections=tuple(sections))
        return dossier_display.all_labels(db.session(), reduced)

    def _texts(self, case: Application, key: str) -> tuple[list[str], int]:
        """Return the texts of a case as its page shows them, and how many there are in all."""
        values = [one for one in case.listed_values if one.key == key]
        found = published_forms.find(self._forms_of(case), key)
        if found is None or not values:
            return [], 0
        offered = self._offered()
        texts = [dossier_display.typed_text(found[1], one.value, offered) for one in values]
        return texts, values[0].total

    def _forms_of(self, case: Application) -> Sequence[Form]:
        own = [one for one in self.forms if one.version == case.form_version]
        return own or self.forms

    def _cell(self, case: Application, key: str) -> Cell:
        texts, total = self._texts(case, key)
        section, field = self.parts[key]
        if not section.is_repeated:
            cell = cell_of(str(texts[0]) if texts else None)
            return replace(cell, kind=_kind(field)) if texts and _kind(field) != "text" else cell
        whole = gettext("; ").join(texts)
        text = gettext("; ").join(texts[:SHOWN])
        if total > SHOWN:
            text = gettext("%(values)s … %(count)s in all", values=text, count=total)
        cell = cell_of(text)
        return replace(cell, title=whole) if texts else cell

    def _exported(self, case: Application, key: str) -> Any:
        texts, total = self._texts(case, key)
        if not texts or not self.parts[key][0].is_repeated:
            return texts[0] if texts else None
        more = [gettext("… %(count)s in all", count=total)] if total > len(texts) else []
        return "\n".join([*texts, *more])


def field_label(section: SectionDef, field: Field) -> str:
    """Return how a field is named outside of its section."""
    return f"{section.label} · {field.label}"


def stored_order(field: Field, key: str) -> StoredOrder:
    """Return by which values a list is sorted; of a repeated section by those of its first row."""
    value: ColumnElement[Any] = value_column(field)
    is_first = (DossierValue.key == key) & (DossierValue.position == 0)
    return StoredOrder(value, DossierValue.application_id, is_first & value.is_not(None))


def value_column(field: Field) -> Any:
    """Return the column of the stored values that a field is sorted and searched by."""
    if field.kind in NUMBER_KINDS or field.kind == "year":
        return DossierValue.number
    return DossierValue.day if field.kind in DATE_KINDS else DossierValue.text


def _first_value(order: StoredOrder) -> ColumnElement[Any]:
    """Return the same order as one expression, for walking from case to case and for exports."""
    query = select(order.value).where(order.condition, order.owner == Application.id)
    return query.correlate(Application).scalar_subquery()


def _kind(field: Field) -> str:
    if field.kind in NUMBER_KINDS or field.kind == "year":
        return "number"
    return "day" if field.kind in DATE_KINDS else "text"
