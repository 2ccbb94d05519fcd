"""Numbers that name a person are hidden wherever a text is shown; numbers of complaints are not."""

import pytest

from aduan.service.masking import masked, summary


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("NIK 3402014107900001.", "NIK 3402••••••••••01."),
        ("3402 0141 0790 0001", "3402••••••••••01"),
        ("hubungi 0812-3456-7890 ya", "hubungi 0812••••••90 ya"),
        ("+6281234567890", "6281•••••••90"),
        ("loket 3, 14.05, tahun 2026", "loket 3, 14.05, tahun 2026"),
        ("aduan ADU-261124-23456", "aduan ADU-261124-23456"),
        ("draf D-261124-23456", "draf D-261124-23456"),
        ("", ""),
    ],
)
def test_the_middle_of_a_long_number_is_hidden(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_a_summary_is_masked_before_it_is_cut() -> None:
    assert summary(f"{'a' * 70} 3402014107900001") == f"{'a' * 70} 3402•••••"
