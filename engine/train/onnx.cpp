#include "engine/train/onnx.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/core/text.h"
#include "engine/nn/layer_norm.h"
#include "engine/nn/layer_spec.h"
#include "engine/train/onnx_graph.h"

namespace vitrine::train {
namespace {

using Values = std::string;  // the name of a tensor in the graph
using List = std::vector<Index>;

void refuse_too_many(const nn::ParameterLayout& layout) {
  constexpr Index kMost = (Index{1} << 29) - (Index{1} << 20);  // floats in 2 GiB, less what is around them
  if (layout.count() > kMost)
    throw std::invalid_argument("an ONNX file holds at most 2 GiB; the model's " +
                                core::grouped(layout.count()) + " weights need more");
}

void add_gelu_constants(OnnxGraph& g) {
  g.scalar("one", 1);
  g.scalar("half", 0.5F);
  g.scalar("sqrt_2", static_cast<float>(std::numbers::sqrt2));
}

// y = x Phi(x) = x (1 + erf(x / sqrt 2)) / 2
Values gelu(OnnxGraph& g, const std::string& name, const Values& x) {
  const Values erf = g.node("Erf", name + ".erf", {g.node("Div", name + ".argument", {x, "sqrt_2"})});
  const Values phi = g.node("Mul", name + ".phi", {g.node("Add", name + ".sum", {erf, "one"}), "half"});
  return g.node("Mul", name, {x, phi});
}

Values layer_norm(OnnxGraph& g, const std::string& name, const Values& x) {
  const std::vector<OnnxGraph::Attribute> of_row{{"axes", List{-1}}, {"keepdims", 1}};
  const Values mean = g.node("ReduceMean", name + ".mean", {x}, of_row);
  const Values centred = g.node("Sub", name + ".centred", {x, mean});
  const Values squares = g.node("Mul", name + ".squares", {centred, centred});
  const Values variance = g.node("ReduceMean", name + ".variance", {squares}, of_row);
  const Values sum = g.node("Add", name + ".variance_eps", {variance, "norm_eps"});
  const Values deviation = g.node("Sqrt", name + ".deviation", {sum});
  const Values normed = g.node("Div", name + ".normed", {centred, deviation});
  const Values scaled = g.node("Mul", name + ".scaled", {normed, name + ".weight"});
  return g.node("Add", name, {scaled, name + ".bias"});
}

// Of every token: y = x W^T + b.
Values linear(OnnxGraph& g, const std::string& name, const Values& x, bool bias = true) {
  const Values weight =
      g.node("Transpose", name + ".weight_transposed", {name + ".weight"}, {{"perm", List{1, 0}}});
  const Values product = g.node("MatMul", name + ".product", {x, weight});
  return bias ? g.node("Add", name, {product, name + ".bias"}) : product;
}

// Of every image: the same of a matrix.
Values dense(OnnxGraph& g, const std::string& name, const Values& x, const std::string& result) {
  return g.node("Gemm", result, {x, name + ".weight", name + ".bias"}, {{"transB", 1}});
}

// Shapes that the blocks' reshapes read; 0 keeps the batch.
void add_vit_constants(OnnxGraph& g, const nn::VitSizes& s) {
  const Index tokens = s.embedding().tokens(), inner = s.heads * s.head_dim;
  add_gelu_constants(g);
  g.scalar("norm_eps", static_cast<float>(nn::LayerNorm<float>::kEpsilon));
  g.scalar("attention_scale", 1 / std::sqrt(static_cast<float>(s.head_dim)));
  g.integers("patches_shape", {0, s.embed_dim, s.embedding().patches()});
  g.integers("heads_shape", {0, tokens, 3, s.heads, s.head_dim});
  g.integers("joined_shape", {0, tokens, inner});
  for (const Index part : {0, 1, 2}) g.integer("part_" + std::to_string(part), part);
}

// PE(t, 2i) = sin(t / 10000^(2i/D)), PE(t, 2i+1) = cos of the same: [1, tokens, embed_dim]
core::Tensor<float> sinusoids(Index tokens, Index dim) {
  core::Tensor<float> table({1, tokens, dim});
  for (Index t = 0; t < tokens; ++t)
    for (Index d = 0; d < dim; ++d) {
      const double exponent = static_cast<double>(d / 2 * 2) / static_cast<double>(dim);
      const double angle = static_cast<double>(t) / std::pow(10000.0, exponent);
      table(0, t, d) = static_cast<float>(d % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  return table;
}

Values embedding(OnnxGraph& g, const nn::VitSizes& s, const Values& image) {
  const List side{s.patch_size, s.patch_size};
  const Values grid =
      g.node("Conv", "patch_embed.proj", {image, "patch_embed.proj.weight", "patch_embed.proj.bias"},
             {{"kernel_shape", side}, {"strides", side}});
  const Values rows = g.node("Reshape", "patch_embed.rows", {grid, "patches_shape"});
  Values tokens = g.node("Transpose", "patch_embed", {rows}, {{"perm", List{0, 2, 1}}});
  if (s.pool == nn::Pool::kClassToken) {
    const Values sizes = g.node("Shape", "image_sizes", {image});
    const Values batch = g.node("Gather", "batch", {sizes, g.integers("batch_axis", {0})}, {{"axis", 0}});
    const Values shape =
        g.node("Concat", "cls_shape", {batch, g.integers("cls_sizes", {1, s.embed_dim})}, {{"axis", 0}});
    const Values first = g.node("Expand", "cls_tokens", {"cls_token", shape});
    tokens = g.node("Concat", "with_class_token", {first, tokens}, {{"axis", 1}});
  }
  if (s.positions == nn::Positions::kNone) return tokens;
  if (s.positions == nn::Positions::kSinusoidal)
    g.weight("pos_embed", sinusoids(s.embedding().tokens(), s.embed_dim));
  return g.node("Add", "tokens", {tokens, "pos_embed"});
}

Values attention(OnnxGraph& g, const nn::VitSizes& s, const std::string& name, const Values& x) {
  const Values qkv = linear(g, name + ".qkv", x, s.qkv_bias == nn::Bias::kYes);
  const Values heads = g.node("Reshape", name + ".heads", {qkv, "heads_shape"});
  const Values parts = g.node("Transpose", name + ".parts", {heads}, {{"perm", List{2, 0, 3, 1, 4}}});
  const auto part = [&](const char* what, const char* number) {  // [N, heads, tokens, head_dim]
    return g.node("Gather", name + "." + what, {parts, number}, {{"axis", 0}});
  };
  const Values query = part("query", "part_0"), key = part("key", "part_1"), value = part("value", "part_2");
  const Values columns = g.node("Transpose", name + ".key_transposed", {key}, {{"perm", List{0, 1, 3, 2}}});
  const Values products = g.node("MatMul", name + ".products", {query, columns});
  const Values scores = g.node("Mul", name + ".scores", {products, "attention_scale"});
  const Values weights = g.node("Softmax", name + ".weights", {scores}, {{"axis", -1}});
  const Values mixed = g.node("MatMul", name + ".mixed", {weights, value});
  const Values rows = g.node("Transpose", name + ".rows", {mixed}, {{"perm", List{0, 2, 1, 3}}});
  return linear(g, name + ".proj", g.node("Reshape", name + ".joined", {rows, "joined_shape"}));
}

Values block(OnnxGraph& g, const nn::VitSizes& s, const std::string& name, const Values& x) {
  const Values mixed = attention(g, s, name + ".attn", layer_norm(g, name + ".norm1", x));
  const Values middle = g.node("Add", name + ".attn_added", {x, mixed});
  const Values fc1 = linear(g, name + ".mlp.fc1", layer_norm(g, name + ".norm2", middle));
  const Values fc2 = linear(g, name + ".mlp.fc2", gelu(g, name + ".mlp.act", fc1));
  return g.node("Add", name, {middle, fc2});
}

void add_vit(OnnxGraph& g, const nn::VitSizes& s, const Values& image) {
  add_vit_constants(g, s);
  Values x = embedding(g, s, image);
  for (Index i = 0; i < s.depth; ++i) x = block(g, s, "blocks." + std::to_string(i), x);
  x = layer_norm(g, "norm", x);
  if (s.pool == nn::Pool::kMean) {
    x = g.node("ReduceMean", "pooled", {x}, {{"axes", List{1}}, {"keepdims", 0}});
  } else {
    x = g.node("Gather", "pooled", {x, "part_0"}, {{"axis", 1}});
  }
  dense(g, "head", x, "logits");
}

std::vector<OnnxGraph::Attribute> window_of(const nn::LayerSpec& spec) {
  const Index pad = spec.padding;
  return {{"kernel_shape", List{spec.kernel, spec.kernel}},
          {"strides", List{spec.stride, spec.stride}},
          {"pads", List{pad, pad, pad, pad}}};
}

Values layer(OnnxGraph& g, const nn::LayerSpec& spec, const std::string& name, const Values& x, bool flat) {
  std::vector<OnnxGraph::Attribute> window = window_of(spec);
  switch (spec.kind) {
    case nn::LayerKind::kConv:
      return g.node("Conv", name, {x, name + ".weight", name + ".bias"}, window);
    case nn::LayerKind::kMaxPool:
      return g.node("MaxPool", name, {x}, window);
    case nn::LayerKind::kAveragePool:
      window.push_back({"count_include_pad", 1});
      return g.node("AveragePool", name, {x}, window);
    case nn::LayerKind::kDense:
      return dense(g, name, flat ? x : g.node("Flatten", name + ".flat", {x}, {{"axis", 1}}), name);
    case nn::LayerKind::kRelu:
      return g.node("Relu", name, {x});
    case nn::LayerKind::kGelu:
      return gelu(g, name, x);
    case nn::LayerKind::kDropout:
      break;
  }
  return x;
}

void add_stack(OnnxGraph& g, const std::vector<nn::LayerSpec>& layers, Values x) {
  if (std::ranges::count(layers, nn::LayerKind::kGelu, &nn::LayerSpec::kind) > 0) add_gelu_constants(g);
  bool flat = false;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    x = layer(g, layers[i], "layers." + std::to_string(i), x, flat);
    flat = flat || layers[i].kind == nn::LayerKind::kDense;
  }
  dense(g, "head", flat ? x : g.node("Flatten", "head.flat", {x}, {{"axis", 1}}), "logits");
}

}  // namespace

std::string onnx_model(const RunRecord& record, const nn::Model<float>& model,
                       const nn::Weights<float>& weights) {
  refuse_too_many(model.layout());
  const ModelConfig& config = record.config.model;
  const auto [channels, height, width] = model.image();
  OnnxGraph g;
  const Values image = g.input("image", {OnnxGraph::kBatch, channels, height, width},
                               "normalised: (pixel / 255 - mean) / deviation");
  for (const nn::ParameterInfo& info : model.layout().infos())
    g.weight(info.name, nn::parameter<float>(info, weights.values));
  if (config.kind == ModelKind::kVit)
    add_vit(g, config.sizes(channels, height, width, model.classes()), image);
  else
    add_stack(g, config.layers, image);
  g.output("logits", {OnnxGraph::kBatch, model.classes()});
  const std::string kind(kModelKinds[static_cast<std::size_t>(config.kind)]);
  return std::move(g).file(
      kind, "Trained with Vitrine.",
      {{"mean", core::exact(record.run.mean)}, {"deviation", core::exact(record.run.deviation)}});
}

}  // namespace vitrine::train
