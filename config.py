"""Settings from the environment, all optional, with safe defaults."""

import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click

ROOT = Path(__file__).resolve().parent
VERSION = "0.1.0"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, never bound by default
POSTGRES = ("postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2")
KNOWN_KEYS = (
    "\\2\\1thisismyscretkey\\1\\2\\e\\y\\y\\h",
    "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
    "thisISaSECRET_1234",
)
KEY_LENGTH = 32
OTHERS = 0o077
"""The rights of all accounts but the owner's."""
REHEARSAL = "rehearsal"
"""The directory below DATA_DIR that a rehearsal has for itself."""
SHARED_WITH_REHEARSAL = (
    "HOST",
    "PROXY_HOPS",
    "SESSION_HOURS",
    "SESSION_IDLE_MINUTES",
    "THREADS",
    "TRUSTED_HOSTS",
    "WORKERS",
)
"""Settings that hold for a rehearsal too. It has no others: no keys, no mail, no short messages, no single sign-on."""
MAIL_PORTS = {"starttls": 587, "tls": 465, "none": 25}
ADDRESS = re.compile(r"[^\s@<>,;:\"]+@[a-zA-Z0-9.-]+")


class SettingError(click.ClickException):
    """Raised for an unusable setting; the message names it and the remedy, and is shown as one line."""


def read(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the configuration of the application; creates DATA_DIR and its secrets on the first call.

    Raises SettingError with a sentence for the person who starts the program.
    """
    env = os.environ if environ is None else environ
    os.umask(OTHERS)
    in_force, data = "", data_directory(env)
    if is_rehearsal := _flag(env, "REHEARSAL", False):
        in_force = database_url(env.get("DATABASE_URL"), data)
        env = _of_rehearsal(env, data)
        data = data_directory(env)
        _refuse_unless_begun(data)
    _make_directory(data)
    url = database_url(env.get("DATABASE_URL"), data)
    for path in (data, data / "keys", *(data / "keys").glob("*"), *_database_files(url)):
        _close(path)
    host, port = env.get("HOST") or LOOPBACK[0], _number(env, "PORT", 8080, 1, 65535)
    return {
        "HOST": host,
        "PORT": port,
        "DATA_DIR": data,
        "VERSION": VERSION,
        "WORKERS": _number(env, "WORKERS", 2, 1, 64),
        "THREADS": _number(env, "THREADS", 4, 1, 64),
        "DEMO": _is_demo(env),
        "REHEARSAL": is_rehearsal,
        "REHEARSED_DATABASE_URI": in_force,
        "DEMO_PASSWORD": env.get("DEMO_PASSWORD") or None,
        "SQLALCHEMY_DATABASE_URI": url,
        **_secrets(env, data),
        **_web(env, host, port, REHEARSAL if is_rehearsal else ""),
        **_mail(env),
        **_single_sign_on(env),
        "SMS_FILE": None if is_rehearsal else _sms_file(env, data),
        "SMS_GATEWAY": _sms_gateway(env),
        **FRAMEWORK,
    }


def data_directory(env: Mapping[str, str]) -> Path:
    """Return DATA_DIR, whether it exists or not."""
    return Path(env.get("DATA_DIR") or ROOT / "instance").expanduser().resolve()


def _of_rehearsal(env: Mapping[str, str], data: Path) -> dict[str, str]:
    """Return the settings of the rehearsal that stands beside the program with the settings `env`."""
    own = {
        "DATA_DIR": str(data / REHEARSAL),
        "DATABASE_URL": env.get("REHEARSAL_DATABASE_URL") or "",
        "PORT": env.get("REHEARSAL_PORT") or "8081",
        "PUBLIC_URL": env.get("REHEARSAL_PUBLIC_URL") or "",
        "DEMO": "1",
    }
    return {name: env[name] for name in SHARED_WITH_REHEARSAL if env.get(name)} | own


def _refuse_unless_begun(data: Path) -> None:
    if not data.is_dir():
        raise SettingError(
            "There is no rehearsal. Begin one with `make rehearsal` or `flask rehearsal begin`."
        )


def database_url(given: str | None, data: Path) -> str:
    """Return the SQLAlchemy URL: `given` with the driver named, or the embedded SQLite file."""
    if not given:
        return f"sqlite:///{data / 'zhicheng.db'}"
    scheme, separator, rest = given.partition("://")
    if separator and scheme in POSTGRES:
        return f"postgresql+psycopg://{rest}"
    if separator and scheme == "sqlite":
        return given
    raise SettingError(
        "DATABASE_URL must begin with sqlite:/// or postgresql://; this program runs on no other database."
    )


def close_to_others(data: Path) -> None:
    """Take every right to what is under DATA_DIR from other accounts, whatever stood there before.

    Raises SettingError when something belongs to another account.
    """
    for place, folders, files in os.walk(data):
        for name in (*folders, *files):
            path = Path(place, name)
            if not path.is_symlink():
                _close(path)


def _close(path: Path) -> None:
    """Take the rights of other accounts to a file or directory away, if it exists and they have some."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & OTHERS:
            path.chmod(mode & ~OTHERS)
            if path.stat().st_mode & OTHERS:
                raise PermissionError(None, "its file system knows no rights")
    except FileNotFoundError:
        return
    except PermissionError as error:
        raise SettingError(
            f"DATA_DIR or the database could be read by other accounts: {path} cannot be closed to them"
            f" ({error.strerror}). Give it to the account that runs the program."
        ) from error


def _database_files(url: str) -> list[Path]:
    """Return the file of an SQLite database and those SQLite keeps beside it; none for PostgreSQL."""
    scheme, _separator, rest = url.partition(":///")
    name = unquote(rest.partition("?")[0])
    if scheme != "sqlite" or not name or name == ":memory:":
        return []
    # a relative path begins at Flask's instance directory
    path = ROOT / "instance" / name
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]


def kept_secret(path: Path, size: int = KEY_LENGTH) -> bytes:
    """Return the secret stored at `path`; create it if there is none.

    Safe when several processes start at once: the first creates the file atomically, the others read it.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(size))
                file.flush()
                os.fsync(file.fileno())
            _link_once(Path(name), path)
        finally:
            os.unlink(name)
    kept = path.read_bytes()
    if len(kept) != size:
        raise SettingError(f"The key file {path} is damaged; put back the copy from your backup.")
    return kept


def _link_once(new: Path, path: Path) -> None:
    """Link `new` to its final name unless that exists; a rename would overwrite another process's file."""
    try:
        os.link(new, path)
    except FileExistsError:
        return
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _make_directory(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"DATA_DIR {data} cannot be made: {error.strerror}.") from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise SettingError(
            f"DATA_DIR {data} is not writable for the account that runs the program."
        )


def _secrets(env: Mapping[str, str], data: Path) -> dict[str, Any]:
    keys = data / "keys"
    given = env.get("SECRET_KEY")
    fallbacks = [key for key in env.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
    for key in filter(None, [given, *fallbacks]):
        _refuse_weak(key)
    return {
        "SECRET_KEY": given or kept_secret(keys / "secret.key").hex(),
        "SECRET_KEY_FALLBACKS": fallbacks or None,
        "FIELD_KEY": _given_key(env, "FIELD_KEY") or kept_secret(keys / "field.key"),
        "PROGRAM_KEY": _given_key(env, "PROGRAM_KEY") or kept_secret(keys / "program.key"),
    }


def _refuse_weak(key: str) -> None:
    if len(key) < KEY_LENGTH or key in KNOWN_KEYS or len(set(key)) < 10:
        raise SettingError(
            "SECRET_KEY is too weak: give at least 32 random characters, for example from "
            "`openssl rand -hex 32`, or leave it out and one is made and kept under DATA_DIR."
        )


def _given_key(env: Mapping[str, str], name: str) -> bytes | None:
    given = env.get(name)
    if not given:
        return None
    try:
        key = bytes.fromhex(given)
    except ValueError:
        key = b""
    if len(key) != KEY_LENGTH:
        raise SettingError(f"{name} must be 64 hexadecimal digits (32 bytes).")
    return key


def _web(env: Mapping[str, str], host: str, port: int, beside: str) -> dict[str, Any]:
    """Return the settings of addresses and sessions; cookies of a program `beside` another have its name."""
    public = (env.get("PUBLIC_URL") or f"http://{_bracketed(_reachable(host))}:{port}").rstrip("/")
    https = public.startswith("https://")
    trusted = _trusted_hosts(env, host, public)
    cookie = "-".join(filter(None, ("zhicheng", beside)))
    return {
        "PUBLIC_URL": public,
        "HTTPS": https,
        "PREFERRED_URL_SCHEME": "https" if https else "http",
        "TRUSTED_HOSTS": trusted,
        "FAB_SAFE_REDIRECT_HOSTS": [
            pattern for name in trusted or [] for pattern in (name, f"{name}:*")
        ],
        "PROXY_HOPS": _number(env, "PROXY_HOPS", 0, 0, 10),
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_NAME": f"__Host-{cookie}" if https else cookie,
        "SESSION_IDLE_MINUTES": _number(env, "SESSION_IDLE_MINUTES", 30, 1, 1440),
        "SESSION_HOURS": _number(env, "SESSION_HOURS", 10, 1, 72),
    }


def _mail(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the mail server; without SMTP_HOST no mail is sent."""
    host, user = env.get("SMTP_HOST") or "", env.get("SMTP_USER") or ""
    security = env.get("SMTP_SECURITY") or "starttls"
    sender = env.get("SMTP_FROM") or (user if "@" in user else "")
    if security not in MAIL_PORTS:
        raise SettingError(f"SMTP_SECURITY must be starttls, tls or none, not {security!r}.")
    if sender and not ADDRESS.fullmatch(sender):
        raise SettingError("SMTP_FROM must be one plain mail address, such as zc@example.gov.cn.")
    if host and not sender:
        raise SettingError("SMTP_FROM must name the sender's mail address when SMTP_HOST is set.")
    if bool(user) != bool(env.get("SMTP_PASSWORD")):
        raise SettingError("SMTP_USER and SMTP_PASSWORD must be given both or neither.")
    if user and security == "none" and host not in LOOPBACK:
        raise SettingError(
            "SMTP_SECURITY=none would send SMTP_PASSWORD readable; use starttls or tls."
        )
    return {
        "SMTP_HOST": host,
        "SMTP_PORT": _number(env, "SMTP_PORT", MAIL_PORTS[security], 1, 65535),
        "SMTP_SECURITY": security,
        "SMTP_USER": user,
        "SMTP_PASSWORD": env.get("SMTP_PASSWORD") or "",
        "SMTP_FROM": sender,
    }


def _is_demo(env: Mapping[str, str]) -> bool:
    """Return whether this is a demonstration, whose accounts anybody may use with one press.

    By itself only on a machine's own address, without a database, a public address or a proxy of its own.
    """
    public = urlsplit(env.get("PUBLIC_URL") or "").hostname or LOOPBACK[0]
    is_own = {env.get("HOST") or LOOPBACK[0], public} <= set(LOOPBACK)
    is_behind = env.get("PROXY_HOPS") or "0"
    return _flag(env, "DEMO", is_own and is_behind == "0" and not env.get("DATABASE_URL"))


def _sms_file(env: Mapping[str, str], data: Path) -> Path | None:
    """Return the file that text messages (SMS) are written to; a demonstration without channels has one."""
    if given := env.get("SMS_FILE"):
        path = Path(given).expanduser().resolve()
        if path.is_dir():
            raise SettingError(f"SMS_FILE {path} is a directory; name a file in it.")
        return path
    if env.get("SMTP_HOST") or env.get("SMS_GATEWAY") or not _is_demo(env):
        return None
    return data / "outgoing" / "sms.jsonl"


def _sms_gateway(env: Mapping[str, str]) -> str:
    given = env.get("SMS_GATEWAY") or ""
    if given and not re.fullmatch(r"[\w.]+:\w+", given):
        raise SettingError("SMS_GATEWAY must name a class as module:Class.")
    if given and env.get("SMS_FILE"):
        raise SettingError("SMS_GATEWAY and SMS_FILE exclude each other; give one.")
    return given


def _single_sign_on(env: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings of the province's single sign-on; without OIDC_ISSUER there is none."""
    issuer = env.get("OIDC_ISSUER") or ""
    client = {name: env.get(name) or "" for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")}
    if issuer:
        _refuse_unsafe_issuer(issuer)
        for name, given in client.items():
            if not given:
                raise SettingError(f"{name} must be given when OIDC_ISSUER is set.")
    return {
        "OIDC_ISSUER": issuer,
        **client,
        "OIDC_NAME": env.get("OIDC_NAME") or "",
        "OIDC_SCOPE": env.get("OIDC_SCOPE") or "openid profile",
        "OIDC_CLAIM_NAME": env.get("OIDC_CLAIM_NAME") or "name",
        "OIDC_CLAIM_ID_NUMBER": env.get("OIDC_CLAIM_ID_NUMBER") or "id_number",
        "OIDC_CLAIM_PHONE": env.get("OIDC_CLAIM_PHONE") or "phone_number",
    }


def _refuse_unsafe_issuer(issuer: str) -> None:
    parts = urlsplit(issuer)
    is_near = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or is_near) or parts.query:
        raise SettingError(
            "OIDC_ISSUER must be an https:// address without a query, as the provider names itself."
        )


def _trusted_hosts(env: Mapping[str, str], host: str, public: str) -> list[str] | None:
    """Return the allowed Host names; None if it listens on all addresses and none was configured."""
    if given := env.get("TRUSTED_HOSTS"):
        return [name.strip() for name in given.split(",") if name.strip()]
    if host in ANY_ADDRESS and not env.get("PUBLIC_URL"):
        return None
    own = [] if host in ANY_ADDRESS else [_bracketed(host)]
    return sorted({*own, *map(_bracketed, LOOPBACK), _bracketed(urlsplit(public).hostname or "")})


def _reachable(host: str) -> str:
    return LOOPBACK[0] if host in ANY_ADDRESS else host


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    given = env.get(name)
    if not given:
        return default
    if not given.isascii() or not given.isdigit() or not low <= int(given) <= high:
        raise SettingError(f"{name} must be a whole number from {low} to {high}, not {given!r}.")
    return int(given)


def _flag(env: Mapping[str, str], name: str, default: bool) -> bool:
    given = env.get(name)
    if not given:
        return default
    if given not in ("0", "1"):
        raise SettingError(f"{name} must be 0 or 1, not {given!r}.")
    return given == "1"


FRAMEWORK: dict[str, Any] = {
    "APP_NAME": "职称网上申报评审系统",
    "MAX_CONTENT_LENGTH": 64 * 1024 * 1024,
    "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
    "MAX_FORM_PARTS": 5000,
    "SEND_FILE_MAX_AGE_DEFAULT": 3600,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    # the CSRF token lives as long as the session, so that a form open for hours is still accepted
    "WTF_CSRF_TIME_LIMIT": None,
    "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
    "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
    "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
    "LANGUAGES": {
        "zh_Hans_CN": {"flag": "cn", "name": "中文"},
        "en": {"flag": "gb", "name": "English"},
    },
    "FAB_CREATE_DB": False,
    "FAB_UPDATE_PERMS": False,
    "FAB_ADD_SECURITY_VIEWS": False,
    "FAB_ADD_SECURITY_API": False,
    "FAB_ADD_OPENAPI_VIEWS": False,
    "FAB_ADD_MENU_API": False,
    "FAB_API_SWAGGER_UI": False,
    "FAB_API_SHOW_STACKTRACE": False,
    "FAB_API_KEY_ENABLED": False,
    "FAB_ALLOW_GET_UNSAFE_MUTATIONS": False,
    # declare Admin as a built-in role without permissions: FAB then grants it nothing, and nobody holds it
    "FAB_ROLES": {"Admin": []},
    "AUTH_USER_REGISTRATION": False,
    "AUTH_RATE_LIMITED": False,
    "RATELIMIT_ENABLED": False,
}
