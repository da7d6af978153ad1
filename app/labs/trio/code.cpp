// "CNN, MLP and ViT" in PyTorch: the contestants as modules, and their sizes.
#include "app/labs/script.h"
#include "app/labs/trio/lab.h"

namespace vitrine::labs {

namespace {

using core::Index;
using nn::LayerKind;

constexpr const char* kVit = R"py(
class Block(nn.Module):
    def __init__(self, dim, heads, head_dim, mlp_dim, dropout, qkv_bias):
        super().__init__()
        self.heads, self.head_dim = heads, head_dim
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * heads * head_dim, bias=qkv_bias)
        self.proj = nn.Linear(heads * head_dim, dim)
        self.drop = nn.Dropout(dropout)
        self.mlp = nn.Sequential(nn.Linear(dim, mlp_dim), nn.GELU(), self.drop, nn.Linear(mlp_dim, dim), self.drop)

    def forward(self, x):
        q, k, v = self.qkv(self.norm1(x)).unflatten(2, (3, self.heads, self.head_dim)).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(2, 3) / self.head_dim ** 0.5).softmax(-1)
        x = x + self.drop(self.proj((weights @ v).transpose(1, 2).flatten(2)))
        return x + self.mlp(self.norm2(x))


def sinusoids(tokens, dim):
    d = torch.arange(dim)
    angles = torch.arange(tokens)[:, None] / 10000.0 ** (d // 2 * 2 / dim)
    return torch.where(d % 2 == 0, angles.sin(), angles.cos())[None]


class ViT(nn.Module):
    def __init__(self, image, classes, patch, dim, depth, heads, head_dim, mlp_dim, dropout, qkv_bias, class_token, positions):
        super().__init__()
        channels, height, width = image
        tokens = (height // patch) * (width // patch) + (1 if class_token else 0)
        self.patches = nn.Conv2d(channels, dim, patch, stride=patch)
        self.class_token = nn.Parameter(torch.zeros(1, 1, dim)) if class_token else None
        self.positions = 0
        if positions == "learned":
            self.positions = nn.Parameter(0.02 * torch.randn(1, tokens, dim))
        if positions == "sinusoidal":
            self.positions = sinusoids(tokens, dim)
        self.blocks = nn.Sequential(
            *(Block(dim, heads, head_dim, mlp_dim, dropout, qkv_bias) for _ in range(depth)))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, classes)

    def forward(self, images):
        x = self.patches(images).flatten(2).transpose(1, 2)
        if self.class_token is not None:
            x = torch.cat([self.class_token.expand(len(x), -1, -1), x], 1)
        x = self.norm(self.blocks(x + self.positions))
        return self.head(x.mean(1) if self.class_token is None else x[:, 0])

)py";

std::string vit_words(const nn::VitSizes& s, const train::ModelConfig& model) {
  const auto named = [](const char* name, Index value) { return std::string(name) + "=" + python(value); };
  return "ViT((" + python(s.channels) + ", " + python(s.height) + ", " + python(s.width) + "), " +
         named("classes", s.classes) + ", " + named("patch", s.patch_size) + ", " +
         named("dim", s.embed_dim) + ", " + named("depth", s.depth) + ", " + named("heads", s.heads) + ", " +
         named("head_dim", s.head_dim) + ", " + named("mlp_dim", s.mlp_dim) +
         ",\n    dropout=" + python(model.dropout) + ", qkv_bias=" + python(s.qkv_bias == nn::Bias::kYes) +
         ", class_token=" + python(s.pool == nn::Pool::kClassToken) + ", positions=\"" +
         std::string(train::kPositions[static_cast<std::size_t>(s.positions)]) + "\")";
}

std::string window_words(const nn::LayerSpec& layer) {
  return python(layer.kernel) + ", stride=" + python(layer.stride) + ", padding=" + python(layer.padding) +
         ")";
}

std::string layer_words(const nn::LayerSpec& layer, const nn::ImageSizes& in, double dropout) {
  const std::string frozen = layer.frozen ? ".requires_grad_(False)" : "";
  switch (layer.kind) {
    case LayerKind::kConv:
      return "nn.Conv2d(" + python(in.channels) + ", " + python(layer.filters) + ", " + window_words(layer) +
             frozen;
    case LayerKind::kDense:
      return "nn.Flatten(), nn.Linear(" + python(in.count()) + ", " + python(layer.units) + ")" + frozen;
    case LayerKind::kMaxPool:
      return "nn.MaxPool2d(" + window_words(layer);
    case LayerKind::kAveragePool:
      return "nn.AvgPool2d(" + window_words(layer);
    case LayerKind::kRelu:
      return "nn.ReLU()";
    case LayerKind::kGelu:
      return "nn.GELU()";
    case LayerKind::kDropout:
      break;
  }
  return "nn.Dropout(" + python(dropout) + ")";
}

std::string stack_words(const train::ModelConfig& model, const nn::ImageSizes& image, Index classes) {
  const std::vector<nn::ImageSizes> outputs = nn::outputs_of(model.layers, image);
  nn::ImageSizes in = image;
  std::string words = "nn.Sequential(\n";
  for (std::size_t i = 0; i < outputs.size(); in = outputs[i++])
    words += "    " + layer_words(model.layers[i], in, model.dropout) + ",\n";
  return words + "    nn.Flatten(), nn.Linear(" + python(in.count()) + ", " + python(classes) + "))";
}

}  // namespace

std::string Trio::code() const {
  if (!snapshot_ || !snapshot_->dataset || snapshot_->runners.size() != contestants_.size()) return "";
  const Index classes = snapshot_->dataset->classes;
  Script s;
  s.code("import torch.nn as nn\n").code(kVit).code("models = {}");
  for (const train::Contestant& each : contestants_) {
    const train::ModelConfig& model = each.model;
    const std::string words =
        model.kind == train::ModelKind::kVit
            ? vit_words(model.sizes(image_.channels, image_.height, image_.width, classes), model)
            : stack_words(model, image_, classes);
    s.code("models[\"" + each.name + "\"] = " + words);
  }
  s.comment("of equal size; frozen filters are counted too")
      .show("parameters", "[sum(p.numel() for p in model.parameters()) for model in models.values()]")
      .show("models", "len(models)");
  return s.text();
}

}  // namespace vitrine::labs
