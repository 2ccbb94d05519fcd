"""What things are called on the pages: statuses, events, acts and their fields, in the office's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from aduan.procedure.complaint import Status
from aduan.procedure.definition import ActName, ApprovalMoment
from aduan.procedure.events import EventType
from aduan.service import limits
from aduan.service.channel import MessageKind
from aduan.service.fields import NOTE_MOST
from aduan.service.model import RowState
from aduan.service.unmasking import ACT as UNMASK

STATUSES: Mapping[Status, str] = MappingProxyType(
    {
        Status.DRAFT: "Draf",
        Status.OPEN: "Sedang ditangani",
        Status.WAITING: "Menunggu pemohon",
        Status.ANSWERED: "Sudah dijawab",
        Status.CLOSED: "Selesai",
    }
)

EVENTS: Mapping[EventType, str] = MappingProxyType(
    {
        EventType.SUBMITTED: "Aduan didaftarkan",
        EventType.RECEIVED: "Aduan diterima",
        EventType.VERIFIED: "Terverifikasi",
        EventType.FORWARDED: "Diteruskan",
        EventType.ESCALATED: "Dieskalasi",
        EventType.RESPONDED: "Ditanggapi",
        EventType.ANSWERED: "Jawaban diserahkan untuk dikirim",
        EventType.DELIVERED: "Jawaban sampai di pemohon",
        EventType.SEND_FAILED: "Jawaban gagal terkirim",
        EventType.APPROVED: "Jawaban disetujui",
        EventType.REFUSED: "Jawaban ditolak",
        EventType.DISMISSED: "Draf ditutup",
        EventType.BREACHED: "Melewati batas waktu",
        EventType.ALERTED: "Peringatan dikirim",
        EventType.REMINDED: "Pengingat dikirim",
        EventType.WAITING: "Pertanyaan dikirim ke pemohon, waktu berhenti",
        EventType.RESUMED: "Waktu berjalan lagi",
        EventType.DATA_CHECK_ASKED: "Cek data diminta",
        EventType.DATA_CHECK_ANSWERED: "Cek data dijawab",
        EventType.TAKEN_OVER: "Aduan diambil",
        EventType.MESSAGE_ADDED: "Pesan dari pemohon",
        EventType.UNMASKED: "NIK dan nomor telepon ditampilkan",
        EventType.CLOSED: "Selesai",
        EventType.REOPENED: "Dibuka lagi",
        EventType.WITHDRAWN: "Dicabut oleh pemohon",
        EventType.RATED: "Dinilai oleh pemohon",
        EventType.ERASED: "Data pribadi dihapus",
    }
)

DELIVERY: Mapping[RowState, str] = MappingProxyType(
    {
        RowState.PENDING: "menunggu dikirim",
        RowState.SENDING: "sedang dikirim",
        RowState.SENT: "terkirim",
        RowState.DELIVERED: "diterima",
        RowState.READ: "dibaca",
        RowState.FAILED: "gagal",
        RowState.DROPPED: "tidak jadi dikirim",
    }
)

ATTACHMENTS: Mapping[MessageKind, str] = MappingProxyType(
    {
        MessageKind.IMAGE: "lampiran (gambar)",
        MessageKind.VIDEO: "lampiran (video)",
        MessageKind.DOCUMENT: "lampiran (dokumen)",
        MessageKind.STICKER: "stiker",
        MessageKind.AUDIO: "lampiran (suara)",
        MessageKind.LOCATION: "lokasi",
        MessageKind.CONTACTS: "kontak",
        MessageKind.REACTION: "reaksi",
        MessageKind.EDIT: "pesan diubah",
        MessageKind.REVOKE: "pesan dihapus",
        MessageKind.ORDER: "pesanan",
        MessageKind.NUMBER_CHANGED: "nomor WhatsApp diganti",
        MessageKind.UNREADABLE: "pesan yang belum dapat dibaca",
    }
)
"""Kinds of messages that have no text of their own; text, taps and forms speak for themselves."""


@dataclass(frozen=True)
class ActWords:
    """How an act is offered: the button's words, what it brings about, what its note is called.

    `unapproved`: what it brings about where somebody else has to approve, by when the office wants that.
    """

    verb: str
    explanation: str
    note: str = "Catatan Tindak Lanjut"
    note_hint: str = "Apa yang diperiksa dan hasilnya."
    unapproved: Mapping[ApprovalMoment, str] = field(default_factory=dict)


ACTS: Mapping[str, ActWords] = MappingProxyType(
    {
        ActName.REGISTER: ActWords(
            "Daftarkan aduan",
            "Aduan didaftarkan atas nama pemohon. Pemohon menerima nomor aduan.",
        ),
        ActName.DISMISS: ActWords(
            "Tutup draf",
            "Untuk ucapan terima kasih, pesan iklan, atau salah nomor. Draf tidak menjadi aduan.",
            "Alasan",
            "Mengapa ini bukan aduan.",
        ),
        ActName.RECEIVE: ActWords("Terima aduan", "Anda memegang aduan ini dan mulai memverifikasi."),
        ActName.SETTLE: ActWords(
            "Selesaikan dan jawab",
            "Jawaban langsung dikirim ke pemohon. Dengan ini Anda juga menyetujuinya.",
            unapproved={
                ApprovalMoment.AFTER_SENDING: "Jawaban langsung dikirim ke pemohon, lalu menunggu persetujuan.",
                ApprovalMoment.BEFORE_SENDING: "Jawaban diserahkan untuk disetujui dulu, baru dikirim ke pemohon.",
            },
        ),
        ActName.FORWARD: ActWords(
            "Teruskan",
            "Bila tidak dapat diselesaikan di meja Anda.",
            note_hint="Apa yang sudah diperiksa, dan apa yang kurang.",
        ),
        ActName.VERIFY: ActWords(
            "Nyatakan dapat diselesaikan",
            "Tahap berikutnya adalah tanggapan Anda; waktunya dihitung tersendiri.",
        ),
        ActName.RESPOND: ActWords(
            "Tanggapi aduan",
            "Jawaban diserahkan untuk dikirim. Dengan ini Anda juga menyetujuinya.",
            unapproved=dict.fromkeys(ApprovalMoment, "Jawaban diserahkan untuk dikirim."),
        ),
        ActName.ANSWER: ActWords(
            "Kirim jawaban",
            "Jawaban dikirim ke pemohon lewat WhatsApp.",
            unapproved={
                ApprovalMoment.AFTER_SENDING: "Jawaban dikirim ke pemohon lewat WhatsApp. "
                "Bila isinya diubah, jawaban menunggu persetujuan lagi.",
                ApprovalMoment.BEFORE_SENDING: "Jawaban dikirim ke pemohon lewat WhatsApp. "
                "Isinya harus tetap seperti yang disetujui.",
            },
        ),
        ActName.RESEND: ActWords("Kirim ulang jawaban", "Jawaban yang sama dikirim sekali lagi."),
        ActName.APPROVE: ActWords("Setujui jawaban", "Aduan selesai setelah jawaban disetujui dan diterima pemohon."),
        ActName.REFUSE: ActWords(
            "Tolak jawaban",
            "Aduan kembali untuk diverifikasi lagi. Pemohon diberi tahu bahwa jawaban yang benar menyusul.",
            "Alasan penolakan",
            "Apa yang salah, dan apa yang harus diperbaiki.",
        ),
        ActName.ASK_COMPLAINANT: ActWords(
            "Tanya pemohon",
            "Waktu berhenti sampai pemohon menjawab, Anda bertindak, atau batas tunggu habis.",
        ),
        ActName.ASK_DATABASE_ADMIN: ActWords(
            "Minta cek data",
            "Waktu tahap tetap berjalan.",
            "Yang perlu dicek",
            "Data apa yang harus diperiksa. Pemeriksa dapat membuka NIK pemohon sendiri.",
        ),
        ActName.REPLY_DATA_CHECK: ActWords(
            "Jawab cek data",
            "Hasil cek masuk ke catatan aduan.",
            "Hasil cek data",
            "Apa yang Anda temukan di basis data.",
        ),
        ActName.TAKE_OVER: ActWords(
            "Ambil alih",
            "Aduan pindah ke tangan Anda pada tahap yang sama. Batas waktunya tidak berubah, "
            "dan pemegang sebelumnya tidak dapat lagi bertindak.",
        ),
        UNMASK: ActWords(
            "Tampilkan NIK dan nomor telepon",
            "Ditampilkan sekali, dan tercatat atas nama Anda dalam riwayat.",
        ),
    }
)

LIKELIEST: Final = (
    ActName.REGISTER,
    ActName.REPLY_DATA_CHECK,
    ActName.RECEIVE,
    ActName.APPROVE,
    ActName.ANSWER,
    ActName.RESPOND,
    ActName.SETTLE,
    ActName.TAKE_OVER,
    ActName.FORWARD,
    ActName.VERIFY,
    ActName.ASK_COMPLAINANT,
    ActName.ASK_DATABASE_ADMIN,
    ActName.REFUSE,
    ActName.DISMISS,
    ActName.RESEND,
)
"""Of the acts that somebody may do, the one that comes first here is the one they most likely came for."""

FIELD_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "category": "Layanan",
        "description": "Isi aduan",
        "answer": "Jawaban untuk pemohon",
        "question": "Pertanyaan untuk pemohon",
    }
)

FIELD_HINTS: Mapping[str, str] = MappingProxyType(
    {
        "category": "Aduan masuk ke unit yang menangani layanan ini.",
        "description": f"Dengan kata pemohon sendiri. Paling banyak {NOTE_MOST} huruf.",
        "answer": f"Dikirim lewat WhatsApp. Paling banyak {limits.TEXT} huruf.",
        "question": f"Dikirim lewat WhatsApp. Paling banyak {limits.TEXT} huruf.",
    }
)
