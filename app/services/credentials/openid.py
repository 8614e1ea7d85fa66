"""OpenID Connect client of the province's single sign-on: authorization code flow with PKCE.

Claims are used only after signature, issuer, audience, time and nonce of the ID token are verified (OpenID
Connect Core 1.0, section 3.1.3.7; RFC 9700). Tokens are not stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from authlib.oidc.core import CodeIDToken
from flask import Flask
from flask_babel import gettext
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from app.ground import clock

NAME = "oidc"
"""Name of the provider in the framework's security manager."""
EXTENSION = "single_sign_on"
DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Accepted signatures: asymmetric ones only, neither "none" nor those with a shared secret (HS*)."""
SECONDS = (5, 10)
"""Timeouts in seconds for connecting and for each answer."""
KEPT = timedelta(hours=1)
PAUSE = timedelta(seconds=10)
"""After a failure, requests fail at once for this long instead of each waiting for the timeout."""
LEEWAY = 60
SUBJECT_LENGTH = 200
CLAIM_LENGTH = 100
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
TAKEN = (
    *NEEDED,
    "userinfo_endpoint",
    "token_endpoint_auth_methods_supported",
    "authorization_response_iss_parameter_supported",
)
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class ProviderFault(Exception):
    """The provider failed or its answer cannot be trusted; nobody is signed in. `kind` names the fault."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class VerifiedIdentity:
    """The identity the provider vouches for; claims it did not make are empty."""

    provider: str
    subject: str
    name: str = ""
    id_number: str = ""
    phone: str = ""


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator that turns network errors, invalid tokens and malformed answers into ProviderFault."""

    @wraps(method)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except RequestException as fault:
            raise ProviderFault("provider") from fault
        except (AuthlibBaseError, JoseError) as fault:
            raise ProviderFault("token") from fault
        except (ValueError, TypeError, KeyError, AttributeError) as malformed:
            raise ProviderFault("answer") from malformed

    return guarded


class Provider(FlaskOAuth2App):
    """The provider configured by the settings OIDC_*. Its methods raise no exception but ProviderFault."""

    issuer: str
    claim_names: Mapping[str, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    @property
    def key(self) -> str:
        """Return the key of this provider in the database, derived from its issuer.

        Identities linked under another issuer do not match.
        """
        return sha256(self.issuer.encode()).hexdigest()[:40]

    @_guarded
    def begin(self, redirect_uri: str) -> dict[str, str]:
        """Return the URL to redirect to, and the state, nonce and verifier to keep for the callback."""
        made: dict[str, str] = self.create_authorization_url(redirect_uri)
        return {name: made[name] for name in ("url", "state", "nonce", "code_verifier")}

    @_guarded
    def finish(
        self, code: str, begun: Mapping[str, str], redirect_uri: str, *, sender: str | None = None
    ) -> VerifiedIdentity:
        """Redeem the authorization code and return the identity it stands for.

        `sender` is the issuer (`iss`) the answer names, if any.
        """
        self._refuse_other_sender(sender)
        token = self.fetch_access_token(
            redirect_uri=redirect_uri,
            code=code,
            code_verifier=begun["code_verifier"],
            grant_type="authorization_code",
            allow_redirects=False,
        )
        claims = self._checked(str(token["id_token"]), begun["nonce"], token.get("access_token"))
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH:
            raise ProviderFault("token")
        completed = self._with_userinfo(claims, token)
        return VerifiedIdentity(
            self.key, subject, *(_text(completed, name) for name in self.claim_names.values())
        )

    def _refuse_other_sender(self, sender: str | None) -> None:
        """Raise ProviderFault when the answer names another issuer, or none although it must (RFC 9207)."""
        must_name = self.load_server_metadata().get(
            "authorization_response_iss_parameter_supported"
        )
        if sender != self.issuer and (sender is not None or must_name is True):
            raise ProviderFault("issuer")

    def load_server_metadata(self) -> dict[str, Any]:
        """Return the provider's discovery metadata, cached for an hour."""
        now = clock.now()
        if self._read_at is None or now - self._read_at > KEPT:
            if self._failed_at is not None and now - self._failed_at < PAUSE:
                raise ProviderFault("provider")
            try:
                self.server_metadata = self._read_metadata()
            except Exception:
                self._failed_at = now
                raise
            self._read_at, self._failed_at = now, None
        found: dict[str, Any] = self.server_metadata
        return found

    def _read_metadata(self) -> dict[str, Any]:
        metadata = self._get_json(self._server_metadata_url)
        if metadata.get("issuer") != self.issuer:
            raise ProviderFault("issuer")
        found = {name: metadata[name] for name in TAKEN if name in metadata}
        for name in (*NEEDED[1:], "userinfo_endpoint"):
            if name in NEEDED or name in found:
                _refuse_readable(found[name], self.issuer)
        methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" not in methods and "client_secret_post" in methods:
            found["token_endpoint_auth_method"] = "client_secret_post"
        return found

    def _get_json(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        with self._get_session() as session:
            answer = session.request(
                "GET", url, withhold_token=True, headers=headers, allow_redirects=False
            )
            answer.raise_for_status()
            content = answer.json()
        if not isinstance(content, dict):
            raise ProviderFault("answer")
        return content

    def _checked(self, id_token: str, nonce: str, access_token: str | None) -> dict[str, Any]:
        decoded = self._decoded(id_token)
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
            "exp": {"essential": True},
            "sub": {"essential": True},
        }
        expected = {"nonce": nonce, "client_id": self.client_id, "access_token": access_token}
        claims = CodeIDToken(decoded.claims, decoded.header, options, expected)
        claims.validate(leeway=LEEWAY)
        return dict(claims)

    def _decoded(self, id_token: str) -> jwt.Token:
        """Verify and decode the token; on failure reload cached keys once, as they may have changed."""
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        keys, is_fresh = self._key_set()
        try:
            return jwt.decode(id_token, keys, registry=registry)
        except JoseError:
            if is_fresh:
                raise
        keys, _is_fresh = self._key_set(anew=True)
        return jwt.decode(id_token, keys, registry=registry)

    def _key_set(self, *, anew: bool = False) -> tuple[KeySet, bool]:
        """Return the provider's keys and whether they were fetched just now."""
        now = clock.now()
        if not anew and self._keys and now - self._keys[0] <= KEPT:
            return self._keys[1], False
        key_set = self._get_json(self.load_server_metadata()["jwks_uri"])
        keys = KeySet.import_key_set(key_set)  # type: ignore[arg-type]  # raises there if it is no key set
        self._keys = now, keys
        return keys, True

    def _with_userinfo(self, claims: dict[str, Any], token: dict[str, Any]) -> dict[str, Any]:
        """Return the claims of the ID token, completed from the userinfo endpoint where some are missing."""
        url = self.load_server_metadata().get("userinfo_endpoint")
        if url is None or all(name in claims for name in self.claim_names.values()):
            return claims
        userinfo = self._get_json(url, {"Authorization": f"Bearer {token['access_token']}"})
        if userinfo["sub"] != claims["sub"]:
            raise ProviderFault("subject")
        return {**userinfo, **claims}


class Providers(OAuth):
    """Authlib's registry of providers with `Provider` as client class."""

    oauth2_client_cls = Provider


def remotes(app: Flask) -> dict[str, Provider]:
    """Return the configured provider by name for the framework's `oauth_remotes`; empty without one."""
    issuer = app.config["OIDC_ISSUER"]
    if not issuer:
        return {}
    provider: Provider = Providers(app).register(
        NAME,
        client_id=app.config["OIDC_CLIENT_ID"],
        client_secret=app.config["OIDC_CLIENT_SECRET"],
        server_metadata_url=issuer.rstrip("/") + DISCOVERY,
        client_kwargs={
            "scope": app.config["OIDC_SCOPE"],
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )
    provider.issuer = issuer
    provider.claim_names = {
        "name": app.config["OIDC_CLAIM_NAME"],
        "id_number": app.config["OIDC_CLAIM_ID_NUMBER"],
        "phone": app.config["OIDC_CLAIM_PHONE"],
    }
    app.extensions[EXTENSION] = provider
    return {NAME: provider}


def provider_of(app: Flask) -> Provider | None:
    """Return the provider of an application, None when there is no single sign-on."""
    return app.extensions.get(EXTENSION)


def label(app: Flask) -> str:
    """Return the display name of the provider."""
    return app.config["OIDC_NAME"] or gettext("Unified identity authentication")


def _refuse_readable(url: Any, issuer: str) -> None:
    """Raise ProviderFault unless the endpoint uses HTTPS; for trials the loopback may use HTTP."""
    parts = urlsplit(str(url))
    is_near = parts.hostname in LOOPBACK and issuer.startswith("http://")
    if not parts.hostname or (parts.scheme != "https" and not is_near):
        raise ProviderFault("endpoint")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:CLAIM_LENGTH] if isinstance(value, str) else ""
