// Lab::numbers(): what a lesson looks at is what the engine computes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/labs/backward/lab.h"
#include "app/labs/image/lab.h"
#include "app/labs/layer_sizes/lab.h"
#include "app/labs/matrix/lab.h"
#include "app/labs/pooling/lab.h"
#include "app/labs/shift/lab.h"
#include "app/labs/sliding/lab.h"
#include "engine/lessons/expression.h"
#include "engine/signal/kernels.h"

namespace vitrine::labs::numbers_test {
namespace {

using core::Index;
using core::Shape;
using core::Tensor;
using lessons::Symbols;
using lessons::Value;

template <class Topic>
struct Shown {
  explicit Shown(const std::string& preset) {
    EXPECT_TRUE(lab.load_preset(preset));
    lab.settle(0);
    numbers = lab.numbers(kMostOfAFrame);
  }
  const Value& of(const std::string& name) const {
    static const Value kMissing;
    const auto found = numbers.find(name);
    EXPECT_NE(found, numbers.end()) << name;
    return found == numbers.end() ? kMissing : found->second;
  }
  double number(const std::string& name) const {
    const Value& value = of(name);
    EXPECT_EQ(value.count(), 1) << name;
    return value.count() == 1 ? value[0] : 0;
  }
  ComputeLab<Topic> lab;
  Symbols numbers;
};

template <class Topic>
class Numbers : public testing::Test {};
using Topics =
    testing::Types<ImageConvolution, SlidingWindow, OneMatrix, Pooling, LayerSizes, Backward, ShiftLab>;
TYPED_TEST_SUITE(Numbers, Topics);

TYPED_TEST(Numbers, EveryPresetNamesItsOwn) {
  for (const auto& preset : TypeParam::presets()) {
    const Shown<TypeParam> shown(preset.name);
    EXPECT_EQ(shown.number("t"), 0) << preset.name;
    EXPECT_GT(shown.numbers.size(), 10u) << preset.name;
    for (const auto& [name, value] : shown.numbers) {
      EXPECT_LE(value.rank(), 3u) << name;
      EXPECT_FALSE(value.empty()) << preset.name << ": " << name;
      // An expression finds it by its name alone.
      const Value found = lessons::Expression(name, {name}).evaluate(shown.numbers);
      EXPECT_EQ(found.shape(), value.shape()) << name;
    }
  }
}

TYPED_TEST(Numbers, AreGoneUntilAnEditIsComputed) {
  ComputeLab<TypeParam> lab;
  EXPECT_TRUE(lab.numbers(kMostOfAFrame).empty());
  lab.settle(0);
  EXPECT_FALSE(lab.numbers(kMostOfAFrame).empty());
}

TEST(NumbersOf, ASlidingWindow) {
  const Shown<SlidingWindow> shown("Stride 2, padding 1");
  const SlidingWindow::Params p;
  const signal::ConvSpec spec{.columns = {.stride = 2, .padding_before = 1, .padding_after = 1}};
  const Tensor<double> x = p.input.reshaped({1, 1, 9}), k = p.weight.reshaped({1, 1, 1, 3});
  EXPECT_EQ(shown.of("y"), signal::correlate(x, k, Tensor<double>(), spec).reshaped({1, 5}));
  EXPECT_EQ(shown.of("K"), signal::toeplitz(x.shape(), k, spec).matrix);
  EXPECT_EQ(shown.number("outputs"), static_cast<double>(signal::output_size(9, 3, spec.columns)));
  EXPECT_EQ(shown.number("macs"),
            static_cast<double>(signal::conv_counts(x.shape(), k.shape(), false, spec).macs));
  EXPECT_EQ(shown.number("padding_left"), 1);
}

TEST(NumbersOf, AnImageConvolution) {
  const Shown<ImageConvolution> shown("Moving average");
  const Tensor<double>& x = shown.of("x");
  const Tensor<double> k = signal::named_kernel(signal::NamedKernel::kBox, 2);
  ASSERT_EQ(x.shape(), (Shape{1, 3, 3}));
  EXPECT_EQ(shown.of("k"), k.reshaped({1, 2, 2}));
  const Tensor<double> y = signal::correlate(x, k.reshaped({1, 1, 2, 2}), Tensor<double>(), {});
  for (Index i = 0; i < 4; ++i) EXPECT_NEAR(shown.of("y")[i], y[i], 1e-6);
  EXPECT_EQ(shown.number("parameters"), 4);
  EXPECT_FALSE(Shown<ImageConvolution>("Colour, 32 filters").numbers.contains("x")) << "it is too large";
}

TEST(NumbersOf, OneMatrix) {
  Shown<vitrine::labs::OneMatrix> shown("Convolution, 3");
  const Tensor<double> x = shown.of("x"), k = shown.of("k");
  const signal::Toeplitz toeplitz = signal::toeplitz({1, 1, 9}, k.reshaped({1, 1, 1, 3}), {});
  EXPECT_EQ(shown.of("free_weights")[2], static_cast<double>(toeplitz.distinct_weights));
  EXPECT_EQ(shown.of("cells")[2], static_cast<double>(toeplitz.nonzeros));
  EXPECT_EQ(shown.number("layer"), 1);
  shown.lab.settle(2);
  shown.numbers = shown.lab.numbers(kMostOfAFrame);
  EXPECT_EQ(shown.number("layer"), 3);
  EXPECT_EQ(shown.of("W"), toeplitz.matrix);
  EXPECT_EQ(
      shown.of("y"),
      signal::correlate(x.reshaped({1, 1, 9}), k.reshaped({1, 1, 1, 3}), Tensor<double>(), {}).reshaped({7}));
}

TEST(NumbersOf, Pooling) {
  const Shown<vitrine::labs::Pooling> shown("Drop the shared pixel");
  const signal::PoolSpec pool{3, 3, {.stride = 2}, {.stride = 2}};
  const auto image = [&](const char* name) { return shown.of(name).reshaped({1, 5, 5}); };
  EXPECT_EQ(shown.of("largest"), signal::max_pool(image("x"), pool).output.reshaped({2, 2}));
  for (const char* which : {"", "_altered"}) {
    const Tensor<double> means =
        signal::average_pool(image((std::string("x") + which).c_str()), pool, signal::CountPadding::kYes);
    for (Index i = 0; i < 4; ++i) {
      EXPECT_EQ(shown.of(std::string("averages") + which)[i], means[i]);
      EXPECT_NEAR(shown.of(std::string("sums") + which)[i], 9 * means[i], 1e-12);
    }
  }
  EXPECT_EQ(shown.number("harmed"), 1);
  EXPECT_EQ(shown.number("changed_averages"), 4);
  EXPECT_EQ(shown.number("changed_largest"), 0);
}

TEST(NumbersOf, LayerSizes) {
  const Shown<vitrine::labs::LayerSizes> shown("LeNet-5");
  const auto preset = shown.lab.params();
  const signal::StackFigures figures = signal::stack_figures(preset.input(), preset.stack());
  EXPECT_EQ(shown.number("layers"), 7);
  EXPECT_EQ(shown.number("total_parameters"), static_cast<double>(*figures.parameters));
  EXPECT_EQ(shown.of("output"), Value({3}, {10, 1, 1}));
  for (Index i = 0; i < 7; ++i) {
    const signal::LayerFigures& f = figures.layers[static_cast<std::size_t>(i)];
    EXPECT_EQ(shown.of("macs")[i], static_cast<double>(*f.macs));
    EXPECT_EQ(shown.of("outputs")(i, 2), static_cast<double>(f.output[2]));
    EXPECT_EQ(shown.of("sees")(i, 0), static_cast<double>(f.rows.size));
  }
  EXPECT_EQ(shown.number("fault"), 0);
  EXPECT_EQ(Shown<vitrine::labs::LayerSizes>("Impossible").number("fault"), 3);
}

TEST(NumbersOf, Backward) {
  const Shown<vitrine::labs::Backward> shown("By hand");
  const auto& p = shown.lab.params();
  const signal::ConvGradients gradients = signal::correlate_backward(p.input, p.weight, p.upstream, p.spec());
  EXPECT_EQ(shown.of("dW"), gradients.weight.reshaped({1, 5, 3}));
  EXPECT_EQ(shown.of("dx"), gradients.input.reshaped({5, 7}));
  EXPECT_EQ(shown.of("db"), gradients.bias);
  EXPECT_EQ(shown.of("spread"), signal::spread(p.upstream, 1, 2).reshaped({1, 5}));
  EXPECT_LT(shown.number("largest_error"), 1e-6);
}

TEST(NumbersOf, AShift) {
  Shown<ShiftLab> shown("Stride 2");
  EXPECT_EQ(shown.number("departure"), 0) << "nothing has moved";
  shown.lab.settle(1);
  shown.numbers = shown.lab.numbers(kMostOfAFrame);
  const auto& p = shown.lab.params();
  const signal::ConvSpec spec{.columns = p.columns};
  const auto convolved = [&](const Tensor<double>& x) {
    return signal::correlate(x, p.taps.reshaped({1, 1, 1, 3}), Tensor<double>(), spec).reshaped({1, 4});
  };
  const Tensor<double> x = p.signal.reshaped({1, 1, 8});
  const Tensor<double> moved = signal::shifted(x, 0, 1, signal::ShiftFill::kZeros);
  EXPECT_EQ(shown.of("fx"), convolved(x));
  EXPECT_EQ(shown.of("Tx"), moved.reshaped({1, 8}));
  EXPECT_EQ(shown.of("fTx"), convolved(moved));
  EXPECT_EQ(shown.number("cause"), static_cast<double>(signal::Departure::kStride));
  EXPECT_EQ(shown.number("departure"), signal::difference(shown.of("fTx"), shown.of("Tfx")).relative);
}

}  // namespace
}  // namespace vitrine::labs::numbers_test
