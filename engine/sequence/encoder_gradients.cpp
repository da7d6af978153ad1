// The encoder block's gradients: by the chain rule, and by central differences that do not know it.
#include <algorithm>

#include "engine/core/stop.h"
#include "engine/sequence/encoder_pass.h"
#include "engine/sequence/linear.h"

namespace vitrine::sequence {

using core::Shape;
using core::Tensor;
using Node = EncoderNode;
using Weight = EncoderWeight;

namespace {

void check_fits(const Tensor<double>& grad_output, const EncoderBlock& b) {
  core::require_shape("grad_output", grad_output.shape(), "output", b.nodes[Node::kOutput].shape());
}

// Three tensors under each other.
Tensor<double> stacked(const Tensor<double>& a, const Tensor<double>& b, const Tensor<double>& c) {
  std::vector<Index> sizes(a.shape().sizes().begin(), a.shape().sizes().end());
  sizes[0] *= 3;
  Tensor<double> all{Shape(sizes)};
  double* at = all.data();
  for (const Tensor<double>* part : {&a, &b, &c}) at = std::copy_n(part->data(), part->count(), at);
  return all;
}

// One head's square [T, T] of [h, T, T].
Tensor<double> square_of(const Tensor<double>& all, Index head) {
  const Index size = all.size(1) * all.size(2);
  return Tensor<double>(
      {all.size(1), all.size(2)},
      all.values().subspan(static_cast<std::size_t>(head * size), static_cast<std::size_t>(size)));
}

// One norm's gradients, to the nodes from its mean on; returns that of its input.
Tensor<double> back_through_norm(const EncoderNodes& kept, Node mean, const EncoderWeights& weights,
                                 Weight weight, double eps, EncoderGradients& g) {
  const auto from_mean = [&](int i) { return static_cast<Node>(static_cast<int>(mean) + i); };
  const auto bias = static_cast<Weight>(static_cast<int>(weight) + 1);
  const LayerNorm norm{.mean = kept[from_mean(0)],
                       .centred = kept[from_mean(1)],
                       .variance = kept[from_mean(2)],
                       .normalised = kept[from_mean(3)],
                       .scaled = kept[from_mean(4)],
                       .output = kept[from_mean(5)]};
  LayerNormGradients n = layer_norm_backward(norm, weights[weight], eps, g.nodes[from_mean(5)]);
  g.nodes[from_mean(0)] = std::move(n.mean);
  g.nodes[from_mean(1)] = std::move(n.centred);
  g.nodes[from_mean(2)] = std::move(n.variance);
  g.nodes[from_mean(3)] = std::move(n.normalised);
  g.nodes[from_mean(4)] = std::move(n.scaled);
  if (!weights[weight].empty()) g.weights[weight] = std::move(n.weight);
  if (!weights[bias].empty()) g.weights[bias] = std::move(n.bias);
  return std::move(n.input);
}

// A linear layer's gradients, from those of its output to those of its input and weights.
void back_through_linear(const EncoderNodes& kept, Node input, Node output, const EncoderWeights& weights,
                         Weight weight, EncoderGradients& g) {
  const auto bias = static_cast<Weight>(static_cast<int>(weight) + 1);
  LinearGradients l = linear_backward(kept[input], weights[weight], g.nodes[output]);
  g.nodes[input] = std::move(l.input);
  g.weights[weight] = std::move(l.weight);
  if (!weights[bias].empty()) g.weights[bias] = std::move(l.bias);
}

// From the mixed values to the output of norm1, the queries, keys and values between them.
void back_through_attention(const EncoderBlock& b, const EncoderWeights& weights, EncoderGradients& g) {
  const auto [tokens, embed_dim, heads, head_dim, mlp_dim] = b.sizes;
  for (const Node node : {Node::kQuery, Node::kKey, Node::kValue, Node::kScores, Node::kWeights})
    g.nodes[node] = Tensor<double>(b.nodes[node].shape());
  for (Index h = 0; h < heads; ++h) {
    const auto of_head = [&](const EncoderNodes& nodes, Node node) {
      return head_columns(nodes[node], heads, h);
    };
    Attention forward;
    forward.weights = square_of(b.nodes[Node::kWeights], h);
    const AttentionGradients a = attention_backward(
        of_head(b.nodes, Node::kQuery), of_head(b.nodes, Node::kKey), of_head(b.nodes, Node::kValue),
        rsqrt_scale(head_dim), forward, of_head(g.nodes, Node::kMixed));
    std::copy_n(a.scores.data(), a.scores.count(), &g.nodes[Node::kScores](h, 0, 0));
    std::copy_n(a.weights.data(), a.weights.count(), &g.nodes[Node::kWeights](h, 0, 0));
    for (Index t = 0; t < tokens; ++t)
      for (Index i = 0; i < head_dim; ++i) {
        g.nodes[Node::kQuery](t, h * head_dim + i) = a.query(t, i);
        g.nodes[Node::kKey](t, h * head_dim + i) = a.key(t, i);
        g.nodes[Node::kValue](t, h * head_dim + i) = a.value(t, i);
      }
  }
  const MultiHeadWeights w = projections_of(weights, b.sizes.inner());
  const Tensor<double>& normed = b.nodes[Node::kNorm1];
  const LinearGradients query = linear_backward(normed, w.query, g.nodes[Node::kQuery]),
                        key = linear_backward(normed, w.key, g.nodes[Node::kKey]),
                        value = linear_backward(normed, w.value, g.nodes[Node::kValue]);
  g.nodes[Node::kNorm1] = sum(sum(query.input, key.input), value.input);
  g.weights[Weight::kQkvWeight] = stacked(query.weight, key.weight, value.weight);
  if (!weights[Weight::kQkvBias].empty())
    g.weights[Weight::kQkvBias] = stacked(query.bias, key.bias, value.bias);
}

}  // namespace

EncoderGradients encoder_block_backward(const EncoderBlock& b, const EncoderWeights& weights,
                                        const EncoderSpec& spec, const Tensor<double>& grad_output) {
  check_fits(grad_output, b);
  EncoderGradients g;
  EncoderNodes& d = g.nodes;
  d[Node::kOutput] = d[Node::kDropped2] = grad_output;
  d[Node::kMlp] = elementwise_product(d[Node::kDropped2], b.factors[DropoutPlace::kAfterMlp]);
  back_through_linear(b.nodes, Node::kKept, Node::kMlp, weights, Weight::kFc2Weight, g);
  d[Node::kActivated] = elementwise_product(d[Node::kKept], b.factors[DropoutPlace::kInsideMlp]);
  d[Node::kHidden] =
      elementwise_product(d[Node::kActivated], slopes(spec.activation, b.nodes[Node::kHidden]));
  back_through_linear(b.nodes, Node::kNorm2, Node::kHidden, weights, Weight::kFc1Weight, g);
  g.middle_branch = back_through_norm(b.nodes, Node::kMean2, weights, Weight::kNorm2Weight, spec.eps, g);
  d[Node::kMiddle] = d[Node::kDropped1] = sum(grad_output, g.middle_branch);
  d[Node::kProjected] = elementwise_product(d[Node::kDropped1], b.factors[DropoutPlace::kAfterAttention]);
  back_through_linear(b.nodes, Node::kMixed, Node::kProjected, weights, Weight::kProjWeight, g);
  back_through_attention(b, weights, g);
  g.input_branch = back_through_norm(b.nodes, Node::kMean1, weights, Weight::kNorm1Weight, spec.eps, g);
  d[Node::kInput] = sum(d[Node::kMiddle], g.input_branch);
  return g;
}

namespace {

// The first node that a weight takes part in.
Node first_user(Weight weight) {
  constexpr Node kUsers[kEncoderWeights] = {Node::kScaled1,   Node::kNorm1,     Node::kQuery,   Node::kQuery,
                                            Node::kProjected, Node::kProjected, Node::kScaled2, Node::kNorm2,
                                            Node::kHidden,    Node::kHidden,    Node::kMlp,     Node::kMlp};
  return kUsers[static_cast<std::size_t>(weight)];
}

// dL/d of one number after the other: (L(number + step) - L(number - step)) / 2 step.
class CentralDifferences {
 public:
  CentralDifferences(const EncoderBlock& block, const EncoderWeights& weights, const EncoderSpec& spec,
                     const Tensor<double>& grad_output, double step, std::stop_token stop)
      : block_(block),
        weights_(weights),
        spec_(spec),
        grad_output_(grad_output),
        step_(step),
        stop_(std::move(stop)) {}

  Tensor<double> of_node(std::size_t n) const {
    ForwardPass pass(block_, weights_, spec_);
    const Tensor<double>& kept = block_.nodes.all[n];
    return of_each(kept, [&](Index i, double by) {
      pass.nodes().all[n][i] = kept[i] + by;
      if (n + 1 < kEncoderNodes) pass.run_from(static_cast<Node>(n + 1));
      Tensor<double> output = pass.nodes()[Node::kOutput];
      pass.nodes().all[n][i] = kept[i];
      return output;
    });
  }
  // The nodes between `from` and `sum` follow; `sum` itself takes `from` as it was.
  Tensor<double> of_branch(Node from, Node sum) const {
    ForwardPass pass(block_, weights_, spec_);
    const Tensor<double>& kept = block_.nodes[from];
    return of_each(kept, [&](Index i, double by) {
      pass.nodes()[from] = kept;
      pass.nodes()[from][i] += by;
      for (auto n = static_cast<std::size_t>(from) + 1; n < static_cast<std::size_t>(sum); ++n)
        pass.compute(static_cast<Node>(n));
      pass.nodes()[from] = kept;
      pass.run_from(sum);
      return pass.nodes()[Node::kOutput];
    });
  }
  Tensor<double> of_weight(std::size_t w) const {
    EncoderWeights moved = weights_;
    ForwardPass pass(block_, moved, spec_);
    return of_each(weights_.all[w], [&](Index i, double by) {
      moved.all[w][i] = weights_.all[w][i] + by;
      pass.take_projections();
      pass.run_from(first_user(static_cast<Weight>(w)));
      moved.all[w][i] = weights_.all[w][i];
      return pass.nodes()[Node::kOutput];
    });
  }

 private:
  // output(i, by): y with number i moved.
  template <class Output>
  Tensor<double> of_each(const Tensor<double>& numbers, const Output& output) const {
    Tensor<double> out(numbers.shape());
    for (Index i = 0; i < out.count(); ++i) {
      core::throw_if_stopped(stop_);
      const Tensor<double> above = output(i, step_), below = output(i, -step_);
      for (Index o = 0; o < above.count(); ++o)
        if (grad_output_[o] != 0) out[i] += grad_output_[o] * (above[o] - below[o]) / (2 * step_);
    }
    return out;
  }

  const EncoderBlock& block_;
  const EncoderWeights& weights_;
  const EncoderSpec& spec_;
  const Tensor<double>& grad_output_;
  double step_;
  std::stop_token stop_;
};

}  // namespace

EncoderGradients encoder_finite_differences(const EncoderBlock& b, const EncoderWeights& weights,
                                            const EncoderSpec& spec, const Tensor<double>& grad_output,
                                            double step, std::stop_token stop) {
  check_fits(grad_output, b);
  const CentralDifferences differences(b, weights, spec, grad_output, step, std::move(stop));
  EncoderGradients g;
  for (std::size_t n = 0; n < kEncoderNodes; ++n) g.nodes.all[n] = differences.of_node(n);
  for (std::size_t w = 0; w < kEncoderWeights; ++w) g.weights.all[w] = differences.of_weight(w);
  g.input_branch = differences.of_branch(Node::kInput, Node::kMiddle);
  g.middle_branch = differences.of_branch(Node::kMiddle, Node::kOutput);
  return g;
}

}  // namespace vitrine::sequence
