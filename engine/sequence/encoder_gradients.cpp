// The encoder block's gradients: by the chain rule, and by central differences that do not know it.
#include <algorithm>

#include "engine/core/stop.h"
#include "engine/sequence/differences.h"
#include "engine/sequence/encoder_pass.h"
#include "engine/sequence/jacobian.h"
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

// From the projected values to the output of norm1, all of multi-head attention between them.
void back_through_attention(const EncoderBlock& b, const EncoderWeights& weights, EncoderGradients& g) {
  const Tensor<double>& normed = b.nodes[Node::kNorm1];
  MultiHead forward{.query = b.nodes[Node::kQuery],
                    .key = b.nodes[Node::kKey],
                    .value = b.nodes[Node::kValue],
                    .heads = std::vector<Attention>(static_cast<std::size_t>(b.sizes.heads)),
                    .concat = b.nodes[Node::kMixed],
                    .output = {}};
  for (Index h = 0; h < b.sizes.heads; ++h)
    forward.heads[static_cast<std::size_t>(h)].weights = matrix_at(b.nodes[Node::kWeights], h);
  MultiHeadGradients m =
      multi_head_attention_backward(normed, normed, projections_of(weights, b.sizes.inner()),
                                    rsqrt_scale(b.sizes.head_dim), forward, g.nodes[Node::kProjected]);
  const auto of_heads = [&](Tensor<double> AttentionGradients::*square) {
    Tensor<double> all(b.nodes[Node::kWeights].shape());
    double* to = all.data();
    for (const AttentionGradients& head : m.heads) to = std::ranges::copy((head.*square).values(), to).out;
    return all;
  };
  g.nodes[Node::kScores] = of_heads(&AttentionGradients::scores);
  g.nodes[Node::kWeights] = of_heads(&AttentionGradients::weights);
  g.nodes[Node::kMixed] = std::move(m.concat);
  g.nodes[Node::kQuery] = std::move(m.query);
  g.nodes[Node::kKey] = std::move(m.key);
  g.nodes[Node::kValue] = std::move(m.value);
  g.nodes[Node::kNorm1] = sum(m.input, m.context);
  g.weights[Weight::kQkvWeight] = stacked(m.weights.query, m.weights.key, m.weights.value);
  if (!weights[Weight::kQkvBias].empty())
    g.weights[Weight::kQkvBias] = stacked(m.weights.query_bias, m.weights.key_bias, m.weights.value_bias);
  g.weights[Weight::kProjWeight] = std::move(m.weights.out);
  if (!weights[Weight::kProjBias].empty()) g.weights[Weight::kProjBias] = std::move(m.weights.out_bias);
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

// L = sum grad_output y, when one node or weight is varied and what follows it is computed anew.
class VariedLoss {
 public:
  VariedLoss(const EncoderBlock& block, const EncoderWeights& weights, const EncoderSpec& spec,
             const Tensor<double>& grad_output, double step, std::stop_token stop)
      : block_(block),
        weights_(weights),
        spec_(spec),
        grad_output_(grad_output),
        step_(step),
        stop_(std::move(stop)) {}

  Tensor<double> of_node(std::size_t n) const {
    ForwardPass pass(block_, weights_, spec_);
    return differences(pass.nodes().all[n], [&]() -> const Tensor<double>& {
      if (n + 1 < kEncoderNodes) pass.run_from(static_cast<Node>(n + 1));
      return pass.nodes()[Node::kOutput];
    });
  }
  // The nodes between `from` and `sum` follow; `sum` itself takes `from` as it was.
  Tensor<double> of_branch(Node from, Node sum) const {
    ForwardPass pass(block_, weights_, spec_);
    Tensor<double> moved = block_.nodes[from];
    return differences(moved, [&]() -> const Tensor<double>& {
      pass.nodes()[from] = moved;
      for (auto n = static_cast<std::size_t>(from) + 1; n < static_cast<std::size_t>(sum); ++n)
        pass.compute(static_cast<Node>(n));
      pass.nodes()[from] = block_.nodes[from];
      pass.run_from(sum);
      return pass.nodes()[Node::kOutput];
    });
  }
  Tensor<double> of_weight(std::size_t w) const {
    EncoderWeights moved = weights_;
    ForwardPass pass(block_, moved, spec_);
    return differences(moved.all[w], [&]() -> const Tensor<double>& {
      pass.take_projections();
      pass.run_from(first_user(static_cast<Weight>(w)));
      return pass.nodes()[Node::kOutput];
    });
  }

 private:
  // dL/d of `values`; output() is y for what they are.
  template <class Output>
  Tensor<double> differences(Tensor<double>& values, const Output& output) const {
    const auto loss = [&] {
      core::throw_if_stopped(stop_);
      const Tensor<double>& y = output();
      double sum = 0;
      for (Index i = 0; i < y.count(); ++i)
        if (grad_output_[i] != 0) sum += grad_output_[i] * y[i];  // 0 times an infinity would be a NaN
      return sum;
    };
    return central_differences(values, loss, step_);
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
  const VariedLoss loss(b, weights, spec, grad_output, step, std::move(stop));
  EncoderGradients g;
  for (std::size_t n = 0; n < kEncoderNodes; ++n) g.nodes.all[n] = loss.of_node(n);
  for (std::size_t w = 0; w < kEncoderWeights; ++w) g.weights.all[w] = loss.of_weight(w);
  g.input_branch = loss.of_branch(Node::kInput, Node::kMiddle);
  g.middle_branch = loss.of_branch(Node::kMiddle, Node::kOutput);
  return g;
}

}  // namespace vitrine::sequence
