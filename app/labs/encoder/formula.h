// How a tensor of the encoder block is made of others, as data: the matrices that meet, in reading order, and
// which of their numbers make one of the result's. The picture draws it, the explain strip writes it out.
#pragma once

#include "app/labs/encoder/tensors.h"

namespace vitrine::labs {

// Which cells of an operand make the result's cell (r, c).
enum class Reach : std::uint8_t { kCell, kRow, kColumn };

struct Operand {
  std::string sign;  // before it: "·", "+", or words over an arrow
  Sheet sheet;
  TensorName name;
  Reach reach = Reach::kCell;
  std::optional<Encoder::Which> which{};  // none: the factors of a dropout, a slope
  bool gradient = false;                  // the values are dL/d of the tensor
  bool is_transposed = false;
  bool below = false;  // stands below the one before it: a bias below its weights
};

struct Formula {
  // What is done with the operands, a b c ...:
  enum class Kind : std::uint8_t {
    kGiven,         // nothing: x, or the chosen number of y
    kCopy,          // a
    kSum,           // a + b
    kDifference,    // a - b
    kTimes,         // a b, number by number
    kMean,          // of a's row
    kMeanSquare,    // of a's row
    kNormalise,     // a / sqrt(b + eps)
    kProduct,       // scale a b (+ c)
    kProducts,      // a b + c d + e f
    kSoftmax,       // of a's row
    kActivation,    // act(a)
    kSoftmaxBack,   // a (b - sum a b) over the row
    kColumnSum,     // of a's column
    kColumnDot,     // sum over a column of a b
    kVarianceBack,  // -1/2 (c + eps)^(-3/2) sum a b over the row
    kCentredBack,   // a / sqrt(b + eps) + 2/D c d
    kMeanBack,      // -sum of a's row
  };
  Kind kind = Kind::kGiven;
  std::vector<Operand> operands;
  Operand result;
  double scale = 1;   // of kProduct
  std::string words;  // one sentence
};

// How the step's tensor is made, forwards or backwards. Points into the result.
Formula formula_of(const Encoder::Result& r, const Encoder::Step& step);
// The same for what is lit: a bias or a weight of a norm that is pointed at, too.
Formula formula_of(const Encoder::Result& r, const Encoder::Focus& focus);

}  // namespace vitrine::labs
