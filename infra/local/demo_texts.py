"""Invented people and what they might write; nobody of these names has complained of anything."""

PEOPLE = (
    "Siti Aminah", "Bambang Suryono", "Rina Kusuma", "Agus Widodo", "Sri Wahyuni", "Joko Susilo", "Dwi Astuti",
    "Eka Putri", "Slamet Riyadi", "Nur Hidayah", "Tri Handoko", "Yuni Kartika", "Heru Prabowo", "Maya Sari",
)  # fmt: skip

COMPLAINTS = (
    ("KTP", "KTP saya belum jadi sejak perekaman dua bulan lalu. Mohon informasinya."),
    ("KTP", "Foto di KTP baru bukan foto saya. Bagaimana cara memperbaikinya?"),
    ("KTP", "KTP hilang dan sudah ada surat dari polisi, tetapi permohonan cetak ulang belum diproses."),
    ("KK", "Nama anak kedua saya di kartu keluarga salah satu huruf."),
    ("KK", "Sudah seminggu mengajukan tambah anggota keluarga, statusnya masih menunggu."),
    ("KK", "Kartu keluarga kami masih memakai alamat lama padahal sudah pindah."),
    ("akta kelahiran", "Akta kelahiran anak belum dikirim, sudah lewat tanggal yang dijanjikan."),
    ("akta kelahiran", "Tanggal lahir di akta tidak sama dengan surat dari rumah sakit."),
    ("akta kematian", "Permohonan akta kematian ayah saya ditolak tanpa alasan."),
    ("KIA", "KIA anak saya tidak bisa diambil, katanya blangko habis."),
    ("pindah", "Surat pindah dari kabupaten lain belum terbaca di sistem."),
    ("IKD", "Aktivasi identitas digital gagal terus saat memindai kode."),
)

NOTES = (
    "Data pemohon sudah dicocokkan dengan arsip.",
    "Berkas lengkap, dokumen ada di loket pengambilan.",
    "Perlu pemeriksaan data di tingkat seksi.",
    "Data di sistem berbeda dengan arsip; perlu keputusan di atas.",
    "Sudah dihubungi petugas kecamatan, hasilnya sesuai.",
)

ANSWERS = (
    "Dokumen Anda sudah selesai dan dapat diambil di loket 3 dengan membawa KTP asli.",
    "Perbaikan data sudah kami proses. Dokumen baru dapat diambil tiga hari kerja lagi.",
    "Permohonan Anda sudah kami periksa. Mohon lengkapi surat pengantar dari kelurahan, lalu ajukan kembali.",
    "Pencetakan tertunda karena blangko terbatas. Kami kabari begitu dokumen Anda siap.",
)

QUESTIONS = (
    "Kapan Anda mengajukan permohonan, dan di kecamatan mana?",
    "Mohon kirim foto kartu keluarga yang lama.",
)
