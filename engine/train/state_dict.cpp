#include "engine/train/state_dict.h"

#include <algorithm>
#include <set>

#include "engine/core/text.h"

namespace vitrine::train {
namespace {

// What decides whether a parameter of such a name exists and how large it is; the first row that fits.
struct Cause {
  std::string_view part, cause;
};
constexpr Cause kCauses[] = {
    {"cls_token", "model.pool and model.embed_dim"},
    {"pos_embed", "model.positions, model.pool, model.patch_size, model.embed_dim and the images' size"},
    {"patch_embed.", "model.patch_size, model.embed_dim and the images' channels"},
    {"attn.qkv.bias", "model.qkv_bias, model.depth, model.heads and model.head_dim"},
    {".attn.", "model.depth, model.embed_dim, model.heads and model.head_dim"},
    {".mlp.", "model.depth, model.embed_dim and model.mlp_dim"},
    {"blocks.", "model.depth and model.embed_dim"},
    {"layers.", "model.layers and the images' channels and size"},
    {"head.", "the number of classes and model.embed_dim"},
};

// "pos_embed: missing; model.positions ... decide about it"
std::string line(const std::string& name, const std::string& problem) {
  const std::string start = core::printable(name) + ": " + problem;
  for (const auto& [part, cause] : kCauses)
    if (name.find(part) != std::string::npos) return start + "; " + std::string(cause) + " decide about it";
  return start;
}

// Throws when there are any.
void refuse_names(const std::vector<std::string>& names, const std::string& problem) {
  if (names.empty()) return;
  const std::string others = names.size() > 1 ? " (and " + std::to_string(names.size() - 1) + " more)" : "";
  throw std::invalid_argument(line(names.front(), problem + others));
}

}  // namespace

std::vector<io::NamedTensor> state_dict(const nn::ParameterLayout& layout,
                                        const nn::Weights<float>& weights) {
  std::vector<io::NamedTensor> tensors;
  for (const auto& info : layout.infos())
    tensors.push_back({info.name, nn::parameter<float>(info, weights.values)});
  return tensors;
}

nn::Weights<float> weights_from(const nn::ParameterLayout& layout,
                                const std::vector<io::NamedTensor>& tensors) {
  std::set<std::string_view> known, given;
  for (const auto& info : layout.infos()) known.insert(info.name);
  for (const auto& tensor : tensors) given.insert(tensor.name);
  std::vector<std::string> strange, missing;
  for (const auto& tensor : tensors)
    if (!known.contains(tensor.name)) strange.push_back(tensor.name);
  for (const auto& info : layout.infos())
    if (!given.contains(info.name)) missing.push_back(info.name);
  refuse_names(strange, "the model has no such parameter");
  refuse_names(missing, "missing");

  nn::Weights<float> weights;
  weights.values.resize(static_cast<std::size_t>(layout.size()));
  weights.transposed.resize(static_cast<std::size_t>(layout.transposed_size()));
  for (const auto& info : layout.infos()) {
    const auto& values = std::ranges::find(tensors, info.name, &io::NamedTensor::name)->values;
    if (!(values.shape() == info.shape))
      throw core::ShapeError(line(
          info.name, "has shape " + to_string(values.shape()) + ", the model's is " + to_string(info.shape)));
    if (!core::all_finite(values))
      throw std::invalid_argument(core::printable(info.name) + ": holds a number that is not finite");
    nn::set_parameter<float>(info, values, weights.values);
  }
  weights.refresh_all(layout);
  return weights;
}

}  // namespace vitrine::train
