// Convolution, pooling and their shapes by `vitrine compute`.
#include "tests/cli/answers.h"

namespace vitrine::cli {
namespace {

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

TEST(Compute, RefusesConvolutionsThatCannotBe) {
  const Bad cases[] = {
      {R"({"op": "conv", "input": [1,2,3], "weight": [1,1,1,1,1]})",
       "conv: kernel 5 does not fit input 3 with padding 0"},
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
  };
  expect_refused(cases);
}

}  // namespace
}  // namespace vitrine::cli
