#!/usr/bin/env python3
"""Writes training/: what PyTorch, in double, makes of small models, of optimizers and of schedules.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/make_training.py

models.json: weights, images and labels; logits, loss and every gradient. losses.json: a Vision Transformer's
weights and its losses in 100 updates by AdamW. optimizers.json: a matrix, which decays, and a row, which does not,
after each of a few updates. schedules.json: the learning rate of each step.
"""
import json
import pathlib
import random

import torch

import reference
import torch_layers
import torch_vit

FOLDER = pathlib.Path(__file__).with_name("training")

VIT = {"kind": "vit", "patch_size": 3, "embed_dim": 6, "depth": 2, "heads": 2, "head_dim": 0, "mlp_dim": 8,
       "dropout": 0, "qkv_bias": False, "pool": "cls", "positions": "learned"}


def conv(filters, kernel, stride, padding, frozen=False):
    return {"kind": "conv", "filters": filters, "kernel": kernel, "stride": stride, "padding": padding,
            "frozen": frozen}


def pool(kind, kernel, stride, padding):
    return {"kind": kind, "kernel": kernel, "stride": stride, "padding": padding}


def dense(units, frozen=False):
    return {"kind": "dense", "units": units, "frozen": frozen}


def stack(kind, *layers):
    return {"kind": kind, "dropout": 0, "layers": [{"kind": each} if isinstance(each, str) else each for each in layers]}


# name, configuration, (channels, height, width), classes
MODELS = [
    ("vit", VIT, (1, 6, 9), 4),
    ("vit_mean", VIT | {"pool": "mean", "positions": "sinusoidal", "qkv_bias": True, "head_dim": 5}, (3, 6, 6), 3),
    ("vit_no_positions", VIT | {"positions": "none", "heads": 3, "depth": 1}, (2, 6, 3), 5),
    ("cnn", stack("cnn", conv(3, 5, 1, 2), "relu", pool("max_pool", 2, 2, 0), conv(4, 3, 1, 1), "relu",
                  pool("max_pool", 2, 2, 0)), (1, 8, 8), 4),
    ("cnn_strides", stack("cnn", conv(4, 3, 2, 2), "gelu", pool("max_pool", 3, 2, 1), conv(3, 2, 1, 1), "relu",
                          pool("average_pool", 3, 1, 1), dense(5), "relu"), (3, 9, 7), 3),
    ("cnn_frozen", stack("cnn", conv(3, 3, 1, 0, frozen=True), "relu", pool("average_pool", 2, 2, 0),
                         conv(2, 2, 1, 0), "gelu"), (2, 7, 6), 3),
    ("mlp", stack("mlp", dense(7), "relu"), (1, 4, 5), 4),
    ("mlp_deep", stack("mlp", dense(6), "gelu", dense(5), "relu"), (2, 3, 3), 3),
]


def model_of(draw, config, sizes, classes):
    """In double, with short numbers for weights; of a norm's weight around one."""
    make = torch_vit.Vit if config["kind"] == "vit" else torch_layers.LayerStack
    model = make(config, *sizes, classes).double()
    if config.get("positions") == "sinusoidal":
        model.pos_embed = torch_vit.sinusoids(len(model.pos_embed), config["embed_dim"])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(reference.numbers(draw, *parameter.shape) / 4 + ("norm" in name and "weight" in name))
    return model


def weights_of(model):
    return {name: parameter.tolist() for name, parameter in model.named_parameters()}


def model_case(draw, name, config, sizes, classes):
    batch = 3
    model = model_of(draw, config, sizes, classes)
    images = reference.numbers(draw, batch, *sizes)
    labels = [draw.randrange(classes) for _ in range(batch)]
    logits = model(images)
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor(labels))
    loss.backward()
    gradients = {tensor: parameter.grad.tolist() for tensor, parameter in model.named_parameters()
                 if parameter.requires_grad}
    return {"name": name, "config": config, "classes": classes, "weights": weights_of(model),
            "images": images.tolist(), "labels": labels,
            "expected": {"logits": logits.tolist(), "loss": loss.item(), "gradients": gradients}}


def decays(name, parameter):
    return name.endswith("weight") and parameter.dim() > 1


def groups(named, weight_decay):
    """As timm groups them: the weights of products decay, and nothing else does."""
    named = list(named)
    return [{"params": [p for n, p in named if decays(n, p)], "weight_decay": weight_decay},
            {"params": [p for n, p in named if not decays(n, p)], "weight_decay": 0}]


def losses_case(draw):
    sizes, classes, batch, batches = (1, 6, 9), 4, 8, 5
    model = model_of(draw, VIT, sizes, classes)
    weights = weights_of(model)
    images = reference.numbers(draw, batches, batch, *sizes)
    labels = torch.tensor([[draw.randrange(classes) for _ in range(batch)] for _ in range(batches)])
    optimizer = torch.optim.AdamW(groups(model.named_parameters(), 0.05), lr=3e-3)
    losses = []
    for step in range(100):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(images[step % batches]), labels[step % batches])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"config": VIT, "classes": classes, "weights": weights, "images": images.tolist(),
            "labels": labels.tolist(), "learning_rate": 3e-3, "weight_decay": 0.05, "expected": losses}


OPTIMIZERS = {
    "sgd": lambda params, rule: torch.optim.SGD(params, lr=rule["learning_rate"], momentum=rule["momentum"]),
    "adam": lambda params, rule: torch.optim.Adam(params, lr=rule["learning_rate"], betas=rule["betas"],
                                                  eps=rule["eps"]),
    "adamw": lambda params, rule: torch.optim.AdamW(params, lr=rule["learning_rate"], betas=rule["betas"],
                                                    eps=rule["eps"]),
}


def optimizer_case(draw, kind, momentum, weight_decay, clip_norm, betas=(0.9, 0.999), eps=1e-8):
    rule = {"kind": kind, "learning_rate": 0.05, "betas": list(betas), "eps": eps, "momentum": momentum,
            "weight_decay": weight_decay, "clip_norm": clip_norm}
    start = {"weight": reference.numbers(draw, 2, 3), "bias": reference.numbers(draw, 3)}
    named = {name: torch.nn.Parameter(values.clone()) for name, values in start.items()}
    optimizer = OPTIMIZERS[kind](groups(named.items(), weight_decay), rule)
    gradients, expected = [], []
    for _ in range(8):
        gradients.append({name: reference.numbers(draw, *values.shape) for name, values in start.items()})
        for name, parameter in named.items():
            parameter.grad = gradients[-1][name].clone()
        if clip_norm > 0:
            torch.nn.utils.clip_grad_norm_(named.values(), clip_norm)
        optimizer.step()
        expected.append({name: parameter.tolist() for name, parameter in named.items()})
    return {"optimizer": rule, "weights": {name: values.tolist() for name, values in start.items()},
            "gradients": [{name: values.tolist() for name, values in each.items()} for each in gradients],
            "expected": expected}


def optimizer_cases(draw):
    for kind, momentum in (("sgd", 0), ("sgd", 0.9), ("adam", 0), ("adamw", 0)):
        for weight_decay in (0, 0.1):
            for clip_norm in (0, 1.5):
                yield optimizer_case(draw, kind, momentum, weight_decay, clip_norm)
    yield optimizer_case(draw, "adamw", 0, 0.2, 2.5, betas=(0.5, 0.8), eps=1e-3)
    yield optimizer_case(draw, "adam", 0, 0, 100)


def schedule_case(kind, warmup_steps, total_steps, peak, smallest):
    schedulers = torch.optim.lr_scheduler
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
    length = total_steps - warmup_steps
    after = {"constant": lambda: schedulers.ConstantLR(optimizer, 1, 0),
             "cosine": lambda: schedulers.CosineAnnealingLR(optimizer, length, smallest),
             "linear": lambda: schedulers.LinearLR(optimizer, 1, smallest / peak, length)}
    if warmup_steps:
        warmup = schedulers.LinearLR(optimizer, 1 / (warmup_steps + 1), 1, warmup_steps)
        scheduler = schedulers.SequentialLR(optimizer, [warmup, after[kind]()], [warmup_steps])
    else:
        scheduler = after[kind]()
    rates = []
    for _ in range(total_steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return {"schedule": {"kind": kind, "warmup_steps": warmup_steps, "min_learning_rate": smallest},
            "total_steps": total_steps, "learning_rate": peak, "expected": rates}


def schedule_cases():
    for kind in ("constant", "cosine", "linear"):
        for warmup_steps, total_steps in ((0, 20), (5, 24), (1, 7)):
            yield schedule_case(kind, warmup_steps, total_steps, 0.02, 0 if warmup_steps == 1 else 1e-3)


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    return [rounded(part) for part in value] if isinstance(value, list) else reference.rounded(value)


def write(name, cases):
    path = FOLDER / name
    path.write_text("[\n" + ",\n".join(json.dumps(rounded(case)) for case in cases) + "\n]\n")
    print(f"{path}: {len(cases)} cases from PyTorch {torch.__version__}")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    draw = random.Random(41)
    torch.manual_seed(41)
    write("models.json", [model_case(draw, *row) for row in MODELS])
    write("losses.json", [losses_case(draw)])
    write("optimizers.json", list(optimizer_cases(draw)))
    write("schedules.json", list(schedule_cases()))
