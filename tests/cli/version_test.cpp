#include "app/cli/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "engine/core/instruction_set.h"

namespace vitrine::cli {
namespace {

using testing::MatchesRegex;

std::vector<std::string> lines() {
  std::istringstream text(version_text());
  std::vector<std::string> all;
  for (std::string line; std::getline(text, line);) all.push_back(line);
  return all;
}

TEST(Version, TheFirstLineEndsWithTheInstructionSetOfTheEngine) {
  EXPECT_THAT(lines().front(), MatchesRegex("vitrine [0-9]+\\.[0-9]+\\.[0-9]+ \\([A-Z0-9-]+\\)"));
  EXPECT_THAT(lines().front(), testing::HasSubstr("(" + std::string(core::instruction_set()) + ")"));
}

TEST(Version, EveryOtherLineIsAFactWithItsValue) {
  std::vector<std::string> facts = lines();
  facts.erase(facts.begin());
  EXPECT_GE(facts.size(), 4u);
  for (const std::string& fact : facts) EXPECT_THAT(fact, MatchesRegex("[A-Za-z ]+  +[^ ].*"));
  for (const std::string name : {"revision", "compiler", "build", "Eigen"})
    EXPECT_THAT(facts, testing::Contains(testing::StartsWith(name)));
}

// Scripts look for the instruction set in brackets.
TEST(Version, OnlyTheFirstLineHasBrackets) {
  const std::string text = version_text();
  EXPECT_EQ(text.find('(', text.find('\n')), std::string::npos);
}

}  // namespace
}  // namespace vitrine::cli
