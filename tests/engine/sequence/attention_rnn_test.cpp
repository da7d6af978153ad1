#include "engine/sequence/attention_rnn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/stop.h"
#include "engine/sequence/gated_rnn.h"
#include "engine/sequence/jacobian.h"
#include "tests/engine/sequence/drawn.h"

namespace vitrine::sequence::attention_rnn_test {
namespace {

using core::Tensor;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct Net {
  AttentionRnnWeights weights;
  Tensor<double> input, local;
  // A memory of 0 is all of the past.
  Net(std::uint64_t draw, Index memory, Index steps, Index n) {
    if (memory > 0) weights.memory = memory;
    const core::Shape shape{memory > 0 ? memory + 1 : 2, n, n};
    weights.query = drawn(shape, 10 * draw, 0.8);
    weights.key = drawn(shape, 10 * draw + 1, 0.8);
    weights.value = drawn(shape, 10 * draw + 2, 0.8);
    input = drawn({steps, n}, 10 * draw + 3);
    local = drawn({steps, n}, 10 * draw + 4);
  }
  explicit Net(std::uint64_t draw)
      : Net(draw, static_cast<Index>(draw % 4), static_cast<Index>(1 + draw % 7),
            static_cast<Index>(1 + draw % 3)) {}
};

// The state of step t and its source i, moved, all else as it was: by a nudge of h[t-i], with every other
// state held where it was.
Tensor<double> state_with_source_moved(const Net& net, const AttentionRnnStates& s, Index t, Index i,
                                       Index component, double by) {
  Tensor<double> nudge(net.input.shape()), input = net.input;
  if (i == 0) {
    input(t, component) += by;
  } else {
    nudge(t - i, component) = by;
    for (Index later = t - i + 1; later < t; ++later) {  // taken back to what it was, one after the other
      const Tensor<double> now = attention_rnn(net.weights, input, nudge).h;
      for (Index c = 0; c < net.input.size(1); ++c) nudge(later, c) += s.h(later, c) - now(later, c);
    }
  }
  const Tensor<double> h = attention_rnn(net.weights, input, nudge).h;
  return Tensor<double>(core::Shape{net.input.size(1)},
                        std::span<const double>(&h(t, 0), static_cast<std::size_t>(net.input.size(1))));
}

TEST(AttentionRnn, OneStepByHand) {
  // n = 1, k = 1: h[1] of x = 1 with zero before it; w = (1, 0), a = (e, 1)/(e + 1), v = (1, 0).
  const AttentionRnnWeights w{1, Tensor<double>({2, 1, 1}, {1, 1}), Tensor<double>({2, 1, 1}, {1, 1}),
                              Tensor<double>({2, 1, 1}, {1, 2})};
  const AttentionRnnStates s = attention_rnn(w, Tensor<double>({2, 1}, {1, 2}));
  const double e = std::exp(1), h1 = e / (e + 1), a1 = std::exp(h1 * h1) / (std::exp(4) + std::exp(h1 * h1));
  EXPECT_DOUBLE_EQ(s.h[0], h1);
  EXPECT_DOUBLE_EQ(s.scores(1, 1), h1 * h1);
  EXPECT_DOUBLE_EQ(s.weights(1, 1), a1);
  EXPECT_DOUBLE_EQ(s.h[1], (1 - a1) * 2 + a1 * 2 * h1);
}

TEST(AttentionRnn, AMemoryOfTwoWeighsThreeThings) {
  const Net net(1, 2, 5, 2);
  const AttentionRnnStates s = attention_rnn(net.weights, net.input);
  ASSERT_EQ(s.weights.shape(), (core::Shape{5, 3}));
  for (Index t = 0; t < 5; ++t) EXPECT_NEAR(s.weights(t, 0) + s.weights(t, 1) + s.weights(t, 2), 1, 1e-15);
  EXPECT_GT(s.weights(0, 1), 0) << "states before the first are zero and take part";
  EXPECT_EQ(s.weights(0, 1), s.weights(0, 2));
  EXPECT_EQ(s.scores(0, 1), 0);
}

TEST(AttentionRnn, AllOfThePastIsOnlyWhatExists) {
  const Net net(2, 0, 4, 2);
  const AttentionRnnStates s = attention_rnn(net.weights, net.input);
  ASSERT_EQ(s.weights.shape(), (core::Shape{4, 4}));
  EXPECT_EQ(s.weights(0, 0), 1) << "at first there is the input only";
  for (Index t = 0; t < 4; ++t) {
    double sum = 0;
    for (Index i = 0; i < 4; ++i) {
      EXPECT_EQ(s.weights(t, i) > 0, i <= t) << t << " " << i;
      sum += s.weights(t, i);
    }
    EXPECT_NEAR(sum, 1, 1e-15);
  }
  for (Index i = 0; i < 4; ++i) EXPECT_EQ(s.jacobian_previous[i], 0) << "no state before the first";
}

TEST(AttentionRnn, ZeroStatesThatTakePartMakeADifference) {
  const Net all(4, 0, 3, 2);
  AttentionRnnWeights two{2, Tensor<double>({3, 2, 2}), Tensor<double>({3, 2, 2}), Tensor<double>({3, 2, 2})};
  for (Index i = 0; i < 3; ++i)
    for (Index c = 0; c < 4; ++c) {
      const Index from = std::min<Index>(i, 1) * 4 + c;
      two.query[4 * i + c] = all.weights.query[from];
      two.key[4 * i + c] = all.weights.key[from];
      two.value[4 * i + c] = all.weights.value[from];
    }
  const AttentionRnnStates a = attention_rnn(all.weights, all.input), b = attention_rnn(two, all.input);
  EXPECT_GT(distance(a.h, b.h), 1e-3);
}

TEST(AttentionRnn, EverySourcesJacobianAgreesWithFiniteDifferences) {
  for (std::uint64_t draw = 0; draw < 16; ++draw) {
    const Net net(draw);
    const AttentionRnnStates s = attention_rnn(net.weights, net.input);
    const Index n = net.input.size(1);
    for (Index t = 0; t < net.input.size(0); ++t)
      for (Index i = 0; i < std::min(t + 1, net.weights.sources(t)); ++i) {
        const Tensor<double> found = source_jacobian(net.weights, net.input, s, t, i);
        if (i == 1) {
          EXPECT_EQ(found, matrix_at(s.jacobian_previous, t));
        }
        for (Index c = 0; c < n; ++c) {
          const double step = 1e-6;
          const Tensor<double> above = state_with_source_moved(net, s, t, i, c, step),
                               below = state_with_source_moved(net, s, t, i, c, -step);
          for (Index r = 0; r < n; ++r)
            EXPECT_NEAR(found(r, c), (above[r] - below[r]) / (2 * step), 4e-9)
                << draw << " " << t << " " << i;
        }
      }
  }
}

TEST(AttentionRnn, TheTotalGradientAgreesWithFiniteDifferences) {
  for (std::uint64_t draw = 0; draw < 28; ++draw) {
    const Net net(draw);
    const AttentionRnnStates s = attention_rnn(net.weights, net.input);
    const AttentionRnnGradients g = attention_rnn_backward(net.weights, net.input, s, net.local);
    EXPECT_LT(distance(g.total, attention_rnn_differences(net.weights, net.input, net.local, 1e-5)), 1e-8)
        << draw;
  }
}

// dL/dh[T] = local + a sum over t = T+1 .. T+k; the one term of t = T+1 is not enough.
TEST(AttentionRnn, TheTermsOfEveryLaterStepAddUp) {
  const Net net(3, 2, 6, 3);
  const AttentionRnnStates s = attention_rnn(net.weights, net.input);
  const AttentionRnnGradients g = attention_rnn_backward(net.weights, net.input, s, net.local);
  ASSERT_EQ(g.terms.shape(), (core::Shape{6, 2, 3}));
  double missing = 0;
  for (Index t = 0; t < 6; ++t)
    for (Index c = 0; c < 3; ++c) {
      double sum = net.local(t, c);
      for (Index i = 1; i <= 2 && t + i < 6; ++i) {
        const Tensor<double> jacobian = source_jacobian(net.weights, net.input, s, t + i, i);
        double term = 0;
        for (Index r = 0; r < 3; ++r) term += jacobian(r, c) * g.total(t + i, r);
        EXPECT_NEAR(g.terms(t, i - 1, c), term, 1e-14);
        sum += term;
      }
      EXPECT_NEAR(g.total(t, c), sum, 1e-14);
      missing = std::max(missing, std::abs(g.terms(t, 1, c)));
    }
  EXPECT_GT(missing, 0.1);
  for (Index c = 0; c < 3; ++c) EXPECT_EQ(g.carried(5, c), 0);
}

TEST(AttentionRnn, TheLastStatesDerivativesSumOverEveryWay) {
  const Net net(6, 3, 5, 2);
  const AttentionRnnStates s = attention_rnn(net.weights, net.input);
  const Tensor<double> last = derivatives_of_last(net.weights, net.input, s);
  EXPECT_EQ(matrix_at(last, 4), identity_matrix(2));
  EXPECT_LT(distance(matrix_at(last, 3), matrix_at(s.jacobian_previous, 4)), 1e-15);
  const Tensor<double> around = product(matrix_at(s.jacobian_previous, 4), matrix_at(s.jacobian_previous, 3)),
                       direct = source_jacobian(net.weights, net.input, s, 4, 2);
  for (Index i = 0; i < 4; ++i) EXPECT_NEAR(last[2 * 4 + i], around[i] + direct[i], 1e-14);
}

TEST(AttentionRnn, WhatIsTooLargeIsCarriedFromItsStepOn) {
  const AttentionRnnWeights w{std::nullopt, Tensor<double>({2, 1, 1}), Tensor<double>({2, 1, 1}),
                              Tensor<double>({2, 1, 1}, {1, 1e200})};
  const AttentionRnnStates s = attention_rnn(w, Tensor<double>({4, 1}, {1, 1, 1, 1}));
  EXPECT_EQ(s.h[0], 1);
  EXPECT_EQ(s.h[1], 0.5 + 0.5e200);
  EXPECT_EQ(first_not_finite(s.h), 2);
}

TEST(AttentionRnn, WhatDoesNotFitIsNamed) {
  const Tensor<double> x({4, 2}), right({2, 2, 2}), wrong({3, 2, 2});
  const auto refused = [&](const AttentionRnnWeights& w, const char* words) {
    EXPECT_THAT([&] { attention_rnn(w, x); }, ThrowsMessage<core::ShapeError>(HasSubstr(words)));
  };
  refused({0, right, right, right}, "memory 0 is smaller than 1");
  refused({-3, right, right, right}, "memory -3 is smaller than 1");
  refused({1, right, wrong, right},
          "w_key [3, 2, 2] does not fit input [4, 2] with memory 1, which needs [2, 2, 2]");
  refused({std::nullopt, wrong, right, right}, "w_query [3, 2, 2] does not fit input [4, 2] with memory all");
  refused({Index{1} << 62, right, right, right}, "");
  const AttentionRnnWeights w{1, right, right, right};
  const AttentionRnnStates s = attention_rnn(w, x);
  EXPECT_THAT(
      [&] {
        attention_rnn_backward(w, x, s, Tensor<double>({3, 2}));
      },
      ThrowsMessage<core::ShapeError>(HasSubstr("grad_h [3, 2] does not fit states [4, 2]")));
}

TEST(AttentionRnn, StopsWhenNobodyWaits) {
  std::stop_source source;
  source.request_stop();
  const Net net(3);
  EXPECT_THROW(attention_rnn(net.weights, net.input, {}, source.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::sequence::attention_rnn_test
