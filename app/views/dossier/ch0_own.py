"""Personal pages besides the applications: own certificates, own data, messages."""

from typing import Any
from urllib.parse import quote

from flask import Response, flash, redirect, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from app import scopes
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.forms.dossier import OwnDataForm
from app.ground import clock
from app.models import Certificate, EmploymentChange, Person
from app.services.accounts import employment_changes, own_data
from app.services.certificates import certificates
from app.services.dossier import personal_data
from app.services.ground import versions
from app.services.messages import outbox
from app.validators import mask_id
from app.views.base import editing
from app.views.base.access import guarded, to_sign_in
from app.views.base.aliases import Page
from app.views.base.base import PageView
from app.views.dossier import hall_pages
from app.web.security import current_actor, require_actor

REFUSED = 422


class OwnCertificates(PageView):
    """The person's own certificates."""

    route_base = "/me/certificates"
    label = _("My certificates")
    purpose = _(
        "Certificates issued to you, with their PDF and the page on which anybody can verify them."
    )
    roles = (Role.APPLICANT,)

    @expose("/")
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        """List the person's own certificates."""
        query = select(Certificate).where(scopes.certificates_of_own_person(require_actor()))
        found = db.session.scalars(query.order_by(Certificate.id.desc())).all()
        return self.render_template(
            "me/certificates.html",
            page=_page(self),
            certificates=found,
            grouped=certificates.grouped,
        )


class OwnData(PageView):
    """The person's own data."""

    route_base = "/me/person"
    label = _("My data")
    purpose = _(
        "Name and ID number were confirmed and stay; mobile, email and unit can be changed. Another employment is "
        "confirmed by the unit."
    )
    roles = (Role.APPLICANT,)

    @expose("/", methods=["GET", "POST"])
    @guarded("list")
    def list(self) -> ResponseReturnValue:
        """Show the own data, or save changes; after a refusal or a concurrent change show the form again."""
        actor = require_actor()
        person = db.session.get(Person, actor.person_id or 0)
        if person is None:
            return self.render_template("me/person.html", page=_page(self), person=None, form=None)
        form = OwnDataForm(data=_changeable_fields(person))
        seen = person.version if request.method == "GET" else editing.seen_version()
        if request.method == "POST" and form.validate():
            try:
                versions.require_version(person, seen)
                asked = own_data.change(person, actor=actor, at=clock.now(), **form.values())
                db.session.commit()
                _flash_saved(asked)
                return redirect(url_for("OwnData.list"), 303)
            except Refused as refusal:
                db.session.rollback()
                form.show(refusal)
            except StaleDataError:
                db.session.rollback()
                seen = person.version
                stored = OwnDataForm(formdata=None, data=_changeable_fields(person))
                editing.show_conflict(form, stored, f"person:{person.id}")
        answer = self.render_template(
            "me/person.html",
            page=_page(self),
            person=person,
            form=form,
            version=seen,
            id_number=mask_id(person.id_number),
            asked=employment_changes.open_change(person),
        )
        return (answer, REFUSED) if request.method == "POST" else answer

    @expose("/withdraw", methods=["POST"])
    @guarded("list")
    def withdraw(self) -> ResponseReturnValue:
        """Withdraw the change of employment that waits for the unit."""
        actor = require_actor()
        person = db.session.get(Person, actor.person_id or 0)
        if person is not None and employment_changes.withdraw_open(
            person, actor=actor, at=clock.now()
        ):
            db.session.commit()
            flash(gettext("Withdrawn: what is registered stays as it is."), "success")
        else:
            flash(gettext("No change waits for a unit any more."), "warning")
        return redirect(url_for("OwnData.list"), 303)

    @expose("/download", methods=["POST"])
    @guarded("list")
    def download(self) -> ResponseReturnValue:
        """Stream a ZIP archive of everything stored about the person."""
        try:
            person_id = personal_data.log_export(require_actor(), clock.now())
            db.session.commit()
        except Refused as refusal:
            db.session.rollback()
            flash(refusal.sentence, "danger")
            return redirect(url_for("OwnData.list"), 303)
        name = f"{gettext('My data archive')}-{clock.local_date(clock.now()):%Y%m%d}.zip"
        headers = {
            "Content-Disposition": f"attachment; filename=my-data.zip; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "no-store",
        }
        parts = stream_with_context(personal_data.archive(person_id))
        return Response(parts, mimetype="application/zip", headers=headers)


class Messages(BaseView):
    """The message list at /messages/, open to every signed-in account."""

    route_base = "/messages"
    base_permissions: list[str] = []

    @expose("/")
    def list(self) -> ResponseReturnValue:
        """List the latest messages of the account."""
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        page = {"title": gettext("Messages"), "read_all_url": url_for("Messages.read")}
        return self.render_template(
            "messages.html", page=page, messages=hall_pages.messages_of(actor)
        )

    @expose("/read", methods=["POST"])
    def read(self) -> ResponseReturnValue:
        """Mark all messages of the account as read."""
        actor = current_actor()
        if actor is None or actor.user_id is None:
            return to_sign_in()
        outbox.mark_read(actor.user_id, at=clock.now())
        db.session.commit()
        return redirect(url_for("Messages.list"), 303)


def _flash_saved(asked: EmploymentChange | None) -> None:
    if asked is None:
        flash(gettext("Saved."), "success")
        return
    flash(
        gettext(
            "Mobile, email and a new unit are saved. The change of employment waits for the confirmation of "
            "“%(unit)s”; until then “%(before)s” stays registered.",
            unit=asked.unit.name,
            before=asked.before.label,
        ),
        "warning",
    )


def _changeable_fields(person: Person) -> dict[str, Any]:
    """Return the fields of `person` that the person may change, with their stored values."""
    return {name: getattr(person, name) for name in ("phone", "email", "employment", "unit_id")}


def _page(view: PageView) -> Page:
    crumbs = [(gettext("Home"), "/"), (view.label, None)]
    return {"title": view.label, "purpose": view.purpose, "crumbs": crumbs}
