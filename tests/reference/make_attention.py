#!/usr/bin/env python3
"""Writes attention.json: attention with PyTorch's answers.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_attention.py
"""
import math
import random

import torch
from torch.nn import functional as F

import reference

DRAW = random.Random(21)


def numbers(*shape):
    return reference.numbers(DRAW, *shape)


def mask(queries, keys):
    """A request's mask, and the same as booleans [queries, keys] with at least one key a row."""
    kind = DRAW.choice(["none", "causal", "some"])
    allowed = torch.ones(queries, keys, dtype=torch.bool)
    if kind == "causal":
        allowed = torch.tril(allowed)
    if kind == "some":
        allowed = torch.tensor([[DRAW.random() < 0.6 for _ in range(keys)] for _ in range(queries)])
        allowed[:, DRAW.randrange(keys)] = True
    return allowed.tolist() if kind == "some" else kind, allowed


def attention_case():
    queries, keys, d, dv = (DRAW.randint(1, 5) for _ in range(4))
    q, k, v = numbers(queries, d), numbers(keys, d), numbers(keys, dv)
    request = {"op": "attention", "query": q.tolist(), "key": k.tolist(), "value": v.tolist()}
    scale = DRAW.choice(["rsqrt", 1.0, 0.0, -2.5, 40.0])
    request["scale"] = scale
    scores = q @ k.T * (1 / math.sqrt(d) if scale == "rsqrt" else scale)
    request["mask"], allowed = mask(queries, keys)
    weights = torch.softmax(scores.masked_fill(~allowed, -math.inf), dim=1)
    return request, {"scores": scores.tolist(), "weights": weights.tolist(), "output": (weights @ v).tolist(),
                     "entropy": torch.special.entr(weights).sum(1).tolist()}


def multi_head_case():
    """Half of the cases by PyTorch's own multi-head attention, which knows one width and one scale only."""
    queries, heads, head_dim = DRAW.randint(1, 5), DRAW.randint(1, 3), DRAW.randint(1, 3)
    inner, own = heads * head_dim, DRAW.random() < 0.5
    dim = inner if own else DRAW.randint(1, 5)
    crossed = DRAW.random() < 0.4
    keys = DRAW.randint(1, 5) if crossed else queries
    context_dim = DRAW.randint(1, 4) if crossed and not own else dim
    x = numbers(queries, dim)
    request = {"op": "multi_head_attention", "input": x.tolist(), "heads": heads}
    context = numbers(keys, context_dim) if crossed else x
    if crossed:
        request["context"] = context.tolist()
    w = {"w_query": numbers(inner, dim), "w_key": numbers(inner, context_dim),
         "w_value": numbers(inner, context_dim)}
    if own or DRAW.random() < 0.7:
        w["w_out"] = numbers(dim, inner)
    for name, size in [("query", inner), ("key", inner), ("value", inner), ("out", dim)]:
        if f"w_{name}" in w and DRAW.random() < 0.5:
            w[f"b_{name}"] = numbers(size)
    request |= {name: tensor.tolist() for name, tensor in w.items()}
    request["mask"], allowed = mask(queries, keys)
    scale = "rsqrt" if own else DRAW.choice(["rsqrt", 1.0, 0.0, -0.5])
    request["scale"] = scale

    def bias(name, size):
        return w.get(f"b_{name}", torch.zeros(size, dtype=torch.float64))

    q, k, v = (F.linear(rows, w[f"w_{name}"], bias(name, inner)).reshape(-1, heads, head_dim).transpose(0, 1)
               for rows, name in [(x, "query"), (context, "key"), (context, "value")])
    scores = q @ k.transpose(1, 2) * (1 / math.sqrt(head_dim) if scale == "rsqrt" else scale)
    weights = torch.softmax(scores.masked_fill(~allowed, -math.inf), dim=2)
    heads_output = weights @ v
    output = heads_output.transpose(0, 1).reshape(queries, inner)
    if "w_out" in w:
        output = F.linear(output, w["w_out"], bias("out", dim))
    if own:
        biases = torch.cat([bias(name, inner) for name in ("query", "key", "value")])
        output, weights = F.multi_head_attention_forward(
            x[:, None], context[:, None], context[:, None], inner, heads, None, biases, None, None, False, 0.0,
            w["w_out"], bias("out", dim), attn_mask=~allowed, use_separate_proj_weight=True,
            q_proj_weight=w["w_query"], k_proj_weight=w["w_key"], v_proj_weight=w["w_value"],
            average_attn_weights=False)
        output, weights = output[:, 0], weights[0]
    return request, {"weights": weights.tolist(), "heads_output": heads_output.tolist(),
                     "output": output.tolist()}


def softmax_case():
    shape = DRAW.choice([(DRAW.randint(1, 6),), (DRAW.randint(1, 4), DRAW.randint(1, 6))])
    scale = DRAW.choice([1.0, 0.0, 0.25, -3.0, 100.0])
    x, g = numbers(*shape).requires_grad_(), numbers(*shape)
    y = torch.softmax(scale * x, dim=-1)
    y.backward(g)
    request = {"op": "softmax", "input": x.tolist(), "scale": scale, "grad_output": g.tolist()}
    return request, {"output": y.tolist(), "grad_input": x.grad.tolist()}


if __name__ == "__main__":
    reference.write(__file__, [(attention_case, 40), (multi_head_case, 60), (softmax_case, 20)])
