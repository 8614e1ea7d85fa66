"""Tokens of forms (CSRF): whose session a form was made in, and new tokens for pages that outlived theirs."""

import secrets

from flask import current_app, jsonify, session
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, generate_csrf
from itsdangerous import BadData, URLSafeTimedSerializer

from app.extensions import csrf

TOKEN = "csrf_token"
SALT = "wtf-csrf-token"
"""The salt with which Flask-WTF signs."""
NOBODY = 0
STALE = 400


def sign_tokens(user_id: int) -> None:
    """Let the tokens of the present session say that its forms are those of this user."""
    session.setdefault(TOKEN, f"{user_id}.{secrets.token_hex(20)}")


def owner_of(token: str) -> int | None:
    """Return whose form a token was made for: a user's id, NOBODY before a sign-in, None if it is not ours."""
    key = current_app.config.get("WTF_CSRF_SECRET_KEY") or current_app.secret_key
    try:
        made = URLSafeTimedSerializer(str(key), salt=SALT).loads(token)
    except BadData:
        return None
    name, dot, _rest = str(made).partition(".")
    return int(name) if dot and name.isdecimal() else NOBODY


def has_token() -> bool:
    """Whether the request carries a valid CSRF token; for routes that are exempt from the general check."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return True
    try:
        csrf.protect()
    except CSRFError:
        return False
    return True


def new_csrf_token_answer() -> ResponseReturnValue:
    """Return a new CSRF token as JSON for a page with a stale one; only pages of this site can read it."""
    return jsonify({"stale": True, TOKEN: generate_csrf()}), STALE
