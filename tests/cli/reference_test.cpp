// Our answers against PyTorch's (tests/reference/make_*.py), in double.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/compute.h"

namespace vitrine::cli {
namespace {

using nlohmann::json;

// The same structure, and numbers within 1e-9 of the larger one (or of 1).
void expect_close(const json& found, const json& expected, const std::string& place) {
  ASSERT_EQ(found.is_array(), expected.is_array()) << place;
  if (!expected.is_array()) {
    const double a = found.get<double>(), b = expected.get<double>();
    EXPECT_LE(std::abs(a - b), 1e-9 * std::max({1.0, std::abs(a), std::abs(b)}))
        << place << " " << a << " " << b;
    return;
  }
  ASSERT_EQ(found.size(), expected.size()) << place;
  for (std::size_t i = 0; i < expected.size(); ++i)
    expect_close(found[i], expected[i], place + "[" + std::to_string(i) + "]");
}

// The files' names without ".json".
std::vector<std::string> wings() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(VITRINE_REFERENCE))
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  return names;
}

class Reference : public testing::TestWithParam<std::string> {};

TEST_P(Reference, EveryAnswerAgreesWithPyTorch) {
  std::ifstream file(std::string(VITRINE_REFERENCE "/") + GetParam() + ".json");
  const json cases = json::parse(file);
  ASSERT_GE(cases.size(), 60u);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string request = cases[i]["request"].dump();
    std::istringstream in(request);
    std::ostringstream out, err;
    const std::string args[] = {"-"};
    ASSERT_EQ(compute_command(args, in, out, err), 0) << request << err.str();
    const json result = json::parse(out.str());
    for (const auto& [field, expected] : cases[i]["expected"].items()) {
      ASSERT_TRUE(result.contains(field)) << field << " of " << request;
      expect_close(result[field], expected, "case " + std::to_string(i) + " " + field);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Wings, Reference, testing::ValuesIn(wings()),
                         [](const auto& wing) { return wing.param; });

}  // namespace
}  // namespace vitrine::cli
