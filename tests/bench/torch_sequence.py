#!/usr/bin/env python3
"""PyTorch's side of compare_torch.py --what sequence, in double and with the weights kept. The names are those of
sequence_bench.cpp; of two ways to write an operation the faster counts.
"""
import torch
from torch.nn import functional

from torch_operations import serve


def one_head(tokens, dim):
    query, key, value = (torch.randn(tokens, dim, dtype=torch.double) for _ in range(3))

    def product():
        weights = torch.softmax(query @ key.T * dim ** -0.5, dim=-1)
        return weights @ value, weights

    def scaled_query():
        weights = torch.softmax((query * dim ** -0.5) @ key.T, dim=-1)
        return weights @ value, weights

    return [product, scaled_query]


def multi_head(tokens, dim, heads):
    module = torch.nn.MultiheadAttention(dim, heads, batch_first=True, dtype=torch.double).eval()
    rows = torch.randn(tokens, dim, dtype=torch.double)
    batch, tokens_first = rows[None], rows[:, None]

    def by_module():  # its own fast path, where the build has one
        return module(batch, batch, batch, need_weights=True, average_attn_weights=False)

    def by_function():
        return functional.multi_head_attention_forward(
            tokens_first, tokens_first, tokens_first, dim, heads, module.in_proj_weight, module.in_proj_bias,
            None, None, False, 0.0, module.out_proj.weight, module.out_proj.bias, training=False,
            need_weights=True, average_attn_weights=False)

    return [by_module, by_function]


if __name__ == "__main__":
    serve({
        "one head, 1024 tokens, d 64": lambda: one_head(1024, 64),
        "8 heads, 2048 tokens, D 512": lambda: multi_head(2048, 512, 8),
    })
