// Golden pictures: each lab at two times, drawn off screen and held against the picture in tests/golden. To
// accept what is drawn now, run with VITRINE_UPDATE_GOLDEN=1 and look at every picture before committing it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <ostream>

#include "app/shell/picture.h"
#include "engine/core/instruction_set.h"
#include "engine/io/image.h"
#include "engine/train/checkpoint.h"

namespace vitrine::shell {
namespace {

struct Golden {
  std::string name, lab, preset;
  double at;
  bool light;
  bool recorded = false;  // with the run in tests/golden/run, not one that is trained now
};

void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.name; }

class GoldenPicture : public testing::TestWithParam<Golden> {};

void write(const std::filesystem::path& path, const Picture& picture) {
  std::vector<std::uint8_t> bytes;
  for (const gpu::Rgba8 p : picture.pixels) bytes.insert(bytes.end(), {p.r, p.g, p.b});
  io::write_png(path, picture.size.height, picture.size.width, 3, bytes);
}

// The share of pixels that differ by more than a tenth in some channel: another processor may round a digit
// or an edge's grey differently, but not move, hide or recolour anything.
double share_that_differs(const Picture& drawn, const core::Tensor<float>& golden) {
  const core::Index height = golden.size(1), width = golden.size(2);
  std::size_t differ = 0;
  for (core::Index i = 0; i < height * width; ++i) {
    const gpu::Rgba8 p = drawn.pixels[static_cast<std::size_t>(i)];
    const float now[] = {p.r / 255.0f, p.g / 255.0f, p.b / 255.0f};
    bool same = true;
    for (core::Index c = 0; c < 3; ++c)
      same = same && std::abs(now[c] - golden[c * height * width + i]) < 0.1f;
    differ += same ? 0 : 1;
  }
  return static_cast<double>(differ) / static_cast<double>(height * width);
}

void expect_as_it_was(const std::string& name, const PictureOptions& options) {
  const Picture drawn = take_picture(options);
  const auto golden = std::filesystem::path(VITRINE_GOLDEN_DIR) / (name + ".png");
  if (std::getenv("VITRINE_UPDATE_GOLDEN")) {
    write(golden, drawn);
    GTEST_SKIP() << "rewritten: " << golden;
  }
  const io::Image expected = io::read_image(golden);
  ASSERT_EQ(expected.pixels.shape(), (core::Shape{3, drawn.size.height, drawn.size.width}));
  const double share = share_that_differs(drawn, expected.pixels);
  if (share > 0.002) {
    const auto seen = std::filesystem::path(testing::TempDir()) / ("golden_" + name + ".png");
    write(seen, drawn);
    FAIL() << 100 * share << " % of the pixels differ from " << golden << "; drawn now: " << seen;
  }
}

TEST_P(GoldenPicture, IsDrawnAsItWas) {
  const Golden& g = GetParam();
  PictureOptions options;
  options.lab = g.lab;
  options.preset = g.preset;
  options.at = g.at;
  options.light = g.light;
  if (g.recorded) {
    options.opened = std::filesystem::path(VITRINE_GOLDEN_DIR) / "run";
    const auto run = train::read_checkpoint(options.opened / "checkpoint.bin").record.run;
    if (run.instruction_set != core::instruction_set())
      GTEST_SKIP() << "this build rounds otherwise than the recorded run's, and says so in the picture";
  }
  expect_as_it_was(g.name, options);
}

// What stands open beside a lab, and the presenter.
struct Classroom {
  std::string name;
  std::string card = {}, lesson = {}, answer = {};
  int step = 1;
  bool light = false, presenter = false;
};
void PrintTo(const Classroom& classroom, std::ostream* out) { *out << classroom.name; }

class GoldenClassroom : public testing::TestWithParam<Classroom> {};

TEST_P(GoldenClassroom, IsDrawnAsItWas) {
  const Classroom& c = GetParam();
  PictureOptions options;
  options.card = c.card;
  options.lesson = c.lesson;
  options.answer = c.answer;
  options.step = c.step;
  options.light = c.light;
  options.presenter = c.presenter;
  expect_as_it_was(c.name, options);
}

INSTANTIATE_TEST_SUITE_P(
    All, GoldenClassroom,
    testing::Values(
        Classroom{.name = "card_named_wrong", .card = "stride-and-padding", .answer = "6"},
        Classroom{
            .name = "card_right", .card = "self-attention", .answer = "softmax(Q K^T) V", .light = true},
        Classroom{.name = "lesson_asks", .lesson = "sliding-window", .step = 2, .light = true},
        Classroom{.name = "lesson_shows", .lesson = "attention", .answer = "A", .step = 3},
        Classroom{.name = "lesson_task", .lesson = "sliding-window", .step = 4, .light = true},
        Classroom{.name = "presenter_lesson", .lesson = "sliding-window", .step = 1, .presenter = true},
        Classroom{.name = "presenter_lesson_light",
                  .lesson = "attention",
                  .step = 1,
                  .light = true,
                  .presenter = true}),
    [](const auto& test) { return test.param.name; });

// A picture without a moment is taken at the preset's own.
TEST(Picture, OpensWhereThePresetDoes) {
  PictureOptions options;
  options.lab = "attention";
  options.preset = "Hard";
  options.size = {640, 400};
  const Picture own = take_picture(options);
  options.at = 13;
  const Picture same = take_picture(options);
  options.at = 0;
  const Picture start = take_picture(options);
  const auto equal = [](const Picture& a, const Picture& b) {
    return std::equal(a.pixels.begin(), a.pixels.end(), b.pixels.begin(),
                      [](gpu::Rgba8 p, gpu::Rgba8 q) { return p.r == q.r && p.g == q.g && p.b == q.b; });
  };
  EXPECT_TRUE(equal(own, same));
  EXPECT_FALSE(equal(own, start));
}

INSTANTIATE_TEST_SUITE_P(
    Labs, GoldenPicture,
    testing::Values(Golden{"image_start", "image", "Boot, edges", 0, false},
                    Golden{"image_middle", "image", "Colour, 32 filters", 4500, true},
                    Golden{"sliding_moving", "sliding-window", "Same", 3.25, false},
                    Golden{"sliding_end", "sliding-window", "Five channels", 2, true},
                    Golden{"matrix_sharing", "one-matrix", "", 1.25, false},
                    Golden{"matrix_picture", "one-matrix", "Mean of 2 × 2", 2, true},
                    Golden{"pooling_harmed", "pooling", "Drop the shared pixel", 2.35, false},
                    Golden{"pooling_picture", "pooling", "Harmed picture", 1200, true},
                    Golden{"sizes_stack", "layer-sizes", "LeNet-5", 2.3, false},
                    Golden{"sizes_one", "layer-sizes", "", 0, true},
                    Golden{"backward_weights", "backward", "", 4.3, false},
                    Golden{"backward_end", "backward", "Picture", 100, true},
                    Golden{"shift_border", "shift", "Border", 1.3, true},
                    Golden{"shift_stack", "shift", "Stack", 4, false},
                    Golden{"attention_scores", "attention", "", 7.25, false},
                    Golden{"attention_end", "attention", "Causal", 100, true},
                    Golden{"attention_mask", "attention", "Wrong mask", 100, false},
                    Golden{"heads_sentence", "heads", "", 5.3, false},
                    Golden{"heads_picture", "heads", "Digit", 100, true},
                    Golden{"positions_waves", "positions", "Waves", 11.3, true},
                    Golden{"positions_learned", "positions", "Learned by a ViT", 20, false},
                    Golden{"scaling_samples", "scaling", "d = 64", 100, true},
                    Golden{"encoder_forward", "encoder", "One block", 12.3, false},
                    Golden{"encoder_backward", "encoder", "Backward", 100, true},
                    Golden{"gated_exploding", "gated-rnn", "Exploding", 100, true},
                    Golden{"gated_backward", "gated-rnn", "Back through time", 6.3, false},
                    Golden{"attending_past", "attention-rnn", "All of the past", 20.3, true},
                    Golden{"attending_backward", "attention-rnn", "The gradient's many ways", 100, false},
                    Golden{"training_start", "training", "Demo, digits", 0, true},
                    Golden{"training_learning", "training", "Demo, digits", 60, false},
                    Golden{"training_recorded", "training", "", 0, false, true},
                    Golden{"inside_heads", "inside", "Attention", 0, true, true},
                    Golden{"inside_lens", "inside", "Lens", 0, false, true},
                    Golden{"runs_recorded", "runs", "Runs", 0, true, true},
                    Golden{"trio_start", "trio", "Digits, equal parameters", 0, false},
                    Golden{"probe_tokens", "probe", "ViT, digits", 60, false},
                    Golden{"probe_layers", "probe", "CNN, digits", 10, true}),
    [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace vitrine::shell
