#!/usr/bin/env python3
"""PyTorch's side of compare_torch.py --what training: prints the images a second of one training step.

`student` is the model as one writes it from the paper; `fused` has one product for q, k and v; `tuned` also one
product an image for all heads, dropout from random bytes and a fused Adam loop.
"""
import argparse
import time

import torch
from torch import nn

BATCH, SIDE, PATCH, DIM, DEPTH, HEADS, MLP, CLASSES, DROP = 32, 28, 7, 64, 6, 8, 128, 10, 0.1
TOKENS = (SIDE // PATCH) ** 2 + 1


def torch_model(kind, head_dim):
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


def run(kind, threads, head_dim, seconds):
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


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["student", "fused", "tuned"])
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--head-dim", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    arguments = parser.parse_args()
    run(arguments.kind, arguments.threads, arguments.head_dim, arguments.seconds)
