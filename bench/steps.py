"""What one process of the hub does before it serves, step by step, on a folder: a line of JSON of processor seconds.

    python -m bench.steps FOLDER

For `bench.start`; a process of its own that has loaded nothing of the hub when it begins.
"""

import json
import sys
import time
from importlib import import_module
from pathlib import Path


def main(folder: Path) -> None:
    took: dict[str, float] = {}
    at = 0.0

    def done(step: str) -> None:
        nonlocal at
        now = time.process_time()
        took[step], at = round(now - at, 3), now

    done("interpreter")
    from api import serving, settings
    from api.app import create_app
    from api.shell import assets

    import_module("api.cli")
    done("imports")
    found = settings.load(data=folder)
    serving.prepare(found, demo=False)
    done("folder")
    build = assets.read_build()
    done("files of the app")
    app = create_app(found, build=build)
    done("routes")
    app.state.hub.db.stop()
    print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
