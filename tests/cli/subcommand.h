// What tests of the subcommands share: arguments in, exit code and both streams out.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <ostream>
#include <span>
#include <sstream>
#include <string>
#include <vector>

namespace vitrine::cli {

struct Answer {
  int code;
  std::string out, err;
};

using Subcommand = int(std::span<const std::string> args, std::ostream& out, std::ostream& err);

inline Answer answer_of(Subcommand& command, const std::vector<std::string>& args) {
  std::ostringstream out, err;
  const int code = command(args, out, err);
  return {code, out.str(), err.str()};
}

// Wrong, and one line on standard error that begins with `start` says so and why.
inline void expect_refusal(const Answer& answer, const std::string& start, const std::string& reason) {
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.out, "");
  EXPECT_THAT(answer.err, testing::StartsWith(start));
  EXPECT_THAT(answer.err, testing::HasSubstr(reason));
  EXPECT_EQ(std::count(answer.err.begin(), answer.err.end(), '\n'), 1) << answer.err;
}

}  // namespace vitrine::cli
