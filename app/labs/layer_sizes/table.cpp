#include "app/labs/layer_sizes/table.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Paint;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kInset = 10;

// 508,032; when it has to be short 9.988e10.
std::string count_words(const signal::Count& count, bool brief) {
  if (!count) return "> 2^63";
  constexpr Index kBrief = 10'000'000;
  if (!brief || *count < kBrief) return grouped(*count);
  const auto exponent = static_cast<int>(std::floor(std::log10(static_cast<double>(*count))));
  return core::shown(static_cast<double>(*count) / std::pow(10.0, exponent), 4) + "e" +
         std::to_string(exponent);
}

Align align(std::size_t column) { return column == 0 ? Align::kLeft : Align::kRight; }
Face face(std::size_t column) { return column == 0 ? Face::kWords : Face::kNumbers; }

}  // namespace

const std::array<FigureTable::Heading, FigureTable::kColumns> FigureTable::kHeadings{
    {{"Layer", "Layer", Role::kQuiet},
     {"Output", "Output", Role::kOutput},
     {"Weights", "Weights", Role::kKernel},
     {"Parameters", "Params", Role::kKernel},
     {"Multiply-adds", "MACs", Role::kQuiet},
     {"Sees", "Sees", Role::kInput},
     {"Memory (fp32)", "fp32", Role::kQuiet},
     {"Dense instead", "Dense", Role::kQuiet}}};

FigureTable::FigureTable(const Canvas& c, const Result& r, const Rect& box)
    : box_(box), line_(box.h / static_cast<float>(r.layers.size() + 3)) {
  for (const bool brief : {false, true}) {
    rows_ = rows_of(r, brief);
    brief_ = brief;
    for (size_ = std::min(widgets::kQuietSize_px, line_ * 0.72f); size_ > 7; size_ -= 0.5f) {
      measure(c);
      if (needed_ <= box.w) return;
      if (!brief && size_ <= 12) break;
    }
  }
}

FigureTable::Row FigureTable::layer_row(const Result& r, std::size_t i, bool brief) {
  Row row;
  row[0] = std::to_string(i + 1) + "  " + LayerSizes::name_of(r.layers[i], r.params.dimensions);
  if (i >= r.figures.layers.size()) return row;
  const signal::LayerFigures& f = r.figures.layers[i];
  row[1] = LayerSizes::size_words(f.output, r.params.dimensions);
  row[2] = count_words(f.weights, brief);
  row[3] = count_words(f.parameters, brief);
  row[4] = count_words(f.macs, brief);
  row[5] = r.params.dimensions == LayerSizes::Dimensions::kTwo
               ? grouped(f.rows.size) + " × " + grouped(f.columns.size)
               : grouped(f.columns.size);
  row[6] = LayerSizes::byte_words(f.bytes);
  row[7] = count_words(f.dense_weights, brief);
  return row;
}

// The input's row, the layers', and that of their sums.
std::vector<FigureTable::Row> FigureTable::rows_of(const Result& r, bool brief) {
  std::vector<Row> rows(1);
  rows[0] = {"Input",
             LayerSizes::size_words(r.params.input(), r.params.dimensions),
             "",
             "",
             "",
             "",
             LayerSizes::byte_words(r.figures.input_bytes),
             ""};
  for (std::size_t i = 0; i < r.layers.size(); ++i) rows.push_back(layer_row(r, i, brief));
  const signal::StackFigures& f = r.figures;
  rows.push_back({"All", "", count_words(f.weights, brief), count_words(f.parameters, brief),
                  count_words(f.macs, brief), "", LayerSizes::byte_words(f.bytes), ""});
  return rows;
}

Rect FigureTable::line(std::size_t i) const {
  return {box_.x, box_.y + line_ * static_cast<float>(i), box_.w, line_};
}

std::string_view FigureTable::heading(std::size_t column) const {
  return brief_ ? kHeadings[column].brief : kHeadings[column].name;
}

void FigureTable::measure(const Canvas& c) {
  needed_ = 2 * kInset;
  for (std::size_t k = 0; k < kColumns; ++k) {
    float width = c.text_width(heading(k), {size_, Face::kStrong});
    for (const Row& row : rows_) width = std::max(width, c.text_width(row[k], {size_, face(k)}));
    widths_[k] = width;
    needed_ += width + (k > 0 ? least_gap() : 0);
  }
}

// The columns share what is left of the width between them.
Point FigureTable::anchor(std::size_t line_number, std::size_t column) const {
  const float gap = least_gap() + std::max(0.0f, box_.w - needed_) / static_cast<float>(kColumns - 1);
  float x = box_.x + kInset;
  for (std::size_t k = 0; k < column; ++k) x += widths_[k] + gap;
  return {column == 0 ? x : x + widths_[column], line(line_number).center().y};
}

void FigureTable::draw_heading(Canvas& c) const {
  for (std::size_t k = 0; k < kColumns; ++k)
    c.text(anchor(0, k), heading(k), {size_, Face::kStrong, kHeadings[k].role, align(k)});
  c.line({box_.x, line(1).y}, {box_.right(), line(1).y}, Role::kHairline);
}

void FigureTable::draw_row(Canvas& c, std::size_t row, Paint ink) const {
  for (std::size_t k = 0; k < kColumns; ++k)
    c.text(anchor(row + 1, k), rows_[row][k], {size_, face(k), ink, align(k)});
}

void FigureTable::draw(Canvas& c, const Result& r, const LayerSizes::Focus& focus) const {
  const Rect lit = row_of_layer(focus.layer);
  c.fill(lit, {Role::kFocus, 0.14f});
  c.fill({lit.x, lit.y, 3, lit.h}, Role::kFocus);
  draw_heading(c);
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    const bool is_layer = row >= 1 && row <= r.layers.size();
    const bool failed = is_layer && row - 1 == r.figures.layers.size();
    const bool reached = !is_layer || row - 1 <= focus.layer;
    draw_row(c, row, failed ? Paint(Role::kTrouble) : Paint(Role::kText, reached ? 1.0f : 0.62f));
  }
  const float end = line(rows_.size()).y;
  c.line({box_.x, end}, {box_.right(), end}, Role::kHairline);
  if (r.figures.fault) draw_fault(c, r);
}

// Behind the name of the layer, in place of its numbers.
void FigureTable::draw_fault(Canvas& c, const Result& r) const {
  const TextStyle style{size_, Face::kWords, Role::kTrouble};
  const float x = box_.x + kInset + widths_[0] + kInset;
  const LayerSizes::FaultWords words = LayerSizes::words_of(r, *r.figures.fault);
  c.text({x, row_of_layer(r.figures.fault->layer).center().y},
         elided(c, words.inequality + ": " + words.what, style, box_.right() - x), style);
}

}  // namespace vitrine::labs
