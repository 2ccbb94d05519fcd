"""An office in the middle of its morning: complaints wherever a complaint can stand, one of them from hell."""

from collections.abc import Callable
from dataclasses import dataclass

from infra.local.whatsapp_phone import Phone
from tests.browser.place import Place
from tests.end_to_end.scenes import ANSWER, NOTE, numbers_in
from tests.end_to_end.world import ADB, ADMIN, ADMIN2, KASI, SET_FORMAT, World

HEAD_OF_CIVIL = "hana@office.test"
LEFT = "indra@office.test"

LONG_WORD = "Sangatpanjangsekalitanpaspasi" * 6
STRANGE = (
    f"{LONG_WORD} <script>alert('x')</script><img src=x onerror=alert(1)> {{{{ 7 * 7 }}}} & \"kutip\" "
    "👩‍👩‍👧‍👦🙏🏽 مرحبا "
    "https://contoh.test/?cari=1&lagi=2#bagian\n\n\n  * tebal *  Tel. 0812 3456 7890, NIK 3402014107900001."
)
STRANGE_NAME = f"<b>Siti</b> 🌸 {LONG_WORD[:60]}"
STRANGE_FORMAT = f"Layanan: akta lahir\nNama: Siti {LONG_WORD[:60]}\nNIK: 3402014107900001\nAduan: {STRANGE}"


@dataclass(frozen=True)
class Scene:
    """A place, and in it the address of each complaint by how it stands."""

    place: Place
    addresses: dict[str, str]

    @property
    def world(self) -> World:
        """What stands behind the pages."""
        return self.place.world


def a_full_morning(place: Place) -> Scene:
    """Half an hour of work, and what came since."""
    world = place.world
    _people(world)
    early = {"overdue": _submitted(world, 1), "escalated": _received(world, 2), "draft": _drafted(world, 3)}
    world.advance(minutes=31)
    fresh = {name: make(world, phone) for phone, (name, make) in enumerate(_FRESH.items(), 10)}
    return Scene(place, {**early, **fresh, "strange_draft": _drafted(world, 4, STRANGE)})


def _people(world: World) -> None:
    """Beside the six of every world: one with a name that does not fit, one who has left."""
    world.put_staff(
        HEAD_OF_CIVIL,
        name=f"Hana <i>Lestari</i> {LONG_WORD[:80]}",
        role="section_head",
        whatsapp="+6281100000007",
        active=True,
        units=["civil_registration"],
        acting_for=["division_head", "agency_head"],
    )
    world.put_staff(LEFT, name="Indra", role="whatsapp_admin", whatsapp="", active=False)


def _citizen(world: World, phone: int, name: str = "Siti Aminah") -> Phone:
    return world.citizen(f"+62812777000{phone:02}", name=name)


def _submitted(world: World, phone: int, text: str = SET_FORMAT) -> str:
    citizen = _citizen(world, phone)
    assert citizen.write(text) == 200
    world.settle()
    return numbers_in(citizen.inbox[-1].text)[0]


def _drafted(world: World, phone: int, text: str = "Selamat pagi, saya mau tanya soal KTP saya.") -> str:
    before = {row["id"] for row in world.complaints("?status=draft")}
    assert _citizen(world, phone).write(text) == 200
    world.settle()
    (new,) = {row["id"] for row in world.complaints("?status=draft")} - before
    return str(new)


def _received(world: World, phone: int) -> str:
    number = _submitted(world, phone)
    world.did(number, "receive", ADMIN)
    return number


def _checked(world: World, phone: int) -> str:
    """The ADB is asked, the citizen wrote again, and the numbers were looked at."""
    number = _received(world, phone)
    world.did(number, "ask_database_admin", ADMIN, note="Apakah sudah direkam?")
    world.did(number, "unmask", ADMIN)
    _citizen(world, phone).write("Mohon dipercepat, ini sangat penting.")
    world.settle()
    return number


def _waiting(world: World, phone: int) -> str:
    number = _received(world, phone)
    world.did(number, "ask_complainant", ADMIN, question="Kapan Anda merekam KTP?")
    return number


def _forwarded(world: World, phone: int) -> str:
    number = _submitted(world, phone)
    world.did(number, "forward", ADMIN, note=NOTE)
    return number


def _verified(world: World, phone: int) -> str:
    number = _forwarded(world, phone)
    world.did(number, "verify", KASI, note=NOTE)
    return number


def _with_the_division(world: World, phone: int) -> str:
    number = _forwarded(world, phone)
    world.did(number, "forward", KASI, note=NOTE)
    return number


def _responded(world: World, phone: int) -> str:
    number = _forwarded(world, phone)
    world.did(number, "respond", KASI, note=NOTE, answer=ANSWER)
    return number


def _answered(world: World, phone: int) -> str:
    number = _received(world, phone)
    world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    return number


def _undelivered(world: World, phone: int) -> str:
    number = _received(world, phone)
    world.whatsapp.fail_next(code=131026, as_status=True)
    world.did(number, "settle", ADMIN, note=NOTE, answer=ANSWER)
    return number


def _refused(world: World, phone: int) -> str:
    number = _answered(world, phone)
    world.did(number, "refuse", KASI, note="Loketnya salah.")
    return number


def _closed(world: World, phone: int) -> str:
    number = _answered(world, phone)
    world.did(number, "approve", KASI)
    return number


def _strange(world: World, phone: int) -> str:
    """Whoever can write something into it writes something odd."""
    number = _submitted(world, phone, STRANGE_FORMAT)
    world.did(number, "forward", ADMIN2, note=STRANGE)
    world.did(number, "ask_database_admin", HEAD_OF_CIVIL, note=STRANGE)
    world.did(number, "reply_data_check", ADB, note=STRANGE)
    world.did(number, "ask_complainant", HEAD_OF_CIVIL, question=STRANGE)
    _citizen(world, phone, STRANGE_NAME).write(STRANGE)
    world.settle()
    world.did(number, "respond", HEAD_OF_CIVIL, note=STRANGE, answer=STRANGE)
    return number


_FRESH: dict[str, Callable[[World, int], str]] = {
    "new": _submitted,
    "held": _received,
    "checked": _checked,
    "waiting": _waiting,
    "forwarded": _forwarded,
    "verified": _verified,
    "division": _with_the_division,
    "responded": _responded,
    "answered": _answered,
    "undelivered": _undelivered,
    "refused": _refused,
    "closed": _closed,
    "strange": _strange,
}
