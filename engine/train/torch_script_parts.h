// The text of the PyTorch program that torch_script() makes, in pieces. A word between two @ is replaced.
#pragma once

namespace vitrine::train::script {

inline constexpr const char* kHead =
    R"py("""A @KIND@ for images of @CHANNELS@ x @HEIGHT@ x @WIDTH@ and @CLASSES@ classes, as Vitrine trained it.

    python model.py --images images.npy                      logits of each image, as JSON
    python model.py --images images.npy --labels labels.npy  loss and accuracy
    python model.py --train --images images.npy --labels labels.npy
                                                             trains anew with the run's settings

images.npy holds bytes [N, C, H, W] (or [N, H, W]), labels.npy the classes [N]. The weights are read from
weights.safetensors beside this file, or from --weights.
"""
import argparse
import json
import math
import pathlib
import struct

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

CHANNELS, HEIGHT, WIDTH, CLASSES = @CHANNELS@, @HEIGHT@, @WIDTH@, @CLASSES@
MEAN, DEVIATION = @MEAN@, @DEVIATION@  # of the pixels, scaled to 0..1

EPOCHS, BATCH_SIZE, SEED = @EPOCHS@, @BATCH_SIZE@, @SEED@
LEARNING_RATE, MIN_LEARNING_RATE, WARMUP_STEPS = @LEARNING_RATE@, @MIN_LEARNING_RATE@, @WARMUP_STEPS@
WEIGHT_DECAY = @WEIGHT_DECAY@
)py";

inline constexpr const char* kVit = R"py(
PATCH_SIZE, EMBED_DIM, DEPTH, HEADS, HEAD_DIM, MLP_DIM = @PATCH_SIZE@, @EMBED_DIM@, @DEPTH@, @HEADS@, @HEAD_DIM@, @MLP_DIM@
TOKENS = @TOKENS@
DROPOUT = @DROPOUT@


class PatchEmbed(nn.Module):
    def __init__(self):
        super().__init__()
        self.proj = nn.Conv2d(CHANNELS, EMBED_DIM, PATCH_SIZE, stride=PATCH_SIZE)

    def forward(self, images):
        return self.proj(images).flatten(2).transpose(1, 2)  # [N, patches, D]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(EMBED_DIM, 3 * HEADS * HEAD_DIM, bias=@QKV_BIAS@)
        self.proj = nn.Linear(HEADS * HEAD_DIM, EMBED_DIM)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x):
        images, tokens, _ = x.shape
        qkv = self.qkv(x).reshape(images, tokens, 3, HEADS, HEAD_DIM)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # each [N, heads, tokens, head_dim]
        weights = (q @ k.transpose(2, 3) / math.sqrt(HEAD_DIM)).softmax(dim=-1)
        mixed = (weights @ v).transpose(1, 2).reshape(images, tokens, HEADS * HEAD_DIM)
        return self.drop(self.proj(mixed))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(EMBED_DIM, MLP_DIM)
        self.act = nn.GELU()
        self.fc2 = nn.Linear(MLP_DIM, EMBED_DIM)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x):
        return self.drop(self.fc2(self.drop(self.act(self.fc1(x)))))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1 = nn.LayerNorm(EMBED_DIM)
        self.attn = Attention()
        self.norm2 = nn.LayerNorm(EMBED_DIM)
        self.mlp = Mlp()

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))

)py";

inline constexpr const char* kSinusoids = R"py(
def sinusoids():
    """PE(t, 2i) = sin(t / 10000^(2i/D)), PE(t, 2i+1) = cos of the same: [1, tokens, D]"""
    d = np.arange(EMBED_DIM)
    angles = np.arange(TOKENS)[:, None] / 10000.0 ** (d // 2 * 2 / EMBED_DIM)
    return torch.tensor(np.where(d % 2 == 0, np.sin(angles), np.cos(angles))[None], dtype=torch.float32)

)py";

inline constexpr const char* kVitModel = R"py(
class Model(nn.Module):
    """Vision Transformer, pre-norm; Dosovitskiy et al. 2020, "An image is worth 16x16 words"."""

    def __init__(self):
        super().__init__()
        self.patch_embed = PatchEmbed()
@CLASS_TOKEN@@POSITIONS@        self.blocks = nn.Sequential(*(Block() for _ in range(DEPTH)))
        self.norm = nn.LayerNorm(EMBED_DIM)
        self.head = nn.Linear(EMBED_DIM, CLASSES)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def forward(self, images):
        x = self.patch_embed(images)
@CONCATENATE@        x = self.norm(self.blocks(x + self.pos_embed))
        return self.head(@POOLED@)

)py";

inline constexpr const char* kClassToken =
    "        self.cls_token = nn.Parameter(1e-6 * torch.randn(1, 1, EMBED_DIM))\n";
inline constexpr const char* kSinusoidalPositions =
    "        self.register_buffer(\"pos_embed\", sinusoids(), persistent=False)\n";
inline constexpr const char* kConcatenate =
    "        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], dim=1)\n";

inline constexpr const char* kStack = R"py(

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
@LAYERS@        )
        self.head = nn.Linear(@HEAD_INPUTS@, CLASSES)
@FROZEN@
    def forward(self, images):
        x = images
        for layer in self.layers:
            x = layer(x.flatten(1) if isinstance(layer, nn.Linear) else x)
        return self.head(x.flatten(1))

)py";

inline constexpr const char* kClip =
    "        nn.utils.clip_grad_norm_(model.parameters(), max_norm=@CLIP@)\n";

inline constexpr const char* kRest = R"py(
def read_safetensors(path):
    """8 bytes of header length, a JSON header of names, shapes and places, then the numbers."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            values = np.frombuffer(data[begin:end], dtype="<f4").reshape(entry["shape"])
            tensors[name] = torch.from_numpy(values.copy())
    return tensors


def read_images(path):
    pixels = np.load(path)
    pixels = pixels.reshape(len(pixels), CHANNELS, HEIGHT, WIDTH)
    return (torch.from_numpy(pixels.astype(np.float32)) / 255 - MEAN) / DEVIATION


@torch.no_grad()
def logits_of(model, images):
    model.eval()
    return torch.cat([model(batch) for batch in images.split(256)])


def evaluate(model, images, labels):
    logits = logits_of(model, images)
    loss = F.cross_entropy(logits, labels).item()
    accuracy = (logits.argmax(dim=1) == labels).float().mean().item()
    return loss, accuracy


def learning_rate(step, total_steps):
    if step < WARMUP_STEPS:
        return LEARNING_RATE * (step + 1) / (WARMUP_STEPS + 1)
    u = min(1.0, (step - WARMUP_STEPS) / max(1, total_steps - WARMUP_STEPS))
    return @SCHEDULE@


def make_optimizer(model):
    """Weight decay acts on the weights of products: not on biases, norms, class token and positions."""
    decayed, others = [], []
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            embedding = name in ("cls_token", "pos_embed")
            (decayed if parameter.ndim > 1 and not embedding else others).append(parameter)
    groups = [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": others, "weight_decay": 0.0}]
    return @OPTIMIZER@


def train(model, images, labels, most_steps=None):
    optimizer = make_optimizer(model)
    total_steps = EPOCHS * math.ceil(len(images) / BATCH_SIZE)
    batches = (batch for _ in range(EPOCHS) for batch in torch.randperm(len(images)).split(BATCH_SIZE))
    for step, batch in enumerate(batches):
        if step == most_steps:
            break
        model.train()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, total_steps)
        loss = F.cross_entropy(model(images[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
@CLIP_GRADIENT@        optimizer.step()
        if step % 100 == 0 or step + 1 in (total_steps, most_steps):
            print(f"step {step + 1}/{total_steps}: loss {loss.item():.4f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True, help="a .npy file of bytes")
    parser.add_argument("--labels", help="a .npy file of classes")
    parser.add_argument("--weights", default=pathlib.Path(__file__).with_name("weights.safetensors"))
    parser.add_argument("--train", action="store_true", help="train a fresh model on the images")
    parser.add_argument("--steps", type=int, help="stop training after so many steps")
    parser.add_argument("--out", default="trained.pt", help="where --train writes the model's state_dict")
    arguments = parser.parse_args()
    if arguments.train and not arguments.labels:
        parser.error("--train needs --labels")

    torch.manual_seed(SEED)
    model = Model()
    images = read_images(arguments.images)
    labels = torch.from_numpy(np.load(arguments.labels).astype(np.int64)) if arguments.labels else None
    if arguments.train:
        train(model, images, labels, arguments.steps)
        torch.save(model.state_dict(), arguments.out)
    else:
        model.load_state_dict(read_safetensors(arguments.weights))
    if labels is None:
        print(json.dumps(logits_of(model, images).tolist()))
    else:
        loss, accuracy = evaluate(model, images, labels)
        print(f"{len(images)} images: loss {loss:.6f}, accuracy {accuracy:.4f}")


if __name__ == "__main__":
    main()
)py";

}  // namespace vitrine::train::script
