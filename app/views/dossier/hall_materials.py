"""【申报材料上传】: the material page of an application, one card per kind of material."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, request, session
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose
from flask_babel import gettext
from markupsafe import Markup

from app import settings
from app.engine import Refused
from app.extensions import db
from app.forms.base import file_fields
from app.forms.base.file_fields import SentFile
from app.ground import clock
from app.models import Application, Attachment
from app.services.dossier import dossier, materials
from app.services.dossier.materials import Asked
from app.services.files.file_store import TemporaryRefusal
from app.services.form.form_definition import Form
from app.views.base import detail_sections
from app.views.base.access import guarded
from app.views.base.aliases import Page
from app.views.dossier import hall_pages
from app.views.dossier.hall_base import REFUSED, commit, refuse
from app.views.dossier.hall_upload_intake import (
    DECLARED,
    FileRefused,
    parse_number,
    secrecy,
    upload_answer,
)
from app.views.dossier.hall_uploads import UploadingInPieces
from app.web.security import require_actor

SHOWN_TYPES = {"pdf": "PDF", "jpg": "JPG", "png": "PNG"}
ACCEPTED = {"pdf": ".pdf,application/pdf", "jpg": ".jpg,.jpeg,image/jpeg", "png": ".png,image/png"}


class Uploading(UploadingInPieces):
    """The material page: upload, remove, restore and reorder files."""

    @expose("/application/<int:pk>/materials", methods=["GET", "POST"])
    @guarded("fill", fires=(Application, "submit"))
    def material(self, pk: int) -> ResponseReturnValue:
        """Show the material page, or upload files under one kind."""
        if request.method == "GET":
            return self._material_page(self.find(pk, require_actor()), None)
        kind, sent = request.form.get("kind", ""), _sent_files()
        try:
            added = self.take(pk, kind, [(one.file.stream, one.name) for one in sent])
        except Refused as refusal:
            db.session.rollback()
            _mark_at_fault(sent, refusal)
            application = self.find(pk, require_actor())
            return self._material_page(application, (kind, refusal.sentence), sent), REFUSED
        flash(upload_answer(added)["message"], "success")
        for double in added.doubles:
            flash(double, "info")
        return self._back(pk, kind)

    @expose("/application/<int:pk>/materials/<int:attachment>/remove", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    def remove(self, pk: int, attachment: int) -> ResponseReturnValue:
        """Remove a file; the next page offers to restore it."""
        actor = require_actor()
        try:
            removed = materials.remove(
                self.find(pk, actor), attachment, actor=actor, at=clock.now()
            )
            commit()
            return self._back(pk, removed.kind, removed=removed.id)
        except Refused as refusal:
            refuse(refusal)
        return self._back(pk)

    @expose("/application/<int:pk>/materials/<int:attachment>/restore", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    def restore_file(self, pk: int, attachment: int) -> ResponseReturnValue:
        """Restore a removed file."""
        actor = require_actor()
        try:
            found = materials.restore(self.find(pk, actor), attachment, actor=actor)
            commit()
            flash(gettext("“%(name)s” is back in its place.", name=found.name), "success")
            return self._back(pk, found.kind)
        except Refused as refusal:
            refuse(refusal)
        return self._back(pk)

    @expose("/application/<int:pk>/materials/<int:attachment>/up", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    def move_file_up(self, pk: int, attachment: int) -> ResponseReturnValue:
        """Move a file one place up within its kind."""
        actor = require_actor()
        try:
            moved = materials.move_up(self.find(pk, actor), attachment, actor=actor)
            commit()
            return self._back(pk, moved.kind)
        except Refused as refusal:
            refuse(refusal)
        return self._back(pk)

    def _back(self, pk: int, kind: str = "", **values: Any) -> ResponseReturnValue:
        place = f"#kind-{kind}" if kind else ""
        return redirect(f"{self.url('material', pk=pk, **values)}{place}", 303)

    def _material_page(
        self,
        application: Application,
        refused: tuple[str, str] | None,
        sent: Sequence[SentFile] = (),
    ) -> str:
        form = dossier.form_of(application)
        shown, folded = _parted(cards(application, form), refused[0] if refused else "")
        page: str = self._show(
            "me/materials.html",
            application=application,
            cards=shown,
            folded=folded,
            is_declared=DECLARED in session,
            steps=hall_pages.steps(self, application, form, []),
            refused=refused,
            still_chosen=_still_chosen(sent),
            removed=self._removed(application),
        )
        return page

    def _removed(self, application: Application) -> Attachment | None:
        """Return the file that was just removed, named in the address; None otherwise."""
        key = parse_number(request.args.get("removed"))
        return materials.removed_one(application, key) if key else None


def _sent_files() -> list[SentFile]:
    """Return the files chosen now, and those that stayed chosen when this page was refused before."""
    values = [*request.files.getlist("file"), *request.form.getlist("file")]
    return file_fields.received(values)[0]


def _mark_at_fault(sent: Sequence[SentFile], refusal: Refused) -> None:
    """Mark the file that was refused; all of them if the kind takes none, or not so many."""
    at_fault = [sent[refusal.number]] if isinstance(refusal, FileRefused) else sent
    for one in at_fault if not isinstance(refusal, TemporaryRefusal) else ():
        one.is_at_fault = True


def _still_chosen(sent: Sequence[SentFile]) -> Markup:
    """Keep what may be sent again; never a file of which nobody has said that it is not secret."""
    return file_fields.remaining(sent, "file", are_at_fault=secrecy() != materials.NOT_SECRET)


def cards(application: Application, form: Form) -> list[Page]:
    """Return one card per kind of material: its limits, its files and why it cannot be changed."""
    found = []
    for one in materials.asked(application, form):
        section = form.section(one.section)
        found.append(
            {
                "asked": one,
                "section": section.label if section else "",
                "files": [detail_sections.file_entry(entry) for entry in one.attachments],
                "why_closed": materials.why_closed(application, one.section, one.kind.code),
                "limits": limits(one),
                "accept": ",".join(ACCEPTED[kind] for kind in one.types),
                "left": max(0, one.kind.max_count - len(one.attachments)),
            }
        )
    return found


def _parted(found: list[Page], refused: str) -> tuple[list[Page], list[Page]]:
    """Return the cards to show, what is missing first, and those to fold: optional kinds without a file."""
    shown: list[Page] = []
    folded: list[Page] = []
    for card in found:
        asked: Asked = card["asked"]
        is_asked_for = asked.is_required or asked.attachments or asked.kind.code == refused
        (shown if is_asked_for else folded).append(card)
    shown.sort(key=lambda card: bool(card["files"]) or not card["asked"].is_required)
    return shown, folded


def limits(one: Asked) -> str:
    """Return the upload limits of a kind as text: file types, size, number of files, pages of a PDF."""
    words = gettext(", ").join(SHOWN_TYPES[kind] for kind in one.types)
    sentence = gettext(
        "%(kinds)s, at most %(size)s MB each. At most %(count)s files.",
        kinds=words,
        size=one.max_mb,
        count=one.kind.max_count,
    )
    if "pdf" not in one.types:
        return sentence
    most = gettext("A PDF has at most %(pages)s pages.", pages=settings.get("upload_max_pages"))
    return f"{sentence} {most}"
