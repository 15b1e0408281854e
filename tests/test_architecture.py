"""What holds across the whole tree: who loads torch, that tables resolve, and the limits on size."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.data.catalog import ADAPTERS, WORLDS
from core.data.class_file import write_class_file
from core.data.classes import CITYSCAPES_NAMES, ClassTable
from core.data.domain_manifest import MANIFEST
from core.data.open_set_lists import GRASPNET, VOC_COCO
from core.experiment import document_model, load_preset, plan, resolve
from core.methods.base import MethodConfig
from core.methods.catalog import METHODS, config_class, preset_files, stage_functions
from core.stage import events
from server.problems import PROBLEMS
from server.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("core", "server", "worker", "palimpsest", "benchmarks", "migrations", "tests")
MIRRORED = ("core", "server", "worker", "palimpsest")

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
FREE_OF_LIMITS = {"core/data/classes.py"}
"""Class tables: data, and no code that could be split."""
VAGUE_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}
RUNS_DATA = {
    *("pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.load", "marshal.loads", "shelve.open"),
    *("eval", "exec", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "joblib.load", "dill.load", "dill.loads"),
}
SAFE_IF = (("torch.load", "weights_only", "True"), ("np.load", "allow_pickle", "False"))
"""Readers that run no code with this argument only."""
LEFT_OPEN = re.compile(r"TO[D]O|FIX[M]E|NotImplemented[E]rror")
"""The brackets keep this line from finding itself."""

TORCH_FREE = (
    "server.app",
    "worker.app",
    "palimpsest.service.cli",
    "core.errors",
    "core.seeding",
    "core.experiment",
    "core.data.catalog",
    "core.data.classes",
    "core.data.pairing",
    "core.data.presence",
    "core.data.samples",
    "core.data.verify",
    "core.methods.base",
    "core.methods.catalog",
    "core.engine.sections",
    "core.methods.class_incremental.config",
    "core.stage.events",
    "core.stage.folder",
)


def sources(*packages: str) -> list[Path]:
    """Return the Python files of packages, without migrations that are written once and kept."""
    files = [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]
    return [file for file in files if "versions" not in file.parts]


def named(files: list[Path]) -> list[str]:
    return [str(file.relative_to(ROOT)) for file in files]


def long_functions(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield f"{file.relative_to(ROOT)}: {node.name} has {lines} lines"


def test_server_worker_and_catalogs_load_without_torch() -> None:
    streams = [f"core.streams.{file.stem}" for file in sources("core/streams")]
    methods = [entry.config.partition(":")[0] for entry in METHODS.values()]
    plans = [entry.plan.partition(":")[0] for entry in METHODS.values()]
    modules = [*TORCH_FREE, *streams, *methods, *plans]
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name.removesuffix('.__init__'))\n"
        "    if 'torch' in sys.modules: sys.exit(f'{name} loads torch')\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", script, *modules], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")


def _with_roots(value: Any, root: str) -> Any:
    """Return a part of a document in which every dataset's folder is this one."""
    if isinstance(value, dict):
        return {key: root if key == "root" else _with_roots(inner, root) for key, inner in value.items()}
    return [_with_roots(inner, root) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("method", METHODS)
def test_every_method_resolves_with_its_presets(method: str, tmp_path: Path) -> None:
    functions = stage_functions(method)
    # Stands in for the folders that presets name: data that this machine need not have.
    names = dict(enumerate(CITYSCAPES_NAMES)) | {raw_id: f"class {raw_id}" for raw_id in range(19, 255)}
    write_class_file(tmp_path, ClassTable(names, background_id=None))

    assert issubclass(config_class(method), MethodConfig)
    assert document_model(method).model_json_schema()["properties"]["config"]
    (tmp_path / MANIFEST).write_text("domains: [{name: any, test: {images: images, masks: masks}}]")
    listed = dict.fromkeys([*VOC_COCO.names.values(), *GRASPNET.names.values()])
    categories = [{"id": raw_id, "name": name} for raw_id, name in enumerate(listed)]
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "any.json").write_text(
        json.dumps({"categories": categories, "images": [], "annotations": []})
    )
    for preset in preset_files(method):
        found = load_preset(preset)
        parts = {"dataset": found.dataset, "stream": found.stream}
        stages = plan(resolve({"method": method, "preset": preset, **_with_roots(parts, str(tmp_path))}))
        assert [stage.index for stage in stages] == list(range(len(stages)))
        assert {stage.kind for stage in stages} <= set(functions)


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_adapter_resolves(name: str) -> None:
    adapter = ADAPTERS[name].load()

    assert callable(adapter.read_classes)
    assert callable(adapter.list_pairs)


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_resolves_and_is_read_back_by_a_known_adapter(name: str) -> None:
    assert callable(WORLDS[name].load().materialise)
    assert WORLDS[name].load_spec()(world=name).adapter in ADAPTERS


def test_every_event_has_a_handler_in_the_worker() -> None:
    handlers = importlib.import_module("worker.ingest").HANDLERS
    classes = {value for _, value in inspect.getmembers(events, inspect.isclass) if issubclass(value, events.Event)}

    assert set(handlers) == classes - {events.Event}


def test_env_example_names_every_setting_and_no_other() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    named_there = re.findall(rf"^#?({PREFIX}\w+)=", text, flags=re.MULTILINE)

    assert sorted(named_there) == sorted(PREFIX + field.upper() for field in Settings.model_fields)


def test_guides_name_every_setting_and_every_problem() -> None:
    operating, api = ((ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("operating.md", "api.md"))

    assert [name for name in Settings.model_fields if f"| `{PREFIX}{name.upper()}` |" not in operating] == []
    assert [slug for slug in PROBLEMS if f"| `{slug}` |" not in api] == []


def test_links_between_the_guides_lead_somewhere() -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    links = [(page, target) for page in pages for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))]

    assert len(links) >= len(pages)
    assert [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()] == []


def rooms_of_core() -> dict[str, set[str]]:
    """Return each folder or file of core with those that it imports; imports for types alone do not count."""
    rooms: dict[str, set[str]] = {}
    for file in sources("core"):
        room = file.relative_to(ROOT / "core").parts[0].removesuffix(".py")
        for name in imports_of(ast.parse(file.read_text(encoding="utf-8"))):
            package, _, rest = name.partition(".")
            if package == "core" and rest:
                rooms.setdefault(room, set()).add(rest.partition(".")[0])
    return {room: others - {room} for room, others in rooms.items()}


def imports_of(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.ImportFrom) and child.module is not None:
            yield child.module
        elif isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        else:
            yield from imports_of(child)


def test_rooms_of_core_form_no_circle() -> None:
    rooms = rooms_of_core()
    assert {"methods", "engine", "streams", "data", "stage"} <= set(rooms)

    # Who imports nothing that is left stands in no circle, and is taken away.
    while free := {room for room, others in rooms.items() if not others & set(rooms)}:
        rooms = {room: others for room, others in rooms.items() if room not in free}

    assert rooms == {}


def test_no_file_is_longer_than_its_limit() -> None:
    files = [file for file in sources(*PACKAGES) if str(file.relative_to(ROOT)) not in FREE_OF_LIMITS]
    lengths = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in files}

    assert {name: lines for name, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_its_limit() -> None:
    assert [found for file in sources(*PACKAGES) for found in long_functions(file)] == []


def test_files_are_named_after_what_they_do() -> None:
    assert named([file for file in sources(*PACKAGES) if file.name in VAGUE_NAMES]) == []


def test_nothing_is_left_open() -> None:
    files = sources(*PACKAGES)

    assert named([file for file in files if LEFT_OPEN.search(file.read_text(encoding="utf-8"))]) == []


@pytest.mark.parametrize("package", MIRRORED)
def test_every_test_file_mirrors_a_source_file(package: str) -> None:
    strays = []
    for file in sorted((ROOT / "tests" / package).rglob("test_*.py")):
        source = ROOT / file.relative_to(ROOT / "tests").with_name(file.name.removeprefix("test_"))
        if not source.exists() and not source.with_suffix("").is_dir():
            strays.append(file)

    assert named(strays) == []


def unsafe_calls(file: Path) -> Iterator[str]:
    """Yield the calls of a file that could run what somebody else wrote into data (SEC-7)."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            is_unsafe = name in RUNS_DATA or any(
                name == reader and given.get(argument) != value for reader, argument, value in SAFE_IF
            )
            if is_unsafe:
                yield f"{file.relative_to(ROOT)}:{node.lineno}: {name}"


def test_nothing_that_is_read_can_run_code() -> None:
    assert [call for file in sources(*MIRRORED) for call in unsafe_calls(file)] == []


def test_a_call_that_could_run_code_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    file = tmp_path / "reader.py"
    file.write_text("torch.load(p)\ntorch.load(p, weights_only=True)\npickle.loads(b)\nnp.load(p, allow_pickle=True)\n")

    assert list(unsafe_calls(file)) == ["reader.py:1: torch.load", "reader.py:3: pickle.loads", "reader.py:4: np.load"]
