#include "app/labs/compute_lab.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/app/app_driver.h"

namespace vitrine::labs {
namespace {

// An edit that can be computed, one that validate() refuses and one whose computation fails.
struct Picky {
  static constexpr LabInfo kInfo{Wing::kLearning, "picky", "Picky", "Not every number will do.", "n",
                                 "nobody"};
  struct Params {
    core::Index n = 0;
    bool operator==(const Params&) const = default;
    void describe(core::Fields& f) { f.field("n", n); }
  };
  struct View {
    widgets::Playhead playhead;
    void describe(core::Fields&) {}
    void unpin() {}
  };
  struct Result {
    core::Index n;
  };
  static std::vector<Preset<Params>> presets() { return {{"fine", {0}}, {"refused", {1}}, {"failing", {2}}}; }
  static void controls(Params&, widgets::Controls&) {}
  static std::vector<Problem> validate(const Params& p) {
    return p.n == 1 ? std::vector<Problem>{{"n", "must not be 1"}} : std::vector<Problem>{};
  }
  static Result compute(const Params& p, std::stop_token) {
    if (p.n == 2) throw std::invalid_argument("2 is too large");
    return {p.n};
  }
  static int last_step(const Result&) { return 0; }
  static void draw(const std::shared_ptr<const Result>&, View&, widgets::Canvas&) {}
  static widgets::Equation explain(const Result&, const View&) { return {}; }
  static lessons::Symbols numbers(const Result& r, const View&) {
    return {{"n", lessons::number(static_cast<double>(r.n))}};
  }
  static std::string code(const Result&, const View&) { return ""; }
  static bool open(const std::filesystem::path&, Params&) { return false; }
};

TEST(ComputeLab, AnErrorIsSaidWheneverItsEditIsBack) {
  LabDriver<Picky> d;
  const auto error_of = [&](const char* preset) {
    d.lab().load_preset(preset);
    d.settle();
    return d.topic().error();
  };
  EXPECT_EQ(error_of("failing"), "2 is too large");
  EXPECT_EQ(d.result().n, 0) << "the last good result stays";
  EXPECT_EQ(error_of("refused"), "");
  EXPECT_EQ(error_of("failing"), "2 is too large");
  EXPECT_EQ(error_of("fine"), "");
}

// Two presets that open at a moment and an exhibit of their own.
struct Timed {
  static constexpr LabInfo kInfo{Wing::kLearning, "timed", "Timed", "Opens in the middle.", "t", "nobody"};
  using Params = Picky::Params;
  struct View {
    widgets::Playhead playhead;
    int exhibit = 0;
    void describe(core::Fields&) {}
    void unpin() {}
  };
  struct Result {};
  static std::vector<Preset<Params>> presets() { return {{"first", {0}, 2, 1}, {"second", {1}, 5.5, 3}}; }
  static void controls(Params&, widgets::Controls&) {}
  static std::vector<Problem> validate(const Params&) { return {}; }
  static Result compute(const Params&, std::stop_token) { return {}; }
  static int last_step(const Result&) { return 9; }
  static void draw(const std::shared_ptr<const Result>&, View&, widgets::Canvas&) {}
  static widgets::Equation explain(const Result&, const View&) { return {}; }
  static lessons::Symbols numbers(const Result&, const View&) { return {}; }
  static std::string code(const Result&, const View&) { return ""; }
  static bool open(const std::filesystem::path&, Params&) { return false; }
};

TEST(ComputeLab, OpensWhereItsPresetDoes) {
  LabDriver<Timed> d;
  EXPECT_EQ(d.lab().playhead().t, 2);
  EXPECT_EQ(d.topic().view().exhibit, 1);
  d.click("second");
  EXPECT_EQ(d.lab().playhead().t, 5.5);
  EXPECT_EQ(d.topic().view().exhibit, 3);
}

}  // namespace
}  // namespace vitrine::labs
