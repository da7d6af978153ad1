#include "engine/io/matrix_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "engine/io/files.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

using core::Shape;
using core::Tensor;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ParseMatrix, TheSameMatrixInEveryNotation) {
  const Tensor<double> expected({2, 2}, {1, 2.5, -3, 4});
  for (const std::string text : {
           "array([[ 1. ,  2.5],\n       [-3. ,  4. ]])",
           "np.array([[1, 2.5], [-3, 4]], dtype=np.float32)",
           "tensor([[ 1.0000,  2.5000],\n        [-3.0000,  4.0000]], dtype=torch.float64, device='cuda:0')",
           "x = torch.tensor([[1, 2.5], [-3, 4]], requires_grad=True)",
           "tensor([[1, 2.5], [-3, 4]], grad_fn=<AddBackward0>)",
           "[[ 1.   2.5]\n [-3.   4. ]]",
           "[[1, 2.5], [-3, 4]]",
           "[\n  [\n    1,\n    2.5\n  ],\n  [\n    -3,\n    4\n  ]\n]\n",
           "[1 2.5; -3 4]",
           "[1, 2.5; -3, 4];",
           "A = [1, 2.5\n -3, 4];",
           "A =\n\n   1.0   2.5\n  -3.0   4.0\n\n",
           "1,2.5\n-3,4\n",
           "1, 2.5\r\n-3, 4\r\n",
           "1\t2,5\n-3\t4",
           "1;2,5\n-3;4",
           "1 2.5\n\n-3   4",
           "\xEF\xBB\xBF"
           "1 2.5\n−3 4",
           "\\begin{bmatrix}1 & 2.5 \\\\ -3 & 4\\end{bmatrix}",
           "A = \\begin{pmatrix} 1 & \\frac{5}{2} \\\\ -3 & {4} \\\\ \\end{pmatrix}",
           "$$ \\left( \\begin{array}{c|c} 1 & 2{,}5 \\\\ \\hline −3 & 4 \\end{array} \\right). $$",
           "\\[ \\left\\{\\begin{matrix} 1 &\\tfrac{5}{2}\\\\-3&4 \\end{matrix}\\right\\} \\]",
       })
    EXPECT_EQ(parse_matrix(text), expected) << text;
}

TEST(ParseMatrix, OtherRanks) {
  EXPECT_EQ(parse_matrix("3.5"), Tensor<double>(Shape{}, {3.5}));
  EXPECT_EQ(parse_matrix("tensor(3.5)"), Tensor<double>(Shape{}, {3.5}));
  EXPECT_EQ(parse_matrix("-\\frac{1}{2}"), Tensor<double>(Shape{}, {-0.5}));
  for (const std::string text : {"[1, 2, 3]", "[1. 2. 3.]", "array([1, 2,\n       3])", "1 2 3", "1,2,3"})
    EXPECT_EQ(parse_matrix(text), Tensor<double>({3}, {1, 2, 3})) << text;
  for (const std::string text : {"[1 2 3;]", "[[1, 2, 3]]", "1,2,3\n", "\\begin{bmatrix}1&2&3\\end{bmatrix}"})
    EXPECT_EQ(parse_matrix(text), Tensor<double>({1, 3}, {1, 2, 3})) << text;
  for (const std::string text : {"[1; 2]", "[[1], [2]]", "1\n2", "[1\n2]"})
    EXPECT_EQ(parse_matrix(text), Tensor<double>({2, 1}, {1, 2})) << text;
  EXPECT_EQ(parse_matrix("[[[1, 2]], [[3, 4]]]"), Tensor<double>({2, 1, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(parse_matrix("[[[[1]], [[2]]]]"), Tensor<double>({1, 2, 1, 1}, {1, 2}));
}

TEST(ParseMatrix, NumbersWithoutDigits) {
  const Tensor<double> read =
      parse_matrix("[nan, NaN, np.nan, inf, Inf, np.inf, Infinity, -inf, -np.inf, −Infinity]");
  ASSERT_EQ(read.shape(), (Shape{10}));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(std::isnan(read[i])) << i;
  for (int i = 3; i < 7; ++i) EXPECT_EQ(read[i], kInfinity) << i;
  for (int i = 7; i < 10; ++i) EXPECT_EQ(read[i], -kInfinity) << i;
}

TEST(ParseMatrix, EachMistakeHasItsPlace) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "row 1, column 1: a number is missing, the text holds none"},
      {" \n\t", "row 1, column 1: a number is missing, the text holds none"},
      {"[[1, 2], [3]]", "row 2, column 2: a number is missing, row 1 has 2"},
      {"1 2\n3 4 5", "row 2, column 3: a number too many, row 1 has 2"},
      {"[1 2; 3]", "row 2, column 2: a number is missing, row 1 has 2"},
      {"1,,3", "row 1, column 2: a number is missing"},
      {"[1,,3]", "row 1, column 2: a number is missing"},
      {"a,b\n1,2", "row 1, column 1: \"a\" is not a number (or passes a double's range)"},
      {"[[1, two]]", "row 1, column 2: \"two\" is not a number (or passes a double's range)"},
      {"[1e999]", "row 1, column 1: \"1e999\" is not a number (or passes a double's range)"},
      {"[[1, 2", "row 1, column 3: a closing bracket is missing"},
      {"[[1], 2]", "row 2, column 1: a list is expected, not \"2\""},
      {"[[1], [[2]]]", "row 2, column 1: a list where a number is expected"},
      {"[[[1], [2]], [[3]]]", "row 4, column 1: a list of 1 lists ends here, the first has 2"},
      {"[[[[[1]]]]]", "row 1, column 1: lists within lists, at most 4 deep"},
      {"[[], []]", "row 1, column 1: a list holds no numbers"},
      {"[[1 2 ... 8 9]]", "row 1, column 3: ... stands for numbers that are left out; print all of them"},
      {"[1 2]'", "row 2, column 1: \"'\" is not expected here"},
      {"\\begin{bmatrix}1 & \\\\ 2\\end{bmatrix}", "row 1, column 2: a number is missing"},
      {"\\begin{align}1\\end{align}", "row 1, column 1: the environment \"align\" is not a matrix"},
      {"\\begin{bmatrix}1\\end{pmatrix}", "row 2, column 1: \\end{bmatrix} is missing"},
      {"\\begin{bmatrix}1 & \\ldots\\end{bmatrix}",
       "row 1, column 2: \"\\ldots\\end{bmatrix}\" is not a number"},
      {"\\frac{1}{0}", "row 1, column 1: a fraction's denominator is 0"},
  };
  for (const auto& [text, error] : cases) {
    const std::string line = error_of<FormatError>([&] { parse_matrix(text); });
    EXPECT_EQ(line, error) << text;
    EXPECT_THAT(line, testing::StartsWith("row ")) << text;
    EXPECT_EQ(line.find('\n'), line.npos) << text;
  }
}

TEST(ParseMatrix, Limits) {
  std::string most = "[0";
  for (core::Index i = 1; i < kMatrixTextLimit_numbers; ++i) most += ",0";
  EXPECT_EQ(parse_matrix(most + "]").count(), kMatrixTextLimit_numbers);
  EXPECT_EQ(error_of<FormatError>([&] { parse_matrix(most + ",0]"); }),
            "row 1, column 1048577: more than 1048576 numbers");
  EXPECT_EQ(error_of<FormatError>([] { parse_matrix(std::string((32 << 20) + 1, ' ')); }),
            "a text of 33554433 bytes, the limit is 33554432");
  EXPECT_THROW(parse_matrix(std::string(1 << 20, '[')), FormatError);
}

TEST(MatrixText, WritesEachFormat) {
  const Tensor<double> matrix({2, 2}, {1, -2.5, 1.0 / 3, kInfinity});
  EXPECT_EQ(matrix_text(matrix, MatrixFormat::kNumPy),
            "np.array([[1, -2.5],\n          [0.3333333333333333, np.inf]], dtype=float)");
  EXPECT_EQ(matrix_text(matrix, MatrixFormat::kMatlab), "[1 -2.5; 0.3333333333333333 Inf]");
  EXPECT_EQ(matrix_text(matrix, MatrixFormat::kCsv), "1,-2.5\n0.3333333333333333,inf\n");
  EXPECT_EQ(matrix_text(matrix, MatrixFormat::kLatex),
            "\\begin{bmatrix}1 & -2.5 \\\\ 0.3333 & \\infty\\end{bmatrix}");
  const Tensor<double> slices({2, 1, 2}, {1, 2, 3, 4});
  EXPECT_EQ(matrix_text(slices, MatrixFormat::kMatlab), "cat(3, [1 2;], [3 4;])");
  EXPECT_EQ(matrix_text(slices, MatrixFormat::kCsv), "1,2\n\n3,4\n");
  EXPECT_EQ(matrix_text(slices, MatrixFormat::kLatex),
            "\\begin{bmatrix}1 & 2\\end{bmatrix}\n\\begin{bmatrix}3 & 4\\end{bmatrix}");
  EXPECT_EQ(matrix_text(Tensor<double>(Shape{3, 0}), MatrixFormat::kNumPy), "");
  EXPECT_THROW(matrix_text(Tensor<double>(Shape{1, 1, 1, 1, 1}), MatrixFormat::kCsv), core::ShapeError);
}

TEST(MatrixText, ReadsBackExactly) {
  const double values[] = {0.1, -0.0, 5e-324, 1.7976931348623157e308, kInfinity, -kInfinity, 1e21, -7};
  const auto eight = std::span<const double>(values);
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{8}, Shape{1, 8}, Shape{8, 1}, Shape{2, 4},
                             Shape{2, 2, 2}, Shape{2, 1, 2, 2}}) {
    const Tensor<double> matrix(shape, eight.first(static_cast<std::size_t>(shape.count())));
    for (const MatrixFormat format : {MatrixFormat::kNumPy, MatrixFormat::kMatlab, MatrixFormat::kCsv}) {
      if (format != MatrixFormat::kNumPy && shape.rank() > 2) continue;
      const std::string text = matrix_text(matrix, format);
      Tensor<double> again = parse_matrix(text);
      if (format == MatrixFormat::kCsv && shape == Shape{1}) again = again.reshaped({1});
      EXPECT_EQ(again, matrix) << text;
    }
  }
  const Tensor<double> short_numbers({2, 2}, {1, -0.5, 1e-7, 1234});
  EXPECT_EQ(parse_matrix(matrix_text(short_numbers, MatrixFormat::kLatex)), short_numbers);
}

}  // namespace
}  // namespace vitrine::io
