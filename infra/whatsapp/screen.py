"""What the technician sees. Requests and Meta's words pass here, so that no secret in them does."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from infra.whatsapp.explanations import explained
from infra.whatsapp.refusals import NoAnswer, Refused

# Whatever looks like a token of Meta's is one, whoever repeats it.
_A_TOKEN: Final = re.compile(r"\bEAA\w{8,}")


class Screen:
    """Lines for a person: 'ok', 'BAD' with what to do, or a note. `secrets` maps a secret to the name shown for it."""

    def __init__(self, write: Callable[[str], None], secrets: Mapping[str, str]) -> None:
        self.problems = 0
        self._write = write
        # The longest first: one secret may be a part of another.
        self._secrets = sorted(secrets.items(), key=lambda item: -len(item[0]))

    def heading(self, words: str) -> None:
        self._say(f"\n{words}")

    def good(self, words: str) -> None:
        self._say(f"ok   {words}")

    def note(self, words: str) -> None:
        self._say(f"     {words}")

    def bad(self, words: str, *, do: str, means: str = "") -> None:
        """Something wrong, and what to do about it."""
        self.problems += 1
        self._say(f"BAD  {words}")
        if means:
            self.note(f"means: {means}")
        self.note(f"do:    {do}")

    def refused(self, words: str, why: Refused | NoAnswer) -> None:
        """Meta refused something, or nobody answered."""
        if isinstance(why, NoAnswer):
            self.bad(f"{words}: no answer ({why})", do="Look at this machine's network, then try once more.")
            return
        explanation = explained(why.error, why.status)
        self.bad(f"{words}: {self._masked(str(why))}", means=explanation.meaning, do=explanation.remedy)
        if why.error.fbtrace_id:
            self.note(f"Meta's support asks for this trace: {why.error.fbtrace_id}")

    def request(self, method: str, url: str, parts: Mapping[str, object], token: str, *, made: bool) -> None:
        """One request of a dry run: `parts` are its parameters, or its body."""
        self._say(f"{'made' if made else 'NOT MADE'}: {method} {url}")
        self.lines(map(self._masked, _shown(parts)))
        self.note(f"Authorization: Bearer {self._masked(token)}")

    def lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.note(line)

    def _masked(self, words: str) -> str:
        # Our own words are left alone: a verify token may be a word of theirs, and a hole in them would tell it.
        for secret, name in self._secrets:
            words = words.replace(secret, f"({name})")
        return words

    def _say(self, words: str) -> None:
        self._write(_A_TOKEN.sub("(a token)", words))


def _shown(parts: Mapping[str, object]) -> list[str]:
    return [
        f"{name} = {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in parts.items()
    ]
