// What tests of `vitrine compute` share: a request in, its answer out.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/compute.h"

namespace vitrine::cli {

using nlohmann::json;

struct Answer {
  int code;
  std::string out, err;
};

inline Answer run(std::vector<std::string> args, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  const int code = compute_command(args, in, out, err);
  return {code, out.str(), err.str()};
}

inline json computed(const std::string& request) {
  const Answer done = run({"-"}, request);
  EXPECT_EQ(done.code, 0) << request;
  EXPECT_EQ(done.err, "") << request;
  return done.code == 0 ? json::parse(done.out) : json();
}

// computed(request)[field] for each field of `expected` is exactly that, and there is no other field.
inline void expect_result(const std::string& request, const std::string& expected) {
  EXPECT_EQ(computed(request), json::parse(expected)) << request;
}

inline void expect_near(const json& row, std::vector<double> expected) {
  ASSERT_EQ(row.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(row[i].get<double>(), expected[i], 6e-7);
}

// A request, and what the one line on standard error says behind "vitrine: ".
struct Bad {
  std::string_view request, line;
};

inline void expect_refused(std::span<const Bad> cases) {
  for (const auto& [request, line] : cases) {
    const Answer done = run({"-"}, std::string(request));
    EXPECT_EQ(done.code, 2) << request;
    EXPECT_EQ(done.out, "") << request;
    EXPECT_EQ(done.err, "vitrine: " + std::string(line) + "\n") << request;
  }
}

}  // namespace vitrine::cli
