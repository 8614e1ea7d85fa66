"""Own people of a unit (本单位人员): entered one by one or imported from Excel.

A person who registers later with the same ID number and name takes the record over after a proof: a code to the
telephone on record, the single sign-on, or the claim code that the unit hands over here.
"""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm.exc import StaleDataError

from app import scopes
from app.engine import Refused
from app.enums import ClaimKind, Role
from app.extensions import db
from app.forms.accounts import UnitPersonForm
from app.forms.base import base as forms
from app.ground import clock
from app.ground.actor import Actor
from app.models import Person
from app.services.accounts import claims, people_import, persons
from app.services.exports import workbook
from app.services.ground import versions
from app.services.imports.refusals import SheetRefused
from app.validators import mask_id
from app.views.base import detail_sections, editing
from app.views.base.access import guarded
from app.views.base.aliases import Label, Page
from app.views.base.base import GuideView
from app.views.base.columns import computed
from app.web.security import require_actor


class PeopleFileForm(forms.Form):
    file = forms.upload(_("Excel file"), ("xlsx",))


def _masked(person: Person) -> str:
    return mask_id(person.id_number)


def _phone(person: Person) -> str:
    return f"{person.phone[:3]}****{person.phone[-4:]}" if person.phone else ""


def _account(person: Person) -> str:
    return gettext("registered") if person.user_id else gettext("not registered yet")


class UnitPersonView(GuideView):
    guide = "unit-people"
    label = _("Own people")
    purpose = _(
        "The people of your unit. Who registers with the same ID number and name, and proves it with a code, finds unit and employment filled in."
    )
    empty = _("Enter your people one by one or import them from Excel.")
    roles = (Role.UNIT,)
    model = Person
    found_by = ("name", "id_number")
    scope = staticmethod(scopes.persons_of_own_unit)
    can_export = True
    search_columns = ["name", "id_number", "employment"]
    list_columns = [
        "name",
        "id_kind",
        computed("id_number", _("ID number"), _masked),
        "sex",
        "employment",
        computed("phone", _("Mobile"), _phone),
        computed("account", _("Account"), _account),
    ]

    @classmethod
    def permissions(cls) -> list[str]:
        return [*super().permissions(), "create", "correct", "hand_over", "import"]

    def add_link(self, actor: Actor) -> Page | None:
        if not self.may("create"):
            return None
        return {"label": gettext("New"), "url": self.url("add_record"), "why_not": None}

    def list_links(self, actor: Actor) -> list[tuple[Label, str]]:
        return [(gettext("Import from Excel"), self.url("take"))] if self.may("import") else []

    def sections(self, record: Person, actor: Actor) -> list[detail_sections.DetailSection]:
        facts = [*self.list_columns[:4], "birth_date", *self.list_columns[4:], "unit"]
        return [detail_sections.pairs("basic", gettext("Details"), record, facts)]

    def links(self, record: Person, actor: Actor) -> list[tuple[Label, str]]:
        links = []
        if self.may("correct") and not persons.why_fixed(record):
            links.append((gettext("Correct the data"), self.url("correct", pk=record.id)))
        if self.may("hand_over") and record.user_id is None:
            links.append((gettext("Hand over a claim code"), self.url("hand_over", pk=record.id)))
        return links

    @expose("/<int:pk>/claim-code", methods=["GET", "POST"])
    @guarded("hand_over")
    def hand_over(self, pk: int) -> ResponseReturnValue:
        """Make the code with which a person of the unit takes the record over when registering; shown once."""
        actor, form = require_actor(), forms.Form()
        person, at = self.find(pk, actor), clock.now()
        if request.method == "POST" and form.validate():
            try:
                code = claims.hand_over(actor, person, at=at)
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
            else:
                page = {
                    "title": gettext("Claim code"),
                    "purpose": self.label,
                    "back_url": self.detail_url(person),
                }
                until = clock.local(at + claims.LIFE[ClaimKind.HANDED])
                return render_template(
                    "registration/claim_code.html", page=page, person=person, code=code, until=until
                )
        note = gettext(
            "%(name)s needs the code to register here and take this record over. Hand it over in person,"
            " after looking at the document. An earlier code is void then.",
            name=person.name,
        )
        page = {
            "title": gettext("Hand over a claim code"),
            "form": form,
            "notes": (note,),
            "back_url": self.detail_url(person),
            "submit_label": gettext("Make the code"),
            "version": None,
        }
        return render_template("form.html", page=page), 200 if request.method == "GET" else 422

    @expose("/add", methods=["GET", "POST"])
    @guarded("create")
    def add_record(self) -> ResponseReturnValue:
        form = UnitPersonForm()
        if request.method == "POST" and form.validate():
            try:
                person, is_new = persons.enroll(require_actor(), form.stored(), at=clock.now())
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
            else:
                said = (
                    gettext("Saved: %(name)s.")
                    if is_new
                    else gettext("%(name)s was there already.")
                )
                flash(said % {"name": person.name}, "success")
                return redirect(self.detail_url(person), 303)
        return self._form_page(gettext("Enter a person"), form, self.back_url())

    @expose("/<int:pk>/correct", methods=["GET", "POST"])
    @guarded("correct")
    def correct(self, pk: int) -> ResponseReturnValue:
        actor = require_actor()
        person = self.find(pk, actor)
        if why := persons.why_fixed(person):
            flash(why, "warning")
            return redirect(self.detail_url(person))
        back = self.detail_url(person)
        form = UnitPersonForm(obj=person)
        seen = person.version if request.method == "GET" else editing.seen_version()
        if request.method == "POST" and form.validate():
            try:
                versions.require_version(person, seen)
                persons.correct(actor, person, form.stored())
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
            except StaleDataError:
                seen = self._overtaken(form, pk)
            else:
                flash(gettext("Saved: %(name)s.", name=person.name), "success")
                return redirect(back, 303)
        return self._form_page(gettext("Correct the data"), form, back, version=seen)

    def _overtaken(self, form: UnitPersonForm, pk: int) -> int:
        """Report the stored values in the form and return the stored version."""
        db.session.rollback()
        person = self.find(pk, require_actor())
        editing.show_conflict(
            form, UnitPersonForm(formdata=None, obj=person), f"person:{person.id}"
        )
        return int(person.version)

    @expose("/template.xlsx")
    @guarded("import")
    def template(self) -> ResponseReturnValue:
        name = gettext("Own people")
        return workbook.attachment(people_import.template(), f"{name}.xlsx", workbook.XLSX)

    @expose("/import", methods=["GET", "POST"])
    @guarded("import")
    def take(self) -> ResponseReturnValue:
        form = PeopleFileForm()
        if request.method == "POST" and form.validate():
            try:
                taken = people_import.import_people(
                    require_actor(), form.file.data.stream, at=clock.now()
                )
                db.session.commit()
            except Refused as refusal:
                db.session.rollback()
                _report(form, refusal)
            else:
                flash(
                    gettext(
                        "Imported: %(added)s people; %(known)s were there already.",
                        added=taken.added,
                        known=taken.known,
                    ),
                    "success",
                )
                return redirect(self.back_url(), 303)
        return self._form_page(
            gettext("Import from Excel"), form, self.back_url(), template=self.url("template")
        )

    def _form_page(
        self,
        title: str,
        form: forms.Form,
        back: str,
        template: str = "",
        version: int | None = None,
    ) -> ResponseReturnValue:
        page = {
            "title": title,
            "purpose": self.label,
            "form": form,
            "back_url": back,
            "submit_label": gettext("Save") if not template else gettext("Import"),
            "is_multipart": bool(template),
            "template_url": template,
            "version": version,
        }
        status = 200 if request.method == "GET" else 422
        return render_template("registration/people.html", page=page), status


def _report(form: PeopleFileForm, refusal: Refused) -> None:
    """Show the refusal at the file field, every wrong row of the file as a line of its own."""
    if not isinstance(refusal, SheetRefused):
        form.show(Refused(refusal.sentence, "file"))
        return
    form.file.errors = [gettext("Nothing was taken from the file."), *refusal.lines]


MENUS = (UnitPersonView,)
