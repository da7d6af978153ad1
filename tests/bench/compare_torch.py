#!/usr/bin/env python3
"""Images a second of one training step, ours beside PyTorch's: the homework's ViT, batch 32, dropout 0.1, Adam.

    /usr/bin/python3 tests/bench/compare_torch.py [--threads 2] [--rounds 5] [--head-dim 8]

The programs run in turns, each round all of them; the table has the median and the spread over the rounds.
`student` is the model as one writes it from the paper; `fused` has one product for q, k and v; `tuned` also one
product an image for all heads, dropout from random bytes, a fused Adam loop and tcmalloc where it is installed.
PyTorch and OpenBLAS: Debian's python3-torch and libopenblas0-openmp. Nothing else should run meanwhile.
"""
import argparse
import glob
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

BATCH, SIDE, PATCH, DIM, DEPTH, HEADS, MLP, CLASSES, DROP = 32, 28, 7, 64, 6, 8, 128, 10, 0.1
TOKENS = (SIDE // PATCH) ** 2 + 1
ROOT = pathlib.Path(__file__).resolve().parents[2]


def torch_model(kind, head_dim):
    import torch
    from torch import nn

    inner = HEADS * head_dim

    class ByteDropout(nn.Module):
        """Dropout with probability 26/256: one random byte a number, eight bytes a draw."""

        def forward(self, x):
            draws = torch.empty((x.numel() + 7) // 8, dtype=torch.int64)
            draws.random_(-(2**63), 2**63 - 1)
            kept = draws.view(torch.uint8)[: x.numel()].view(x.shape) >= 26
            return x * kept * (256 / 230)

    dropout = ByteDropout if kind == "tuned" else (lambda: nn.Dropout(DROP))

    class SeparateAttention(nn.Module):
        def __init__(self):
            super().__init__()
            self.q, self.k, self.v = (nn.Linear(DIM, inner, bias=False) for _ in range(3))
            self.proj = nn.Linear(inner, DIM)

        def forward(self, x):
            batch = x.shape[0]
            q, k, v = (f(x).view(batch, TOKENS, HEADS, head_dim).transpose(1, 2) for f in (self.q, self.k, self.v))
            weights = torch.softmax(q @ k.transpose(-2, -1) / head_dim**0.5, dim=-1)
            return self.proj((weights @ v).transpose(1, 2).reshape(batch, TOKENS, inner))

    class FusedAttention(nn.Module):
        def __init__(self):
            super().__init__()
            self.qkv = nn.Linear(DIM, 3 * inner, bias=False)
            self.proj = nn.Linear(inner, DIM)

        def forward(self, x):
            batch = x.shape[0]
            q, k, v = self.qkv(x).view(batch, TOKENS, 3, HEADS, head_dim).permute(2, 0, 3, 1, 4)
            weights = torch.softmax(q @ k.transpose(-2, -1) * head_dim**-0.5, dim=-1)
            return self.proj((weights @ v).transpose(1, 2).reshape(batch, TOKENS, inner))

    class PerImageAttention(FusedAttention):
        """All heads of an image in one product: the query repeated a head, zero outside that head's columns."""

        def __init__(self):
            super().__init__()
            self.register_buffer("own", torch.eye(HEADS).repeat_interleave(head_dim, 1).view(1, HEADS, 1, inner))

        def forward(self, x):
            batch = x.shape[0]
            q, k, v = self.qkv(x).split(inner, dim=-1)
            queries = (q.unsqueeze(1) * (self.own * head_dim**-0.5)).view(batch, HEADS * TOKENS, inner)
            weights = torch.softmax(torch.bmm(queries, k.transpose(1, 2)), dim=-1)
            mixed = torch.bmm(weights, v).view(batch, HEADS, TOKENS, inner)
            return self.proj((mixed * self.own).sum(1))

    attention = {"student": SeparateAttention, "fused": FusedAttention, "tuned": PerImageAttention}[kind]

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
            self.attention, self.drop = attention(), dropout()
            self.mlp = nn.Sequential(nn.Linear(DIM, MLP), nn.GELU(), dropout(), nn.Linear(MLP, DIM), dropout())

        def forward(self, x):
            x = x + self.drop(self.attention(self.norm1(x)))
            return x + self.mlp(self.norm2(x))

    class Vit(nn.Module):
        def __init__(self):
            super().__init__()
            self.patches = nn.Conv2d(1, DIM, PATCH, PATCH)
            self.class_token = nn.Parameter(torch.zeros(1, 1, DIM))
            self.positions = nn.Parameter(torch.randn(1, TOKENS, DIM) * 0.02)
            self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
            self.norm, self.head = nn.LayerNorm(DIM), nn.Linear(DIM, CLASSES)

        def forward(self, images):
            x = self.patches(images).flatten(2).transpose(1, 2)
            x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], dim=1) + self.positions
            return self.head(self.norm(self.blocks(x))[:, 0])

    return Vit()


def run_torch(kind, threads, head_dim, seconds):
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    model = torch_model(kind, head_dim)
    optimizer = torch.optim.Adam(model.parameters(), foreach=kind == "tuned")
    images, labels = torch.randn(BATCH, 1, SIDE, SIDE), torch.arange(BATCH) % CLASSES

    def step():
        optimizer.zero_grad(set_to_none=True)
        torch.nn.functional.cross_entropy(model(images), labels).backward()
        optimizer.step()

    for _ in range(20):
        step()
    steps, begin = 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        step()
        steps += 1
    print(steps * BATCH / (time.perf_counter() - begin))


def clean_environment():
    """Without the variables that cripple OpenBLAS."""
    return {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}


def measure_torch(kind, args):
    environment = clean_environment()
    allocators = glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4")
    if kind == "tuned" and allocators:
        environment["LD_PRELOAD"] = allocators[0]
    command = [sys.executable, __file__, "--worker", kind, "--threads", str(args.threads),
               "--head-dim", str(args.head_dim), "--seconds", str(args.seconds)]
    return float(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def measure_ours(args):
    command = [args.bench, f"--benchmark_filter=^train_step/head_dim:{args.head_dim}/threads:{args.threads}/",
               f"--benchmark_min_time={args.seconds}", "--benchmark_format=json"]
    out = subprocess.run(command, env=clean_environment(), check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    return json.loads(out)["benchmarks"][0]["images_per_second"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=str(ROOT / "build/release/tests/bench/nn_bench"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--head-dim", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--worker", choices=["student", "fused", "tuned"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        return run_torch(args.worker, args.threads, args.head_dim, args.seconds)

    programs = {"PyTorch, student": lambda: measure_torch("student", args),
                "PyTorch, fused": lambda: measure_torch("fused", args),
                "PyTorch, tuned": lambda: measure_torch("tuned", args),
                "Vitrine": lambda: measure_ours(args)}
    rates = {name: [] for name in programs}
    busy = []
    for _ in range(args.rounds):
        for name, measure in programs.items():
            rates[name].append(measure())
        busy.append(os.getloadavg()[0])
    ours = statistics.median(rates["Vitrine"])
    print(f"{args.threads} threads, heads of {args.head_dim}, {args.rounds} rounds of {args.seconds} s; "
          f"load average {min(busy):.1f} to {max(busy):.1f}")
    print(f"{'':18}{'median':>10}{'least':>10}{'most':>10}{'Vitrine is':>13}")
    for name, values in rates.items():
        median = statistics.median(values)
        print(f"{name:18}{median:10,.0f}{min(values):10,.0f}{max(values):10,.0f}{ours / median:11.1f} x")


if __name__ == "__main__":
    main()
