"""A server of its own process that serves a copy of `pwa/`, for what a newer, a broken or a switched-off app does.

`copy(folder, words)` is another build; `copied(data, folder, port=…)` serves it. `--spoil PATH` serves one file with
another last byte than the worker's list says; `--off` switches the worker off.
"""

import shutil
import sys
from pathlib import Path

import click
import msgspec

from api.app import create_app
from api.serving import Server as Serving
from api.settings import load
from api.shell.assets import PLACES, ROOT, TEMPLATES
from tests.support.server import Nodes, Server, serve


def copy(folder: Path, words: str) -> Path:
    """The app as it is, but for one file: `src/format.js` ends with a value that nobody reads."""
    folder.mkdir()
    for place in PLACES:
        if (ROOT / place).exists():
            shutil.copytree(ROOT / place, folder / place)
    for name in TEMPLATES:
        shutil.copy(ROOT / name, folder / name)
    with (folder / "src" / "format.js").open("a") as file:
        file.write(f'export const COPY = "{words}";\n')
    return folder


def copied(data: Path, pwa: Path, *words: str, port: int | None = None) -> Server | Nodes:
    program = (sys.executable, "-m", "tests.support.copied")
    return serve(data, "--pwa", str(pwa), *words, port=port, program=program)


@click.command()
@click.argument("verb")
@click.option("--data", type=Path, required=True)
@click.option("--pwa", type=Path, required=True)
@click.option("--port", type=int, required=True)
@click.option("--spoil", default="")
@click.option("--off", is_flag=True)
@click.option("--workers", expose_value=False)  # a copy has one process, however many the others have
def main(verb: str, data: Path, pwa: Path, port: int, spoil: str, off: bool) -> None:
    data.mkdir(parents=True, exist_ok=True)
    settings = msgspec.structs.replace(load(data=data, port=port), shell_offline=not off)
    app = create_app(settings, with_worker=False, pwa=pwa)
    if spoil:
        build = app.state.build
        build.make_ready()  # the worker's list holds the true sums
        asset = build.files[spoil]
        wrong = asset._replace(body=asset.body[:-1] + bytes([asset.body[-1] ^ 1]), packed=b"")
        build.files = {**build.files, spoil: wrong}
    Serving(app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=5).run()


if __name__ == "__main__":
    main()
