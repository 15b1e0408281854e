"""Calls made ahead in background threads, with results in order. Free of torch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def prefetched(calls: Iterable[Callable[[], T]], workers: int = 1, ahead: int = 2) -> Generator[T, None, None]:
    """Yield the result of every call in order, while threads work on the next ones.

    Threads suit decoding and resizing of images, because Pillow and numpy then release the interpreter's lock. If the
    calls are pure, results do not depend on the number of workers. A call's exception is raised in place of its
    result. The threads end when the iterator ends, in whatever way.

    Args:
        calls: the calls; the consumer's thread takes them one by one.
        workers: number of threads; 0 makes each call when its result is requested.
        ahead: maximum number of results that are ready or in progress, at least 1.
    """
    if workers == 0:
        for call in calls:
            yield call()
        return
    remaining = iter(calls)
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="prefetch") as threads:
        pending: deque[Future[T]] = deque(threads.submit(call) for call in islice(remaining, max(1, ahead)))
        try:
            while pending:
                result = pending.popleft().result()
                pending.extend(threads.submit(call) for call in islice(remaining, 1))
                yield result
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
