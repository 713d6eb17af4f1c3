"""Several `parley` commands in one process, one after the other: starting each anew takes seconds.

    python -m tests.canaries.commands '[["doctor"], ["parked", "list"]]'

Prints a list of what each printed, on either channel, as JSON.
"""

import io
import json
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout


def main() -> None:
    from deploy.cli import app

    said = []
    for words in json.loads(sys.argv[1]):
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            try:
                app(words, prog_name="parley")
            except SystemExit:
                pass
            except BaseException:
                traceback.print_exc()
        said.append(out.getvalue())
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main()
