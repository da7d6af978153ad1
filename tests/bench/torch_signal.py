#!/usr/bin/env python3
"""PyTorch's side of compare_torch.py --what signal. The names are those of signal_bench.cpp."""
import torch
from torch.nn import functional

from torch_operations import serve


def operations():
    """Name -> a function that makes its calls: inputs are made when an operation is asked for."""
    def convolution(channels, height, filters, kernel, stride=1, groups=1):
        x = torch.randn(1, channels, height, height)
        weight, bias = torch.randn(filters, channels // groups, kernel, kernel), torch.randn(filters)
        return [lambda: functional.conv2d(x, weight, bias, stride=stride, groups=groups)]

    def row_convolution(stride):
        x, weight, bias = torch.randn(1, 1, 200), torch.randn(8, 1, 4), torch.randn(8)
        return [lambda: functional.conv1d(x, weight, bias, stride=stride)]

    def pooling(pool, stride):
        x = torch.randn(1, 32, 512, 512)
        return [lambda: pool(x, 3, stride)]

    makers = {
        "conv2d 3x256x256, 32 of 5x5, stride 2": lambda: convolution(3, 256, 32, 5, stride=2),
        "conv2d 3x1024x1024, 32 of 5x5": lambda: convolution(3, 1024, 32, 5),
        "conv1d 1x200, 8 of 4": lambda: row_convolution(1),
        "conv1d 1x200, 8 of 4, stride 2": lambda: row_convolution(2),
    }
    for channels in (1, 3, 32):
        makers[f"depthwise 15x15 on {channels}x1024x1024"] = (
            lambda n=channels: convolution(n, 1024, n, 15, groups=n))
    for stride in (3, 2, 1):
        makers[f"max pool 3x3 on 32x512x512, stride {stride}"] = lambda s=stride: pooling(functional.max_pool2d, s)
        makers[f"average pool 3x3 on 32x512x512, stride {stride}"] = (
            lambda s=stride: pooling(functional.avg_pool2d, s))
    return makers


if __name__ == "__main__":
    serve(operations())
