"""Set security and cache headers on responses; version the URLs of static files so they can be cached."""

import secrets
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request

from app.web.journal import request_id

POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "frame-src": "'self'",
    "object-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PREVIEWED = ("application/pdf", "image/")
STEADY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
YEAR = 31_536_000


def init_app(app: Flask) -> None:
    app.after_request(_add_headers)
    app.url_defaults(_add_content_version)


def csp_nonce() -> str:
    """Return this request's CSP nonce for a third-party inline script; without a call none is allowed."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def _add_headers(response: Response) -> Response:
    headers = response.headers
    for name, value in STEADY.items():
        headers.setdefault(name, value)
    is_preview = (response.mimetype or "").startswith(PREVIEWED)
    headers.setdefault("Content-Security-Policy", _policy(is_preview))
    headers.setdefault("X-Frame-Options", "SAMEORIGIN" if is_preview else "DENY")
    headers["X-Request-Id"] = request_id()
    if current_app.config["HTTPS"]:
        headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
    _set_cache(response)
    return response


def _policy(is_preview: bool) -> str:
    policy = dict(POLICY)
    if is_preview:
        # previews are framed by our own pages, and the browser's PDF viewer uses inline styles
        policy |= {"frame-ancestors": "'self'", "style-src": "'self' 'unsafe-inline'"}
    if "csp_nonce" in g:
        policy["script-src"] += f" 'nonce-{g.csp_nonce}'"
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def _set_cache(response: Response) -> None:
    is_static = (request.endpoint or "").split(".")[-1] == "static"
    if not is_static or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    elif "v" in request.args:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"


def _add_content_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "filename" in values and "v" not in values:
        values["v"] = _content_version(current_app.static_folder or "", values["filename"])


@lru_cache(maxsize=512)
def _content_version(folder: str, name: str) -> str | None:
    path = Path(folder) / name
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else None
