// Whole small models in double against central differences, through the loss of a batch that is cut into
// chunks and shards.
#include <memory>

#include "engine/nn/batch_pass.h"
#include "engine/nn/layer_stack.h"
#include "engine/nn/vit.h"
#include "tests/engine/nn/gradient_check.h"
#include "tests/engine/nn/numbers.h"

namespace vitrine::nn::model_gradient_test {
namespace {

constexpr DropoutDraw kDropout{0.3, 5, 7};
constexpr Index kClasses = 4;

struct Row {
  std::string name;
  std::function<std::unique_ptr<const Model<double>>()> make;
  DropoutDraw dropout = {};
};

class ModelGradient : public testing::TestWithParam<Row> {};

TEST_P(ModelGradient, AgreesWithCentralDifferences) {
  constexpr Index kBatch = 17;  // more than one chunk of any model
  const auto model = GetParam().make();
  core::Workers workers(2);
  BatchPass<double> batch(*model, workers);
  auto weights = wild_weights<double>(model->layout(), 1);
  const auto images = normal_numbers<double>(kBatch * model->image().count(), 2);
  const std::vector<std::uint8_t> labels{0, 3, 1, 2, 2, 3, 0, 1, 3, 3, 2, 0, 0, 1, 2, 1, 0};
  const auto value = [&] {
    return batch.loss_and_gradient(weights, images.data(), labels, GetParam().dropout).loss;
  };
  value();
  value();  // of the first time nothing may be left
  const Numbers gradient(batch.gradient().begin(), batch.gradient().end());
  expect_gradients(model->layout(), weights, gradient.data(), value);
}

Row vit(const std::string& name, Bias bias, Pool pool, Positions positions, const DropoutDraw& dropout = {}) {
  return {name,
          [=] {
            //             C  H  W  P  D  L  h Dh mlp
            VitSizes sizes{2, 6, 4, 2, 6, 2, 3, 3, 10, kClasses};
            sizes.qkv_bias = bias;
            sizes.pool = pool;
            sizes.positions = positions;
            return std::make_unique<const Vit<double>>(sizes);
          },
          dropout};
}

Row stack(const std::string& name, const ImageSizes& image, const std::vector<LayerSpec>& layers,
          const DropoutDraw& dropout = {}) {
  return {name, [=] { return std::make_unique<const LayerStack<double>>(layers, image, kClasses); }, dropout};
}

LayerSpec of(LayerKind kind) { return LayerSpec::of(kind); }

std::vector<LayerSpec> two_convolutions(LayerKind activation, LayerKind pool) {
  return {LayerSpec::conv(3, 3, 1, 1),        of(activation),      LayerSpec::pool(pool, 2, 2, 0),
          LayerSpec::conv(4, 3, 2, 2),        of(activation),      LayerSpec::pool(pool, 2, 1, 0),
          LayerSpec::of(LayerKind::kDropout), LayerSpec::dense(6), of(activation)};
}

std::vector<LayerSpec> first_frozen(std::vector<LayerSpec> layers) {
  layers.front().frozen = true;
  return layers;
}

constexpr ImageSizes kColour{2, 6, 8}, kGrey{1, 7, 5};

INSTANTIATE_TEST_SUITE_P(
    Table, ModelGradient,
    testing::Values(
        vit("vit", Bias::kNo, Pool::kClassToken, Positions::kLearned),
        vit("vit_dropout", Bias::kNo, Pool::kClassToken, Positions::kLearned, kDropout),
        vit("vit_qkv_bias", Bias::kYes, Pool::kClassToken, Positions::kSinusoidal),
        vit("vit_no_positions", Bias::kYes, Pool::kClassToken, Positions::kNone, kDropout),
        vit("vit_mean_pool", Bias::kNo, Pool::kMean, Positions::kLearned),
        vit("vit_mean_pool_sinusoidal", Bias::kYes, Pool::kMean, Positions::kSinusoidal, kDropout),
        stack("cnn", kColour, two_convolutions(LayerKind::kRelu, LayerKind::kMaxPool)),
        stack("cnn_grey", kGrey, two_convolutions(LayerKind::kRelu, LayerKind::kMaxPool)),
        stack("cnn_gelu_average_pool_dropout", kColour,
              two_convolutions(LayerKind::kGelu, LayerKind::kAveragePool), kDropout),
        stack("cnn_frozen_filters", kColour,
              first_frozen(two_convolutions(LayerKind::kRelu, LayerKind::kMaxPool))),
        stack("mlp", kGrey, {LayerSpec::dense(8), of(LayerKind::kRelu)}),
        stack("mlp_deep_dropout", kColour,
              {LayerSpec::dense(8), of(LayerKind::kGelu), of(LayerKind::kDropout), LayerSpec::dense(7),
               of(LayerKind::kRelu), of(LayerKind::kDropout)},
              kDropout),
        stack("linear", kColour, {}),
        stack("head_over_elementwise", kColour,
              {of(LayerKind::kGelu), of(LayerKind::kRelu), of(LayerKind::kRelu), of(LayerKind::kDropout)},
              kDropout)),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace vitrine::nn::model_gradient_test
