// vitrine export: what it takes, and what it says of states.
#include "app/cli/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace vitrine::cli
