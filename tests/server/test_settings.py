from __future__ import annotations

import logging
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.settings import Settings, SettingsError, get_settings, is_loopback, load_settings, unknown_names


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment without settings, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def test_defaults_keep_all_state_below_var_in_the_present_folder(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = load_settings()

    home = tmp_path / "var"
    assert settings.home == home
    assert settings.database_url == f"sqlite:///{home}/palimpsest.db"
    assert settings.storage_url == f"file://{home}/storage"
    assert settings.data_roots == [home / "data"]
    assert (settings.storage_folder, settings.runs_folder) == (home / "storage", home / "runs")
    assert (settings.host, settings.port, settings.broker_url) == ("127.0.0.1", 8000, "embedded://")


def test_defaults_of_times_and_limits_are_those_of_the_specification(environment: pytest.MonkeyPatch) -> None:
    settings = load_settings()

    assert (settings.lease_ttl_s, settings.heartbeat_s, settings.reaper_s, settings.cancel_grace_s) == (60, 10, 15, 60)
    assert (settings.max_attempts, settings.retry_waits_s, settings.requeue_after_s) == (3, [10, 60], 60)
    assert (settings.requeue_every_s, settings.event_retention_days, settings.worker_slots) == (300, 7, 1)
    assert settings.sqlite_synchronous == "FULL"
    # A cancellation that nobody acknowledges is found by the next pass of the reaper, and may last 150 s in all.
    assert settings.cancel_limit_s + settings.reaper_s < 150


def test_variables_with_the_prefix_set_the_fields(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("PALIMPSEST_HOME", "state")
    environment.setenv("PALIMPSEST_DATABASE_URL", "sqlite:///other.db")
    environment.setenv("PALIMPSEST_DATA_ROOTS", "/data/voc, more")
    environment.setenv("PALIMPSEST_RETRY_WAITS_S", "0.5,2")
    environment.setenv("PALIMPSEST_WORKER_QUEUES", "gpu,default")
    environment.setenv("PALIMPSEST_STORAGE_URL", "file:///srv/files")

    settings = load_settings()

    assert settings.home == tmp_path / "state"
    assert settings.database_url == f"sqlite:///{tmp_path}/other.db"
    assert settings.data_roots == [Path("/data/voc"), tmp_path / "more"]
    assert settings.retry_waits_s == [0.5, 2]
    assert settings.worker_queues == ["gpu", "default"]
    assert settings.storage_folder == Path("/srv/files")


def test_a_file_named_env_in_the_present_folder_is_read_and_the_environment_wins(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PALIMPSEST_PORT=8123\nPALIMPSEST_MAX_ATTEMPTS=7\nOTHER=1\n")
    environment.setitem(Settings.model_config, "env_file", ".env")
    environment.setenv("PALIMPSEST_PORT", "8124")

    settings = load_settings()

    assert (settings.port, settings.max_attempts) == (8124, 7)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_interfaces_are_accepted(host: str) -> None:
    assert Settings(host=host).host == host
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "example.org", ""])
def test_other_interfaces_are_refused_without_accounts(environment: pytest.MonkeyPatch, host: str) -> None:
    environment.setenv("PALIMPSEST_HOST", host)

    with pytest.raises(SettingsError, match=r"PALIMPSEST_HOST is .* nobody else may reach .* PALIMPSEST_ACCOUNTS=true"):
        load_settings()
    assert Settings(accounts=True, host=host).host == host


@pytest.mark.parametrize(
    ("url", "accounts", "said"),
    [
        ("https://lab.example.org", True, ("", "lab.example.org")),
        ("https://Lab.example.org:8443/seg/mentation/", True, ("/seg/mentation", "lab.example.org:8443")),
        ("http://127.0.0.1:8080/palimpsest", False, ("/palimpsest", "127.0.0.1:8080")),
        ("", False, ("", "")),
        ("https://lab.example.org", False, "without accounts nobody else may reach"),
        ("http://lab.example.org", True, "expected https://: over http://"),
        ("lab.example.org/x", True, "expected https://HOST"),
        ("https://lab.example.org/a b", True, "expected https://HOST"),
        ("https://ann:secret@lab.example.org", True, "expected https://HOST"),
        ("https://lab.example.org/x?y=1", True, "expected https://HOST"),
    ],
)
def test_public_address_gives_host_and_sub_path(url: str, accounts: bool, said: tuple[str, str] | str) -> None:
    try:
        settings = Settings(accounts=accounts, public_url=url)
    except ValidationError as error:
        assert isinstance(said, str)
        assert said in str(error)
    else:
        assert (settings.base_path, settings.public_host) == said


def test_a_container_may_bind_all_interfaces_of_its_own_network() -> None:
    assert Settings(in_container=True, host="0.0.0.0").host == "0.0.0.0"


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("DATABASE_URL", "mysql://x", "PALIMPSEST_DATABASE_URL is 'mysql://x': expected sqlite:///PATH or postgresql"),
        ("DATABASE_URL", "sqlite:///:memory:", "expected sqlite:///PATH"),
        ("DATABASE_URL", "sqlite:///", "expected sqlite:///PATH"),
        ("DATABASE_URL", "postgresql://x/y", r"expected sqlite:///PATH or postgresql\+psycopg://"),
        ("BROKER_URL", "amqp://x", "expected embedded:// or redis://"),
        ("STORAGE_URL", "s3://bucket", "expected file:///PATH"),
        ("STORAGE_URL", "file://host/path", "expected file:///PATH"),
        ("QUEUE_PREFIX", "a b", "PALIMPSEST_QUEUE_PREFIX is 'a b'"),
        ("PORT", "eighty", "PALIMPSEST_PORT is 'eighty'"),
        ("PORT", "70000", "PALIMPSEST_PORT is '70000'"),
        ("LEASE_TTL_S", "0", "PALIMPSEST_LEASE_TTL_S is '0'"),
        ("MAX_ATTEMPTS", "0", "PALIMPSEST_MAX_ATTEMPTS is '0'"),
        ("RETRY_WAITS_S", "", "PALIMPSEST_RETRY_WAITS_S"),
        ("LOG_FORMAT", "xml", "PALIMPSEST_LOG_FORMAT is 'xml'"),
        ("SQLITE_SYNCHRONOUS", "OFF", "PALIMPSEST_SQLITE_SYNCHRONOUS is 'OFF'"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    environment: pytest.MonkeyPatch, name: str, value: str, fault: str
) -> None:
    environment.setenv(f"PALIMPSEST_{name}", value)

    with pytest.raises(SettingsError, match=fault):
        load_settings()


def test_all_wrong_values_are_named_at_once_and_nothing_else(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PALIMPSEST_PORT", "x")
    environment.setenv("PALIMPSEST_WORKER_SLOTS", "0")

    with pytest.raises(SettingsError) as error:
        load_settings()

    assert [fault.split(" is ")[0] for fault in str(error.value).split("; ")] == [
        "PALIMPSEST_PORT",
        "PALIMPSEST_WORKER_SLOTS",
    ]


def test_a_password_in_a_wrong_address_is_not_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PALIMPSEST_DATABASE_URL", "mysql://ada:hunter2@host/db")

    with pytest.raises(SettingsError) as error:
        load_settings()

    assert "hunter2" not in str(error.value)
    assert "mysql://***@host/db" in str(error.value)


def test_unknown_names_with_the_prefix_are_warned_about_with_the_nearest(
    environment: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    environment.setenv("PALIMPSEST_LEASE_TTL", "5")
    (tmp_path / ".env").write_text("PALIMPSEST_PROT=1\n")
    environment.setitem(Settings.model_config, "env_file", ".env")

    with caplog.at_level(logging.WARNING, "server.settings"):
        load_settings()

    assert [record.getMessage() for record in caplog.records] == [
        "PALIMPSEST_LEASE_TTL is not a setting; did you mean 'PALIMPSEST_LEASE_TTL_S'?",
        "PALIMPSEST_PROT is not a setting; did you mean 'PALIMPSEST_PORT'?",
    ]


def test_names_that_steer_the_test_suite_are_not_warned_about() -> None:
    names = ["PALIMPSEST_REQUIRE_SERVICES", "PALIMPSEST_TEST_X", "palimpsest_home", "PATH", "PALIMPSEST_X"]

    assert unknown_names(names) == ["PALIMPSEST_X"]


def test_each_slot_gets_its_share_of_the_cores_and_at_least_one() -> None:
    one, many = Settings(worker_slots=1).threads, Settings(worker_slots=10_000).threads

    assert one >= 1
    assert many == 1


def test_every_setting_is_described() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_settings_of_the_process_are_read_once(environment: pytest.MonkeyPatch) -> None:
    get_settings.cache_clear()

    first = get_settings()
    environment.setenv("PALIMPSEST_PORT", "9000")
    second = get_settings()
    get_settings.cache_clear()

    assert first is second


@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_home_is_refused(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("PALIMPSEST_HOME", value)

    with pytest.raises(SettingsError, match=r"PALIMPSEST_HOME is '\s*': expected a folder; leave the variable out"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("HOME", "var"), ("DATA_ROOTS", "/srv,more"), ("DATABASE_URL", "sqlite:///some.db")],
)
def test_a_path_that_lies_in_a_deleted_working_folder_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    environment.setenv("PALIMPSEST_HOME", "/srv/palimpsest")
    environment.setenv(f"PALIMPSEST_{name}", value)
    (tmp_path / "gone").mkdir()
    environment.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    with pytest.raises(SettingsError) as error:
        load_settings()

    assert str(error.value).startswith(f"PALIMPSEST_{name} is ")
    assert "the working folder of this command was deleted" in str(error.value)


def test_paths_that_lead_nowhere_are_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    environment.setenv("PALIMPSEST_HOME", str(tmp_path / "a" / "home"))
    environment.setenv("PALIMPSEST_DATABASE_URL", "sqlite:///~nobody-of-this-name/x.db")

    with pytest.raises(SettingsError) as error:
        load_settings()

    assert str(error.value).count("this path cannot be followed") == 2


def test_a_settings_file_that_is_no_text_is_named(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PALIMPSEST_PORT=\xff\xfe")
    environment.setitem(Settings.model_config, "env_file", ".env")

    with pytest.raises(SettingsError, match=r"the file \.env of this folder cannot be read"):
        load_settings()
