"""How long the assistant takes from a click to the mask in the browser: `python -m benchmarks.assistant`.

Headless Chromium decodes with the tiny SAM of the package and with a ViT-B of random weights, whose decoder costs what
a trained one costs, and whose masks cover the whole picture of 2048 x 1024. The encoder is left out, because a worker
runs it before anybody clicks. Times are from the pointer's event to the frame in which the page has the mask. Writes
`benchmarks/results/assistant.json`; ends with status 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from playwright.sync_api import Browser, Page, expect, sync_playwright
from safetensors.torch import save

from benchmarks.painting import Figure, report
from core.models.sam.built_in import WEIGHTS
from core.models.sam.embedding_order import ModelFacts
from core.models.sam.encoder import ImageFeatures
from core.models.sam.export import export_decoder, exported_features
from core.models.sam.frozen import FrozenSam, open_sam
from server.db import assistants
from server.db.assistants import AssistantState, EmbeddedFile
from server.db.models import Query
from tests.support.browser import ARGUMENTS, find_chromium
from tests.support.installation import Installation
from tests.support.painting_round import RoundSize, waiting_stage

RESULTS = Path(__file__).parent / "results" / "assistant.json"
SIZE = RoundSize(2048, 1024, classes=19)
LIMITS_MS = {"tiny": 100.0, "vit_b": 300.0}
HOVER_MS = 100.0
PATIENCE_MS = 180_000

ASK = """async ({count, kind}) => {
  const canvas = document.querySelector(".paint-canvas");
  canvas.setPointerCapture = () => undefined;  // there is no such pointer
  const box = canvas.getBoundingClientRect();
  const send = (type, x, y, buttons) => canvas.dispatchEvent(new PointerEvent(type, {
    bubbles: true, cancelable: true, pointerId: 1, pointerType: "mouse", button: 0, buttons, clientX: x, clientY: y,
  }));
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const shown = () => document.querySelector(".assistant-mask").dataset.shown;
  const press = key => document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
  const times = [];
  for (let number = 0; number < count; number++) {
    press("Escape");
    send("pointerout", box.x, box.y, 0);
    while (shown() !== "nothing") await frame();
    const [x, y] = [box.x + box.width * (0.2 + 0.6 * ((number * 7) % 23) / 23), box.y + box.height / 2 + number % 9];
    const begun = performance.now();
    if (kind === "click") {
      send("pointerdown", x, y, 1);
      send("pointerup", x, y, 0);
    } else {
      send("pointermove", x, y, 0);
    }
    const wanted = kind === "click" ? "answer" : "preview";
    while (shown() !== wanted && performance.now() - begun < 20000) await frame();
    times.push(performance.now() - begun);
  }
  return times;
}"""


def main() -> None:
    """Measure both sizes, print it, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="questions of each kind")
    arguments = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium was found; install Debian's package chromium")
    figures: list[Figure] = []
    with sync_playwright() as playwright, Installation(Path(tempfile.mkdtemp()) / "home") as installation:
        installation.start_server()
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        for sam in (open_sam("tiny", checkpoint=WEIGHTS), open_sam("vit_b")):
            found = measured(browser, installation, sam, arguments.count)
            report(found)
            figures += found
        browser.close()
    machine = {"machine": platform.machine(), "cpus": os.cpu_count(), "load": round(os.getloadavg()[0], 1)}
    kept = {"command": "python -m benchmarks.assistant"} | machine | {"figures": [asdict(figure) for figure in figures]}
    RESULTS.write_text(json.dumps(kept, indent=2) + "\n")
    raise SystemExit(any(not figure.is_met for figure in figures))


def measured(browser: Browser, installation: Installation, sam: FrozenSam, count: int) -> list[Figure]:
    """Open a round with a model, and ask it; the first answers of a fresh program are not counted."""
    stage = prepared_stage(installation, sam)
    page = _page(browser, installation)
    page.goto(f"/labelling/{stage}/paint")
    page.get_by_label("Your name").fill("ann")
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("img", name="labels of").wait_for()
    begun = page.evaluate("performance.now()")
    page.keyboard.press("c")
    expect(page.get_by_role("status", name="assistant")).to_contain_text("answers", timeout=PATIENCE_MS)
    loading_s = (page.evaluate("performance.now()") - begun) / 1000
    page.evaluate(ASK, {"count": 3, "kind": "click"})
    clicks, hovers = (page.evaluate(ASK, {"count": count, "kind": kind}) for kind in ("click", "hover"))
    page.context.close()
    name = sam.backbone
    return [
        Figure(f"{name}: program, decoder and features loaded", loading_s, 60.0, "s"),
        Figure(f"{name}: click to mask, median", float(np.median(clicks)), LIMITS_MS[name]),
        Figure(f"{name}: click to mask, p95", float(np.percentile(clicks, 95)), LIMITS_MS[name]),
        Figure(f"{name}: hover to preview, p95", float(np.percentile(hovers, 95)), HOVER_MS),
    ]


def prepared_stage(installation: Installation, sam: FrozenSam) -> str:
    """Make a round whose image is embedded, with features of the right size but without the encoder's minute."""
    stage = waiting_stage(
        installation.database, installation.storage, Path(tempfile.mkdtemp()), SIZE, {"model": "built_in"}
    )
    size, draws = sam.size, torch.Generator().manual_seed(0)
    embeddings = torch.randn(1, size.channels, size.grid, size.grid, generator=draws)
    features = exported_features(ImageFeatures(embeddings, torch.zeros(1, size.grid, size.grid, size.width)), None)
    contents = (save(features), export_decoder(sam, None))
    files = [(installation.storage.put_bytes(content), len(content)) for content in contents]
    facts = ModelFacts(
        digest=sam.key, backbone=sam.backbone, placing="padded", image_px=size.image_px, adapters=(), has_head=False
    )
    with installation.database.write() as session:
        claim = assistants.claim_assistant(session, stage, worker_id="benchmark", lease_ttl_s=60, max_claims=3)
        assert claim is not None
        assistants.record_model(session, claim, facts)
        image = session.query(Query).filter_by(stage_id=stage).one().picture_sha256
        assistants.record_embedding(session, claim, facts.digest, EmbeddedFile(image, "", *files))
        assistants.finish_assistant(session, claim, AssistantState.READY, None)
    return stage


def _page(browser: Browser, installation: Installation) -> Page:
    options: dict[str, Any] = {"base_url": installation.client.base_url, "viewport": {"width": 1440, "height": 900}}
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    return context.new_page()


if __name__ == "__main__":
    main()
