"""What torch_signal.py and torch_sequence.py share: for each operation named on standard input, a line with the
microseconds of one call, the median of several runs.
"""
import argparse
import statistics
import sys
import time

import torch


def microseconds(call, runs, seconds):
    """The median over `runs` of the mean time of a call, each run of `seconds` at least."""
    def run(calls):
        begin = time.perf_counter()
        for _ in range(calls):
            call()
        return time.perf_counter() - begin

    run(2)
    calls = 1
    while (spent := run(calls)) < seconds:
        calls = max(2 * calls, min(10 * calls, int(1.2 * calls * seconds / max(spent, 1e-9))))
    return 1e6 * statistics.median(run(calls) / calls for _ in range(runs))


def fastest(calls, runs, seconds):
    return min(microseconds(call, runs, seconds / len(calls)) for call in calls)


def serve(makers):
    """makers: name -> a function that makes the ways to write the operation, each a call."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.set_grad_enabled(False)
    for name in map(str.rstrip, sys.stdin):
        print(fastest(makers[name](), args.runs, args.seconds), flush=True)
