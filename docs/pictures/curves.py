#!/usr/bin/env python3
"""The curves of a run's folder as a picture: loss of every step and its running mean, validation loss and accuracy.

    /usr/bin/python3 docs/pictures/curves.py runs/a --out docs/pictures/mnist-curves.png

Needs Debian's python3-matplotlib.
"""
import argparse
import csv
import json
import pathlib

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

SMOOTHED_STEPS = 100
STEP_COLOUR, MEAN_COLOUR, VALIDATION_COLOUR = "#c9d6e8", "#2f6db3", "#d9622b"


def read(run):
    """(step, loss, accuracy) of the training steps and of the validations."""
    rows = {"train": [], "validation": []}
    with open(run / "metrics.csv", newline="") as file:
        for row in csv.DictReader(file):
            rows[row["split"]].append((int(row["step"]), float(row["loss"]), float(row["accuracy"])))
    return rows["train"], rows["validation"]


def running_mean(values):
    """The mean of the last SMOOTHED_STEPS values, of fewer at the start."""
    sums = [0.0]
    for value in values:
        sums.append(sums[-1] + value)
    starts = [max(0, end - SMOOTHED_STEPS) for end in range(1, len(sums))]
    return [(sums[end] - sums[start]) / (end - start) for end, start in enumerate(starts, 1)]


def draw(run, out):
    train, validation = read(run)
    steps, losses, accuracies = zip(*train)
    ends, validation_losses, validation_accuracies = zip(*validation)
    figure, (loss, accuracy) = pyplot.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    loss.semilogy(steps, losses, color=STEP_COLOUR, linewidth=0.5, label="training, each step")
    loss.semilogy(steps, running_mean(losses), color=MEAN_COLOUR, label=f"mean of {SMOOTHED_STEPS} steps")
    loss.semilogy(ends, validation_losses, "o-", color=VALIDATION_COLOUR, markersize=4, label="validation")
    loss.set(xlabel="step", ylabel="loss (nats)", title="Loss")
    accuracy.plot(steps, [100 * a for a in running_mean(accuracies)], color=MEAN_COLOUR,
                  label=f"training, mean of {SMOOTHED_STEPS} steps")
    accuracy.plot(ends, [100 * a for a in validation_accuracies], "o-", color=VALIDATION_COLOUR, markersize=4,
                  label="validation")
    accuracy.set(xlabel="step", ylabel="accuracy (%)", title="Accuracy", ylim=(90, 100))
    for axes in (loss, accuracy):
        axes.legend(frameon=False)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    config = json.loads((run / "config.json").read_text())
    parameters = f"{config['run']['parameters']:,}"
    figure.suptitle(f"{config['dataset']['kind']}, {config['model']['kind']} of {parameters} parameters, "
                    f"batch {config['batch_size']}, {config['epochs']} epochs: "
                    f"{100 * validation_accuracies[-1]:.2f} % after {ends[-1]:,} steps", fontsize=10)
    figure.savefig(out, dpi=100, metadata={"Software": None})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    draw(arguments.run, arguments.out)
