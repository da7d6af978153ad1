#include "app/cli/compute.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

namespace vitrine::cli {
namespace {

using nlohmann::json;

struct Answer {
  int code;
  std::string out, err;
};

Answer run(std::vector<std::string> args, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  const int code = compute_command(args, in, out, err);
  return {code, out.str(), err.str()};
}

json computed(const std::string& request) {
  const Answer done = run({"-"}, request);
  EXPECT_EQ(done.code, 0) << request;
  EXPECT_EQ(done.err, "") << request;
  return done.code == 0 ? json::parse(done.out) : json();
}

// computed(request)[field] for each field of `expected` is exactly that, and there is no other field.
void expect_result(const std::string& request, const std::string& expected) {
  EXPECT_EQ(computed(request), json::parse(expected)) << request;
}

TEST(Compute, Conv) {
  expect_result(
      R"({"op": "conv", "input": [1,2,3,4,5,6,7,8,9], "weight": [1,2,3]})",
      R"({"output": [14,20,26,32,38,44,50], "output_shape": [7], "parameters": 3, "macs": 21, "unused_input": 0})");
  const std::string nine = R"({"op": "conv", "input": [1,2,3,4,5,6,7,8,9], "weight": [1,2,3], )";
  EXPECT_EQ(computed(nine + R"("padding": 1, "stride": 2})")["output"], json({8, 20, 32, 44, 26}));
  EXPECT_EQ(computed(nine + R"("padding": "same"})")["output"], json({8, 14, 20, 26, 32, 38, 44, 50, 26}));
  EXPECT_EQ(computed(nine + R"("padding": "valid"})")["output"], json({14, 20, 26, 32, 38, 44, 50}));
  EXPECT_EQ(computed(nine + R"("padding": "full"})")["output"],
            json({3, 8, 14, 20, 26, 32, 38, 44, 50, 26, 9}));
  EXPECT_EQ(computed(nine + R"("padding": {"left": 2}})")["output"],
            json({3, 8, 14, 20, 26, 32, 38, 44, 50}));
  EXPECT_EQ(computed(nine + R"("flip": true})")["output"], json({10, 16, 22, 28, 34, 40, 46}));
  EXPECT_EQ(computed(nine + R"("bias": 0.5, "stride": 4})")["output"], json({14.5, 38.5}));
  EXPECT_EQ(computed(nine + R"("bias": [0.5], "stride": 4})")["parameters"], 4);
  EXPECT_EQ(computed(nine + R"("dilation": 4})")["output"], json({38}));
  EXPECT_EQ(computed(nine + R"("padding": 1, "boundary": "circular"})")["output"][0], 17);
  EXPECT_EQ(computed(nine + R"("padding": 1, "boundary": "reflect"})")["output"][0], 10);
  EXPECT_EQ(computed(nine + R"("padding": 1, "boundary": "replicate"})")["output"][0], 9);
}

TEST(Compute, SameOfAnEvenKernelPadsLessInFront) {
  EXPECT_EQ(computed(R"({"op": "conv", "input": [1,2,3], "weight": [1,10], "padding": "same"})")["output"],
            json({21, 32, 3}));
  EXPECT_EQ(
      computed(R"({"op": "conv", "input": [1,2,3], "weight": [1,10], "dilation": 2, "padding": "same"})")
          ["output"],
      json({20, 31, 2}));
}

TEST(Compute, ConvInItsOtherForms) {
  expect_result(
      R"({"op": "conv", "input": [[1,2,3],[4,5,6],[7,8,9]], "weight": [[0.25,0.25],[0.25,0.25]]})",
      R"({"output": [[3,4],[6,7]], "output_shape": [2,2], "parameters": 4, "macs": 16, "unused_input": 0})");
  expect_result(
      R"({"op": "conv", "input": [[1,2,3],[4,5,6]], "weight": [[[1,1],[1,1]],[[1,0],[0,-1]]], "bias": [0, 10]})",
      R"({"output": [[12,16],[6,6]], "output_shape": [2,2], "parameters": 10, "macs": 16, "unused_input": 0})");
  expect_result(
      R"({"op": "conv", "input": [[[1,2],[3,4]],[[5,6],[7,8]]], "weight": [[[[1]]],[[[2]]]], "groups": 2})",
      R"({"output": [[[1,2],[3,4]],[[10,12],[14,16]]], "output_shape": [2,2,2], "parameters": 2, "macs": 8, "unused_input": 0})");
  const json strided = computed(
      R"({"op": "conv", "input": [[1,2,3,4],[5,6,7,8]], "weight": [[1,1]], "stride": [2,1], "dilation": [1,2],
          "padding": {"top": 1, "left": 1}})");
  EXPECT_EQ(strided["output"], json::parse("[[0,0,0],[6,12,14]]"));
}

std::string zeros(int rows, int columns) {
  std::string text = "[";
  for (int r = 0; r < rows; ++r) {
    text += r > 0 ? ",[" : "[";
    for (int c = 0; c < columns; ++c) text += c > 0 ? ",0" : "0";
    text += "]";
  }
  return text + "]";
}

TEST(Compute, CountsInputsThatNoWindowTouches) {
  const json conv = computed(R"({"op": "conv", "stride": 4, "input": )" + zeros(21, 12) + R"(, "weight": )" +
                             zeros(4, 5) + "}");
  EXPECT_EQ(conv["output_shape"], json({5, 2}));
  EXPECT_EQ(conv["unused_input"], 21 * 12 - 20 * 9);  // one row and three columns
}

TEST(Compute, ConvBackward) {
  // x[n, c] = n + c, W[c] = c (1, 0, -1), g = (1, 2, -1) at stride 2.
  expect_result(
      R"({"op": "conv_backward", "stride": 2, "grad_output": [[1,2,-1]], "bias": [7],
          "input": [[2,3,4,5,6,7,8],[3,4,5,6,7,8,9],[4,5,6,7,8,9,10],[5,6,7,8,9,10,11],[6,7,8,9,10,11,12]],
          "weight": [[[1,0,-1],[2,0,-2],[3,0,-3],[4,0,-4],[5,0,-5]]]})",
      R"({"grad_weight": [[[4,6,8],[6,8,10],[8,10,12],[10,12,14],[12,14,16]]], "grad_bias": [2],
          "grad_input": [[1,0,1,0,-3,0,1],[2,0,2,0,-6,0,2],[3,0,3,0,-9,0,3],[4,0,4,0,-12,0,4],[5,0,5,0,-15,0,5]]})");
  expect_result(
      R"({"op": "conv_backward", "input": [1,2,3], "weight": [10,20], "grad_output": [1,-1], "flip": true})",
      R"({"grad_input": [20,-10,-10], "grad_weight": [-1,-1]})");
  expect_result(
      R"({"op": "conv_backward", "input": [1,2,3], "weight": [10,20,30], "grad_output": [1,1,1],
          "padding": "same", "boundary": "circular", "bias": 0})",
      R"({"grad_input": [60,60,60], "grad_weight": [6,6,6], "grad_bias": 3})");
  expect_result(
      R"({"op": "conv_backward", "input": [[1,2],[3,4]], "weight": [[1,1],[1,1]], "grad_output": [[2]]})",
      R"({"grad_input": [[2,2],[2,2]], "grad_weight": [[2,4],[6,8]]})");
}

TEST(Compute, ConvTranspose) {
  expect_result(R"({"op": "conv_transpose", "input": [1,10], "weight": [1,2,3], "stride": 2})",
                R"({"output": [1,2,13,20,30], "output_shape": [5]})");
  expect_result(
      R"({"op": "conv_transpose", "input": [1,10], "weight": [1,2,3], "stride": 2, "padding": 1,
          "output_padding": 1, "bias": 100})",
      R"({"output": [102,113,120,130], "output_shape": [4]})");
  expect_result(
      R"({"op": "conv_transpose", "input": [[1,2],[3,4]], "weight": [[[1],[10]],[[100],[1000]]], "bias": [0, 5]})",
      R"({"output": [[301,402],[3015,4025]], "output_shape": [2,2]})");
  expect_result(
      R"({"op": "conv_transpose", "input": [[1,2]], "weight": [[1],[10]], "stride": [1,2], "dilation": [2,1],
          "output_padding": [0,1]})",
      R"({"output": [[1,0,2,0],[0,0,0,0],[10,0,20,0]], "output_shape": [3,4]})");
  EXPECT_EQ(computed(R"({"op": "conv_transpose", "input": [[[1]]], "weight": [[[[1,2],[3,4]]]]})")["output"],
            json::parse("[[[1,2],[3,4]]]"));
}

TEST(Compute, ReceptiveField) {
  expect_result(R"({"op": "receptive_field", "layers": [{"kernel": 3}, {"kernel": 3}]})",
                R"({"size": 5, "jump": 1})");
  expect_result(
      R"({"op": "receptive_field", "layers": [{"kernel": 3, "stride": 2}, {"kernel": 3, "stride": 2}]})",
      R"({"size": 7, "jump": 4})");
  expect_result(
      R"({"op": "receptive_field", "layers": [{"kernel": 7, "stride": 2}, {"kernel": 3, "stride": 2}, {"kernel": 3}]})",
      R"({"size": 19, "jump": 4})");
  expect_result(R"({"op": "receptive_field", "layers": [{"kernel": 3, "dilation": 3}]})",
                R"({"size": 7, "jump": 1})");
  expect_result(R"({"op": "receptive_field", "layers": []})", R"({"size": 1, "jump": 1})");
}

TEST(Compute, ConvShape) {
  expect_result(
      R"({"op": "conv_shape", "input_shape": [3,256,256], "filters": 32, "kernel": 5, "stride": 2, "bias": true})",
      R"({"output_shape": [32,126,126], "weights": 2400, "parameters": 2432, "macs": 38102400,
                    "dense_weights": 99883155456, "output_size": 508032})");
  expect_result(
      R"({"op": "conv_shape", "input_shape": [1,200], "filters": 8, "kernel": 4, "stride": 2, "bias": true})",
      R"({"output_shape": [8,99], "weights": 32, "parameters": 40, "macs": 3168, "dense_weights": 158400,
                    "output_size": 792})");
  expect_result(
      R"({"op": "conv_shape", "input_shape": [3,28,28], "filters": 8, "kernel": 4, "stride": 2, "bias": true})",
      R"({"output_shape": [8,13,13], "weights": 384, "parameters": 392, "macs": 64896,
                    "dense_weights": 3179904, "output_size": 1352})");
  expect_result(
      R"({"op": "conv_shape", "input_shape": [1,21,12], "filters": 1, "kernel": [4,5], "stride": 4})",
      R"({"output_shape": [1,5,2], "weights": 20, "parameters": 20, "macs": 200, "dense_weights": 2520,
                    "output_size": 10})");
  EXPECT_EQ(
      computed(
          R"({"op": "conv_shape", "input_shape": [1,1000000,1000000], "filters": 1, "kernel": 3, "stride": 1000})")
          ["output_shape"],
      json({1, 1000, 1000}));
  EXPECT_EQ(computed(R"({"op": "conv_shape", "input_shape": [4,8,8], "filters": 6, "kernel": 3, "groups": 2,
                         "padding": "same", "dilation": 2})"),
            json::parse(R"({"output_shape": [6,8,8], "weights": 108, "parameters": 108, "macs": 6912,
                            "dense_weights": 98304, "output_size": 384})"));
}

TEST(Compute, Toeplitz) {
  const json valid = computed(R"({"op": "toeplitz", "input_shape": [9], "weight": [1,2,3]})");
  EXPECT_EQ(valid["shape"], json({7, 9}));
  EXPECT_EQ(valid["nonzeros"], 21);
  EXPECT_EQ(valid["distinct_weights"], 3);
  EXPECT_EQ(valid["matrix"][2], json({0, 0, 1, 2, 3, 0, 0, 0, 0}));
  EXPECT_EQ(valid.size(), 4u);
  EXPECT_EQ(
      computed(R"({"op": "toeplitz", "input_shape": [9], "weight": [0,0,0], "padding": "same"})")["nonzeros"],
      25);
  const json half =
      computed(R"({"op": "toeplitz", "input_shape": [9], "weight": [1,2,3], "padding": 1, "stride": 2})");
  EXPECT_EQ(half["shape"], json({5, 9}));
  EXPECT_EQ(half["nonzeros"], 13);
  const json full =
      computed(R"({"op": "toeplitz", "input_shape": [9], "weight": [1,2,3], "padding": "full"})");
  EXPECT_EQ(full["shape"], json({11, 9}));
  EXPECT_EQ(full["nonzeros"], 27);
  const json box =
      computed(R"({"op": "toeplitz", "input_shape": [3,3], "weight": [[0.25,0.25],[0.25,0.25]]})");
  EXPECT_EQ(box["matrix"][1], json::parse("[0,0.25,0.25,0,0.25,0.25,0,0,0]"));
  EXPECT_EQ(
      computed(
          R"({"op": "toeplitz", "input_shape": [3], "weight": [1,2,3], "padding": 1, "boundary": "circular"})")
          ["matrix"],
      json::parse("[[2,3,1],[1,2,3],[3,1,2]]"));
  EXPECT_EQ(computed(R"({"op": "toeplitz", "input_shape": [2,3], "weight": [[[1],[2]]]})")["matrix"],
            json::parse("[[1,0,0,2,0,0],[0,1,0,0,2,0],[0,0,1,0,0,2]]"));
}

TEST(Compute, LocallyConnected) {
  expect_result(R"({"op": "locally_connected", "input": [1,2,3], "weight": [[1,2],[3,4]], "bias": [0,100]})",
                R"({"output": [5,118], "output_shape": [2], "parameters": 6, "matrix": [[1,2,0],[0,3,4]]})");
  expect_result(
      R"({"op": "locally_connected", "input": [[1,2],[3,4]], "weight": [[[[1],[2]],[[3],[4]]]]})",
      R"({"output": [[7,22]], "output_shape": [1,2], "parameters": 4, "matrix": [[1,0,2,0],[0,3,0,4]]})");
  EXPECT_EQ(
      computed(
          R"({"op": "locally_connected", "input": [1,2], "weight": [[1,2,3],[4,5,6]], "padding": "same"})")
          ["output"],
      json({8, 14}));
}

TEST(Compute, Pool) {
  const std::string squares = "[[1,1,1,0,1],[1,0,1,0,1],[1,1,1,0,1],[0,0,0,0,1],[1,1,1,1,1]]";
  const json average =
      computed(R"({"op": "pool", "kernel": 3, "stride": 2, "mode": "average", "input": )" + squares + "}");
  EXPECT_EQ(average["output"],
            json::parse("[[0.8888888888888888,0.6666666666666666],[0.6666666666666666,0.6666666666666666]]"));
  EXPECT_FALSE(average.contains("argmax"));
  EXPECT_EQ(computed(R"({"op": "pool", "kernel": 3, "stride": 2, "input": )" + squares + "}")["output"],
            json::parse("[[1,1],[1,1]]"));
  expect_result(R"({"op": "pool", "input": [[[1,2],[4,3]],[[-1,-2],[-4,-3]]], "kernel": 2})",
                R"({"output": [[[4]],[[-1]]], "output_shape": [2,1,1], "argmax": [[[2]],[[0]]]})");
  expect_result(R"({"op": "pool", "dims": 1, "input": [3,1,2,5], "kernel": 2, "dilation": 2, "stride": 1})",
                R"({"output": [3,5], "output_shape": [2], "argmax": [0,3]})");
  expect_result(R"({"op": "pool", "dims": 1, "input": [[3,1],[2,5]], "kernel": 2, "mode": "average"})",
                R"({"output": [[2],[3.5]], "output_shape": [2,1]})");
  const std::string padded =
      R"({"op": "pool", "dims": 1, "input": [3,6], "kernel": 3, "stride": 1, "padding": 1, "mode": "average")";
  EXPECT_EQ(computed(padded + "}")["output"], json({3, 3}));
  EXPECT_EQ(computed(padded + R"(, "count_padding": false})")["output"], json({4.5, 4.5}));
}

const std::string kByHand =
    R"({"op": "attention", "query": [[1,0,4],[2,-1,3],[4,6,1]], "key": [[2,0,0],[3,-1,0],[1,0,2]],
                                "value": [[5,4,5],[3,5,5],[1,2,4]])";

void expect_near(const json& row, std::vector<double> expected) {
  ASSERT_EQ(row.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(row[i].get<double>(), expected[i], 6e-7);
}

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

TEST(Compute, Softmax) {
  expect_result(R"({"op": "softmax", "input": [0, 0]})", R"({"output": [0.5, 0.5]})");
  expect_result(R"({"op": "softmax", "input": [[1, 3], [7, 7]], "scale": 0})",
                R"({"output": [[0.5, 0.5], [0.5, 0.5]]})");
  expect_result(R"({"op": "softmax", "input": [2, 2], "scale": 4, "grad_output": [1, 0]})",
                R"({"output": [0.5, 0.5], "grad_input": [1, -1]})");
}

TEST(Compute, NumbersReadBackExactly) {
  const json result =
      computed(R"({"op": "conv", "input": [0.1, 1e-320, 1.7976931348623157e308], "weight": [1]})");
  EXPECT_EQ(result["output"], json::parse("[0.1, 1e-320, 1.7976931348623157e308]"));
}

TEST(Compute, AnArrayOfRequestsGivesAnArrayOfResults) {
  const json results =
      computed(R"([{"op": "softmax", "input": [1]}, {"op": "conv", "input": [2], "weight": [3]}])");
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0]["output"], json({1}));
  EXPECT_EQ(results[1]["output"], json({6}));
  EXPECT_EQ(computed("[]"), json::array());
}

TEST(Compute, PositionalEncoding) {
  const json pe =
      computed(R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 2, "dim": 4, "start": 1})");
  EXPECT_EQ(pe, json({{"encoding",
                       {{std::sin(1.0), std::cos(1.0), std::sin(0.01), std::cos(0.01)},
                        {std::sin(2.0), std::cos(2.0), std::sin(0.02), std::cos(0.02)}}}}));
  expect_result(R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 1, "dim": 4, "base": 100})",
                R"({"encoding": [[0, 1, 0, 1]]})");
  expect_result(R"({"op": "positional_encoding", "kind": "index", "length": 4, "start": 7})",
                R"({"encoding": [1, 2, 3, 4]})");
  expect_result(R"({"op": "positional_encoding", "kind": "normalized", "length": 4})",
                R"({"encoding": [0.25, 0.5, 0.75, 1]})");
}

TEST(Compute, DotProductStatistics) {
  expect_result(R"({"op": "dot_product_statistics", "mean": 0.5, "std": 1, "dim": 16})",
                R"({"expected_mean": 4, "expected_variance": 24})");
  expect_result(R"({"op": "dot_product_statistics", "mean": 2, "std": 0, "dim": 3, "samples": 5})",
                R"({"expected_mean": 12, "expected_variance": 0, "sample_mean": 12, "sample_variance": 0})");
  const std::string drawn = R"({"op": "dot_product_statistics", "mean": 0, "std": 1, "dim": 64, )";
  const json sample = computed(drawn + R"("samples": 20000, "seed": 3})");
  EXPECT_NEAR(sample["sample_mean"].get<double>(), 0, 4 * 8 / std::sqrt(20000.0));
  EXPECT_NEAR(sample["sample_variance"].get<double>(), 64, 3);
  EXPECT_EQ(computed(drawn + R"("samples": 20000, "seed": 3})"), sample) << "the seed decides";
  EXPECT_NE(computed(drawn + R"("samples": 20000, "seed": 4})"), sample);
}

struct Bad {
  std::string_view request, line;
};

TEST(Compute, EachMistakeIsOneLineAndNothingElse) {
  const Bad cases[] = {
      {R"({"op": "conv", "input": [1,2,3], "weight": [1,1,1,1,1]})",
       "conv: kernel 5 does not fit input 3 with padding 0"},
      {R"([{"op": "softmax", "input": [1]}, {"op": "conv", "input": [1,2,3], "weight": [1,1,1,1,1]}])",
       "[1] conv: kernel 5 does not fit input 3 with padding 0"},
      {R"({"op": "convv"})",
       "op: \"convv\" is not one of conv, conv_backward, conv_transpose, conv_shape, toeplitz, "
       "locally_connected, pool, "
       "receptive_field, attention, softmax, positional_encoding, dot_product_statistics"},
      {R"({"input": [1]})", "op: is missing (vitrine compute --list names them)"},
      {R"({"op": 3})", "op: text is expected, not 3"},
      {"3", "a request is an object, not 3"},
      {"[3]", "[0] a request is an object, not 3"},
      {R"({"op": "softmax", "input": [1], "beta": 2})",
       "softmax: beta: unknown field (there are: op, input, scale, grad_output)"},
      {R"({"op": "softmax"})", "softmax: input: is missing"},
      {R"({"op": "softmax", "input": 3})", "softmax: input: a list is expected, not one value"},
      {R"({"op": "softmax", "input": []})", "softmax: input: shape [0] has an empty axis"},
      {R"({"op": "softmax", "input": [[],[]]})", "softmax: input: shape [2, 0] has an empty axis"},
      {R"({"op": "softmax", "input": [[1,2],[3]]})",
       "softmax: input: ragged: [1] holds 1 values, the lists before it hold 2"},
      {R"({"op": "softmax", "input": [1,"NaN"]})", "softmax: input: [1]: a number is expected, not \"NaN\""},
      {R"({"op": "softmax", "input": [1,true]})", "softmax: input: [1]: a number is expected, not true"},
      {R"({"op": "softmax", "input": [1], "scale": "Infinity"})",
       "softmax: scale: a number is expected, not \"Infinity\""},
      {R"({"op": "softmax", "input": [[[1]]]})",
       "softmax: a softmax over shape [1, 1, 1]: [n] or [T, n] is expected"},
      {R"({"op": "softmax", "input": [1,2], "grad_output": [1]})",
       "softmax: gradient [1] does not fit output [2]"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "stride": "2"})",
       "conv: stride: a whole number is expected, not \"2\""},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "stride": 0})", "conv: stride: 0 is smaller than 1"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "stride": 1.5})",
       "conv: stride: a whole number is expected, not 1.5"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "stride": 9223372036854775808})",
       "conv: stride: 9223372036854775808 is beyond a 64-bit integer's range"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "stride": [1,1]})",
       "conv: stride: one number is expected in one dimension"},
      {R"({"op": "conv", "input": [[1,2]], "weight": [[1]], "stride": [1,1,1]})",
       "conv: stride: a number or [rows, columns] is expected, not 3 values"},
      {R"({"op": "conv", "input": [1,2,3], "weight": [1,1], "dilation": 9223372036854775807, "padding": 1})",
       "conv: kernel 2 with dilation 9223372036854775807 passes 2^63"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "padding": -1})",
       "conv: padding -1 is smaller than 0"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "padding": "sam"})",
       "conv: padding: \"sam\" is not one of valid, same, full"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "padding": "same", "stride": 2})",
       "conv: padding: \"same\" needs stride 1, not 2"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "padding": {"top": 1}})",
       "conv: padding.top: unknown field (there are: left, right)"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "padding": {"left": 0.5}})",
       "conv: padding.left: a whole number is expected, not 0.5"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "padding": 2, "boundary": "reflect"})",
       "conv: reflect padding 2 is not smaller than input 2"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "boundary": "wrap"})",
       "conv: boundary: \"wrap\" is not one of zeros, reflect, replicate, circular"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "padding": 1000000000})",
       "conv: a result of shape [1, 1, 2000000002] passes the limit of 2^28 numbers"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "flip": 1})",
       "conv: flip: true or false is expected, not 1"},
      {R"({"op": "conv", "input": [[1,2],[3,4],[5,6]], "weight": [[[1],[1]]]})",
       "conv: weight reads 2 channels in each of groups 1, input has 3 channels"},
      {R"({"op": "conv", "input": [[1,2],[3,4]], "weight": [[[1]]], "groups": 2})",
       "conv: groups 2 does not divide the 1 filters of weight"},
      {R"({"op": "conv", "input": [1,2], "weight": [[1]]})",
       "conv: input [2] and weight [1, 1] do not go together: [L] and [K], [C, L] and [F, C/groups, K], [H, "
       "W] and [Kh, Kw], "
       "or [C, H, W] and [F, C/groups, Kh, Kw]"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "bias": [1,2]})",
       "conv: bias: shape [2] does not fit the 1 filters of weight"},
      {R"({"op": "conv", "input": [1,2], "weight": [1,2], "dilation": 4611686018427387904})",
       "conv: kernel 2 with dilation 4611686018427387904 does not fit input 2 with padding 0"},
      {R"({"op": "conv", "input": [1,2], "weight": [1,2,3], "dilation": 4611686018427387904})",
       "conv: kernel 3 with dilation 4611686018427387904 passes 2^63"},
      {R"({"op": "conv", "input": [1,2], "weight": [1,2,3], "dilation": 4611686018427387904, "padding": "same"})",
       "conv: kernel 3 with dilation 4611686018427387904 passes 2^63"},
      {R"({"op": "conv", "input": [1,2], "weight": [1,2,3], "dilation": 4611686018427387903, "padding": "full"})",
       "conv: input 2 with padding 9223372036854775806 passes 2^63"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "padding": {"left": 9223372036854775807, "right": 1}})",
       "conv: input 2 with padding 9223372036854775807 and 1 passes 2^63"},
      {R"({"op": "conv", "input": [[1,2],[3,4]], "weight": [[1]], "padding": {"top": 2}, "boundary": "reflect"})",
       "conv: reflect padding 2 and 0 is not smaller than input 2"},
      {R"({"op": "conv", "input": [[1,2],[3,4]], "weight": [[1]], "padding": {"left": 3}, "boundary": "circular"})",
       "conv: circular padding 3 and 0 is larger than input 2"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "stride": -3})",
       "conv: stride: -3 is smaller than 1"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "dilation": 0})",
       "conv: dilation: 0 is smaller than 1"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "dilation": 0.5})",
       "conv: dilation: a whole number is expected, not 0.5"},
      {R"({"op": "conv", "input": [1,2], "weight": [1], "groups": 0})",
       "conv: groups 0 does not divide the 1 filters of weight"},
      {R"({"op": "conv_backward", "input": [1,2,3], "weight": [1,1]})",
       "conv_backward: grad_output: is missing"},
      {R"({"op": "conv_backward", "input": [1,2,3], "weight": [1,1], "grad_output": [1,2,3]})",
       "conv_backward: grad_output: shape [3] is not the output's [2]"},
      {R"({"op": "conv_backward", "input": [[1,2,3]], "weight": [[[1,1]]], "grad_output": [1,2]})",
       "conv_backward: grad_output: shape [2] is not the output's [1, 2]"},
      {R"({"op": "conv_backward", "input": [1,2], "weight": [1,2,3], "grad_output": [1]})",
       "conv_backward: kernel 3 does not fit input 2 with padding 0"},
      {R"({"op": "conv_backward", "input": [1,2], "weight": [1], "grad_output": [1,2], "stride": 0})",
       "conv_backward: stride: 0 is smaller than 1"},
      {R"({"op": "conv_transpose", "input": [1,2], "weight": [1,2], "output_padding": 1})",
       "conv_transpose: output_padding 1 is not smaller than stride 1 or dilation 1"},
      {R"({"op": "conv_transpose", "input": [1,2], "weight": [1,2], "output_padding": -1})",
       "conv_transpose: output_padding -1 is smaller than 0"},
      {R"({"op": "conv_transpose", "input": [1,2], "weight": [1,2], "output_padding": [0,0]})",
       "conv_transpose: output_padding: one number is expected in one dimension"},
      {R"({"op": "conv_transpose", "input": [1,2], "weight": [1,2], "padding": "same"})",
       "conv_transpose: padding: a transposed convolution's has no name; numbers are expected"},
      {R"({"op": "conv_transpose", "input": [1,2], "weight": [1,2], "padding": 2})",
       "conv_transpose: padding 2 and 2 cuts off all 3 positions of the output"},
      {R"({"op": "conv_transpose", "input": [1,2], "weight": [1,2], "stride": 4611686018427387904, "dilation": 4611686018427387904})",
       "conv_transpose: the output's size: 4611686018427387904 + 4611686018427387905 passes 2^63"},
      {R"({"op": "conv_transpose", "input": [1,2], "weight": [1,2], "stride": 1000000000})",
       "conv_transpose: a result of shape [1, 1, 1000000002] passes the limit of 2^28 numbers"},
      {R"({"op": "conv_transpose", "input": [[1,2]], "weight": [[[1]],[[1]]]})",
       "conv_transpose: weight [2, 1, 1, 1] is for 2 channels, input has 1 channels"},
      {R"({"op": "conv_transpose", "input": [[1,2]], "weight": [[[1],[1]]], "bias": [1]})",
       "conv_transpose: bias: shape [1] does not fit the 2 filters of weight"},
      {R"({"op": "conv_transpose", "input": [1,2], "weight": [1], "groups": 1})",
       "conv_transpose: groups: unknown field (there are: op, input, weight, bias, stride, padding, "
       "output_padding, dilation)"},
      {R"({"op": "positional_encoding", "length": 4, "dim": 8})", "positional_encoding: kind: is missing"},
      {R"({"op": "positional_encoding", "kind": "learned", "length": 4})",
       "positional_encoding: kind: \"learned\" is not one of sinusoidal, index, normalized"},
      {R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 4})",
       "positional_encoding: dim: is missing"},
      {R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 0, "dim": 8})",
       "positional_encoding: length 0 is smaller than 1"},
      {R"({"op": "positional_encoding", "kind": "index", "length": 0})",
       "positional_encoding: length 0 is smaller than 1"},
      {R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 4, "dim": 7})",
       "positional_encoding: dim 7 is odd: sines and cosines come in pairs"},
      {R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 10000, "dim": 100000})",
       "positional_encoding: a result of shape [10000, 100000] passes the limit of 2^28 numbers"},
      {R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 9223372036854775807, "dim": 2})",
       "positional_encoding: start 0 with length 9223372036854775807 passes the positions from -2^53 to "
       "2^53"},
      {R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 4, "dim": 8, "base": 0})",
       "positional_encoding: base 0 is not a finite number above 0"},
      {R"({"op": "positional_encoding", "kind": "sinusoidal", "length": 4, "dim": 8, "start": 0.5})",
       "positional_encoding: start: a whole number is expected, not 0.5"},
      {R"({"op": "dot_product_statistics", "std": 1, "dim": 4})", "dot_product_statistics: mean: is missing"},
      {R"({"op": "dot_product_statistics", "mean": 0, "std": -1, "dim": 4})",
       "dot_product_statistics: std -1 is smaller than 0"},
      {R"({"op": "dot_product_statistics", "mean": 0, "std": 1, "dim": 0})",
       "dot_product_statistics: dim 0 is smaller than 1"},
      {R"({"op": "dot_product_statistics", "mean": 0, "std": 1, "dim": 4, "samples": 1})",
       "dot_product_statistics: samples: 1 is smaller than 2: a variance needs two numbers"},
      {R"({"op": "dot_product_statistics", "mean": 0, "std": 1, "dim": 4096, "samples": 1000000})",
       "dot_product_statistics: samples 1000000 of dim 4096 are 4096000000 components, more than 2^30"},
      {R"({"op": "dot_product_statistics", "mean": 1e200, "std": 1, "dim": 4})",
       "dot_product_statistics: the expected mean of mean 1e+200, std 1 and dim 4 passes a double's range"},
      {R"({"op": "receptive_field"})", "receptive_field: layers: is missing"},
      {R"({"op": "receptive_field", "layers": 3})", "receptive_field: layers: a list is expected, not 3"},
      {R"({"op": "receptive_field", "layers": [3]})",
       "receptive_field: layers[0]: an object is expected, not 3"},
      {R"({"op": "receptive_field", "layers": [{"stride": 2}]})",
       "receptive_field: layers[0].kernel: is missing"},
      {R"({"op": "receptive_field", "layers": [{"kernel": 1}, {"kernel": 2.5}]})",
       "receptive_field: layers[1].kernel: a whole number is expected, not 2.5"},
      {R"({"op": "receptive_field", "layers": [{"kernel": 3, "padding": 1}]})",
       "receptive_field: layers[0].padding: unknown field (there are: kernel, stride, dilation)"},
      {R"({"op": "receptive_field", "layers": [{"kernel": 3, "stride": 0}]})",
       "receptive_field: layer 1: stride 0 is smaller than 1"},
      {R"({"op": "receptive_field", "layers": [{"kernel": 3, "dilation": 4611686018427387904}]})",
       "receptive_field: layer 1: 4611686018427387904 x 2 passes 2^63"},
      {R"({"op": "toeplitz", "input_shape": [100000], "weight": [1]})",
       "toeplitz: a result of shape [100000, 100000] passes the limit of 2^28 numbers"},
      {R"({"op": "toeplitz", "input_shape": [0], "weight": [1]})",
       "toeplitz: input_shape: size 0 is smaller than 1"},
      {R"({"op": "toeplitz", "input_shape": 9, "weight": [1]})",
       "toeplitz: input_shape: a list of sizes is expected, not 9"},
      {R"({"op": "toeplitz", "input_shape": [4000000000,4000000000], "weight": [[1]]})",
       "toeplitz: input_shape: 4000000000 x 4000000000 passes 2^63"},
      {R"({"op": "conv_shape", "input_shape": [1,1000000,1000000], "filters": 1, "kernel": 1})",
       "conv_shape: dense_weights: 1000000000000 x 1000000000000 passes 2^63"},
      {R"({"op": "conv_shape", "input_shape": [3,8,8], "filters": 4611686018427387904, "kernel": 5})",
       "conv_shape: weights: 4611686018427387904 x 3 passes 2^63"},
      {R"({"op": "conv_shape", "input_shape": [3,8,8], "filters": 0, "kernel": 5})",
       "conv_shape: filters: 0 is smaller than 1"},
      {R"({"op": "conv_shape", "input_shape": [3,8,8], "filters": 4, "kernel": 5, "groups": 2})",
       "conv_shape: groups: 2 does not divide the 3 channels and 4 filters"},
      {R"({"op": "conv_shape", "input_shape": [8], "filters": 4, "kernel": 5})",
       "conv_shape: input_shape: [8] is neither [C, L] nor [C, H, W]"},
      {R"({"op": "locally_connected", "input": [1,2,3], "weight": [[1,1]]})",
       "locally_connected: weight has kernels for outputs [1, 1], the input has [1, 2]"},
      {R"({"op": "locally_connected", "input": [1,2,3], "weight": [[1,1],[1,1]], "bias": [1]})",
       "locally_connected: bias: shape [1] is not the output's [2]"},
      {R"({"op": "pool", "input": [1,2,3], "kernel": 2})",
       "pool: input: shape [3] is neither [H, W] nor [C, H, W] (dims 2)"},
      {R"({"op": "pool", "input": [[1,2]], "kernel": [1,2], "mode": "mean"})",
       "pool: mode: \"mean\" is not one of max, average"},
      {R"({"op": "pool", "input": [[1,2]], "kernel": [1,2], "mode": "average", "dilation": 2})",
       "pool: dilation: mode \"average\" has none"},
      {R"({"op": "pool", "input": [[1,2]], "kernel": 1, "padding": 1})",
       "pool: the window of output (0, 0) covers nothing but padding"},
      {R"({"op": "pool", "input": [[1,2]], "kernel": 0})", "pool: kernel: 0 is smaller than 1"},
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
       "attention: scale: \"sqrt\" is not one of rsqrt"},
      {R"({"op": "softmax", "input": [1], "op": "conv"})",
       "standard input: the key \"op\" occurs twice in one object"},
  };
  for (const auto& [request, line] : cases) {
    const Answer done = run({"-"}, std::string(request));
    EXPECT_EQ(done.code, 2) << request;
    EXPECT_EQ(done.out, "") << request;
    EXPECT_EQ(done.err, "vitrine: " + std::string(line) + "\n") << request;
  }
}

TEST(Compute, ArgumentsAndFiles) {
  EXPECT_EQ(
      run({}).err,
      "vitrine: compute: one request file is expected, or - for standard input (vitrine compute --help)\n");
  EXPECT_EQ(run({"a", "b"}).code, 2);
  EXPECT_EQ(run({"--fast"}).err, "vitrine: compute: unknown option --fast (vitrine compute --help)\n");
  EXPECT_EQ(run({"/none/request.json"}).err, "vitrine: /none/request.json: No such file or directory\n");
  EXPECT_THAT(run({"-"}, "{\"op\": }").err,
              testing::StartsWith("vitrine: standard input: not JSON at line 1, column 8"));
  EXPECT_THAT(run({"-"}, "[\xA1").err, testing::EndsWith("'[\\xa1'\n"));
  EXPECT_THAT(run({"-"}, "").err, testing::StartsWith("vitrine: standard input: not JSON"));
}

TEST(Compute, ListAndHelpNameEveryOperationAndTheirExamplesRun) {
  const Answer list = run({"--list"}), help = run({"--help"});
  EXPECT_EQ(list.code, 0);
  EXPECT_EQ(help.code, 0);
  std::istringstream lines(list.out);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) names.push_back(line.substr(0, line.find(' ')));
  EXPECT_THAT(names, testing::IsSupersetOf({"conv", "conv_shape", "toeplitz", "locally_connected", "pool",
                                            "attention", "softmax"}));

  std::size_t examples = 0;
  std::istringstream help_lines(help.out);
  for (std::string line; std::getline(help_lines, line);) {
    if (!line.starts_with("  {")) continue;
    ASSERT_LT(examples, names.size());
    EXPECT_EQ(json::parse(line)["op"], names[examples++]);
    EXPECT_FALSE(computed(line).empty());
  }
  EXPECT_EQ(examples, names.size());
}

}  // namespace
}  // namespace vitrine::cli
