"""The tiny SAM that comes with the package: it cuts regions of the built-in worlds out of pictures (CoSAM 4.7).

`python -m scripts.tiny_assistant` makes its file.
"""

from __future__ import annotations

from pathlib import Path

WEIGHTS = Path(__file__).with_name("weights") / "tiny.safetensors"
