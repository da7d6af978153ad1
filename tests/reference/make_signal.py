#!/usr/bin/env python3
"""Writes signal.json: convolution and pooling with PyTorch's answers.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_signal.py
"""
import math
import random

import torch
from torch.nn import functional as F

import reference

DRAW = random.Random(20)
BOUNDARIES = ["zeros", "reflect", "replicate", "circular"]


def numbers(*shape):
    return reference.numbers(DRAW, *shape)


class Form:
    """Which axes a request spells out: the engine's [C, H, W] is PyTorch's, and may lose C, or H, or both."""

    def __init__(self):
        self.two_d = DRAW.random() < 0.6
        self.channels = DRAW.random() < 0.7

    def axis(self, low, high):
        """[rows, columns], rows 1 in one dimension."""
        return (DRAW.randint(low, high) if self.two_d else 1, DRAW.randint(low, high))

    def pair(self, rows_columns):
        """A field of the request: one number where one is enough."""
        rows, columns = rows_columns
        return columns if not self.two_d or (rows == columns and DRAW.random() < 0.5) else [rows, columns]

    def shape(self, sizes, channel_axes):
        """Without the axes that the request leaves out; channel_axes lead."""
        lead = list(sizes[:channel_axes]) if self.channels else []
        return lead + list(sizes[channel_axes if self.two_d else channel_axes + 1:])

    def spoken(self, tensor, channel_axes):
        return tensor.reshape(self.shape(tensor.shape, channel_axes)).tolist()


class Layer:
    """A random convolution: geometry, weights, and the request's fields for it."""

    def __init__(self):
        self.form = form = Form()
        self.groups = DRAW.choice([1, 1, 2, 3]) if form.channels else 1
        group_in, group_out = (DRAW.randint(1, 2), DRAW.randint(1, 2)) if form.channels else (1, 1)
        self.kernel, self.dilation = form.axis(1, 3), form.axis(1, 2)
        self.stride = form.axis(1, 3)
        self.boundary = DRAW.choice(BOUNDARIES)
        self.flip = DRAW.random() < 0.3
        self.padding = self.draw_padding()
        self.input_shape = (self.groups * group_in, DRAW.randint(3, 5) if form.two_d else 1, DRAW.randint(4, 7))
        self.weight = numbers(self.groups * group_out, group_in, *self.kernel)
        self.bias = numbers(self.groups * group_out) if DRAW.random() < 0.5 else None

    def draw_padding(self):
        """Sets self.sides (left, right, top, bottom) and returns the request's field."""
        rows, columns = (d * (k - 1) for d, k in zip(self.dilation, self.kernel))
        kind = DRAW.choice(["valid", "same", "full", "number", "sides", "sides", "sides"])
        if kind == "same":
            self.stride = (1, 1)
            self.sides = [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2]
            return kind
        if kind == "full":
            self.sides = [columns, columns, rows, rows]
            return kind
        if kind == "valid":
            self.sides = [0, 0, 0, 0]
            return kind
        if kind == "number":
            rows, columns = DRAW.randint(0, 2) if self.form.two_d else 0, DRAW.randint(0, 2)
            self.sides = [columns, columns, rows, rows]
            return self.form.pair((rows, columns))
        self.sides = [DRAW.randint(0, 2) for _ in range(4 if self.form.two_d else 2)]
        named = dict(zip(["left", "right", "top", "bottom"], self.sides))
        self.sides += [0, 0] * (not self.form.two_d)
        return named

    def apply(self, x, weight, bias=None):
        """x [N, C, H, W]"""
        used = torch.flip(weight, [2, 3]) if self.flip else weight
        return F.conv2d(padded(x, self.sides, self.boundary), used, bias, stride=self.stride,
                        dilation=self.dilation, groups=self.groups)

    def request(self, op):
        fields = {"op": op, "weight": self.form.spoken(self.weight, 2), "stride": self.form.pair(self.stride),
                  "dilation": self.form.pair(self.dilation), "padding": self.padding, "boundary": self.boundary,
                  "groups": self.groups, "flip": self.flip}
        if self.bias is not None:
            fields["bias"] = self.spoken_bias(self.bias)
        return fields

    def spoken_bias(self, bias):
        return bias.tolist() if self.form.channels else bias.item()


def padded(x, sides, boundary):
    """x [N, C, H, W] continued by (left, right, top, bottom)."""
    if boundary == "zeros":
        return F.pad(x, sides)
    if sides[2] == sides[3] == 0 and x.shape[2] == 1:  # one dimension
        return F.pad(x[:, :, 0], sides[:2], mode=boundary)[:, :, None]
    return F.pad(x, sides, mode=boundary)


def conv_case():
    layer = Layer()
    x = numbers(*layer.input_shape)
    y = layer.apply(x[None], layer.weight, layer.bias)[0]
    touched = torch.ones(1, *layer.input_shape, dtype=torch.float64, requires_grad=True)
    layer.apply(touched, torch.ones_like(layer.weight)).sum().backward()
    request = {**layer.request("conv"), "input": layer.form.spoken(x, 1)}
    return request, {"output": layer.form.spoken(y, 1), "output_shape": layer.form.shape(y.shape, 1),
                     "parameters": layer.weight.numel() + (0 if layer.bias is None else layer.bias.numel()),
                     "macs": y.numel() * layer.weight[0].numel(),
                     "unused_input": int((touched.grad[0, 0] == 0).sum())}


def conv_backward_case():
    layer = Layer()
    x, w = numbers(*layer.input_shape).requires_grad_(), layer.weight.clone().requires_grad_()
    b = None if layer.bias is None else layer.bias.clone().requires_grad_()
    y = layer.apply(x[None], w, b)[0]
    g = numbers(*y.shape)
    y.backward(g)
    request = {**layer.request("conv_backward"), "input": layer.form.spoken(x, 1),
               "grad_output": layer.form.spoken(g, 1)}
    expected = {"grad_input": layer.form.spoken(x.grad, 1), "grad_weight": layer.form.spoken(w.grad, 2)}
    if b is not None:
        expected["grad_bias"] = layer.spoken_bias(b.grad)
    return request, expected


def toeplitz_case():
    """The matrix column by column, from unit vectors; its pattern from weights of 1, which cannot cancel."""
    layer = Layer()
    cells = math.prod(layer.input_shape)
    units = torch.eye(cells, dtype=torch.float64).reshape(cells, *layer.input_shape)
    matrix = layer.apply(units, layer.weight).reshape(cells, -1).T
    ones = torch.ones_like(layer.weight).requires_grad_()
    pattern = layer.apply(units, ones)
    pattern.sum().backward()
    if matrix.numel() > 900:
        raise RuntimeError("too large for the file")
    request = {**layer.request("toeplitz"), "input_shape": layer.form.shape(layer.input_shape, 1)}
    return request, {"matrix": matrix.tolist(), "shape": list(matrix.shape),
                     "nonzeros": int((pattern != 0).sum()), "distinct_weights": int((ones.grad != 0).sum())}


def conv_transpose_case():
    form = Form()
    channels, filters = (DRAW.randint(1, 3), DRAW.randint(1, 3)) if form.channels else (1, 1)
    kernel, stride, dilation = form.axis(1, 3), form.axis(1, 3), form.axis(1, 3)
    padding = tuple(DRAW.randint(0, 2) for _ in range(2)) if form.two_d else (0, DRAW.randint(0, 2))
    extra = tuple(DRAW.randint(0, max(s, d) - 1) for s, d in zip(stride, dilation))
    x = numbers(channels, DRAW.randint(1, 4) if form.two_d else 1, DRAW.randint(1, 5))
    w = numbers(channels, filters, *kernel)
    b = numbers(filters) if DRAW.random() < 0.5 else None
    if form.two_d:
        y = F.conv_transpose2d(x[None], w, b, stride, padding, extra, 1, dilation)[0]
    else:
        y = F.conv_transpose1d(x[None, :, 0], w[:, :, 0], b, stride[1], padding[1], extra[1], 1, dilation[1])[0][:, None]
    request = {"op": "conv_transpose", "input": form.spoken(x, 1), "weight": form.spoken(w, 2),
               "stride": form.pair(stride), "padding": form.pair(padding), "output_padding": form.pair(extra),
               "dilation": form.pair(dilation)}
    if b is not None:
        request["bias"] = b.tolist()
    return request, {"output": form.spoken(y, 1), "output_shape": form.shape(y.shape, 1)}


def locally_connected_case():
    form = Form()
    form.channels = False
    kernel, stride, dilation = form.axis(1, 3), form.axis(1, 2), form.axis(1, 2)
    sides = [DRAW.randint(0, 2) for _ in range(4 if form.two_d else 2)] + [0, 0] * (not form.two_d)
    x = numbers(1, DRAW.randint(3, 4) if form.two_d else 1, DRAW.randint(3, 6))
    out = [(n + p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in
           zip(x.shape[1:], (sides[2] + sides[3], sides[0] + sides[1]), dilation, kernel, stride)]
    if min(out) < 1:
        raise RuntimeError("does not fit")
    w = numbers(*out, *kernel)
    b = numbers(*out) if DRAW.random() < 0.5 else None

    def apply(batch):
        """Every window as a column, times its own weights: [N, 1, H, W] -> [N, outputs]."""
        windows = F.unfold(F.pad(batch, sides), kernel, dilation, 0, stride)
        return (windows * w.reshape(-1, math.prod(kernel)).T).sum(1)

    y = apply(x[None])[0].reshape(out)
    cells = x.numel()
    matrix = apply(torch.eye(cells, dtype=torch.float64).reshape(cells, *x.shape)).T
    drop = slice(None) if form.two_d else slice(1, None)
    request = {"op": "locally_connected", "input": form.spoken(x, 1),
               "weight": (w if form.two_d else w[0, :, 0]).tolist(), "stride": form.pair(stride),
               "dilation": form.pair(dilation),
               "padding": dict(zip(["left", "right", "top", "bottom"], sides[:4 if form.two_d else 2]))}
    if b is not None:
        request["bias"] = b.reshape(out[drop]).tolist()
        y = y + b
    return request, {"output": y.reshape(out[drop]).tolist(), "output_shape": out[drop],
                     "parameters": w.numel() + (0 if b is None else b.numel()), "matrix": matrix.tolist()}


def pool_case():
    form = Form()
    kernel, stride = (DRAW.randint(1, 3) if form.two_d else 1, DRAW.randint(2, 3)), form.axis(1, 3)
    sides = [DRAW.randint(0, k // 2) for k in (kernel[1], kernel[1], kernel[0], kernel[0])]
    sides[2:] = sides[2:] if form.two_d else [0, 0]
    x = numbers(DRAW.randint(1, 2) if form.channels else 1, DRAW.randint(4, 7) if form.two_d else 1, DRAW.randint(5, 9))
    request = {"op": "pool", "dims": 2 if form.two_d else 1, "input": form.spoken(x, 1), "kernel": form.pair(kernel),
               "padding": dict(zip(["left", "right", "top", "bottom"], sides[:4 if form.two_d else 2]))}
    if DRAW.random() < 0.3:
        stride = kernel
    else:
        request["stride"] = form.pair(stride)
    symmetric = sides[0] == sides[1] and sides[2] == sides[3]
    if symmetric and DRAW.random() < 0.5:
        request["padding"] = form.pair((sides[2], sides[0]))
    if DRAW.random() < 0.5:
        dilation = form.axis(1, 2)
        request.update(mode="max", dilation=form.pair(dilation))
        wide = F.pad(x[None], sides, value=-math.inf)
        y, at = F.max_pool2d(wide, kernel, stride, 0, dilation, return_indices=True)
        argmax = (at // wide.shape[3] - sides[2]) * x.shape[2] + at % wide.shape[3] - sides[0]
        return request, {"output": form.spoken(y[0], 1), "output_shape": form.shape(y[0].shape, 1),
                         "argmax": form.spoken(argmax[0], 1)}
    count = DRAW.random() < 0.5
    request.update(mode="average", count_padding=count)
    if symmetric:
        y = F.avg_pool2d(x[None], kernel, stride, (sides[2], sides[0]), count_include_pad=count)[0]
    else:
        y = F.avg_pool2d(F.pad(x[None], sides), kernel, stride)[0]
        if not count:
            y = y / F.avg_pool2d(F.pad(torch.ones_like(x)[None], sides), kernel, stride)[0]
    return request, {"output": form.spoken(y, 1), "output_shape": form.shape(y.shape, 1)}


def conv_shape_case():
    """Sizes from a module on PyTorch's device without numbers."""
    form = Form()
    form.channels = True
    groups = DRAW.choice([1, 1, 2, 4])
    channels, filters = groups * DRAW.randint(1, 8), groups * DRAW.randint(1, 16)
    kernel, stride, dilation = form.axis(1, 11), form.axis(1, 5), form.axis(1, 4)
    padding = tuple(DRAW.randint(0, 6) for _ in range(2)) if form.two_d else (0, DRAW.randint(0, 6))
    bias = DRAW.random() < 0.5
    x = torch.empty(channels, DRAW.randint(20, 500) if form.two_d else 1, DRAW.randint(20, 500), device="meta")
    module = torch.nn.Conv2d(channels, filters, kernel, stride, padding, dilation, groups, bias, device="meta")
    y = module(x[None])[0]
    request = {"op": "conv_shape", "input_shape": form.shape(x.shape, 1), "filters": filters,
               "kernel": form.pair(kernel), "stride": form.pair(stride), "padding": form.pair(padding),
               "dilation": form.pair(dilation), "groups": groups, "bias": bias}
    return request, {"output_shape": form.shape(y.shape, 1), "weights": module.weight.numel(),
                     "parameters": sum(p.numel() for p in module.parameters()),
                     "macs": y.numel() * module.weight[0].numel(), "dense_weights": x.numel() * y.numel(),
                     "output_size": y.numel()}


def receptive_field_case():
    """What one output cell depends on, found by autograd through a stack of ones."""
    layers = [{"kernel": DRAW.randint(1, 5), "stride": DRAW.randint(1, 3), "dilation": DRAW.randint(1, 3)}
              for _ in range(DRAW.randint(1, 4))]

    def reach(cell):
        x = torch.ones(1, 1, 3000, dtype=torch.float64, requires_grad=True)
        y = x
        for layer in layers:
            ones = torch.ones(1, 1, layer["kernel"], dtype=torch.float64)
            y = F.conv1d(y, ones, stride=layer["stride"], dilation=layer["dilation"])
        y[0, 0, cell].backward()
        seen = x.grad[0, 0].nonzero().flatten()
        return int(seen[0]), int(seen[-1])

    (first, last), (next_first, _) = reach(0), reach(1)
    return {"op": "receptive_field", "layers": layers}, {"size": last - first + 1, "jump": next_first - first}


if __name__ == "__main__":
    reference.write(__file__, [(conv_case, 70), (conv_backward_case, 70), (conv_transpose_case, 50),
                               (toeplitz_case, 40), (locally_connected_case, 30), (pool_case, 60),
                               (conv_shape_case, 30), (receptive_field_case, 20)])
