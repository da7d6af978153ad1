#!/usr/bin/env python3
"""Trains a small ViT on Fashion-MNIST and keeps the table of positions that it learned: fashion-mnist.safetensors.

    make_fashion_mnist.py path/to/vitrine

Needs Debian's package dataset-fashion-mnist; a minute on two cores. The table is [50, 32]: a class token and 7 x 7
patches of 4 x 4 pixels.
"""
import json
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

SETTINGS = {
    "dataset.kind": "fashion-mnist", "epochs": 6, "optimizer.weight_decay": 0.1, "model.patch_size": 4,
    "model.embed_dim": 32, "model.head_dim": 8, "model.mlp_dim": 64, "model.depth": 4,
}


def train(vitrine, folder):
    command = [vitrine, "train", "--preset", "demo", "--out", folder]
    for name, value in SETTINGS.items():
        command += ["--set", f"{name}={value}"]
    subprocess.run(command, check=True)


def table_of(weights):
    """The header entry and the bytes of pos_embed in a safetensors file."""
    size = struct.unpack("<Q", weights[:8])[0]
    entry = json.loads(weights[8:8 + size])["pos_embed"]
    first, last = entry["data_offsets"]
    return entry, weights[8 + size + first:8 + size + last]


def main():
    with tempfile.TemporaryDirectory() as folder:
        run = f"{folder}/run"
        train(sys.argv[1], run)
        entry, values = table_of(Path(run, "weights.safetensors").read_bytes())
    header = json.dumps({"pos_embed": {"dtype": "F32", "shape": entry["shape"][1:], "data_offsets": [0, len(values)]}})
    header += " " * (-len(header) % 8)
    out = struct.pack("<Q", len(header)) + header.encode() + values
    Path(__file__).with_name("fashion-mnist.safetensors").write_bytes(out)


if __name__ == "__main__":
    main()
