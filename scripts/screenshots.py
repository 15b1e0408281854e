"""Pictures of every page, light and dark, for the documentation: `make screenshots`.

Trains the demo and its peers in a service of its own, and a run of rounds that waits for labels; or takes a service
that has a finished run and a dataset, and peers and a round that waits where there are some:
`--address http://127.0.0.1:8000`.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from core.commands.documents import open_document
from palimpsest import Client
from scripts.labelled_example import AUTHOR, ask_people
from tests.support.browser import find_chromium, open_browser
from tests.support.pages import LABELLING_PAGES, PAGES, PageEntry, register_world, registered_dataset
from tests.support.service_process import PalimpsestCommand

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
EXPERIMENT = "eir/demo"
PEER, BOUND = "finetune/demo", "finetune/demo-joint"
"""What the demo is compared with, and the joint training on its stream."""
SEEDS = (0, 1)
WIDTH = 1280
MOST_BYTES = 300_000
PATIENCE_MS = 30_000
PICTURES_ARE_THERE = """
() => [...document.images].every(image => image.complete || image.getBoundingClientRect().top > innerHeight)
"""

TO_THE_TOP = """part => {
  part.scrollIntoView();
  // Below the bar that stays at the top.
  scrollBy(0, -70);
}"""


COMPARISON = PageEntry("comparison", "/compare?experiments={compared}", ("region", "Results"), height=1000)


def main() -> None:
    """Write the pictures."""
    parser = argparse.ArgumentParser(prog="python -m scripts.screenshots", description=__doc__)
    parser.add_argument(
        "--address", help="a service that has a finished run and a dataset; without it one is started and trains"
    )
    parser.add_argument("--experiment", default=EXPERIMENT, help="what its own service trains: a preset or a file")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go (default: docs/screenshots)")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium was found; install it, or name it with PALIMPSEST_TEST_CHROMIUM")
    options.folder.mkdir(parents=True, exist_ok=True)
    if options.address is not None:
        take_pictures(chromium, options.address, options.folder)
        return
    with trained_service(options.experiment) as address:
        take_pictures(chromium, address, options.folder)


@contextmanager
def trained_service(experiment: str) -> Iterator[str]:
    """Start a service in a scratch folder, train the experiment, and yield the service's address."""
    with tempfile.TemporaryDirectory() as home:
        service = PalimpsestCommand("up", home=Path(home))
        try:
            address = service.address()
            print(f"{experiment} is being trained, which takes some minutes.", flush=True)
            with Client(address) as client:
                register_world(address, "Demo objects", classes=6, size_px=96, train_images=120, eval_images=30)
                # The pages of a run show the newest one: the peers go first.
                named = [(name, seed) for name in (BOUND, PEER, experiment) for seed in SEEDS]
                runs = [client.submit(open_document(name), seed=seed, name=name) for name, seed in named]
                for run in runs:
                    client.wait(run.id)
                attach_joint(address, runs[-1].experiment_id, runs[0].experiment_id)
                ask_people(client, Path(home) / "truth")
            yield address
        finally:
            service.end()


def attach_joint(address: str, experiment: str, joint: str) -> None:
    """Make an experiment the joint training of another one's stream."""
    place = f"{address}/api/v1/experiments/{experiment}/references/joint"
    httpx.put(place, json={"experiment": joint}, trust_env=False).raise_for_status()


def take_pictures(chromium: str, address: str, folder: Path) -> None:
    """Write a light and a dark picture of each page. Pages of a run show the newest successful run."""
    with Client(address) as client:
        run = next(client.runs(states=["succeeded"]), None)
        peers = {one.experiment_name: one.experiment_id for one in client.runs(states=["succeeded"])}
        waiting = next(client.labelling.waiting(), None)
    dataset = registered_dataset(address)
    if run is None or dataset is None:
        raise SystemExit(f"{address} has no run that has succeeded, or no dataset that is registered")
    shown = {"run": run.id, "experiment": run.experiment_id, "dataset": dataset}
    entries = PAGES
    if PEER in peers:
        shown["compared"] = f"{run.experiment_id},{peers[PEER]}"
        entries += (COMPARISON,)
    if waiting is not None:
        shown |= {"asking": waiting.run_id, "stage": waiting.stage_id}
        entries += LABELLING_PAGES
    with open_browser(chromium) as browser:
        for entry in entries:
            for scheme in ("light", "dark"):
                picture = compressed(picture_of(browser, address + entry.path.format(**shown), entry, scheme))
                path = folder / f"{entry.name}-{scheme}.png"
                if len(picture) > MOST_BYTES:
                    raise SystemExit(
                        f"{path} would have {len(picture)} bytes, at most {MOST_BYTES} are meant to be kept"
                    )
                path.write_bytes(picture)
                print(f"{path}: {len(picture) // 1000} kB", flush=True)


def picture_of(browser: Browser, address: str, entry: PageEntry, scheme: str) -> bytes:
    """Open a page, wait for its data, and return it as a PNG."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": entry.height},
        device_scale_factor=1,
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address)
    wait_for(page, entry)
    if entry.name == "round":
        lease(page)
        wait_for(page, entry)
    if entry.is_part:
        page.get_by_role(entry.landmark[0], name=entry.landmark[1]).evaluate(TO_THE_TOP)
        wait_for(page, entry)
    picture = page.screenshot(animations="disabled")
    context.close()
    return picture


def lease(page: Page) -> None:
    """Take the next query of a round, as an annotator does."""
    page.get_by_label("Your name").fill(AUTHOR)
    page.get_by_role("button", name="Next query").click()
    expect(page.get_by_role("timer")).to_be_visible()


def wait_for(page: Page, entry: PageEntry) -> None:
    """Wait until a page shows its data and its pictures."""
    role, name = entry.landmark
    expect(page.get_by_role(role, name=name)).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=PATIENCE_MS)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(PICTURES_ARE_THERE, timeout=PATIENCE_MS)


def compressed(picture: bytes) -> bytes:
    """Compress a picture. If it is still too large, use a palette, which merges similar colours."""
    with Image.open(io.BytesIO(picture)) as image:
        colours = image.convert("RGB")
    written = as_png(colours)
    return written if len(written) <= MOST_BYTES else as_png(colours.quantize(256, dither=Image.Dither.NONE))


def as_png(image: Image.Image) -> bytes:
    """Return an image as a PNG."""
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


if __name__ == "__main__":
    main()
