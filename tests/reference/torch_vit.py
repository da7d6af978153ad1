"""Our Vision Transformer in plain PyTorch, and our weights files in and out of it.

    import json, torch_vit
    config = json.load(open("runs/a/config.json"))
    model = torch_vit.Vit(config["model"], channels=1, height=28, width=28, classes=10)
    model.load_state_dict(torch_vit.read_safetensors("runs/a/weights.safetensors"))
    model.eval()((pixels - config["run"]["mean"]) / config["run"]["deviation"])  # [N, 1, 28, 28], 0 to 1

Names and shapes of the parameters are timm's. The package `safetensors` reads the same files; the reader here
is for machines without it.
"""
import json
import math
import struct

import numpy
import torch
from torch import nn

NUMBERS = {"F32": torch.float32, "F64": torch.float64, "F16": torch.float16, "BF16": torch.bfloat16}


def read_safetensors(path):
    """8 bytes of header length, a JSON header, the numbers. Returns {name: tensor}."""
    data = open(path, "rb").read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    numbers = bytearray(data[8 + length:])
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = (torch.frombuffer(numbers[begin:end], dtype=NUMBERS[entry["dtype"]]) if end > begin
                else torch.zeros(0, dtype=NUMBERS[entry["dtype"]]))
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    """{name: tensor} in the order given."""
    types, header, blobs, at = {kind: name for name, kind in NUMBERS.items()}, {}, [], 0
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        raw = tensor.view(torch.int16).numpy() if tensor.dtype == torch.bfloat16 else tensor.numpy()
        blobs.append(raw.tobytes())
        header[name] = {"dtype": types[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [at, at + len(blobs[-1])]}
        at += len(blobs[-1])
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


class Attention(nn.Module):
    def __init__(self, dim, heads, head_dim, qkv_bias):
        super().__init__()
        self.heads, self.scale = heads, 1 / math.sqrt(head_dim)
        self.qkv = nn.Linear(dim, 3 * heads * head_dim, bias=qkv_bias)
        self.proj = nn.Linear(heads * head_dim, dim)

    def forward(self, x):
        images, tokens, _ = x.shape
        q, k, v = self.qkv(x).reshape(images, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        self.weights = torch.softmax(q @ k.transpose(2, 3) * self.scale, dim=3)  # [N, heads, T, T]
        return self.proj((self.weights @ v).transpose(1, 2).reshape(images, tokens, -1))


class Mlp(nn.Module):
    def __init__(self, dim, mlp_dim):
        super().__init__()
        self.fc1, self.act, self.fc2 = nn.Linear(dim, mlp_dim), nn.GELU(), nn.Linear(mlp_dim, dim)

    def forward(self, x):
        return self.fc2(self.act(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads, head_dim, mlp_dim, qkv_bias):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(dim), Attention(dim, heads, head_dim, qkv_bias)
        self.norm2, self.mlp = nn.LayerNorm(dim), Mlp(dim, mlp_dim)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchEmbed(nn.Module):
    def __init__(self, channels, patch_size, dim):
        super().__init__()
        self.proj = nn.Conv2d(channels, dim, patch_size, patch_size)

    def forward(self, images):
        return self.proj(images).flatten(2).transpose(1, 2)


def sinusoids(tokens, dim):
    """PE(t, 2i) = sin(t / 10000^(2i/D)), PE(t, 2i+1) = cos of the same."""
    angles = numpy.arange(tokens)[:, None] / 10000.0 ** (numpy.arange(dim) // 2 * 2 / dim)
    return torch.tensor(numpy.where(numpy.arange(dim) % 2 == 0, numpy.sin(angles), numpy.cos(angles)))


class Vit(nn.Module):
    """`config` is the model object of a training configuration; dropout is left out, as in evaluation."""

    def __init__(self, config, channels, height, width, classes):
        super().__init__()
        dim, heads, patch_size = config["embed_dim"], config["heads"], config["patch_size"]
        self.class_token = config["pool"] == "cls"
        tokens = height // patch_size * (width // patch_size) + self.class_token
        if self.class_token:
            self.cls_token = nn.Parameter(torch.zeros(1, 1, dim))
        if config["positions"] == "learned":
            self.pos_embed = nn.Parameter(torch.zeros(1, tokens, dim))
        elif config["positions"] == "sinusoidal":
            self.register_buffer("pos_embed", sinusoids(tokens, dim).float(), persistent=False)
        else:
            self.pos_embed = 0
        self.patch_embed = PatchEmbed(channels, patch_size, dim)
        self.blocks = nn.Sequential(*(Block(dim, heads, config["head_dim"] or dim // heads, config["mlp_dim"],
                                            config["qkv_bias"]) for _ in range(config["depth"])))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, images):
        x = self.patch_embed(images)
        if self.class_token:
            x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1)
        x = self.norm(self.blocks(x + self.pos_embed))
        return self.head(x[:, 0] if self.class_token else x.mean(1))

    def attention(self):
        """[N, depth, heads, T, T] of the last forward pass."""
        return torch.stack([block.attn.weights for block in self.blocks], dim=1)


def rollout(attention):
    """Abnar, Zuidema 2020, section 3: the product over layers of (mean over heads + I) / 2. [depth, heads, T, T]"""
    total = torch.eye(attention.shape[-1], dtype=attention.dtype)
    for layer in attention:
        mixed = (layer.mean(0) + torch.eye(len(total), dtype=attention.dtype)) / 2
        total = mixed / mixed.sum(1, keepdim=True) @ total
    return total
