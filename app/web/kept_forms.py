"""Forms that could not be taken: given back with everything typed, to be sent by a new press.

A page outlives its sign-in when somebody signs out and in again in another window, or is signed out after a
pause. Its token says whose form it is; only that person gets it back. Passwords are typed again, and files
chosen again, as no page can fill them in.
"""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from flask import current_app, render_template, request

from app.web import security
from app.web.form_tokens import NOBODY, TOKEN, owner_of

PASSWORDS = frozenset({"password", "old", "new", "again"})
"""Names of the fields for passwords, which no page shows again."""
UNREAD = frozenset(
    {
        "row",
        "back",
        "desk",
        "next",
        "version",
        "revision",
        "base",
        "read",
        "sealed",
        "match",
        "rows_seen",
        "state",
    }
)
"""Fields with nothing that anybody typed."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
FROM_HERE = ("same-origin", "none")


@dataclass(frozen=True)
class KeptForm:
    """A form that was sent: its address, its fields, the passwords and the files it had.

    `token` is the one to send it with again; "" stands for a new one of the present session.
    """

    url: str
    fields: list[tuple[str, str]]
    passwords: list[str]
    files: list[tuple[str, list[str]]]
    is_multipart: bool
    needs_sign_in: bool
    token: str = ""

    @property
    def texts(self) -> list[str]:
        """Return the longer texts among what was typed, to be read and copied."""
        typed = (text for name, text in self.fields if name not in UNREAD)
        return list(dict.fromkeys(text for text in typed if _is_prose(text)))


def kept_form() -> KeptForm | None:
    """Return the form of this request, None if there is none or whoever sent it may not have it back."""
    if not _is_form() or not _is_own():
        return None
    return _sent_form(owner_of(request.form.get(TOKEN, "")) != NOBODY and _has_to_sign_in())


def form_without_database() -> KeptForm | None:
    """Return the form of this request while the database cannot say whose it is; None if another site sent it.

    It keeps the token it came with, so that its owner is asked for at the next press.
    """
    if not _is_form() or not _is_from_here():
        return None
    return replace(_sent_form(needs_sign_in=False), token=request.form.get(TOKEN, ""))


def _is_form() -> bool:
    return request.method == "POST" and request.mimetype in FORMS


def _sent_form(needs_sign_in: bool) -> KeptForm:
    path = request.full_path if request.query_string else request.path
    chosen = (
        (name, [str(file.filename) for file in files if file.filename])
        for name, files in request.files.lists()
    )
    return KeptForm(
        url=f"/{path.lstrip('/')}",
        fields=[
            (name, text)
            for name, text in request.form.items(multi=True)
            if name != TOKEN and name not in PASSWORDS
        ],
        passwords=[name for name in request.form if name in PASSWORDS],
        files=[(name, names) for name, names in chosen if names],
        is_multipart=request.mimetype == FORMS[1],
        needs_sign_in=needs_sign_in,
    )


def signed_out_page() -> str | None:
    """Return the page that keeps the sent form while its sender signs in again, or shows a second factor.

    None without such a form, or if its sender is signed in.
    """
    form = kept_form()
    if form is None or not _has_to_sign_in():
        return None
    return render_template(
        "signed_out.html",
        kept=form,
        token=request.form.get(TOKEN, ""),
        needs_code=security.needs_second_factor(),
    )


def _has_to_sign_in() -> bool:
    return security.signed_in() is None or security.needs_second_factor()


def _is_own() -> bool:
    """Whether the form was made for whoever sent it; after a pause nobody is signed in any more."""
    who = security.signed_in()
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return True
    owner = owner_of(request.form.get(TOKEN, ""))
    if owner == NOBODY:
        return _is_from_here()
    return owner is not None and (who is None or who.user.id == owner)


def _is_from_here() -> bool:
    """Whether a page of this site sent the form, as the browser tells.

    A token from before a sign-in could be one that another site fetched for itself.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in FROM_HERE
    return urlsplit(request.headers.get("Origin") or request.referrer or "").netloc == request.host


def _is_prose(text: str) -> bool:
    return len(text) > 1 and (not text.isascii() or " " in text.strip() or "\n" in text)
