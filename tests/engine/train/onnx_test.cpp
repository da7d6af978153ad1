// What an ONNX file of each kind of model holds; tests/reference/check_exports.py runs such files.
#include "engine/train/onnx.h"

#include <gmock/gmock.h>

#include <cstring>
#include <map>

#include "engine/train/models.h"
#include "tests/engine/io/protobuf_reader.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using io::field;
using io::fields;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::Pair;

// A model of its first weights, and its file.
struct Exported {
  explicit Exported(const ModelConfig& config, const nn::ImageSizes& image = {1, 28, 28}, Index classes = 10)
      : model(make_model<float>(config, image, classes)),
        weights(nn::Weights<float>::initial(model->layout(), 3)) {
    RunRecord record;
    record.config.model = config;
    record.run.mean = 0.25;
    record.run.deviation = 0.5;
    file = onnx_model(record, *model, weights);
    graph = field(file, 7).bytes;
    for (const io::Field& each : fields(graph)) {
      if (each.number == 1) ++operators[std::string(field(each.bytes, 4).bytes)];
      if (each.number == 5) initializers[std::string(field(each.bytes, 8).bytes)] = each.bytes;
    }
  }
  // Of the input (field 11) or the output (12); -1: open.
  std::vector<std::int64_t> sizes_of(std::uint64_t which) const {
    std::vector<std::int64_t> sizes;
    const auto tensor = field(field(field(graph, which).bytes, 2).bytes, 1).bytes;
    for (const io::Field& axis : fields(field(tensor, 2).bytes))
      sizes.push_back(
          field(axis.bytes, 2).bytes == "N" ? -1 : static_cast<std::int64_t>(field(axis.bytes, 1).bits));
    return sizes;
  }
  // Every parameter stands there as the state dict has it.
  void expect_weights() const {
    for (const auto& info : model->layout().infos()) {
      ASSERT_THAT(initializers, Contains(testing::Key(info.name)));
      const std::string_view tensor = initializers.at(info.name);
      const auto sizes = io::packed(field(tensor, 1).bytes);
      EXPECT_EQ(core::Shape(std::vector<Index>(sizes.begin(), sizes.end())), info.shape) << info.name;
      EXPECT_EQ(field(tensor, 2).bits, 1u) << "float";
      const auto values = nn::parameter<float>(info, weights.values);
      const std::string_view raw = field(tensor, 9).bytes;
      ASSERT_EQ(raw.size(), values.values().size_bytes()) << info.name;
      EXPECT_EQ(std::memcmp(raw.data(), values.data(), raw.size()), 0) << info.name;
    }
  }

  std::unique_ptr<const nn::Model<float>> model;
  nn::Weights<float> weights;
  std::string file;
  std::string_view graph;
  std::map<std::string, int> operators;
  std::map<std::string, std::string_view> initializers;
};

TEST(Onnx, AVitHasItsBlocksAsPrimitiveOperators) {
  const Exported e(tiny_config().model);
  EXPECT_EQ(field(e.file, 1).bits, 7u) << "IR version";
  EXPECT_EQ(field(field(e.file, 8).bytes, 2).bits, 13u) << "operator set";
  EXPECT_THAT(e.sizes_of(11), ElementsAre(-1, 1, 28, 28));
  EXPECT_THAT(e.sizes_of(12), ElementsAre(-1, 10));
  EXPECT_EQ(field(field(e.graph, 11).bytes, 1).bytes, "image");
  EXPECT_EQ(field(field(e.graph, 12).bytes, 1).bytes, "logits");
  e.expect_weights();
  // Of two blocks: four projections and two products each; norms two each and the last.
  EXPECT_THAT(e.operators,
              testing::IsSupersetOf({Pair("MatMul", 12), Pair("Softmax", 2), Pair("Erf", 2), Pair("Sqrt", 5),
                                     Pair("Conv", 1), Pair("Gemm", 1), Pair("Expand", 1)}));
}

TEST(Onnx, AMeanNeedsNoClassTokenAndSinusoidsStandAsNumbers) {
  ModelConfig config = tiny_config().model;
  config.pool = nn::Pool::kMean;
  config.positions = nn::Positions::kSinusoidal;
  config.qkv_bias = true;
  const Exported e(config, {3, 14, 28}, 4);
  EXPECT_THAT(e.sizes_of(11), ElementsAre(-1, 3, 14, 28));
  EXPECT_THAT(e.operators, Not(Contains(testing::Key("Expand"))));
  EXPECT_THAT(io::packed(field(e.initializers.at("pos_embed"), 1).bytes), ElementsAre(1, 2, 16));
  e.expect_weights();
  config.positions = nn::Positions::kNone;
  EXPECT_THAT(Exported(config).initializers, Not(Contains(testing::Key("pos_embed"))));
}

TEST(Onnx, AStackHasANodeForEachLayerButDropout) {
  using nn::LayerKind;
  using nn::LayerSpec;
  ModelConfig config = ModelConfig::of(ModelKind::kCnn);
  config.layers = {LayerSpec::conv(5, 3, 2, 1),        LayerSpec::of(LayerKind::kGelu),
                   LayerSpec::of(LayerKind::kMaxPool), LayerSpec::pool(LayerKind::kAveragePool, 3, 2, 1),
                   LayerSpec::of(LayerKind::kDropout), LayerSpec::dense(7),
                   LayerSpec::of(LayerKind::kRelu)};
  const Exported e(config, {3, 28, 28}, 8);
  EXPECT_THAT(e.sizes_of(12), ElementsAre(-1, 8));
  const std::map<std::string, int> gelu{{"Div", 1}, {"Erf", 1}, {"Add", 1}, {"Mul", 2}};
  std::map<std::string, int> expected{{"Conv", 1},    {"MaxPool", 1}, {"AveragePool", 1},
                                      {"Flatten", 1}, {"Gemm", 2},    {"Relu", 1}};
  expected.insert(gelu.begin(), gelu.end());
  EXPECT_EQ(e.operators, expected);
  e.expect_weights();

  config = ModelConfig::of(ModelKind::kMlp);
  config.layers = {};
  const Exported linear(config);
  EXPECT_EQ(linear.operators, (std::map<std::string, int>{{"Flatten", 1}, {"Gemm", 1}}));
  EXPECT_EQ(linear.initializers.size(), 2u) << "nothing that no node reads";
}

TEST(Onnx, SaysHowPixelsAreNormalised) {
  const Exported e(ModelConfig::of(ModelKind::kMlp));
  std::map<std::string, std::string> metadata;
  for (const io::Field& each : fields(e.file))
    if (each.number == 14) metadata[std::string(field(each.bytes, 1).bytes)] = field(each.bytes, 2).bytes;
  EXPECT_EQ(metadata, (std::map<std::string, std::string>{{"mean", "0.25"}, {"deviation", "0.5"}}));
}

}  // namespace
}  // namespace vitrine::train
