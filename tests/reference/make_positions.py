#!/usr/bin/env python3
"""Writes positions.json: positional encodings and expected dot products with PyTorch's answers.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_positions.py
"""
import random

import torch

import reference

DRAW = random.Random(22)


def sinusoidal_case():
    length, pairs = DRAW.randint(1, 6), DRAW.randint(1, 4)
    start, base = DRAW.choice([0, 1, 17, 9999]), DRAW.choice([10000, 100, 2.5])
    positions = torch.arange(start, start + length, dtype=torch.float64)[:, None]
    exponents = torch.arange(pairs, dtype=torch.float64) / pairs
    angles = positions / torch.tensor(base, dtype=torch.float64) ** exponents
    encoding = torch.stack([torch.sin(angles), torch.cos(angles)], dim=2).reshape(length, 2 * pairs)
    request = {"op": "positional_encoding", "kind": "sinusoidal", "length": length, "dim": 2 * pairs,
               "start": start, "base": base}
    return request, {"encoding": encoding.tolist()}


def counted_case():
    kind, length = DRAW.choice(["index", "normalized"]), DRAW.randint(1, 30)
    positions = torch.arange(1, length + 1, dtype=torch.float64)
    request = {"op": "positional_encoding", "kind": kind, "length": length}
    return request, {"encoding": (positions if kind == "index" else positions / length).tolist()}


def dot_product_case():
    """The moments of d independent products q_i k_i, out of those of one: E[qk] and E[(qk)^2]."""
    mean, std, dim = DRAW.randint(-20, 20) / 10, DRAW.randint(1, 30) / 10, DRAW.randint(1, 600)
    one = torch.distributions.Normal(*torch.tensor([mean, std], dtype=torch.float64))
    first, second = one.mean ** 2, (one.variance + one.mean ** 2) ** 2
    request = {"op": "dot_product_statistics", "mean": mean, "std": std, "dim": dim}
    return request, {"expected_mean": (dim * first).item(),
                     "expected_variance": (dim * (second - first ** 2)).item()}


if __name__ == "__main__":
    reference.write(__file__, [(sinusoidal_case, 40), (counted_case, 12), (dot_product_case, 20)])
