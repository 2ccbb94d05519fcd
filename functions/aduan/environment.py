"""What a setting is, and the environment as settings read it.

No value stands in an error or in an object's repr: some are secrets.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Never, TypeVar

T = TypeVar("T")

NO_DEFAULT = "–"


class SettingError(Exception):
    """One line for the operator: what is missing or wrong, by name, and what was expected."""


class _Missing(Exception):
    """Nothing is set, and nothing stands in for it."""


@dataclass(frozen=True)
class Surroundings:
    """Where the program runs, as far as it decides what a right value is."""

    beside_emulator: bool = False
    in_cloud: bool = False
    keys_are_wrapped: bool = False

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Surroundings":
        """Only the record's emulator counts: beside it, nothing that is stored is anybody's."""

        def is_set(name: str) -> bool:
            return bool(environ.get(name, "").strip())

        return cls(
            beside_emulator=is_set("FIRESTORE_EMULATOR_HOST"),
            in_cloud=is_set("K_SERVICE"),  # Cloud Run sets it
            keys_are_wrapped=is_set("FIELD_KMS_KEY"),
        )

    @property
    def throwaway(self) -> bool:
        """On a developer's machine. An emulator's address in the cloud is a mistake: it permits nothing."""
        return self.beside_emulator and not self.in_cloud


@dataclass(frozen=True)
class Default(Generic[T]):
    """What holds where nothing is set: in `words`, as a table shows it, and as a value."""

    words: str
    value: "Callable[[Environment], T]"


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One variable. `parse` makes the value of its text, stripped and not empty, or raises ValueError."""

    name: str
    meaning: str
    expected: str
    parse: Callable[[str, Surroundings], T]
    default: Default[T]
    secret: bool = False

    @property
    def required(self) -> bool:
        """Whether there is no default, anywhere."""
        return self.default.words == NO_DEFAULT


class Environment:
    """The environment as it stood once, read by setting. Never changes."""

    __slots__ = ("_variables", "surroundings")

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)
        self.surroundings = Surroundings.of(self._variables)

    def __getitem__(self, setting: Setting[T]) -> T:
        """The value. Raises SettingError. What is set to nothing, or to blanks, counts as not set."""
        text = self._variables.get(setting.name, "").strip()  # secrets are often stored with a line's end
        try:
            return setting.parse(text, self.surroundings) if text else setting.default.value(self)
        except _Missing:
            problem = "is missing"
        except ValueError:
            problem = "is wrong"
        # Outside the handler: what was read must not be chained to it, and so be printed with it.
        raise SettingError(f"{setting.name} {problem}: expected {setting.expected}")

    def check(self, settings: Iterable[Setting[Any]]) -> None:
        """Raises SettingError with the problems of all of them, in one line."""
        problems: dict[str, None] = {}  # a set that keeps the order
        for setting in settings:
            try:
                self[setting]
            except SettingError as error:
                problems[str(error)] = None
        if problems:
            raise SettingError("; ".join(problems))


def missing(_: Environment) -> Never:
    """The value of a default where there is none."""
    raise _Missing


def always(words: str, constant: T) -> Default[T]:
    """The same value everywhere."""
    return Default(words, lambda _: constant)


def text(constant: str) -> Default[str]:
    """A value that is its own words."""
    return always(constant, constant)


def development(constant: T) -> Default[T]:
    """Fixed, so that one start reads what another stored; known to everybody, so never for real data."""

    def value_of(environment: Environment) -> T:
        return constant if environment.surroundings.throwaway else missing(environment)

    return Default("a fixed development key, beside an emulator only", value_of)


REQUIRED: Default[Any] = Default(NO_DEFAULT, missing)
