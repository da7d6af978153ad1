#!/usr/bin/env python3
"""PyTorch's side of vit_forward_bench: prints the milliseconds of one picture through ViT-Tiny (224 x 224).

    /usr/bin/python3 tests/bench/torch_vit_forward.py --threads 1 --seconds 5
"""
import argparse
import pathlib
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "reference"))
import torch_vit

CONFIG = {"patch_size": 16, "embed_dim": 192, "depth": 12, "heads": 3, "head_dim": 64, "mlp_dim": 768,
          "qkv_bias": True, "pool": "cls", "positions": "learned"}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    model, image = torch_vit.Vit(CONFIG, 3, 224, 224, 1000).eval(), torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        for _ in range(3):
            model(image)
        passes, begin = 0, time.perf_counter()
        while time.perf_counter() - begin < arguments.seconds:
            model(image)
            passes += 1
    print(1000 * (time.perf_counter() - begin) / passes)
