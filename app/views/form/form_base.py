"""Base class of the form editor's pages: finds a version, renders pages, applies one change to the draft."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from app.engine import Refused
from app.extensions import db
from app.forms.base import base as forms
from app.models import FormDefinition
from app.services.form.form_drafts import OvertakenError
from app.views.base import editing
from app.views.base.base import PageView

REFUSED = 422


class FormPage(PageView):
    """Base view of the pages about a version of the form."""

    def url(self, route: str, **values: Any) -> str:
        return url_for(f"{self.endpoint}.{route}", **values)

    def show(self, template: str, title: str, **values: Any) -> str:
        page = {"title": title, "purpose": self.purpose if template.endswith("list.html") else ""}
        answer: str = self.render_template(template, page=page, editor=self, **values)
        return answer

    def title_of(self, definition: FormDefinition) -> str:
        return gettext(
            "%(title)s, version %(version)s",
            title=definition.title,
            version=definition.form_version,
        )

    def find(self, version: int) -> FormDefinition:
        query = select(FormDefinition).where(FormDefinition.form_version == version)
        return db.session.scalar(query) or abort(404)

    def find_draft(self, version: int) -> FormDefinition:
        """Return the draft with this version; for a published version redirect to its page with a warning."""
        definition = self.find(version)
        if definition.published_at is not None:
            flash(
                gettext(
                    "Version %(version)s is published and cannot be changed. Begin a new draft.",
                    version=version,
                ),
                "warning",
            )
            abort(redirect(self.url("version", version=version), 303))
        return definition

    def seen(self) -> int:
        """Return the revision of the draft from which the posted page was made."""
        return editing.seen_version()

    def form_page(
        self,
        definition: FormDefinition,
        form: forms.Form,
        title: str,
        press: Callable[[int], str],
        done: str,
        *,
        back: str = "",
        groups: Any = None,
        notes: Sequence[str] = (),
        template: str = "form.html",
        **more: Any,
    ) -> ResponseReturnValue:
        """Handle a page with a form: `press` applies the change to a seen revision and returns the next URL.

        If somebody else changed the draft meanwhile, the form is shown again with everything typed and with
        the current revision, so that saving a second time overwrites deliberately.
        """
        version = definition.form_version
        shown = definition.revision if request.method == "GET" else self.seen()
        if request.method == "POST" and form.validate():
            try:
                target = press(shown)
                db.session.commit()
                flash(done, "success")
                return redirect(target, 303)
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
                if isinstance(refusal, OvertakenError):
                    shown = self.find_draft(version).revision
        page = {
            "title": title,
            "form": form,
            "sections": groups,
            "notes": notes,
            "back_url": back or self.url("version", version=version),
            "submit_label": title if groups is None else gettext("Save"),
            "version": shown,
            **more,
        }
        answer = self.render_template(template, page=page, editor=self, number=version)
        return answer, 200 if request.method == "GET" else REFUSED
