#include "app/cli/sweep.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/eval.h"
#include "app/cli/train.h"
#include "engine/io/files.h"
#include "tests/cli/subcommand.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli::sweep_test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

Answer run(const std::vector<std::string>& args) { return answer_of(sweep_command, args); }

constexpr const char* kTiny =
    R"("preset": "demo", "config": {"dataset": {"train_limit": 300, "validation_limit": 50},
       "model": {"patch_size": 14, "embed_dim": 16, "depth": 1}, "epochs": 2})";

class SweepCommand : public testing::Test {
 protected:
  // A file of demo made tiny, and what follows.
  std::string file(const std::string& rest) const {
    const fs::path path = folder_ / "sweep.json";
    io::write_file(path, "{" + std::string(kTiny) + ", " + rest + "}");
    return path.string();
  }
  std::string grid() const {
    return file(R"("method": "grid", "axes": [{"field": "optimizer.learning_rate", "values": [1e-6, 4e-3]},
                   {"field": "model.heads", "values": [2, 5]}, {"field": "model.head_dim", "values": [0]}])");
  }
  std::string halving() const {
    return file(R"("method": "halving", "trials": 6, "halving": {"steps": 15, "eta": 2, "rungs": 2},
                   "axes": [{"field": "optimizer.learning_rate", "range": [1e-4, 1e-2], "scale": "log"}])");
  }
  std::string out() const { return (folder_ / "out").string(); }
  std::string read(const std::string& name) const { return io::read_file(folder_ / "out" / name); }
  // All but the clock.
  json results() const {
    json all = json::parse(read("results.json"));
    for (auto& trial : all["trials"]) trial.erase("seconds");
    return all;
  }

  const io::TemporaryFolder folder_;
};

void expect_refused(const std::vector<std::string>& args, const std::string& reason) {
  expect_refusal(run(args), "vitrine: sweep: ", reason);
}

TEST_F(SweepCommand, SaysALineATrialAndWhichIsBest) {
  const auto [code, out, err] = run({grid()});
  EXPECT_EQ(code, 0);
  EXPECT_EQ(err, "");
  EXPECT_THAT(out, StartsWith("grid: 4 trials over optimizer.learning_rate, model.heads, model.head_dim; at "
                              "most all epochs a trial\n"));
  EXPECT_THAT(out, HasSubstr("\ntrial 0  step 20  accuracy "));
  EXPECT_THAT(out, HasSubstr("\ntrial 1  impossible: model.heads 5: does not divide model.embed_dim 16"));
  EXPECT_THAT(out, HasSubstr("\ntrial  accuracy "));
  EXPECT_THAT(out, HasSubstr("\nbest: trial 2, "));
  EXPECT_THAT(out, HasSubstr("optimizer.learning_rate=0.004, model.heads=2, model.head_dim=0\n"));
}

TEST_F(SweepCommand, AFolderHasTheResultsAndRunsThatOpenElsewhere) {
  const auto [code, text, err] = run({grid(), "--out", out(), "--json"});
  ASSERT_EQ(code, 0) << err;
  EXPECT_EQ(text, read("results.json"));
  const json all = json::parse(text);
  EXPECT_EQ(all["best"], 2);
  EXPECT_EQ(all["trials"][2]["status"], "done");
  EXPECT_EQ(all["trials"][2]["best"]["step"].get<int>() % 10, 0);
  EXPECT_THAT(read("results.csv"), HasSubstr("\n3,impossible,0,0,0,,,,,,0.004,5,0,"));
  // The trial is the run that vitrine train makes of its configuration.
  const std::string trial = (folder_ / "out/trials/0002").string();
  const auto eval = answer_of(eval_command, {trial, "--json"});
  EXPECT_EQ(eval.code, 0);
  EXPECT_EQ(json::parse(eval.out)["accuracy"], all["trials"][2]["last"]["accuracy"]);
  ASSERT_EQ(answer_of(train_command, {trial + "/config.json", "--out", (folder_ / "run").string()}).code, 0);
  EXPECT_EQ(io::read_file(folder_ / "run/weights.safetensors"), read("trials/0002/weights.safetensors"));
}

// Somebody who presses Ctrl-C on reading that the first trial is over.
class Presses : public std::stringbuf {
  int sync() override {
    if (!pressed_ && view().find("trial 0 ") != std::string_view::npos) {
      pressed_ = true;
      std::raise(SIGINT);
    }
    return 0;
  }
  bool pressed_ = false;
};

TEST_F(SweepCommand, CtrlCLeavesASweepThatGoesOnToTheSameResults) {
  const std::string spec = halving();
  Presses presses;
  std::ostream text(&presses);
  std::ostringstream err;
  const std::vector<std::string> args{spec, "--out", out(), "--threads", "1"};
  EXPECT_EQ(sweep_command(args, text, err), 130);
  EXPECT_THAT(err.str(), StartsWith("vitrine: interrupted; vitrine sweep --resume "));
  EXPECT_EQ(std::ranges::count(err.str(), '\n'), 1);
  EXPECT_EQ(results()["done"], false);
  ASSERT_EQ(run({"--resume", out()}).code, 0);
  const json resumed = results();
  EXPECT_EQ(resumed["done"], true);
  EXPECT_EQ(resumed["trials"].size(), 6u);
  ASSERT_EQ(run({spec, "--out", out(), "--force", "--threads", "2"}).code, 0);
  EXPECT_EQ(results(), resumed);
}

TEST_F(SweepCommand, RangeTestSuggestsARate) {
  const std::vector<std::string> args{"--range-test",
                                      "--preset",
                                      "demo",
                                      "--set",
                                      "config.dataset.train_limit=600",
                                      "--set",
                                      "config.model.patch_size=14",
                                      "--set",
                                      "config.model.depth=1",
                                      "--set",
                                      "steps=80",
                                      "--set",
                                      "low=1e-5",
                                      "--set",
                                      "high=10"};
  const auto [code, out, err] = run(args);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(err, "");
  EXPECT_THAT(out, StartsWith("learning rate  "));
  EXPECT_THAT(out, HasSubstr("\nsuggested: "));
  std::vector<std::string> with_json = args;
  with_json.push_back("--json");
  const json all = json::parse(run(with_json).out);
  EXPECT_GT(all["points"].size(), 40u);
  EXPECT_EQ(all["points"][0]["learning_rate"], 1e-5);
  EXPECT_LT(all["suggested"], all["lowest"]);
  EXPECT_LT(all["slope"], 0);
}

TEST_F(SweepCommand, RefusesWhatIsWrongInOneLine) {
  expect_refused({}, "needs the file of a sweep");
  expect_refused({"--nonsense"}, "--nonsense");
  expect_refused({"/nonexistent.json"}, "/nonexistent.json");
  expect_refused({file(R"("axis": [])")}, "axis: unknown field");
  expect_refused({file(R"("axes": [])")}, "axes: needs at least one field to vary");
  expect_refused({file(R"("method": "bayes")")}, "grid, random, halving");
  expect_refused({file(R"("axes": [{"field": "model.filters", "values": [1]}])")},
                 "axes[0] model.filters: there is no such field");
  expect_refused({grid(), "--set", "trials"}, "field=value");
  expect_refused({grid(), "--set", "trials=3"}, "--set trials=3: trials: unknown field");
  expect_refused({grid(), "--set", "config.model.patch_size=5"}, "no trial can run; trial 0: ");
  expect_refused({grid(), "--set", "config.dataset.kind=idx", "--set", "config.dataset.path=/nonexistent"},
                 "/nonexistent");
  expect_refused({grid(), "--force"}, "--out");
  expect_refused({grid(), "--resume", out()}, "--resume");
  expect_refused({"--resume", out()}, "out");
  expect_refused({"--resume", out(), "--set", "trials=3"}, "--set");
  expect_refused({"--preset", "demo"}, "--range-test");
  expect_refused({"--range-test"}, "--preset");
  expect_refused({"--range-test", "--preset", "demo", "--set", "low=0"}, "learning rates 0 to 1: must rise");
  EXPECT_FALSE(fs::exists(out()));
  ASSERT_EQ(run({grid(), "--out", out(), "--set", "steps=1"}).code, 0);
  expect_refused({grid(), "--out", out()}, "holds a sweep already");
  EXPECT_EQ(run({grid(), "--out", out(), "--set", "steps=1", "--force"}).code, 0);
}

}  // namespace
}  // namespace vitrine::cli::sweep_test
