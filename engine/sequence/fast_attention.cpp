#include "engine/sequence/fast_attention.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/sequence/attend_rows.h"

namespace vitrine::sequence {

using core::MatrixView;
using core::Tensor;

namespace {

constexpr Index kRows = 16 * core::kTileRows;  // of a projection's piece

// A bias for every row of a product; none of an empty one.
MatrixView<const double> bias_rows(const Tensor<double>& bias, Index first, Index count) {
  return {bias.empty() ? nullptr : bias.data() + first, 1, count, 0};
}

void check_scale_and_mask(double scale, const VisibleKeys& visible, Index queries, Index keys) {
  if (!std::isfinite(scale)) throw std::invalid_argument("scale " + core::exact(scale) + " is not finite");
  if (visible.mask) core::require_shape("mask", visible.mask->shape(), "scores", {queries, keys});
}

bool rows_finite(MatrixView<const double> m) {
  for (Index i = 0; i < m.rows; ++i)
    if (!core::all_finite(std::span<const double>(&m(i, 0), static_cast<std::size_t>(m.columns))))
      return false;
  return true;
}

// What runs the stages of one computation, each cut into pieces that no other number of threads changes.
class Team {
 public:
  // operations: of the whole computation.
  Team(core::Workers& workers, double operations, std::stop_token stop, core::Progress* progress)
      : workers_(workers),
        shared_(operations >= kWorthSharing),
        stop_(std::move(stop)),
        progress_(progress) {}
  void begin(Index pieces) {
    if (progress_) progress_->begin(pieces);
  }
  // compute(piece, scratch) for each piece in [0, pieces); scratch: so many numbers of the thread's own.
  template <class Compute>
  void run(Index pieces, Index scratch_size, const Compute& compute) {
    std::atomic<Index> next = 0;
    const auto take_pieces = [&](int) {
      auto scratch = Tensor<double>::uninitialized({scratch_size});
      for (Index piece; (piece = next.fetch_add(1)) < pieces;) {
        core::throw_if_stopped(stop_);
        compute(piece, scratch.data());
        if (progress_) progress_->advance();
      }
    };
    if (shared_)
      workers_.run(static_cast<int>(std::min<Index>(workers_.threads(), pieces)), take_pieces);
    else
      take_pieces(0);
  }
  template <class Compute>
  void run(Index pieces, const Compute& compute) {
    run(pieces, 0, [&](Index piece, double*) { compute(piece); });
  }

 private:
  static constexpr double kWorthSharing = 1e6;  // some ten microseconds
  core::Workers& workers_;
  bool shared_;
  std::stop_token stop_;
  core::Progress* progress_;
};

double as_double(Index n) { return static_cast<double>(n); }

// Some heads of the same sizes: all their blocks of queries are pieces of one stage.
template <class Weight>
struct Heads {
  std::vector<FastHead<Weight>> heads;
  Index blocks() const { return core::divide_up(heads[0].query.rows, rows_of_block(heads[0].key.rows)); }
  Index pieces() const { return static_cast<Index>(heads.size()) * blocks(); }
  void attend(Team& team) const {
    const Index keys = heads[0].key.rows, rows = rows_of_block(keys);
    team.run(pieces(), scores_of_block(keys), [&](Index piece, double* scratch) {
      const auto& head = heads[static_cast<std::size_t>(piece / blocks())];
      const Index first = piece % blocks() * rows;
      attend_rows(head, first, std::min(rows, head.query.rows - first), scratch);
    });
  }
};

// One of W_q, W_k, W_v on its rows, by heads: y[h,t,i] = b[h d + i] + sum_p x[t,p] w[h d + i, p].
class Projection {
 public:
  Projection(const Tensor<double>& input, const Tensor<double>& weight, const Tensor<double>& bias,
             Index heads)
      : input_(input),
        weight_(weight),
        bias_(bias),
        width_(weight.size(0) / heads),
        panels_(static_cast<std::size_t>(heads)),
        output_(Tensor<double>::uninitialized(core::within_limit({heads, input.size(0), width_}))) {}
  Index heads() const { return static_cast<Index>(panels_.size()); }
  Index chunks() const { return core::divide_up(input_.size(0), kRows); }
  void pack(Index head) {
    panels_[static_cast<std::size_t>(head)] =
        Panels({weight_.data() + head * width_ * weight_.size(1), width_, weight_.size(1)});
  }
  void project(Index head, Index chunk) {
    const Index first = chunk * kRows, rows = std::min(kRows, input_.size(0) - first);
    panels_[static_cast<std::size_t>(head)].product({&input_(first, 0), rows, input_.size(1)},
                                                    bias_rows(bias_, head * width_, width_),
                                                    {&output_(head, first, 0), rows, width_});
  }
  MatrixView<const double> of_head(Index head) const {
    return {&output_(head, 0, 0), output_.size(1), width_};
  }
  Tensor<double> take() { return std::move(output_); }

 private:
  const Tensor<double>&input_, &weight_, &bias_;
  Index width_;
  std::vector<Panels> panels_;
  Tensor<double> output_;  // [h, rows, width]
};

}  // namespace

template <class Weight>
FastAttention<Weight> attention_fast(const Tensor<double>& query, const Tensor<double>& key,
                                     const Tensor<double>& value, double scale, const VisibleKeys& visible,
                                     Keep keep, core::Workers& workers, std::stop_token stop,
                                     core::Progress* progress) {
  core::require_matrix("query", query.shape());
  core::require_matrix("key", key.shape());
  core::require_matrix("value", value.shape());
  core::require_fit(key.size(1) == query.size(1), "key", key.shape(), "query", query.shape());
  core::require_fit(value.size(0) == key.size(0), "value", value.shape(), "key", key.shape());
  const Index queries = query.size(0), keys = key.size(0), width = value.size(1);
  check_scale_and_mask(scale, visible, queries, keys);
  FastAttention<Weight> a{.weights = {},
                          .output = Tensor<double>::uninitialized(core::within_limit({queries, width})),
                          .entropy = Tensor<double>({queries})};
  if (keep == Keep::kWeights) a.weights = Tensor<Weight>::uninitialized(core::within_limit({queries, keys}));
  const Panels packed(view(key));
  const Heads<Weight> heads{{{.query = view(query),
                              .key = view(key),
                              .value = view(value),
                              .packed_key = packed,
                              .value_finite = rows_finite(view(value)),
                              .scale = scale,
                              .visible = visible,
                              .output = view(a.output),
                              .entropy = a.entropy.data(),
                              .weights = a.weights.empty() ? nullptr : a.weights.data()}}};
  Team team(workers, as_double(queries) * as_double(keys) * as_double(query.size(1) + width), std::move(stop),
            progress);
  team.begin(heads.pieces());
  heads.attend(team);
  return a;
}

template <class Weight>
FastMultiHead<Weight> multi_head_attention_fast(const Tensor<double>& input, const Tensor<double>& context,
                                                const MultiHeadWeights& w, Index heads, double scale,
                                                const VisibleKeys& visible, Keep keep, core::Workers& workers,
                                                std::stop_token stop, core::Progress* progress) {
  check_multi_head(input, context, w, heads);
  const Index queries = input.size(0), keys = context.size(0), inner = w.value.size(0), width = inner / heads;
  check_scale_and_mask(scale, visible, queries, keys);
  FastMultiHead<Weight> m;
  if (keep == Keep::kWeights) {
    core::within_limit({heads, queries, keys});
    for (Index head = 0; head < heads; ++head)
      m.weights.push_back(Tensor<Weight>::uninitialized({queries, keys}));
  }
  m.entropy = Tensor<double>({heads, queries});
  m.concat = Tensor<double>::uninitialized(core::within_limit({queries, inner}));

  Projection query(input, w.query, w.query_bias, heads), key(context, w.key, w.key_bias, heads),
      value(context, w.value, w.value_bias, heads);
  const std::array<Projection*, 3> projections{&query, &key, &value};
  const double per_query = as_double(input.size(1)) * as_double(w.query.size(0)) +
                           as_double(keys) * as_double(w.query.size(0) + inner);
  Team team(workers, as_double(queries) * per_query, std::move(stop), progress);
  const Index chunks = core::divide_up(queries, kRows), key_chunks = core::divide_up(keys, kRows);
  const Index blocks = core::divide_up(queries, rows_of_block(keys));
  team.begin(heads * (3 + chunks + 2 * key_chunks + 1 + blocks) + (w.out.empty() ? 0 : chunks));

  team.run(3 * heads,
           [&](Index piece) { projections[static_cast<std::size_t>(piece / heads)]->pack(piece % heads); });
  for (Projection* projection : projections)
    team.run(heads * projection->chunks(), [&](Index piece) {
      projection->project(piece / projection->chunks(), piece % projection->chunks());
    });

  std::vector<Panels> packed(static_cast<std::size_t>(heads));
  std::vector<std::uint8_t> finite(packed.size());
  team.run(heads, [&](Index head) {
    const auto at = static_cast<std::size_t>(head);
    packed[at] = Panels(key.of_head(head));
    finite[at] = rows_finite(value.of_head(head));
  });
  Heads<Weight> all;
  for (Index head = 0; head < heads; ++head) {
    const auto at = static_cast<std::size_t>(head);
    all.heads.push_back({.query = query.of_head(head),
                         .key = key.of_head(head),
                         .value = value.of_head(head),
                         .packed_key = packed[at],
                         .value_finite = finite[at] != 0,
                         .scale = scale,
                         .visible = visible,
                         .output = {&m.concat(0, head * width), queries, width, inner},
                         .entropy = &m.entropy(head, 0),
                         .weights = m.weights.empty() ? nullptr : m.weights[at].data()});
  }
  all.attend(team);
  m.query = query.take();
  m.key = key.take();
  m.value = value.take();
  if (w.out.empty()) {
    m.output = m.concat;
    return m;
  }
  m.output = Tensor<double>::uninitialized(core::within_limit({queries, w.out.size(0)}));
  const Panels out(view(w.out));
  const auto bias = bias_rows(w.out_bias, 0, w.out.size(0));
  team.run(chunks, [&](Index chunk) {
    const Index first = chunk * kRows, rows = std::min(kRows, queries - first);
    out.product({&m.concat(first, 0), rows, inner}, bias, {&m.output(first, 0), rows, w.out.size(0)});
  });
  return m;
}

std::vector<double> mean_of_rows(const Tensor<float>& weights) {
  std::vector<double> mean(static_cast<std::size_t>(weights.size(1)));
  for (Index t = 0; t < weights.size(0); ++t)
    for (std::size_t s = 0; s < mean.size(); ++s)
      mean[s] += static_cast<double>(weights(t, s)) / static_cast<double>(weights.size(0));
  return mean;
}

#define VITRINE_INSTANTIATE(Weight)                                                                      \
  template FastAttention<Weight> attention_fast(const Tensor<double>&, const Tensor<double>&,            \
                                                const Tensor<double>&, double, const VisibleKeys&, Keep, \
                                                core::Workers&, std::stop_token, core::Progress*);       \
  template FastMultiHead<Weight> multi_head_attention_fast(                                              \
      const Tensor<double>&, const Tensor<double>&, const MultiHeadWeights&, Index, double,              \
      const VisibleKeys&, Keep, core::Workers&, std::stop_token, core::Progress*);
VITRINE_INSTANTIATE(double)
VITRINE_INSTANTIATE(float)
#undef VITRINE_INSTANTIATE

}  // namespace vitrine::sequence
