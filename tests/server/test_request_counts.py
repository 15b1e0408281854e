from __future__ import annotations

from server.exposition import exposition
from server.request_counts import RequestCounts


def test_answers_are_counted_by_route_and_times_fall_into_rising_buckets() -> None:
    counts = RequestCounts()
    for seconds in (0.004, 0.005, 0.3, 60.0):
        counts.add("GET", "/runs/{run_id}", 200, seconds)
    counts.add("GET", "/runs/{run_id}", 404, 0.001)

    lines = exposition(counts.families()).splitlines()

    route = 'method="GET",route="/runs/{run_id}"'
    assert f'palimpsest_http_requests_total{{{route},status="200"}} 4' in lines
    assert f'palimpsest_http_requests_total{{{route},status="404"}} 1' in lines
    assert f'palimpsest_http_request_seconds_bucket{{{route},le="0.005"}} 3' in lines
    assert f'palimpsest_http_request_seconds_bucket{{{route},le="0.5"}} 4' in lines
    assert f'palimpsest_http_request_seconds_bucket{{{route},le="+Inf"}} 5' in lines
    assert f"palimpsest_http_request_seconds_count{{{route}}} 5" in lines
    assert f"palimpsest_http_request_seconds_sum{{{route}}} 60.31" in lines
