"""Serves attached files and images of their pages, within the scope of the record each belongs to."""

from flask import Response, abort, request, send_file
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import scopes
from app.engine import Refused
from app.enums import Role
from app.extensions import db
from app.ground.actor import Actor
from app.models import Application, Attachment, Plan, Round
from app.services.dossier import submissions
from app.services.files import attached_files, previews
from app.services.judging import anonymity
from app.views.base.access import to_sign_in
from app.web.security import current_actor

MODELS = {model.__tablename__: model for model in scopes.VISIBLE}
POLICY = "sandbox; default-src 'none'; img-src 'self'; frame-ancestors 'self'"
"""Content Security Policy of every served file: nothing in it may run. PDFs are read as page images."""
BUSY_SECONDS = 3
SHEETS_OF_MEETINGS = (Plan.__tablename__, Round.__tablename__)


class Files(BaseView):
    """GET /file/<id> : the content (a PDF as download); GET /file/<id>/page/<n> : a page of it as image."""

    route_base = "/file"
    base_permissions: list[str] = []

    @expose("/<int:pk>")
    def download(self, pk: int) -> ResponseReturnValue:
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        attachment = find(pk, actor) or abort(404)
        try:
            path = attached_files.open_path(attachment)
        except FileNotFoundError:
            abort(404)
        is_picture = attachment.file.media_type.startswith("image/")
        response = send_file(
            path,
            mimetype=attachment.file.media_type,
            as_attachment=not is_picture or request.args.get("download") == "1",
            download_name=_name_for(attachment, actor),
            etag=attachment.file.digest,
            last_modified=None,
        )
        return _with_policy(response)

    @expose("/<int:pk>/page/<int:page>")
    def page(self, pk: int, page: int) -> ResponseReturnValue:
        """Return the page as PNG; `?width=` thumb, page or large. Returns 503 while it is not ready."""
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        attachment = find(pk, actor) or abort(404)
        try:
            drawn = previews.page(attachment.file, page, request.args.get("width", "page"))
            picture = (drawn or abort(404)).read_bytes()
        except FileNotFoundError:
            abort(404)
        except (previews.Busy, Refused):
            return _not_ready()
        return _with_policy(Response(picture, mimetype="image/png"))


def find(pk: int, actor: Actor) -> Attachment | None:
    """Return the attachment if `actor` may see its record and this file on it, otherwise None."""
    query = select(Attachment).where(Attachment.id == pk)
    attachment = db.session.scalars(query.options(joinedload(Attachment.file))).one_or_none()
    model = MODELS.get(attachment.subject_type) if attachment else None
    if attachment is None or model is None:
        return None
    seen = select(model.id).where(model.id == attachment.subject_id, scopes.visible(model, actor))
    is_found = db.session.scalar(seen) is not None and _may_see_file(attachment, actor)
    return attachment if is_found else None


def _may_see_file(attachment: Attachment, actor: Actor) -> bool:
    """Whether `actor`, who may see the record, may see this file on it.

    Staff see the submitted files, including those removed since, but not files the applicant has added
    without submitting. Judges do not see the signed sheets of a meeting, which bear their names (Order 40,
    art. 25).
    """
    if actor.role is Role.JUDGE and attachment.subject_type in SHEETS_OF_MEETINGS:
        return False
    if (
        application := _application_for_judge(attachment, actor)
    ) is not None and anonymity.hides_file(attachment, application, actor):
        return False
    if actor.role is Role.APPLICANT or attachment.subject_type != Application.__tablename__:
        return attachment.removed_at is None
    if attachment.removed_at is not None:
        return submissions.is_kept(attachment)
    return not submissions.is_unseen(attachment)


def _application_for_judge(attachment: Attachment, actor: Actor) -> Application | None:
    if actor.role is not Role.JUDGE or attachment.subject_type != Application.__tablename__:
        return None
    return db.session.get(Application, attachment.subject_id)


def _name_for(attachment: Attachment, actor: Actor) -> str:
    application = _application_for_judge(attachment, actor)
    return anonymity.file_name(attachment, application) if application else attachment.name


def _with_policy(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _not_ready() -> Response:
    """Return 503 with Retry-After: the image is not drawn yet, and the page that shows it will ask again."""
    answer = Response(status=503, mimetype="text/plain")
    answer.headers["Retry-After"] = str(BUSY_SECONDS)
    return answer
