"""The page on which system administrators choose fields of the dossier as columns of lists."""

from collections.abc import Mapping
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
from app.services.customising import change_sets
from app.services.customising.dossier_area import LONGEST_LABEL, MOST, Listed, ListedField, listed
from app.services.dossier import dossier_filling
from app.validators import characters
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.base.base import PageView
from app.views.customising import dossier_catalogue
from app.views.customising.customise import BY_DRAFT, TASKS, Task
from app.views.customising.dossier_catalogue import DOSSIER
from app.views.customising.rights_catalogue import menu_label
from app.views.customising.rights_draft import say_collected
from app.web.security import require_actor

USES = {
    "": (_("No column"), None),
    "offered": (_("For choice"), listed()),
    "offered_searched": (_("For choice, searched"), listed(is_searched=True)),
    "shown": (_("Shown from the start"), listed(is_shown=True)),
    "shown_searched": (
        _("Shown from the start, searched"),
        listed(is_shown=True, is_searched=True),
    ),
}
"""How a list uses a field: key → words and value."""
USUAL = "ApplicationQueryView"
Typed = Mapping[str, Listed | None]


class DossierListingView(PageView):
    """Fields of the dossier as columns: chosen for one list at a time and collected in the draft."""

    route_base = "/g/dossier-columns"
    guide = "dossier-columns"
    label = _("Dossier fields in lists")
    purpose = _(
        "Which fields of the application form a list of cases shows, sorts and searches. Changes are collected in your"
        " draft; they hold after you publish it."
    )
    roles = (Role.SYSADMIN,)
    how_to = ("show-a-field-in-a-list",)

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        return self._page(_view(request.args), {})

    @expose("/save", methods=["POST"])
    @guarded("change")
    def save(self) -> ResponseReturnValue:
        """Collect what was chosen for the fields that the page showed; refused, everything typed is kept."""
        view = _view(request.form)
        typed: dict[str, Listed | None] = {}
        try:
            for key in dict.fromkeys(request.form.getlist("key")):
                typed[key] = _typed(key)
            values = {(view.__name__, key, ""): value for key, value in typed.items()}
            count = change_sets.collect(require_actor(), DOSSIER, values, at=clock.now())
        except Refused as refusal:
            db.session.rollback()
            return self._page(view, typed, refusal.sentence)
        db.session.commit()
        say_collected(count)
        if request.form.get("then") == "draft":
            return redirect(url_for("CustomiseView.draft"), 303)
        args = {"menu": view.__name__, **({"q": words} if (words := request.form.get("q")) else {})}
        return redirect(url_for("DossierListingView.list", **args), 303)

    def _page(self, view: Any, typed: Typed, reason: str = "") -> ResponseReturnValue:
        words = request.values.get("q", "").strip()[:60]
        items = [one for one in DOSSIER.items().values() if one.target == view.__name__]
        cells = [(one.target, one.key, "") for one in items]
        draft = change_sets.draft_of(require_actor())
        drafted, now = change_sets.values_with_draft(DOSSIER, cells, draft)
        progress = dossier_filling.progress(
            [key for (_target, key, _scope) in cells if now[_target, key, _scope]]
        )
        rows = [
            _row(one, drafted[cell], now[cell], typed, progress.get(one.key))
            for one, cell in zip(items, cells, strict=True)
            if one.is_in_use or drafted[cell] or now[cell]
        ]
        page = {
            "title": self.label,
            "purpose": self.purpose,
            "may_change": self.may("change"),
            "reason": reason,
            "lists": [(one.__name__, menu_label(one)) for one in dossier_catalogue.lists()],
            "menu": view.__name__,
            "words": words,
            "uses": [(key, label) for key, (label, _value) in USES.items()],
            "sections": _sections(rows, words),
            "count": sum(row["is_column"] for row in rows),
            "most": MOST,
            "longest": LONGEST_LABEL,
            "submitted": dossier_filling.submitted(),
        }
        return render_template("dossier_columns.html", page=page), 422 if reason else 200


def _view(args: Mapping[str, str]) -> Any:
    """Return the list that the page is about. Abort 404 on one that shows no fields of dossiers."""
    wanted = args.get("menu") or USUAL
    return next(
        (one for one in dossier_catalogue.lists() if one.__name__ == wanted), None
    ) or abort(404)


def _typed(key: str) -> Listed | None:
    use, label = request.form.get(f"use:{key}", ""), request.form.get(f"label:{key}", "")
    if use not in USES:
        raise Refused(gettext("Choose one of the offered uses of the field; load the page again."))
    value = USES[use][1]
    return None if value is None else value | {"label": characters.plain(label)}


def _row(
    one: ListedField,
    drafted: Listed | None,
    now: Listed | None,
    typed: Typed,
    progress: dossier_filling.Progress | None,
) -> Page:
    value = typed.get(one.key, drafted)
    return {
        "key": one.key,
        "section": str(one.group),
        "label": str(one.label).removeprefix(f"{one.group} · "),
        "use": _use_of(value),
        "name": value["label"] if value else "",
        "is_column": value is not None,
        "is_drafted": drafted != now,
        "is_in_use": one.is_in_use,
        "progress": progress,
    }


def _use_of(value: Listed | None) -> str:
    if value is None:
        return ""
    facts = {name: value[name] for name in ("is_shown", "is_searched")}
    return next(
        key for key, (_label, usual) in USES.items() if usual and facts.items() <= usual.items()
    )


def _sections(rows: list[Page], words: str) -> list[Page]:
    """Return the rows by section, those that match `words`; sections with columns or matches are laid open."""
    found: dict[str, list[Page]] = {}
    for row in rows:
        if words.lower() in f"{row['section']} · {row['label']}".lower():
            found.setdefault(row["section"], []).append(row)
    return [
        {
            "label": label,
            "rows": some,
            "columns": sum(row["is_column"] for row in some),
            "is_open": bool(words) or any(row["is_column"] or row["is_drafted"] for row in some),
        }
        for label, some in found.items()
    ]


TASKS.append(Task(_("Fields of the dossier as columns of lists"), "DossierListingView", BY_DRAFT))
MENUS = (DossierListingView,)
