#!/usr/bin/env python3
"""Writes vit/: small Vision Transformers' weights as PyTorch holds them, and what PyTorch makes of a picture.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_vit.py

cases.json is a list of {request, expected} for `vitrine compute`, with the weights' path from the folder vit.
"""
import json
import pathlib

import torch

import reference
import torch_vit

FOLDER = pathlib.Path(__file__).with_name("vit")
# name, what differs from the plain model, (channels, height, width), classes, the file's numbers
CASES = [
    ("cls", {}, (1, 6, 9), 5, torch.float32),
    ("mean", {"pool": "mean", "qkv_bias": True, "head_dim": 5}, (3, 6, 6), 4, torch.float64),
    ("sinusoidal", {"positions": "sinusoidal", "head_dim": 3, "depth": 3}, (1, 9, 6), 3, torch.float32),
    ("half", {"positions": "none", "qkv_bias": True, "heads": 1}, (2, 6, 6), 7, torch.float16),
    ("bfloat", {"pool": "mean", "positions": "sinusoidal", "depth": 1}, (1, 3, 3), 2, torch.bfloat16),
]
PLAIN = {"kind": "vit", "patch_size": 3, "embed_dim": 8, "depth": 2, "heads": 2, "head_dim": 0, "mlp_dim": 12,
         "qkv_bias": False, "pool": "cls", "positions": "learned"}


def case(name, changes, sizes, classes, kind):
    config = PLAIN | changes
    model = torch_vit.Vit(config, *sizes, classes)
    with torch.no_grad():
        for parameter in model.parameters():  # large enough that every layer works off its linear middle
            parameter.add_(0.4 * torch.randn(parameter.shape))
    state = {tensor: values.to(kind) for tensor, values in model.state_dict().items()}
    shuffled = list(state)
    shuffled.reverse()
    torch_vit.write_safetensors(FOLDER / f"{name}.safetensors", {tensor: state[tensor] for tensor in shuffled})
    model.load_state_dict(state)  # as rounded by the file
    model.double()
    image = torch.randn(sizes).double().mul(100).round().div(100)
    with torch.no_grad():
        logits = model(image[None])[0]
        attention = model.attention()[0]
    flat = image if sizes[0] > 1 else image[0]
    expected = {"logits": logits, "probabilities": torch.softmax(logits, 0), "attention": attention,
                "rollout": torch_vit.rollout(attention)}
    return {"request": {"op": "vit_forward", "weights": f"{name}.safetensors", "config": config,
                        "image": flat.tolist()},
            "expected": {field: reference.rounded(values.tolist(), 7) for field, values in expected.items()}}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(31)
    cases = [case(*row) for row in CASES]
    (FOLDER / "cases.json").write_text("[\n" + ",\n".join(json.dumps(each) for each in cases) + "\n]\n")
    print(f"{FOLDER}: {len(cases)} cases from PyTorch {torch.__version__}")
