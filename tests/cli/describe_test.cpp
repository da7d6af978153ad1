#include "app/cli/describe.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/train.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using train::ModelConfig;
using train::ModelKind;
using train::TrainConfig;

json described(const TrainConfig& config) { return json::parse(description(config, Format::kJson)); }

// MNIST need not be there. 204,810: 64 * 49 + 64 (patches), 64 (class token), 17 * 64 (positions), a block's
// 2 * 128 (norms), 4 * 64 * 64 + 64 (attention), 2 * 64 * 128 + 128 + 64 (MLP), six times, 128, 64 * 10 + 10.
TEST(Describe, TheHomework) {
  const json facts = described(*train::preset("homework"));
  EXPECT_EQ(facts["model"], "vit");
  EXPECT_EQ(facts["dataset"], "mnist");
  EXPECT_EQ(facts["image"], json({1, 28, 28}));
  EXPECT_EQ(facts["classes"], 10);
  EXPECT_EQ(facts["parameters"], 204'810);
  const json& layers = facts["layers"];
  ASSERT_EQ(layers.size(), 1u + 6 * 4 + 2);
  EXPECT_EQ(layers[0]["name"], "patch_embed");
  EXPECT_EQ(layers[2]["name"], "blocks.0.attn");
  EXPECT_EQ(layers[2]["output"], json({17, 64}));
  EXPECT_EQ(layers[2]["parameters"], 16'448);
  EXPECT_EQ(layers[2]["multiply_adds"], 17 * 64 * 64 * 4 + 17 * 17 * 64 * 2);
  EXPECT_EQ(layers.back()["name"], "head");
}

TEST(Describe, LayersAddUpForEveryKindOfModel) {
  for (const ModelKind kind : {ModelKind::kVit, ModelKind::kCnn, ModelKind::kMlp}) {
    TrainConfig config = *train::preset("demo");
    config.model = ModelConfig::of(kind);
    const json facts = described(config);
    std::int64_t parameters = 0, multiply_adds = 0;
    for (const json& layer : facts["layers"]) {
      parameters += layer["parameters"].get<std::int64_t>();
      multiply_adds += layer["multiply_adds"].get<std::int64_t>();
    }
    EXPECT_EQ(facts["parameters"], parameters);
    EXPECT_EQ(facts["multiply_adds"], multiply_adds);
    EXPECT_GT(parameters, 1000);
    EXPECT_GT(multiply_adds, parameters / 2);
    const json& memory = facts["memory_bytes"];
    EXPECT_EQ(
        memory["total"].get<std::int64_t>(),
        memory["weights"].get<std::int64_t>() + memory["optimizer"].get<std::int64_t>() +
            memory["states"].get<std::int64_t>() + memory["gradients"].get<std::int64_t>() +
            memory["batch"].get<std::int64_t>() +
            memory["threads"].get<std::int64_t>() * memory["activations_per_thread"].get<std::int64_t>());
  }
}

TEST(Describe, PicturesOfOnesOwnAreLookedAt) {
  io::TemporaryFolder folder;
  for (const char* name : {"cat", "dog", "owl"}) {
    std::filesystem::create_directories(folder / name);
    for (const char* picture : {"a.png", "b.png"})
      io::write_png(folder / name / picture, 6, 9, 3, std::vector<std::uint8_t>(6 * 9 * 3, 7));
  }
  TrainConfig config;
  config.dataset.kind = train::DatasetKind::kFolder;
  config.dataset.path = folder.path().string();
  config.model.patch_size = 3;
  const json facts = described(config);
  EXPECT_EQ(facts["image"], json({3, 6, 9}));
  EXPECT_EQ(facts["classes"], 3);
  EXPECT_EQ(facts["layers"][0]["output"], json({7, 64}));
  config.model.patch_size = 4;
  EXPECT_THROW(description(config, Format::kJson), std::invalid_argument);
  config.dataset.path += "/none";
  EXPECT_THROW(description(config, Format::kJson), io::FileError);
}

// Sizes that no machine has: nothing is taken.
TEST(Describe, AModelLargerThanTheMachine) {
  TrainConfig config = *train::preset("demo");
  config.model.embed_dim = 1 << 14;
  config.model.mlp_dim = 1 << 16;
  config.model.heads = 1 << 10;
  config.model.head_dim = 16;
  config.model.depth = 256;
  const json facts = described(config);
  EXPECT_GT(facts["parameters"], 800'000'000'000);
  EXPECT_GT(facts["memory_bytes"]["total"], 20'000'000'000'000);
}

std::string out_of(const std::vector<std::string>& args, int expected_code) {
  std::ostringstream out, err;
  EXPECT_EQ(train_command(args, out, err), expected_code) << err.str();
  return expected_code == 0 ? out.str() : err.str();
}

TEST(Describe, FromTheCommandLine) {
  const std::vector<std::string> args{"--describe", "--preset", "homework", "--set", "model.depth=1"};
  const std::string table = out_of(args, 0);
  EXPECT_THAT(table, testing::StartsWith("vit for mnist: images of 1 x 28 x 28, 10 classes\n\nlayer  "));
  EXPECT_THAT(table, HasSubstr("\nblocks.0.mlp    17 x 64      16,576        278,528\n"));
  EXPECT_THAT(table, HasSubstr("\nall, beside the data"));
  auto as_json = args;
  as_json.emplace_back("--json");
  TrainConfig config = *train::preset("homework");
  config.model.depth = 1;
  EXPECT_EQ(out_of(as_json, 0), description(config, Format::kJson));
  EXPECT_THAT(out_of({"--json", "--preset", "demo"}, 2), HasSubstr("--describe"));
  EXPECT_THAT(out_of({"--describe", "--preset", "demo", "--set", "epochs=0"}, 2), HasSubstr("epochs 0"));
  EXPECT_THAT(out_of({"--describe"}, 2), HasSubstr("--preset"));
}

}  // namespace
}  // namespace vitrine::cli
