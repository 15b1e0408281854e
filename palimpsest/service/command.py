"""The entry point of the command `palimpsest`: if packages are missing, it names the extra to install."""

from __future__ import annotations

import sys

OWN_PACKAGES = ("core", "server", "worker", "palimpsest")


def main() -> None:
    """Run the command; without the extra `server`, end with status 1 and one sentence."""
    try:
        from palimpsest.service.cli import app
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in OWN_PACKAGES:
            raise
        sys.exit(f"The command needs the package {package!r}; install it with: pip install 'palimpsest[server,train]'")
    app(prog_name="palimpsest")


if __name__ == "__main__":
    main()
