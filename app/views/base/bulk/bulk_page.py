"""The page behind a button for all rows that match a search: counts before, the act row by row, the result after.

Unlike an act on ticked rows it is not all or none: a row that changed since the page was shown, or that a rule
refuses, is skipped and named. STEP rows move in a request, CHUNK in a transaction; after a step the browser sends
the same form again (307), so that no request lasts long and what is done stays done if a line breaks.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from app import settings
from app.engine import Refused
from app.extensions import db
from app.ground.actor import Actor
from app.models import BulkAct
from app.services.lists import bulk_acts
from app.services.review import proposals
from app.views.base import exporting
from app.views.base.acting import ActPage, questions
from app.views.base.bulk import bulk_counts, bulk_result
from app.views.base.declarations import Button
from app.views.base.declared_view import DeclaredView
from app.views.base.list_rows import matching_rows, ordered, plain_order
from app.views.base.lists import chosen_columns, search_words, view_menu

ASKED, MATCH, SEEN, BULK = "all", "match", "rows_seen", "bulk"
SAMPLE = 20
"""Rows that the form is bound to: more than one, so that it asks nothing about a single record."""
CHUNK, STEP = 100, 600
Seen = dict[int, int]
"""Id → version that the page was made from, in the order of the list."""


def is_asked() -> bool:
    """Return whether the request is about all rows that match, not about ticked ones."""
    if request.method == "POST":
        return MATCH in request.form
    return request.args.get(ASKED) == "1" and "pk" not in request.args


class BulkPage(ActPage):
    """One button applied to all rows of a list that match a search, for one person."""

    def __init__(self, view: DeclaredView, button: Button, actor: Actor) -> None:
        sent = request.form.get(MATCH)
        asked = chosen_columns.read_args(request.args) if sent is None else dict(parse_qsl(sent))
        self.match = {k: v for k, v in asked.items() if k.startswith("q.") or k == "todo"}
        self.most = settings.get("bulk_max_rows")
        super().__init__(view, button, actor)

    def _load(self) -> list[Any]:
        found = matching_rows(self.view, self.actor, self.match)
        self.seen = _sent(self.most) if request.method == "POST" else self._found(found)
        for keys in exporting.batched(list(self.seen), SAMPLE):
            if records := list(db.session.scalars(self._of(keys)).unique()):
                return records
        return []

    def _found(self, found: Select[Any]) -> Seen:
        """Return id and version of what matches now, one more than allowed at most."""
        model = self.view.model
        query = ordered(self.view, found, plain_order())
        columns = query.with_only_columns(model.id, model.version).limit(self.most + 1)
        return dict(db.session.execute(columns).tuples().all())

    def _of(self, keys: Sequence[int]) -> Select[Any]:
        model = self.view.model
        return (
            select(model)
            .where(model.id.in_(keys), type(self.view).scope(self.actor))
            .options(*chosen_columns.loading(self.view.columns))
            .order_by(model.id)
        )

    def answer(self) -> ResponseReturnValue:
        if len(self.seen) > self.most:
            flash(
                gettext(
                    "More than %(most)s rows match, the most for one act. Narrow the search, for example by unit or date, and do it in parts.",
                    most=f"{self.most:,}",
                ),
                "warning",
            )
            return redirect(self.back)
        return super().answer()

    def _press(self) -> ResponseReturnValue:
        details = self._details()
        bulk = self._begun()
        handled = bulk.done + bulk_acts.skipped_count(bulk)
        rest = list(self.seen)[handled : handled + STEP]
        still = self._still_matching(rest)
        try:
            for keys in exporting.batched(rest, CHUNK):
                self._move(bulk, keys, still, details)
                db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            self.form.show(refusal)
            return self._page(422)
        if handled + len(rest) < len(self.seen):
            return redirect(self.view.url("act", button=self.button.name, bulk=bulk.id), 307)
        flash(self._said(bulk), "success" if bulk.done == bulk.meant else "warning")
        return redirect(self.view.url("bulk_result", of=bulk.id, back=self.back), 303)

    def _said(self, bulk: BulkAct) -> str:
        done = gettext(
            "%(act)s: %(done)s of %(meant)s done.",
            act=bulk.label,
            done=f"{bulk.done:,}",
            meant=f"{bulk.meant:,}",
        )
        if not proposals.is_proposed(self.view.model, self._event(), self.actor):
            return done
        waits = gettext("They are proposed; the person responsible of your unit confirms them.")
        return f"{done} {waits}"

    def _begun(self) -> BulkAct:
        """Return the result of this act: the one that the request goes on with, otherwise a new one."""
        menu, named = view_menu.menu_of(self.view), request.args.get(BULK, "")
        if named:
            return bulk_acts.find(self.actor, menu, bulk_result.key_of(named)) or abort(404)
        label = str(self.events[self._event()])
        return bulk_acts.begin(self.actor, menu, label, len(self.seen), at=self.at)

    def _still_matching(self, keys: Sequence[int]) -> set[int]:
        model = self.view.model
        query = matching_rows(self.view, self.actor, self.match).with_only_columns(model.id)
        return {
            key
            for part in exporting.batched(keys, CHUNK)
            for key in db.session.scalars(query.where(model.id.in_(part)))
        }

    def _move(
        self, bulk: BulkAct, keys: Sequence[int], still: set[int], details: dict[str, Any]
    ) -> None:
        """Move each row or note why not.

        Raises Refused where no row could move because of what was typed, before any other has.
        """
        typed_wrongly: list[Refused] = []
        records = {one.id: one for one in db.session.scalars(self._of(keys)).unique()}
        for key in keys:
            record = records.get(key)
            if record is None:
                why = gettext("It is no longer in your list.")
                bulk_acts.skip(bulk, key, gettext("Record %(number)s", number=key), why)
                continue
            label = self._label(record)
            is_same = record.version == self.seen[key]
            if is_same and key not in still:
                bulk_acts.skip(bulk, key, label, gettext("It no longer matches the search."))
                continue
            refusal = self._fire(record, details)
            if refusal is None:
                bulk.done += 1
            else:
                bulk_acts.skip(bulk, key, label, refusal.sentence)
                typed_wrongly += [refusal] if refusal.field else []
        if len(typed_wrongly) == len(keys) and not bulk.done:
            raise typed_wrongly[0]

    def _fire(self, record: Any, details: dict[str, Any]) -> Refused | None:
        typed = {name: value for name, value in details.items() if name != "opinion"}
        try:
            with db.session.begin_nested():
                proposals.press_all(
                    [record], self._event(), actor=self.actor, at=self.at,
                    opinion=details.get("opinion", "") or "", details=typed, seen=self.seen,
                )  # fmt: skip
        except Refused as refusal:
            return refusal
        except IntegrityError:
            return Refused(gettext("Somebody else was faster. Look at the record again."))
        return None

    def _label(self, record: Any) -> str:
        number = getattr(record, "number", None)
        name = self.view.name_of(record)
        return f"{number} {name}" if number and str(number) != name else name

    def _page(self, status: int, reasons: dict[int, str] | None = None) -> ResponseReturnValue:
        count = f"{len(self.seen):,}"
        asks = {
            key: question.replace("{names}", gettext("all %(count)s rows", count=count))
            for key, question in questions(self.view.model, self.events).items()
        }
        page = {
            "title": self.button.label,
            "view": self.view.label,
            "button": self.button,
            "form": self.form,
            "count": count,
            "filter": gettext("; ").join(search_words.of(self.view, self.match)),
            "counts": bulk_counts.by_unit_and_state(self.view, self.actor, self.seen),
            "match": urlencode(self.match),
            "rows_seen": ",".join(f"{key}:{version}" for key, version in self.seen.items()),
            "asks": asks,
            "back_url": self.back,
            "url": self.view.url("act", button=self.button.name),
            "scripts": self.view.scripts,
        }
        return render_template("bulk.html", page=page), status


def _sent(most: int) -> Seen:
    """Return the ids and versions that the page sent back. Abort 400 on any other text."""
    pairs = request.form.get(SEEN, "").split(",")
    if len(pairs) > most:
        abort(400)
    try:
        seen = {int(key): int(version) for key, version in (one.split(":") for one in pairs)}
    except ValueError:
        abort(400)
    return seen if all(0 <= n < 2**31 for pair in seen.items() for n in pair) else abort(400)
