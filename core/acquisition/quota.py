"""Division of a round's budget of images among groups, such as cities (STAL 6.1). Free of torch."""

from __future__ import annotations

from collections.abc import Sequence


def largest_remainder_quota(available: Sequence[int], budget_images: int) -> list[int]:
    """Divide a budget in proportion to the available images.

    Each group gets ⌊b·a_k / Σa⌋. The remaining images go one by one to the groups with the largest fractional parts;
    ties go to the earlier group. The sum is exactly min(b, Σa), and no group gets more than it has.

    PAPER: rounds each share and gives the difference to the last group, see `published_quota`. Here no quota can be
    negative or exceed the group's images.

    Args:
        available: images that may still be chosen in each group, in the order of the groups' names.
        budget_images: b.

    Raises:
        ValueError: if the budget or a count is negative.
    """
    _check_counts(available, budget_images)
    total = sum(available)
    budget_images = min(budget_images, total)
    if not budget_images:
        return [0] * len(available)
    quota = [budget_images * count // total for count in available]
    # Integers, not fractions: equal remainders are equal on every machine.
    remainders = [budget_images * count % total for count in available]
    by_remainder = sorted(range(len(available)), key=lambda group: (-remainders[group], group))
    for group in by_remainder[: budget_images - sum(quota)]:
        quota[group] += 1
    return quota


def published_quota(pool: Sequence[int], labelled: Sequence[int], budget_images: int) -> list[int]:
    """Divide a budget as in the published lists: q_k = round(b·(n_k − l_k)/n), half to even.

    The last group gets the remainder, which may be negative or exceed the group's images. This rule reproduces the
    published splits of 35 and 120 images.

    Args:
        pool: n_k, images of each group, labelled ones included, in the order of the groups' names.
        labelled: l_k, labelled images of each group.
        budget_images: b.

    Raises:
        ValueError: if lengths differ, the budget is negative, or a group has more labelled images than images.
    """
    if len(pool) != len(labelled):
        raise ValueError(f"{len(pool)} groups have a size and {len(labelled)} a labelled count; give both for each")
    available = [count - known for count, known in zip(pool, labelled, strict=True)]
    _check_counts(available, budget_images)
    if not pool:
        return []
    total = max(1, sum(pool))
    quota = [round(budget_images * count / total) for count in available[:-1]]
    return [*quota, budget_images - sum(quota)]


def _check_counts(available: Sequence[int], budget_images: int) -> None:
    if budget_images < 0:
        raise ValueError(f"the budget is {budget_images} images; it cannot be negative")
    for group, count in enumerate(available):
        if count < 0:
            raise ValueError(f"group {group} has {count} images to choose from; more are labelled than it holds")
