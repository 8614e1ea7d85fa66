"""The province's single sign-on as an OpenID provider: authorization code with PKCE, every answer checked.

Nothing a provider says is believed before its signature, issuer, audience, time and nonce are (OpenID Connect
Core 1.0, section 3.1.3.7; RFC 9700). Nothing is kept of its tokens.
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
"""Under this name the framework's security manager holds the provider."""
EXTENSION = "single_sign_on"
DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures only the provider can make: neither "none" nor those with a secret that we know too."""
SECONDS = (5, 10)
"""How long connecting and each answer may take."""
KEPT = timedelta(hours=1)
PAUSE = timedelta(seconds=10)
"""After a failure everybody is told at once, instead of each waiting for it in a thread of the server."""
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
    """The provider failed or said something that cannot be trusted. `kind` names it; nobody is signed in."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class Vouched:
    """Whom the provider vouches for. Empty texts are claims it did not make."""

    provider: str
    subject: str
    name: str = ""
    id_number: str = ""
    phone: str = ""


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turn whatever a provider that fails, or that is not one, brings about into ProviderFault."""

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
    """The one provider of the settings OIDC_*. Every method raises ProviderFault and nothing else."""

    issuer: str
    claim_names: Mapping[str, str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    @property
    def key(self) -> str:
        """Return what stands for this provider in the database: another issuer knows nobody of ours."""
        return sha256(self.issuer.encode()).hexdigest()[:40]

    @_guarded
    def begin(self, redirect_uri: str) -> dict[str, str]:
        """Return the address to send the browser to, and the state, nonce and verifier to keep for its return."""
        made: dict[str, str] = self.create_authorization_url(redirect_uri)
        return {name: made[name] for name in ("url", "state", "nonce", "code_verifier")}

    @_guarded
    def finish(
        self, code: str, begun: Mapping[str, str], redirect_uri: str, *, sender: str | None = None
    ) -> Vouched:
        """Redeem the code and return whom it stands for. `sender` is the issuer the answer names, if any."""
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
        told = self._told(claims, token)
        return Vouched(
            self.key, subject, *(_text(told, name) for name in self.claim_names.values())
        )

    def _refuse_other_sender(self, sender: str | None) -> None:
        """The answer may name its sender, and must if the provider says that it does (RFC 9207)."""
        must_name = self.load_server_metadata().get(
            "authorization_response_iss_parameter_supported"
        )
        if sender != self.issuer and (sender is not None or must_name is True):
            raise ProviderFault("issuer")

    def load_server_metadata(self) -> dict[str, Any]:
        """Return what the provider says about itself, read anew every hour."""
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
        told = self._get_json(self._server_metadata_url)
        if told.get("issuer") != self.issuer:
            raise ProviderFault("issuer")
        found = {name: told[name] for name in TAKEN if name in told}
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
            told = answer.json()
        if not isinstance(told, dict):
            raise ProviderFault("answer")
        return told

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
        """Check the signature; keys may have changed since they were read, so they are read once more."""
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
        """Return the provider's keys and whether they were read just now."""
        now = clock.now()
        if not anew and self._keys and now - self._keys[0] <= KEPT:
            return self._keys[1], False
        told = self._get_json(self.load_server_metadata()["jwks_uri"])
        keys = KeySet.import_key_set(told)  # type: ignore[arg-type]  # refused there if it is no set
        self._keys = now, keys
        return keys, True

    def _told(self, claims: dict[str, Any], token: dict[str, Any]) -> dict[str, Any]:
        """Return the claims with those the provider tells only at its userinfo endpoint."""
        url = self.load_server_metadata().get("userinfo_endpoint")
        if url is None or all(name in claims for name in self.claim_names.values()):
            return claims
        told = self._get_json(url, {"Authorization": f"Bearer {token['access_token']}"})
        if told["sub"] != claims["sub"]:
            raise ProviderFault("subject")
        return {**told, **claims}


class Providers(OAuth):
    """Authlib's register of providers, with ours for its own."""

    oauth2_client_cls = Provider


def remotes(app: Flask) -> dict[str, Provider]:
    """Return the configured provider by its name, as the framework's `oauth_remotes`; empty without one."""
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


def of(app: Flask) -> Provider | None:
    """Return the provider of an application, None when there is no single sign-on."""
    return app.extensions.get(EXTENSION)


def label(app: Flask) -> str:
    """Return what people call the provider."""
    return app.config["OIDC_NAME"] or gettext("Unified identity authentication")


def _refuse_readable(url: Any, issuer: str) -> None:
    """An endpoint must be encrypted; on the own machine, for trying out, it need not be."""
    parts = urlsplit(str(url))
    is_near = parts.hostname in LOOPBACK and issuer.startswith("http://")
    if not parts.hostname or (parts.scheme != "https" and not is_near):
        raise ProviderFault("endpoint")


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value.strip()[:CLAIM_LENGTH] if isinstance(value, str) else ""
