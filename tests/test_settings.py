"""A function stops at its start without what it uses, and says so in one line that gives nothing away."""

import base64
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import pytest

from aduan import settings as table
from aduan.environment import Setting, SettingError
from aduan.settings import SETTINGS, USED_BY, Settings

T = TypeVar("T")

# To the letter: other programs, and an office's configuration, rely on them.
NAMES = [
    "GOOGLE_CLOUD_PROJECT",
    "FIRESTORE_EMULATOR_HOST",
    "CLOUD_TASKS_EMULATOR_HOST",
    "CLOUD_TASKS_LOCATION",
    "SLA_QUEUE",
    "MESSAGE_QUEUE",
    "MEDIA_QUEUE",
    "SLA_CHECK_URL",
    "SEND_MESSAGE_URL",
    "FETCH_MEDIA_URL",
    "SWEEP_URL",
    "TASKS_SERVICE_ACCOUNT",
    "SCHEDULER_SERVICE_ACCOUNT",
    "IAP_AUDIENCE",
    "OIDC_CERTS_URL",
    "IAP_CERTS_URL",
    "WHATSAPP_API_BASE",
    "WHATSAPP_API_VERSION",
    "WHATSAPP_PHONE_NUMBER_ID",
    "WHATSAPP_ACCESS_TOKEN",
    "WHATSAPP_APP_SECRET",
    "WHATSAPP_VERIFY_TOKEN",
    "FIELD_KEY",
    "FIELD_KMS_KEY",
    "KMS_EMULATOR_HOST",
    "PORTAL_SECRET",
    "MEDIA_STORE",
    "STAFF_URL",
    "OFFICE_DIR",
    "CALENDAR_FILE",
    "SECONDS_PER_MINUTE",
    "OTEL_TRACES_EXPORTER",
    "CLOUD_TRACE_EMULATOR_HOST",
]

KEY = bytes(range(200, 232))
CLOUD = {
    "K_SERVICE": "staff-portal",
    "GOOGLE_CLOUD_PROJECT": "disdukcapil-bantul",
    "SLA_CHECK_URL": "https://sla-check.example/",
    "SEND_MESSAGE_URL": "https://send-message.example/",
    "FETCH_MEDIA_URL": "https://fetch-media.example/",
    "MEDIA_STORE": "gs://aduan-bantul-files/2026",
    "SWEEP_URL": "https://sweep.example/",
    "TASKS_SERVICE_ACCOUNT": "tasks@disdukcapil-bantul.iam.gserviceaccount.com",
    "IAP_AUDIENCE": "/projects/1234/locations/asia-southeast2/services/staff-portal",
    "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
    "WHATSAPP_ACCESS_TOKEN": "access-token-of-the-channel",
    "WHATSAPP_APP_SECRET": "secret-of-the-app",
    "WHATSAPP_VERIFY_TOKEN": "verify-token",
    "FIELD_KEY": base64.b64encode(KEY).decode(),
    "PORTAL_SECRET": "secret-of-the-portal",
    "STAFF_URL": "https://staff.aduan.example",
}
EMULATOR = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:8080"}
IN_CLOUD = {"K_SERVICE": "sla-check"}
KMS_KEY = "projects/disdukcapil-bantul/locations/asia-southeast2/keyRings/aduan/cryptoKeys/field-key"
UNWRAPPED_BY_KMS = {"FIELD_KMS_KEY": KMS_KEY}
USES = [(function, setting) for function, used in USED_BY.items() for setting in used]
NEEDS = [(function, setting) for function, setting in USES if setting.required]


def complaint(function: str, environ: Mapping[str, str]) -> str:
    """What a function says as it stops at its start."""
    with pytest.raises(SettingError) as stopped:
        Settings(environ).require(function)
    return str(stopped.value)


def value(setting: Setting[T], text: str, place: Mapping[str, str] = MappingProxyType({})) -> T:
    return Settings({**place, setting.name: text})[setting]


def is_right(setting: Setting[Any], text: str, place: Mapping[str, str] = MappingProxyType({})) -> bool:
    try:
        value(setting, text, place)
    except SettingError as error:
        if f"{setting.name} is wrong: expected {setting.expected}" != str(error):
            raise
        return False
    return True


def test_the_settings_have_the_names_that_others_rely_on_and_each_is_used() -> None:
    assert sorted(setting.name for setting in SETTINGS) == sorted(NAMES)


def test_every_setting_says_what_it_means_what_is_expected_and_what_holds_without_it() -> None:
    for setting in SETTINGS:
        words = (setting.meaning, setting.expected, setting.default.words)
        assert all(text and text == text.strip() and "\n" not in text for text in words), setting.name


def test_the_name_in_the_table_is_the_name_in_the_code() -> None:
    assert {name: getattr(table, name).name for name in NAMES} == {name: name for name in NAMES}


@pytest.mark.parametrize("function", USED_BY)
def test_a_function_starts_with_what_it_uses_and_asks_for_nothing_else(function: str) -> None:
    used = {setting.name for setting in USED_BY[function]} | {"K_SERVICE"}
    Settings({name: text for name, text in CLOUD.items() if name in used}).require(function)


@pytest.mark.parametrize(("function", "setting"), NEEDS, ids=lambda part: getattr(part, "name", part))
@pytest.mark.parametrize("nothing", [None, "", " \n"])
def test_what_is_missing_stops_a_function_in_one_line(
    function: str, setting: Setting[Any], nothing: str | None
) -> None:
    environ = {name: text for name, text in CLOUD.items() if name != setting.name}
    if nothing is not None:
        environ[setting.name] = nothing
    assert complaint(function, environ) == f"{setting.name} is missing: expected {setting.expected}"


@pytest.mark.parametrize(("function", "setting"), USES, ids=lambda part: getattr(part, "name", part))
def test_what_is_wrong_stops_a_function_in_one_line(function: str, setting: Setting[Any]) -> None:
    wrong = "\x07" if setting.name != "PORTAL_SECRET" else "too short"
    said = complaint(function, CLOUD | {setting.name: wrong})
    assert f"{setting.name} is wrong: expected {setting.expected}" in said.split("; ")
    assert said.isprintable()
    assert wrong not in said


def test_all_that_is_missing_or_wrong_is_named_at_once_and_once() -> None:
    said = complaint("sweep", CLOUD | {"TASKS_SERVICE_ACCOUNT": "nobody", "SWEEP_URL": "", "FIELD_KEY": "a"})
    assert re.findall(r"([A-Z_]+) is (\w+):", said) == [
        ("FIELD_KEY", "wrong"),
        ("TASKS_SERVICE_ACCOUNT", "wrong"),
        ("SWEEP_URL", "missing"),
    ]


def test_no_secret_shows_in_an_error_its_causes_or_an_object() -> None:
    wrong = {setting.name: f"{setting.name.lower()}\x07" for setting in SETTINGS if setting.secret}
    settings = Settings(CLOUD | wrong)
    for setting in SETTINGS:
        if setting.secret:
            with pytest.raises(SettingError) as stopped:
                settings[setting]
            assert wrong[setting.name] not in f"{stopped.value!r} {stopped.value}"
            assert (stopped.value.__cause__, stopped.value.__context__) == (None, None)
    assert not any(text in repr(settings) for text in wrong.values())


def test_the_secrets_are_marked_as_such() -> None:
    assert {setting.name for setting in SETTINGS if setting.secret} == {
        "WHATSAPP_ACCESS_TOKEN",
        "WHATSAPP_APP_SECRET",
        "WHATSAPP_VERIFY_TOKEN",
        "FIELD_KEY",
        "PORTAL_SECRET",
    }


def test_the_environment_is_read_once() -> None:
    environ = dict(CLOUD)
    settings = Settings(environ)
    environ["GOOGLE_CLOUD_PROJECT"] = "another"
    assert settings[table.GOOGLE_CLOUD_PROJECT] == "disdukcapil-bantul"


@pytest.mark.parametrize(
    ("setting", "default"),
    [
        (table.FIRESTORE_EMULATOR_HOST, None),
        (table.CLOUD_TASKS_EMULATOR_HOST, None),
        (table.FIELD_KMS_KEY, None),
        (table.KMS_EMULATOR_HOST, None),
        (table.CLOUD_TASKS_LOCATION, "asia-southeast2"),
        (table.SLA_QUEUE, "sla-checks"),
        (table.MESSAGE_QUEUE, "messages"),
        (table.MEDIA_QUEUE, "media"),
        (table.SCHEDULER_SERVICE_ACCOUNT, CLOUD["TASKS_SERVICE_ACCOUNT"]),
        (table.OIDC_CERTS_URL, "https://www.googleapis.com/oauth2/v1/certs"),
        (table.IAP_CERTS_URL, "https://www.gstatic.com/iap/verify/public_key"),
        (table.WHATSAPP_API_BASE, "https://graph.facebook.com"),
        (table.WHATSAPP_API_VERSION, "v26.0"),
        (table.SECONDS_PER_MINUTE, 60),
    ],
    ids=lambda part: getattr(part, "name", None),
)
def test_a_default_holds_where_nothing_is_set(setting: Setting[Any], default: object) -> None:
    assert Settings(CLOUD)[setting] == default


def test_the_shipped_office_and_its_calendar_are_the_default() -> None:
    settings = Settings(CLOUD)
    assert settings[table.OFFICE_DIR].parts[-3:] == ("aduan", "offices", "bantul")
    assert settings[table.CALENDAR_FILE] == settings[table.OFFICE_DIR] / "calendar.toml"
    assert settings[table.CALENDAR_FILE].is_file()


def test_another_office_brings_its_calendar_unless_another_is_named(tmp_path: Path) -> None:
    office = {"OFFICE_DIR": str(tmp_path)}
    assert not is_right(table.OFFICE_DIR, str(tmp_path))
    (tmp_path / "procedure.toml").touch()
    assert Settings(office)[table.CALENDAR_FILE] == tmp_path / "calendar.toml"

    (tmp_path / "other.toml").touch()
    assert value(table.CALENDAR_FILE, str(tmp_path / "other.toml"), office) == tmp_path / "other.toml"
    assert not is_right(table.CALENDAR_FILE, str(tmp_path / "none.toml"), office)


def test_a_wrong_office_is_named_once_and_not_its_calendar_too(tmp_path: Path) -> None:
    said = complaint("sla_check", CLOUD | {"OFFICE_DIR": str(tmp_path)})
    assert said == f"OFFICE_DIR is wrong: expected {table.OFFICE_DIR.expected}"


@pytest.mark.parametrize(
    ("seconds", "place", "accepted"),
    [
        ("60", {}, True),
        ("60.0", {}, True),
        ("1", {}, False),
        ("59.999", IN_CLOUD, False),
        ("1", EMULATOR, True),
        ("0.05", EMULATOR, True),
        ("0", EMULATOR, False),
        ("-60", EMULATOR, False),
        ("nan", EMULATOR, False),
        ("inf", EMULATOR, False),
        ("a minute", EMULATOR, False),
    ],
)
def test_a_minute_has_sixty_seconds_but_beside_an_emulator(seconds: str, place: dict[str, str], accepted: bool) -> None:
    assert is_right(table.SECONDS_PER_MINUTE, seconds, place) == accepted


@pytest.mark.parametrize("setting", [table.OIDC_CERTS_URL, table.IAP_CERTS_URL], ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("place", "accepted"),
    [
        ({}, False),
        (IN_CLOUD, False),
        (EMULATOR, True),
        (EMULATOR | IN_CLOUD, False),
        ({"CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:8081"}, False),
    ],
)
def test_only_a_developers_machine_takes_keys_from_elsewhere_than_google(
    setting: Setting[str], place: dict[str, str], accepted: bool
) -> None:
    assert is_right(setting, "http://127.0.0.1:9000/certs", place) == accepted
    assert is_right(setting, Settings({})[setting], place)


def test_the_keys_of_one_issuer_are_not_taken_for_the_others() -> None:
    assert not is_right(table.OIDC_CERTS_URL, table.GOOGLES_IAP_CERTS)
    assert not is_right(table.IAP_CERTS_URL, table.GOOGLES_OIDC_CERTS)


@pytest.mark.parametrize("setting", [table.FIELD_KEY, table.PORTAL_SECRET], ids=lambda s: s.name)
@pytest.mark.parametrize(
    ("place", "stands_in"), [({}, False), (IN_CLOUD, False), (EMULATOR, True), (EMULATOR | IN_CLOUD, False)]
)
def test_a_development_key_stands_in_on_a_developers_machine_only(
    setting: Setting[Any], place: dict[str, str], stands_in: bool
) -> None:
    settings = Settings(place)
    if stands_in:
        assert settings[setting] == Settings(place)[setting]
    else:
        with pytest.raises(SettingError, match=f"{setting.name} is missing"):
            settings[setting]


def test_the_development_keys_are_as_long_as_real_ones() -> None:
    settings = Settings(EMULATOR)
    (key,) = settings[table.FIELD_KEY]
    assert is_right(table.FIELD_KEY, base64.b64encode(key).decode(), IN_CLOUD)
    assert is_right(table.PORTAL_SECRET, settings[table.PORTAL_SECRET], IN_CLOUD)


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_the_field_key_is_read_in_either_base64(encode: Callable[[bytes], bytes]) -> None:
    key = bytes([0xFB, 0xEF, 0xFF]) * 10 + b"ab"
    assert value(table.FIELD_KEY, encode(key).decode() + "\n") == (key,)


@pytest.mark.parametrize("text", ["!" + CLOUD["FIELD_KEY"], CLOUD["FIELD_KEY"].replace("=", ""), "é"])
def test_a_field_key_that_is_no_base64_is_wrong(text: str) -> None:
    assert not is_right(table.FIELD_KEY, text)


@pytest.mark.parametrize(
    ("size", "place", "accepted"),
    [
        (31, {}, False),
        (32, {}, True),
        (33, {}, False),
        (113, {}, False),
        (31, UNWRAPPED_BY_KMS, False),
        (32, UNWRAPPED_BY_KMS, False),
        (33, UNWRAPPED_BY_KMS, True),
        (113, UNWRAPPED_BY_KMS, True),
    ],
)
def test_the_field_key_has_32_bytes_and_what_kms_unwraps_has_more(
    size: int, place: dict[str, str], accepted: bool
) -> None:
    assert is_right(table.FIELD_KEY, base64.b64encode(bytes(size)).decode(), place) == accepted


OLD_KEY = base64.b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (f"{CLOUD['FIELD_KEY']},{OLD_KEY}", (KEY, bytes(32))),
        (f" {OLD_KEY} ,\n{CLOUD['FIELD_KEY']}\n", (bytes(32), KEY)),
        (f"{OLD_KEY},", (bytes(32),)),
    ],
)
def test_there_may_be_several_field_keys_the_newest_first(text: str, keys: tuple[bytes, ...]) -> None:
    assert value(table.FIELD_KEY, text) == keys


@pytest.mark.parametrize("text", [",", f"{OLD_KEY},{OLD_KEY}", f"{OLD_KEY},short", f"{OLD_KEY};{CLOUD['FIELD_KEY']}"])
def test_a_list_with_no_field_key_or_the_same_twice_or_what_is_none_is_wrong(text: str) -> None:
    assert not is_right(table.FIELD_KEY, text)


def test_beside_kms_no_development_key_stands_in() -> None:
    with pytest.raises(SettingError, match="FIELD_KEY is missing"):
        Settings(EMULATOR | UNWRAPPED_BY_KMS)[table.FIELD_KEY]


@pytest.mark.parametrize("text", [f"{KMS_KEY}/cryptoKeyVersions/1", KMS_KEY.removesuffix("/field-key"), f"{KMS_KEY}?x"])
def test_the_key_of_kms_is_named_in_full_and_without_a_version(text: str) -> None:
    assert is_right(table.FIELD_KMS_KEY, KMS_KEY)
    assert not is_right(table.FIELD_KMS_KEY, text)


@pytest.mark.parametrize(
    ("place", "accepted"),
    [({}, False), (IN_CLOUD, False), (EMULATOR, True), (EMULATOR | IN_CLOUD, False)],
)
def test_only_a_developers_machine_has_its_key_unwrapped_by_a_stand_in(place: dict[str, str], accepted: bool) -> None:
    assert is_right(table.KMS_EMULATOR_HOST, "127.0.0.1:9100", place) == accepted


@pytest.mark.parametrize(
    ("secret", "place", "accepted"),
    [("x" * 15, {}, False), ("x" * 16, {}, True), ("x", EMULATOR, True), ("x", EMULATOR | IN_CLOUD, False)],
)
def test_the_portals_secret_is_long_where_it_matters(secret: str, place: dict[str, str], accepted: bool) -> None:
    assert is_right(table.PORTAL_SECRET, secret, place) == accepted


@pytest.mark.parametrize(
    ("text", "secrets"), [("one", ("one",)), (" old , new\n", ("old", "new")), ("one,,", ("one",))]
)
def test_the_app_secret_may_be_a_list(text: str, secrets: tuple[str, ...]) -> None:
    assert value(table.WHATSAPP_APP_SECRET, text) == secrets


@pytest.mark.parametrize("text", [",", " , ", "one,kunci é", "two words"])
def test_a_list_without_a_secret_or_with_what_is_none_is_wrong(text: str) -> None:
    assert not is_right(table.WHATSAPP_APP_SECRET, text)


@pytest.mark.parametrize("text", ["x", "secret-of-the-app,x", "belum,secret-of-the-app", "x" * 15])
def test_in_the_cloud_no_part_of_the_list_may_be_guessed(text: str) -> None:
    assert not is_right(table.WHATSAPP_APP_SECRET, text, IN_CLOUD)
    assert is_right(table.WHATSAPP_APP_SECRET, text)
    assert is_right(table.WHATSAPP_APP_SECRET, "secret-of-the-app,secret-of-before", IN_CLOUD)


@pytest.mark.parametrize(
    ("address", "place", "accepted"),
    [
        ("https://aduan.example/x", {}, True),
        ("http://aduan.example/x", {}, False),
        ("http://aduan.example/x", EMULATOR, True),
        ("http://127.0.0.1:9000/x", {}, True),
        ("http://localhost:9000", {}, True),
        ("http://[::1]:9000", {}, True),
        ("http://127.0.0.1.example/x", {}, False),
        ("ftp://127.0.0.1/x", EMULATOR, False),
        ("https://", {}, False),
        ("aduan.example", {}, False),
        ("https://aduan.example/a b", {}, False),
    ],
)
def test_an_address_is_https_or_stays_on_this_machine(address: str, place: dict[str, str], accepted: bool) -> None:
    assert is_right(table.SLA_CHECK_URL, address, place) == accepted
    assert is_right(table.STAFF_URL, address, place) == accepted


def test_an_audience_is_kept_to_the_letter_and_a_base_loses_its_last_slash() -> None:
    assert value(table.SLA_CHECK_URL, "https://aduan.example/") == "https://aduan.example/"
    assert value(table.STAFF_URL, "https://aduan.example/") == "https://aduan.example"


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("127.0.0.1:8080", True),
        ("[::1]:8080", True),
        ("firestore:8080", True),
        ("127.0.0.1", False),
        ("127.0.0.1:0", False),
        ("127.0.0.1:65536", False),
        ("http://127.0.0.1:8080", False),
        (":8080", False),
    ],
)
def test_an_emulator_is_a_host_and_a_port(address: str, accepted: bool) -> None:
    assert is_right(table.FIRESTORE_EMULATOR_HOST, address) == accepted
    assert is_right(table.CLOUD_TASKS_EMULATOR_HOST, address) == accepted


@pytest.mark.parametrize(
    ("url", "place", "accepted"),
    [
        ("gs://bucket", {}, True),
        ("gs://bucket/files", IN_CLOUD, True),
        ("gs:///files", {}, False),
        ("s3://bucket/files", {}, False),
        ("https://bucket.example/files", {}, False),
        ("/files", EMULATOR, False),
        ("file:///files", EMULATOR, True),
        ("file:///files", {}, False),
        ("file:///files", EMULATOR | IN_CLOUD, False),
        ("file://host/files", EMULATOR, False),
        ("file:///", EMULATOR, False),
        ("gs://bucket/files?x=1", {}, False),
    ],
)
def test_files_are_kept_in_a_bucket_and_in_a_folder_only_on_a_developers_machine(
    url: str, place: dict[str, str], accepted: bool
) -> None:
    assert is_right(table.MEDIA_STORE, url, place) == accepted
