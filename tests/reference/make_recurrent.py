#!/usr/bin/env python3
"""Writes recurrent.json: gated and attending recurrent nets, their Jacobians and gradients by autograd.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_recurrent.py
"""
import random

import torch

import reference

DRAW = random.Random(56)


def numbers(*shape):
    return reference.numbers(DRAW, *shape)


def jacobian(after, before):
    """d after / d before, a row for each number of `after`."""
    rows = [torch.autograd.grad(y, before, retain_graph=True, allow_unused=True)[0] for y in after]
    return torch.stack([torch.zeros_like(before) if row is None else row for row in rows])


def total_gradients(states, local):
    """dL/dh[t] in total, of L = sum over t of local[t] . h[t]; leaves' .grad is filled as well."""
    for h in states:
        h.retain_grad()
    sum((h * g).sum() for h, g in zip(states, local)).backward()
    return [h.grad.tolist() for h in states]


def gated_case():
    steps, m, n = DRAW.randint(1, 7), DRAW.randint(1, 4), DRAW.randint(1, 3)
    scale = DRAW.choice([1, 1, 1, 4, 0])
    w_c, w_h, w_x = numbers(m, n), numbers(m, m) * scale, numbers(m, n)
    x, h0 = numbers(steps, n), numbers(m) if DRAW.random() < 0.6 else None
    request = {"op": "gated_rnn", "w_c": w_c.tolist(), "w_h": w_h.tolist(), "w_x": w_x.tolist(),
               "input": x.tolist()}
    if h0 is not None:
        request["h0"] = h0.tolist()
    first = torch.zeros(m, dtype=torch.float64) if h0 is None else h0
    for leaf in (w_c, w_h, w_x, x, first):
        leaf.requires_grad_()
    states, gates, jacobians = [], [], []
    before = first
    for t in range(steps):
        c = torch.sigmoid(w_c @ x[t] + w_h @ before)
        h = c * before + (1 - c) * (w_x @ x[t])
        jacobians.append(jacobian(h, before).tolist())
        gates.append(c.tolist())
        states.append(h)
        before = h
    expected = {"h": [h.tolist() for h in states], "c": gates, "jacobian": jacobians}
    if DRAW.random() < 0.8:
        local = numbers(steps, m)
        request["grad_h"] = local.tolist()
        expected["total_grad_h"] = total_gradients(states, local)
        for name, leaf in (("w_c", w_c), ("w_h", w_h), ("w_x", w_x), ("input", x)):
            expected["grad_" + name] = leaf.grad.tolist()
    return request, expected


def attention_case():
    steps, n = DRAW.randint(1, 6), DRAW.randint(1, 3)
    memory = DRAW.choice([1, 2, 2, 3, "all", "all"])
    matrices = 2 if memory == "all" else memory + 1
    w_query, w_key, w_value = (numbers(matrices, n, n) for _ in range(3))
    x = numbers(steps, n)
    request = {"op": "attention_rnn", "memory": memory, "w_query": w_query.tolist(), "w_key": w_key.tolist(),
               "w_value": w_value.tolist(), "input": x.tolist()}
    zeros = [torch.zeros(n, dtype=torch.float64, requires_grad=True) for _ in range(matrices - 1)]
    states, weights, jacobians = [], [], []
    for t in range(steps):
        if memory == "all":
            sources = [x[t]] + states[::-1]
        else:
            sources = [x[t]] + (zeros + states)[::-1][:memory]
        which = [min(i, 1) if memory == "all" else i for i in range(len(sources))]
        scores = torch.stack([(w_query[i] @ z) @ (w_key[i] @ z) for i, z in zip(which, sources)])
        a = torch.softmax(scores, dim=0)
        h = sum(a[j] * (w_value[i] @ z) for j, (i, z) in enumerate(zip(which, sources)))
        if not h.requires_grad:  # the first of all the past has no state before it
            h.requires_grad_()
        previous = sources[1] if len(sources) > 1 else None
        jacobians.append(torch.zeros(n, n).tolist() if previous is None else jacobian(h, previous).tolist())
        weights.append(a.tolist())
        states.append(h)
    expected = {"h": [h.tolist() for h in states], "weights": weights, "jacobian_previous": jacobians}
    if DRAW.random() < 0.8:
        local = numbers(steps, n)
        request["grad_h"] = local.tolist()
        expected["total_grad_h"] = total_gradients(states, local)
    return request, expected


if __name__ == "__main__":
    reference.write(__file__, [(gated_case, 70), (attention_case, 80)])
