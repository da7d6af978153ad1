// The equations of "Pooling": the window that is lit, as a largest number and as a sum over a count.
//   y^max = max(x, x, ...),   y^mean = (x + x + ...) / n, in lowest terms
#include <algorithm>

#include "app/labs/numbers.h"
#include "app/labs/pooling/lab.h"
#include "app/labs/window_controls.h"
#include "engine/core/text.h"
#include "engine/lessons/expression.h"

namespace vitrine::labs {

using core::Index;
using widgets::Equation;
using widgets::factor;
using widgets::Math;
using widgets::number;
using widgets::Role;
using widgets::word;

namespace {

constexpr const char* kThen = ",   altered ";
constexpr std::size_t kShown = 9, kShownOfMore = 4;  // numbers of a window; the picture shows all of them

Math output(const char* which, widgets::Cell at, bool of_copy) {
  const std::string index = std::to_string(at.row + 1) + "," + std::to_string(at.column + 1);
  return widgets::scripts(word("y", Role::kOutput), word(index, Role::kOutput),
                          word(std::string(which) + (of_copy ? "′" : ""), Role::kOutput));
}

// The window's numbers with a sign between them.
Math numbers_of(const signal::PoolWindow& w, const char* between) {
  std::vector<Math> parts;
  const std::size_t shown = w.cells.size() > kShown ? kShownOfMore : w.cells.size();
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) parts.push_back(word(between));
    parts.push_back(factor(w.cells[i].value, w.cells[i].tap.inside ? Role::kInput : Role::kQuiet, 3));
  }
  if (shown < w.cells.size()) {
    parts.push_back(word(between));
    parts.push_back(word("…"));
  }
  return widgets::row(std::move(parts));
}

void append_mean(std::vector<Math>& parts, const signal::PoolWindow& w) {
  parts.push_back(widgets::fraction(number(w.sum, Role::kOutput, 6), number(static_cast<double>(w.count))));
  const auto ratio = signal::exact_ratio(w.sum, w.count);
  if (ratio && ratio->below != w.count && ratio->below != 1) {
    parts.push_back(word("="));
    parts.push_back(widgets::fraction(number(static_cast<double>(ratio->above), Role::kOutput, 6),
                                      number(static_cast<double>(ratio->below))));
  }
  parts.push_back(word("="));
  parts.push_back(number(w.mean, Role::kOutput, 4));
}

// `copy` is the altered copy's window, or null.
Math largest_line(const signal::PoolWindow& w, const signal::PoolWindow* copy, widgets::Cell at) {
  std::vector<Math> parts{output("max", at, false), word("="), word("max"), word("("),
                          numbers_of(w, ", "),      word(")"), word("="),   number(w.largest, Role::kOutput)};
  if (copy) {
    parts.push_back(word(kThen));
    parts.push_back(output("max", at, true));
    parts.push_back(word("="));
    parts.push_back(number(copy->largest, Role::kOutput));
  }
  return widgets::row(std::move(parts));
}

Math mean_line(const signal::PoolWindow& w, const signal::PoolWindow* copy, widgets::Cell at) {
  std::vector<Math> parts{output("mean", at, false), word("="),
                          widgets::fraction(numbers_of(w, "+"), number(static_cast<double>(w.count))),
                          word("=")};
  append_mean(parts, w);
  if (copy) {
    parts.push_back(word(kThen));
    parts.push_back(output("mean", at, true));
    parts.push_back(word("="));
    append_mean(parts, *copy);
  }
  return widgets::row(std::move(parts));
}

std::string changes(const signal::Difference& d) {
  return "in " + core::grouped(d.changed) + " of " + core::grouped(d.values.count()) + ", by at most " +
         core::shown(d.largest, 3);
}

}  // namespace

Equation Pooling::explain(const Result& r, const View& view) {
  const widgets::Cell at = focus(r, view, true).cell;
  const signal::PoolWindow window = r.window(r.original, at);
  if (r.copy) {
    const signal::PoolWindow copy = r.window(*r.copy, at);
    return {{largest_line(window, &copy, at), mean_line(window, &copy, at)},
            "Max changed " + changes(r.largest.difference) +
                (r.params.shows_sums() ? "; sum " : "; average ") + changes(r.mean.difference)};
  }
  const signal::PoolSpec& pool = r.params.pool;
  return {{largest_line(window, nullptr, at), mean_line(window, nullptr, at)},
          "Rows " + size_formula(r.original.input.size(1), pool.kernel_rows, pool.rows) + ", columns " +
              size_formula(r.original.input.size(2), pool.kernel_columns, pool.columns)};
}

namespace {

// A side's numbers with `mark` behind their names.
void name_side(lessons::Symbols& all, const Pooling::Side& side, const std::string& mark, core::Index most) {
  add_tensor(all, "x" + mark, side.input.reshaped({side.input.size(1), side.input.size(2)}), most);
  add_tensor(all, "largest" + mark, side.largest, most);
  add_tensor(all, "averages" + mark, side.mean, most);
  add_tensor(all, "sums" + mark, side.sums, most);
}

}  // namespace

lessons::Symbols Pooling::numbers(const Result& r, const View& view, core::Index most) {
  using lessons::number;
  const Params& p = r.params;
  lessons::Symbols all{{"rows", number(r.rows())},
                       {"columns", number(r.columns())},
                       {"outputs", number(r.rows() * r.columns())},
                       {"kernel_rows", number(p.pool.kernel_rows)},
                       {"kernel_columns", number(p.pool.kernel_columns)},
                       {"stride", number(p.pool.columns.stride)},
                       {"dilation", number(p.pool.columns.dilation)},
                       {"padding_left", number(p.pool.columns.padding_before)},
                       {"padding_right", number(p.pool.columns.padding_after)},
                       {"padding_top", number(p.pool.rows.padding_before)},
                       {"padding_bottom", number(p.pool.rows.padding_after)},
                       {"count_padding", number(p.count_padding)},
                       {"altered", number(p.compare)},
                       {"shift_down", number(p.harm.shift_rows)},
                       {"shift_right", number(p.harm.shift_columns)},
                       {"stray_value", number(p.harm.stray_value)},
                       {"noise", number(p.harm.noise)},
                       {"pinned_row", number(view.pinned ? view.pinned->row + 1 : 0)},
                       {"pinned_column", number(view.pinned ? view.pinned->column + 1 : 0)}};
  name_side(all, r.original, "", most);
  if (!r.copy) return all;
  name_side(all, *r.copy, "_altered", most);
  if (!r.harmed.empty())
    all.emplace("harmed", number(std::count(r.harmed.values().begin(), r.harmed.values().end(), 1)));
  all.emplace("changed_largest", number(r.largest.difference.changed));
  all.emplace("changed_averages", number(r.mean.difference.changed));
  all.emplace("departure_largest", number(r.largest.difference.relative));
  all.emplace("departure_averages", number(r.mean.difference.relative));
  return all;
}

}  // namespace vitrine::labs
