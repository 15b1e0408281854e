"""The only training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from torch import Tensor

from core.data.loaders import Batch

Values = Mapping[str, Tensor]
"""Values of an iteration: detached scalars on the device. `loss` is the minimised one."""


class Iteration(NamedTuple):
    """A finished iteration: the number of finished iterations, the batch, and the values."""

    done: int
    batch: Batch
    values: Values


class Hook:
    """Calls around every iteration; a hook overrides the methods that it needs.

    `done` is the number of finished iterations. Hooks are called in the order in which they are given.
    """

    def at_start(self, done: int) -> None:
        """Called once, before the first iteration."""

    def before(self, done: int) -> None:
        """Called before an iteration."""

    def after(self, iteration: Iteration) -> None:
        """Called after an iteration; must not wait for the device."""

    def at_end(self, done: int) -> None:
        """Called once, after the last iteration; not when the loop was left by an exception."""


def train(
    step: Callable[[Batch, int], Values],
    batches: Iterable[Batch],
    iterations: int,
    hooks: Sequence[Hook],
    done: int = 0,
) -> None:
    """Run iterations `done` … `iterations` − 1.

    Args:
        step: forward, backward and update for one batch; its second argument is the number of iterations done before.
        batches: the batches from iteration `done` on.
        iterations: of the whole stage.
        hooks: schedule, metrics, checkpoints …
        done: iterations that an earlier attempt has finished.

    Raises:
        ValueError: if there are fewer batches than iterations.
    """
    for hook in hooks:
        hook.at_start(done)
    # The range comes first, so that zip requests no further batch after its end.
    for _, batch in zip(range(done, iterations), batches, strict=False):
        for hook in hooks:
            hook.before(done)
        values = step(batch, done)
        done += 1
        for hook in hooks:
            hook.after(Iteration(done, batch, values))
    if done < iterations:
        raise ValueError(f"batches ended after iteration {done} of {iterations}")
    for hook in hooks:
        hook.at_end(done)
