"""Settings from the environment: defaults, refusals, secrets that all processes agree on."""

import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import config
from config import SettingError


def read(folder: Path, **environ: str) -> dict[str, object]:
    return config.read({"DATA_DIR": str(folder), **environ})


def test_defaults_listen_on_loopback_with_the_embedded_database(tmp_path: Path) -> None:
    settings = read(tmp_path)

    assert (settings["HOST"], settings["PORT"], settings["WORKERS"]) == ("127.0.0.1", 8080, 2)
    assert settings["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path}/zhicheng.db"
    assert settings["DEMO"] is True
    assert settings["PUBLIC_URL"] == "http://127.0.0.1:8080"
    assert settings["TRUSTED_HOSTS"] == ["127.0.0.1", "[::1]", "localhost"]


@pytest.mark.parametrize(
    ("environ", "is_demo"),
    [
        ({}, True),
        ({"HOST": "localhost"}, True),
        ({"HOST": "::1", "PROXY_HOPS": "0"}, True),
        ({"HOST": "0.0.0.0"}, False),
        ({"HOST": "::"}, False),
        ({"HOST": "192.0.2.10"}, False),
        ({"HOST": "zc.example.cn"}, False),
        ({"PUBLIC_URL": "https://zc.example.cn"}, False),
        ({"PUBLIC_URL": "http://localhost:8080"}, True),
        ({"PROXY_HOPS": "1"}, False),
        ({"HOST": "0.0.0.0", "DEMO": "1"}, True),
        ({"DEMO": "0"}, False),
    ],
)
def test_a_demonstration_is_never_open_to_a_network_by_itself(
    tmp_path: Path, environ: dict[str, str], is_demo: bool
) -> None:
    settings = read(tmp_path, **environ)

    assert settings["DEMO"] is is_demo
    assert (settings["SMS_FILE"] is not None) is is_demo


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_name_of_postgresql_gets_the_driver_we_have(tmp_path: Path, scheme: str) -> None:
    settings = read(tmp_path, DATABASE_URL=f"{scheme}://me@db/zc")

    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://me@db/zc"
    assert settings["DEMO"] is False


@pytest.mark.parametrize(
    "environ",
    [
        {"SECRET_KEY": "short"},
        {"SECRET_KEY": "x" * 64},
        {"SECRET_KEY": config.KNOWN_KEYS[0]},
        {"SECRET_KEY_FALLBACKS": "old"},
        {"FIELD_KEY": "00"},
        {"FIELD_KEY": "not hexadecimal"},
        {"PROGRAM_KEY": "00"},
        {"PORT": "0"},
        {"PORT": "eighty"},
        {"PORT": "80 80"},
        {"WORKERS": "-1"},
        {"DEMO": "yes"},
        {"DATABASE_URL": "mysql://me@db/zc"},
        {"DATABASE_URL": "zhicheng.db"},
        {"SMTP_SECURITY": "ssl"},
        {"SMTP_PORT": "0"},
        {"SMTP_FROM": "zc@example.cn, spy@example.cn"},
        {"SMTP_FROM": "zc@example.cn\nBcc: spy@example.cn"},
        {"SMS_FILE": "/"},
        {"SMS_GATEWAY": "os.system"},
        {"SMS_GATEWAY": "gateway:Class", "SMS_FILE": "sms.jsonl"},
        {"OIDC_ISSUER": "http://sso.example.cn"},
        {"OIDC_ISSUER": "sso.example.cn"},
        {"OIDC_ISSUER": "https://sso.example.cn/?tenant=1"},
        {"OIDC_CLIENT_ID": "", "OIDC_ISSUER": "https://sso.example.cn"},
        {
            "OIDC_CLIENT_SECRET": "",
            "OIDC_ISSUER": "https://sso.example.cn",
            "OIDC_CLIENT_ID": "zc",
        },
        {"SMTP_FROM": "", "SMTP_HOST": "mail.example.cn"},
        {"SMTP_USER": "zc", "SMTP_HOST": "mail.example.cn", "SMTP_FROM": "zc@example.cn"},
        {
            "SMTP_SECURITY": "none",
            "SMTP_HOST": "mail.example.cn",
            "SMTP_USER": "zc@example.cn",
            "SMTP_PASSWORD": "secret",
        },
    ],
)
def test_a_setting_that_cannot_work_is_refused_with_a_sentence(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with pytest.raises(SettingError) as refusal:
        read(tmp_path, **environ)

    assert refusal.value.message.startswith(next(iter(environ)).removesuffix("_FALLBACKS"))
    assert refusal.value.message.endswith(".")


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(SettingError, match="DATA_DIR"):
        read(tmp_path / "taken")


def test_secrets_are_made_once_and_readable_by_the_owner_alone(tmp_path: Path) -> None:
    first, second = read(tmp_path), read(tmp_path)

    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert first["FIELD_KEY"] == second["FIELD_KEY"]
    assert first["SECRET_KEY"] != first["FIELD_KEY"]
    for path in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_data_that_others_could_read_are_closed_to_them(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere.db"
    names = ("zhicheng.db", "zhicheng.db-wal", "zhicheng.db-shm", "keys/secret.key")
    beside = [elsewhere.with_name(elsewhere.name + end) for end in ("", "-wal", "-shm", "-journal")]
    (data / "keys").mkdir(parents=True)
    for path in (*(data / name for name in names), *beside):
        path.write_bytes(b"x" * config.KEY_LENGTH)
        path.chmod(0o666)
    data.chmod(0o777)
    (data / "keys").chmod(0o755)

    read(data)
    read(data, DATABASE_URL=f"sqlite:///{elsewhere}?timeout=5")

    assert {mode(path) for path in (data, data / "keys")} == {0o700}
    assert {mode(path) for path in (*(data / name for name in names), *beside)} == {0o600}


def test_what_is_made_after_the_start_is_closed_to_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        read(tmp_path / "data")
        connection = sqlite3.connect(tmp_path / "data" / "zhicheng.db")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (a)")
        made = sorted(path.name for path in (tmp_path / "data").glob("zhicheng*"))
        modes = {mode(path) for path in (tmp_path / "data").glob("zhicheng*")}
        connection.close()
    finally:
        os.umask(before)

    assert made == ["zhicheng.db", "zhicheng.db-shm", "zhicheng.db-wal"]
    assert modes == {0o600}


def test_everything_under_the_directory_is_closed_and_links_are_left_alone(tmp_path: Path) -> None:
    outside, deep = tmp_path / "outside", tmp_path / "data" / "files" / "ab"
    outside.write_text("")
    outside.chmod(0o644)
    deep.mkdir(parents=True)
    (deep / "content").write_text("")
    (deep / "content").chmod(0o444)
    (deep / "link").symlink_to(outside)
    deep.chmod(0o755)

    config.close_to_others(tmp_path / "data")

    assert (mode(deep), mode(deep / "content"), mode(outside)) == (0o700, 0o400, 0o644)


def test_processes_that_start_at_once_agree_on_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "some.key"

    with ThreadPoolExecutor(16) as pool:
        kept = set(pool.map(lambda _number: config.kept_secret(path), range(64)))

    assert len(kept) == 1
    assert list(path.parent.iterdir()) == [path]


def test_a_damaged_secret_is_not_replaced(tmp_path: Path) -> None:
    read(tmp_path)
    (tmp_path / "keys" / "field.key").write_bytes(b"half")

    with pytest.raises(SettingError, match="damaged"):
        read(tmp_path)

    assert (tmp_path / "keys" / "field.key").read_bytes() == b"half"


def test_given_keys_are_used(tmp_path: Path) -> None:
    key = "0123456789abcdef" * 4

    settings = read(tmp_path, SECRET_KEY=key, FIELD_KEY=key, PROGRAM_KEY=key)

    assert settings["SECRET_KEY"] == key
    assert settings["FIELD_KEY"] == settings["PROGRAM_KEY"] == bytes.fromhex(key)
    assert not (tmp_path / "keys").exists()


def test_behind_https_cookies_are_secure_and_bound_to_the_host(tmp_path: Path) -> None:
    settings = read(tmp_path, HOST="0.0.0.0", PUBLIC_URL="https://zc.example.cn/", PROXY_HOPS="1")

    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SESSION_COOKIE_NAME"] == "__Host-zhicheng"
    assert settings["TRUSTED_HOSTS"] == ["127.0.0.1", "[::1]", "localhost", "zc.example.cn"]
    assert settings["PUBLIC_URL"] == "https://zc.example.cn"


def test_named_hosts_replace_the_default(tmp_path: Path) -> None:
    settings = read(tmp_path, TRUSTED_HOSTS="a.example.cn, b.example.cn")

    assert settings["TRUSTED_HOSTS"] == ["a.example.cn", "b.example.cn"]


def test_listening_everywhere_without_a_name_accepts_any_name(tmp_path: Path) -> None:
    assert read(tmp_path, HOST="0.0.0.0")["TRUSTED_HOSTS"] is None


def test_mail_takes_the_usual_port_and_the_user_as_sender(tmp_path: Path) -> None:
    given = {"SMTP_HOST": "mail.example.cn", "SMTP_USER": "zc@example.cn", "SMTP_PASSWORD": "x"}

    settings = read(tmp_path, **given)

    assert (settings["SMTP_PORT"], settings["SMTP_SECURITY"]) == (587, "starttls")
    assert settings["SMTP_FROM"] == "zc@example.cn"
    assert read(tmp_path, SMTP_SECURITY="tls", **given)["SMTP_PORT"] == 465


def test_demonstration_writes_short_messages_into_its_own_directory(tmp_path: Path) -> None:
    assert read(tmp_path)["SMS_FILE"] == tmp_path / "outgoing" / "sms.jsonl"
    assert read(tmp_path, DEMO="0")["SMS_FILE"] is None
    assert read(tmp_path, SMS_GATEWAY="gateway:Class")["SMS_FILE"] is None


def test_single_sign_on_is_off_until_an_issuer_is_named(tmp_path: Path) -> None:
    named = {
        "OIDC_ISSUER": "https://sso.example.cn/realms/hn/",
        "OIDC_CLIENT_ID": "zc",
        "OIDC_CLIENT_SECRET": "secret",
        "OIDC_CLAIM_ID_NUMBER": "sfzh",
    }

    settings = read(tmp_path, **named)

    assert read(tmp_path)["OIDC_ISSUER"] == ""
    assert settings["OIDC_ISSUER"] == "https://sso.example.cn/realms/hn/"
    assert (settings["OIDC_CLAIM_NAME"], settings["OIDC_CLAIM_ID_NUMBER"]) == ("name", "sfzh")


def test_a_rehearsal_has_settings_of_its_own_and_no_way_outside(tmp_path: Path) -> None:
    (tmp_path / "rehearsal").mkdir()
    in_force = {
        "REHEARSAL": "1",
        "DATABASE_URL": "postgresql://me@db/zc",
        "WORKERS": "3",
        "PORT": "9000",
        "PUBLIC_URL": "https://zc.example.cn",
        "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz",
        "FIELD_KEY": "ab" * 32,
        "PROGRAM_KEY": "cd" * 32,
        "SMTP_HOST": "mail.example.cn",
        "SMTP_FROM": "zc@example.cn",
        "SMS_GATEWAY": "province.sms:Gateway",
        "OIDC_ISSUER": "https://id.example.cn",
        "OIDC_CLIENT_ID": "zc",
        "OIDC_CLIENT_SECRET": "secret",
        "DEMO": "0",
    }

    settings = read(tmp_path, **in_force)

    own = tmp_path / "rehearsal"
    assert settings["REHEARSAL"] is settings["DEMO"] is True
    assert settings["DATA_DIR"] == own
    assert settings["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{own}/zhicheng.db"
    assert settings["REHEARSED_DATABASE_URI"] == "postgresql+psycopg://me@db/zc"
    assert (settings["WORKERS"], settings["PORT"]) == (3, 8081)
    assert settings["PUBLIC_URL"] == "http://127.0.0.1:8081"
    assert settings["SESSION_COOKIE_NAME"] == "zhicheng-rehearsal"
    assert settings["SECRET_KEY"] == (own / "keys" / "secret.key").read_bytes().hex()
    assert settings["FIELD_KEY"] == (own / "keys" / "field.key").read_bytes()
    assert settings["PROGRAM_KEY"] == (own / "keys" / "program.key").read_bytes()
    for name in ("SMTP_HOST", "SMS_GATEWAY", "SMS_FILE", "OIDC_ISSUER", "OIDC_CLIENT_SECRET"):
        assert not settings[name], name


def test_a_rehearsal_may_have_a_database_port_and_address_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "rehearsal").mkdir()

    settings = read(
        tmp_path,
        REHEARSAL="1",
        REHEARSAL_DATABASE_URL="postgresql://me@db/rehearsal",
        REHEARSAL_PORT="9001",
        REHEARSAL_PUBLIC_URL="https://rehearsal.example.cn",
    )

    assert settings["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg://me@db/rehearsal"
    assert (settings["PORT"], settings["PUBLIC_URL"]) == (9001, "https://rehearsal.example.cn")
    assert settings["SESSION_COOKIE_NAME"] == "__Host-zhicheng-rehearsal"


def test_a_rehearsal_that_was_not_begun_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="There is no rehearsal"):
        read(tmp_path, REHEARSAL="1")

    assert not (tmp_path / "rehearsal").exists()
