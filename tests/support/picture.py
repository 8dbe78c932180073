"""
The pictures in `docs/html-report.md`: `cd tests && python -m support.picture` takes them anew. What they show is
composed.
"""

import base64
import os
import tempfile
from pathlib import Path

from pytest_darkhost.__main__ import main
from pytest_darkhost.evidence.keys import Signer
from support import evidence, pages
from support.browsing import Browser, browser_program

IMAGES = Path(__file__).parents[2] / "docs/images"
TARGETS = {
    "acme": ["gpt-oss-120b-acme", "gpt-oss-20b-acme", "kimi-k2-acme", "qwen3.5-9b-acme"],
    "other": ["gpt-oss-120b-other"],
}
WIDTH, SCALE = 1000, 0.8
EDGE = "return document.querySelector(arguments[0]).getBoundingClientRect().y + scrollY"


def composed(place: Path, key: Signer, runs: int) -> Path:
    """Return the page of a composed folder of so many runs."""
    (place / str(runs)).mkdir()
    os.chdir(place / str(runs))
    pages.folder_of(Path("evidence"), key, runs, TARGETS)
    main(["report", "evidence", "--key", "../darkhost.pub", "-o", "report.html"])
    return place / str(runs) / "report.html"


def take(browser: Browser, page: Path, name: str, scheme: str, selector: str, height: int) -> None:
    """Take a picture of a page from an element downwards, so many pixels high."""
    browser.open(page, width=WIDTH, scheme=scheme)
    top = browser.driver.execute_script(EDGE, selector)
    clip = {"x": 0, "y": top, "width": WIDTH, "height": height, "scale": SCALE}
    shot = {"format": "png", "captureBeyondViewport": True, "clip": clip}
    IMAGES.mkdir(exist_ok=True)
    data = browser.driver.execute_cdp_cmd("Page.captureScreenshot", shot)["data"]
    (IMAGES / name).write_bytes(base64.b64decode(data))


def take_all() -> None:
    """Take the beginning of a page in the light theme, and plots in the dark one."""
    program, driver = browser_program()
    if program is None or driver is None:
        raise SystemExit("no Chromium with its driver is installed")
    with tempfile.TemporaryDirectory() as place, Browser.started(program, driver) as browser:
        key = evidence.signer(place)
        take(browser, composed(Path(place), key, 2), "html-report.png", "light", "html", 1180)
        take(browser, composed(Path(place), key, 24), "html-report-plots.png", "dark", "#s1-courses", 560)


if __name__ == "__main__":
    take_all()
