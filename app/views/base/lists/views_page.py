"""The page of saved views of one list: keep the list as it is, change and delete own views, choose the default."""

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.exc import IntegrityError

from app.engine import Refused
from app.extensions import db
from app.forms.lists import SavedViewForm
from app.ground.actor import Actor
from app.services.lists import saved_views
from app.views.base.aliases import Label, Page
from app.views.base.lists import chosen_columns, search_words, view_menu

if TYPE_CHECKING:
    from app.models import SavedView
    from app.views.base.declared_view import DeclaredView

ACTS = ("save", "change", "update", "delete", "open_with", "open_without")


class ViewsPage:
    """Saved views of a list for one person. `listed` is the list as the person left it, as parameters."""

    def __init__(self, view: "DeclaredView", actor: Actor) -> None:
        self.view, self.actor, self.menu = view, actor, view_menu.menu_of(view)
        sent = request.form.get("state")
        self.listed = (
            chosen_columns.read_args(request.args) if sent is None else dict(parse_qsl(sent))
        )
        self.listed.pop("back", None)
        self.content = view_menu.content_of(view, actor, self.listed)
        self.form = SavedViewForm()
        self.form.sharing.offered = [
            (way, way_words(actor)[way]) for way in saved_views.ways_to_share(actor)
        ]

    def answer(self) -> ResponseReturnValue:
        """Show the page, or do what was pressed; a refusal comes back with everything typed."""
        if request.method == "GET":
            return self._page(200)
        act = request.form.get("act", "")
        if act not in ACTS:
            abort(400)
        if act in ("save", "change") and not self.form.validate():
            return self._page(422)
        try:
            done, opened = getattr(self, f"_{act}")()
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            self.form.show(refusal)
            return self._page(422)
        except IntegrityError:
            # the same press twice, or the view deleted meanwhile
            db.session.rollback()
            self.form.show(Refused(gettext("This was changed a moment ago. Look at it again.")))
            return self._page(422)
        flash(done, "success")
        if opened is not None:
            return redirect(self.view.list_url({view_menu.PARAMETER: opened}), 303)
        return redirect(self.view.url("saved", **self.listed), 303)

    def _save(self) -> tuple[str, int | None]:
        typed = self.form.values()
        kept = saved_views.save(
            self.actor, self.menu, typed["name"], typed["sharing"], self.content
        )
        if typed["is_default"]:
            saved_views.open_with(self.actor, self.menu, kept)
        return gettext("The view “%(name)s” is kept.", name=kept.name), kept.id

    def _change(self) -> tuple[str, int | None]:
        chosen, typed = self._own(), self.form.values()
        saved_views.rename(chosen, typed["name"])
        saved_views.share(self.actor, chosen, typed["sharing"])
        return gettext("The view “%(name)s” is changed.", name=chosen.name), None

    def _update(self) -> tuple[str, int | None]:
        chosen = self._own()
        saved_views.update(chosen, self.content)
        return gettext(
            "The view “%(name)s” now keeps filter, order and columns of the list as you left it.",
            name=chosen.name,
        ), chosen.id

    def _delete(self) -> tuple[str, int | None]:
        chosen = self._own()
        name = chosen.name
        saved_views.remove(chosen)
        if self.listed.get(view_menu.PARAMETER) == str(chosen.id):
            del self.listed[view_menu.PARAMETER]
        return gettext("The view “%(name)s” is deleted.", name=name), None

    def _open_with(self) -> tuple[str, int | None]:
        chosen = saved_views.find(self.actor, self.menu, self._key())
        if chosen is None:
            raise Refused(
                gettext("This view is gone, or no longer shared with you. Choose another one.")
            )
        saved_views.open_with(self.actor, self.menu, chosen)
        return gettext("The list now opens with the view “%(name)s”.", name=chosen.name), None

    def _open_without(self) -> tuple[str, int | None]:
        saved_views.open_with(self.actor, self.menu, None)
        return gettext("The list now opens with all rows."), None

    def _own(self) -> "SavedView":
        return saved_views.find_own(self.actor, self.menu, self._key())

    def _key(self) -> int:
        typed = request.form.get("chosen", "")
        return int(typed) if typed.isdecimal() and len(typed) < len(str(2**31)) else abort(400)

    def _page(self, status: int) -> ResponseReturnValue:
        offered = saved_views.offered(self.actor, self.menu)
        changed = request.form.get("chosen", "") if status != 200 else ""
        page = {
            "title": gettext("My views"),
            "list": self.view.label,
            "form": self.form,
            "error_form": self.form if changed else None,
            "state": urlencode(self.listed),
            "kept": self._kept(),
            "own": [self._row(one, changed) for one in offered if one.is_own],
            "shared": [self._row(one, changed) for one in offered if not one.is_own],
            "ways": self.form.sharing.offered,
            "url": self.view.url("saved"),
            "back_url": self.view.list_url(self.listed),
        }
        return render_template("views.html", page=page), status

    def _kept(self) -> list[tuple[Label, str]]:
        """Return what a new view would keep: filter, order and columns in words."""
        columns = chosen_columns.chosen(
            self.view, self.actor, {chosen_columns.PARAMETER: ",".join(self.content.columns)}
        ).columns
        words = search_words.of(self.view, self.content.query)
        if "todo" in self.content.query:
            words.append(self.content.labels["todo"])
        order = self.content.labels.get("sort")
        is_down = self.content.query.get("dir") == "desc"
        return [
            (gettext("Filter"), gettext("; ").join(words) or gettext("none, all rows")),
            (
                gettext("Order"),
                f"{order} {'↓' if is_down else '↑'}" if order else gettext("as usual"),
            ),
            (gettext("Columns"), gettext(", ").join(str(one.label) for one in columns)),
        ]

    def _row(self, one: saved_views.Offered, changed: str) -> Page:
        saved = one.view
        is_typed = changed == str(saved.id) and "name" in request.form
        filtered = [saved.labels.get(key, key) for key in saved.query if key not in ("sort", "dir")]
        return {
            "id": saved.id,
            "name": request.form["name"] if is_typed else saved.name,
            "sharing": request.form.get("sharing") if is_typed else saved_views.way_of(saved),
            "owner": saved.user.real_name,
            "filter": gettext(", ").join(dict.fromkeys(filtered)) or gettext("none, all rows"),
            "url": self.view.list_url({view_menu.PARAMETER: saved.id}),
            "is_default": one.is_default,
        }


def way_words(actor: Actor) -> dict[str, str]:
    """Return the words for each way of sharing."""
    return {
        saved_views.OWN: gettext("Only I"),
        saved_views.WITH_ROLE: gettext("Everybody in my role (%(role)s)", role=actor.role.label),
        saved_views.WITH_UNIT: gettext("Everybody of my unit (%(unit)s)", unit=actor.unit_name),
    }
