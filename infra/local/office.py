"""The people of the office that runs on this machine: made up, one or two at each desk."""

from dataclasses import dataclass

from google.cloud import firestore


@dataclass(frozen=True)
class LocalStaff:
    """One row of the staff list."""

    email: str
    name: str
    role: str
    whatsapp: str


STAFF = (
    LocalStaff("ani@aduan.local", "Ani Lestari", "whatsapp_admin", "+6281100000001"),
    LocalStaff("budi@aduan.local", "Budi Santoso", "whatsapp_admin", "+6281100000002"),
    LocalStaff("citra@aduan.local", "Citra Wulandari", "section_head", "+6281100000003"),
    LocalStaff("dewi@aduan.local", "Dewi Rahmawati", "division_head", "+6281100000004"),
    LocalStaff("eko@aduan.local", "Eko Prasetyo", "agency_head", "+6281100000005"),
    LocalStaff("fajar@aduan.local", "Fajar Nugroho", "database_admin", "+6281100000006"),
)


def seat(client: firestore.Client) -> None:
    """Write the staff list, where nobody is on it yet."""
    if next(iter(client.collection("staff").limit(1).stream()), None) is not None:
        return
    for person in STAFF:
        row = {"name": person.name, "role": person.role, "whatsapp": person.whatsapp, "active": True}
        client.document(f"staff/{person.email}").set(row)
