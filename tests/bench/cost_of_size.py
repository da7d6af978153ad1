#!/usr/bin/env python3
"""A training step's time against tokens, depth, width and batch, beside its arithmetic: a table and a plot.

    /usr/bin/python3 tests/bench/cost_of_size.py [--bench build/release/tests/bench/nn_bench] [--rounds 5]
                                                 [--picture docs/pictures/cost_of_size.png]

Each size is changed alone around the homework's (size_bench.cpp), one thread, processor time, the least of the
rounds. `ns a thousand` multiply-adds says what growing costs: where it falls or stays, time grows no faster than the
arithmetic; where it rises, it does. The plot's dashed line has the homework's rate, so that points above it are sizes
that cost more than their arithmetic.
"""
import argparse
import collections
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]


HOMEWORK = {"tokens": 17, "depth": 6, "width": 64, "batch": 32}


def measure(bench, rounds, seconds):
    """{what: {size: (ms, multiply-adds)}}"""
    found = collections.defaultdict(dict)
    for _ in range(rounds):
        command = [bench, "--benchmark_filter=^cost_of_size", f"--benchmark_min_time={seconds}", "--benchmark_format=json"]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        for result in json.loads(out)["benchmarks"]:
            what, size = result["name"].split("/")[1].split(":")
            ms = min(result["cpu_time"], found[what].get(int(size), (float("inf"),))[0])
            found[what][int(size)] = (ms, result["multiply_adds"])
    return found


def print_table(found):
    print(f"{'':16}{'ms a step':>12}{'multiply-adds':>16}{'ns a thousand':>16}")
    for what, sizes in found.items():
        for size, (ms, work) in sorted(sizes.items()):
            print(f"{what + ' ' + str(size):16}{ms:12.3f}{work:16.3e}{ms * 1e9 / work:16.2f}")


def plot(found, path):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(1, len(found), figsize=(13, 3.4))
    for axis, (what, sizes) in zip(axes, found.items()):
        x = sorted(sizes)
        ms, work = [sizes[i][0] for i in x], [sizes[i][1] for i in x]
        rate = sizes[HOMEWORK[what]][0] / sizes[HOMEWORK[what]][1]
        axis.loglog(x, ms, "o-", label="time of a step")
        axis.loglog(x, [rate * w for w in work], "--", label="its arithmetic, at the homework's rate")
        axis.set_xlabel(what)
        axis.set_xticks(x, [str(i) for i in x])
        axis.minorticks_off()
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("ms, one thread")
    axes[0].legend(fontsize=8, loc="upper left")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=ROOT / "build/release/tests/bench/nn_bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.2, help="a size and round")
    parser.add_argument("--picture", default=ROOT / "docs/pictures/cost_of_size.png")
    args = parser.parse_args()
    found = measure(args.bench, args.rounds, args.seconds)
    print_table(found)
    plot(found, args.picture)


if __name__ == "__main__":
    main()
