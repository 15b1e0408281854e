"""What the presets' datasets and streams come to: stored experiments have them so, and later versions must too.

A stream that gains a setting has new ones from then on; `hand_out` was the last.
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
    "stal/compat": "404ad0c09ee1d88b",
    "stal/demo": "a5a18b4f1c644ef3",
    "stal/published-gtav-30-150": "404ad0c09ee1d88b",
    "stal/published-gtav-30-65": "b43f04bdd57d6fb2",
    "stal/published-gtav-30": "7bac978e35a48f78",
    "stal/published-synthia-30-150": "e91e9cdfdd48dec3",
    "stal/published-synthia-30-65": "690584b52d984344",
    "stal/published-synthia-30": "0c09d56461c11b87",
    "stal/ripu-gtav": "9bc59df9a57faae9",
    "stal/ripu-pa-gtav": "0922c2754eb0facd",
    "target_oracle/G2CI_7": "53796f491a91e236",
}
"""Preset -> the first 16 digits of the SHA-256 of its canonical dataset and stream."""
