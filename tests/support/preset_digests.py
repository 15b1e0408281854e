"""What the presets' datasets and streams come to: stored experiments have them so, and later versions must too.

A stream that gains a setting has new ones from then on; `hand_out.assistant` was the last.
"""

from __future__ import annotations

DIGESTS = {
    "coast/G2CI_7": "8700d3f56bb9d998",
    "coast/G2CMI_19": "2378ef47c250547f",
    "coast/M2CI_19-reference": "82e4f5f59cc3a795",
    "coast/demo": "d5503533a529f9ee",
    "coast/demo-3": "f42daa7185d3e356",
    "eir/camvid": "f3ec098098109af9",
    "eir/demo": "310970ddfbd740ec",
    "eir/voc-10-1-overlap": "3054374dbd87337f",
    "eir/voc-15-1-overlap": "217b9045f78e44c1",
    "eir/voc-15-5-overlap": "f595403c6edc5384",
    "eir/voc-19-1-overlap": "6f8c3247b9ad439e",
    "eir/voc-5-3-overlap": "54806ce5000261d5",
    "finetune/demo": "310970ddfbd740ec",
    "source_only/demo": "d5503533a529f9ee",
    "stal/compat": "4103025d9ea18375",
    "stal/demo": "834572db1c27c3d8",
    "stal/published-gtav-30-150": "4103025d9ea18375",
    "stal/published-gtav-30-65": "38fae3a59c3b49db",
    "stal/published-gtav-30": "3537dd3f7b3b8b40",
    "stal/published-synthia-30-150": "eeb165556a5d6f92",
    "stal/published-synthia-30-65": "d4fdb93617ea8563",
    "stal/published-synthia-30": "339eed0ee42601a5",
    "stal/ripu-gtav": "81054dc6e3a70765",
    "stal/ripu-pa-gtav": "0bccd34f235ff1f5",
    "target_oracle/G2CI_7": "53796f491a91e236",
}
"""Preset -> the first 16 digits of the SHA-256 of its canonical dataset and stream."""
