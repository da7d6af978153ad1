// The formula of what the sliding window has lit, with its numbers.
#include <algorithm>
#include <string>

#include "app/labs/numbers.h"
#include "app/labs/sliding/lab.h"
#include "engine/core/text.h"
#include "engine/lessons/expression.h"

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

Math bias_symbol(const Result& r, Index filter) {
  return r.params.filters() > 1 ? widgets::symbol("b", std::to_string(filter + 1), Role::kKernel)
                                : widgets::word("b", Role::kKernel);
}

void append(std::vector<Math>& line, const std::vector<Math>& parts) {
  line.insert(line.end(), parts.begin(), parts.end());
}

// The products and the bias of an output: "y1 = k1 · x1 + k2 · x2 + …", and the same in numbers.
struct Lines {
  Math symbols, numbers;
};
Lines lines_of(const Result& r, Index filter, Index output, const std::vector<Product>& products) {
  widgets::Sum symbols(kMostProducts), numbers(kMostProducts);
  for (const Product& p : products) {
    const bool there = p.source >= 0;
    const Math x =
        there ? widgets::symbol("x", index_words(r.params.channels(), p.channel, p.source), Role::kInput)
              : widgets::word("0", Role::kQuiet);
    symbols.add({weight_symbol(r, p), widgets::word("·"), x});
    if (!numbers.add({widgets::factor(p.weight, Role::kKernel), widgets::word("·"),
                      widgets::factor(p.input, there ? Role::kInput : Role::kQuiet)}))
      break;
  }
  if (r.params.use_bias) {
    symbols.add_last(bias_symbol(r, filter));
    numbers.add_last(widgets::factor(r.params.bias[filter], Role::kKernel));
  }
  const auto line = [&](const widgets::Sum& sum) {
    std::vector<Math> parts{y_symbol(r, filter, output), widgets::word("=")};
    append(parts, sum.parts());
    return parts;
  };
  std::vector<Math> second = line(numbers);
  append(second, {widgets::word("="), widgets::number(r.output(filter, output), Role::kOutput, 6)});
  return {widgets::row(line(symbols)), widgets::row(std::move(second))};
}

// The sum taken apart by channels: one number each, from their own convolutions.
Math by_channels(const Result& r, Index filter, Index output) {
  widgets::Sum sum(static_cast<std::size_t>(r.params.channels()));
  for (Index c = 0; c < r.params.channels(); ++c)
    sum.add({widgets::factor(r.channel_sums(filter, c, output), Role::kOutput)});
  if (r.params.use_bias) sum.add_last(widgets::factor(r.params.bias[filter], Role::kKernel));
  std::vector<Math> line{y_symbol(r, filter, output), widgets::word("=")};
  append(line, sum.parts());
  append(line, {widgets::word("="), widgets::number(r.output(filter, output), Role::kOutput, 6)});
  return widgets::row(std::move(line));
}

widgets::Equation explain_window(const Result& r, Index filter, Index output) {
  const Lines lines = lines_of(r, filter, output, r.of(filter, output));
  const std::string words = "Output " + std::to_string(output + 1) + " of " + r.formula;
  if (r.params.channels() == 1) return {{lines.symbols, lines.numbers}, words};
  return {{lines.numbers, by_channels(r, filter, output)},
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
  for (Index i = 0; i < r.steps; ++i)
    for (Product p : r.of(filter, i))
      if (p.source == output) {
        p.source = i;  // the input that it comes from
        products.push_back(p);
      }
  const Lines lines = lines_of(r, filter, output, products);
  const std::string name = "Output " + std::to_string(output + 1);
  if (products.empty()) return {{lines.symbols, lines.numbers}, name + ": no stamp covers it"};
  return {{lines.symbols, lines.numbers}, name + " gathers the stamps that cover it"};
}

}  // namespace

widgets::Equation SlidingWindow::explain(const Result& r, const View& view) {
  const Focus lit = focus(r, view, true);
  if (!r.params.transposed()) return explain_window(r, lit.filter, lit.lit.step);
  if (view.hovered_cell && *view.hovered_cell < r.outputs())
    return explain_stamped(r, lit.filter, *view.hovered_cell);
  return explain_stamp(r, lit.filter, lit.lit.step);
}

lessons::Symbols SlidingWindow::numbers(const Result& r, const View& view, core::Index most) {
  using lessons::number;
  const Params& p = r.params;
  lessons::Symbols all{{"x", p.input},
                       {"k", p.weight},
                       {"b", p.bias},
                       {"y", r.output},
                       {"outputs", number(r.outputs())},
                       {"input_length", number(p.length())},
                       {"channels", number(p.channels())},
                       {"filters", number(p.filters())},
                       {"kernel_size", number(p.taps())},
                       {"bias", number(p.use_bias)},
                       {"operation", number(static_cast<int>(p.operation))},
                       {"stride", number(p.window.stride)},
                       {"dilation", number(p.window.dilation)},
                       {"padding_left", number(p.window.padding_before)},
                       {"padding_right", number(p.window.padding_after)},
                       {"boundary", number(static_cast<int>(p.boundary))},
                       {"output_padding", number(p.output_padding)},
                       {"untouched", number(std::count(r.touched.begin(), r.touched.end(), false))},
                       {"weights", number(r.counts.weights)},
                       {"parameters", number(r.counts.parameters)},
                       {"macs", number(r.counts.macs)},
                       {"dense_weights", number(r.counts.dense_weights)},
                       {"filter", number(focus(r, view, true).filter + 1)},
                       {"pinned", number(view.pinned ? *view.pinned + 1 : 0)}};
  if (!p.transposed()) all.emplace("channel_sums", r.channel_sums);
  add_tensor(all, "K", r.matrix, most);
  return all;
}

}  // namespace vitrine::labs
