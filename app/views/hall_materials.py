"""【申报材料上传】: the kinds of material of an application, with what is there."""

from typing import Any

from flask import flash, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext

from app import clock
from app.extensions import db
from app.forms.base import upload_limits
from app.models import Application
from app.security import the_actor
from app.services import dossier, materials
from app.views import hall_pages
from app.views.base import guarded
from app.views.hall_base import REFUSED, HallPage, commit, refuse
from app.workflow.engine import Refused


class Uploading(HallPage):
    """One card for every kind of material."""

    @expose("/application/<int:pk>/materials", methods=["GET", "POST"])
    @guarded("fill")
    def material(self, pk: int) -> Any:
        actor = the_actor()
        application = self.find(pk, actor)
        refused: tuple[str, str] | None = None
        if request.method == "POST":
            kind = request.form.get("kind", "")
            sent = [
                (one.stream, one.filename) for one in request.files.getlist("file") if one.filename
            ]
            try:
                added = materials.add(application, kind, sent, actor=actor, at=clock.now())
                commit()
                flash(gettext("%(count)s files uploaded.", count=len(added)), "success")
                return redirect(f"{self.url('material', pk=pk)}#kind-{kind}", 303)
            except Refused as refusal:
                db.session.rollback()
                refused = kind, refusal.sentence
                application = self.find(pk, actor)
        return self._material_page(application, refused)

    def _material_page(self, application: Application, refused: tuple[str, str] | None) -> Any:
        form = dossier.form_of(application)
        answer = self._show(
            "me/materials.html",
            application=application,
            cards=hall_pages.material_cards(application, form),
            steps=hall_pages.steps(self, application, form, []),
            limits=upload_limits,
            refused=refused,
        )
        return (answer, REFUSED) if refused else answer

    @expose("/application/<int:pk>/materials/<int:attachment>/remove", methods=["POST"])
    @guarded("fill")
    def remove(self, pk: int, attachment: int) -> Any:
        actor = the_actor()
        try:
            materials.remove(self.find(pk, actor), attachment, actor=actor, at=clock.now())
            commit()
            flash(gettext("File removed."), "success")
        except Refused as refusal:
            refuse(refusal)
        return redirect(self.url("material", pk=pk), 303)
