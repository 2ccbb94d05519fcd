"""What is built at its first use, once, whoever asks first."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    built = cached_property
else:

    class built(cached_property):  # noqa: N801 - reads as what it is, a decorator
        """A cached property that all threads of a worker may ask for at once: it is built by one of them."""

        def __get__(self, house: Any, owner: Any = None) -> Any:
            if house is None:
                return self
            with house.building:
                return super().__get__(house, owner)
