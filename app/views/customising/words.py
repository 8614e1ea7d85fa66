"""The page on which texts are found by what one sees, and changed in place in each language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground import clock
from app.services.customising import change_sets, word_rules
from app.services.customising.catalogue import Cell
from app.services.customising.words import WORDS, forms_of, value_of
from app.views.base.access import guarded
from app.views.base.base import PageView
from app.views.customising import word_rows
from app.views.customising.rights_draft import say_collected
from app.views.customising.word_rows import Filter
from app.web import security
from app.web.security import require_actor

SHOWN = "shown"
"""Value of `restore` that means everything on the page."""


@dataclass(frozen=True)
class Typed:
    """The forms of a text as the page showed them and as they came back."""

    was: tuple[str, ...]
    forms: tuple[str, ...]

    @property
    def is_changed(self) -> bool:
        return self.was != self.forms


class WordView(PageView):
    """Every text of the program in Chinese and English; what is typed is collected in the draft of its author."""

    route_base = "/g/words"
    guide = "words"
    label = _("Words of the pages")
    purpose = _("Type what you see on a page, or point at it; type other words beside it.")
    roles = (Role.SYSADMIN,)
    how_to = ("reword-a-button",)

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        return self._page(Filter.read(request.args))

    @expose("/save", methods=["POST"])
    @guarded("change")
    def save(self) -> ResponseReturnValue:
        """Collect the texts that were changed or set back; what is refused stays typed, with the reason beside it."""
        shown, typed = Filter.read(request.form), _typed()
        back = set(_restored(typed))
        values = {cell: value_of(one.forms) for cell, one in typed.items() if one.is_changed}
        values |= {cell: _default(cell) for cell in back}
        checked = {cell: one for cell, one in typed.items() if one.is_changed and cell not in back}
        faults: dict[Cell | None, str] = dict(_faults(checked))
        if faults:
            return self._page(shown, typed, faults)
        try:
            count = change_sets.collect(require_actor(), WORDS, values, at=clock.now())
        except Refused as refusal:
            db.session.rollback()
            return self._page(shown, typed, {_named(refusal.field): refusal.sentence})
        db.session.commit()
        say_collected(count)
        if request.form.get("then") == "draft":
            return redirect(url_for("CustomiseView.draft"), 303)
        return redirect(url_for("WordView.list", **shown.args()), 303)

    @expose("/point", methods=["POST"])
    @guarded("change")
    def point(self) -> ResponseReturnValue:
        """Let a press on a text lead to it here, or end that; nothing is changed by it."""
        security.point_at_texts(request.form.get("on") == "1")
        return redirect(security.safe_next(request.form.get("next")), 303)

    def _page(
        self,
        shown: Filter,
        typed: Mapping[Cell, Typed] | None = None,
        faults: Mapping[Cell | None, str] | None = None,
    ) -> ResponseReturnValue:
        faults = faults or {}
        forms = {cell: one.forms for cell, one in (typed or {}).items()}
        draft = change_sets.draft_of(require_actor())
        page = {
            "title": self.label,
            "purpose": self.purpose,
            "may_change": self.may("change"),
            "shown": shown,
            "back": security.safe_next(shown.back) if shown.back else None,
            "orphans": change_sets.orphans(),
            "faults": faults,
            **word_rows.page_of(shown, draft, forms, faults),
        }
        return render_template("words.html", page=page), 422 if faults else 200


def _typed() -> dict[Cell, Typed]:
    """Return what was typed; texts that the program does not know come back as they were sent."""
    columns = [request.form.getlist(name) for name in ("cell", "was", "text")]
    if len({len(column) for column in columns}) != 1:
        abort(400)
    sent: dict[Cell, Typed] = {}
    for name, was, text in zip(*columns, strict=True):
        cell = word_rows.cell_of(name)
        one = sent.get(cell, Typed((), ()))
        own = _own_form(cell, len(one.forms))
        texts = (word_rules.cleaned(own, each) if own else each for each in (was, text))
        before, after = texts
        sent[cell] = Typed((*one.was, before), (*one.forms, after))
    return sent


def _own_form(cell: Cell, place: int) -> str:
    word = WORDS.items().get(cell[:2])
    return word.forms[place] if word and place < len(word.forms) else ""


def _restored(typed: Mapping[Cell, Typed]) -> Iterator[Cell]:
    asked = request.form.get("restore", "")
    if asked == SHOWN:
        yield from (cell for cell in typed if cell[:2] in WORDS.items())
    elif asked:
        yield word_rows.cell_of(asked)


def _default(cell: Cell) -> Any:
    word = WORDS.items().get(cell[:2])
    return word.default if word else ""


def _faults(typed: Mapping[Cell, Typed]) -> Iterator[tuple[Cell, str]]:
    """Yield what is wrong with texts that the program knows; a text changed meanwhile is not overwritten unseen."""
    items, actor = WORDS.items(), require_actor()
    known = {cell: one for cell, one in typed.items() if cell[:2] in items}
    drafted, _now = change_sets.values_with_draft(WORDS, known, change_sets.draft_of(actor))
    for cell, one in known.items():
        why = WORDS.why_not(actor, items[cell[:2]], "", value_of(one.forms))
        meanwhile = tuple(forms_of(drafted[cell]))
        if why:
            yield cell, why
        elif meanwhile not in (one.was, one.forms):
            yield (
                cell,
                gettext(
                    "Meanwhile this became “%(now)s”. What you typed is kept; collect it again if it is to hold.",
                    now=WORDS.value_label(drafted[cell]),
                ),
            )


def _named(field: str | None) -> Cell | None:
    return word_rows.cell_of(field) if field else None


MENUS = (WordView,)
