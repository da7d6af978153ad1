"""What the makers of the reference files share: short random numbers, and how a file is written.

A maker make_X.py has functions that each return a request of `vitrine compute` and the fields that PyTorch
answers it with, in double; it writes X.json. tests/cli/reference_test.cpp asks our engine the same. Seeds are
fixed, so a second run writes the same file.
"""
import json
import math
import pathlib

import torch


def numbers(draw, *shape):
    """Short decimals, so that the file stays small; doubles all the same. `draw` is a random.Random."""
    count = math.prod(shape)
    values = [draw.randint(-200, 200) / 100 for _ in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def cases(make, count):
    found = []
    while len(found) < count:
        try:
            request, expected = make()
        except RuntimeError:  # the kernel does not fit, or the padding is too wide for the boundary
            continue
        found.append({"request": request, "expected": expected})
    return found


def rounded(value, digits=13):
    """13 digits are more than the test compares, and keep the file small."""
    if isinstance(value, list):
        return [rounded(v, digits) for v in value]
    return float(f"{value:.{digits}g}") if isinstance(value, float) else value


def write(maker, plan):
    """The answers to `plan`, pairs of a case function and how many, beside the maker's file."""
    all_cases = [{"request": case["request"], "expected": {k: rounded(v) for k, v in case["expected"].items()}}
                 for make, count in plan for case in cases(make, count)]
    path = pathlib.Path(maker).with_name(pathlib.Path(maker).stem.removeprefix("make_") + ".json")
    path.write_text("[\n" + ",\n".join(json.dumps(case) for case in all_cases) + "\n]\n")
    print(f"{path}: {len(all_cases)} cases from PyTorch {torch.__version__}")
