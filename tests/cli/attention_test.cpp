// Attention and softmax by `vitrine compute`.
#include "tests/cli/answers.h"

namespace vitrine::cli {
namespace {

const std::string kByHand =
    R"({"op": "attention", "query": [[1,0,4],[2,-1,3],[4,6,1]], "key": [[2,0,0],[3,-1,0],[1,0,2]],
                                "value": [[5,4,5],[3,5,5],[1,2,4]])";

TEST(Compute, Attention) {
  const json scaled = computed(kByHand + "}");
  expect_near(scaled["weights"][1], {0.059806, 0.338040, 0.602154});
  expect_near(scaled["output"][1], {1.915305, 3.133732, 4.397846});
  EXPECT_EQ(scaled, computed(kByHand + R"(, "scale": "rsqrt", "mask": "none"})"));
  const json unscaled = computed(kByHand + R"(, "scale": 1})");
  EXPECT_EQ(unscaled["scores"], json::parse("[[2,3,9],[4,7,8],[8,6,6]]"));
  expect_near(unscaled["output"][1], {1.583627, 2.822590, 4.278601});
  const json causal = computed(kByHand + R"(, "scale": 1, "mask": "causal"})");
  EXPECT_EQ(causal["scores"], unscaled["scores"]);
  EXPECT_EQ(causal["weights"][1][2], 0);
  expect_near(causal["output"][1], {3.094852, 4.952574, 5});
  EXPECT_EQ(causal["entropy"][0], 0);
  EXPECT_EQ(causal,
            computed(kByHand +
                     R"(, "scale": 1, "mask": [[true,false,false],[true,true,false],[true,true,true]]})"));
  EXPECT_EQ(computed(kByHand + R"(, "scale": 1e30})")["output"][1], json({1, 2, 4}));
  EXPECT_EQ(computed(kByHand + R"(, "scale": 1e308})")["weights"][1], json({0, 0, 1}));
  EXPECT_EQ(unscaled.size(), 4u);
}

TEST(Compute, ScoresBeyondADoubleAreNamedAndTheWeightsStillCount) {
  expect_result(
      R"({"op": "attention", "query": [[10]], "key": [[1], [-1]], "value": [[1], [2]], "scale": 1e308})",
      R"({"scores": [["Infinity", "-Infinity"]], "weights": [[1, 0]], "output": [[1]], "entropy": [0]})");
}

// Two heads, a context narrower and longer than the input, values of another size, every bias.
TEST(Compute, MultiHeadAttention) {
  const std::string request =
      R"({"op": "multi_head_attention", "input": [[1, 2]], "context": [[5], [7], [9]], "heads": 2,
          "w_query": [[0, 0], [0, 0]], "w_key": [[1], [1]], "w_value": [[1], [0], [2], [0]],
          "b_query": [0, 0], "b_key": [3, 3], "b_value": [0, 1, 0, 4], )";
  const std::string heads =
      R"("weights": [[[0.5, 0.5, 0]], [[0.5, 0.5, 0]]], "heads_output": [[[6, 1]], [[12, 4]]], )";
  expect_result(request + R"("mask": [[true, true, false]]})", "{" + heads + R"("output": [[6, 1, 12, 4]]})");
  expect_result(
      request +
          R"("mask": [[true, true, false]], "w_out": [[1, 0, 1, 0], [0, 1, 0, 1]], "b_out": [100, 200]})",
      "{" + heads + R"("output": [[118, 205]]})");
  expect_result(
      R"({"op": "multi_head_attention", "input": [[0], [1]], "heads": 1, "w_query": [[1]], "w_key": [[1]],
                    "w_value": [[3]], "scale": 1e30, "mask": "causal"})",
      R"({"weights": [[[1, 0], [0, 1]]], "heads_output": [[[0], [3]]], "output": [[0], [3]]})");
}

TEST(Compute, TooManyHeadsAreRefusedBeforeTheyAreComputed) {
  json request = {{"op", "multi_head_attention"}, {"heads", 400}};
  request["input"] = std::vector<std::vector<double>>(1000, {1});
  for (const char* weight : {"w_query", "w_key", "w_value"})
    request[weight] = std::vector<std::vector<double>>(400, {1});
  const Answer done = run({"-"}, request.dump());
  EXPECT_EQ(done.code, 2);
  EXPECT_EQ(done.err,
            "vitrine: multi_head_attention: a result of shape [400, 1000, 1000] passes the limit of 2^28 "
            "numbers\n");
}

TEST(Compute, Softmax) {
  expect_result(R"({"op": "softmax", "input": [0, 0]})", R"({"output": [0.5, 0.5]})");
  expect_result(R"({"op": "softmax", "input": [[1, 3], [7, 7]], "scale": 0})",
                R"({"output": [[0.5, 0.5], [0.5, 0.5]]})");
  expect_result(R"({"op": "softmax", "input": [2, 2], "scale": 4, "grad_output": [1, 0]})",
                R"({"output": [0.5, 0.5], "grad_input": [1, -1]})");
}

TEST(Compute, RefusesAttentionThatCannotBe) {
  const Bad cases[] = {
      {R"({"op": "softmax", "input": [1], "beta": 2})",
       "softmax: beta: unknown field (there are: op, input, scale, grad_output)"},
      {R"({"op": "softmax", "input": [[1,2],[3]]})",
       "softmax: input: ragged: [1] holds 1 values, the lists before it hold 2"},
      {R"({"op": "softmax", "input": [1], "scale": "Infinity"})",
       "softmax: scale: a number is expected, not \"Infinity\""},
      {R"({"op": "softmax", "input": [[[1]]]})", "softmax: input [1, 1, 1] is not [n] or [T, n]"},
      {R"({"op": "softmax", "input": [1,2], "grad_output": [1]})",
       "softmax: grad_output [1] does not fit output [2]"},
      {R"({"op": "attention", "query": [[1,2]], "key": [[1]], "value": [[1]]})",
       "attention: key [1, 1] does not fit query [1, 2]"},
      {R"({"op": "attention", "query": [1,2], "key": [[1]], "value": [[1]]})",
       "attention: query: shape [2] is not [rows, columns]"},
      {R"({"op": "attention", "query": [[1]], "key": [[1],[2]], "value": [[1],[2]], "mask": [[false,false]]})",
       "attention: row 0 of the mask hides every key"},
      {R"({"op": "attention", "query": [[1]], "key": [[1],[2]], "value": [[1],[2]], "mask": [[1,0]]})",
       "attention: mask: [0][0]: true or false is expected, not 1"},
      {R"({"op": "attention", "query": [[1]], "key": [[1],[2]], "value": [[1],[2]], "mask": [[true]]})",
       "attention: mask [1, 1] does not fit scores [1, 2]"},
      {R"({"op": "attention", "query": [[1]], "key": [[1]], "value": [[1]], "scale": "sqrt"})",
       "attention: scale: \"sqrt\" is not one of rsqrt, a number"},
      {R"({"op": "multi_head_attention", "input": [[1]], "w_query": [[1]], "w_key": [[1]], "w_value": [[1]], "heads": 2})",
       "multi_head_attention: w_query has 1 rows, which 2 heads do not divide"},
      {R"({"op": "multi_head_attention", "input": [[1]], "w_query": [[1]], "w_key": [[1]], "w_value": [[1]], "heads": 0})",
       "multi_head_attention: heads is 0, not at least 1"},
      {R"({"op": "multi_head_attention", "input": [[1]], "w_query": [[1]], "w_key": [[1, 2]], "w_value": [[1]], "heads": 1})",
       "multi_head_attention: w_key [1, 2] does not fit input [1, 1]"},
      {R"({"op": "multi_head_attention", "input": [[1]], "w_query": [[1]], "w_key": [[1]], "w_value": [[1]], "heads": 1, "b_value": [1, 2]})",
       "multi_head_attention: b_value [2] does not fit w_value [1, 1]"},
      {R"({"op": "multi_head_attention", "input": [[1]], "context": [[1, 2]], "w_query": [[1]], "w_key": [[1]], "w_value": [[1]], "heads": 1})",
       "multi_head_attention: w_key [1, 1] does not fit context [1, 2]"},
      {R"({"op": "multi_head_attention", "input": [[1e200]], "w_query": [[1]], "w_key": [[1]], "w_value": [[1e200]], "heads": 1, "scale": 0})",
       "multi_head_attention: query 0 times key 0 passes a double's range"},
      {R"({"op": "multi_head_attention", "input": [[1e200]], "w_query": [[0]], "w_key": [[0]], "w_value": [[1e200]], "heads": 1})",
       "multi_head_attention: the result heads_output[0][0][0] passes a double's range"},
      {R"({"op": "softmax", "input": [2,2], "scale": 1e300, "grad_output": [1e300,1]})",
       "softmax: the result grad_input[0] passes a double's range"},
      {R"({"op": "attention", "query": [[1]], "key": [[1]], "value": [[1]], "mask": "none of it"})",
       "attention: mask: \"none of it\" is not one of none, causal, rows of true and false"},
      {R"({"op": "attention", "query": [[1]], "key": [[1]], "value": [[1]], "mask": true})",
       "attention: mask: true is not one of none, causal, rows of true and false"},
      {R"({"op": "attention", "query": null, "key": [[1]], "value": [[1]]})",
       "attention: query: a list is expected, not null"},
      {R"({"op": "multi_head_attention", "input": [[1]], "w_query": [[1]], "w_key": [[1]], "w_value": [[1]], "heads": 1, "b_out": [1]})",
       "multi_head_attention: b_out: needs w_out"},
  };
  expect_refused(cases);
}

}  // namespace
}  // namespace vitrine::cli
