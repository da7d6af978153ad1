#!/usr/bin/env python3
"""Writes encoder.json: layer norms and encoder blocks with PyTorch's answers.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_encoder.py
"""
import math
import random

import torch
from torch.nn import functional as F

import reference

DRAW = random.Random(23)


def numbers(*shape):
    return reference.numbers(DRAW, *shape)


def layer_norm_case():
    tokens, dim = DRAW.randint(1, 5), DRAW.randint(1, 8)
    x = numbers(tokens, dim)
    kind = DRAW.choice(["drawn", "drawn", "constant rows", "large", "far from zero"])
    if kind == "constant rows":
        x = x[:, :1].round().repeat(1, dim)  # whole, so that no mean is rounded
    if kind == "large":
        x = x * 1e6
    if kind == "far from zero":
        x = x + 1000
    request = {"op": "layer_norm", "input": x.tolist()}
    weight = numbers(dim) if DRAW.random() < 0.6 else None
    bias = numbers(dim) if DRAW.random() < 0.6 else None
    # PyTorch multiplies before it subtracts the mean: a small eps would show its rounding, not ours.
    eps = DRAW.choice([1e-5, 1e-5, 1e-6, 1e-12, 0.5]) if kind == "drawn" else 1e-5
    for name, value in [("weight", weight), ("bias", bias)]:
        if value is not None:
            request[name] = value.tolist()
    if eps != 1e-5 or DRAW.random() < 0.5:
        request["eps"] = eps
    return request, {"output": F.layer_norm(x, (dim,), weight, bias, eps).tolist(), "mean": x.mean(1).tolist(),
                     "variance": x.var(1, unbiased=False).tolist()}


def drawn_weights(dim, inner, mlp_dim):
    """By their names in the state dict."""
    shapes = {"norm1.weight": [dim], "norm1.bias": [dim], "attn.qkv.weight": [3 * inner, dim],
              "attn.qkv.bias": [3 * inner], "attn.proj.weight": [dim, inner], "attn.proj.bias": [dim],
              "norm2.weight": [dim], "norm2.bias": [dim], "mlp.fc1.weight": [mlp_dim, dim],
              "mlp.fc1.bias": [mlp_dim], "mlp.fc2.weight": [dim, mlp_dim], "mlp.fc2.bias": [dim]}
    return {name: numbers(*shape) for name, shape in shapes.items()}


def by_module(x, w, heads, activation):
    """PyTorch's own layer, whose heads are together as wide as the embedding. It does not return its weights."""
    dim, mlp_dim = x.shape[1], len(w["mlp.fc1.bias"])
    layer = torch.nn.TransformerEncoderLayer(dim, heads, mlp_dim, 0.0, activation, batch_first=True, norm_first=True,
                                             dtype=torch.float64)
    names = {"norm1": "norm1", "norm2": "norm2", "self_attn.out_proj": "attn.proj", "linear1": "mlp.fc1",
             "linear2": "mlp.fc2"}
    state = {f"{theirs}.{kind}": w[f"{ours}.{kind}"] for theirs, ours in names.items() for kind in ["weight", "bias"]}
    layer.load_state_dict(state | {"self_attn.in_proj_weight": w["attn.qkv.weight"],
                                   "self_attn.in_proj_bias": w["attn.qkv.bias"]})
    return {"output": layer(x[None])[0].tolist()}


def by_functions(x, w, heads, activation):
    """As timm's Block does it; the heads' width is free."""
    tokens, dim = x.shape
    normed = F.layer_norm(x, (dim,), w["norm1.weight"], w["norm1.bias"])
    qkv = F.linear(normed, w["attn.qkv.weight"], w.get("attn.qkv.bias"))
    q, k, v = qkv.reshape(tokens, 3, heads, -1).permute(1, 2, 0, 3)
    weights = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[2]), dim=2)
    mixed = (weights @ v).transpose(0, 1).reshape(tokens, -1)
    middle = x + F.linear(mixed, w["attn.proj.weight"], w["attn.proj.bias"])
    normed = F.layer_norm(middle, (dim,), w["norm2.weight"], w["norm2.bias"])
    hidden = {"gelu": F.gelu, "relu": F.relu}[activation](F.linear(normed, w["mlp.fc1.weight"], w["mlp.fc1.bias"]))
    return {"output": (middle + F.linear(hidden, w["mlp.fc2.weight"], w["mlp.fc2.bias"])).tolist(),
            "weights": weights.tolist()}


def encoder_case(own):
    tokens, heads, head_dim, mlp_dim = (DRAW.randint(1, most) for most in (5, 3, 3, 7))
    inner = heads * head_dim
    dim = inner if own else DRAW.randint(1, 6)
    x, w = numbers(tokens, dim), drawn_weights(dim, inner, mlp_dim)
    if not own and DRAW.random() < 0.5:
        del w["attn.qkv.bias"]
    activation = DRAW.choice(["gelu", "relu"])
    request = {"op": "encoder_layer", "input": x.tolist(), "heads": heads,
               **{name: tensor.tolist() for name, tensor in w.items()}}
    if activation == "relu" or DRAW.random() < 0.5:
        request["activation"] = activation
    with torch.no_grad():
        return request, (by_module if own else by_functions)(x, w, heads, activation)


if __name__ == "__main__":
    reference.write(__file__, [(layer_norm_case, 60), (lambda: encoder_case(True), 30),
                               (lambda: encoder_case(False), 50)])
