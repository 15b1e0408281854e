"""Dockerfiles and .dockerignore, read as far as the tests need it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath


@dataclass
class BuildStage:
    """What stands between one FROM and the next.

    Attributes:
        image, name: of `FROM image AS name`.
        instructions: (instruction, its text) in order.
    """

    image: str
    name: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def texts(self, instruction: str) -> list[str]:
        """Return the texts of one instruction."""
        return [text for known, text in self.instructions if known == instruction]

    def words(self, instruction: str) -> list[str]:
        """Return the words of an instruction that is there once, in its JSON form."""
        [text] = self.texts(instruction)
        words: list[str] = json.loads(text)
        return words

    def environment(self) -> dict[str, str]:
        """Return what ENV sets."""
        pairs = (pair.partition("=") for text in self.texts("ENV") for pair in text.split())
        return {name: value for name, _, value in pairs}

    def copied(self, origin: str | None = None) -> list[tuple[str, str]]:
        """Return (source, target) of what is copied from the tree, or from another stage."""
        found = []
        for text in self.texts("COPY"):
            words = text.split()
            origins = [word.removeprefix("--from=") for word in words if word.startswith("--from=")]
            *sources, target = words[len(origins) :]
            found += [(source, target) for source in sources if origins == ([origin] if origin else [])]
        return found


def read_dockerfile(path: Path) -> list[BuildStage]:
    """Return the stages of a Dockerfile."""
    stages: list[BuildStage] = []
    for line in path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        instruction, _, text = line.strip().partition(" ")
        if instruction == "FROM":
            image, _, name = text.partition(" AS ")
            stages.append(BuildStage(image, name))
        elif instruction and not instruction.startswith("#"):
            stages[-1].instructions.append((instruction, text))
    return stages


def is_ignored(path: str, patterns: Sequence[str]) -> bool:
    """Whether a .dockerignore keeps a path out of the build: the last pattern for it, or a folder above it, decides."""
    places = [path, *(str(parent) for parent in PurePosixPath(path).parents)]
    fitting = [pattern for pattern in patterns if any(_expression(pattern).fullmatch(place) for place in places)]
    return bool(fitting) and not fitting[-1].startswith("!")


def _expression(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern.removeprefix("!").strip("/"))
    return re.compile(escaped.replace(r"\*\*/", "(?:.*/)?").replace(r"\*", "[^/]+"))
