"""What the presets' datasets and streams come to: stored experiments have them so, and later versions must too.

A stream that gains a setting has new ones from then on; `completion.grace_s` was the last.
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
    "stal/compat": "aa168531f0ab7896",
    "stal/demo": "6e8a91705f3615af",
    "stal/published-gtav-30-150": "aa168531f0ab7896",
    "stal/published-gtav-30-65": "653224ee3b6839ed",
    "stal/published-gtav-30": "ae811a1567982fa0",
    "stal/published-synthia-30-150": "35a4f71d9c7400db",
    "stal/published-synthia-30-65": "90ea89b7263e2e0d",
    "stal/published-synthia-30": "52889f87eae9f02d",
    "stal/ripu-gtav": "d782d0f5c2fc1034",
    "stal/ripu-pa-gtav": "6f09215a25a3fea2",
    "target_oracle/G2CI_7": "53796f491a91e236",
}
"""Preset -> the first 16 digits of the SHA-256 of its canonical dataset and stream."""
