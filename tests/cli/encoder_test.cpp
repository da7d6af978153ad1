// Layer norm and the encoder block by `vitrine compute`.
#include "tests/cli/answers.h"

namespace vitrine::cli {
namespace {

TEST(Compute, LayerNorm) {
  const json plain = computed(R"({"op": "layer_norm", "input": [[1,2,3,4],[7,7,7,7]], "eps": 1e-12})");
  expect_near(plain["output"][0], {-1.341641, -0.447214, 0.447214, 1.341641});
  EXPECT_EQ(plain["output"][1], json({0, 0, 0, 0}));
  EXPECT_EQ(plain["mean"], json({2.5, 7}));
  EXPECT_EQ(plain["variance"], json({1.25, 0}));
  EXPECT_EQ(plain.size(), 3u);
  expect_result(R"({"op": "layer_norm", "input": [[-2, 2]], "weight": [10, 1], "bias": [0.5, 5], "eps": 12})",
                R"({"output": [[-4.5, 5.5]], "mean": [0], "variance": [4]})");
  const json usual = computed(R"({"op": "layer_norm", "input": [[-1, 1]]})");
  EXPECT_EQ(usual, computed(R"({"op": "layer_norm", "input": [[-1, 1]], "eps": 1e-5})"));
}

// Everything in one place: x, one head of size 1, an MLP of one number.
const std::string kBlock =
    R"({"op": "encoder_layer", "input": [[1, 3], [5, 5]], "heads": 1, "norm1.weight": [0, 0],
        "norm1.bias": [1, 2], "attn.qkv.weight": [[1, 0], [0, 0], [1, 1]], "attn.proj.weight": [[1], [2]],
        "attn.proj.bias": [0, 0.5], "norm2.weight": [0, 0], "norm2.bias": [3, 1],
        "mlp.fc1.weight": [[1, -1]], "mlp.fc1.bias": [-5], "mlp.fc2.weight": [[10], [20]],
        "mlp.fc2.bias": [0, 7])";

// The norms give (1, 2) and (3, 1) to every token; v = 3, all weights are 1/2; u = -3.
TEST(Compute, EncoderLayer) {
  expect_result(kBlock + R"(, "activation": "relu"})",
                R"({"output": [[4, 16.5], [8, 18.5]], "weights": [[[0.5, 0.5], [0.5, 0.5]]]})");
  const json gelu = computed(kBlock + "}");
  const double phi_of_minus_3 = 0.0013498980316300933;
  EXPECT_NEAR(gelu["output"][0][0].get<double>(), 4 + 10 * -3 * phi_of_minus_3, 1e-14);
  EXPECT_EQ(gelu, computed(kBlock + R"(, "activation": "gelu"})"));
  EXPECT_EQ(gelu, computed(kBlock + R"(, "attn.qkv.bias": [0, 0, 0]})"));
}

// The block with one of its fields replaced, or added.
std::string with(const std::string& field, const std::string& value) {
  json request = json::parse(kBlock + "}");
  request[field] = json::parse(value);
  return request.dump();
}

TEST(Compute, RefusesEncodersThatCannotBe) {
  json without = json::parse(kBlock + "}");
  without.erase("mlp.fc1.bias");
  const std::string missing = without.dump();
  const std::string heads = with("heads", "2"), none = with("heads", "0"), text = with("heads", "1.5"),
                    shape = with("mlp.fc2.weight", "[[1, 2], [3, 4]]"), flat = with("input", "[1, 3]"),
                    kind = with("activation", "\"tanh\""), prefix = with("blocks.0.norm1.weight", "[1, 1]"),
                    nan = with("norm1.bias", "[1, \"NaN\"]"), empty = with("norm1.bias", "[]"),
                    width = with("input", "[[1, 2, 3]]"),
                    large = with("attn.qkv.weight", "[[1e200, 0], [1e200, 0], [0, 0]]");
  const Bad cases[] = {
      {R"({"op": "layer_norm", "input": [[1, 2]], "eps": 0})",
       "layer_norm: eps 0 is not a finite number above 0"},
      {R"({"op": "layer_norm", "input": [[1, 2]], "eps": -1e-5})",
       "layer_norm: eps -1e-05 is not a finite number above 0"},
      {R"({"op": "layer_norm", "input": [[1, 2]], "weight": [1, 2, 3]})",
       "layer_norm: weight [3] does not fit input [1, 2]"},
      {R"({"op": "layer_norm", "input": [[1, 2]], "bias": [[1, 2]]})",
       "layer_norm: bias [1, 2] does not fit input [1, 2]"},
      {R"({"op": "layer_norm", "input": [1, 2]})", "layer_norm: input: shape [2] is not [rows, columns]"},
      {R"({"op": "layer_norm", "input": [[1e200, -1e200]]})",
       "layer_norm: the variance of row 0 passes a double's range"},
      {missing, "encoder_layer: mlp.fc1.bias: is missing"},
      {heads,
       "encoder_layer: attn.qkv.weight has 3 rows, which do not make queries, keys and values of 2 heads: a "
       "multiple of 6 is expected"},
      {none, "encoder_layer: heads is 0, not at least 1"},
      {text, "encoder_layer: heads: a whole number is expected, not 1.5"},
      {shape, "encoder_layer: mlp.fc2.weight [2, 2] does not fit mlp.fc1.weight [1, 2]: [2, 1] is expected"},
      {flat, "encoder_layer: input: shape [2] is not [rows, columns]"},
      {width, "encoder_layer: norm1.weight [2] does not fit input [1, 3]: [3] is expected"},
      {kind, "encoder_layer: activation: \"tanh\" is not one of gelu, relu"},
      {nan, "encoder_layer: norm1.bias: [1]: a number is expected, not \"NaN\""},
      {empty, "encoder_layer: norm1.bias: shape [0] has an empty axis"},
      {large, "encoder_layer: a number of the scores passes a double's range"},
  };
  expect_refused(cases);
  EXPECT_THAT(run({"-"}, prefix).err, testing::HasSubstr("blocks.0.norm1.weight: unknown field"));
}

}  // namespace
}  // namespace vitrine::cli
