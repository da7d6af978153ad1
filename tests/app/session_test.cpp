#include "app/shell/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "app/labs/labs.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "tests/app/app_driver.h"
#include "tests/app/recording_canvas.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::shell {
namespace {

class Session : public testing::Test {
 protected:
  const io::TemporaryFolder folder_;
  const std::filesystem::path file_ = folder_ / "session.json";
};

TEST_F(Session, ComesBackAsItWasLeft) {
  {
    AppDriver d(labs::all_labs({}));
    ASSERT_TRUE(d.app().select("sliding-window"));
    d.settle();
    d.type("x[1]", "42");
    d.key(Key::kEnd);
    d.app().settings().light = true;
    EXPECT_EQ(save_session(file_, d.app()), "");
  }
  AppDriver d(labs::all_labs({}));
  EXPECT_EQ(restore_session(file_, d.app()), "");
  EXPECT_EQ(d.lab().info().id, "sliding-window");
  EXPECT_TRUE(d.app().settings().light);
  d.settle();
  EXPECT_EQ(d.lab().playhead().t, 6);
  EXPECT_NE(widgets::plain_text(d.lab().explain()).find("y_7"), std::string::npos);
  d.key(Key::kHome);
  EXPECT_NE(widgets::plain_text(d.lab().explain()).find("1 · 42"), std::string::npos);
}

TEST_F(Session, DamagedFileIsSetAsideAndSaid) {
  for (const char* damage : {"", "{", "[1, 2]", "{\"settings\": {\"light\": \"yes\"}}", "\xff\xfe\x00"}) {
    std::ofstream(file_) << damage;
    AppDriver d(labs::all_labs({}));
    const std::string words = restore_session(file_, d.app());
    EXPECT_NE(words.find("cannot be restored"), std::string::npos) << damage;
    EXPECT_FALSE(std::filesystem::exists(file_));
    EXPECT_TRUE(std::filesystem::exists(folder_ / "session.json.damaged"));
    d.settle();
    EXPECT_FALSE(d.lab().info().id.empty());
  }
}

TEST_F(Session, OfADamagedOneNothingIsTaken) {
  std::ofstream(file_) << R"({"settings": {"light": true}, "sliding-window": {"params": {"bias": 7}},
                              "pooling": {"params": {"pool": {"kernel_rows": "three"}}}})";
  AppDriver d(labs::all_labs({}));
  save_session(file_.string() + ".before", d.app());
  EXPECT_NE(restore_session(file_, d.app()), "");
  save_session(file_.string() + ".after", d.app());
  EXPECT_EQ(io::read_file(file_.string() + ".after"), io::read_file(file_.string() + ".before"));
}

TEST_F(Session, FieldsOfOtherVersionsArePassedOver) {
  std::ofstream(file_) << R"({"settings": {"light": true, "hologram": 3}})";
  AppDriver d(labs::all_labs({}));
  EXPECT_NE(restore_session(file_, d.app()).find("hologram"), std::string::npos);
  EXPECT_TRUE(d.app().settings().light);
}

TEST_F(Session, NumbersOutOfRangeAreBroughtBack) {
  std::ofstream(file_) << R"({
    "settings": {"text_scale": "NaN"},
    "image": {"params": {"picture": {"item": -7}, "kernels": [1, 2, 3], "columns": {"stride": 0, "dilation": -1},
                         "rows": {"padding_before": 99999}},
              "view": {"playhead": {"t": "NaN", "speed": "Infinity"}}},
    "sliding-window": {"params": {"input": [[1, 2], [3, 4]], "weight": [], "bias": 5,
        "window": {"dilation": 9223372036854775807, "padding_before": 9223372036854775807}}},
    "training": {"view": {"layer": 1000000, "head": -1}}})";
  AppDriver d(labs::all_labs({}));
  EXPECT_EQ(restore_session(file_, d.app()), "");
  EXPECT_EQ(d.app().settings().text_scale, 1);
  for (const char* lab : {"image", "sliding-window"}) {
    ASSERT_TRUE(d.app().select(lab));
    d.settle();
    EXPECT_EQ(d.lab().playhead().t, 0) << lab;
    EXPECT_NE(widgets::plain_text(d.lab().explain()), "") << lab;
  }
  EXPECT_EQ(save_session(file_, d.app()), "");
  const std::string saved = io::read_file(file_);
  for (const char* kept :
       {"\"item\": 0", "\"stride\": 1", "\"padding_before\": 64", "\"dilation\": 8", "\"speed\": 1"})
    EXPECT_NE(saved.find(kept), std::string::npos) << kept;
}

TEST_F(Session, PlayheadWaitsForTheResultItBelongsTo) {
  std::ofstream(file_) << R"({"settings": {"lab": "sliding-window"}, "sliding-window": {
      "params": {"input": [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]]}, "view": {"playhead": {"t": 8.5}}}})";
  AppDriver d(labs::all_labs({}));
  EXPECT_EQ(restore_session(file_, d.app()), "");
  d.settle();
  EXPECT_EQ(d.lab().last_step(), 9);
  EXPECT_EQ(d.lab().playhead().t, 8.5);
}

// Whatever a file says is made to fit or is said to be wrong; every lab still draws, explains and can be
// edited.
TEST_F(Session, HostileValuesNeitherCrashNorStay) {
  const std::string huge = "9223372036854775807", least = "-9223372036854775808";
  const std::string digits = R"("dataset": {"kind": "digits", "train_limit": 64, "validation_limit": 64})";
  const std::string model =
      R"("model": {"embed_dim": 8, "depth": 1, "heads": 2, "head_dim": 4, "mlp_dim": 8, "patch_size": 7})";
  const std::string small_run =
      R"({"params": {"config": {"threads": 1, "batch_size": 8, "optimizer": {"betas": [0.9, 0.99], "learning_rate": 0.001}, )" +
      digits + ", " + model + "}}}";
  const std::pair<const char*, std::string> cases[] = {
      {"sliding-window", R"({"params": {"input": [], "weight": [], "bias": []}})"},
      {"sliding-window", R"({"params": {"input": [1, 2, 3], "weight": [[1, 2]], "bias": [[1], [2]]}})"},
      {"sliding-window", R"({"params": {"operation": "transposed", "output_padding": )" + huge + "}}"},
      {"sliding-window",
       R"({"params": {"window": {"stride": 0, "dilation": 0, "padding_before": -1, "padding_after": )" +
           least + "}}}"},
      {"sliding-window", R"({"params": {"window": {"stride": )" + huge + R"(, "dilation": )" + huge +
                             R"(, "padding_before": )" + huge + "}}}"},
      {"sliding-window", R"({"params": {"input": [["NaN", "Infinity"]], "weight": [[["-Infinity"]]]}})"},
      {"sliding-window", R"({"view": {"playhead": {"t": "NaN", "speed": "NaN"}}})"},
      {"sliding-window", R"({"view": {"playhead": {"t": 1e300, "speed": -1e300}}})"},
      {"one-matrix", R"({"params": {"columns": )" + huge + R"(, "kernel": [], "dense": [[]], "local": 5}})"},
      {"one-matrix", R"({"params": {"numbers": "typed", "dense": [[1, 2], [3, 4]], "seed": )" + least +
                         R"(, "sharpness": "NaN", "input": ["NaN", "Infinity"]}})"},
      {"one-matrix",
       R"({"params": {"picture": true, "rows": 0, "columns": -1, "kernel": [[1e300, "-Infinity"]],
                                    "row_window": {"stride": 0, "padding_before": )" +
           huge + "}}}"},
      {"one-matrix", R"({"view": {"playhead": {"t": 1e300, "speed": -1e300}}})"},
      {"image", R"({"params": {"kernels": [], "rows": {"stride": 0, "dilation": -7, "padding_before": )" +
                    huge + "}}}"},
      {"image", R"({"params": {"kernels": [1, 2, 3], "columns": {"stride": )" + huge + R"(, "dilation": )" +
                    huge + "}}}"},
      {"image", R"({"params": {"kernels": [[[1]]], "filter": )" + huge +
                    R"(, "picture": {"source": "Fashion-MNIST", "item": )" + huge + "}}}"},
      {"image",
       R"({"params": {"picture": {"source": "Fashion-MNIST", "item": -1}, "kernels": [[[["NaN"]]]]}})"},
      {"image", R"({"params": {"picture": {"source": "File", "file": "/proc/self/mem\u0000.png"}}})"},
      {"image", R"({"params": {"picture": {"source": "Drawing", "drawing_rows": )" + huge +
                    R"(, "dabs": [["NaN", -1, "Infinity", 1e300], [)" + huge +
                    R"(, 0, 1e9, -1]]}, "random_seed": )" + least + "}}"},
      {"attention", R"({"params": {"query": [], "key": [1], "value": [[]], "visible_keys": []}})"},
      {"attention", R"({"params": {"beta": "NaN", "scale": "beta", "query": [["NaN"]]}})"},
      {"attention", R"({"params": {"mask": "custom", "visible_keys": [[false]]}})"},
      {"training", R"({"params": {"config": {"model": {"patch_size": 0, "heads": 0, "depth": 0}}}})"},
      {"training",
       R"({"params": {"config": {"model": {"embed_dim": 16384, "depth": 256, "mlp_dim": 65536}}}})"},
      {"training",
       R"({"params": {"config": {"threads": )" + huge + R"(, "batch_size": 0}, "probe": )" + least + "}}"},
      {"training",
       R"({"params": {"config": {"threads": -1, "optimizer": {"betas": [], "learning_rate": "NaN"}}}})"},
      {"training", R"({"params": {"config": {"dataset": {"kind": "idx", "path": "/proc"}}}})"},
      {"training", R"({"params": {"config": {)" + digits + R"(}, "probe": )" + least +
                       R"(}, "view": {"layer": )" + huge + R"(, "head": -1}})"}};
  for (const auto& [lab, state] : cases) {
    SCOPED_TRACE(state);
    std::ofstream(file_) << R"({"settings": {"lab": ")" << lab << R"(", "text_scale": "NaN"}, ")" << lab
                         << "\": " << state << "}";
    AppDriver d(labs::all_labs({}));
    EXPECT_EQ(restore_session(file_, d.app()), "");
    EXPECT_EQ(d.app().settings().text_scale, 1);
    d.settle();
    for (const Key key : {Key::kEnd, Key::kHome, Key::kRight, Key::kLeft}) d.key(key);
    EXPECT_TRUE(std::isfinite(d.lab().playhead().t));
    EXPECT_GE(d.lab().playhead().t, 0);
    EXPECT_LE(d.lab().playhead().t, d.lab().last_step());
    d.click(d.find("stage").center());
    // What was made to fit is saved as such, and the lab works on from a preset.
    EXPECT_EQ(save_session(file_, d.app()), "");
    if (std::string_view(lab) == "training")
      load_state(small_run, d.lab());
    else
      ASSERT_TRUE(d.lab().load_preset(d.lab().presets().back()));
    d.settle();
    EXPECT_FALSE(widgets::plain_text(d.lab().explain()).empty());
  }
}

// With nothing to look at from the first frame on.
TEST_F(Session, ARunThatCannotBeginIsExplained) {
  const std::string impossible = R"({"model": {"patch_size": 5}})";
  std::ofstream(file_) << R"({"training": {"params": {"config": )" << impossible
                       << R"(}}, "trio": {"params": {"contest": {"reference": )" << impossible << "}}}}";
  AppDriver d(labs::all_labs({}));
  EXPECT_EQ(restore_session(file_, d.app()), "");
  for (const char* lab : {"training", "inside", "probe", "trio"}) {
    ASSERT_TRUE(d.app().select(lab));
    d.settle();
    EXPECT_NE(d.lab().explain().words.find("patch_size 5"), std::string::npos)
        << lab << ": " << d.lab().explain().words;
  }
}

// A lab, and one of its exhibits where it has several with controls of their own.
struct Shown {
  std::string lab, exhibit;
};

std::vector<Shown> all_shown() {
  std::vector<Shown> all;
  for (const auto& lab : labs::all_labs({})) all.push_back({std::string(lab->info().id), ""});
  for (const char* exhibit : {"Filters", "Positions", "Mistakes", "Norms"})
    all.push_back({"inside", exhibit});
  for (const char* exhibit : {"Learning-rate test", "Sweep"}) all.push_back({"runs", exhibit});
  all.push_back({"trio", "shift"});
  return all;
}

std::string name_of(const Shown& shown) {
  std::string name = shown.lab + (shown.exhibit.empty() ? "" : "_" + shown.exhibit);
  std::ranges::replace_if(
      name, [](char c) { return c == '-' || c == ' '; }, '_');
  return name;
}

// Runs so small that rubbish is soon found out.
void make_small(App& app) {
  const std::string run = R"("dataset": {"kind": "digits", "train_limit": 64, "validation_limit": 64},
      "model": {"embed_dim": 32, "depth": 1, "heads": 2, "head_dim": 8, "mlp_dim": 64, "patch_size": 14},
      "batch_size": 8, "threads": 1)";
  app.select("trio");
  load_state(R"({"params": {"contest": {"reference": {)" + run + "}}}}", app.lab());
  app.select("training");
  load_state(R"({"params": {"config": {)" + run + "}}}", app.lab());
}

// The places of a state's fields; of a list's elements the first stands for all.
std::set<std::string> places_of(const nlohmann::json& state) {
  std::set<std::string> places;
  const auto flat = state.flatten();
  for (const auto& [place, value] : flat.items())
    if (nlohmann::json::json_pointer at(place);
        at.back().find_first_not_of("0123456789") != std::string::npos)
      places.insert(place);
    else
      places.insert(at.parent_pointer().to_string());
  return places;
}

nlohmann::json state_of(labs::Lab& lab) {
  io::JsonWriter writer;
  lab.describe(writer);
  return nlohmann::json::parse(writer.text());
}

// NaN differs from itself: every frame would see an edit of it and remember it.
TEST_F(Session, ANumberThatIsNoneIsNotAnEditOfEveryFrame) {
  for (const auto& [lab, config] : {std::pair("training", "config"), std::pair("trio", "contest")}) {
    AppDriver d(labs::all_labs({}));
    make_small(d.app());
    ASSERT_TRUE(d.app().select(lab));
    const std::string nan = R"({"optimizer": {"learning_rate": "NaN"}})";
    load_state(R"({"params": {")" + std::string(config) +
                   "\": " + (lab == std::string("trio") ? R"({"reference": )" + nan + "}" : nan) + "}}",
               d.lab());
    d.settle();
    int edits = 0;
    for (; d.lab().can_undo(); ++edits) d.lab().undo();
    EXPECT_LE(edits, 2) << lab << ": the small run, and this";
  }
}

class State : public testing::TestWithParam<Shown> {};

// Every field of a lab's state, as it saves it, in turn holds what no hand would enter.
TEST_P(State, AnyFieldMayHoldRubbish) {
  const nlohmann::json rubbish[] = {std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min(),
                                    0,
                                    -1,
                                    1e300,
                                    "NaN",
                                    "-Infinity",
                                    nlohmann::json::array(),
                                    nlohmann::json::array({{1, 2}, {3, 4}})};
  const auto& [id, exhibit] = GetParam();
  AppDriver d(labs::all_labs({}));
  make_small(d.app());
  ASSERT_TRUE(d.app().select(id));
  if (!exhibit.empty()) load_state(R"({"view": {"exhibit": ")" + exhibit + "\"}}", d.lab());
  d.settle();
  const auto saved = state_of(d.lab());
  std::set<std::string> places = places_of(saved);
  if (!exhibit.empty())  // the others were tried with the first exhibit
    std::erase_if(places, [](const std::string& place) { return !place.starts_with("/view"); });
  EXPECT_GE(places.size(), exhibit.empty() ? 8u : 2u);
  for (const std::string& place : places)
    for (const auto& value : rubbish) {
      nlohmann::json state = saved;
      state[nlohmann::json::json_pointer(place)] = value;
      SCOPED_TRACE(id + " " + place + " = " + value.dump());
      try {
        load_state(state.dump(), d.lab());
      } catch (const io::FormatError& error) {
        EXPECT_STRNE(error.what(), "") << "what is of the wrong kind is said to be";
      }
      d.settle();
      EXPECT_TRUE(std::isfinite(d.lab().playhead().t));
      RecordingCanvas canvas;
      ASSERT_NO_THROW(d.lab().draw(canvas));
      EXPECT_FALSE(canvas.texts.empty());
      const widgets::Equation said = d.lab().explain();
      EXPECT_FALSE(said.lines.empty() && said.words.empty());
    }
  load_state(saved.dump(), d.lab());
  d.settle();
  EXPECT_EQ(state_of(d.lab()), saved) << "nothing of it stays";
}

INSTANTIATE_TEST_SUITE_P(Labs, State, testing::ValuesIn(all_shown()),
                         [](const auto& shown) { return name_of(shown.param); });

TEST_F(Session, ReadOnlyFolderIsSaidNotThrown) {
  AppDriver d(labs::all_labs({}));
  EXPECT_NE(save_session("/proc/nowhere/session.json", d.app()).find("cannot be saved"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::shell
