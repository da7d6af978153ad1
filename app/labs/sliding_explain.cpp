// The formula of what the sliding window has lit, with its numbers.
#include <algorithm>
#include <string>

#include "app/labs/sliding_lab.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using widgets::Math;
using widgets::Role;
using Product = SlidingWindow::Product;
using Result = SlidingWindow::Result;
using View = SlidingWindow::View;

namespace {

constexpr std::size_t kMostProducts = 16;  // in a line; the stage shows all of them

// "3", or with several rows "2,3": both counted from 1.
std::string index_words(Index rows, Index row, Index at) {
  return (rows > 1 ? std::to_string(row + 1) + "," : "") + std::to_string(at + 1);
}

Math y_symbol(const Result& r, Index filter, Index output) {
  return widgets::symbol("y", index_words(r.params.filters(), filter, output), Role::kOutput);
}

// The weight's name, by its place in the kernel and not by the tap that it lies over.
Math weight_symbol(const Result& r, const Product& p) {
  const Index tap = p.weight_index % r.params.taps();
  return widgets::symbol("k", index_words(r.params.channels(), p.channel, tap), Role::kKernel);
}

void append(std::vector<Math>& line, std::initializer_list<Math> parts) { line.insert(line.end(), parts); }

// "k1 · x1 + k2 · x2 + …" and the same in numbers.
void append_products(const Result& r, const std::vector<Product>& products, std::vector<Math>& symbols,
                     std::vector<Math>& numbers) {
  for (std::size_t i = 0; i < products.size(); ++i) {
    if (i > 0) {
      symbols.push_back(widgets::word("+"));
      numbers.push_back(widgets::word("+"));
    }
    if (i == kMostProducts) {
      symbols.push_back(widgets::word("…"));
      numbers.push_back(widgets::word("…"));
      return;
    }
    const Product& p = products[i];
    const bool there = p.source >= 0;
    append(symbols,
           {weight_symbol(r, p), widgets::word("·"),
            there ? widgets::symbol("x", index_words(r.params.channels(), p.channel, p.source), Role::kInput)
                  : widgets::word("0", Role::kQuiet)});
    append(numbers, {widgets::factor(p.weight, Role::kKernel), widgets::word("·"),
                     widgets::factor(p.input, there ? Role::kInput : Role::kQuiet)});
  }
}

void append_bias(const Result& r, Index filter, std::vector<Math>& symbols, std::vector<Math>& numbers) {
  if (!r.params.use_bias) return;
  append(symbols, {widgets::word("+"), r.params.filters() > 1
                                           ? widgets::symbol("b", std::to_string(filter + 1), Role::kKernel)
                                           : widgets::word("b", Role::kKernel)});
  append(numbers, {widgets::word("+"), widgets::factor(r.params.bias[filter], Role::kKernel)});
}

// The sum taken apart by channels: one number each, from their own convolutions.
Math by_channels(const Result& r, Index filter, Index output) {
  std::vector<Math> line{y_symbol(r, filter, output), widgets::word("=")};
  for (Index c = 0; c < r.params.channels(); ++c) {
    if (c > 0) line.push_back(widgets::word("+"));
    line.push_back(widgets::factor(r.channel_sums(filter, c, output), Role::kOutput));
  }
  if (r.params.use_bias)
    append(line, {widgets::word("+"), widgets::factor(r.params.bias[filter], Role::kKernel)});
  append(line, {widgets::word("="), widgets::number(r.output(filter, output), Role::kOutput, 6)});
  return widgets::row(std::move(line));
}

widgets::Equation explain_window(const Result& r, Index filter, Index output) {
  std::vector<Math> symbols{y_symbol(r, filter, output), widgets::word("=")}, numbers = symbols;
  append_products(r, r.of(filter, output), symbols, numbers);
  append_bias(r, filter, symbols, numbers);
  append(numbers, {widgets::word("="), widgets::number(r.output(filter, output), Role::kOutput, 6)});
  const std::string words = "Output " + std::to_string(output + 1) + " of " + r.formula;
  if (r.params.channels() == 1)
    return {{widgets::row(std::move(symbols)), widgets::row(std::move(numbers))}, words};
  return {{widgets::row(std::move(numbers)), by_channels(r, filter, output)},
          words + ": the sum over " + grouped(r.params.channels()) + " channels of " +
              grouped(r.params.taps()) + " products each"};
}

// Which outputs an input stamps, and what they are afterwards.
widgets::Equation explain_stamp(const Result& r, Index filter, Index input) {
  std::vector<Math> line;
  for (const Product& p : r.of(filter, input)) {
    if (line.size() > 3 * kMostProducts) {
      line.push_back(widgets::word("…"));
      break;
    }
    append(line,
           {y_symbol(r, filter, p.source), widgets::word(" += "), widgets::factor(p.weight, Role::kKernel),
            widgets::word("·"), widgets::factor(p.input, Role::kInput), widgets::word("  ")});
  }
  std::vector<Math> after;
  Index last = -1;
  for (const Product& p : r.of(filter, input)) {
    if (p.source == last || after.size() > 2 * kMostProducts) continue;
    if (p.channel > 0) break;
    last = p.source;
    append(after, {y_symbol(r, filter, p.source), widgets::word("="),
                   widgets::number(r.partial(input, filter, p.source), Role::kOutput), widgets::word("  ")});
  }
  return {{widgets::row(std::move(line)), widgets::row(std::move(after))},
          "Input " + std::to_string(input + 1) + " stamps the kernel; y has " + r.formula + " cells"};
}

// Where a cell of a transposed convolution's output comes from.
widgets::Equation explain_stamped(const Result& r, Index filter, Index output) {
  std::vector<Product> products;
  std::vector<Math> symbols{y_symbol(r, filter, output), widgets::word("=")}, numbers = symbols;
  for (Index i = 0; i < r.steps; ++i)
    for (Product p : r.of(filter, i))
      if (p.source == output) {
        p.source = i;  // the input that it comes from
        products.push_back(p);
      }
  append_products(r, products, symbols, numbers);
  append_bias(r, filter, symbols, numbers);
  if (products.empty() && !r.params.use_bias) symbols.push_back(widgets::word("0", Role::kQuiet));
  append(numbers, {widgets::word(products.empty() ? "" : "="),
                   widgets::number(r.output(filter, output), Role::kOutput, 6)});
  return {{widgets::row(std::move(symbols)), widgets::row(std::move(numbers))},
          "Output " + std::to_string(output + 1) + " gathers the stamps that cover it"};
}

}  // namespace

widgets::Equation SlidingWindow::explain(const Result& r, const View& view) {
  const Focus lit = focus(r, view, true);
  if (!r.params.transposed()) return explain_window(r, lit.filter, lit.lit.step);
  if (view.hovered_cell && *view.hovered_cell < r.outputs())
    return explain_stamped(r, lit.filter, *view.hovered_cell);
  return explain_stamp(r, lit.filter, lit.lit.step);
}

}  // namespace vitrine::labs
