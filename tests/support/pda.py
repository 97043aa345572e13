"""A picking device: a real Chromium with a profile of its own on disk, which can be killed like a battery that falls out
and started again on what it left."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from playwright.sync_api import Page, Playwright

from tests.support.browser import FLAGS, chromium
from tests.support.windows import PATIENCE

SIZE = {"width": 360, "height": 640}


class Pda:
    """`pda.start()` gives a page; `pda.kill()` is SIGKILL to the whole browser; `pda.start()` again goes on."""

    def __init__(self, play: Playwright, folder: Path) -> None:
        self._play, self.folder = play, folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, path: str = "about:blank", base: str = "") -> Page:
        told = self.folder / "DevToolsActivePort"
        told.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [chromium(), *FLAGS, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={self.folder}",
             "--lang=zh-CN", "--accept-lang=zh-CN", "--window-size=360,640", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        until = time.monotonic() + 60
        while not (told.exists() and told.read_text().count("\n")):
            assert self._process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < until, "Chromium never said its port"
            time.sleep(0.02)
        port = told.read_text().split("\n")[0]
        browser = self._play.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
        context = browser.contexts[0]
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.set_viewport_size({"width": SIZE["width"], "height": SIZE["height"]})
        page.goto(base + path if base else path)
        return page

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def gone(self) -> None:
        """Killed, and its profile removed."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
