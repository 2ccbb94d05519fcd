"""Every setting: its name, its meaning, what a right value is, and which functions use it.

At the start, `Settings(os.environ).require("send_message")` names all that is missing or wrong; then
`settings[WHATSAPP_PHONE_NUMBER_ID]` is a value of the setting's own type.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aduan import setting_values as value
from aduan.environment import REQUIRED, Default, Environment, Setting, always, development, missing, text

GOOGLES_OIDC_CERTS: Final = "https://www.googleapis.com/oauth2/v1/certs"
GOOGLES_IAP_CERTS: Final = "https://www.gstatic.com/iap/verify/public_key"
SHIPPED_OFFICE: Final = Path(__file__).parent / "offices" / "bantul"

_UNSET: Final[Default[str | None]] = always("unset: the real service", None)
_URL_WORDS = "an https:// address (http:// on this machine, or beside an emulator)"
_UNWRAPPED: Final[Default[str | None]] = always("unset: `FIELD_KEY` is the key itself", None)
_QUEUE_WORDS = "a queue's name: letters, digits and hyphens, 100 at most"
_EMULATOR_WORDS = "host:port of an emulator, or nothing"
_CERTS_WORDS = "{} (another address only beside an emulator and with K_SERVICE unset)"
_DEVELOPMENT_KEYS: Final = development((hashlib.sha256(b"aduan: field key for development").digest(),))


def _development_keys(settings: Environment) -> tuple[bytes, ...]:
    """None where KMS is to unwrap what is set: it would be given a key that it never wrapped."""
    return missing(settings) if settings.surroundings.keys_are_wrapped else _DEVELOPMENT_KEYS.value(settings)


def _url(name: str, meaning: str) -> Setting[str]:
    return Setting(name, meaning, _URL_WORDS, value.url, REQUIRED)


def _queue(name: str, meaning: str, default: str) -> Setting[str]:
    return Setting(name, meaning, _QUEUE_WORDS, value.queue, text(default))


def _emulator(name: str, service: str) -> Setting[str | None]:
    return Setting(name, f"an emulator of {service}", _EMULATOR_WORDS, value.host_and_port, _UNSET)


def _certs(name: str, meaning: str, googles: str) -> Setting[str]:
    default = always("Google's", googles)
    return Setting(name, meaning, _CERTS_WORDS.format(googles), value.certs_url(googles), default)


GOOGLE_CLOUD_PROJECT: Final = Setting("GOOGLE_CLOUD_PROJECT", "project id", "a project's id", value.project, REQUIRED)
FIRESTORE_EMULATOR_HOST: Final = _emulator("FIRESTORE_EMULATOR_HOST", "Firestore")
CLOUD_TASKS_EMULATOR_HOST: Final = _emulator("CLOUD_TASKS_EMULATOR_HOST", "Cloud Tasks: gRPC without TLS")
CLOUD_TRACE_EMULATOR_HOST: Final = _emulator("CLOUD_TRACE_EMULATOR_HOST", "Cloud Trace: gRPC without TLS")
CLOUD_TRACE: Final = "gcp_trace"
OTEL_TRACES_EXPORTER: Final = Setting(
    "OTEL_TRACES_EXPORTER",
    f"`{CLOUD_TRACE}`: spans of our own go to Cloud Trace",
    f"{CLOUD_TRACE} or none",
    value.one_of(CLOUD_TRACE, "none"),
    text("none"),
)
CLOUD_TASKS_LOCATION: Final = Setting(
    "CLOUD_TASKS_LOCATION", "region of the queues", "a region's name", value.queue, text("asia-southeast2")
)
SLA_QUEUE: Final = _queue("SLA_QUEUE", "queue of the alarms", "sla-checks")
MESSAGE_QUEUE: Final = _queue("MESSAGE_QUEUE", "queue of what must be sent", "messages")
MEDIA_QUEUE: Final = _queue("MEDIA_QUEUE", "queue of files to be fetched", "media")
SLA_CHECK_URL: Final = _url("SLA_CHECK_URL", "where an alarm's task is sent; also its OIDC audience")
SEND_MESSAGE_URL: Final = _url("SEND_MESSAGE_URL", "where a message's task is sent; also its OIDC audience")
FETCH_MEDIA_URL: Final = _url("FETCH_MEDIA_URL", "where a file's task is sent; also its OIDC audience")
SWEEP_URL: Final = _url("SWEEP_URL", "audience that `sweep` expects")
TASKS_SERVICE_ACCOUNT: Final = Setting(
    "TASKS_SERVICE_ACCOUNT",
    "identity in the OIDC tokens of tasks",
    "a service account's email",
    value.email,
    REQUIRED,
)
SCHEDULER_SERVICE_ACCOUNT: Final = Setting(
    "SCHEDULER_SERVICE_ACCOUNT",
    "identity in the OIDC tokens of the scheduler",
    "a service account's email",
    value.email,
    Default("`TASKS_SERVICE_ACCOUNT`", lambda settings: settings[TASKS_SERVICE_ACCOUNT]),
)
IAP_AUDIENCE: Final = Setting(
    "IAP_AUDIENCE", "audience of the IAP token", "the audience, as IAP shows it", value.word, REQUIRED
)
OIDC_CERTS_URL: Final = _certs("OIDC_CERTS_URL", "where the keys of OIDC tokens are read", GOOGLES_OIDC_CERTS)
IAP_CERTS_URL: Final = _certs("IAP_CERTS_URL", "where the keys of IAP tokens are read", GOOGLES_IAP_CERTS)
WHATSAPP_API_BASE: Final = Setting(
    "WHATSAPP_API_BASE", "Graph API", _URL_WORDS, value.base_url, text("https://graph.facebook.com")
)
WHATSAPP_API_VERSION: Final = Setting(
    "WHATSAPP_API_VERSION", "version of the Graph API", "like v26.0", value.api_version, text("v26.0")
)
WHATSAPP_PHONE_NUMBER_ID: Final = Setting(
    "WHATSAPP_PHONE_NUMBER_ID", "id of the business number", "an id without spaces", value.name, REQUIRED
)
WHATSAPP_ACCESS_TOKEN: Final = Setting(
    "WHATSAPP_ACCESS_TOKEN",
    "token of the channel",
    "a token without spaces",
    value.word,
    REQUIRED,
    secret=True,
)
WHATSAPP_APP_SECRET: Final = Setting(
    "WHATSAPP_APP_SECRET",
    "signs the webhook's requests: a comma-separated list",
    f"a secret, or several with commas between them, of at least {value.SHORTEST_SECRET} characters each in the cloud",
    value.secrets,
    REQUIRED,
    secret=True,
)
WHATSAPP_VERIFY_TOKEN: Final = Setting(
    "WHATSAPP_VERIFY_TOKEN",
    "proves the webhook's handshake",
    "printable ASCII",
    value.phrase,
    REQUIRED,
    secret=True,
)
FIELD_KEY: Final = Setting(
    "FIELD_KEY",
    "the office's key for sealed fields and keyed hashes: a comma-separated list, the newest first",
    f"{value.FIELD_KEY_BYTES} bytes in base64, or what FIELD_KMS_KEY unwraps, or several with commas between them",
    value.field_keys,
    Default(_DEVELOPMENT_KEYS.words, _development_keys),
    secret=True,
)
FIELD_KMS_KEY: Final = Setting(
    "FIELD_KMS_KEY",
    "a key of Cloud KMS that unwraps `FIELD_KEY`",
    "projects/…/locations/…/keyRings/…/cryptoKeys/…, or nothing",
    value.kms_key,
    _UNWRAPPED,
)
KMS_EMULATOR_HOST: Final = Setting(
    "KMS_EMULATOR_HOST",
    "a stand-in for Cloud KMS: HTTP without TLS",
    f"{_EMULATOR_WORDS}, beside an emulator of Firestore and with K_SERVICE unset",
    value.key_service,
    _UNSET,
)
PORTAL_SECRET: Final = Setting(
    "PORTAL_SECRET",
    "signs CSRF tokens",
    f"a secret of at least {value.SHORTEST_SECRET} characters",
    value.signing_secret,
    development("aduan: portal secret for development"),
    secret=True,
)
MEDIA_STORE: Final = Setting(
    "MEDIA_STORE",
    "where files are kept",
    "gs://bucket/path (file:///path beside an emulator)",
    value.media_store,
    REQUIRED,
)
STAFF_URL: Final = Setting("STAFF_URL", "the staff portal, for links", _URL_WORDS, value.base_url, REQUIRED)
OFFICE_DIR: Final = Setting(
    "OFFICE_DIR",
    "an office: a folder with its procedure, its calendar and its words",
    "a folder with procedure.toml, calendar.toml and messages.toml",
    value.office_folder,
    always("`functions/aduan/offices/bantul`", SHIPPED_OFFICE),
)
CALENDAR_FILE: Final = Setting(
    "CALENDAR_FILE",
    "another calendar",
    "a calendar's file, like functions/aduan/offices/continuous.toml",
    value.file,
    Default("the office's", lambda settings: settings[OFFICE_DIR] / "calendar.toml"),
)
SECONDS_PER_MINUTE: Final = Setting(
    "SECONDS_PER_MINUTE",
    "length of a minute in every duration that the procedure file names",
    "a positive number, other than 60 only beside an emulator",
    value.seconds_per_minute,
    always("60", 60.0),
)

_RECORD = (GOOGLE_CLOUD_PROJECT, FIRESTORE_EMULATOR_HOST, FIELD_KEY, FIELD_KMS_KEY, KMS_EMULATOR_HOST)
_OFFICE = (OFFICE_DIR, CALENDAR_FILE, SECONDS_PER_MINUTE, STAFF_URL)
_QUEUES = (CLOUD_TASKS_EMULATOR_HOST, CLOUD_TASKS_LOCATION, TASKS_SERVICE_ACCOUNT)
_TASKS = (*_QUEUES, SLA_QUEUE, MESSAGE_QUEUE, MEDIA_QUEUE, SLA_CHECK_URL, SEND_MESSAGE_URL, FETCH_MEDIA_URL)
_TRACES = (OTEL_TRACES_EXPORTER, CLOUD_TRACE_EMULATOR_HOST)
_ACTS = (*_RECORD, *_OFFICE, *_TASKS)
_GRAPH = (WHATSAPP_API_BASE, WHATSAPP_API_VERSION, WHATSAPP_ACCESS_TOKEN)

USED_BY: Final[Mapping[str, tuple[Setting[Any], ...]]] = {
    "whatsapp_webhook": (*_ACTS, WHATSAPP_PHONE_NUMBER_ID, WHATSAPP_APP_SECRET, WHATSAPP_VERIFY_TOKEN, *_TRACES),
    "staff_portal": (*_ACTS, IAP_AUDIENCE, IAP_CERTS_URL, PORTAL_SECRET, MEDIA_STORE, *_TRACES),
    "sla_check": (*_ACTS, OIDC_CERTS_URL, *_TRACES),
    "send_message": (*_ACTS, OIDC_CERTS_URL, *_GRAPH, WHATSAPP_PHONE_NUMBER_ID, *_TRACES),
    "fetch_media": (*_RECORD, *_TASKS, OIDC_CERTS_URL, *_GRAPH, MEDIA_STORE, *_TRACES),
    "sweep": (*_ACTS, OIDC_CERTS_URL, SWEEP_URL, SCHEDULER_SERVICE_ACCOUNT, MEDIA_STORE, *_TRACES),
}
"""What each function uses, by its target."""

SETTINGS: Final[tuple[Setting[Any], ...]] = tuple(
    dict.fromkeys(setting for used in USED_BY.values() for setting in used)
)
"""All of them, each once."""


class Settings(Environment):
    """The frozen object that is read once, at the start."""

    __slots__ = ()

    def require(self, function: str) -> None:
        """Check all that one function uses. Raises SettingError with every problem, in one line."""
        self.check(USED_BY[function])
