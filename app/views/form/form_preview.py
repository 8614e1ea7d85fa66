"""Read-only preview of a form version as an applicant with the chosen facts would see it."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.extensions import db
from app.forms.base import builder
from app.models import FormDefinition
from app.services.form import condition_texts, form_definition
from app.services.form.form_definition import BadDefinitionError, Form
from app.services.form.form_parts import CONDITION_FACTS, SectionDef
from app.views.base.access import guarded
from app.views.form import form_pages
from app.views.form.form_base import FormPage

FACTS = tuple(fact for fact in CONDITION_FACTS if fact != "title")
WIDTHS = ("web", "phone")


class FormPreview(FormPage):
    """The preview page; shows one section at a time, as when filling in."""

    @expose("/<int:version>/preview")
    @guarded("show")
    def preview(self, version: int) -> ResponseReturnValue:
        definition = self.find(version)
        offered = {fact: condition_texts.offered(fact) for fact in FACTS}
        chosen = {fact: _chosen_value(fact, pairs) for fact, pairs in offered.items()}
        width = request.args.get("width")
        common = {
            "definition": definition,
            "facts": [
                (fact, condition_texts.LABELS[fact], offered[fact], chosen[fact]) for fact in FACTS
            ],
            "width": width if width in WIDTHS else WIDTHS[0],
            "link": lambda key: self.url("preview", **{"version": version, **_preview_args(), "section": key}),
        }  # fmt: skip
        title = gettext("Preview of version %(version)s", version=version)
        try:
            form = self._form(definition, chosen)
        except BadDefinitionError as bad:
            faults = str(bad).split("\n")
            return self.show("form_editor/preview.html", title, form=None, faults=faults, **common)
        key = request.args.get("section", "")
        section = form.section(key) or next(iter(form.sections), None)
        return self.show(
            "form_editor/preview.html",
            title,
            form=form,
            section=section,
            rows=self._rows(form, section) if section else None,
            materials=self._materials(section) if section else [],
            sources=[one for one in section.fields if one.source] if section else [],
            **common,
        )

    @staticmethod
    def _form(definition: FormDefinition, chosen: dict[str, str]) -> Form:
        form = form_definition.parse(definition.form_version, definition.body)
        return form_definition.for_application(form, chosen)

    @staticmethod
    def _rows(form: Form, section: SectionDef) -> Any:
        return builder.form_of(section, [{}], form_definition.offered(db.session(), form))

    @staticmethod
    def _materials(section: SectionDef) -> list[str]:
        names = form_pages.material_names()
        return [names[code] for code in section.materials if code in names]


def _chosen_value(fact: str, pairs: list[tuple[str, str]]) -> str:
    typed = request.args.get(fact, "")
    values = [value for value, _label in pairs]
    return typed if typed in values else values[0]


def _preview_args() -> dict[str, str]:
    return {name: request.args[name] for name in (*FACTS, "width") if name in request.args}
