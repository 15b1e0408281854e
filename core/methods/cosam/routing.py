"""The router of a run: its tokens, its training on the memory, and routes in tests (CoSAM 4.4, 4.5 and 5.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.memory.entry import InstanceEntry
from core.methods.cosam.config import CosamConfig, RouterConfig
from core.methods.promptable.evaluation import Tester, image_digest, in_batches
from core.methods.promptable.images import StoredImages, evaluation_view
from core.methods.promptable.step import DomainStep
from core.models.sam.router import build_router, fit_router, route_of
from core.seeding import SeedComponent, torch_generator

ROUTER, TOKENS = "router", "tokens"


@dataclass(frozen=True)
class Routing:
    """Finds the adapter of an image.

    Attributes:
        tokens: (1, L, v) bank of tokens.
        router: v -> domains so far; None with a single domain.
    """

    tokens: Tensor
    router: nn.Linear | None

    @torch.no_grad()
    def routes(self, tester: Tester, pixels: Tensor) -> Tensor:
        """Return the (B,) domains of uint8 images (B, 3, S, S) on the CPU; features are cached on disk."""
        if self.router is None:
            return torch.zeros(len(pixels), dtype=torch.int64, device=tester.context.device)
        return route_of(self.router(global_features(tester, self.tokens, pixels)))


def first_tokens(step: DomainStep) -> Tensor:
    """Return the run's initial bank of tokens, (1, L, v) on the device."""
    options: CosamConfig = step.context.config
    draws = torch_generator(step.context.spec.seed, 0, SeedComponent.INIT, 2)
    bank = torch.randn(1, options.router.token_length, step.sam.size.width, generator=draws)
    return bank.to(step.context.device)


def learn_routing(step: DomainStep, kept: Sequence[InstanceEntry]) -> Routing:
    """Train the router on the memory of all domains so far. A single domain needs no router.

    Args:
        step: the stage.
        kept: stored images of the domains so far, this one included.
    """
    options: RouterConfig = step.context.config.router
    before = step.previous
    tokens = first_tokens(step) if before is None else before.part(TOKENS)[TOKENS].to(step.context.device)
    if len(step.domains) == 1:
        return Routing(tokens, None)
    spec = step.context.spec
    draws = torch_generator(spec.seed, spec.stage.index, SeedComponent.INIT, 3)
    router = build_router(step.sam.size.width, len(step.domains), draws).to(step.context.device)
    if options.keep_rows and before is not None and ROUTER in before.parts:
        _copy_rows(router, before.part(ROUTER))
    pixels = torch.stack([_pixels(step, kept, place) for place in range(len(kept))])
    domains = torch.tensor([entry.step_added for entry in kept], device=step.context.device)
    fit = _fit_with_tokens if options.tokens == "learned" else _fit
    tokens, shown = fit(step, router, tokens, pixels, domains)
    step.context.events.log("info", f"the router tells {shown:.1%} of the kept images apart")
    return Routing(tokens, router.requires_grad_(False))


def global_features(tester: Tester, tokens: Tensor, pixels: Tensor) -> Tensor:
    """Return the (B, v) global feature tokens of uint8 images on the CPU; read them from the store if it has them."""
    bank = hashlib.sha256(tokens.detach().cpu().numpy().tobytes()).hexdigest()
    prefix = hashlib.sha256(f"{tester.sam.key}/{bank}".encode()).hexdigest()[:24]
    found = []
    for image in pixels:
        key = f"{prefix}{image_digest(image)[:40]}"
        kept = tester.store.load(key)
        if kept is None:
            with torch.no_grad():
                feature = tester.sam.encode_tokens(image[None].to(tokens.device), tokens)[0, 0]
            kept = tester.store.save(key, {"global": feature})
        found.append(kept["global"].to(tokens.device))
    return torch.stack(found)


def _fit(step: DomainStep, router: nn.Linear, tokens: Tensor, pixels: Tensor, domains: Tensor) -> tuple[Tensor, float]:
    """Train the router with frozen tokens, on features computed once; return tokens and accuracy."""
    features = global_features(step.tester, tokens, pixels)
    batches = ((features[rows], domains[rows]) for rows in _batches(step, len(pixels)))
    fit_router(router, batches, step.context.config.router.lr)
    with torch.no_grad():
        accuracy = float((route_of(router(features)) == domains).float().mean())
    return tokens, accuracy


def _fit_with_tokens(
    step: DomainStep, router: nn.Linear, tokens: Tensor, pixels: Tensor, domains: Tensor
) -> tuple[Tensor, float]:
    """Train router and tokens together: gradients flow through the frozen encoder into the tokens."""
    device = step.context.device
    bank = nn.Parameter(tokens.clone())
    batches = (
        (step.sam.encode_tokens(pixels[rows].to(device), bank)[:, 0], domains[rows])
        for rows in _batches(step, len(pixels))
    )
    steps = fit_router(router, batches, step.context.config.router.lr, (bank,))
    return bank.detach(), steps[-1].accuracy


def _batches(step: DomainStep, count: int) -> Iterator[Tensor]:
    """Yield the rows of each update. Every epoch has a new order; an incomplete batch is dropped."""
    options, spec = step.context.config.router, step.context.spec
    size = min(options.batch_size, count)
    for epoch in range(options.epochs):
        draws = torch_generator(spec.seed, spec.stage.index, SeedComponent.ORDER, epoch, 1)
        order = torch.randperm(count, generator=draws).tolist()
        yield from (torch.tensor(rows) for rows in in_batches(order, size) if len(rows) == size)


def _pixels(step: DomainStep, kept: Sequence[InstanceEntry], place: int) -> Tensor:
    return evaluation_view(*StoredImages(kept).read(place), step.sam.size.image_px).image


def _copy_rows(router: nn.Linear, before: Mapping[str, Tensor]) -> None:
    with torch.no_grad():
        for name, parameter in router.named_parameters():
            rows = before[name]
            parameter[: len(rows)] = rows.to(parameter.device)
