#!/usr/bin/env python3
"""PyTorch's side of compare_torch.py --what cnn and mlp: prints the images a second of one training step of the presets
cnn and mlp, batch 32, Adam, and no data loader in the loop.

`student` is the model as one writes it; `tuned` has channels last, which mkldnn prefers, and a fused Adam loop.
"""
import argparse
import time

import torch
from torch import nn

BATCH, SIDE, CLASSES = 32, 28, 10
MODELS = {
    "cnn": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, CLASSES)),
    "mlp": lambda: nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, 256), nn.ReLU(), nn.Linear(256, CLASSES)),
}


def run(model_name, kind, threads, seconds):
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = MODELS[model_name]()
    images, labels = torch.randn(BATCH, 1, SIDE, SIDE), torch.arange(BATCH) % CLASSES
    if kind == "tuned":
        model, images = (each.to(memory_format=torch.channels_last) for each in (model, images))
    optimizer = torch.optim.Adam(model.parameters(), foreach=kind == "tuned")

    def step():
        optimizer.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()

    for _ in range(20):
        step()
    steps, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        step()
        steps += 1
    print(steps * BATCH / (time.perf_counter() - begin))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["student", "tuned"])
    parser.add_argument("--model", choices=MODELS, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    arguments = parser.parse_args()
    run(arguments.model, arguments.kind, arguments.threads, arguments.seconds)
