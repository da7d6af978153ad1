#include "app/cli/compute.h"

#include <algorithm>
#include <istream>
#include <new>
#include <nlohmann/json.hpp>
#include <ostream>
#include <vector>

#include "app/cli/compute_ops.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/json_text.h"

namespace vitrine::cli {

namespace {

using nlohmann::json;

// One operation: what --list and --help say and what a request runs.
struct Op {
  std::string_view name, summary;
  std::vector<std::string_view> fields, options;  // what a request must and what it may have
  std::string_view example;
  void (*run)(const Request&, Result&);
};

const std::vector<Op>& ops() {
  static const std::vector<Op> kOps = {
      {"conv",
       "cross-correlation in one or two dimensions (flip: the textbook's convolution)",
       {"input", "weight"},
       {"bias", "stride", "padding", "dilation", "groups", "boundary", "flip"},
       R"({"op": "conv", "input": [1, 2, 3, 4, 5, 6, 7, 8, 9], "weight": [1, 2, 3], "padding": 1, "stride": 2})",
       compute_conv},
      {"conv_backward",
       "the gradients of a convolution's input, weights and bias from its output's",
       {"input", "weight", "grad_output"},
       {"bias", "stride", "padding", "dilation", "groups", "boundary", "flip"},
       R"({"op": "conv_backward", "input": [1, 2, 3, 4, 5], "weight": [1, 0, -1], "stride": 2, )"
       R"("grad_output": [1, 2]})",
       compute_conv_backward},
      {"conv_transpose",
       "the transposed convolution: every input paints the kernel",
       {"input", "weight"},
       {"bias", "stride", "padding", "output_padding", "dilation"},
       R"({"op": "conv_transpose", "input": [1, 10], "weight": [1, 2, 3], "stride": 2, "output_padding": 1})",
       compute_conv_transpose},
      {"conv_shape",
       "a convolution's sizes and costs, nothing computed",
       {"input_shape", "filters", "kernel"},
       {"stride", "padding", "dilation", "groups", "bias"},
       R"({"op": "conv_shape", "input_shape": [3, 256, 256], "filters": 32, "kernel": 5, "stride": 2})",
       compute_conv_shape},
      {"toeplitz",
       "a convolution as the matrix that it is",
       {"input_shape", "weight"},
       {"bias", "stride", "padding", "dilation", "groups", "boundary", "flip"},
       R"({"op": "toeplitz", "input_shape": [3, 3], "weight": [[0.25, 0.25], [0.25, 0.25]]})",
       compute_toeplitz},
      {"locally_connected",
       "a convolution whose kernel differs at every output",
       {"input", "weight"},
       {"bias", "stride", "padding", "dilation"},
       R"({"op": "locally_connected", "input": [1, 2, 3, 4], "weight": [[1, 2], [3, 4], [5, 6]]})",
       compute_locally_connected},
      {"pool",
       "max and average pooling",
       {"input", "kernel"},
       {"dims", "stride", "padding", "dilation", "mode", "count_padding"},
       R"({"op": "pool", "input": [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "kernel": 2, "stride": 1, "mode": "average"})",
       compute_pool},
      {"receptive_field",
       "how many input positions one cell behind a stack of layers can see",
       {"layers"},
       {},
       R"({"op": "receptive_field", "layers": [{"kernel": 7, "stride": 2}, {"kernel": 3, "dilation": 2}]})",
       compute_receptive_field},
      {"attention",
       "scores, weights, output and entropy of attention",
       {"query", "key", "value"},
       {"scale", "mask"},
       R"({"op": "attention", "query": [[2, -1, 3]], "key": [[2, 0, 0], [3, -1, 0], [1, 0, 2]], )"
       R"("value": [[5, 4, 5], [3, 5, 5], [1, 2, 4]], "scale": 1})",
       compute_attention},
      {"multi_head_attention",
       "several attentions side by side, each on its own projections",
       {"input", "w_query", "w_key", "w_value", "heads"},
       {"context", "w_out", "b_query", "b_key", "b_value", "b_out", "scale", "mask"},
       R"({"op": "multi_head_attention", "input": [[1, 0], [0, 1]], "w_query": [[1, 0], [0, 1]], )"
       R"("w_key": [[1, 0], [0, 1]], "w_value": [[1, 2], [3, 4]], "heads": 2})",
       compute_multi_head_attention},
      {"softmax",
       "the softmax of scaled rows, and its gradient",
       {"input"},
       {"scale", "grad_output"},
       R"({"op": "softmax", "input": [4, 7, 8], "scale": 0.5, "grad_output": [0, 0, 1]})",
       compute_softmax},
      {"positional_encoding",
       "positions as numbers: sinusoidal (a row of dim each), index or normalized (one number each)",
       {"kind", "length"},
       {"dim", "base", "start"},
       R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 2, "dim": 8, "start": 1})",
       compute_positional_encoding},
      {"dot_product_statistics",
       "mean and variance of the dot product of two random vectors, expected and of a sample",
       {"mean", "std", "dim"},
       {"samples", "seed"},
       R"({"op": "dot_product_statistics", "mean": 0.5, "std": 1, "dim": 16, "samples": 20000, "seed": 1})",
       compute_dot_product_statistics},
      {"gated_rnn",
       "a gated recurrent net: states, gates, Jacobians, back-propagation through time",
       {"w_c", "w_h", "w_x", "input"},
       {"h0", "grad_h"},
       R"({"op": "gated_rnn", "w_c": [[0, 1]], "w_h": [[12]], "w_x": [[1, 0]], "input": [[1, 0], [-1, -6]], )"
       R"("grad_h": [[0], [1]]})",
       compute_gated_rnn},
      {"attention_rnn",
       "a recurrent net that attends to its own past states",
       {"memory", "w_query", "w_key", "w_value", "input"},
       {"grad_h"},
       R"({"op": "attention_rnn", "memory": 1, "w_query": [[[1]], [[1]]], "w_key": [[[1]], [[1]]], )"
       R"("w_value": [[[1]], [[2]]], "input": [[1], [2]], "grad_h": [[0], [1]]})",
       compute_attention_rnn},
      {"layer_norm",
       "every row to mean 0 and variance 1, then scaled and shifted",
       {"input"},
       {"weight", "bias", "eps"},
       R"({"op": "layer_norm", "input": [[1, 2, 3, 4]], "weight": [1, 1, 1, 2], "bias": [0, 0, 0, 1]})",
       compute_layer_norm},
      {"encoder_layer",
       "a pre-norm encoder block: attention and MLP, each with its residual path; weights by timm's names",
       {"input", "heads", "norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.proj.weight",
        "attn.proj.bias", "norm2.weight", "norm2.bias", "mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight",
        "mlp.fc2.bias"},
       {"activation", "attn.qkv.bias"},
       R"({"op": "encoder_layer", "input": [[1, 2], [3, -1]], "heads": 1, "activation": "relu", )"
       R"("norm1.weight": [1, 1], "norm1.bias": [0, 0], "attn.qkv.weight": [[1, 0], [0, 1], [1, 1]], )"
       R"("attn.proj.weight": [[1], [2]], "attn.proj.bias": [0, 0], "norm2.weight": [1, 1], )"
       R"("norm2.bias": [0, 0], "mlp.fc1.weight": [[1, -1]], "mlp.fc1.bias": [0], )"
       R"("mlp.fc2.weight": [[1], [1]], "mlp.fc2.bias": [0, 0]})",
       compute_encoder_layer},
      {"vit_forward",
       "a Vision Transformer: its answer to a picture, what attends to what, and the attention's rollout",
       {"weights", "config", "image"},
       {},
       R"({"op": "vit_forward", "weights": "weights.safetensors", "config": {"kind": "vit", "patch_size": 2, )"
       R"("embed_dim": 4, "depth": 1, "heads": 1, "head_dim": 0, "mlp_dim": 8}, )"
       R"("image": [[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]})",
       compute_vit_forward},
  };
  return kOps;
}

std::string list_text() {
  std::size_t width = 0;
  for (const Op& op : ops()) width = std::max(width, op.name.size());
  std::string text;
  for (const Op& op : ops())
    text +=
        std::string(op.name) + std::string(width + 2 - op.name.size(), ' ') + std::string(op.summary) + "\n";
  return text;
}

std::string help_text() {
  std::string text =
      "vitrine compute FILE     one JSON request, or an array of them; the result as JSON on standard "
      "output\n"
      "vitrine compute -        the same from standard input\n"
      "vitrine compute --list   the operations, one a line\n\n"
      "Tensors are nested arrays, channels first, without a batch axis. A file is found from the working "
      "folder. What\n"
      "is wrong with a request is one line on standard error, and the exit code is 2. The operations, each "
      "with its fields, [those it can do "
      "without], and an "
      "example:\n";
  for (const Op& op : ops()) {
    text += "\n" + std::string(op.name) + ": " + std::string(op.summary) + "\n  fields:";
    for (const std::string_view field : op.fields) text += " " + std::string(field);
    for (const std::string_view option : op.options) text += " [" + std::string(option) + "]";
    text += "\n  " + std::string(op.example) + "\n";
  }
  return text;
}

const Op& op_of(const json& request) {
  if (!request.is_object()) throw io::FormatError("a request is an object, not " + io::described(request));
  const Request fields(request);
  std::vector<std::string_view> names;
  for (const Op& op : ops()) names.push_back(op.name);
  if (!fields.has("op")) fields.refuse("op", "is missing (vitrine compute --list names them)");
  return ops()[fields.choice("op", names)];
}

// The result's JSON text. Throws io::FormatError with the operation's name in front.
std::string answer(const json& request) {
  const Op& op = op_of(request);
  const std::string name = std::string(op.name) + ": ";
  try {
    std::vector<std::string_view> known = op.fields;
    known.insert(known.begin(), "op");
    known.insert(known.end(), op.options.begin(), op.options.end());
    const Request fields(request);
    fields.expect_only(known);
    Result result;
    op.run(fields, result);
    return std::move(result).text();
  } catch (const io::FormatError& error) {
    throw io::FormatError(name + error.what());
  } catch (const io::FileError& error) {
    throw io::FormatError(name + error.what());
  } catch (const std::invalid_argument& error) {
    throw io::FormatError(name + error.what());
  } catch (const std::bad_alloc&) {
    throw io::FormatError(name + "not enough memory");
  }
}

std::string answers(const json& document) {
  if (!document.is_array()) return answer(document) + "\n";
  std::string text = "[";
  for (std::size_t i = 0; i < document.size(); ++i) {
    try {
      text += (i > 0 ? ",\n" : "\n") + answer(document[i]);
    } catch (const io::FormatError& error) {
      throw io::FormatError("[" + std::to_string(i) + "] " + error.what());
    }
  }
  return text + "\n]\n";
}

std::string read_all(std::istream& in) {
  std::string text;
  std::vector<char> piece(1 << 16);
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
    text.append(piece.data(), static_cast<std::size_t>(in.gcount()));
    if (static_cast<Index>(text.size()) > io::kJsonLimit_bytes) break;  // parse_json says so
  }
  return text;
}

json read_document(const std::string& source, std::istream& in) {
  const std::string text = source == "-" ? read_all(in) : io::read_file(source, io::kJsonLimit_bytes);
  try {
    return io::parse_json(text);
  } catch (const io::FormatError& error) {
    throw io::FormatError((source == "-" ? "standard input" : source) + ": " + error.what());
  }
}

std::string output_for(std::span<const std::string> args, std::istream& in) {
  if (args.size() != 1 || args[0].empty())
    throw io::FormatError(
        "compute: one request file is expected, or - for standard input (vitrine compute --help)");
  if (args[0] == "--list") return list_text();
  if (args[0] == "--help" || args[0] == "-h") return help_text();
  if (args[0].size() > 1 && args[0][0] == '-')
    throw io::FormatError("compute: unknown option " + args[0] + " (vitrine compute --help)");
  return answers(read_document(args[0], in));
}

}  // namespace

int compute_command(std::span<const std::string> args, std::istream& in, std::ostream& out,
                    std::ostream& err) {
  constexpr int kDone = 0, kRefused = 2;
  constexpr std::size_t kLine_bytes = 600;
  try {
    out << output_for(args, in) << std::flush;
    if (!out) throw io::FormatError("standard output cannot be written");
    return kDone;
  } catch (const std::exception& error) {
    err << "vitrine: " << core::printable(error.what(), kLine_bytes) << "\n";
    return kRefused;
  }
}

}  // namespace vitrine::cli
