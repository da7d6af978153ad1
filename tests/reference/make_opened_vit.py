#!/usr/bin/env python3
"""Writes opened_vit/: small Vision Transformers with timm's names, and what PyTorch makes of a picture.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_opened_vit.py

As timm's models: a bias of q, k and v, three channels, LayerNorm with epsilon 1e-6. The tokens are small, so
that another epsilon gives other answers. cases.json is a list of {weights, heads, image, logits, attention};
the image is 0 to 1, and normalised with mean and deviation 0.5.
"""
import json
import pathlib

import torch
from torch import nn

import reference
import torch_vit

FOLDER = pathlib.Path(__file__).with_name("opened_vit")
EPSILON, TOKEN_SCALE, CLASSES = 1e-6, 0.01, 11
# name, what differs from the plain model, the picture's side, LayerScale
CASES = [
    ("plain", {}, 20, False),
    ("layer_scale", {"patch_size": 5, "embed_dim": 12, "depth": 2}, 15, True),
]
PLAIN = {"kind": "vit", "patch_size": 4, "embed_dim": 24, "depth": 3, "heads": 3, "head_dim": 0, "mlp_dim": 40,
         "qkv_bias": True, "pool": "cls", "positions": "learned"}


class LayerScale(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.gamma = nn.Parameter(torch.rand(dim) + 0.5)

    def forward(self, x):
        return x * self.gamma


class ScaledBlock(torch_vit.Block):
    def __init__(self, dim, heads, head_dim, mlp_dim, qkv_bias):
        super().__init__(dim, heads, head_dim, mlp_dim, qkv_bias)
        self.ls1, self.ls2 = LayerScale(dim), LayerScale(dim)

    def forward(self, x):
        x = x + self.ls1(self.attn(self.norm1(x)))
        return x + self.ls2(self.mlp(self.norm2(x)))


def model_of(config, side, scaled):
    model = torch_vit.Vit(config, 3, side, side, CLASSES)
    if scaled:
        model.blocks = nn.Sequential(*(
            ScaledBlock(config["embed_dim"], config["heads"], config["embed_dim"] // config["heads"],
                        config["mlp_dim"], config["qkv_bias"]) for _ in range(config["depth"])))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "gamma" not in name:  # large enough that every layer works off its linear middle
                parameter.add_(0.3 * torch.randn(parameter.shape))
            if name.startswith(("cls_token", "pos_embed", "patch_embed")):
                parameter.mul_(TOKEN_SCALE)
    for module in model.modules():
        if isinstance(module, nn.LayerNorm):
            module.eps = EPSILON
    return model


def case(name, changes, side, scaled):
    config = PLAIN | changes
    model = model_of(config, side, scaled)
    torch_vit.write_safetensors(FOLDER / f"{name}.safetensors", model.state_dict())
    model.double()
    image = torch.rand(3, side, side).double().mul(100).round().div(100)
    with torch.no_grad():
        logits = model((image[None] - 0.5) / 0.5)[0]
        attention = model.attention()[0]
    return {"weights": f"{name}.safetensors", "heads": config["heads"], "image": image.tolist(),
            "logits": reference.rounded(logits.tolist(), 8),
            "attention": reference.rounded(attention.tolist(), 7)}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    torch.manual_seed(47)
    cases = [case(*row) for row in CASES]
    (FOLDER / "cases.json").write_text("[\n" + ",\n".join(json.dumps(each) for each in cases) + "\n]\n")
    print(f"{FOLDER}: {len(cases)} cases from PyTorch {torch.__version__}")
