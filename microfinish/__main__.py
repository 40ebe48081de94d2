"""The program's entry: `microfinish` and `python -m microfinish`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.argv[1:] == ["--version"]:  # answered before typer's 120 ms import
        from microfinish import __version__

        print(f"microfinish {__version__}")
        return
    from microfinish.cli.app import main as run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
