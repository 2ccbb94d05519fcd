"""The audit itself: a sound page passes, and each fault that it is to find is found."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looks import Watch, faults_of
from tests.browser.place import SMALL_PHONE

SOUND = """<!doctype html><html lang="id"><head><title>Judul</title>
<style>
  body { margin: 0; font: 16px/1.5 sans-serif; color: #222; background: #fff; }
  :is(a, button, input, summary) { min-height: 44px; font-size: 16px; } .block { display: block; color: #0b5c8a; }
  :focus-visible { outline: 3px solid #000; }
</style></head>
<body><h1>Judul</h1><p>Teks dengan <a href="#x" style="color: #0b5c8a">tautan</a>.</p>
<a class="block" href="#x" id="x">Lanjut</a><label for="f">Nama</label> <input id="f"><button>Kirim</button>
<details><summary>Buka</summary><p>Isi.</p></details>HERE</body></html>"""

FAULTS = {
    "lang is not id": ('lang="id"', 'lang="en"'),
    "no title": ("<title>Judul</title>", ""),
    "2 h1": ("HERE", "<h1>Lagi</h1>"),
    "0 h1": ("<h1>Judul</h1>", ""),
    "id twice": ("HERE", '<p id="x">Lagi</p>'),
    "leads nowhere": ("HERE", '<p>Ke <a href="#y" style="color: #0b5c8a">sana</a></p>'),
    "aria-describedby of nothing": ('id="f"', 'id="f" aria-describedby="y"'),
    "scrolls sideways": ("HERE", '<p style="width: 1300px">Lebar</p>'),
    "stands out of the page": ("HERE", '<p style="position: absolute; left: -9px">Kiri</p>'),
    "no label": ("HERE", "<textarea style='min-height: 44px; font-size: 16px; outline: 2px solid'></textarea>"),
    "no words": ("HERE", '<button style="width: 44px"></button>'),
    "too low to tap": ("HERE", '<button style="min-height: 0; height: 43px">Rendah</button>'),
    "small text": ("<p>Isi.</p>", '<p style="font-size: 15px">Kecil, dan terlipat.</p>'),
    "weak contrast": ("HERE", '<p style="color: #777; background: #eee">Samar</p>'),
    "focus cannot be seen": ("HERE", '<button style="outline: none">Tak tampak</button>'),
    "takes no focus": ("HERE", '<fieldset disabled style="border: 0"><button>Mati</button></fieldset>'),
}


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A window without any place."""
    context = browser.new_context(viewport={"width": SMALL_PHONE, "height": 740})
    yield context.new_page()
    context.close()


def test_a_sound_page_has_no_fault(page: Page) -> None:
    page.set_content(SOUND.replace("HERE", ""))
    assert faults_of(page) == {}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_fault_is_found_in_every_look(page: Page, rule: str) -> None:
    sound, broken = FAULTS[rule]
    page.set_content(SOUND.replace(sound, broken).replace("HERE", ""))

    found = faults_of(page)

    assert len(found) == 4
    assert all(any(fault.startswith(rule) for fault in faults) for faults in found.values()), found


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("console.warn('hati-hati')", "console warning: hati-hati"),
        ("console.error('gawat')", "console error: gawat"),
        ("setTimeout(() => { throw new Error('rusak'); })", "error: rusak"),
        ("new Image().src = 'http://127.0.0.1:9/x.png'", "another host: http://127.0.0.1:9/x.png"),
        ("new Image().src = 'http://127.0.0.1:9/x.png'", "failed: http://127.0.0.1:9/x.png"),
        ("alert('x')", "dialog: x"),
    ],
)
def test_what_a_window_should_not_do_is_taken_down(browser: Browser, script: str, fault: str) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        watch = Watch(page, "http://127.0.0.1:1")
        page.set_content(f"{SOUND}<script>{script}</script>")
        page.wait_for_load_state("networkidle")

        assert any(seen.startswith(fault) for seen in watch.take())
