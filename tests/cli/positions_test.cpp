// Positional encodings and dot products' statistics by `vitrine compute`.
#include <cmath>

#include "tests/cli/answers.h"

namespace vitrine::cli {
namespace {

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

TEST(Compute, RefusesPositionsAndStatisticsThatCannotBe) {
  const Bad cases[] = {
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
      {R"({"op": "dot_product_statistics", "mean": 0, "std": 1, "dim": 1, "samples": 1073741824})",
       "dot_product_statistics: a result of shape [1, 1073741824, 1] passes the limit of 2^28 numbers"},
      {R"({"op": "dot_product_statistics", "mean": 0, "std": 1, "dim": 536870912, "samples": 2})",
       "dot_product_statistics: a result of shape [536870912] passes the limit of 2^28 numbers"},
      {R"({"op": "dot_product_statistics", "mean": 1e-200, "std": 1e77, "dim": 1, "samples": 500})",
       "dot_product_statistics: the result sample_variance passes a double's range"},
      {R"({"op": "dot_product_statistics", "mean": 1e200, "std": 1, "dim": 4})",
       "dot_product_statistics: the expected mean of mean 1e+200, std 1 and dim 4 passes a double's range"},
  };
  expect_refused(cases);
}

}  // namespace
}  // namespace vitrine::cli
