#include "engine/nn/vit.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "engine/core/vector.h"

namespace vitrine::nn {
namespace {

constexpr Index kMostTokens = Index{1} << 14;  // an attention matrix holds their square

VitSizes checked(const VitSizes& s) {
  if (s.patch_size < 1 || s.height % s.patch_size != 0 || s.width % s.patch_size != 0)
    throw std::invalid_argument("patch_size " + std::to_string(s.patch_size) +
                                " does not divide an image of " + std::to_string(s.height) + " x " +
                                std::to_string(s.width));
  const Index patches = core::Shape{s.height / s.patch_size, s.width / s.patch_size}.count();
  if (patches >= kMostTokens)
    throw std::invalid_argument("patch_size " + std::to_string(s.patch_size) + " makes " +
                                std::to_string(patches) + " tokens of an image of " +
                                std::to_string(s.height) + " x " + std::to_string(s.width) +
                                ", the limit is " + std::to_string(kMostTokens - 1));
  return s;
}

template <class T>
bool all_finite(const T* values, Index count) {
  return core::all_finite(std::span<const T>(values, static_cast<std::size_t>(count)));
}

template <class T>
std::vector<EncoderBlock<T>> encoder(ParameterLayout& layout, const VitSizes& sizes) {
  std::vector<EncoderBlock<T>> blocks;
  for (Index number = 0; number < sizes.depth; ++number) blocks.emplace_back(layout, number, sizes.encoder());
  return blocks;
}

}  // namespace

EmbeddingSizes VitSizes::embedding() const {
  const ClassToken class_token = pool == Pool::kClassToken ? ClassToken::kYes : ClassToken::kNo;
  return {channels, height, width, patch_size, embed_dim, class_token, positions};
}

EncoderSizes VitSizes::encoder() const {
  return {embedding().tokens(), embed_dim, heads, head_dim, mlp_dim, qkv_bias, norm_epsilon};
}

template <class T>
Vit<T>::Vit(const VitSizes& sizes)
    : Model<T>({sizes.channels, sizes.height, sizes.width}, sizes.classes),
      sizes_(checked(sizes)),
      embedding_(this->layout_, sizes.embedding()),
      blocks_(encoder<T>(this->layout_, sizes)),
      norm_(this->layout_, "norm", sizes.embed_dim, sizes.norm_epsilon),
      head_(this->layout_, "head", sizes.embed_dim, sizes.classes, Bias::kYes) {}

template <class T>
MatrixView<T> Vit<T>::pooled_rows(T* stream, Index images) const {
  const Index dim = sizes_.embed_dim;
  if (sizes_.pool == Pool::kMean) return {stream, images * tokens(), dim};
  return {stream, images, dim, tokens() * dim};  // every image's first token
}

template <class T>
std::vector<LayerFacts> Vit<T>::layers() const {
  const auto& [channels, height, width, patch_size, dim, depth, heads, head_dim, mlp_dim, classes, bias, pool,
               positions, norm_epsilon] = sizes_;
  const Index inner = heads * head_dim, rows = tokens();
  const EmbeddingSizes embedding = sizes_.embedding();
  const auto product = [](Index m, Index n, Index k) { return core::Shape{m, n, k}.count(); };
  std::vector<LayerFacts> facts;
  const auto add = [&](const std::string& name, const core::Shape& output, Index multiply_adds) {
    facts.push_back({name, output, this->layout_.count_of(name), multiply_adds});
  };
  add("patch_embed", {rows, dim}, product(embedding.patches(), dim, embedding.patch()));
  for (const char* table : {"cls_token", "pos_embed"})
    facts.back().parameters += this->layout_.count_of(table);
  for (Index number = 0; number < depth; ++number) {
    const std::string block = "blocks." + std::to_string(number);
    add(block + ".norm1", {rows, dim}, 0);
    add(block + ".attn", {rows, dim}, 4 * product(rows, inner, dim) + 2 * product(rows, rows, inner));
    add(block + ".norm2", {rows, dim}, 0);
    add(block + ".mlp", {rows, dim}, 2 * product(rows, dim, mlp_dim));
  }
  add("norm", {rows, dim}, 0);
  add("head", {classes}, dim * classes);
  return facts;
}

template <class T>
Index Vit<T>::trained_multiply_adds() const {
  const Index inner = sizes_.heads * sizes_.head_dim, unread = tokens() - pooled_rows(nullptr, 1).rows;
  const Index for_a_token =
      2 * tokens() * inner + inner * sizes_.embed_dim + 2 * sizes_.embed_dim * sizes_.mlp_dim;
  return this->multiply_adds() - (blocks_.empty() ? 0 : unread * for_a_token);
}

template <class T>
Index Vit<T>::chunk_images() const {
  constexpr Index kTallRows = 128, kMostImages = 8;
  const Index tall = (kTallRows + tokens() - 1) / tokens();
  const Index full = (core::kLanes<T> + sizes_.heads - 1) / sizes_.heads;  // a head for every lane
  return std::min(std::max(tall, full), kMostImages);
}

template <class T>
auto Vit<T>::take_activations(Arena<T>& arena, Index images) const -> std::unique_ptr<Base> {
  const Index rows = images * tokens(), dim = sizes_.embed_dim;
  const Index pooled_count = pooled_rows(nullptr, images).rows;
  auto own = std::make_unique<Activations>();
  Activations& at = *own;
  at.embedding = embedding_.take_activations(arena, images);
  for (const auto& block : blocks_) {
    at.stream.push_back(arena.take(rows * dim));
    at.blocks.push_back(block.take_activations(arena, images));
  }
  at.stream.push_back(arena.take(rows * dim));
  if (!blocks_.empty()) at.scratch = blocks_.front().take_scratch(arena, images);
  at.statistics = reinterpret_cast<typename LayerNorm<T>::Statistics*>(arena.take(2 * pooled_count));
  for (T** part : {&at.normed, &at.d_normed}) *part = arena.take(pooled_count * dim);
  for (T** part : {&at.pooled, &at.d_pooled}) *part = arena.take(images * dim);
  for (T** part : {&at.logits, &at.d_logits}) *part = arena.take(images * sizes_.classes);
  at.d_stream = arena.take(rows * dim);
  return own;
}

template <class T>
void Vit<T>::forward(const Pass<T>& pass, const T* images, Base& activations) const {
  Activations& at = own(activations);
  const Index rows = pass.images * tokens(), dim = sizes_.embed_dim;
  const auto stream = [&](std::size_t i) { return MatrixView<T>(at.stream[i], rows, dim); };
  embedding_.forward(pass, images, at.embedding, stream(0));
  const MatrixView<T> read = pooled_rows(at.stream.back(), pass.images);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const bool only_read = (pass.gradient || pass.only_answer) && i + 1 == blocks_.size();
    blocks_[i].forward(pass, stream(i), at.blocks[i], at.scratch, only_read ? read : stream(i + 1));
  }
  norm_.forward(pass, read, at.statistics, {at.normed, read.rows, dim});
  const Index per_image = read.rows / pass.images;  // 1 row, or all tokens
  std::fill_n(at.pooled, pass.images * dim, T{0});
  for (Index row = 0; row < read.rows; ++row)
    for (Index d = 0; d < dim; ++d)
      at.pooled[row / per_image * dim + d] += at.normed[row * dim + d] / static_cast<T>(per_image);
  head_.forward(pass, MatrixView<T>(at.pooled, pass.images, dim), {at.logits, pass.images, sizes_.classes});
}

template <class T>
void Vit<T>::backward(const Pass<T>& pass, Base& activations) const {
  Activations& at = own(activations);
  const Index rows = pass.images * tokens(), dim = sizes_.embed_dim;
  const auto stream = [&](std::size_t i) { return MatrixView<T>(at.stream[i], rows, dim); };
  const MatrixView<T> d_stream(at.d_stream, rows, dim);
  head_.backward(pass, MatrixView<T>(at.pooled, pass.images, dim),
                 MatrixView<T>(at.d_logits, pass.images, sizes_.classes), {at.d_pooled, pass.images, dim});
  const MatrixView<T> read = pooled_rows(at.stream.back(), pass.images);
  const Index per_image = read.rows / pass.images;
  for (Index row = 0; row < read.rows; ++row)
    for (Index d = 0; d < dim; ++d)
      at.d_normed[row * dim + d] = at.d_pooled[row / per_image * dim + d] / static_cast<T>(per_image);
  std::fill_n(d_stream.data, rows * dim, T{0});
  norm_.backward(pass, read, at.statistics, MatrixView<T>(at.d_normed, read.rows, dim),
                 pooled_rows(d_stream.data, pass.images));
  for (std::size_t i = blocks_.size(); i-- > 0;)
    blocks_[i].backward(pass, stream(i), at.blocks[i], at.scratch, d_stream,
                        i + 1 == blocks_.size() ? read.rows : rows);
  embedding_.backward(pass, at.embedding, d_stream);
}

template <class T>
void Vit<T>::attention_of(const Base& activations, Index image, T* out) const {
  const Activations& at = own(activations);
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    blocks_[i].attention().weights_of(at.blocks[i].attention, image, out);
    out += sizes_.heads * tokens() * tokens();
  }
}

template <class T>
std::vector<NamedActivation<T>> Vit<T>::activations_of(const Base& activations, Index image) const {
  const Activations& at = own(activations);
  const Index rows = tokens(), dim = sizes_.embed_dim, pooled = pooled_rows(nullptr, 1).rows;
  std::vector<NamedActivation<T>> named;
  const auto add = [&](const std::string& name, const T* all, const core::Shape& shape) {
    named.push_back({name, core::Tensor<T>(shape)});
    std::copy_n(all + image * shape.count(), shape.count(), named.back().values.data());
  };
  add("tokens", at.stream[0], {rows, dim});
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::string block = "blocks." + std::to_string(i) + " ";
    add(block + "norm1", at.blocks[i].normed1, {rows, dim});
    add(block + "attention added", at.blocks[i].middle, {rows, dim});
    add(block + "norm2", at.blocks[i].normed2, {rows, dim});
    add(block + "mlp hidden", at.blocks[i].hidden, {rows, sizes_.mlp_dim});
    add(block + "output", at.stream[i + 1], {rows, dim});
  }
  add("norm", at.normed, {pooled, dim});
  add("logits", at.logits, {sizes_.classes});
  return named;
}

template <class T>
core::Tensor<T> Vit<T>::lens_of(const Weights<T>& weights, const Base& activations, Index image) const {
  const Activations& at = own(activations);
  const Index rows = tokens(), dim = sizes_.embed_dim, classes = sizes_.classes;
  const Pass<T> pass{weights.values.data(), weights.transposed.data(), nullptr, 1, 0, 1, {}};
  core::Tensor<T> lens({std::ssize(at.stream), rows, classes}), normed({rows, dim});
  std::vector<typename LayerNorm<T>::Statistics> statistics(static_cast<std::size_t>(rows));
  for (std::size_t layer = 0; layer < at.stream.size(); ++layer) {
    norm_.forward(pass, {at.stream[layer] + image * rows * dim, rows, dim}, statistics.data(),
                  core::view(normed));
    head_.forward(pass, core::view(std::as_const(normed)),
                  {lens.data() + static_cast<Index>(layer) * rows * classes, rows, classes});
  }
  return lens;
}

template <class T>
std::string Vit<T>::first_bad(const Base& activations, Index images) const {
  const Activations& at = own(activations);
  const Index stream = images * tokens() * sizes_.embed_dim;
  if (!all_finite(at.stream[0], stream)) return "tokens";
  std::vector<T> weights(static_cast<std::size_t>(sizes_.heads * tokens() * tokens()));
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const std::string block = "blocks." + std::to_string(i);
    for (Index image = 0; image < images; ++image) {
      blocks_[i].attention().weights_of(at.blocks[i].attention, image, weights.data());
      if (!all_finite(weights.data(), static_cast<Index>(weights.size()))) return block + ".attn weights";
    }
    if (!all_finite(at.stream[i + 1], stream)) return block + " output";
  }
  return all_finite(at.logits, images * sizes_.classes) ? "" : "logits";
}

template class Vit<float>;
template class Vit<double>;

}  // namespace vitrine::nn
