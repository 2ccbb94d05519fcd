"""The Graph API, as the commands use it: one call, one answer, nothing sent twice by itself."""

import re
import ssl
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import httpx

from infra.whatsapp.refusals import NoAnswer, Refused
from infra.whatsapp.screen import Screen

JsonObject = dict[str, Any]

# Seconds. Meta answers a change of the callback only after the callback answered, which may have to start first.
TIMEOUT: Final = httpx.Timeout(60, connect=10)
PAGE: Final = 100
_INVALID_PARAMETER: Final = 100
_NO_SUCH_FIELD: Final = re.compile(r"nonexisting field \((\w+)\)")


@cache
def _trust() -> ssl.SSLContext:
    # Reading all certificates takes longer than a request.
    return httpx.create_ssl_context()


class Graph:
    """Meta's Graph API at `base`/`version`, with the office's token.

    A dry run makes the requests that only read, makes none that writes, and shows all of them.
    """

    def __init__(self, base: str, version: str, token: str, screen: Screen, *, dry_run: bool = False) -> None:
        self.dry_run = dry_run
        self._root = f"{base}/{version}"
        self._token = token
        self._screen = screen
        self._client = httpx.Client(timeout=TIMEOUT, verify=_trust())

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def read(self, path: str, parameters: Mapping[str, str], *, token: str | None = None) -> JsonObject:
        """GET. Raises `Refused`, `NoAnswer`."""
        return self._ask("GET", path, parameters, token, params=dict(parameters))

    def fields(self, node: str, names: Sequence[str], *, token: str | None = None) -> JsonObject:
        """Those fields of a node that Meta knows: one that this version no longer has is left out, and said.

        Raises `Refused`, `NoAnswer`.
        """
        wanted = list(names)
        while True:
            try:
                return self.read(node, {"fields": ",".join(wanted)}, token=token)
            except Refused as refused:
                unknown = _NO_SUCH_FIELD.search(refused.error.sentence)
                if refused.error.code != _INVALID_PARAMETER or unknown is None or unknown[1] not in wanted:
                    raise
                wanted.remove(unknown[1])
                self._screen.note(f"Meta has no {unknown[1]!r} in this version: it is left out")

    def pages(self, path: str, parameters: Mapping[str, str]) -> Iterator[JsonObject]:
        """All rows of a list. Raises `Refused`, `NoAnswer`."""
        asked = dict(parameters) | {"limit": str(PAGE)}
        while True:
            page = self.read(path, asked)
            yield from page.get("data", [])
            paging = page.get("paging", {})
            if "next" not in paging:
                return
            asked["after"] = paging["cursors"]["after"]

    def write(self, path: str, body: Mapping[str, object], *, token: str | None = None) -> JsonObject | None:
        """POST of a JSON body; None in a dry run. Raises `Refused`, `NoAnswer`."""
        if self.dry_run:
            self._screen.request("POST", f"{self._root}/{path}", body, token or self._token, made=False)
            return None
        return self._ask("POST", path, body, token, json=dict(body))

    def _ask(
        self, method: str, path: str, parts: Mapping[str, object], token: str | None, **content: Any
    ) -> JsonObject:
        bearer = token or self._token
        if self.dry_run:
            self._screen.request(method, f"{self._root}/{path}", parts, bearer, made=True)
        try:
            headers = {"Authorization": f"Bearer {bearer}"}
            answer = self._client.request(method, f"{self._root}/{path}", headers=headers, **content)
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        if not answer.is_success:
            raise Refused.read(answer.status_code, answer.content)
        try:
            said = answer.json()
        except ValueError as error:
            raise NoAnswer("what answered is not the Graph API: look at WHATSAPP_API_BASE") from error
        if not isinstance(said, dict):
            raise NoAnswer("what answered is not the Graph API: look at WHATSAPP_API_BASE")
        return said
