"""A real browser, headless, that tells what a page asked for and what it complained of."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--disable-lcd-text",
)


def browser_program() -> tuple[str | None, str | None]:
    """Return the browser and its driver; `None` for what is not installed."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None), shutil.which("chromedriver")


@dataclass(frozen=True)
class Browser:
    """A browser with one page."""

    driver: Any

    @classmethod
    @contextmanager
    def started(cls, program: str, driver: str) -> Iterator[Self]:
        """Start it, and end it."""
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        options = Options()
        options.binary_location = program
        for flag in FLAGS:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        made = webdriver.Chrome(options=options, service=Service(driver))
        try:
            yield cls(made)
        finally:
            made.quit()

    def open(self, page: Path, *, width: int = 1200, scheme: str = "light", anchor: str = "") -> None:
        """Open a file at a width and in a colour scheme."""
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.scheme(scheme)
        self.driver.get("about:blank")
        self.complaints()
        self.asked()
        self.driver.get(page.as_uri() + (f"#{anchor}" if anchor else ""))

    def scheme(self, name: str) -> None:
        """Prefer light or dark."""
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def run(self, code: str) -> Any:
        """Return what a function's body returns in the page."""
        return self.driver.execute_script(code)

    def press(self, *keys: str) -> None:
        """Press keys where the focus is."""
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()

    def complaints(self) -> list[str]:
        """Return what was written to the console since the last question: errors, violations of the policy."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def asked(self) -> list[str]:
        """Return the URLs that were asked for since the last question."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = (event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent")
        return [url for url in sent if url != "about:blank"]
