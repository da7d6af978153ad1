#include "engine/nn/layer_stack.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "engine/nn/batch_pass.h"
#include "engine/nn/optimizer.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::nn::layer_stack_test {
namespace {

using testing::ElementsAre;

using Layers = std::vector<LayerSpec>;

LayerSpec of(LayerKind kind) { return LayerSpec::of(kind); }
LayerSpec frozen(LayerSpec spec) {
  spec.frozen = true;
  return spec;
}

// The preset cnn: two 5 x 5 convolutions of 16 and 32 filters.
Layers two_convolutions() {
  return {LayerSpec::conv(16, 5, 1, 2), of(LayerKind::kRelu), of(LayerKind::kMaxPool),
          LayerSpec::conv(32, 5, 1, 2), of(LayerKind::kRelu), of(LayerKind::kMaxPool)};
}

// Every kind of layer once.
Layers one_of_each() {
  return {LayerSpec::conv(6, 3, 1, 1),
          of(LayerKind::kRelu),
          of(LayerKind::kMaxPool),
          LayerSpec::conv(5, 3, 2, 1),
          of(LayerKind::kGelu),
          of(LayerKind::kDropout),
          LayerSpec::pool(LayerKind::kAveragePool, 2, 1, 1),
          LayerSpec::dense(9),
          of(LayerKind::kRelu)};
}
constexpr ImageSizes kImage{2, 8, 10};
constexpr Index kClasses = 4;

TEST(LayerStack, NamesAndShapesArePyTorchs) {
  const LayerStack<float> model(one_of_each(), kImage, kClasses);
  std::vector<std::string> lines;
  for (const auto& info : model.layout().infos()) lines.push_back(info.name + " " + to_string(info.shape));
  EXPECT_THAT(lines,
              ElementsAre("layers.0.weight [6, 2, 3, 3]", "layers.0.bias [6]", "layers.3.weight [5, 6, 3, 3]",
                          "layers.3.bias [5]", "layers.7.weight [9, 60]", "layers.7.bias [9]",
                          "head.weight [4, 9]", "head.bias [4]"));
}

TEST(LayerStack, CountsParametersAndMultiplyAdds) {
  const LayerStack<float> model(two_convolutions(), {1, 28, 28}, 10);
  EXPECT_EQ(model.layout().count(), (25 * 16 + 16) + (16 * 25 * 32 + 32) + (32 * 49 * 10 + 10));
  EXPECT_EQ(model.layout().trainable_count(), model.layout().count());
  EXPECT_EQ(model.multiply_adds(), 784 * 25 * 16 + 196 * 16 * 25 * 32 + 32 * 49 * 10);
  const auto layers = model.layers();
  ASSERT_EQ(layers.size(), 7u);
  EXPECT_EQ(layers[2].words, "max_pool 2 x 2, stride 2");
  EXPECT_EQ(layers[3].words, "conv 5 x 5, stride 1, padding 2");
  EXPECT_EQ(layers[3].output, (core::Shape{32, 14, 14}));
  EXPECT_EQ(layers[3].parameters, 12'832);
  EXPECT_EQ(layers[6].name, "head");
  Index parameters = 0;
  for (const LayerFacts& layer : layers) parameters += layer.parameters;
  EXPECT_EQ(parameters, model.layout().count());
  const LayerStack<float> mlp({LayerSpec::dense(256), of(LayerKind::kRelu)}, {1, 28, 28}, 10);
  EXPECT_EQ(mlp.layout().count(), 784 * 256 + 256 + 2570);
  EXPECT_EQ(mlp.layers()[0].output, (core::Shape{256}));
}

// Also those that would need petabytes: nothing is allocated for a model.
TEST(LayerStack, CountsWithoutMemoryForTheNumbers) {
  const LayerStack<float> model(
      {LayerSpec::dense(1 << 20), LayerSpec::dense(1 << 20), LayerSpec::dense(1 << 20)}, {3, 1024, 1024},
      1000);
  EXPECT_EQ(model.layout().infos()[0].shape.count(), Index{3} << 40);
  EXPECT_THROW(
      LayerStack<float>(Layers(4, LayerSpec::conv(1 << 14, 1 << 12, 1, 1 << 12)), kImage, kClasses).layers(),
      core::ShapeError);
}

std::vector<std::uint8_t> labels_of(Index batch) {
  std::vector<std::uint8_t> labels;
  for (Index i = 0; i < batch; ++i) labels.push_back(static_cast<std::uint8_t>(i % kClasses));
  return labels;
}

template <class T>
core::AlignedVector<T> trained(const Layers& layers, int threads, Index batch_size) {
  const LayerStack<T> model(layers, kImage, kClasses);
  core::Workers workers(threads);
  BatchPass<T> batch(model, workers);
  auto weights = Weights<T>::initial(model.layout(), 1);
  Optimizer<T> optimizer(model.layout());
  const auto images = normal_numbers<T>(batch_size * kImage.count(), 1);
  UpdateRule rule;
  rule.weight_decay = 0.1;
  for (std::uint64_t step = 0; step < 5; ++step) {
    batch.loss_and_gradient(weights, images.data(), labels_of(batch_size), {0.1, 1, step});
    optimizer.update(rule, batch.gradient().data(), 1, workers, weights);
  }
  return weights.values;
}

TEST(LayerStack, SameBitsForAnyNumberOfThreads) {
  for (const Index batch : {1, 5, 33, 100}) {
    const auto one = trained<float>(one_of_each(), 1, batch);
    for (const int threads : {2, 3, 8})
      EXPECT_EQ(trained<float>(one_of_each(), threads, batch), one) << threads << " " << batch;
  }
}

TEST(LayerStack, FrozenFiltersStayAsTheyWereDrawn) {
  Layers layers = one_of_each();
  layers[0].frozen = layers[7].frozen = true;
  const LayerStack<float> model(layers, kImage, kClasses);
  const auto before = Weights<float>::initial(model.layout(), 1).values, after = trained<float>(layers, 2, 9);
  Index moved = 0;
  for (const ParameterInfo& info : model.layout().infos()) {
    const bool same = parameter<float>(info, before) == parameter<float>(info, after);
    EXPECT_EQ(same, info.name.starts_with("layers.0.") || info.name.starts_with("layers.7.")) << info.name;
    if (!same) moved += info.shape.count();
  }
  EXPECT_EQ(model.layout().trainable_count(), moved);
  EXPECT_EQ(model.layers()[0].words, "conv 3 x 3, stride 1, padding 1, frozen");
}

// A gradient that nobody asked for is not computed: the layers before the first that trains have none.
TEST(LayerStack, OnlyTheHeadTrainsOnFrozenFeatures) {
  Layers layers = two_convolutions();
  for (LayerSpec& layer : layers)
    if (layer.kind == LayerKind::kConv) layer = frozen(layer);
  const auto before = Weights<float>::initial(LayerStack<float>(layers, kImage, kClasses).layout(), 1).values;
  const auto after = trained<float>(layers, 1, 8);
  const LayerStack<float> model(layers, kImage, kClasses);
  for (const ParameterInfo& info : model.layout().infos())
    EXPECT_EQ(parameter<float>(info, before) == parameter<float>(info, after),
              !info.name.starts_with("head"));
}

TEST(LayerStack, FloatGradientIsTheDoubleOne) {
  const LayerStack<float> model(one_of_each(), kImage, kClasses);
  const LayerStack<double> exact(one_of_each(), kImage, kClasses);
  core::Workers workers(1);
  BatchPass<float> batch(model, workers);
  BatchPass<double> exact_batch(exact, workers);
  const auto exact_weights = wild_weights<double>(exact.layout(), 1);
  auto weights = Weights<float>::initial(model.layout(), 0);
  std::copy(exact_weights.values.begin(), exact_weights.values.end(), weights.values.begin());
  weights.refresh_all(model.layout());
  const auto images = normal_numbers<double>(6 * kImage.count(), 2);
  const std::vector<float> images_float(images.begin(), images.end());
  const DropoutDraw draw{0.2, 3, 4};
  const auto loss = batch.loss_and_gradient(weights, images_float.data(), labels_of(6), draw);
  const auto exact_loss = exact_batch.loss_and_gradient(exact_weights, images.data(), labels_of(6), draw);
  EXPECT_NEAR(loss.loss, exact_loss.loss, 1e-4);
  double difference = 0;
  for (std::size_t i = 0; i < weights.values.size(); ++i)
    difference += std::pow(batch.gradient()[i] - exact_batch.gradient()[i], 2);
  EXPECT_LT(std::sqrt(difference) / exact_loss.grad_norm, 1e-4);
}

TEST(LayerStack, NamesTheFirstTensorThatIsNotFinite) {
  const LayerStack<float> model(one_of_each(), kImage, kClasses);
  core::Workers workers(1);
  BatchPass<float> batch(model, workers);
  const auto first_bad = [&](std::size_t parameter, float pixel) {
    auto weights = Weights<float>::initial(model.layout(), 1);
    weights.values[static_cast<std::size_t>(model.layout().infos()[parameter].offset)] =
        std::numeric_limits<float>::quiet_NaN();
    weights.refresh_all(model.layout());
    std::vector<float> images(static_cast<std::size_t>(kImage.count()), pixel);
    return batch.first_bad(weights, images.data(), 1);
  };
  EXPECT_EQ(first_bad(0, 0.5f), "layers.0 output");
  EXPECT_EQ(first_bad(2, 0.5f), "layers.3 output");
  EXPECT_EQ(first_bad(7, 0.5f), "logits");
  EXPECT_EQ(first_bad(7, std::numeric_limits<float>::infinity()), "layers.0 output");
}

// Everything is taken through the layers by chunks whose size the model alone decides.
TEST(LayerStack, ChunksAreSmallerWhereImagesAreLarger) {
  const auto images = [](Index side) {
    return LayerStack<float>(two_convolutions(), {1, side, side}, 10).chunk_images();
  };
  EXPECT_GE(images(8), images(28));
  EXPECT_GE(images(28), images(200));
  EXPECT_GE(images(200), 1);
}

std::string refusal(const Layers& layers, const ImageSizes& image = kImage) {
  try {
    outputs_of(layers, image);
    return "";
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

TEST(LayerSpec, TheFirstImpossibleLayerIsNamed) {
  EXPECT_EQ(refusal(one_of_each()), "");
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({LayerSpec::conv(3, 9, 1, 0)}),
            "layers[0] conv: kernel 9 is larger than its input of 8 x 10");
  EXPECT_EQ(refusal({of(LayerKind::kMaxPool), of(LayerKind::kMaxPool), LayerSpec::conv(3, 7, 1, 2)}),
            "layers[2] conv: kernel 7 is larger than its input of 2 x 2 with padding 2");
  EXPECT_EQ(refusal({LayerSpec::dense(3), of(LayerKind::kMaxPool)}),
            "layers[1] max_pool: a dense layer before it leaves no rows and columns");
  EXPECT_EQ(refusal({LayerSpec::conv(0, 3, 1, 0)}), "layers[0] conv: filters 0 must lie between 1 and 16384");
  EXPECT_EQ(refusal({LayerSpec::conv(1, 3, 0, 0)}), "layers[0] conv: stride 0 must lie between 1 and 4096");
  EXPECT_EQ(refusal({LayerSpec::pool(LayerKind::kMaxPool, 3, 1, 2)}),
            "layers[0] max_pool: padding 2 must lie between 0 and 1");
  EXPECT_EQ(refusal({LayerSpec::dense(-1)}), "layers[0] dense: units -1 must lie between 1 and 1048576");
  EXPECT_EQ(refusal(Layers(257, of(LayerKind::kRelu))), "layers: 257 of them, the limit is 256");
}

}  // namespace
}  // namespace vitrine::nn::layer_stack_test
