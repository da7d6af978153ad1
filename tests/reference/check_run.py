#!/usr/bin/env python3
"""Holds a run against PyTorch, in both directions.

    apt-get install python3-torch && /usr/bin/python3 tests/reference/check_run.py build/release/app/vitrine runs/a
    /usr/bin/python3 tests/reference/check_run.py build/release/app/vitrine      # trains small runs of its own

PyTorch reads the run's weights.safetensors and config.json and validates: its loss must be `vitrine eval`'s to 1e-3,
its accuracy the same but for ties, and the loss of every mistake the same. Then `vitrine eval` reads weights that
PyTorch wrote. Of a ViT, `vitrine compute` gives the logits of some images to 1e-4. The run's data must be IDX files
(dataset.kind idx, mnist or fashion-mnist). Exit codes: 0 they agree; 1 they do not; 77 there is no PyTorch.
"""
import argparse
import gzip
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy
    import torch
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

import torch_layers
import torch_vit

LOSS, LOGITS, TIE = 1e-3, 1e-4, 1e-3
USUAL_PLACES = {"fashion-mnist": ["/usr/share/datasets/fashion-mnist"],
                "mnist": [pathlib.Path.home() / ".local/share/vitrine/mnist", "/usr/share/datasets/mnist"]}


def fail(message):
    print(f"check_run: {message}", file=sys.stderr)
    sys.exit(1)


def agree(what, ours, theirs, limit):
    difference = float(abs(torch.as_tensor(ours, dtype=torch.float64) - torch.as_tensor(theirs)).max())
    print(f"  {what}: largest difference {difference:.1e} (limit {limit:.0e})")
    if not difference <= limit:
        fail(f"{what}: {ours} and {theirs}")


def vitrine(program, *arguments, request=None):
    done = subprocess.run([program, *map(str, arguments)], input=request, capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"vitrine {arguments[0]}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def idx(folder, *names):
    """The first of these files, compressed or not, as an array."""
    for name in names:
        for path in (pathlib.Path(folder, name), pathlib.Path(folder, name + ".gz")):
            if path.exists():
                raw = path.read_bytes()
                raw = gzip.decompress(raw) if path.suffix == ".gz" else raw
                sizes = [int.from_bytes(raw[4 + 4 * i:8 + 4 * i], "big") for i in range(raw[3])]
                return numpy.frombuffer(raw, numpy.uint8, offset=4 + 4 * len(sizes)).reshape(sizes)
    return None


def validation_data(config):
    """images [N, 1, H, W] as the model takes them, labels [N]"""
    dataset, run = config["dataset"], config["run"]
    for folder in [dataset["path"]] if dataset["path"] else USUAL_PLACES.get(dataset["kind"], []):
        images = idx(folder, "t10k-images-idx3-ubyte", "test-images-idx3-ubyte")
        labels = idx(folder, "t10k-labels-idx1-ubyte", "test-labels-idx1-ubyte")
        if images is not None and labels is not None:
            count = dataset["validation_limit"] or len(images)
            pixels = torch.tensor(images[:count, None]).double() / 255
            return ((pixels - run["mean"]) / run["deviation"]).float(), torch.tensor(labels[:count]).long()
    fail(f"no IDX files for the data {dataset}")


def torch_model(config, images, classes):
    kind = torch_vit.Vit if config["kind"] == "vit" else torch_layers.LayerStack
    return kind(config, *images.shape[1:], classes).eval()


def compare(program, run, model, images, labels):
    """`vitrine eval` of the folder and the model, which has its weights."""
    with torch.no_grad():
        logits = torch.cat([model(piece) for piece in images.split(500)])
    losses = torch.nn.functional.cross_entropy(logits.double(), labels, reduction="none")
    guesses = logits.argmax(1)
    report = json.loads(vitrine(program, "eval", run, "--json", "--worst", 10000))
    accuracy = (guesses == labels).double().mean().item()
    print(f"  {report['images']} images: loss {report['loss']:.6f}, PyTorch {losses.mean():.6f}; "
          f"accuracy {report['accuracy']:.4f}, PyTorch {accuracy:.4f}")
    agree("loss", report["loss"], losses.mean(), LOSS)

    best_two = logits.topk(2, dim=1).values
    tied = set(((best_two[:, 0] - best_two[:, 1]) < TIE).nonzero()[:, 0].tolist())
    ours = {mistake["image"]: mistake["prediction"] for mistake in report["worst"]}
    theirs = {i: int(guesses[i]) for i in (guesses != labels).nonzero()[:, 0].tolist()}
    differ = {i for i in ours.keys() | theirs.keys() if ours.get(i) != theirs.get(i)}
    print(f"  {len(ours)} mistakes, {len(differ)} taken for another class by PyTorch, {len(tied)} ties")
    if differ - tied:
        fail(f"images {sorted(differ - tied)} are taken for other classes")
    if ours:
        agree("losses of the mistakes", [mistake["loss"] for mistake in report["worst"]], losses[list(ours)], LOSS)
    return logits


def compare_logits(program, run, config, images, logits):
    requests = [{"op": "vit_forward", "weights": str(pathlib.Path(run, "weights.safetensors")),
                 "config": config["model"], "image": image.tolist()} for image in images]
    answers = json.loads(vitrine(program, "compute", "-", request=json.dumps(requests)))
    agree("logits", [answer["logits"] for answer in answers], logits, LOGITS)


def check(program, run):
    config = json.loads(pathlib.Path(run, "config.json").read_text())
    state = torch_vit.read_safetensors(pathlib.Path(run, "weights.safetensors"))
    images, labels = validation_data(config)
    model = torch_model(config["model"], images, len(state["head.bias"]))
    model.load_state_dict(state)
    print(f"{run}: PyTorch {torch.__version__} reads the run's weights")
    logits = compare(program, run, model, images, labels)
    few = slice(0, 8)
    if config["model"]["kind"] == "vit":
        compare_logits(program, run, config, images[few], logits[few])

    print(f"{run}: vitrine reads PyTorch's weights")
    torch.manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():  # another model, which no training made
            parameter.mul_(0.9).add_(0.02 * torch.randn(parameter.shape))
    with tempfile.TemporaryDirectory() as other:
        shutil.copy(pathlib.Path(run, "config.json"), other)
        torch_vit.write_safetensors(pathlib.Path(other, "weights.safetensors"), model.state_dict())
        logits = compare(program, other, model, images, labels)
        if config["model"]["kind"] == "vit":
            compare_logits(program, other, config, images[few], logits[few])


def write_idx(path, array):
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def write_bars(folder, train, validation):
    """Noisy bars at one of four slants, 12 x 12."""
    draw = numpy.random.default_rng(1)
    rows, columns = numpy.mgrid[0:12, 0:12]
    for name, count in (("train", train), ("t10k", validation)):
        labels = draw.integers(0, 4, count)
        angles = labels * numpy.pi / 4 + draw.normal(0, 0.25, count)
        shifts = draw.normal(0, 1.5, count)
        across = (numpy.sin(angles)[:, None, None] * (rows - 5.5) + numpy.cos(angles)[:, None, None] * (columns - 5.5))
        images = 200 * numpy.exp(-(across - shifts[:, None, None]) ** 2) + draw.normal(20, 30, across.shape)
        write_idx(folder / f"{name}-images-idx3-ubyte", images.clip(0, 255).astype(numpy.uint8))
        write_idx(folder / f"{name}-labels-idx1-ubyte", labels.astype(numpy.uint8))


SMALL_RUNS = {
    "vit": ["model.patch_size=4", "model.embed_dim=16", "model.depth=2", "model.heads=4", "model.head_dim=4",
            "model.mlp_dim=32"],
    "vit with a mean": ["model.patch_size=3", "model.embed_dim=16", "model.depth=1", "model.heads=2",
                        "model.head_dim=0", "model.mlp_dim=24", "model.qkv_bias=true", "model.pool=mean",
                        "model.positions=sinusoidal"],
    "cnn": ["model.kind=cnn"],
    "mlp": ["model.kind=mlp"],
}


def check_small_runs(program):
    with tempfile.TemporaryDirectory() as folder:
        data = pathlib.Path(folder, "data")
        data.mkdir()
        write_bars(data, 1200, 300)
        for name, changes in SMALL_RUNS.items():
            run = pathlib.Path(folder, name)
            changes = ["dataset.kind=idx", f"dataset.path={data}", "epochs=3", *changes]
            vitrine(program, "train", "--preset", "demo", "--out", run,
                    *(part for change in changes for part in ("--set", change)))
            check(program, run)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vitrine", help="the program")
    parser.add_argument("run", nargs="?", help="the folder of a run; none: small runs, trained here")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.run:
        check(arguments.vitrine, arguments.run)
    else:
        check_small_runs(arguments.vitrine)
