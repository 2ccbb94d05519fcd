"""The one place where real adapters are built: lazily, once a process, for just what a function uses.

Imports stand inside, beside what needs them: a handshake or a refused signature must not pay for Firestore.
"""

import os
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from aduan import logs
from aduan import settings as names
from aduan.environment import Setting, SettingError
from aduan.lazily import built
from aduan.settings import Settings
from aduan.traces import Recorder, Tracing

if TYPE_CHECKING:
    from flask import Flask

    from aduan.adapters.certificates import CertificateCache
    from aduan.adapters.firestore_connection import FirestoreConnection
    from aduan.adapters.identity import IapIdentity, TaskIdentity
    from aduan.adapters.sealing import OfficeKey
    from aduan.procedure.workflow import Workflow
    from aduan.service.checking import Checking
    from aduan.service.conversation import Conversation
    from aduan.service.delivery import Delivery
    from aduan.service.desk import Desk
    from aduan.service.erasing import Erasing
    from aduan.service.fetching import Fetching
    from aduan.service.gate import Gate
    from aduan.service.intake import Intake
    from aduan.service.media import MediaSource, MediaStore
    from aduan.service.outgoing import Outgoing
    from aduan.service.ports import Channel, ChannelLog, Clock, StaffList, Store, Tasks
    from aduan.service.sending import Sending
    from aduan.service.settling import Settling
    from aduan.service.sweeping import Sweeping
    from aduan.service.wording import Words


def utc_now() -> datetime:
    """The only clock that the program reads."""
    return datetime.now(UTC)


class House:
    """Everything that the functions stand on. `observe_*` are told of each call outside, for counting."""

    def __init__(
        self,
        settings: Settings,
        clock: "Clock" = utc_now,
        observe_store: Callable[[str, int, int], None] = lambda *_: None,
        observe_tasks: Callable[[str], None] = lambda _queue: None,
    ) -> None:
        self.building = threading.RLock()
        self.settings = settings
        self.clock = clock
        self._observe_store = observe_store
        self._observe_tasks = observe_tasks

    # The office

    @built
    def workflow(self) -> "Workflow":
        from aduan.procedure.calendar import OfficeCalendar, ServiceClock
        from aduan.procedure.definition import Procedure
        from aduan.procedure.office_file import read
        from aduan.procedure.workflow import Workflow

        folder, minute = self.settings[names.OFFICE_DIR], timedelta(seconds=self.settings[names.SECONDS_PER_MINUTE])
        calendar = read(self.settings[names.CALENDAR_FILE], OfficeCalendar)
        if calendar.continuous:  # no hours of its own, so no zone: the time is told as the office tells it
            calendar = calendar.model_copy(update={"timezone": read(folder / "calendar.toml", OfficeCalendar).timezone})
        return Workflow(read(folder / "procedure.toml", Procedure), ServiceClock(calendar, minute))

    @built
    def words(self) -> "Words":
        from aduan.procedure.office_file import read
        from aduan.service.wording import Words

        return read(self.settings[names.OFFICE_DIR] / "messages.toml", Words)

    @built
    def conversation(self) -> "Conversation":
        from aduan.service.conversation import Conversation

        return Conversation(self.workflow.procedure, self.words)

    @built
    def outgoing(self) -> "Outgoing":
        from aduan.service.outgoing import Outgoing

        office, url = self.workflow, self.settings[names.STAFF_URL]
        return Outgoing(office.procedure, self.words, self.conversation, url, office.clock)

    # The world outside

    @built
    def connection(self) -> "FirestoreConnection":
        from aduan.adapters.firestore_connection import FirestoreConnection

        return FirestoreConnection(self.settings[names.GOOGLE_CLOUD_PROJECT], self._observe_store)

    @built
    def store(self) -> "Store":
        from aduan.adapters.firestore_store import FirestoreStore

        return FirestoreStore(self.connection, self.office_key)

    @built
    def office_key(self) -> "OfficeKey":
        from aduan.adapters.key_service import office_key

        settings = self.settings
        return office_key(settings[names.FIELD_KEY], settings[names.FIELD_KMS_KEY], settings[names.KMS_EMULATOR_HOST])

    @built
    def channel_log(self) -> "ChannelLog":
        from aduan.adapters.firestore_channel import FirestoreChannelLog

        return FirestoreChannelLog(self.connection)

    @built
    def staff(self) -> "StaffList":
        from aduan.adapters.firestore_staff import FirestoreStaffList

        return FirestoreStaffList(self.connection)

    @built
    def tasks(self) -> "Tasks":
        from aduan.adapters.cloud_tasks import CloudTasks, TaskTarget

        settings = self.settings
        return CloudTasks(
            project=settings[names.GOOGLE_CLOUD_PROJECT],
            location=settings[names.CLOUD_TASKS_LOCATION],
            alarms=TaskTarget(settings[names.SLA_QUEUE], settings[names.SLA_CHECK_URL]),
            messages=TaskTarget(settings[names.MESSAGE_QUEUE], settings[names.SEND_MESSAGE_URL]),
            files=TaskTarget(settings[names.MEDIA_QUEUE], settings[names.FETCH_MEDIA_URL]),
            service_account=settings[names.TASKS_SERVICE_ACCOUNT],
            clock=self.clock,
            emulator=settings[names.CLOUD_TASKS_EMULATOR_HOST],
            observe=self._observe_tasks,
        )

    @built
    def channel(self) -> "Channel":
        from aduan.adapters.whatsapp_api import WhatsAppApi

        settings = self.settings
        return WhatsAppApi(
            settings[names.WHATSAPP_API_BASE],
            settings[names.WHATSAPP_API_VERSION],
            settings[names.WHATSAPP_PHONE_NUMBER_ID],
            settings[names.WHATSAPP_ACCESS_TOKEN],
        )

    @built
    def media_source(self) -> "MediaSource":
        from aduan.adapters.whatsapp_media import WhatsAppMedia

        api = (self.settings[names.WHATSAPP_API_BASE], self.settings[names.WHATSAPP_API_VERSION])
        return WhatsAppMedia(*api, self.settings[names.WHATSAPP_ACCESS_TOKEN])

    @built
    def media_store(self) -> "MediaStore":
        from aduan.adapters.media_store import SealedMediaStore

        return SealedMediaStore(self.settings[names.MEDIA_STORE], self.office_key)

    @built
    def tracing(self) -> Tracing:
        return Tracing(self._cloud_trace if self.settings[names.OTEL_TRACES_EXPORTER] == names.CLOUD_TRACE else None)

    def _cloud_trace(self) -> Recorder:
        from aduan.adapters.cloud_trace import CloudTrace

        return CloudTrace(self.settings[names.GOOGLE_CLOUD_PROJECT], self.settings[names.CLOUD_TRACE_EMULATOR_HOST])

    # Proof of identity

    @built
    def oidc_certificates(self) -> "CertificateCache":
        from aduan.adapters.certificates import CertificateCache

        return CertificateCache(self.settings[names.OIDC_CERTS_URL])

    def task_identity(
        self, audience: "Setting[str]", account: "Setting[str]" = names.TASKS_SERVICE_ACCOUNT
    ) -> "TaskIdentity":
        """Who may call the function at this address."""
        from aduan.adapters.identity import TaskIdentity

        return TaskIdentity(self.oidc_certificates, self.settings[audience], self.settings[account])

    @built
    def iap_identity(self) -> "IapIdentity":
        from aduan.adapters.certificates import CertificateCache
        from aduan.adapters.identity import IapIdentity

        return IapIdentity(CertificateCache(self.settings[names.IAP_CERTS_URL]), self.settings[names.IAP_AUDIENCE])

    # The use cases

    @built
    def settling(self) -> "Settling":
        from aduan.service.settling import Settling

        return Settling(self.workflow, self.store, self.staff, self.tasks, self.outgoing)

    @built
    def intake(self) -> "Intake":
        from aduan.service.intake import Intake
        from aduan.service.self_service import SelfService

        timezone = self.workflow.clock.calendar.timezone
        self_service = SelfService(self.store, self.conversation, self.outgoing, self.words, self.clock, timezone)
        return Intake(self.settling, self.store, self.conversation, self_service, self.outgoing, self.clock)

    @built
    def delivery(self) -> "Delivery":
        from aduan.service.delivery import Delivery

        return Delivery(self.settling, self.store, self.tasks, self.gate, self.clock)

    @built
    def gate(self) -> "Gate":
        from aduan.service.gate import Gate

        return Gate(self.channel_log, self.store, self.tasks, self.clock)

    @built
    def desk(self) -> "Desk":
        from aduan.service.desk import Desk

        return Desk(self.settling, self.store, self.staff, self.clock)

    @built
    def checking(self) -> "Checking":
        from aduan.service.checking import Checking

        return Checking(self.settling, self.store, self.staff, self.tasks, self.clock)

    @built
    def sending(self) -> "Sending":
        from aduan.service.sending import Sending

        return Sending(self.settling, self.store, self.channel, self.gate, self.clock)

    @built
    def fetching(self) -> "Fetching":
        from aduan.service.fetching import Fetching

        return Fetching(self.store, self.media_source, self.media_store, self.tasks, self.clock)

    @built
    def sweeping(self) -> "Sweeping":
        from aduan.service.sweeping import Sweeping
        from aduan.service.terms import Terms

        return Sweeping(self.checking, self.store, self.tasks, Terms(self.erasing), self.clock)

    @built
    def erasing(self) -> "Erasing":
        from aduan.adapters.firestore_erasures import FirestoreErasures
        from aduan.service.erasing import Erasing

        erasures = FirestoreErasures(self.connection, self.office_key)
        return Erasing(self.workflow, self.store, erasures, self.media_store, self.clock)

    @built
    def portal(self) -> "Flask":
        from aduan.portal.app import create_portal

        return create_portal(
            self.desk, self.channel_log, self.media_store, self.iap_identity.email, self.settings[names.PORTAL_SECRET],
            self.clock, self.workflow.clock.calendar.timezone, lambda: self.tracing.of("staff_portal"),
        )  # fmt: skip


@cache
def house() -> House:
    """This process's."""
    return House(Settings(os.environ))


def start(environ: Mapping[str, str]) -> None:
    """Check what this process's function uses, before it serves anything: a wrong setting stops it with one line."""
    logs.configure(environ)
    if (function := environ.get("FUNCTION_TARGET", "")) in names.USED_BY:
        try:
            Settings(environ).require(function)
        except SettingError as error:
            sys.exit(f"{function}: {error}")
