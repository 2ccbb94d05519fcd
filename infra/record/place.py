"""Where the record is: in what `make run` runs, or in the project that the environment names."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aduan import settings as names
from aduan.adapters.sealing import OfficeKey
from aduan.bootstrap import House
from aduan.environment import SettingError
from aduan.settings import Settings
from infra.local.running import told_by_run
from infra.record.database import DEFAULT, Database
from infra.record.folder import Folder


class NoPlace(Exception):
    """One line for the operator: why there is nothing to work on, and what to do."""


@dataclass(frozen=True)
class Place:
    """A project and how its record is reached. `emulator` is 'host:port', None in the cloud."""

    settings: Settings
    project: str
    emulator: str | None

    @property
    def words(self) -> str:
        return f"{self.project} ({f'emulator, {self.emulator}' if self.emulator else 'Firestore in the cloud'})"

    def database(self, project: str | None = None, database: str = DEFAULT) -> Database:
        """Its database, or another that is reached in the same way."""
        return Database(project or self.project, database, self.emulator)

    @property
    def media(self) -> Folder:
        """Where the program keeps files. Raises `NoPlace`."""
        try:
            return Folder(self.settings[names.MEDIA_STORE])
        except SettingError as error:
            raise NoPlace(f"{error}; a backup without the files would not be whole") from error

    @property
    def office_key(self) -> OfficeKey:
        """Raises `NoPlace`."""
        try:
            return House(self.settings).office_key
        except SettingError as error:
            raise NoPlace(f"{error}; the heads cannot be read without it") from error


def found(environ: Mapping[str, str], run_folder: Path) -> Place:
    """What runs on this machine, or else what `environ` names. Raises `NoPlace`, also where it is not clear which."""
    named, here = environ.get(names.GOOGLE_CLOUD_PROJECT.name), told_by_run(run_folder)
    if here is None and not named:
        raise NoPlace("no office is running here: start one with `make run`, or set GOOGLE_CLOUD_PROJECT")
    if here is not None and named and named != here[names.GOOGLE_CLOUD_PROJECT.name]:
        raise NoPlace(f"`make run` is running here, and GOOGLE_CLOUD_PROJECT names {named}: stop it, or unset that")
    settings = Settings(here or environ)
    try:
        settings.check((names.GOOGLE_CLOUD_PROJECT, names.FIRESTORE_EMULATOR_HOST))
    except SettingError as error:
        raise NoPlace(str(error)) from error
    return Place(settings, settings[names.GOOGLE_CLOUD_PROJECT], settings[names.FIRESTORE_EMULATOR_HOST])
