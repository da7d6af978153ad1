// Opened models: timm's names and PyTorch's answers (tests/reference/make_opened_vit.py).
#include "engine/train/opened_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/io/files.h"
#include "engine/train/inside.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::train {
namespace {

using core::Tensor;
using io::error_of;
using nlohmann::json;
using testing::HasSubstr;

const std::filesystem::path kFolder = VITRINE_REFERENCE "/opened_vit";

json cases() { return json::parse(std::ifstream(kFolder / "cases.json")); }

void gather(const json& nested, std::vector<float>& flat) {
  if (!nested.is_array()) return flat.push_back(nested.get<float>());
  for (const json& each : nested) gather(each, flat);
}
std::vector<float> flat(const json& nested) {
  std::vector<float> all;
  gather(nested, all);
  return all;
}

void expect_close(std::span<const float> found, const std::vector<float>& expected, const std::string& what) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < found.size(); ++i)
    ASSERT_NEAR(found[i], expected[i], 1e-5 * std::max(1.0f, std::abs(expected[i]))) << what << " " << i;
}

Tensor<float> picture_of(const json& each, const nn::ImageSizes& sizes) {
  return Tensor<float>({sizes.channels, sizes.height, sizes.width}, flat(each["image"]));
}

// A copy of the reference's plain model, with what tests put beside it.
struct Copied {
  Copied() { std::filesystem::copy_file(kFolder / "plain.safetensors", path()); }
  std::filesystem::path path() const { return folder / "mine.safetensors"; }
  void write(const std::string& name, const std::string& text) const { io::write_file(folder / name, text); }
  io::TemporaryFolder folder;
};

constexpr Index kHeads = 3, kClasses = 11;

TEST(OpenedModel, AnswersAsPyTorchDoes) {
  const json all = cases();
  ASSERT_EQ(all.size(), 2u);
  for (const json& each : all) {
    const std::string name = each["weights"];
    const OpenedModel opened = open_model(kFolder / name, {.heads = each["heads"].get<Index>()});
    const Tensor<float> picture = picture_of(each, opened.model->image());
    const Inside inside = look_inside(*opened.model, *opened.weights, opened.normalisation.of(picture));
    expect_close(inside.logits, flat(each["logits"]), name + " logits");
    expect_close(inside.attention.values(), flat(each["attention"]), name + " attention");
  }
}

TEST(OpenedModel, TheNormsEpsilonIsTimms) {
  const json each = cases()[0];
  const OpenedModel opened = open_model(kFolder / "plain.safetensors", {.heads = kHeads});
  EXPECT_EQ(opened.model->sizes().norm_epsilon, 1e-6);
  nn::VitSizes sizes = opened.model->sizes();
  sizes.norm_epsilon = nn::LayerNorm<float>::kEpsilon;
  const Tensor<float> image = opened.normalisation.of(picture_of(each, opened.model->image()));
  const Inside ours = look_inside(nn::Vit<float>(sizes), *opened.weights, image);
  const std::vector<float> logits = flat(each["logits"]);
  double farthest = 0;
  for (std::size_t v = 0; v < logits.size(); ++v)
    farthest = std::max(farthest, std::abs(static_cast<double>(ours.logits[v] - logits[v])));
  EXPECT_GT(farthest, 1e-3) << "the reference does not tell the two apart";
}

TEST(OpenedModel, ClassesAreCalledByTheFileBesideIt) {
  const Copied copied;
  EXPECT_EQ(open_model(copied.path()).class_names[7], "class 7");
  std::string labels, others;
  for (Index v = 0; v < kClasses; ++v) {
    labels += "thing " + std::to_string(v) + "\r\n";
    others += "other " + std::to_string(v) + "\n";
  }
  copied.write("labels.txt", others);
  EXPECT_EQ(open_model(copied.path()).class_names[10], "other 10");
  copied.write("mine.labels.txt", labels);
  EXPECT_EQ(open_model(copied.path()).class_names[10], "thing 10");
  EXPECT_EQ(read_labels(copied.folder / "mine.labels.txt", kClasses)[0], "thing 0");
  copied.write("mine.labels.txt", "one\ntwo\n");
  const OpenedModel opened = open_model(copied.path());
  EXPECT_EQ(opened.class_names[10], "other 10");
  EXPECT_THAT(opened.note, HasSubstr("names 2 classes, the model has 11"));
  EXPECT_THAT(error_of<io::FileError>([&] { read_labels(copied.folder / "mine.labels.txt", kClasses); }),
              HasSubstr("names 2 classes, the model has 11"));
}

TEST(OpenedModel, WhatARunsRecordSaysWins) {
  const Copied copied;
  copied.write("config.json",
               R"({"model":{"kind":"vit","heads":6},"run":{"version":"0.1","mean":0.25,"deviation":0.125}})");
  const OpenedModel opened = open_model(copied.path(), {.heads = kHeads});
  EXPECT_EQ(opened.model->sizes().heads, 6);
  EXPECT_EQ(opened.model->sizes().norm_epsilon, 1e-5);
  EXPECT_TRUE(opened.heads_known);
  EXPECT_EQ(opened.normalisation, (Normalisation{{0.25}, {0.125}}));
  copied.write("config.json", R"({"model":{"kind":"cnn"}})");
  EXPECT_THAT(error_of<io::FileError>([&] { open_model(copied.path()); }), HasSubstr("model.kind is cnn"));
  copied.write("config.json", R"({"model":)");
  EXPECT_THAT(error_of<io::FileError>([&] { open_model(copied.path()); }), HasSubstr("config.json: "));
}

TEST(OpenedModel, TimmsOwnConfigurationSaysTheNormalisation) {
  const Copied copied;
  copied.write(
      "config.json",
      R"({"architecture":"deit","pretrained_cfg":{"mean":[0.4,0.5,0.6],"std":[0.1,0.2,0.3],"tag":null}})");
  const Normalisation own{{0.4, 0.5, 0.6}, {0.1, 0.2, 0.3}};
  EXPECT_EQ(open_model(copied.path()).normalisation, own);
  EXPECT_FALSE(open_model(copied.path()).heads_known);
  EXPECT_EQ(open_model(copied.path(), {.normalisation = Normalisation::imagenet()}).normalisation,
            Normalisation::imagenet());
  copied.write("config.json", R"({"model_type":"vit"})");
  EXPECT_EQ(open_model(copied.path()).normalisation, Normalisation::half());
}

TEST(OpenedModel, NormalisesChannelByChannel) {
  const Tensor<float> pixels({3, 1, 2}, {0, 1, 0, 1, 0, 1});
  const Tensor<float> own = Normalisation{{0.5, 0, 1}, {0.5, 2, 1}}.of(pixels);
  EXPECT_EQ(own, Tensor<float>({3, 1, 2}, {-1, 1, 0, 0.5f, -1, 0}));
  EXPECT_EQ(Normalisation::half().of(pixels), Tensor<float>({3, 1, 2}, {-1, 1, -1, 1, -1, 1}));
}

TEST(OpenedModel, APicturesMiddleIsCutToTheModelsSize) {
  // 2 x 6 pixels: the middle 2 x 2 of them, at half the size their mean.
  const Tensor<float> wide({1, 2, 6}, {9, 9, 0.1f, 0.2f, 9, 9, 9, 9, 0.3f, 0.4f, 9, 9});
  const Tensor<float> one = centre_cropped(wide, {3, 1, 1});
  EXPECT_EQ(one.shape(), (core::Shape{3, 1, 1}));
  for (const float value : one.values()) EXPECT_NEAR(value, 0.25f, 1e-6f);
  const Tensor<float> same = centre_cropped(wide, {1, 2, 2});
  const float middle[] = {0.1f, 0.2f, 0.3f, 0.4f};
  for (Index i = 0; i < 4; ++i) EXPECT_NEAR(same[i], middle[i], 1e-6f);
  for (const core::Shape& shape : {core::Shape{2, 4, 4}, core::Shape{1, 0, 4}, core::Shape{4, 4}})
    EXPECT_THROW(centre_cropped(Tensor<float>(shape), {3, 4, 4}), core::ShapeError);
}

TEST(OpenedModel, AFileThatIsNoneIsRefusedInOneLine) {
  const io::TemporaryFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    io::write_file(folder / "m.safetensors", bytes);
    return error_of<io::FileError>([&] { open_model(folder / "m.safetensors"); });
  };
  EXPECT_THAT(refusal("no"), HasSubstr("m.safetensors: is cut short"));
  EXPECT_THAT(refusal(std::string(100, 'x')), HasSubstr("m.safetensors: is cut short or not a safetensors"));
  EXPECT_THAT(refusal(io::encode_safetensors({{"a", Tensor<float>({1}, {1})}})),
              HasSubstr("patch_embed.proj.weight: missing; timm's names are expected, the file has a"));
  auto tensors = io::read_safetensors(kFolder / "plain.safetensors");
  tensors[0].values[0] = std::nanf("");
  EXPECT_THAT(refusal(io::encode_safetensors(tensors)), HasSubstr("not finite"));
  const std::string whole = io::read_file(kFolder / "plain.safetensors");
  EXPECT_THAT(refusal(whole.substr(0, whole.size() - 4)), HasSubstr("the header places"));
  EXPECT_THAT(error_of<io::FileError>([&] { open_model(folder / "none.safetensors"); }),
              HasSubstr("none.safetensors: "));
}

TEST(OpenedModel, TheEstimateCoversTheLargestParts) {
  const auto path = kFolder / "plain.safetensors";
  const OpenedModel opened = open_model(path, {.heads = kHeads});
  const auto file_bytes = static_cast<Index>(std::filesystem::file_size(path));
  const nn::Vit<float>& vit = *opened.model;
  const Inside inside = look_inside(vit, *opened.weights, Tensor<float>({3, 20, 20}));
  Index numbers = inside.lens.count() + inside.lens_probabilities.count() + inside.attention.count() +
                  inside.rollouts.count() + std::ssize(opened.weights->values) +
                  std::ssize(opened.weights->transposed);
  for (const auto& [name, values] : inside.activations) numbers += values.count();
  EXPECT_GT(opening_bytes(vit, file_bytes), 4 * numbers);
  EXPECT_GE(opening_bytes(vit, Index{1} << 40), Index{1} << 40);
}

}  // namespace
}  // namespace vitrine::train
