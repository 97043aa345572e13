"""A real browser for journeys: `$CHROMIUM`, then PATH, then Debian's package as root or by `sudo -n`.

Without one the journeys fail and say what was tried; they are never skipped, since a page that nobody has seen
in a browser is not proven.
"""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",  # containers run as root
    "--disable-dev-shm-usage",  # and have a small /dev/shm
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--force-color-profile=srgb",
)


class NoBrowser(RuntimeError):
    """Names what was tried."""


def chromium() -> str:
    """The path of a Chromium that is there, or has just been installed."""
    given = os.environ.get("CHROMIUM", "")
    if given:
        if not os.access(given, os.X_OK):
            raise NoBrowser(f"CHROMIUM={given} is not a program")
        return given
    found = _on_path()
    if found is None:
        said = _install()
        found = _on_path()
        if found is None:
            raise NoBrowser(f"no Chromium: not in $CHROMIUM, not on PATH ({', '.join(NAMES)}), and {said}")
    return found


def _on_path() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path is not None), None)


def _install() -> str:
    """Debian's package; returns what came of it, in words."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get"
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if sudo and shutil.which("sudo") is None:
        return "this user may not install packages"
    fonts = ["fonts-noto-cjk"]
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium", *fonts]):
        done = subprocess.run(
            [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *command],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if done.returncode:
            return f"apt-get {command[0]} failed: {done.stderr.strip()[-300:]}"
    return "apt-get installed it, yet it is not on PATH"


if __name__ == "__main__":
    try:
        print(f"browser: {chromium()}")
    except NoBrowser as missing:
        print(f"{missing}; the journeys will fail saying so")
