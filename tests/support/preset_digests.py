"""What the presets' datasets and streams come to: stored experiments have them so, and later versions must too."""

from __future__ import annotations

DIGESTS = {
    "eir/camvid": "f3ec098098109af9",
    "eir/demo": "310970ddfbd740ec",
    "eir/voc-10-1-overlap": "3054374dbd87337f",
    "eir/voc-15-1-overlap": "217b9045f78e44c1",
    "eir/voc-15-5-overlap": "f595403c6edc5384",
    "eir/voc-19-1-overlap": "6f8c3247b9ad439e",
    "eir/voc-5-3-overlap": "54806ce5000261d5",
    "finetune/demo": "310970ddfbd740ec",
    "stal/compat": "11eade4176403f3c",
    "stal/demo": "cd369f2cba64881d",
    "stal/published-gtav-30-150": "11eade4176403f3c",
    "stal/published-gtav-30-65": "c209c2699e45812b",
    "stal/published-gtav-30": "5f68c0bef66d590e",
    "stal/published-synthia-30-150": "cd5ecf6be4ce6a50",
    "stal/published-synthia-30-65": "68f6ab14a4cac110",
    "stal/published-synthia-30": "5e9a616b722a0ad6",
    "stal/ripu-gtav": "5a7e5042da3f8e82",
    "stal/ripu-pa-gtav": "9d359b0956ff08df",
}
"""Preset -> the first 16 digits of the SHA-256 of its canonical dataset and stream."""
