#include "engine/sequence/gated_rnn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/core/stop.h"
#include "engine/sequence/jacobian.h"
#include "tests/engine/sequence/drawn.h"

namespace vitrine::sequence::gated_rnn_test {
namespace {

using core::Tensor;
using testing::HasSubstr;
using testing::ThrowsMessage;

struct Net {
  GatedWeights weights;
  Tensor<double> input, h0, local;
  explicit Net(std::uint64_t draw) {
    const auto steps = static_cast<Index>(1 + draw % 7), m = static_cast<Index>(1 + draw % 4),
               n = static_cast<Index>(1 + draw % 3);
    weights = {drawn({m, n}, 10 * draw), drawn({m, m}, 10 * draw + 1), drawn({m, n}, 10 * draw + 2)};
    input = drawn({steps, n}, 10 * draw + 3);
    h0 = drawn(core::Shape{m}, 10 * draw + 4);
    local = drawn({steps, m}, 10 * draw + 5);
  }
};

// A gate that is always one half, though W_h is 12: the second input takes back what the gate reads of h.
struct Exploding {
  GatedWeights weights{Tensor<double>({1, 2}, {0, 1}), Tensor<double>({1, 1}, {12}),
                       Tensor<double>({1, 2}, {1, 0})};
  Tensor<double> input, h0{core::Shape{1}};
  explicit Exploding(Index steps) : input({steps, 2}) {
    double h = 0;
    for (Index t = 0; t < steps; ++t) {
      input(t, 0) = t % 2 == 0 ? 1 : -1;
      input(t, 1) = -12 * h;
      h = 0.5 * h + 0.5 * input(t, 0);
    }
  }
};

TEST(GatedRnn, AStateIsAMixOfTheLastAndTheInput) {
  const GatedWeights w{Tensor<double>({1, 1}, {0}), Tensor<double>({1, 1}, {0}), Tensor<double>({1, 1}, {3})};
  const GatedStates s = gated_rnn(w, Tensor<double>({2, 1}, {2, -1}), Tensor<double>(core::Shape{1}, {4}));
  EXPECT_THAT(s.gate.values(), testing::Each(0.5));
  EXPECT_THAT(s.candidate.values(), testing::ElementsAre(6, -3));
  EXPECT_THAT(s.h.values(), testing::ElementsAre(5, 1));
}

TEST(GatedRnn, TheJacobianIsTheFormula) {
  for (std::uint64_t draw = 0; draw < 24; ++draw) {
    const Net net(draw);
    const GatedStates s = gated_rnn(net.weights, net.input, net.h0);
    const Index m = net.h0.count();
    for (Index t = 0; t < net.input.size(0); ++t)
      for (Index j = 0; j < m; ++j) {
        const double step = 1e-6;
        const auto state = [&](double sign) {  // of step t, with h[t-1] moved
          Tensor<double> x({1, net.input.size(1)}), previous = net.h0;
          for (Index i = 0; i < x.count(); ++i) x[i] = net.input(t, i);
          if (t > 0)
            for (Index i = 0; i < m; ++i) previous[i] = s.h(t - 1, i);
          previous[j] += sign * step;
          return gated_rnn(net.weights, x, previous).h;
        };
        const Tensor<double> above = state(1), below = state(-1);
        for (Index i = 0; i < m; ++i)
          EXPECT_NEAR(s.jacobian(t, i, j), (above[i] - below[i]) / (2 * step), 2e-9) << draw << " " << t;
      }
  }
}

TEST(GatedRnn, EveryGradientAgreesWithFiniteDifferences) {
  for (std::uint64_t draw = 0; draw < 24; ++draw) {
    const Net net(draw);
    const GatedStates s = gated_rnn(net.weights, net.input, net.h0);
    const GatedGradients g = gated_rnn_backward(net.weights, net.input, net.h0, s, net.local);
    const GatedDifferences d = gated_rnn_differences(net.weights, net.input, net.h0, net.local, 1e-5);
    EXPECT_LT(distance(g.w_c, d.w_c), 2e-9) << draw;
    EXPECT_LT(distance(g.w_h, d.w_h), 2e-9) << draw;
    EXPECT_LT(distance(g.w_x, d.w_x), 2e-9) << draw;
    EXPECT_LT(distance(g.input, d.input), 2e-9) << draw;
    EXPECT_LT(distance(g.h0, d.h0), 2e-9) << draw;
    EXPECT_LT(distance(g.total, d.total), 2e-9) << draw;
  }
}

// dL/dWx of three steps, written out: every step's term has its own x[t] and its own 1 - c[t], and delta is
// the total gradient. Read as the direct gradient alone it would be another number.
TEST(GatedRnn, TheTermsOfEveryStepAddUp) {
  const Net net(11);
  const Index steps = net.input.size(0), m = net.h0.count(), n = net.input.size(1);
  ASSERT_GT(steps, 3);
  const GatedStates s = gated_rnn(net.weights, net.input, net.h0);
  const GatedGradients g = gated_rnn_backward(net.weights, net.input, net.h0, s, net.local);
  Tensor<double> delta = net.local, sum({m, n}), partial({m, n});
  for (Index t = steps - 1; t >= 0; --t) {
    for (Index i = 0; i < m; ++i) {
      double carried = 0;
      if (t + 1 < steps)
        for (Index j = 0; j < m; ++j) carried += s.jacobian(t + 1, j, i) * delta(t + 1, j);
      EXPECT_NEAR(g.carried(t, i), carried, 1e-14);
      delta(t, i) += carried;
      for (Index j = 0; j < n; ++j) {
        const double term = (1 - s.gate(t, i)) * delta(t, i) * net.input(t, j);
        EXPECT_NEAR(g.w_x_terms(t, i, j), term, 1e-14);
        sum(i, j) += term;
        partial(i, j) += (1 - s.gate(t, i)) * net.local(t, i) * net.input(t, j);
      }
    }
  }
  EXPECT_LT(distance(g.total, delta), 1e-14);
  EXPECT_LT(distance(g.w_x, sum), 1e-13);
  EXPECT_GT(distance(g.w_x, partial), 0.1);
}

TEST(GatedRnn, VanishesWhenTheGateLetsHalfThrough) {
  for (const Index m : {1, 3}) {
    const GatedWeights w{Tensor<double>({m, 1}), Tensor<double>({m, m}), Tensor<double>({m, 1}, 1.0)};
    const GatedStates s = gated_rnn(w, drawn({10, 1}, 3), Tensor<double>(core::Shape{m}));
    const Tensor<double> norms = spectral_norms(products_from_start(s.jacobian));
    EXPECT_DOUBLE_EQ(norms[0], 1);
    EXPECT_DOUBLE_EQ(norms[10], 9.765625e-4) << "0.5 to the 10th, however many numbers a state has";
  }
}

TEST(GatedRnn, ExplodesThoughEveryStateStaysBelowOne) {
  const Exploding net(20);
  const GatedStates s = gated_rnn(net.weights, net.input, net.h0);
  for (const double c : s.gate.values()) EXPECT_DOUBLE_EQ(c, 0.5);
  for (const double h : s.h.values()) EXPECT_LT(std::abs(h), 1);
  EXPECT_DOUBLE_EQ(s.jacobian[0], -2.5);
  EXPECT_DOUBLE_EQ(s.jacobian[1], 5);
  EXPECT_DOUBLE_EQ(s.jacobian[2], -3.25);
  EXPECT_DOUBLE_EQ(s.jacobian[3], 4.625);
  const Tensor<double> products = products_from_start(s.jacobian);
  EXPECT_NEAR(products[5], -6.46e2, 0.5);
  EXPECT_NEAR(products[10], -7.24e5, 0.5e3);
  EXPECT_NEAR(products[20], 7.01e11, 0.5e9);
  EXPECT_DOUBLE_EQ(spectral_norms(products)[20], products[20]);
}

TEST(GatedRnn, ProductsFromTheStartAndToTheEndAreTheSameWhole) {
  const Net net(7);
  const GatedStates s = gated_rnn(net.weights, net.input, net.h0);
  const Tensor<double> from = products_from_start(s.jacobian), to = products_to_end(s.jacobian);
  const Index steps = net.input.size(0), m = net.h0.count();
  ASSERT_EQ(from.shape(), (core::Shape{steps + 1, m, m}));
  EXPECT_EQ(matrix_at(from, 0), identity_matrix(m));
  EXPECT_EQ(matrix_at(to, steps), identity_matrix(m));
  EXPECT_LT(distance(matrix_at(from, steps), matrix_at(to, 0)), 1e-14);
  EXPECT_LT(distance(matrix_at(to, steps - 1), matrix_at(s.jacobian, steps - 1)), 1e-15);
}

TEST(GatedRnn, WhatIsTooLargeIsCarriedFromItsStepOn) {
  const GatedWeights w{Tensor<double>({1, 1}, {0}), Tensor<double>({1, 1}, {0}),
                       Tensor<double>({1, 1}, {1e200})};
  const GatedStates s = gated_rnn(w, Tensor<double>({3, 1}, {1, 1e200, 1}), Tensor<double>(core::Shape{1}));
  EXPECT_EQ(s.h[0], 5e199);
  EXPECT_TRUE(std::isinf(s.h[1]));
  EXPECT_EQ(first_not_finite(s.h), 1);
  EXPECT_FALSE(std::isfinite(s.h[2]));
}

TEST(GatedRnn, ALargeSumSaturatesTheGate) {
  const GatedWeights w{Tensor<double>({1, 1}, {1}), Tensor<double>({1, 1}, {0}), Tensor<double>({1, 1}, {1})};
  const GatedStates s =
      gated_rnn(w, Tensor<double>({2, 1}, {1e4, -1e4}), Tensor<double>(core::Shape{1}, {3}));
  EXPECT_THAT(s.gate.values(), testing::ElementsAre(1, 0));
  EXPECT_THAT(s.h.values(), testing::ElementsAre(3, -1e4));
}

TEST(GatedRnn, ShapesThatDoNotFitAreNamed) {
  const Net net(5);
  const auto refused = [&](GatedWeights w, const Tensor<double>& x, const Tensor<double>& h0,
                           const char* words) {
    EXPECT_THAT([&] { gated_rnn(w, x, h0); }, ThrowsMessage<core::ShapeError>(HasSubstr(words)));
  };
  const GatedWeights w{Tensor<double>({2, 3}), Tensor<double>({2, 2}), Tensor<double>({2, 3})};
  const Tensor<double> x({4, 3}), h0(core::Shape{2});
  refused({w.w_c, Tensor<double>({2, 3}), w.w_x}, x, h0, "w_h [2, 3] does not fit w_c [2, 3]");
  refused({w.w_c, w.w_h, Tensor<double>({3, 3})}, x, h0, "w_x [3, 3] does not fit w_c [2, 3]");
  refused({Tensor<double>(core::Shape{2}), w.w_h, w.w_x}, x, h0, "w_c [2] is not a matrix");
  refused(w, Tensor<double>({4, 2}), h0, "input [4, 2] does not fit w_c [2, 3]");
  refused(w, x, Tensor<double>(core::Shape{3}), "h0 [3] does not fit w_h [2, 2]");
  const GatedStates s = gated_rnn(w, x, h0);
  EXPECT_THAT(
      [&] {
        gated_rnn_backward(w, x, h0, s, Tensor<double>({4, 3}));
      },
      ThrowsMessage<core::ShapeError>(HasSubstr("grad_h [4, 3] does not fit states [4, 2]")));
}

TEST(GatedRnn, StopsWhenNobodyWaits) {
  std::stop_source source;
  source.request_stop();
  const Net net(3);
  EXPECT_THROW(gated_rnn(net.weights, net.input, net.h0, {}, source.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::sequence::gated_rnn_test
