"""Base view of the administrators' lists: every row in scope, no workflow, each action on its own page."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import ColumnElement, true

from app.forms.base import base as forms
from app.ground.actor import Actor
from app.views.base.aliases import Page
from app.views.base.base import GuideView


def everything(actor: Actor) -> ColumnElement[bool]:
    """Scope of registers and logs: every row, for everybody who has the menu."""
    return true()


class SystemView(GuideView):
    """A list for administrators, without a workflow; `acts` are permissions for actions with own pages."""

    scope = staticmethod(everything)
    acts: tuple[str, ...] = ()

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), *cls.acts]

    def add_link(self, actor: Actor) -> Page | None:
        if "create" not in self.acts or not self.may("create"):
            return None
        return {"label": gettext("Add"), "url": self.url("add_record"), "why_not": None}

    def form_page(
        self, title: str, form: forms.Form, back: str, notes: tuple[str, ...] = ()
    ) -> ResponseReturnValue:
        page = {
            "title": title,
            "form": form,
            "notes": notes,
            "back_url": back,
            "submit_label": title,
            "version": None,
        }
        return render_template("form.html", page=page), 200 if request.method == "GET" else 422
