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

}  // namespace
}  // namespace vitrine::labs
