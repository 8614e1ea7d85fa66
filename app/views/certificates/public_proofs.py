"""Public page of the proofs: fingerprint of the key that signs records, and the programs that check them."""

from flask import Response, abort, send_file
from flask.typing import ResponseReturnValue
from flask_appbuilder import BaseView, expose
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app.ground import crypto, paths
from app.views.certificates.public import page

PROGRAMS = {
    "verify_draw": _("Derives the seats of a draw again from its exported record."),
    "verify_ballots": _("Counts a round of votes again and compares the published result."),
    "open_box": _(
        "Opens a sealed ballot box a second time, with the codes of two holders of the key."
    ),
}
"""File in `tools/` → what it does."""


class PublicProofs(BaseView):
    """Public page (公开核验) for whoever checks a draw or a vote without this system."""

    route_base = "/public/proofs"
    default_view = "show"
    base_permissions: list[str] = []

    @expose("/")
    def show(self) -> ResponseReturnValue:
        """Show the fingerprint of the program's key, the programs and how they are used."""
        head = {
            "title": gettext("Check a draw or a vote"),
            "purpose": gettext(
                "Who has an exported record checks it on any computer with Python, without this system."
            ),
        }
        return page(
            "public/proofs.html",
            page=head,
            fingerprint=crypto.fingerprint(),
            key=crypto.public_key(),
            programs=PROGRAMS,
        )

    @expose("/<string:name>.py")
    def program(self, name: str) -> Response:
        """Download one of the programs that check records."""
        if name not in PROGRAMS:
            abort(404)
        path = paths.ROOT / "tools" / f"{name}.py"
        return send_file(path, "text/x-python", as_attachment=True, download_name=path.name)


VIEWS = (PublicProofs,)
