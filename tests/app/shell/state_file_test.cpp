// States as files and lines: whole or not at all, of every lab, and whatever a stranger has written into one.
#include "app/shell/state_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/labs/labs.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::shell {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A run so small that nobody waits for it.
constexpr const char* kSmallRun =
    R"({"dataset": {"kind": "digits", "train_limit": 64, "validation_limit": 64},
    "model": {"embed_dim": 8, "depth": 1, "heads": 2, "head_dim": 4, "mlp_dim": 8, "patch_size": 14},
    "threads": 1, "batch_size": 8})";

bool is_learning(const labs::LabInfo& lab) { return lab.wing == labs::Wing::kLearning; }

void make_small(App& app) {
  app.select("training");
  load_state(R"({"params": {"config": )" + std::string(kSmallRun) + "}}", app.lab());
  app.select("trio");
  load_state(R"({"params": {"contest": {"reference": )" + std::string(kSmallRun) + "}}}", app.lab());
}

json lab_state(labs::Lab& lab) {
  io::JsonWriter writer;
  lab.describe(writer);
  return json::parse(writer.text());
}

std::string whole_state(App& app) {
  io::JsonWriter writer;
  app.describe(writer);
  return writer.text();
}

// The open lab's state with something else in it.
std::string changed(App& app, const json& change) {
  json state = json::parse(state_text(app));
  state.merge_patch(change);
  return state.dump();
}

TEST(StateFile, EveryLabComesBackAsItWas) {
  AppDriver here(labs::all_labs({}));
  make_small(here.app());
  for (const labs::LabInfo* info : here.app().labs()) {
    SCOPED_TRACE(info->id);
    ASSERT_TRUE(here.app().select(info->id));
    if (const auto presets = here.lab().presets(); !presets.empty() && !is_learning(*info))
      here.lab().load_preset(presets.back());
    here.lab().playhead().speed = 2;
    const std::string text = state_text(here.app());
    AppDriver there(labs::all_labs({}));
    EXPECT_EQ(open_state(text, "", there.app()), "");
    EXPECT_EQ(there.lab().info().id, info->id);
    EXPECT_EQ(lab_state(there.lab()), lab_state(here.lab()));
    EXPECT_EQ(lab_of_state(text), info->id);
  }
}

TEST(StateFile, ALineComesBackFromWhateverIsAroundIt) {
  AppDriver here(labs::all_labs({}));
  ASSERT_TRUE(here.app().select("attention"));
  here.lab().load_preset(here.lab().presets().back());
  const std::string line = state_line(here.app());
  EXPECT_EQ(line.find('\n'), line.npos);
  EXPECT_EQ(line.find("  "), line.npos);
  EXPECT_EQ(json::parse(line), json::parse(state_text(here.app())));
  for (const auto& [before, after] :
       {std::pair("", ""), std::pair("  \n", "\r\n"), std::pair("\"", "\""), std::pair("“", "”"),
        std::pair("```json\n", "\n```\n"), std::pair("`", "`"), std::pair("```\n", "\n```")}) {
    SCOPED_TRACE(before);
    AppDriver there(labs::all_labs({}));
    EXPECT_EQ(open_state(state_in(before + line + after), "", there.app()), "");
    EXPECT_EQ(lab_state(there.lab()), lab_state(here.lab()));
  }
}

TEST(StateFile, OtherTextIsNoState) {
  for (const char* text : {"", "{}", "vitrine", R"({"lab": "image"})", R"(look at this: {"vitrine": "1"})",
                           "}{", R"({"vitrine": "1"} and more)", "```json\n```"})
    EXPECT_EQ(state_in(text), "") << text;
}

TEST(StateFile, WhatIsWrongIsSaidAndChangesNothing) {
  AppDriver d(labs::all_labs({}));
  ASSERT_TRUE(d.app().select("image"));
  d.settle();
  const std::string good = state_text(d.app()), before = whole_state(d.app());
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"[1, 2]", "an object is expected"},
      {"{}", "no state of Vitrine"},
      {R"({"lab": "image"})", "no state of Vitrine"},
      {R"({"vitrine": "0.1.0"})", "names no \"lab\""},
      {R"({"vitrine": "0.1.0", "lab": "hologram"})", "there is no lab \"hologram\""},
      {R"({"vitrine": 7, "lab": "image"})", "vitrine"},
      {R"({"vitrine": "0.1.0", "lab": "image", "lab": "image"})", "lab"},
      {changed(d.app(), {{"params", 3}}), "params"},
      {changed(d.app(), {{"params", {{"columns", {{"stride", 2}}}}}, {"view", {{"playhead", "now"}}}}),
       "view.playhead"},
      {changed(d.app(), {{"view", {{"playhead", {{"t", 3}, {"speed", "fast"}}}}}}), "view.playhead.speed"},
      {changed(d.app(), {{"params", {{"picture", {{"file", "/etc/passwd"}}}}}}), "params.picture.file"},
      {changed(d.app(), {{"params", {{"picture", {{"file", "../up.png"}}}}}}), "params.picture.file"}};
  for (const auto& [text, words] : cases) {
    SCOPED_TRACE(text.substr(0, 200));
    const std::string said = io::error_of<io::FormatError>([&] { open_state(text, "/tmp", d.app()); });
    EXPECT_NE(said, "");
    EXPECT_NE(said.find(words), said.npos) << said;
    EXPECT_EQ(said.find('\n'), said.npos) << said;
    EXPECT_EQ(whole_state(d.app()), before);
    EXPECT_FALSE(d.lab().can_undo());
  }
  for (std::size_t cut = 0; cut < good.size() - 3; cut += 7) {
    EXPECT_THROW(open_state(good.substr(0, cut), "", d.app()), io::FormatError) << cut;
    ASSERT_EQ(whole_state(d.app()), before) << cut;
  }
  EXPECT_THROW(open_state(std::string(kStateLimit_bytes + 1, ' '), "", d.app()), io::FormatError);
}

TEST(StateFile, OtherVersionsSayWhatTheyKnowMore) {
  AppDriver d(labs::all_labs({}));
  ASSERT_TRUE(d.app().select("sliding-window"));
  const std::string newer = "of a newer version", unknown = "fields that this version does not know";
  EXPECT_NE(open_state(changed(d.app(), {{"vitrine", "99.0"}}), "", d.app()).find(newer), std::string::npos);
  EXPECT_EQ(open_state(changed(d.app(), {{"vitrine", "0.0.1"}}), "", d.app()), "");
  EXPECT_EQ(open_state(changed(d.app(), {{"vitrine", "today's"}}), "", d.app()), "");
  EXPECT_EQ(open_state(
                changed(d.app(), {{"vitrine", "99"}, {"params", {{"a", 1}}}, {"view", {{"b", 2}}}, {"c", 3}}),
                "", d.app()),
            "fields of a newer version were passed over: params.a and 2 more");
  EXPECT_EQ(open_state(changed(d.app(), {{"params", {{"a", 1}}}}), "", d.app()),
            "fields that this version does not know were passed over: params.a");
}

long peak_mib() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

// The places in a state of the numbers that have names; a matrix's cells may hold anything.
std::vector<std::string> named_numbers(const json& state) {
  std::vector<std::string> places;
  const json flat = state.flatten();
  for (const auto& [place, value] : flat.items())
    if (value.is_number() && !(place.back() >= '0' && place.back() <= '9')) places.push_back(place);
  return places;
}

// Every number of every lab's state in turn is larger than anything could hold: it is made to fit, and
// nothing is allocated for it. (What a run of such a size says is the learning labs' own test.)
TEST(StateFile, HugeNumbersCostNothing) {
  constexpr auto kHuge = std::numeric_limits<std::int64_t>::max();
  AppDriver d(labs::all_labs({}));
  const long before_mib = peak_mib();
  for (const labs::LabInfo* info : d.app().labs()) {
    if (is_learning(*info)) continue;
    ASSERT_TRUE(d.app().select(info->id));
    d.settle();
    const std::string text = state_text(d.app());
    const json state = json::parse(text);
    const std::vector<std::string> places = named_numbers(state);
    EXPECT_GT(places.size(), 1u) << info->id;
    for (const std::string& place : places) {
      SCOPED_TRACE(std::string(info->id) + " " + place);
      json hostile = state;
      hostile[json::json_pointer(place)] = kHuge;
      open_state(hostile.dump(), "", d.app());
      d.settle();
      const widgets::Equation said = d.lab().explain();
      EXPECT_FALSE(said.lines.empty() && said.words.empty());
      const bool is_seed = place.find("seed") != place.npos;
      if (!is_seed && place.starts_with("/params")) {
        EXPECT_LT(lab_state(d.lab())[json::json_pointer(place)].get<double>(), 1e10);
      }
    }
    open_state(text, "", d.app());
    d.settle();
    EXPECT_EQ(lab_state(d.lab())["params"], state["params"]) << "nothing of it stays";
  }
  EXPECT_LT(peak_mib() - before_mib, 1024);
}

TEST(StateFile, NamesTheFilesBesideItAndNoOthers) {
  const io::TemporaryFolder folder;
  AppDriver d(labs::all_labs({}));
  ASSERT_TRUE(d.app().select("image"));
  load_state(
      R"({"params": {"picture": {"source": "File", "file": ")" + (folder / "cat.png").string() + "\"}}}",
      d.lab());
  const std::string text = state_text(d.app());
  EXPECT_EQ(json::parse(text)["params"]["picture"]["file"], "cat.png");
  EXPECT_EQ(look_at_state(d.lab()).files, std::vector<fs::path>{folder / "cat.png"});
  io::write_file(folder / "a.vitrine", text);
  AppDriver there(labs::all_labs({}));
  EXPECT_EQ(open_state(folder / "a.vitrine", there.app()), "");
  EXPECT_EQ(lab_state(there.lab()), lab_state(d.lab()));
  // A line has no folder.
  EXPECT_NE(open_state(state_line(d.app()), "", there.app()).find("cat.png"), std::string::npos);
  EXPECT_EQ(look_at_state(there.lab()).files, std::vector<fs::path>{"/dev/null/cat.png"});
}

TEST(StateFile, TheDigestIsOfWhatIsComputedAndNotOfTheLook) {
  AppDriver d(labs::all_labs({}));
  ASSERT_TRUE(d.app().select("sliding-window"));
  const auto before = look_at_state(d.lab()).digest;
  d.lab().playhead().t = 3;
  EXPECT_EQ(look_at_state(d.lab()).digest, before);
  load_state(R"({"params": {"input": [[7, 8, 9]]}})", d.lab());
  EXPECT_NE(look_at_state(d.lab()).digest, before);
  d.lab().undo();
  EXPECT_EQ(look_at_state(d.lab()).digest, before);
}

TEST(StateFile, AnExerciseStandsOpenAgainBesideIt) {
  AppDriver here(labs::all_labs({}));
  ASSERT_TRUE(here.app().panel().open_card("stride-and-padding", here.app()));
  here.app().panel().desk()->go_to(1);
  const std::string lab(here.lab().info().id);
  const std::string text = state_text(here.app());
  AppDriver there(labs::all_labs({}));
  EXPECT_EQ(open_state(text, "", there.app()), "");
  ASSERT_TRUE(there.app().panel().desk());
  EXPECT_EQ(there.app().panel().desk()->card().id, "stride-and-padding");
  EXPECT_EQ(there.app().panel().desk()->at(), 1u);
  EXPECT_EQ(there.lab().info().id, lab);
}

TEST(StateFile, ALessonStandsAtItsStepAndTheLabAsInTheFile) {
  AppDriver here(labs::all_labs({}));
  ASSERT_TRUE(here.app().select("sliding-window"));
  load_state(R"({"params": {"input": [[1, 2, 3, 4, 5, 6, 7, 8]]}})", here.lab());
  here.settle();
  here.lab().playhead().t = 2;
  const std::string text = changed(here.app(), {{"lesson", {{"id", "sliding-window"}, {"step", 3}}}});
  AppDriver there(labs::all_labs({}));
  EXPECT_EQ(open_state(text, "", there.app()), "");
  there.frames(30);
  ASSERT_TRUE(there.app().panel().walk());
  EXPECT_EQ(there.app().panel().walk()->at(), 2u);
  EXPECT_EQ(lab_state(there.lab())["params"], lab_state(here.lab())["params"]);
  EXPECT_EQ(there.lab().playhead().t, 2);
  EXPECT_NE(
      open_state(changed(here.app(), {{"lesson", {{"id", "nowhere"}}}}), "", there.app()).find("not here"),
      std::string::npos);
}

class FilesByHand : public testing::Test {
 protected:
  FilesByHand() {
    d.app().select("sliding-window");
    d.settle();
    d.app().settings().recent = {(folder / "earlier.vitrine").string()};  // the dialogs open there
  }
  std::string shown() { return d.app().files().shown_name(d.app()); }
  void save_as(const std::string& name) {
    d.key(Key::kS, true, true);
    d.click("file name");
    d.key(Key::kA, true);
    d.write(name);
    d.click(d.app().items().find("Save") ? "Save" : "Replace");
  }

  const io::TemporaryFolder folder;
  AppDriver d{labs::all_labs({}), 1280, 900};
};

TEST_F(FilesByHand, TheFirstTimeAsksWhereThenTheSameFileIsWritten) {
  d.key(Key::kS, true);
  ASSERT_TRUE(d.app().items().find("file name"));
  d.click("file name");
  d.key(Key::kA, true);
  d.write("mine");
  d.click("Save");
  EXPECT_EQ(d.app().message(), "");
  ASSERT_TRUE(fs::exists(folder / "mine.vitrine"));
  EXPECT_EQ(shown(), "mine.vitrine");
  d.type("x[1]", "42");
  EXPECT_EQ(shown(), "mine.vitrine ·");
  const std::string before = io::read_file(folder / "mine.vitrine");
  d.key(Key::kS, true);
  EXPECT_FALSE(d.app().items().find("file name"));
  EXPECT_NE(io::read_file(folder / "mine.vitrine"), before);
  EXPECT_EQ(shown(), "mine.vitrine");
  d.app().select("attention");
  EXPECT_EQ(shown(), "") << "each lab has its own";
}

TEST_F(FilesByHand, AFileThatIsThereIsReplacedOnlyByItsButton) {
  io::write_file(folder / "there.vitrine", "old");
  d.key(Key::kS, true, true);
  d.click("file name");
  d.key(Key::kA, true);
  d.write("there");
  d.key(Key::kEnter);
  EXPECT_EQ(io::read_file(folder / "there.vitrine"), "old");
  EXPECT_FALSE(d.app().items().find("Save"));
  d.click("Replace");
  EXPECT_NE(io::read_file(folder / "there.vitrine"), "old");
  save_as("other");
  EXPECT_TRUE(fs::exists(folder / "other.vitrine"));
}

TEST_F(FilesByHand, AStateIsOpenedFromTheDialogAndOfferedAgain) {
  d.type("x[1]", "42");
  save_as("a");
  d.lab().undo();
  d.app().select("attention");
  d.settle();
  d.key(Key::kO, true);
  d.click("file a.vitrine");
  EXPECT_EQ(d.lab().info().id, "sliding-window");
  EXPECT_EQ(lab_state(d.lab())["params"]["input"][0][0], 42);
  EXPECT_EQ(d.app().settings().recent.front(), (folder / "a.vitrine").string());
  fs::remove(folder / "a.vitrine");
  d.key(Key::kO, true);
  d.click("recent 1");
  EXPECT_NE(d.app().message().find("no longer there"), std::string::npos) << d.app().message();
  EXPECT_EQ(d.app().settings().recent, std::vector{(folder / "earlier.vitrine").string()});
}

TEST_F(FilesByHand, AtMostTenAreOfferedTheLastOneFirst) {
  for (int i = 0; i < 14; ++i) Files::remember(folder / (std::to_string(i % 12) + ".vitrine"), d.app());
  const auto& recent = d.app().settings().recent;
  ASSERT_EQ(recent.size(), kMostRecent);
  EXPECT_EQ(recent.front(), (folder / "1.vitrine").string());
  EXPECT_EQ(recent[1], (folder / "0.vitrine").string());
  EXPECT_EQ(recent[2], (folder / "11.vitrine").string());
}

TEST_F(FilesByHand, ALineGoesOverTheClipboard) {
  d.type("x[1]", "42");
  const json before = lab_state(d.lab());
  d.key(Key::kC, true, true);
  d.lab().undo();
  d.app().select("attention");
  d.settle();
  d.key(Key::kV, true);
  EXPECT_EQ(d.app().message(), "");
  EXPECT_EQ(d.lab().info().id, "sliding-window");
  EXPECT_EQ(lab_state(d.lab())["params"], before["params"]);
  ImGui::SetClipboardText("{\"vitrine\": \"0.1.0\", \"lab\": \"image\", \"params\": 1}");
  d.key(Key::kV, true);
  EXPECT_NE(d.app().message().find("params"), std::string::npos);
  EXPECT_EQ(d.lab().info().id, "sliding-window");
  ImGui::SetClipboardText("milk, bread");
  d.key(Key::kV, true);
  EXPECT_NE(d.app().message().find("neither a state nor a matrix"), std::string::npos);
}

TEST_F(FilesByHand, WhatCannotBeWrittenIsSaidAndTheStateStays) {
  fs::create_directory(folder / "gone");
  io::write_file(folder / "gone" / "a.vitrine", state_text(d.app()));
  d.app().open(folder / "gone" / "a.vitrine");
  EXPECT_EQ(shown(), "a.vitrine");
  d.type("x[1]", "42");
  fs::remove_all(folder / "gone");
  io::write_file(folder / "gone", "no folder");
  const std::string before = state_text(d.app());
  d.key(Key::kS, true);
  EXPECT_NE(d.app().message().find("The state cannot be saved"), std::string::npos) << d.app().message();
  EXPECT_EQ(state_text(d.app()), before);
  EXPECT_EQ(shown(), "a.vitrine ·");
  EXPECT_EQ(io::read_file(folder / "gone"), "no folder");
}

TEST_F(FilesByHand, ADamagedFileIsSaidInOneLineAndChangesNothing) {
  io::write_file(folder / "bad.vitrine", state_text(d.app()).substr(0, 40));
  const std::string before = whole_state(d.app());
  d.app().open(folder / "bad.vitrine");
  EXPECT_NE(d.app().message().find("bad.vitrine"), std::string::npos) << d.app().message();
  EXPECT_EQ(whole_state(d.app()), before);
  EXPECT_EQ(shown(), "");
  d.app().open(folder / "none.vitrine");
  EXPECT_NE(d.app().message().find("none.vitrine"), std::string::npos) << d.app().message();
}

}  // namespace
}  // namespace vitrine::shell
