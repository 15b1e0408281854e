"""Tries the lowest versions that pyproject.toml allows: `python -m scripts.lowest_versions FOLDER`, by hand.

It makes a virtual environment in FOLDER (6 GB with torch), installs each dependency at its lower bound, imports every
module, and runs the fast tests. The status is theirs. A second call goes on with the environment that is there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = ("server", "train")
TEST_TOOLS = ("hypothesis", "pytest", "pytest-timeout", "check-jsonschema")
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(?P<extras>\[[^]]*])?>=(?P<version>[0-9.]+)")
_IMPORT_ALL = """
import importlib, pkgutil
for root in ("core", "server", "worker", "palimpsest"):
    package = importlib.import_module(root)
    for module in pkgutil.walk_packages(package.__path__, f"{root}."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
"""


def lowest(requirements: list[str]) -> list[str]:
    """Return requirements with each lower bound made the version: `torch>=2.6` becomes `torch==2.6.*`."""
    found = [_REQUIREMENT.match(requirement) for requirement in requirements]
    return [f"{match['name']}{match['extras'] or ''}=={match['version']}.*" for match in found if match]


def needed() -> list[str]:
    """Return the requirements of the package, of its extras, and of the tests."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    tools = [line for line in extras["dev"] if re.split(r"[>=<\[]", line)[0] in TEST_TOOLS]
    return [*project["dependencies"], *(line for name in EXTRAS for line in extras[name]), *tools]


def main(folder: Path) -> int:
    """Make the environment, import all, run the fast tests; returns the status."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", *lowest(needed())], check=True)
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "-e", str(ROOT)], check=True)
    subprocess.run([*pip, "list"], check=True)
    subprocess.run([str(python), "-c", _IMPORT_ALL], cwd=ROOT, check=True)
    fast = ["-m", "not slow and not services and not gpu", "--ignore=tests/pages"]
    tests = [str(python), "-m", "pytest", "-q", *fast, "-p", "no:cacheprovider"]
    return subprocess.run(tests, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]).resolve()))
