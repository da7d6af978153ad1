#include "engine/nn/encoder_block.h"

namespace vitrine::nn {
namespace {

std::string block_name(Index number, const char* part) {
  return "blocks." + std::to_string(number) + "." + part;
}

// Dropout layers are numbered through the model, three a block.
std::uint64_t dropout_layer(Index block, int which) { return static_cast<std::uint64_t>(block * 3 + which); }

}  // namespace

template <class T>
EncoderBlock<T>::EncoderBlock(ParameterLayout& layout, Index number, const EncoderSizes& s)
    : sizes_(s),
      norm1_(layout, block_name(number, "norm1"), s.embed_dim, s.norm_epsilon),
      attention_(layout, block_name(number, "attn"), {s.embed_dim, s.tokens, s.heads, s.head_dim},
                 s.qkv_bias),
      after_attention_(dropout_layer(number, 0)),
      norm2_(layout, block_name(number, "norm2"), s.embed_dim, s.norm_epsilon),
      fc1_(layout, block_name(number, "mlp.fc1"), s.embed_dim, s.mlp_dim, Bias::kYes),
      inside_mlp_(dropout_layer(number, 1)),
      fc2_(layout, block_name(number, "mlp.fc2"), s.mlp_dim, s.embed_dim, Bias::kYes),
      after_mlp_(dropout_layer(number, 2)) {}

template <class T>
auto EncoderBlock<T>::take_activations(Arena<T>& arena, Index images) const -> Activations {
  const Index rows = images * sizes_.tokens;
  const auto take_statistics = [&] {  // two numbers a row
    return reinterpret_cast<typename LayerNorm<T>::Statistics*>(arena.take(2 * rows));
  };
  Activations at;
  at.statistics1 = take_statistics();
  at.normed1 = arena.take(rows * sizes_.embed_dim);
  at.attention = attention_.take_activations(arena, images);
  at.middle = arena.take(rows * sizes_.embed_dim);
  at.statistics2 = take_statistics();
  at.normed2 = arena.take(rows * sizes_.embed_dim);
  at.slope = arena.take(rows * sizes_.mlp_dim);
  at.hidden = arena.take(rows * sizes_.mlp_dim);
  return at;
}

template <class T>
auto EncoderBlock<T>::take_scratch(Arena<T>& arena, Index images) const -> Scratch {
  const Index rows = images * sizes_.tokens;
  return {attention_.take_scratch(arena, images), arena.take(rows * sizes_.embed_dim),
          arena.take(rows * sizes_.embed_dim), arena.take(rows * sizes_.mlp_dim)};
}

template <class T>
void EncoderBlock<T>::forward(const Pass<T>& pass, MatrixView<const T> x, const Activations& keep,
                              const Scratch& scratch, MatrixView<T> y) const {
  const Index outputs = y.rows, per_image = outputs / pass.images;
  const MatrixView<T> normed1(keep.normed1, x.rows, x.columns), normed2(keep.normed2, outputs, x.columns);
  const MatrixView<T> middle(keep.middle, outputs, x.columns), branch(scratch.branch, outputs, x.columns);
  const MatrixView<T> hidden(keep.hidden, outputs, sizes_.mlp_dim),
      slope(keep.slope, outputs, sizes_.mlp_dim);
  const auto by_image = [&](auto rows) { return row_groups(rows, pass.images); };

  norm1_.forward(pass, x, keep.statistics1, normed1);
  attention_.forward(pass, normed1, keep.attention, scratch.attention, branch);
  after_attention_.forward_add(pass, by_image(branch), by_image(each_nth(x, outputs)), by_image(middle));

  norm2_.forward(pass, middle, keep.statistics2, normed2);
  fc1_.forward(pass, normed2, slope);
  Gelu<T>::forward(pass, inside_mlp_, per_image * sizes_.mlp_dim, slope.data, slope.data, hidden.data);
  fc2_.forward(pass, hidden, branch);
  after_mlp_.forward_add(pass, by_image(branch), by_image(middle), by_image(y));
}

template <class T>
void EncoderBlock<T>::backward(const Pass<T>& pass, MatrixView<const T> x, const Activations& kept,
                               const Scratch& scratch, MatrixView<T> stream, Index outputs) const {
  const MatrixView<T> normed1(kept.normed1, x.rows, x.columns), normed2(kept.normed2, outputs, x.columns);
  const MatrixView<T> middle(kept.middle, outputs, x.columns), hidden(kept.hidden, outputs, sizes_.mlp_dim);
  const MatrixView<T> d_branch(scratch.branch, outputs, x.columns),
      d_normed1(scratch.d_normed, x.rows, x.columns), d_normed2(scratch.d_normed, outputs, x.columns);
  const MatrixView<T> d_hidden(scratch.d_hidden, outputs, sizes_.mlp_dim);
  const MatrixView<T> read = each_nth(stream, outputs);
  const auto by_image = [&](auto rows) { return row_groups(rows, pass.images); };

  after_mlp_.backward(pass, by_image(read), by_image(d_branch));
  fc2_.backward(pass, hidden, d_branch, d_hidden);
  Gelu<T>::backward(kept.slope, d_hidden.data, outputs * sizes_.mlp_dim, d_hidden.data);
  fc1_.backward(pass, normed2, d_hidden, d_normed2);
  norm2_.backward(pass, middle, kept.statistics2, d_normed2, read);

  after_attention_.backward(pass, by_image(read), by_image(d_branch));
  attention_.backward(pass, normed1, kept.attention, scratch.attention, d_branch, d_normed1);
  norm1_.backward(pass, x, kept.statistics1, d_normed1, stream);
}

template class EncoderBlock<float>;
template class EncoderBlock<double>;

}  // namespace vitrine::nn
