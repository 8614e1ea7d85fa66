"""JSON routes for uploads in pieces, used by the material page's scripts; the plain form needs none."""

from functools import wraps
from typing import Any

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue
from flask_appbuilder import expose

from app.engine import Refused
from app.extensions import db
from app.ground import clock
from app.ground.actor import Actor
from app.models import Application, Upload
from app.services.dossier import uploads
from app.services.dossier.materials import Added
from app.services.dossier.uploads import WrongOffset
from app.services.files.file_store import TemporaryRefusal
from app.views.base.access import guarded
from app.views.base.aliases import Route
from app.views.dossier.hall_base import CONFLICT, REFUSED
from app.views.dossier.hall_upload_intake import UploadIntake, parse_number, secrecy, upload_answer
from app.web.security import require_actor

CREATED, LATER = 201, 503


def answer_refusals_as_json(method: Route) -> Route:
    """Decorate a route so that a refusal is answered as JSON with its sentence.

    A piece at the wrong offset is answered with the number of bytes received so far.
    """

    @wraps(method)
    def answer(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        try:
            return method(*args, **kwargs)
        except WrongOffset as misplaced:
            db.session.rollback()
            return jsonify(received=misplaced.received, refused=misplaced.sentence), CONFLICT
        except Refused as refusal:
            db.session.rollback()
            status = LATER if isinstance(refusal, TemporaryRefusal) else REFUSED
            return jsonify(refused=refusal.sentence), status

    return answer


class UploadingInPieces(UploadIntake):
    """Routes of one upload: begin, any number of pieces, finish or cancel; its state at any time."""

    @expose("/application/<int:pk>/uploads", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    @answer_refusals_as_json
    def begin_upload(self, pk: int) -> ResponseReturnValue:
        """Begin an upload; answer its token and the size of a piece."""
        actor = require_actor()
        upload, token = uploads.begin(
            self.find(pk, actor),
            request.form.get("kind", ""),
            request.form.get("name", ""),
            parse_number(request.form.get("size")) or 0,
            secret=secrecy(),
            replaces=parse_number(request.form.get("replaces")),
            actor=actor,
            at=clock.now(),
        )
        db.session.commit()
        return jsonify(token=token, piece=uploads.PIECE, **state(upload)), CREATED

    @expose("/application/<int:pk>/uploads/<string:token>", methods=["GET"])
    @guarded("fill", fires=(Application, "submit"))
    def upload_state(self, pk: int, token: str) -> ResponseReturnValue:
        """Answer how many bytes were received."""
        return jsonify(piece=uploads.PIECE, **state(self._upload(pk, token, require_actor())))

    @expose("/application/<int:pk>/uploads/<string:token>/piece", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    @answer_refusals_as_json
    def upload_piece(self, pk: int, token: str) -> ResponseReturnValue:
        """Append a piece; the headers give its offset and, optionally, its SHA-256."""
        actor = require_actor()
        # end the transaction: a slow client must not keep it open while the piece arrives
        db.session.rollback()
        piece = request.stream.read(uploads.PIECE + 1)
        upload = self._upload(pk, token, actor, is_locked=True)
        offset = parse_number(request.headers.get("Upload-Offset"))
        if offset is None:
            raise WrongOffset(upload.received)
        digest = request.headers.get("Upload-Digest", "")
        uploads.add_piece(upload, offset, piece, digest=digest, at=clock.now())
        db.session.commit()
        return jsonify(**state(upload))

    @expose("/application/<int:pk>/uploads/<string:token>/finish", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    @answer_refusals_as_json
    def finish_upload(self, pk: int, token: str) -> ResponseReturnValue:
        """Check the complete file and attach it."""
        actor = require_actor()
        upload = self._upload(pk, token, actor)
        kind, part = upload.kind, uploads.part_of(upload)
        try:
            added = self._judge_and_add(pk, token, actor)
        except (WrongOffset, TemporaryRefusal):
            raise
        except Refused as refusal:
            db.session.rollback()
            self._end_upload(pk, token, actor)
            uploads.drop_part(part)
            return jsonify(refused=refusal.sentence, kind=kind), REFUSED
        uploads.drop_part(part)
        return jsonify(kind=kind, **upload_answer(added))

    @expose("/application/<int:pk>/uploads/<string:token>/cancel", methods=["POST"])
    @guarded("fill", fires=(Application, "submit"))
    @answer_refusals_as_json
    def cancel_upload(self, pk: int, token: str) -> ResponseReturnValue:
        """Cancel the upload and delete what was received."""
        actor = require_actor()
        part = uploads.part_of(self._upload(pk, token, actor))
        self._end_upload(pk, token, actor)
        uploads.drop_part(part)
        return jsonify(cancelled=True)

    def _upload(self, pk: int, token: str, actor: Actor, *, is_locked: bool = False) -> Upload:
        found = uploads.find(
            self.find(pk, actor), token, actor=actor, at=clock.now(), is_locked=is_locked
        )
        return found or abort(404)

    def _judge_and_add(self, pk: int, token: str, actor: Actor) -> Added:
        upload = self._upload(pk, token, actor)
        kind, name = upload.kind, upload.name

        def end() -> None:
            uploads.end(self._upload(pk, token, actor, is_locked=True))

        with uploads.open_complete(upload) as stream:
            return self.take(pk, kind, [(stream, name)], first=end)

    def _end_upload(self, pk: int, token: str, actor: Actor) -> None:
        uploads.end(self._upload(pk, token, actor, is_locked=True))
        db.session.commit()


def state(upload: Upload) -> dict[str, Any]:
    """Return the JSON facts of an upload: bytes received, full size, file name."""
    return {"received": upload.received, "size": upload.size, "name": upload.name}
