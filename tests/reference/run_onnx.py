"""Runs an ONNX file with numpy: the operators that Vitrine's exports are made of, each by its definition.

    import run_onnx
    run_onnx.run("model.onnx", {"image": images})["logits"]  # images [N, C, H, W], already normalised

Everything is computed in double. Source: onnx/docs/Operators.md, operator set 13.
"""
import math

import numpy
import onnx
from onnx import numpy_helper


def windows(x, kernel_shape, strides, pads=(0, 0, 0, 0), fill=0.0):
    """[N, C, H', W', K, K]: what each place of the window sees."""
    top, left, bottom, right = pads
    x = numpy.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)), constant_values=fill)
    seen = numpy.lib.stride_tricks.sliding_window_view(x, kernel_shape, axis=(2, 3))
    return seen[:, :, ::strides[0], ::strides[1]]


def conv(x, weight, bias, kernel_shape, strides, pads=(0, 0, 0, 0)):
    return numpy.einsum("nchwuv,fcuv->nfhw", windows(x, kernel_shape, strides, pads), weight) + bias[:, None, None]


def max_pool(x, kernel_shape, strides, pads):
    return windows(x, kernel_shape, strides, pads, -math.inf).max(axis=(4, 5))


def average_pool(x, kernel_shape, strides, pads, count_include_pad=0):
    assert count_include_pad or not any(pads)
    return windows(x, kernel_shape, strides, pads).mean(axis=(4, 5))


def softmax(x, axis):
    powers = numpy.exp(x - x.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def reshape(x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])


def flatten(x, axis):
    return x.reshape(math.prod(x.shape[:axis]), -1)


OPERATORS = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "Sqrt": numpy.sqrt,
    "Erf": numpy.vectorize(math.erf),
    "Relu": lambda x: numpy.maximum(x, 0),
    "MatMul": numpy.matmul,
    "Gemm": lambda a, b, c, transB=0: a @ (b.T if transB else b) + c,
    "Softmax": softmax,
    "ReduceMean": lambda x, axes, keepdims=1: x.mean(axis=tuple(axes), keepdims=bool(keepdims)),
    "Conv": conv,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "Reshape": reshape,
    "Flatten": flatten,
    "Transpose": lambda x, perm: x.transpose(perm),
    "Shape": lambda x: numpy.array(x.shape, numpy.int64),
    "Gather": lambda x, indices, axis=0: numpy.take(x, indices, axis),
    "Concat": lambda *xs, axis: numpy.concatenate(xs, axis),
    "Expand": lambda x, shape: x * numpy.ones(shape),
}


def run(path, inputs):
    """{name: array} of the graph's outputs."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    values.update(inputs)
    values = {name: value.astype(numpy.float64) if value.dtype.kind == "f" else value
              for name, value in values.items()}
    for node in model.graph.node:
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input), **attributes)
    return {output.name: values[output.name] for output in model.graph.output}
