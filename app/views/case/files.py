"""Attached files and pictures of their pages, each through the scope of the record it belongs to."""

from typing import Any

from flask import Response, abort, request, send_file
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
"""Whatever a file contains, nothing of it runs here; a PDF is handed out to be kept, and read as pictures."""
BUSY_SECONDS = 3
SHEETS_OF_MEETINGS = (Plan.__tablename__, Round.__tablename__)


class Files(BaseView):
    """GET /file/<id> : the content, a PDF to be kept; GET /file/<id>/page/<n> : a page of it as a picture."""

    route_base = "/file"
    base_permissions: list[str] = []

    @expose("/<int:pk>")
    def download(self, pk: int) -> Any:
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
        return _safe(response)

    @expose("/<int:pk>/page/<int:page>")
    def page(self, pk: int, page: int) -> Any:
        """The page as PNG; `?width=` thumb, page or large."""
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
            return _later()
        return _safe(Response(picture, mimetype="image/png"))


def find(pk: int, actor: Actor) -> Attachment | None:
    """Return the attachment if `actor` may see the record it belongs to, and sees this file there."""
    query = select(Attachment).where(Attachment.id == pk)
    attachment = db.session.scalars(query.options(joinedload(Attachment.file))).one_or_none()
    model = MODELS.get(attachment.subject_type) if attachment else None
    if attachment is None or model is None:
        return None
    seen = select(model.id).where(model.id == attachment.subject_id, scopes.visible(model, actor))
    is_found = db.session.scalar(seen) is not None and _is_there(attachment, actor)
    return attachment if is_found else None


def _is_there(attachment: Attachment, actor: Actor) -> bool:
    """Staff see what was handed in, removed since or not, and nothing the applicant is only changing.

    The signed sheets of a meeting bear the names of its judges: a judge sees none of them (Order 40, art. 25).
    """
    if actor.role is Role.JUDGE and attachment.subject_type in SHEETS_OF_MEETINGS:
        return False
    if (application := _read_by_judge(attachment, actor)) is not None and anonymity.hides_file(
        attachment, application, actor
    ):
        return False
    if actor.role is Role.APPLICANT or attachment.subject_type != Application.__tablename__:
        return attachment.removed_at is None
    if attachment.removed_at is not None:
        return submissions.is_kept(attachment)
    return not submissions.is_unseen(attachment)


def _read_by_judge(attachment: Attachment, actor: Actor) -> Application | None:
    if actor.role is not Role.JUDGE or attachment.subject_type != Application.__tablename__:
        return None
    return db.session.get(Application, attachment.subject_id)


def _name_for(attachment: Attachment, actor: Actor) -> str:
    application = _read_by_judge(attachment, actor)
    return anonymity.file_name(attachment, application) if application else attachment.name


def _safe(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    return response


def _later() -> Response:
    """Answer that the page is drawn a little later; the page that shows it asks again."""
    answer = Response(status=503, mimetype="text/plain")
    answer.headers["Retry-After"] = str(BUSY_SECONDS)
    return answer
