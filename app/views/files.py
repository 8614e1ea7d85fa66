"""Attached files, each through the scope of the record it belongs to."""

from typing import Any

from flask import abort, request, send_file
from flask_appbuilder import BaseView, expose
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app import scopes
from app.actor import Actor
from app.extensions import db
from app.models import Attachment
from app.security import current_actor
from app.services import files
from app.views.base import to_sign_in

MODELS = {model.__tablename__: model for model in scopes.VISIBLE}
PREVIEW = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
PICTURE = f"sandbox; {PREVIEW}"


class Files(BaseView):
    """GET /file/<id> : the content, shown in the page; `?download=1` hands it out to be kept."""

    route_base = "/file"
    base_permissions: list[str] = []

    @expose("/<int:pk>")
    def download(self, pk: int) -> Any:
        actor = current_actor()
        if actor is None:
            return to_sign_in()
        attachment = find(pk, actor) or abort(404)
        try:
            path = files.open_path(attachment)
        except FileNotFoundError:
            abort(404)
        response = send_file(
            path,
            mimetype=attachment.file.media_type,
            as_attachment=request.args.get("download") == "1",
            download_name=attachment.name,
            etag=attachment.file.digest,
            last_modified=None,
        )
        is_picture = attachment.file.media_type.startswith("image/")
        response.headers["Content-Security-Policy"] = PICTURE if is_picture else PREVIEW
        return response


def find(pk: int, actor: Actor) -> Attachment | None:
    """Return the attachment if it is in its place and `actor` may see the record it belongs to."""
    query = select(Attachment).where(Attachment.id == pk, Attachment.removed_at.is_(None))
    attachment = db.session.scalars(query.options(joinedload(Attachment.file))).one_or_none()
    model = MODELS.get(attachment.subject_type) if attachment else None
    if attachment is None or model is None:
        return None
    seen = select(model.id).where(model.id == attachment.subject_id, scopes.visible(model, actor))
    return attachment if db.session.scalar(seen) is not None else None
