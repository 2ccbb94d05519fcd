"""What is cut, and how, so that WhatsApp takes it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aduan.service import limits
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


def test_the_limits_are_those_of_metas_pages() -> None:
    figures = {name: value for name, value in vars(limits).items() if name.isupper() and not name.startswith("_")}
    assert figures == {
        "TEXT": 4096,
        "BUTTONS": 3,
        "BUTTON_BODY": 1024,
        "BUTTON_TITLE": 20,
        "BUTTON_ID": 256,
        "LIST_BODY": 4096,
        "LIST_LABEL": 20,
        "LIST_ROWS": 10,
        "ROW_TITLE": 24,
        "ROW_DESCRIPTION": 72,
        "ROW_ID": 200,
        "HEADER": 60,
        "FOOTER": 60,
        "TEMPLATE_BODY": 1024,
        "TEMPLATE_FIXED_WORDS": 124,
        "TEMPLATE_PARAMETERS": 900,
        "CALLBACK": 512,
        "WINDOW": timedelta(hours=24),
        "PAIR_INTERVAL": timedelta(seconds=6),
        "PAIR_BURST": 45,
        "NUMBER_PER_SECOND": 80,
        "MEDIA_LIFE": timedelta(days=7),
    }
