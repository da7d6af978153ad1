// vit_forward by `vitrine compute`: PyTorch's weights give PyTorch's answers (tests/reference/make_vit.py).
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "engine/io/files.h"
#include "engine/io/safetensors.h"
#include "tests/cli/answers.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli::vit_test {
namespace {

const std::filesystem::path kFolder = VITRINE_REFERENCE "/vit";

// The same structure, and numbers within 1e-4 of the larger one (or of 1).
void expect_close(const json& found, const json& expected, const std::string& place) {
  ASSERT_EQ(found.is_array(), expected.is_array()) << place;
  if (!expected.is_array()) {
    const double a = found.get<double>(), b = expected.get<double>();
    EXPECT_LE(std::abs(a - b), 1e-4 * std::max({1.0, std::abs(a), std::abs(b)})) << place;
    return;
  }
  ASSERT_EQ(found.size(), expected.size()) << place;
  for (std::size_t i = 0; i < expected.size(); ++i)
    expect_close(found[i], expected[i], place + "[" + std::to_string(i) + "]");
}

json cases() { return json::parse(std::ifstream(kFolder / "cases.json")); }

// The first case's request, its weights' path made absolute.
json plain_request() {
  json request = cases()[0]["request"];
  request["weights"] = (kFolder / request["weights"].get<std::string>()).string();
  return request;
}

TEST(VitForward, AnswersAsPyTorchDoesOnItsWeights) {
  const json all = cases();
  ASSERT_EQ(all.size(), 5u);
  for (const json& each : all) {
    json request = each["request"];
    const std::string name = request["weights"];
    request["weights"] = (kFolder / name).string();
    const json result = computed(request.dump());
    EXPECT_EQ(result.size(), 4u);
    for (const auto& [field, expected] : each["expected"].items())
      expect_close(result[field], expected, name + " " + field);
  }
}

TEST(VitForward, FindsItsFileFromTheWorkingFolder) {
  const json absolute = plain_request();
  json relative = absolute;
  relative["weights"] = std::filesystem::relative(absolute["weights"].get<std::string>()).string();
  EXPECT_EQ(computed(relative.dump()), computed(absolute.dump()));
}

// The plain request with one field of its own or of its configuration replaced.
std::string with(const std::string& pointer, const json& value) {
  json request = plain_request();
  request[json::json_pointer(pointer)] = value;
  return request.dump();
}

TEST(VitForward, RefusesWhatDoesNotFitTheWeights) {
  const json square = json::parse("[[1,2,3],[4,5,6],[7,8,9]]");
  const std::string shape = with("/image", square), depth = with("/config/depth", 3),
                    bias = with("/config/qkv_bias", true), pool = with("/config/pool", "mean"),
                    width = with("/config/mlp_dim", 13), flat = with("/image", {1, 2}),
                    patch = with("/image", json::parse("[[1,2,3,4],[1,2,3,4],[1,2,3,4]]")),
                    kind = with("/config/kind", "cnnn"), field = with("/config/filters", 3),
                    heads = with("/config/heads", 0), text = with("/config", "homework"),
                    path = with("/weights", 3), none = with("/weights", "none.safetensors");
  const Bad bad[] = {
      {shape,
       "vit_forward: pos_embed: has shape [1, 7, 8], the model's is [1, 2, 8]; model.positions, model.pool, "
       "model.patch_size, model.embed_dim and the images' size decide about it"},
      {depth,
       "vit_forward: blocks.2.norm1.weight: missing (and 10 more); model.depth and model.embed_dim decide "
       "about it"},
      {bias,
       "vit_forward: blocks.0.attn.qkv.bias: missing (and 1 more); model.qkv_bias, model.depth, model.heads "
       "and model.head_dim decide about it"},
      {pool,
       "vit_forward: cls_token: the model has no such parameter; model.pool and model.embed_dim decide about "
       "it"},
      {width,
       "vit_forward: blocks.0.mlp.fc1.weight: has shape [12, 8], the model's is [13, 8]; model.depth, "
       "model.embed_dim and model.mlp_dim decide about it"},
      {flat, "vit_forward: image: shape [2] is neither [C][H][W] nor [H][W]"},
      {patch, "vit_forward: patch_size 3 does not divide an image of 3 x 4"},
      {heads, "vit_forward: model.heads 0: must lie between 1 and 1024"},
      {text, "vit_forward: config: an object is expected, not \"homework\""},
      {path, "vit_forward: weights: text is expected, not 3"},
      {none, "vit_forward: none.safetensors: No such file or directory"},
  };
  expect_refused(bad);
  EXPECT_THAT(run({"-"}, kind).err, testing::StartsWith("vitrine: vit_forward: config: kind"));
  EXPECT_THAT(run({"-"}, field).err, testing::StartsWith("vitrine: vit_forward: config: filters"));
  EXPECT_THAT(run({"-"}, "[" + none + "]").err, testing::StartsWith("vitrine: [0] vit_forward: none.safe"));
}

TEST(VitForward, RefusesFilesThatAreNotItsWeights) {
  io::TemporaryFolder folder;
  const std::string path = (folder / "w.safetensors").string(), request = with("/weights", path);
  io::write_file(path, "not at all");
  EXPECT_THAT(run({"-"}, request).err, testing::StartsWith("vitrine: vit_forward: " + path + ": is cut"));
  auto tensors = io::read_safetensors(kFolder / "cls.safetensors");
  for (auto& [name, values] : tensors)
    if (name == "norm.bias") values[3] = NAN;
  io::write_safetensors(path, tensors);
  EXPECT_EQ(run({"-"}, request).err, "vitrine: vit_forward: norm.bias: holds a number that is not finite\n");
  std::erase_if(tensors, [](const auto& tensor) { return tensor.name == "head.weight"; });
  io::write_safetensors(path, tensors);
  EXPECT_EQ(run({"-"}, request).err, "vitrine: vit_forward: head.weight [classes, embed_dim]: missing\n");
}

}  // namespace
}  // namespace vitrine::cli::vit_test
