"""Pages that edit the draft of the application form: sections, fields, rules and texts."""

from collections.abc import Callable

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext

from app.engine import Refused
from app.extensions import db
from app.forms import form as editor_forms
from app.forms.base import base as forms
from app.forms.form import FieldForm, SectionForm, TextsForm
from app.models import FormDefinition
from app.services.form import (
    draft_dictionaries,
    form_dictionaries,
    form_drafts,
    form_edits,
    form_uses,
    form_versions,
)
from app.services.form.form_edits import Body, Part
from app.services.form.form_parts import RULES
from app.views.base.access import guarded
from app.views.form import form_pages
from app.views.form.form_base import FormPage
from app.web.security import require_actor

STEPS = {"up": -1, "down": 1}
ACTS = ("up", "down", "copy")


class FormParts(FormPage):
    """Routes that add, change, arrange and remove the parts of a draft."""

    @expose("/<int:version>/section", methods=["GET", "POST"])
    @guarded("edit")
    def add_section(self, version: int) -> ResponseReturnValue:
        return self._section_page(self.find_draft(version), {"key": "", "fields": []})

    @expose("/<int:version>/section/<string:section>", methods=["GET", "POST"])
    @guarded("edit")
    def section(self, version: int, section: str) -> ResponseReturnValue:
        definition = self.find_draft(version)
        return self._section_page(definition, self._part(definition, section))

    def _section_page(self, definition: FormDefinition, part: Part) -> ResponseReturnValue:
        form = SectionForm(data=part)
        key = part["key"]
        form.materials.offered = form_pages.material_pairs(definition.body, key)
        form.row_title.offered = [(one["key"], one["label"]) for one in part["fields"]]
        if key in {one for one, _field in self._published()}:
            form.keep_key()

        def edit(body: Body) -> str:
            return form_edits.put_section(body, key, form.values())

        title = gettext("Section “%(label)s”", label=part["label"]) if key else ""
        title = title or gettext("Add a section")
        return self._part_page(definition, form, title, edit, "section", key, is_new=not key)

    @expose("/<int:version>/section/<string:section>/field", methods=["GET", "POST"])
    @guarded("edit")
    def add_field(self, version: int, section: str) -> ResponseReturnValue:
        definition = self.find_draft(version)
        return self._field_page(definition, self._part(definition, section), {"key": ""})

    @expose("/<int:version>/section/<string:section>/field/<string:field>", methods=["GET", "POST"])
    @guarded("edit")
    def field(self, version: int, section: str, field: str) -> ResponseReturnValue:
        definition = self.find_draft(version)
        part = self._part(definition, section)
        return self._field_page(definition, part, self._part(definition, section, field))

    def _field_page(
        self, definition: FormDefinition, section: Part, part: Part
    ) -> ResponseReturnValue:
        drafted, key = form_dictionaries.of(definition.body), part["key"]
        own = part.get("dictionary", "") if part.get("dictionary") in drafted else ""
        form = FieldForm(data={**part, **editor_forms.own_dictionary(drafted.get(own))})
        form.dictionary.offered = [
            (editor_forms.NEW, gettext("New dictionary …")),
            *form_pages.dictionary_pairs(drafted),
        ]
        form.offer_new(own)
        offered = form_pages.dictionary_choices(
            (one.get("dictionary", "") for one in section["fields"]), drafted
        )
        for name, before in (("required_when", False), ("visible_when", True)):
            form[name].choices = editor_forms.row_choices(section, key, offered, before=before)
            if not form[name].shown():
                del form[name]
        known = self._published().get((section["key"], key))
        if known:
            form.keep_key()

        def edit(body: Body) -> str:
            here = form_edits.section_of(body, section["key"])
            values, name, lines = form.taken()
            if values["kind"] == "choice" and values["dictionary"] in {editor_forms.NEW, own} - {
                ""
            }:
                of = own if values["dictionary"] == own else ""
                values["dictionary"] = draft_dictionaries.put(body, of, name, lines)
            wanted = form_edits.put_field(here, key, values)
            if known and form_uses.is_other(known, form_edits.field_of(here, wanted)):
                after = form_edits.field_of(here, wanted)
                flash(form_pages.kind_warning(known, after), "warning")
            return f"{section['key']}-{wanted}"

        if key:
            title = gettext("Field “%(label)s”", label=part["label"])
        else:
            title = gettext("Add a field to “%(section)s”", section=section["label"])
        return self._part_page(
            definition, form, title, edit, "field", section["key"], is_new=not key
        )

    def _part_page(
        self,
        definition: FormDefinition,
        form: editor_forms.PartForm,
        title: str,
        edit: Callable[[Body], str],
        what: str,
        section: str,
        *,
        is_new: bool,
    ) -> ResponseReturnValue:
        version = definition.form_version

        def press(seen: int) -> str:
            anchor = form_drafts.change(
                definition,
                edit,
                what=f"{what}_{'added' if is_new else 'changed'}",
                label=form.label.data,
                actor=require_actor(),
                seen=seen,
            )
            return f"{self.url('version', version=version)}#{anchor}"

        return self.form_page(
            definition,
            form,
            title,
            press,
            gettext("Saved: %(name)s.", name=form.label.data or ""),
            groups=editor_forms.groups_of(form),
            back=f"{self.url('version', version=version)}#{section}",
            template="form_editor/part.html",
        )

    @expose("/<int:version>/arrange", methods=["POST"])
    @guarded("edit")
    def arrange(self, version: int) -> ResponseReturnValue:
        """Move or copy the part that the button names: `up/section`, `copy/section/field` and the like."""
        definition = self.find_draft(version)
        act, _slash, place = request.form.get("do", "").partition("/")
        key, _slash, field = place.partition("/")
        if act not in ACTS:
            abort(404)
        part = self._part(definition, key, field)
        what = f"{'field' if field else 'section'}_{'copied' if act == 'copy' else 'moved'}"

        def edit(body: Body) -> str:
            parts = form_edits.section_of(body, key)["fields"] if field else body["sections"]
            if act == "copy":
                return form_edits.copy(parts, field or key)
            form_edits.move(parts, field or key, STEPS[act])
            return field or key

        anchor = place.replace("/", "-")
        try:
            done = form_drafts.change(
                definition,
                edit,
                what=what,
                label=part["label"],
                actor=require_actor(),
                seen=self.seen(),
            )
            db.session.commit()
            anchor = f"{key}-{done}" if field else done
        except Refused as refusal:
            db.session.rollback()
            flash(str(refusal), "warning")
        return redirect(f"{self.url('version', version=version)}#{anchor}", 303)

    @expose("/<int:version>/remove/<string:section>", methods=["GET", "POST"])
    @guarded("edit")
    def remove_section(self, version: int, section: str) -> ResponseReturnValue:
        part = self._part(self.find_draft(version), section)
        note = gettext(
            "Remove the section “%(label)s” with its %(count)s fields? Applications on earlier versions keep it.",
            label=part["label"],
            count=len(part["fields"]),
        )
        return self._removal(version, part, note, section)

    @expose("/<int:version>/remove/<string:section>/<string:field>", methods=["GET", "POST"])
    @guarded("edit")
    def remove_field(self, version: int, section: str, field: str) -> ResponseReturnValue:
        part = self._part(self.find_draft(version), section, field)
        note = gettext(
            "Remove the field “%(label)s”? Applications on earlier versions keep it.",
            label=part["label"],
        )
        return self._removal(version, part, note, section, field)

    def _removal(
        self, version: int, part: Part, note: str, section: str, field: str = ""
    ) -> ResponseReturnValue:
        definition = self.find_draft(version)
        label = part["label"]

        def edit(body: Body) -> None:
            parts = form_edits.section_of(body, section)["fields"] if field else body["sections"]
            form_edits.remove(parts, field or section)

        def press(seen: int) -> str:
            what = "field_removed" if field else "section_removed"
            form_drafts.change(
                definition, edit, what=what, label=label, actor=require_actor(), seen=seen
            )
            return f"{self.url('version', version=version)}#{section if field else 'main'}"

        return self.form_page(
            definition,
            forms.Form(),
            gettext("Remove"),
            press,
            gettext("Removed: %(name)s. 【Undo】 brings it back.", name=label),
            notes=(note,),
        )

    @expose("/<int:version>/section/<string:section>/rules")
    @guarded("edit")
    def rules(self, version: int, section: str) -> ResponseReturnValue:
        """List the rules of a section and offer the kinds of rule that its fields allow."""
        definition = self.find_draft(version)
        part = self._part(definition, section)
        said = [editor_forms.rule_sentence(rule, part["fields"]) for rule in part.get("rules", ())]
        return self.show(
            "form_editor/rules.html",
            gettext("Rules of “%(section)s”", section=part["label"]),
            definition=definition,
            section=part,
            rules=said,
            kinds=[
                (kind, editor_forms.RULE_WORDS[kind][0], self._is_possible(kind, part))
                for kind in editor_forms.RULE_WORDS
            ],
        )

    @expose("/<int:version>/section/<string:section>/rules/<string:kind>", methods=["GET", "POST"])
    @guarded("edit")
    def add_rule(self, version: int, section: str, kind: str) -> ResponseReturnValue:
        if kind not in RULES:
            abort(404)
        definition = self.find_draft(version)
        part = self._part(definition, section)
        form = editor_forms.rule_form(kind, part["fields"])

        def edit(body: Body) -> None:
            typed = {name: value for name, value in form.values().items() if value is not None}
            form_edits.add_rule(form_edits.section_of(body, section), {"kind": kind, **typed})

        return self._rule_page(definition, part, form, edit, "rule_added", kind)

    @expose("/<int:version>/section/<string:section>/rules/<int:place>/remove", methods=["POST"])
    @guarded("edit")
    def remove_rule(self, version: int, section: str, place: int) -> ResponseReturnValue:
        definition = self.find_draft(version)
        part = self._part(definition, section)

        def edit(body: Body) -> None:
            form_edits.remove_rule(form_edits.section_of(body, section), place)

        return self._rule_page(definition, part, forms.Form(), edit, "rule_removed", "")

    def _rule_page(
        self,
        definition: FormDefinition,
        part: Part,
        form: forms.Form,
        edit: Callable[[Body], None],
        what: str,
        kind: str,
    ) -> ResponseReturnValue:
        target = self.url("rules", version=definition.form_version, section=part["key"])

        def press(seen: int) -> str:
            form_drafts.change(
                definition, edit, what=what, label=part["label"], actor=require_actor(), seen=seen
            )
            return target

        title = str(editor_forms.RULE_WORDS[kind][0]) if kind else gettext("Remove the rule")
        done = gettext("Saved: %(name)s.", name=part["label"])
        word = gettext("Save") if kind else title
        return self.form_page(definition, form, title, press, done, back=target, submit_label=word)

    @staticmethod
    def _is_possible(kind: str, section: Part) -> bool:
        """Return whether the section has a fitting field for every field that a rule of this kind needs."""
        return all(
            any(editor_forms.is_fit(one, kinds) for one in section["fields"])
            for kinds in RULES[kind].values()
        )

    @expose("/<int:version>/texts", methods=["GET", "POST"])
    @guarded("edit")
    def texts(self, version: int) -> ResponseReturnValue:
        definition = self.find_draft(version)
        form = TextsForm(data={**definition.body["commitment"], **definition.body})

        def press(seen: int) -> str:
            form_drafts.change(
                definition,
                lambda body: form_drafts.write_texts(body, form.values()),
                what="texts_changed",
                label="",
                actor=require_actor(),
                seen=seen,
            )
            return self.url("version", version=version)

        title = gettext("Title, commitment, declaration")
        done = gettext("Saved: %(name)s.", name=title)
        return self.form_page(definition, form, title, press, done, groups=[("", list(form))])

    def _part(self, definition: FormDefinition, section: str, field: str = "") -> Part:
        """Return a section, or a field of it if `field` is given; abort 404 if it does not exist."""
        try:
            part = form_edits.section_of(definition.body, section)
            return form_edits.field_of(part, field) if field else part
        except Refused:
            abort(404)

    @staticmethod
    def _published() -> dict[tuple[str, str], Part]:
        return form_edits.published_fields(one.body for one in form_versions.published())
