"""The notes that the program itself writes into the record, in the office's language.

IKMT-PIAK-01-06, steps 3 to 6: each hand-over leaves a 'Catatan Tindak Lanjut'; so does one that happens by
itself.
"""

from aduan.procedure.complaint import Complaint
from aduan.procedure.definition import Procedure, Step
from aduan.procedure.effects import AlertReason
from aduan.procedure.roles import Role

_ALERTS = {
    AlertReason.STEP_LATE: "Waktu tahap ini habis",
    AlertReason.DESK_VACANT: "Belum ada petugas di meja ini",
    AlertReason.TOTAL_LATE: "Total waktu habis dan aduan belum dijawab",
    AlertReason.APPROVAL_WAITING: "Jawaban belum disetujui",
    AlertReason.STILL_STANDING: "Masuk daftar harian",
}


def alert_note(procedure: Procedure, reason: AlertReason, told: tuple[Role, ...]) -> str:
    """What an alert said, and to whom."""
    return f"{_ALERTS[reason]}. Diberitahukan kepada: {procedure.named(told)}."


def escalation_note(procedure: Procedure, complaint: Complaint, step: Step) -> str:
    """Why it moved, what was done until then, and what is missing."""
    done = f"dipegang oleh {complaint.holder}" if complaint.holder else "belum ada petugas yang mengambil"
    if complaint.waited:
        done += ", pemohon pernah ditanya"
    missing = "hasil verifikasi dan Catatan Tindak Lanjut"
    if complaint.data_check:
        missing += f", jawaban {procedure.titles[Role.DATABASE_ADMIN]}"
    return (
        f"Dieskalasi otomatis: tahap {step.number} ({step.name}) melewati {step.standard.minutes} menit. "
        f"Yang sudah dilakukan: {done}. Yang belum ada: {missing}."
    )
