"""A small OpenID provider in a separate process that can show every fault of a bad or attacked provider.

`python tests/support/oidc_provider.py` prints its issuer. POST /control sets who signs in and what goes wrong.
"""

import base64
import hmac
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests
from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import make_server

CLIENT_ID, CLIENT_SECRET = "zhicheng", "client-secret-of-the-tests"
RETURN_ADDRESS = "http://localhost/sso/callback"
SECONDS = 60


class Known:
    """What the provider knows: its keys, who signs in, what goes wrong, which codes are out."""

    def __init__(self) -> None:
        self.key = self.new_key()
        self.strange_key = self.new_key()
        self.person: dict[str, Any] = {"sub": "nobody"}
        self.fault = ""
        self.codes: dict[str, dict[str, str]] = {}
        self.tokens: set[str] = set()
        self.calls: dict[str, int] = {}

    @staticmethod
    def new_key() -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})


def make(issuer: str) -> Flask:
    app, known = Flask("provider"), Known()

    @app.before_request
    def count() -> None:
        known.calls[request.path] = known.calls.get(request.path, 0) + 1

    @app.post("/control")
    def control() -> Any:
        told = request.get_json()
        known.person, known.fault = told.get("person", known.person), told.get("fault", "")
        if told.get("new_key"):
            known.key = known.new_key()
        return jsonify(known.calls)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Any:
        if known.fault == "discovery_500":
            abort(500)
        if known.fault == "discovery_html":
            return Response("<html>sign in to the network</html>")
        if known.fault == "discovery_list":
            return jsonify([1])
        told = {
            "issuer": "https://evil.example" if known.fault == "other_issuer" else issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/jwks",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        if known.fault == "readable_endpoint":
            told["token_endpoint"] = "http://provider.example/token"
        if known.fault == "no_endpoint":
            del told["authorization_endpoint"]
        return jsonify(told)

    @app.get("/jwks")
    def jwks() -> Any:
        if known.fault == "jwks_500":
            abort(500)
        if known.fault == "jwks_rubbish":
            return jsonify({"keys": [{"kty": "RSA"}]})
        return jsonify({"keys": [known.key.as_dict(private=False)]})

    @app.get("/authorize")
    def authorize() -> Any:
        asked = request.args
        is_right = (
            asked.get("client_id") == CLIENT_ID
            and asked.get("redirect_uri") == RETURN_ADDRESS
            and asked.get("response_type") == "code"
            and "openid" in asked.get("scope", "").split()
            and asked.get("code_challenge_method") == "S256"
            and all(asked.get(name) for name in ("state", "nonce", "code_challenge"))
        )
        if not is_right:
            abort(400)
        answer = {"state": asked["state"], "iss": issuer}
        if known.fault == "denied":
            answer |= {"error": "access_denied", "error_description": "<b>call 110</b>"}
        elif known.fault == "server_error":
            answer |= {"error": "server_error"}
        else:
            code = secrets.token_urlsafe(16)
            known.codes[code] = {name: asked[name] for name in ("nonce", "code_challenge")}
            answer |= {"code": code}
        if known.fault == "mixed_up":
            answer["iss"] = "https://evil.example"
        if known.fault == "no_sender":
            del answer["iss"]
        return redirect(f"{RETURN_ADDRESS}?{urlencode(answer)}")

    @app.post("/token")
    def token() -> Any:
        if known.fault == "token_500":
            abort(500)
        if known.fault == "token_html":
            return Response("<html>")
        if known.fault == "token_redirect":
            return redirect("http://127.0.0.1:9/token", 307)
        held = known.codes.pop(request.form.get("code", ""), None)
        client = request.authorization
        is_client = client is not None and (client.username, client.password) == (
            CLIENT_ID,
            CLIENT_SECRET,
        )
        verifier = sha256(request.form.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if not is_client:
            return jsonify(error="invalid_client"), 401
        if (
            held is None
            or proof != held["code_challenge"]
            or request.form.get("redirect_uri") != RETURN_ADDRESS
        ):
            return jsonify(error="invalid_grant"), 400
        access = secrets.token_urlsafe(16)
        known.tokens.add(access)
        told = {"access_token": access, "token_type": "Bearer", "expires_in": 60}
        if known.fault != "no_id_token":
            told["id_token"] = id_token(held["nonce"])
        return jsonify(told)

    @app.get("/userinfo")
    def userinfo() -> Any:
        scheme, _space, access = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or access not in known.tokens:
            abort(401)
        if known.fault == "userinfo_500":
            abort(500)
        other = {"sub": "somebody-else"} if known.fault == "userinfo_other" else {}
        return jsonify(known.person | other)

    def id_token(nonce: str) -> str:
        now, fault = int(time.time()), known.fault
        claims = {
            "iss": issuer,
            "aud": CLIENT_ID,
            "sub": known.person["sub"],
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
        }
        claims |= {
            "wrong_nonce": {"nonce": "another"},
            "wrong_aud": {"aud": "another-client"},
            # the audience is somebody else although we are named as the party it was made for
            "wrong_aud_own_azp": {"aud": "another-client", "azp": CLIENT_ID},
            "many_aud": {"aud": ["another-client", CLIENT_ID], "azp": "another-client"},
            "wrong_iss": {"iss": "https://evil.example"},
            "expired": {"iat": now - 900, "exp": now - 600},
            "from_the_future": {"iat": now + 900, "exp": now + 1200},
            "no_exp": {"exp": None},
            "odd_exp": {"exp": "tomorrow"},
            "empty_sub": {"sub": ""},
            "odd_sub": {"sub": {"$ne": 1}},
            "long_sub": {"sub": "x" * 5000},
            "wrong_at_hash": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        }.get(fault, {})
        claims = {name: value for name, value in claims.items() if value is not None}
        if fault == "no_nonce":
            del claims["nonce"]
        if fault == "alg_none":
            parts = ({"alg": "none", "kid": known.key.kid}, claims)
            return ".".join(map(_packed, parts)) + "."
        if fault == "alg_hs256_secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET * 2))
        if fault == "alg_hs256_public":
            # by hand: no library signs with a public key
            signed = ".".join(map(_packed, ({"alg": "HS256", "kid": known.key.kid}, claims)))
            mac = hmac.digest(known.key.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
        if fault == "bad_key":
            return jwt.encode({"alg": "RS256", "kid": known.key.kid}, claims, known.strange_key)
        if fault == "own_key_in_header":
            header = {"alg": "RS256", "jwk": known.strange_key.as_dict(private=False)}
            return jwt.encode(header, claims, known.strange_key)
        made = jwt.encode({"alg": "RS256", "kid": known.key.kid}, claims, known.key)
        if fault == "tampered":
            header, _body, signature = made.split(".")
            return ".".join((header, _packed(claims | {"sub": "admin"}), signature))
        if fault == "rubbish":
            return "a.b.c"
        return made

    return app


def _packed(value: dict[str, Any]) -> str:
    text = json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


class Provider:
    """The running provider, seen from the tests."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def set(self, fault: str = "", *, new_key: bool = False, **person: Any) -> dict[str, int]:
        """Say who signs in next and what goes wrong; return how often each address was called."""
        told: dict[str, Any] = {"fault": fault, "new_key": new_key}
        if person:
            told["person"] = person
        answer = requests.post(f"{self.issuer}/control", json=told, timeout=SECONDS)
        counts: dict[str, int] = answer.json()
        return counts

    def signs_in(self, address: str) -> str:
        """Do what the browser does at the provider; return the address it is sent back to."""
        answer = requests.get(address, allow_redirects=False, timeout=SECONDS)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


@contextmanager
def running() -> Iterator[Provider]:
    """Start the provider and stop it afterwards."""
    command = [sys.executable, str(Path(__file__))]
    variables = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # imported here: as the provider this file is a program of its own, outside of the package
    from tests.support import children

    with children.started(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables
    ) as (process,):
        assert process.stdout is not None
        yield Provider(process.stdout.readline().strip())


def main() -> None:
    # the issuer names the port, and the port is known only once the server listens
    server = make_server("127.0.0.1", 0, Flask("waiting"), threaded=True)
    issuer = f"http://127.0.0.1:{server.port}"
    server.app = make(issuer)
    print(issuer, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
