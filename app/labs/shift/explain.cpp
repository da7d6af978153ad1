// The words and equations of "Shift": how far the outputs are apart, and why.
//   departure = ||f(T x) − T′ f(x)|| / ||T′ f(x)||
#include <algorithm>
#include <cstdlib>

#include "app/labs/numbers.h"
#include "app/labs/shift/lab.h"
#include "engine/core/text.h"
#include "engine/lessons/expression.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using signal::Departure;
using widgets::Equation;
using widgets::factor;
using widgets::Math;
using widgets::number;
using widgets::Role;
using widgets::word;

namespace {

Index set_cells(const core::Tensor<std::uint8_t>& mask) {
  return std::count_if(mask.values().begin(), mask.values().end(), [](std::uint8_t set) { return set != 0; });
}

std::string cells(Index n) { return grouped(n) + (n == 1 ? " cell" : " cells"); }

// "A shift of 3 at a total stride of 2 is 1.5 output cells", of the first axis that does not divide.
std::string broken_cell(const signal::Shift& shift, const signal::TotalStride& stride) {
  const bool by_columns = shift.columns % stride.columns != 0;
  const Index moved = by_columns ? shift.columns : shift.rows,
              step = by_columns ? stride.columns : stride.rows;
  return "A shift by " + cells(std::abs(moved)) + " at a total stride of " + grouped(step) + " would be " +
         core::shown(std::abs(static_cast<double>(moved)) / static_cast<double>(step), 3) + " output cells";
}

std::string short_words(Departure cause) {
  switch (cause) {
    case Departure::kNone:
      return "Equivariant at this shift: the departure is exactly 0";
    case Departure::kDense:
      return "Not equivariant: no weights are shared";
    case Departure::kStride:
      return "Not equivariant: the shift is no whole number of output cells";
    case Departure::kBorder:
      break;
  }
  return "Equivariant inside, not at the border";
}

Math norm(std::vector<Math> inside) {
  std::vector<Math> parts{word("‖ ")};
  for (Math& m : inside) parts.push_back(std::move(m));
  parts.push_back(word(" ‖"));
  return widgets::row(std::move(parts));
}

Math moved_then_f() {
  return widgets::row({word("f", Role::kOutput), word("(T"), word("x", Role::kInput), word(")")});
}
Math f_then_moved() {
  return widgets::row({word("T′"), word("f", Role::kOutput), word("("), word("x", Role::kInput), word(")")});
}

}  // namespace

std::string ShiftLab::words_of(const signal::Shift& shift) {
  std::string words;
  const auto say = [&](Index moved, const char* forward, const char* backward) {
    if (moved == 0) return;
    words += (words.empty() ? "" : ", ") + grouped(std::abs(moved)) + (moved > 0 ? forward : backward);
  };
  say(shift.columns, " right", " left");
  say(shift.rows, " down", " up");
  return words.empty() ? "0" : words;
}

std::string ShiftLab::words_of(const Params& p) {
  const bool picture = p.input == Input::kPicture;
  const auto side = [&](Index n) { return grouped(n) + (picture ? " × " + grouped(n) : ""); };
  const auto strided = [](Index stride) { return stride == 1 ? "" : ", stride " + grouped(stride); };
  const std::string around =
      p.boundary == signal::Boundary::kZeros
          ? ""
          : ", " + std::string(signal::kBoundaryNames[static_cast<std::size_t>(p.boundary)]);
  switch (p.layers) {
    case Layers::kMaxPool:
      return "max pooling of " + side(p.pool) + strided(p.pool_stride);
    case Layers::kAveragePool:
      return "average pooling of " + side(p.pool) + strided(p.pool_stride);
    case Layers::kDense:
      return "fully connected, random weights";
    case Layers::kStack: {
      const std::string pooling = p.stack.pool == 1 ? ""
                                                    : ", " + std::string(p.stack.average ? "mean" : "max") +
                                                          " of " + side(p.stack.pool);
      return grouped(p.stack.blocks) + " × (random " + side(p.stack.kernel) + around + ", ReLU" + pooling +
             ")";
    }
    case Layers::kConvolution:
      break;
  }
  return "convolution " +
         (picture ? grouped(p.kernel.size(0)) + " × " + grouped(p.kernel.size(1))
                  : "of " + grouped(p.taps.count())) +
         strided(p.columns.stride) + around;
}

std::string ShiftLab::why(const Result& r, const Step& step) {
  const signal::Equivariance& e = step.answer;
  if (step.shift == signal::Shift{})
    return "Nothing has moved yet. Play, or drag the playhead: it moves the input.";
  const Index differ = e.difference.changed, border = set_cells(e.border);
  switch (e.cause) {
    case Departure::kNone:
      return "The output has moved along by " + words_of(e.output_shift) + ", to the last bit. " +
             (border == 0 ? "Every window meets the same numbers as before: there is no border to be seen."
                          : "The outlined cells meet the border, but there both happen to agree.");
    case Departure::kDense:
      return "Every two cells have a weight of their own. The moved input meets other weights, so nothing "
             "tells the "
             "output to move along.";
    case Departure::kStride:
      return broken_cell(step.shift, r.stride) +
             ": no output moves by that. It is compared with the whole shift that " + "fits best, " +
             words_of(e.output_shift) + ".";
    case Departure::kBorder:
      break;
  }
  return "All " + grouped(differ) +
         " differences lie in the outlined cells: their windows meet the border, or " +
         (r.params.fill == signal::ShiftFill::kWrap ? "what came back in at the other edge"
                                                    : "the zeros that came in") +
         ". Everything else has moved along exactly.";
}

Equation ShiftLab::explain(const Result& r, const View& view) {
  const Focus f = focus(r, view, true);
  const Step& step = r.steps[f.step];
  const signal::Equivariance& e = step.answer;
  Equation q;
  q.words = short_words(e.cause);
  q.lines.push_back(widgets::row(
      {widgets::fraction(norm({moved_then_f(), word("−"), f_then_moved()}), norm({f_then_moved()})),
       word("="), number(e.difference.relative, Role::kOutput, 4), word(",   largest difference "),
       number(e.difference.largest, Role::kOutput, 4),
       word(",   T: " + words_of(step.shift) + ",   T′: " + words_of(e.output_shift))}));
  if (f.cell) {
    const auto [row, column] = *f.cell;
    const std::string index =
        (r.is_picture() ? std::to_string(row + 1) + "," : "") + std::to_string(column + 1);
    q.lines.push_back(widgets::row({widgets::scripts(moved_then_f(), word(index)), word("−"),
                                    widgets::scripts(f_then_moved(), word(index)), word("="),
                                    number(e.of_shifted(f.map, row, column), Role::kOutput, 5), word("−"),
                                    factor(e.shifted_output(f.map, row, column), Role::kOutput, 5), word("="),
                                    number(e.difference.values(f.map, row, column), Role::kOutput, 5)}));
  }
  return q;
}

lessons::Symbols ShiftLab::numbers(const Result& r, const View& view, core::Index most) {
  using lessons::number;
  const Params& p = r.params;
  const Focus f = focus(r, view, true);
  const Step& step = r.steps[f.step];
  const signal::Equivariance& e = step.answer;
  lessons::Symbols all{{"layers", number(static_cast<int>(p.layers))},
                       {"k", r.is_picture() ? p.kernel : p.taps},
                       {"departure", number(e.difference.relative)},
                       {"largest_departure", number(r.largest_departure)},
                       {"largest_difference", number(e.difference.largest)},
                       {"differences", number(e.difference.changed)},
                       {"shift_right", number(step.shift.columns)},
                       {"shift_down", number(step.shift.rows)},
                       {"output_shift_right", number(e.output_shift.columns)},
                       {"output_shift_down", number(e.output_shift.rows)},
                       {"cause", number(static_cast<int>(e.cause))},
                       {"total_stride", number(r.stride.columns)},
                       {"stride", number(p.columns.stride)},
                       {"boundary", number(static_cast<int>(p.boundary))},
                       {"pool_size", number(p.pool)},
                       {"pool_stride", number(p.pool_stride)},
                       {"cells_a_step", number(p.step_columns)},
                       {"steps", number(p.steps)},
                       {"wrap", number(p.fill == signal::ShiftFill::kWrap)},
                       {"map", number(f.map + 1)}};
  // A signal has no rows.
  const auto name = [&](const char* letters, const core::Tensor<double>& values) {
    add_tensor(all, letters, r.is_picture() ? values : values.reshaped({values.size(0), values.size(2)}),
               most);
  };
  name("x", r.input());
  name("fx", r.output);
  name("Tx", step.input);
  name("fTx", e.of_shifted);
  name("Tfx", e.shifted_output);
  return all;
}

}  // namespace vitrine::labs
