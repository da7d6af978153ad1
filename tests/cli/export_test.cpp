// vitrine export: what it takes, and what it says of states.
#include "app/cli/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/cli/train.h"
#include "engine/io/files.h"
#include "tests/cli/subcommand.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli {
namespace {

using testing::HasSubstr;

Answer run(const std::vector<std::string>& args) { return answer_of(export_command, args); }

class Export : public testing::Test {
 protected:
  io::TemporaryFolder folder_;
  std::string file(const char* name) const { return (folder_ / name).string(); }
};

TEST_F(Export, AStateComesBackAsTheSameFigure) {
  EXPECT_EQ(run({"--lab", "sliding-window", "--at", "3", "--out", file("a.svg")}).code, 0);
  EXPECT_EQ(run({"--lab", "sliding-window", "--at", "3", "--out", file("a.vitrine")}).code, 0);
  EXPECT_EQ(run({"--state", file("a.vitrine"), "--out", file("b.svg")}).code, 0);
  EXPECT_EQ(io::read_file(file("b.svg")), io::read_file(file("a.svg")));
}

TEST_F(Export, WhatAStateHoldsBeyondThisVersionIsSaid) {
  io::write_file(file("a.vitrine"), R"({"vitrine": "99.0", "lab": "sliding-window", "hologram": 3})");
  const auto said = run({"--state", file("a.vitrine"), "--out", file("a.svg")});
  EXPECT_EQ(said.code, 0);
  EXPECT_THAT(said.err, HasSubstr("hologram"));
  EXPECT_TRUE(std::filesystem::exists(file("a.svg")));
}

TEST_F(Export, OneOfLabStateAndRunIsExported) {
  for (const auto& [one, other] : {std::pair{"--lab", "--state"}, {"--lab", "--run"}, {"--state", "--run"}}) {
    expect_refusal(run({one, "x", other, "y", "--out", file("a.svg")}), "vitrine: export: ", "excludes");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

// The labs that look into a model open a run themselves; others have no use for one, and say so.
TEST_F(Export, AttentionOfATrainedRun) {
  std::vector<std::string> args{"--preset", "demo", "--out", file("run")};
  for (const char* change :
       {"dataset.train_limit=64", "dataset.validation_limit=32", "epochs=1", "threads=1"})
    args.insert(args.end(), {"--set", change});
  ASSERT_EQ(answer_of(train_command, args).code, 0);
  EXPECT_EQ(run({"--lab", "inside", "--open", file("run"), "--out", file("a.svg")}).code, 0);
  EXPECT_THAT(io::read_file(file("a.svg")), HasSubstr("step 2 of 2, the newest"));
  expect_refusal(run({"--lab", "sliding-window", "--open", file("run"), "--out", file("b.svg")}),
                 "vitrine: export: ", "sliding-window has no use for this file");
}

}  // namespace
}  // namespace vitrine::cli
