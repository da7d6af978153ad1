#include "engine/train/timm_vit.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <stdexcept>
#include <string_view>

#include "engine/core/text.h"

namespace vitrine::train {

using core::Shape;

namespace {

using Shapes = std::map<std::string, Shape, std::less<>>;

constexpr std::string_view kBlocks = "blocks.", kScales[] = {".ls1.gamma", ".ls2.gamma"},
                           kScaled[] = {".attn.proj", ".mlp.fc2"};

// Parts of timm's other models; the first row that a name contains.
struct Unsupported {
  std::string_view part, what;
};
constexpr Unsupported kUnsupported[] = {
    {"fc_norm.", "a norm behind the pooling"},
    {"norm_pre.", "a norm before the blocks"},
    {"pre_norm.", "a norm before the blocks"},
    {"patch_embed.norm.", "a norm of the patches"},
    {"attn.norm.", "a norm inside the attention"},
    {"mlp.norm.", "a norm inside the MLP"},
    {"dist_token", "a distillation token"},
    {"head_dist.", "a distillation head"},
    {"reg_token", "register tokens"},
    {"q_norm.", "a norm of the queries"},
    {"k_norm.", "a norm of the keys"},
    {"q_bias", "a bias of the queries alone"},
    {"v_bias", "a bias of the values alone"},
    {"relative_position", "relative positions"},
    {"gamma_", "LayerScale by BEiT's names"},
    {"pre_logits.", "a layer before the head"},
    {"attn_pool.", "pooling by attention"},
};

std::string line(std::string_view name, const std::string& problem) {
  return core::printable(name) + ": " + problem;
}

bool ends_with_scale(std::string_view name) {
  return name.starts_with(kBlocks) && (name.ends_with(kScales[0]) || name.ends_with(kScales[1]));
}

const Shape& shape_of(const Shapes& shapes, std::string_view name) {
  const auto found = shapes.find(name);
  if (found != shapes.end()) return found->second;
  const std::string others =
      shapes.empty() ? "the file is empty"
                     : "timm's names are expected, the file has " + core::printable(shapes.begin()->first);
  throw std::invalid_argument(line(name, "missing; " + others));
}

// Throws unless the shape has this rank and no axis is empty. `expected` is for the message.
const Shape& shape_of(const Shapes& shapes, std::string_view name, std::size_t rank, const char* expected) {
  const Shape& shape = shape_of(shapes, name);
  if (shape.rank() != rank || shape.count() == 0)
    throw core::ShapeError(
        line(name, "has shape " + to_string(shape) + " where " + expected + " is expected"));
  return shape;
}

// How many blocks there are. Throws for a number that the tensors cannot be.
Index depth_of(const Shapes& shapes) {
  Index depth = 0;
  for (const auto& [name, shape] : shapes) {
    if (!name.starts_with(kBlocks)) continue;
    Index number = -1;
    const char *begin = name.data() + kBlocks.size(), *end = name.data() + name.size();
    const auto [stop, failed] = std::from_chars(begin, end, number);
    if (failed != std::errc() || stop == end || *stop != '.' || number < 0 || number >= std::ssize(shapes))
      throw std::invalid_argument(line(name, "no such block; blocks are counted from 0"));
    depth = std::max(depth, number + 1);
  }
  if (depth == 0) throw std::invalid_argument("blocks.0.norm1.weight: missing; the model has no blocks");
  return depth;
}

nn::ImageSizes square_image(const Shapes& shapes, Index channels, Index patch_size, Index dim) {
  const Shape& table = shape_of(shapes, "pos_embed", 3, "[1, tokens, embed_dim]");
  const Index own = shapes.contains("cls_token") ? 1 : 0, patches = table[1] - own;
  Index side = 0;
  while (side * side < patches) ++side;
  if (table[0] != 1 || table[2] != dim || patches < 1 || side * side != patches)
    throw core::ShapeError(line("pos_embed", "has shape " + to_string(table) + " where [1, " +
                                                 (own ? "1 + " : "") + "rows * rows, " + std::to_string(dim) +
                                                 "] is expected: a square grid of patches" +
                                                 (own ? " behind the class token" : "")));
  return {channels, core::checked_mul(side, patch_size), core::checked_mul(side, patch_size)};
}

// Of so many rows of queries: how many heads, and what is to be said about it.
Index heads_of(Index inner, const std::optional<Index>& asked, std::string& note) {
  constexpr Index kHeadDim = 64;
  if (asked) {
    if (*asked < 1 || inner % *asked != 0)
      throw std::invalid_argument("heads " + std::to_string(*asked) + ": must divide the " +
                                  std::to_string(inner) + " rows of the queries");
    return *asked;
  }
  Index head_dim = std::min(kHeadDim, inner);
  while (inner % head_dim != 0) --head_dim;
  const Index heads = inner / head_dim;
  note = core::grouped(heads) + (heads == 1 ? " head" : " heads") + " of " + std::to_string(head_dim) +
         (head_dim == kHeadDim
              ? ", as timm's models have"
              : ": the file does not say how many, and 64 does not divide " + std::to_string(inner));
  return heads;
}

void refuse_unsupported(const Shapes& shapes) {
  for (const auto& [name, shape] : shapes)
    for (const auto& [part, what] : kUnsupported)
      if (name.find(part) != std::string::npos && !ends_with_scale(name))
        throw std::invalid_argument(line(
            name, std::string(what) + " is not supported; open a plain Vision Transformer of timm's names"));
}

// Every tensor is one of the model's and of its shape, and none is missing.
void require_parameters(const nn::VitSizes& sizes, Shapes shapes) {
  const nn::Vit<float> vit(sizes);
  const auto take = [&](const std::string& name, const Shape& expected) {
    const Shape& shape = shape_of(shapes, name);
    if (!(shape == expected))
      throw core::ShapeError(
          line(name, "has shape " + to_string(shape) + ", the model's is " + to_string(expected)));
    shapes.erase(name);
  };
  for (const nn::ParameterInfo& info : vit.layout().infos()) take(info.name, info.shape);
  for (Index block = 0; block < sizes.depth; ++block)
    for (const std::string_view scale : kScales) {
      const std::string name = std::string(kBlocks) + std::to_string(block) + std::string(scale);
      if (shapes.contains(name)) take(name, {sizes.embed_dim});
    }
  if (!shapes.empty())
    throw std::invalid_argument(line(shapes.begin()->first, "a Vision Transformer has no such tensor"));
}

}  // namespace

TimmVit timm_vit(const std::vector<io::TensorFacts>& tensors, const VitHints& hints) {
  Shapes shapes;
  for (const io::TensorFacts& tensor : tensors) shapes.emplace(tensor.name, tensor.shape);
  refuse_unsupported(shapes);
  const Shape& patches = shape_of(shapes, "patch_embed.proj.weight", 4, "[embed_dim, channels, P, P]");
  if (patches[2] != patches[3])
    throw core::ShapeError(
        line("patch_embed.proj.weight", "has shape " + to_string(patches) + ", its patches are not square"));
  const Index dim = patches[0], depth = depth_of(shapes);
  const bool learned = hints.positions == nn::Positions::kLearned;
  if (!learned && !hints.image)
    throw std::invalid_argument(line("pos_embed", "missing; without it the picture's size is not known"));
  const nn::ImageSizes image = learned ? square_image(shapes, patches[1], patches[2], dim) : *hints.image;
  const Index rows = shape_of(shapes, "blocks.0.attn.qkv.weight", 2, "[3 * inner, embed_dim]")[0];
  if (rows % 3 != 0)
    throw core::ShapeError(line("blocks.0.attn.qkv.weight",
                                "has " + std::to_string(rows) + " rows, not as many for q as for k and v"));
  if (!shapes.contains("head.weight"))
    throw std::invalid_argument("head.weight: missing; the model was saved without its classes");
  TimmVit vit;
  const Index inner = rows / 3, heads = heads_of(inner, hints.heads, vit.note);
  vit.sizes = {.channels = patches[1],
               .height = image.height,
               .width = image.width,
               .patch_size = patches[2],
               .embed_dim = dim,
               .depth = depth,
               .heads = heads,
               .head_dim = inner / heads,
               .mlp_dim = shape_of(shapes, "blocks.0.mlp.fc1.weight", 2, "[mlp_dim, embed_dim]")[0],
               .classes = shape_of(shapes, "head.weight", 2, "[classes, embed_dim]")[0],
               .qkv_bias = shapes.contains("blocks.0.attn.qkv.bias") ? nn::Bias::kYes : nn::Bias::kNo,
               .pool = shapes.contains("cls_token") ? nn::Pool::kClassToken : nn::Pool::kMean,
               .positions = hints.positions,
               .norm_epsilon = hints.norm_epsilon};
  require_parameters(vit.sizes, std::move(shapes));
  return vit;
}

void fold_layer_scale(std::vector<io::NamedTensor>& tensors) {
  std::map<std::string, core::Tensor<float>*, std::less<>> by_name;
  for (io::NamedTensor& tensor : tensors) by_name.emplace(tensor.name, &tensor.values);
  for (const auto& [name, gamma] : by_name) {
    if (!ends_with_scale(name)) continue;
    const std::size_t which = name.ends_with(kScales[0]) ? 0 : 1;
    const std::string layer =
        name.substr(0, name.size() - kScales[which].size()) + std::string(kScaled[which]);
    for (const char* part : {".weight", ".bias"}) {
      core::Tensor<float>& scaled = *by_name.at(layer + part);
      const Index inputs = scaled.count() / scaled.size(0);
      for (Index i = 0; i < scaled.count(); ++i) scaled[i] *= (*gamma)[i / inputs];
    }
  }
  std::erase_if(tensors, [](const io::NamedTensor& tensor) { return ends_with_scale(tensor.name); });
}

}  // namespace vitrine::train
