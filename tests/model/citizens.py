"""Citizens write: in the set format or not, late, twice, out of order, under several names, from a new number."""

import copy
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from aduan.service.channel import Address, InboundMessage, Media, MessageKind
from tests.model.acts import add_message, discard, submit
from tests.model.bench import Bench, Taken, Writer, counted, picked
from tests.model.case import Case, Told, begun
from tests.model.office import Crash
from tests.model.people import UNITS

PICK = st.integers(0, 2**16)
CRASHES = st.sampled_from((None,) * 10 + ("before", "after"))
LATENESS = st.sampled_from((0,) * 8 + (1, 30, 20 * 60, 5 * 3600))  # seconds
MOST_WRITERS = 6
MOST_OPEN, MOST_DRAFTS = 8, 2
SET_FORMAT = (
    "Layanan: {}\nNama: Siti Aminah\nNIK: 3402014107900001\nAduan: Berkas saya belum jadi sejak dua bulan lalu."
)
SERVICES = {"KTP": UNITS[0], "Akta kelahiran": UNITS[1]}
WORDS = (
    "Selamat pagi", "KTP", "Siti Aminah", "3402014107900001", "ya", "tidak", "batal", "terima kasih", "", "123",
    "KTP saya belum jadi sejak dua bulan yang lalu, mohon bantuan",
)  # fmt: skip
TAPS = ("confirm:send", "confirm:edit", "confirm:cancel", "service:identity_card", "edit:name", "edit:nik")
FILES = ("image", "audio", "document", "unreadable", "sticker")
ASIDES = ("reaction", "edit", "revoke")
NEW_NUMBER = "new number"
ELSE = (*TAPS, *FILES, *ASIDES, "STATUS", "STATUS", "bantuan", NEW_NUMBER, NEW_NUMBER)


class Citizens(Bench):
    """What citizens do."""

    def _writer(self, pick: int) -> Writer:
        """One who wrote before, or somebody new."""
        writers = self.book.writers
        index = pick % (MOST_WRITERS // 2)
        while len(writers) <= index:
            number = len(writers)
            bsuid = f"ID.{number}" if number % 2 else None
            writers.append(Writer(phone=f"+62812{number:07}", bsuid=bsuid))
        return writers[pick % len(writers)] if len(writers) > MOST_WRITERS // 2 else writers[index]

    def _write(self, who: int, verb: str, late: int, crash: str | None = None, **content: Any) -> None:
        self.write(self._writer(who), verb, late, crash, **content)

    def write(self, writer: Writer, verb: str, late: int, crash: str | None = None, **content: Any) -> None:
        """One message of somebody's, and what becomes of it."""
        number = next(self.numbers)
        sender = Address(phone=writer.phone, bsuid=writer.bsuid)
        if writer.bsuid and writer.known_by_both:
            sender = picked((sender, Address(phone=writer.phone), Address(bsuid=writer.bsuid)), number)
        message = InboundMessage(
            **{
                "wamid": f"wamid.in.{number}",
                "at": self.office.clock.now - timedelta(seconds=late),
                "sender": sender,
                "kind": MessageKind.TEXT,
                "raw": f'{{"id": {number}}}',
                **content,
            }
        )
        self._take(writer, message, verb, crash)

    def _take(self, writer: Writer, message: InboundMessage, verb: str, crash: str | None = None) -> None:
        died = False
        self.office.store.die(crash)
        try:
            self.office.house.intake.take(message)
        except Crash:  # no 200: WhatsApp sends it again
            died = True
            self.book.untaken.append((writer, message, verb))
        finally:
            self.office.store.die(None)
        commits = self.commits()
        if message.wamid in self.book.taken:
            assert not commits, "a message that comes again changes nothing"
            return
        assert len(commits) == (0 if died and crash == "before" else 1), "a message is one commit"
        if commits:
            self._took(writer, message, verb, commits)

    def _took(self, writer: Writer, message: InboundMessage, verb: str, commits: list[Any]) -> None:
        kept = commits[0].message
        assert (kept.wamid, kept.raw, kept.at, kept.text) == (message.wamid, message.raw, message.at, message.text)
        self._is_the_same_person(writer, message, kept.citizen)
        standing = self.book.cases.get(writer.current or "")
        told = Told()
        if verb == "aside" or (verb == "tap" and standing and standing.status not in ("draft", "closed")):
            self.expect(commits, [], told, spare=1)
            assert kept.complaint == writer.current
        else:
            case = self._goes_to(writer, message, verb, standing, kept.complaint)
            self._changes(case, message, verb, told)
            case.messages += 1
            writer.current = case.id
            self.keep(case)
            self.expect(commits, [case], told, spare=1)
            assert kept.complaint == case.id
        self.tally.messages += 1
        self.book.taken[message.wamid] = Taken(writer, message, kept.complaint)

    def _is_the_same_person(self, writer: Writer, message: InboundMessage, citizen: str) -> None:
        others = {other.id for other in self.book.writers if other is not writer}
        assert citizen not in others, "two people are one to us"
        assert writer.id in (None, citizen), "one person is two to us"
        writer.id = citizen
        writer.known_by_both = writer.known_by_both or message.sender == Address(writer.phone, writer.bsuid)
        if message.new_sender and message.new_sender.phone:
            heir = Writer(phone=writer.phone)
            writer.phone = message.new_sender.phone
            if len(self.book.writers) < MOST_WRITERS:
                self.book.writers.append(heir)

    def _goes_to(
        self, writer: Writer, message: InboundMessage, verb: str, standing: Case | None, kept_with: str
    ) -> Case:
        """The complaint that a message belongs to: what stands, or a new draft."""
        known = standing is not None and standing.status != "closed"
        if standing is not None and known and (verb != "another" or (standing.status == "draft" and not standing.rung)):
            return copy.deepcopy(standing)
        assert kept_with not in self.book.cases, "it begins a complaint of its own"
        return begun(self.world, kept_with, writer.id or "", message.at)

    def _changes(self, case: Case, message: InboundMessage, verb: str, told: Told) -> None:
        """What the message does. Only where a conversation leads is learnt from the record."""
        if case.status != "draft":
            add_message(case, self.world, message.at)
            return
        head = self.book.heads[case.id]
        assert verb != "set format" or head.status.value == "open", "the set format is a complaint"
        if head.status.value == "open":
            assert head.number == f"ADU-{case.id}"
            unit = next((u for name, u in SERVICES.items() if f"Layanan: {name}" in (message.text or "")), None)
            submit(case, self.world, told, unit or head.unit or "")
        elif head.status.value == "closed":
            discard(case)

    def _change_number(self, writer: Writer) -> None:
        """WhatsApp says so itself. What is still to come from the old number would be somebody else's."""
        if writer.id is None or any(waiting is writer for waiting, _, _ in self.book.untaken):
            return
        number = next(self.numbers)
        message = InboundMessage(
            f"wamid.in.{number}", self.office.clock.now, Address(phone=writer.phone), MessageKind.NUMBER_CHANGED,
            f'{{"id": {number}}}', new_sender=Address(phone=f"+62813{number:07}"),
        )  # fmt: skip
        self._take(writer, message, "aside")

    def _has_room(self) -> bool:
        return sum(case.status != "closed" for case in self.book.cases.values()) < MOST_OPEN

    def _has_few_drafts(self) -> bool:
        return self._has_room() and sum(case.status == "draft" for case in self.book.cases.values()) < MOST_DRAFTS

    # Rules

    @initialize(services=st.lists(st.sampled_from(sorted(SERVICES)), min_size=1, max_size=3))
    def complaints_are_there(self, services: list[str]) -> None:
        """A run without any would be one of refusals."""
        for who, service in enumerate(services):
            self._write(who, "set format", 0, text=SET_FORMAT.format(service))

    @precondition(_has_room)
    @counted(who=PICK, service=st.sampled_from(sorted(SERVICES)), late=LATENESS, crash=CRASHES)
    def citizen_writes_in_the_set_format(self, who: int, service: str, late: int, crash: str | None) -> None:
        self._write(who, "set format", late, crash, text=SET_FORMAT.format(service))

    @counted(who=PICK, text=st.sampled_from(WORDS), late=LATENESS, crash=CRASHES)
    def citizen_writes_freely(self, who: int, text: str, late: int, crash: str | None) -> None:
        self._write(who, "words", late, crash, text=text)

    @counted(who=PICK, what=st.sampled_from(ELSE), late=LATENESS)
    def citizen_sends_something_else(self, who: int, what: str, late: int) -> None:
        """A tap, a file, a reaction, a question to the program itself."""
        if what in TAPS:
            self._write(who, "tap", 0, kind=MessageKind.REPLY, text="(tombol)", reply_id=what)
        elif what in FILES:
            self._write(who, "words", late, kind=MessageKind(what), media=Media(f"media.{who}", "image/jpeg"))
        elif what == NEW_NUMBER:
            self._change_number(self._writer(who))
        elif what in ASIDES:
            self._write(who, "aside", late, kind=MessageKind(what))
        else:
            self._write(who, "aside", late, text=what)

    @precondition(_has_few_drafts)
    @counted(who=PICK, late=LATENESS)
    def citizen_begins_another(self, who: int, late: int) -> None:
        self._write(who, "another", late, text="ADUAN BARU")

    @precondition(lambda self: self.book.taken or self.book.untaken)
    @counted(which=PICK)
    def webhook_comes_again(self, which: int) -> None:
        """What was not confirmed first; else one that was."""
        untaken = self.book.untaken
        if untaken:
            self._take(*untaken.pop(which % len(untaken)))
            return
        taken = picked(list(self.book.taken.values()), which)
        self._take(taken.writer, taken.message, "words")
