#!/usr/bin/env python3
"""Writes compute.json: requests of `vitrine compute` with the answers that PyTorch gives, in double.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_reference.py

tests/cli/reference_test.cpp asks our engine the same. The seed is fixed, so a second run writes the same file.
"""
import json
import math
import pathlib
import random

import torch
from torch.nn import functional as F

DRAW = random.Random(20)
BOUNDARIES = ["zeros", "reflect", "replicate", "circular"]
PAD_MODES = {"reflect": "reflect", "replicate": "replicate", "circular": "circular"}


def numbers(*shape):
    """Short decimals, so that the file stays small; doubles all the same."""
    count = math.prod(shape)
    values = [DRAW.randint(-2000, 2000) / 1000 for _ in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def padded(x, sides, boundary):
    """x [C, H, W] continued by (left, right, top, bottom)."""
    if boundary == "zeros":
        return F.pad(x[None], sides)[0]
    if sides[2] == sides[3] == 0 and x.shape[1] == 1:  # one dimension
        return F.pad(x[None, :, 0], sides[:2], mode=PAD_MODES[boundary])[0][:, None]
    return F.pad(x[None], sides, mode=PAD_MODES[boundary])[0]


def conv_case():
    two_d = DRAW.random() < 0.6
    channels = DRAW.random() < 0.7
    groups = DRAW.choice([1, 1, 2]) if channels else 1
    group_in, group_out = (DRAW.randint(1, 2), DRAW.randint(1, 2)) if channels else (1, 1)
    height = DRAW.randint(4, 7) if two_d else 1
    width = DRAW.randint(5, 9)
    kernel = (DRAW.randint(1, 3) if two_d else 1, DRAW.randint(1, 3))
    stride = (DRAW.randint(1, 3) if two_d else 1, DRAW.randint(1, 3))
    dilation = (DRAW.randint(1, 2) if two_d else 1, DRAW.randint(1, 2))
    sides = [DRAW.randint(0, 2), DRAW.randint(0, 2)] + ([DRAW.randint(0, 2), DRAW.randint(0, 2)] if two_d else [0, 0])
    boundary = DRAW.choice(BOUNDARIES)
    flip = DRAW.random() < 0.3
    x = numbers(groups * group_in, height, width)
    w = numbers(groups * group_out, group_in, *kernel)
    b = numbers(groups * group_out) if channels and DRAW.random() < 0.5 else None

    used = torch.flip(w, [2, 3]) if flip else w
    y = F.conv2d(padded(x, sides, boundary)[None], used, b, stride=stride, dilation=dilation, groups=groups)[0]

    def spoken(t, drop):
        """Without the axes that the request leaves out."""
        if not two_d:
            t = t.squeeze(-2)
        return t.reshape(t.shape[drop:]) if not channels else t

    request = {"op": "conv", "input": spoken(x, 1).tolist(), "weight": spoken(w, 2).tolist(),
               "stride": list(stride) if two_d else stride[1], "dilation": list(dilation) if two_d else dilation[1],
               "padding": dict(zip(["left", "right", "top", "bottom"], sides if two_d else sides[:2])),
               "boundary": boundary, "groups": groups, "flip": flip}
    if b is not None:
        request["bias"] = b.tolist()
    output = spoken(y, 1)
    return request, {"output": output.tolist(), "output_shape": list(output.shape),
                     "parameters": w.numel() + (0 if b is None else b.numel()),
                     "macs": y.numel() * w[0].numel()}


def pool_case():
    two_d = DRAW.random() < 0.6
    kernel = (DRAW.randint(1, 3) if two_d else 1, DRAW.randint(2, 3))
    stride = (DRAW.randint(1, 3) if two_d else 1, DRAW.randint(1, 3))
    padding = (DRAW.randint(0, kernel[0] // 2), DRAW.randint(0, kernel[1] // 2))
    x = numbers(DRAW.randint(1, 2), DRAW.randint(5, 7) if two_d else 1, DRAW.randint(5, 9))
    speak = (lambda t: t.tolist()) if two_d else (lambda t: t.squeeze(-2).tolist())
    pair = (lambda p: list(p)) if two_d else (lambda p: p[1])
    request = {"op": "pool", "dims": 2 if two_d else 1, "input": speak(x), "kernel": pair(kernel),
               "stride": pair(stride), "padding": pair(padding)}
    if DRAW.random() < 0.5:
        dilation = (DRAW.randint(1, 2) if two_d else 1, DRAW.randint(1, 2))
        request.update(mode="max", dilation=pair(dilation))
        y, argmax = F.max_pool2d(x[None], kernel, stride, padding, dilation, return_indices=True)
        return request, {"output": speak(y[0]), "argmax": speak(argmax[0])}
    count = DRAW.random() < 0.5
    request.update(mode="average", count_padding=count)
    return request, {"output": speak(F.avg_pool2d(x[None], kernel, stride, padding, count_include_pad=count)[0])}


def attention_case():
    queries, keys, d, dv = (DRAW.randint(1, 5) for _ in range(4))
    q, k, v = numbers(queries, d), numbers(keys, d), numbers(keys, dv)
    request = {"op": "attention", "query": q.tolist(), "key": k.tolist(), "value": v.tolist()}
    scale = DRAW.choice(["rsqrt", 1.0, 0.0, -2.5, 40.0])
    request["scale"] = scale
    scores = q @ k.T * (1 / math.sqrt(d) if scale == "rsqrt" else scale)
    kind = DRAW.choice(["none", "causal", "some"])
    allowed = torch.ones(queries, keys, dtype=torch.bool)
    if kind == "causal":
        allowed = torch.tril(allowed)
    if kind == "some":
        allowed = torch.tensor([[DRAW.random() < 0.6 for _ in range(keys)] for _ in range(queries)])
        allowed[:, DRAW.randrange(keys)] = True
    request["mask"] = allowed.tolist() if kind == "some" else kind
    weights = torch.softmax(scores.masked_fill(~allowed, -math.inf), dim=1)
    return request, {"scores": scores.tolist(), "weights": weights.tolist(), "output": (weights @ v).tolist(),
                     "entropy": torch.special.entr(weights).sum(1).tolist()}


def softmax_case():
    shape = DRAW.choice([(DRAW.randint(1, 6),), (DRAW.randint(1, 4), DRAW.randint(1, 6))])
    scale = DRAW.choice([1.0, 0.0, 0.25, -3.0, 100.0])
    x, g = numbers(*shape).requires_grad_(), numbers(*shape)
    y = torch.softmax(scale * x, dim=-1)
    y.backward(g)
    request = {"op": "softmax", "input": x.tolist(), "scale": scale, "grad_output": g.tolist()}
    return request, {"output": y.tolist(), "grad_input": x.grad.tolist()}


def cases(make, count):
    found = []
    while len(found) < count:
        try:
            request, expected = make()
        except RuntimeError:  # the kernel does not fit, or the padding is too wide for the boundary
            continue
        found.append({"request": request, "expected": expected})
    return found


def main():
    all_cases = cases(conv_case, 24) + cases(pool_case, 12) + cases(attention_case, 12) + cases(softmax_case, 8)
    path = pathlib.Path(__file__).with_name("compute.json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in all_cases) + "\n]\n")
    print(f"{path}: {len(all_cases)} cases from PyTorch {torch.__version__}")


if __name__ == "__main__":
    main()
