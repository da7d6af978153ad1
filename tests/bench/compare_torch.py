#!/usr/bin/env python3
"""Ours beside PyTorch's, in turns: a training step of the homework's ViT, of the presets cnn and mlp, convolution and
pooling, or attention.

    /usr/bin/python3 tests/bench/compare_torch.py [--what training] [--threads 2] [--rounds 5] [--head-dim 8]
    /usr/bin/python3 tests/bench/compare_torch.py --what cnn [--threads 2] [--rounds 5]
    /usr/bin/python3 tests/bench/compare_torch.py --what mlp [--threads 2] [--rounds 5]
    /usr/bin/python3 tests/bench/compare_torch.py --what signal [--threads 1 2] [--rounds 5] [--only conv1d]
    /usr/bin/python3 tests/bench/compare_torch.py --what sequence [--threads 1 2] [--rounds 5]

training: images a second, batch 32, dropout 0.1, Adam, beside three ways to write the model (torch_training.py;
the tuned one with tcmalloc where it is installed). cnn, mlp: the same beside two ways (torch_layers.py). signal,
sequence: microseconds a call, each call making its output anew, on the operations of signal_bench.cpp and
sequence_bench.cpp. Every round measures each program once; tables have the median and the spread over the rounds, of
the rates and of each round's ratio of ours to theirs. PyTorch and OpenBLAS: Debian's python3-torch and
libopenblas0-openmp. Nothing else should run meanwhile: PyTorch's threads wait for each other in every operation, and a
core taken by another program slows them more than us.
"""
import argparse
import glob
import json
import os
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
BUILT = HERE.parents[1] / "build/release/tests/bench"


def clean_environment():
    """Without the variables that cripple OpenBLAS."""
    return {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}


def run_bench(program, name, *options):
    """The results of our benchmark of this name, which holds nothing special to a regular expression."""
    command = [program, f"--benchmark_filter=^{name}", "--benchmark_format=json", *options]
    out = subprocess.run(command, env=clean_environment(), check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL).stdout
    return json.loads(out)["benchmarks"]


class Load:
    """The load average over the rounds, which says whether anything else ran."""

    def __init__(self):
        self.seen = []

    def look(self):
        self.seen.append(os.getloadavg()[0])

    def __str__(self):
        return f"load average {min(self.seen):.1f} to {max(self.seen):.1f}"


def torch_images_a_second(script, kind, threads, args):
    """`script` is a program and its options; the tuned ones have tcmalloc."""
    environment = clean_environment()
    allocators = glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4")
    if kind == "tuned" and allocators:
        environment["LD_PRELOAD"] = allocators[0]
    command = [sys.executable, HERE / script[0], kind, *script[1:], "--threads", str(threads),
               "--seconds", str(args.seconds)]
    return float(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def our_images_a_second(step, threads, args):
    results = run_bench(args.bench or BUILT / "nn_bench", f"{step}/threads:{threads}/",
                        f"--benchmark_min_time={args.seconds}")
    return results[0]["images_per_second"]


def compare_training(threads, args):
    if args.what == "training":
        title, kinds = f"heads of {args.head_dim}", ("student", "fused", "tuned")
        script, step = ("torch_training.py", "--head-dim", str(args.head_dim)), f"train_step/head_dim:{args.head_dim}"
    else:
        title, kinds = args.what, ("student", "tuned")
        script, step = ("torch_layers.py", "--model", args.what), f"train_step_{args.what}"
    programs = {f"PyTorch, {kind}": lambda kind=kind: torch_images_a_second(script, kind, threads, args)
                for kind in kinds}
    programs["Vitrine"] = lambda: our_images_a_second(step, threads, args)
    rates = {name: [] for name in programs}
    load = Load()
    for _ in range(args.rounds):
        for name, measure in programs.items():
            rates[name].append(measure())
        load.look()
    print(f"{threads} threads, {title}, {args.rounds} rounds of {args.seconds} s; {load}")
    print(f"{'':18}{'median':>10}{'least':>10}{'most':>10}{'Vitrine is':>13}{'least':>9}{'most':>9}")
    for name, values in rates.items():
        ratios = [ours / theirs for ours, theirs in zip(rates["Vitrine"], values)]
        print(f"{name:18}" + "".join(f"{f(values):10,.0f}" for f in (statistics.median, min, max)) +
              f"{statistics.median(ratios):11.1f} x" + "".join(f"{f(ratios):7.1f} x" for f in (min, max)))


class TorchOperations:
    """A running torch_signal.py or torch_sequence.py."""

    RUNS = 3

    def __init__(self, what, threads, seconds):
        command = [sys.executable, HERE / f"torch_{what}.py", "--threads", str(threads), "--runs", str(self.RUNS),
                   "--seconds", str(seconds / self.RUNS)]
        self.process = subprocess.Popen(command, env=clean_environment(), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def microseconds(self, name):
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def our_microseconds(bench, name, threads, seconds):
    runs = TorchOperations.RUNS
    results = run_bench(bench, f"{name}/threads:{threads}/", f"--benchmark_repetitions={runs}",
                        f"--benchmark_min_time={seconds / runs}", "--benchmark_report_aggregates_only=true")
    return next(r["real_time"] for r in results if r.get("aggregate_name") == "median")


def compare_operations(threads, args):
    bench = args.bench or BUILT / f"{args.what}_bench"
    listed = subprocess.run([bench, "--benchmark_list_tests"], check=True, stdout=subprocess.PIPE, text=True).stdout
    names = [line.split("/")[0] for line in listed.splitlines() if f"/threads:{threads}/" in line]
    names = [name for name in names if args.only in name]
    ours, theirs = {name: [] for name in names}, {name: [] for name in names}
    torch, load = TorchOperations(args.what, threads, args.seconds), Load()
    for _ in range(args.rounds):
        for name in names:
            ours[name].append(our_microseconds(bench, name, threads, args.seconds))
            theirs[name].append(torch.microseconds(name))
        load.look()
    torch.close()
    print(f"{threads} threads, microseconds a call, {args.rounds} rounds of {args.seconds} s; {load}")
    columns = ("median", "least", "most")
    print(f"{'':42}{'Vitrine':^30}{'PyTorch':^30}{'Vitrine is':>12}")
    print(" " * 42 + "".join(f"{column:>10}" for column in 2 * columns))
    for name in names:
        figures = [f(values) for values in (ours[name], theirs[name]) for f in (statistics.median, min, max)]
        ratio = figures[3] / figures[0]
        print(f"{name:42}" + "".join(f"{figure:10,.1f}" for figure in figures) + f"{ratio:10.1f} x")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--what", choices=["training", "cnn", "mlp", "signal", "sequence"], default="training")
    parser.add_argument("--bench", help="our program, if not the release build's")
    parser.add_argument("--threads", type=int, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, help="a program and round; 3 of training, 0.6 of an operation")
    parser.add_argument("--head-dim", type=int, default=8, help="of training")
    parser.add_argument("--only", default="", help="part of the names of the operations to measure")
    args = parser.parse_args()
    training = args.what in ("training", "cnn", "mlp")
    args.seconds = args.seconds or (3 if training else 0.6)
    compare = compare_training if training else compare_operations
    for threads in args.threads or ([2] if training else [1, 2]):
        compare(threads, args)


if __name__ == "__main__":
    main()
