"""What is cut, and how, so that WhatsApp takes it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aduan.service.limits import TEMPLATE_PARAMETERS, shortened, template_parameter


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("", 1, ""),
        ("KTP", 3, "KTP"),
        ("KTP-el", 3, "KT…"),
        ("KTP", 1, "…"),
        ("Akta kelahiran", 6, "Akta…"),
        ("Akta kelahiran", 13, "Akta kelahir…"),
    ],
)
def test_a_text_over_its_limit_ends_in_an_ellipsis(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("KTP belum jadi", "KTP belum jadi"),
        ("Baris satu\nBaris dua\r\n\r\nBaris tiga", "Baris satu Baris dua Baris tiga"),
        ("a\tb     c\u2028d\u00a0e\x0bf", "a b c d e f"),
        ("  tepi  ", "tepi"),
        ("a\x00b\x07c\x85d", "a b c d"),
        ("keluarga 👨‍👩‍👧", "keluarga 👨‍👩‍👧"),
        ("", "-"),
        (" \n\t", "-"),
    ],
)
def test_a_template_parameter_is_one_line_and_never_empty(text: str, parameter: str) -> None:
    assert template_parameter(text) == parameter


def test_a_long_template_parameter_is_cut_to_the_whole_body_or_to_what_is_left_of_it() -> None:
    assert len(template_parameter("a" * 5_000)) == TEMPLATE_PARAMETERS == 900
    assert template_parameter("Akta kelahiran anak", 6) == "Akta…"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), st.integers(1, 30))
def test_whatever_the_text_a_parameter_is_one_that_whatsapp_takes(text: str, limit: int) -> None:
    parameter = template_parameter(text, limit)
    assert 1 <= len(parameter) <= limit
    assert "  " not in parameter
    assert parameter.splitlines() == [parameter]
    assert "\t" not in parameter
