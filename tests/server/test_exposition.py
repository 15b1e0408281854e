from __future__ import annotations

from server.exposition import Family, exposition


def test_metrics_are_written_as_prometheus_reads_them() -> None:
    family = Family("stages", "gauge", "Stages, by state.")
    family.add(3, {"state": "queued"})
    family.add(0.25, {"state": 'a "b"\\\n', "host": "h"}, "_sum")

    assert exposition([family, Family("empty", "counter", "Nothing.")]) == (
        "# HELP palimpsest_stages Stages, by state.\n"
        "# TYPE palimpsest_stages gauge\n"
        'palimpsest_stages{state="queued"} 3\n'
        'palimpsest_stages_sum{state="a \\"b\\"\\\\\\n",host="h"} 0.25\n'
        "# HELP palimpsest_empty Nothing.\n"
        "# TYPE palimpsest_empty counter\n"
    )
