"""Work done ahead in the background, with results in order. Free of torch."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def prefetched(calls: Iterable[Callable[[], T]], workers: int = 1, ahead: int = 2) -> Generator[T, None, None]:
    """Yield the result of every call in order, while threads work on the next ones.

    Threads suit what decodes and resizes images, because Pillow and numpy release the interpreter's lock there. Results
    do not depend on the number of workers when the calls are pure. An exception of a call is raised in its turn; the
    threads end when the iterator does, however that happens.

    Args:
        calls: what to do; taken one by one from the consumer's thread.
        workers: threads; 0 makes each call when its result is asked for.
        ahead: results that may lie ready or be in the making, at least 1.
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
