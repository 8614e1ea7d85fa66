"""Merging two values of a dictionary: what it concerns is said first, then pressed once more."""

from typing import Any

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm.exc import StaleDataError

from app.engine import Refused
from app.extensions import db
from app.forms import offers
from app.forms.base import base as forms
from app.forms.base.aliases import Pair
from app.models import DictItem
from app.services.codes import merging
from app.services.codes.merging import Extent
from app.services.ground import versions
from app.views.base import editing
from app.views.codes.code_page import today
from app.web.security import require_actor


class MergeForm(forms.Form):
    target = forms.choice(_("Value that stays"), [])


class MergePages:
    """Route of `ValuePage` that merges a value into another one."""

    get_one: Any
    render: Any
    get_save_return_url: Any

    @expose("/merge/", methods=("GET", "POST"))
    def merge_view(self) -> ResponseReturnValue:
        """Choose the value that stays, see what is concerned, merge."""
        source = self.get_one(request.values.get("id", "")) or abort(404)
        form = MergeForm()
        offered = merging.targets(db.session(), source, today=today())
        offers.set_choices(form.target, [_pair(one) for one in offered])
        found = merging.extent(db.session(), source)
        is_seen = request.form.get("seen") == _words(source, found)
        if request.method == "POST" and form.validate() and is_seen:
            target = next(one for one in offered if str(one.id) == str(form.target.data))
            back = self.get_save_return_url(source)
            if self._merge(source, target, form):
                return redirect(back, 303)
            source = self.get_one(request.values["id"])
        page = {
            "form": form,
            "source": source,
            "concerned": _words(source, found),
            "was_asked": "seen" in request.form and not is_seen,
            "return_url": self.get_save_return_url(source),
        }
        answer = self.render("admin/codes/merge.html", **page)
        return answer, 422 if request.method == "POST" else 200

    def _merge(self, source: DictItem, target: DictItem, form: MergeForm) -> bool:
        """Merge two values; refused, say in `form` why."""
        subject, names = f"dict_item:{source.id}", (source.label, target.label)
        try:
            versions.require_version(source, editing.seen_version())
            done = merging.merge(db.session(), source, target, actor=require_actor(), today=today())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            form.show(refusal)
            return False
        except StaleDataError:
            db.session.rollback()
            form.show(versions.outdated_refusal(subject))
            return False
        flash(_done(*names, done), "success")
        return True


def _pair(item: DictItem) -> Pair:
    return str(item.id), f"{item.label}（{item.code}）"


def _words(source: DictItem, found: Extent) -> str:
    """Return what a merge concerns; the same words come back with the press, so that they were seen."""
    said = gettext(
        "%(count)s applications have “%(name)s” and would show the other value from then on.",
        count=found.applications,
        name=source.label,
    )
    if found.rules:
        said += gettext(
            " Conditions for applying that would name the other value: %(names)s.",
            names=gettext(", ").join(found.rules),
        )
    return said


def _done(source: str, target: str, done: Extent) -> str:
    return gettext(
        "“%(source)s” is merged into “%(target)s” and retired: %(count)s applications and %(rules)s conditions for"
        " applying were changed.",
        source=source,
        target=target,
        count=done.applications,
        rules=len(done.rules),
    )
