// The recurrent nets' operations.
#include "tests/cli/answers.h"

namespace vitrine::cli {
namespace {

TEST(ComputeRecurrent, AGateOfOneHalf) {
  expect_result(
      R"({"op": "gated_rnn", "w_c": [[0]], "w_h": [[0]], "w_x": [[3]], "input": [[2], [-1]], "h0": [4],
          "grad_h": [[0], [1]]})",
      R"({"h": [[5], [1]], "c": [[0.5], [0.5]], "jacobian": [[[0.5]], [[0.5]]], "grad_w_c": [[-2.5]],
          "grad_w_h": [[9]], "grad_w_x": [[0]], "grad_input": [[0.75], [1.5]],
          "total_grad_h": [[0.5], [1]]})");
}

TEST(ComputeRecurrent, TheFirstStateIsZeroUnlessItIsGiven) {
  EXPECT_EQ(
      computed(R"({"op": "gated_rnn", "w_c": [[0]], "w_h": [[0]], "w_x": [[3]], "input": [[2], [-1]]})")["h"],
      json::parse("[[3], [0]]"));
}

TEST(ComputeRecurrent, OneRowOfWeightsAStep) {
  const std::string request =
      R"("w_query": [[[0]], [[0]]], "w_key": [[[0]], [[0]]], "w_value": [[[1]], [[2]]],
         "input": [[1], [2], [3]], "grad_h": [[0], [0], [1]]})";
  expect_result(R"({"op": "attention_rnn", "memory": 1, )" + request,
                R"({"h": [[0.5], [1.5], [3]], "weights": [[0.5, 0.5], [0.5, 0.5], [0.5, 0.5]],
                    "jacobian_previous": [[[1]], [[1]], [[1]]], "total_grad_h": [[1], [1], [1]]})");
  const json all = computed(R"({"op": "attention_rnn", "memory": "all", )" + request);
  EXPECT_EQ(all["weights"][0], json({1.0})) << "only states that exist: the rows grow";
  EXPECT_EQ(all["weights"][1], json({0.5, 0.5}));
  ASSERT_EQ(all["weights"][2].size(), 3u);
  EXPECT_NEAR(all["weights"][2][2].get<double>(), 1.0 / 3, 1e-16);
  EXPECT_EQ(all["h"][1], json({2.0}));
  EXPECT_EQ(all["jacobian_previous"][0], json::parse("[[0]]"));
}

TEST(ComputeRecurrent, WhatIsWrongIsNamed) {
  const auto refused = [](const std::string& request, const std::string& line) {
    const Bad bad{request, line};
    expect_refused({&bad, 1});
  };
  const std::string attention =
      R"("w_query": [[[1]], [[1]]], "w_key": [[[1]], [[1]]], "w_value": [[[1]], [[1]]], "input": [[1], [1]]})";
  refused(R"({"op": "attention_rnn", )" + attention, "attention_rnn: memory: is missing");
  refused(R"({"op": "attention_rnn", "memory": 0, )" + attention,
          "attention_rnn: memory 0 is smaller than 1");
  refused(R"({"op": "attention_rnn", "memory": 9223372036854775807, )" + attention,
          "attention_rnn: memory 9223372036854775807 passes the limit of 2^28 numbers");
  refused(R"({"op": "attention_rnn", "memory": "some", )" + attention,
          "attention_rnn: memory: \"some\" is not one of all, a whole number");
  refused(R"({"op": "attention_rnn", "memory": 2, )" + attention,
          "attention_rnn: w_query [2, 1, 1] does not fit input [2, 1] with memory 2, which needs [3, 1, 1]");
  const std::string gated = R"({"op": "gated_rnn", "w_c": [[0]], "w_h": [[0]], )";
  refused(gated + R"("w_x": [[1, 2]], "input": [[1]]})", "gated_rnn: w_x [1, 2] does not fit w_c [1, 1]");
  refused(gated + R"("w_x": [[1]], "input": [[1]], "grad_h": [[1], [2]]})",
          "gated_rnn: grad_h [2, 1] does not fit states [1, 1]");
  refused(gated + R"("w_x": [[1e200]], "input": [[1], [1e200], [1]]})",
          "gated_rnn: the result h[1][0] passes a double's range");
}

}  // namespace
}  // namespace vitrine::cli
