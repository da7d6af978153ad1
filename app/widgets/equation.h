// Equation: mathematics as a value: terms, fractions, scripts and matrices, each with the role whose colour
// it takes. One widget sets it on a canvas; the same value becomes plain text and LaTeX.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "app/widgets/canvas.h"

namespace vitrine::widgets {

class Math {
 public:
  enum class Kind : std::uint8_t { kRow, kWord, kNumber, kScripts, kFraction, kMatrix, kRoot };

  Kind kind = Kind::kRow;
  Role role = Role::kText;
  std::string text;  // kWord, kNumber
  std::vector<Math>
      parts;        // kRow: in order; kScripts: base, sub, sup; kFraction: above, below; kMatrix: row-major
  int columns = 0;  // kMatrix
};

// x, "=", "softmax"
Math word(std::string text, Role role = Role::kText);
// A number from the engine, at most `digits` significant digits.
Math number(double value, Role role = Role::kText, int digits = 4);
// A negative number in parentheses, as it stands behind an operator.
Math factor(double value, Role role = Role::kText, int digits = 4);
Math row(std::vector<Math> parts);
// base with a subscript and perhaps a superscript; empty strings leave them out.
Math scripts(Math base, Math sub, Math sup = {});
Math symbol(std::string base, std::string sub, Role role);
Math fraction(Math above, Math below);
Math root(Math inside);
// values in row-major order under square brackets
Math matrix(int columns, std::vector<Math> cells);

// Terms with a plus between them; those beyond `most` are an ellipsis, and a sum of nothing is 0. Its parts
// are for the top level of a line, which breaks at a plus.
class Sum {
 public:
  explicit Sum(std::size_t most) : most_(most) {}
  // The parts of one more term; false when the ellipsis stands for it and all that follow.
  bool add(std::initializer_list<Math> term);
  // A term that is always written, like a bias behind the products.
  void add_last(Math term);
  std::vector<Math> parts() const;

 private:
  std::vector<Math> parts_;
  std::size_t terms_ = 0, most_;
};

// The formula of what is lit: lines, top to bottom.
struct Equation {
  std::vector<Math> lines;
  std::string words;  // one sentence above the mathematics; may be empty
};

std::string plain_text(const Math& math);
std::string latex(const Math& math);
std::string plain_text(const Equation& equation);
std::string latex(const Equation& equation);

struct MathSize {
  float width, above, below;  // of the baseline axis
};
MathSize measure(const Canvas& canvas, const Math& math, float size_px);
// Sets the mathematics with its left end at x and its axis at y.
void typeset(Canvas& canvas, Point at, const Math& math, float size_px);
// Sets the equation into the box, smaller if it must, broken at top-level "+", "−" and "=" if it may.
void typeset(Canvas& canvas, const Rect& box, const Equation& equation);

}  // namespace vitrine::widgets
