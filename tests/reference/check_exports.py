#!/usr/bin/env python3
"""Holds what `vitrine export` writes of a run against the engine's own answers, for small runs trained here.

    /usr/bin/python3 tests/reference/check_exports.py onnx  build/release/app/vitrine build/release/.../export_tool
    /usr/bin/python3 tests/reference/check_exports.py torch build/release/app/vitrine build/release/.../export_tool

onnx: ONNX's checker takes the model, and numpy runs it to the engine's logits; the event file reads back as the
metrics. torch: the program's logits and loss are the engine's, and its training loop runs two steps. Both to 1e-5
of the largest logit. Exit codes: 0 they agree; 1 they do not; 77 a package is missing.
"""
import contextlib
import csv
import io
import json
import pathlib
import re
import runpy
import subprocess
import sys
import tempfile

try:
    import numpy
    if sys.argv[1:2] == ["torch"]:
        import torch
    else:
        import run_onnx
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

import read_tfevents

LIMIT = 1e-5
CNN_LAYERS = ('[{"kind":"conv","filters":5,"kernel":5,"stride":2,"padding":1},{"kind":"gelu"},'
              '{"kind":"max_pool","kernel":3,"stride":2,"padding":1},'
              '{"kind":"conv","filters":6,"kernel":3,"padding":1,"frozen":true},'
              '{"kind":"relu"},{"kind":"average_pool","kernel":3,"stride":2,"padding":1},{"kind":"dropout"},'
              '{"kind":"dense","units":12},{"kind":"relu"}]')
SMALL_RUNS = {
    "vit": ["model.patch_size=7", "model.embed_dim=16", "model.depth=2", "model.heads=4", "model.head_dim=6",
            "model.mlp_dim=32", "model.dropout=0.1", "optimizer.weight_decay=0.1", "optimizer.clip_norm=1"],
    "vit_mean": ["model.patch_size=14", "model.embed_dim=15", "model.depth=1", "model.heads=3", "model.head_dim=0",
                 "model.mlp_dim=24", "model.qkv_bias=true", "model.pool=mean", "model.positions=sinusoidal",
                 "dataset.kind=shapes", "optimizer.kind=adam", "schedule.kind=linear"],
    "vit_nowhere": ["model.patch_size=14", "model.embed_dim=8", "model.depth=1", "model.heads=2",
                    "model.head_dim=0", "model.mlp_dim=8", "model.positions=none", "schedule.kind=constant"],
    "cnn": ["model.kind=cnn", "optimizer.kind=sgd", "optimizer.momentum=0.9", "optimizer.learning_rate=0.01"],
    "cnn_layers": ["model.kind=cnn", f"model.layers={CNN_LAYERS}", "model.dropout=0.2", "dataset.kind=shapes"],
    "mlp": ["model.kind=mlp"],
    "linear": ["model.kind=mlp", "model.layers=[]"],
}


def fail(message):
    print(f"check_exports: {message}", file=sys.stderr)
    sys.exit(1)


def program(*arguments):
    done = subprocess.run([str(each) for each in arguments], capture_output=True, text=True)
    if done.returncode != 0:
        fail(f"{' '.join(map(str, arguments[:3]))}: exit code {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def agree(what, theirs, ours):
    difference = float(abs(numpy.asarray(theirs) - ours).max() / abs(ours).max())
    print(f"  {what}: largest difference {difference:.1e} of the largest number (limit {LIMIT:.0e})")
    if not difference <= LIMIT:
        fail(f"{what}: too large a difference")


def check_onnx(folder, images, answers):
    ours = numpy.array(answers["logits"])
    normalised = (images / 255.0 - answers["mean"]) / answers["deviation"]
    agree("logits by numpy", run_onnx.run(folder / "model.onnx", {"image": normalised})["logits"], ours)
    agree("of one image", run_onnx.run(folder / "model.onnx", {"image": normalised[:1]})["logits"], ours[:1])


def check_events(folder):
    points = read_tfevents.scalars(folder / "run.tfevents")
    with open(folder / "metrics.csv") as file:
        rows = list(csv.DictReader(file))
    for split, tags in (("train", ("learning_rate", "grad_norm", "loss/train", "images_per_second")),
                        ("validation", ("loss/validation", "accuracy/validation"))):
        of_split = [row for row in rows if row["split"] == split]
        for tag in tags:
            wanted = [(int(row["step"]), numpy.float32(row[tag.split("/")[0]])) for row in of_split]
            if [(step, value) for step, _, value in points[tag]] != wanted:
                fail(f"{folder.name}: {tag} is not what metrics.csv holds")
    print(f"  {len(rows)} points as events")


def run_script(folder, *arguments):
    """What the exported program prints; in this process, since loading PyTorch takes seconds."""
    printed, before = io.StringIO(), sys.argv
    sys.argv = [str(each) for each in ("model.py", *arguments)]
    try:
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(folder / "model.py"), run_name="__main__")
    finally:
        sys.argv = before
    return printed.getvalue()


def check_torch(folder, images, answers):
    ours = numpy.array(answers["logits"])
    numpy.save(folder / "images.npy", images)
    numpy.save(folder / "labels.npy", numpy.array(answers["labels"]))
    data = ["--images", folder / "images.npy"]
    labelled = [*data, "--labels", folder / "labels.npy"]
    agree("logits by PyTorch", json.loads(run_script(folder, *data)), ours)
    said = run_script(folder, *labelled)
    loss = float(re.search(r"loss ([0-9.]+)", said)[1])
    if not abs(loss - answers["loss"]) <= LIMIT * max(1, answers["loss"]):
        fail(f"{folder.name}: {said.strip()}; the engine's loss is {answers['loss']}")
    print(f"  {said.strip()}")
    said = run_script(folder, "--train", *labelled, "--steps", 2, "--out", folder / "trained.pt")
    if "step 2/" not in said:
        fail(f"{folder.name}: two steps of training said {said!r}")


def main():
    which, vitrine, export_tool = sys.argv[1:]
    if which == "torch":
        torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as everything:
        for name, changes in SMALL_RUNS.items():
            print(name)
            run, folder = pathlib.Path(everything, name + "_run"), pathlib.Path(everything, name)
            folder.mkdir()
            changes = ["dataset.train_limit=400", "dataset.validation_limit=40", "epochs=1", "threads=1", *changes]
            program(vitrine, "train", "--preset", "demo", "--out", run,
                    *(part for change in changes for part in ("--set", change)))
            program(export_tool, run, folder)
            answers = json.loads((folder / "answers.json").read_text())
            images = numpy.array(answers["pixels"], numpy.uint8).reshape(-1, *answers["shape"])
            if which == "torch":
                check_torch(folder, images, answers)
            else:
                check_onnx(folder, images, answers)
                check_events(folder)


if __name__ == "__main__":
    main()
