"""The cookie that names a browser for years: signed, unreadable for scripts, it signs nobody in.

It only lets the lockout tell a browser that has signed in before from a stranger (`services.accounts.devices`).
"""

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadData, URLSafeSerializer

from app.extensions import db
from app.ground import clock, crypto
from app.ground.database import side_write_session
from app.models import User
from app.services.credentials import devices

NAME = "zhicheng-device"
SALT = "device"
SECONDS = int(devices.KEPT.total_seconds())
LONGEST = 64


def init_app(app: Flask) -> None:
    app.after_request(_set_cookie)


def presented() -> str:
    """Return the number of this browser, "" without a cookie signed by this installation."""
    try:
        device = _serializer().loads(request.cookies.get(_name(), ""))
    except BadData:
        return ""
    return device if isinstance(device, str) and len(device) <= LONGEST else ""


def remember(user: User) -> None:
    """Store that this browser has signed in to an account, and let the response set its cookie."""
    if user.is_demo:
        return
    device = presented() or crypto.token()
    with side_write_session() as session:
        devices.remember(session, user.id, device, at=clock.now())
    db.session.commit()
    g.device = device


def _set_cookie(response: Response) -> Response:
    if device := g.pop("device", ""):
        response.set_cookie(
            _name(),
            str(_serializer().dumps(device)),
            max_age=SECONDS,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response


def _name() -> str:
    return f"__Host-{NAME}" if current_app.config["SESSION_COOKIE_SECURE"] else NAME


def _serializer() -> URLSafeSerializer:
    earlier = current_app.config["SECRET_KEY_FALLBACKS"] or []
    return URLSafeSerializer([*earlier, current_app.config["SECRET_KEY"]], salt=SALT)
