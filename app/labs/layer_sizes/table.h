// The table of "Layer sizes": what each layer gives, costs and sees, a row a layer, and their sums.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "app/labs/layer_sizes/lab.h"
#include "app/widgets/canvas.h"

namespace vitrine::labs {

class FigureTable {
 public:
  using Result = LayerSizes::Result;

  // As wide as the box; numbers become brief, then small, until they fit.
  FigureTable(const widgets::Canvas& c, const Result& r, const widgets::Rect& box);

  // The row of the focus is lit; what is behind it is still to come.
  void draw(widgets::Canvas& c, const Result& r, const LayerSizes::Focus& focus) const;
  widgets::Rect row_of_layer(std::size_t layer) const { return line(layer + 2); }

 private:
  static constexpr std::size_t kColumns = 8;
  using Row = std::array<std::string, kColumns>;
  struct Heading {
    std::string_view name, brief;
    widgets::Role role;
  };
  static const std::array<Heading, kColumns> kHeadings;

  static Row layer_row(const Result& r, std::size_t i, bool brief);
  static std::vector<Row> rows_of(const Result& r, bool brief);

  // Line 0 is the heading, 1 the input, 2 the first layer.
  widgets::Rect line(std::size_t i) const;
  std::string_view heading(std::size_t column) const;
  float least_gap() const { return brief_ ? 8.0f : 12.0f; }
  void measure(const widgets::Canvas& c);
  widgets::Point anchor(std::size_t line_number, std::size_t column) const;
  void draw_heading(widgets::Canvas& c) const;
  void draw_row(widgets::Canvas& c, std::size_t row, widgets::Paint ink) const;
  void draw_fault(widgets::Canvas& c, const Result& r) const;

  widgets::Rect box_;
  float line_, size_ = widgets::kQuietSize_px, needed_ = 0;
  bool brief_ = false;
  std::vector<Row> rows_;
  std::array<float, kColumns> widths_{};
};

}  // namespace vitrine::labs
