"""What is left out of a call, a file or a record says nothing by being left out: the rule, for a whole package."""

import dataclasses
import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from types import FunctionType, ModuleType, NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

NOTHING: tuple[object, ...] = ("", (), frozenset(), {}, False, 0, timedelta(0))


@dataclasses.dataclass(frozen=True)
class Default:
    """A field or a parameter that may be left out: what it may be, and what it is then."""

    kinds: frozenset[type]
    value: object

    @property
    def is_of_its_type(self) -> bool:
        """A number is not a yes or no, though Python says so."""
        is_bool = isinstance(self.value, bool)
        return any(isinstance(self.value, kind) and is_bool == (kind is bool) for kind in self.kinds)

    @property
    def says_nothing(self) -> bool:
        """What may be absent is absent, and everything else is empty."""
        return self.value is None if NoneType in self.kinds else self.value in NOTHING


def classes(package: ModuleType) -> list[type]:
    """All that a package's modules define."""
    found = {thing for module in _modules(package) for thing in vars(module).values() if inspect.isclass(thing)}
    ours = (one for one in found if one.__module__.startswith(f"{package.__name__}."))
    return sorted(ours, key=lambda one: one.__name__)


def words(package: ModuleType) -> list[type[StrEnum]]:
    """Its enumerations of words."""
    return [one for one in classes(package) if issubclass(one, StrEnum)]


def defaults(package: ModuleType) -> dict[str, Default]:
    """All its fields and parameters that may be left out, by their places: 'Class.field', 'function(parameter)'."""
    return {place: Default(frozenset(_kinds(annotation)), value) for place, annotation, value in _all(package)}


def _modules(package: ModuleType) -> list[ModuleType]:
    return [importlib.import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)]


def _all(package: ModuleType) -> Iterator[tuple[str, Any, object]]:
    for one in classes(package):
        yield from _fields(one)
        for method in vars(one).values():
            yield from _parameters(method, package)
    for module in _modules(package):
        for function in vars(module).values():
            yield from _parameters(function, package)


def _fields(one: type) -> Iterator[tuple[str, Any, object]]:
    if issubclass(one, BaseModel):
        for name, field in one.model_fields.items():
            value = field.get_default(call_default_factory=True, validated_data={})
            if value is not PydanticUndefined:
                yield f"{one.__name__}.{name}", field.annotation, value
    elif dataclasses.is_dataclass(one):
        for part in dataclasses.fields(one):
            factory = part.default_factory
            value = part.default if factory is dataclasses.MISSING else factory()
            if value is not dataclasses.MISSING:
                yield f"{one.__name__}.{part.name}", get_type_hints(one)[part.name], value


def _parameters(thing: object, package: ModuleType) -> Iterator[tuple[str, Any, object]]:
    function = getattr(thing, "__func__", thing)
    if not isinstance(function, FunctionType) or not function.__module__.startswith(f"{package.__name__}."):
        return
    if function.__name__.startswith("__"):  # a dataclass's own, whose fields are looked at
        return
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not inspect.Parameter.empty:
            yield f"{function.__qualname__}({name})", parameter.annotation, parameter.default


def _kinds(annotation: Any) -> Iterator[type]:
    origin = get_origin(annotation)
    if origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from _kinds(one)
    elif origin is Annotated:
        yield from _kinds(get_args(annotation)[0])
    else:
        yield origin or annotation or types.NoneType
