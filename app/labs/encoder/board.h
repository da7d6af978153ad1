// Where everything stands in the picture of the encoder block. Above, the block as a diagram: the residual
// path runs down on the left through x, x' and y; each of its two branches leaves to the right along a
// LayerNorm and comes back to the left along the attention or the MLP. Below, the lit step at a size at which
// its numbers can be read.
#pragma once

#include "app/labs/encoder/formula.h"

namespace vitrine::labs {

// A matrix of the diagram.
struct EncoderTile {
  Encoder::Which which;
  Sheet sheet;
  TensorName name;  // without a base: it goes with the tile before it
  std::string id;   // of what can be touched
  widgets::Rect cells{};
  float cell = 0;
  widgets::Rect at(core::Index row, core::Index column) const {
    return {cells.x + cell * static_cast<float>(column), cells.y + cell * static_cast<float>(row), cell,
            cell};
  }
  widgets::Cell under(widgets::Point p) const;
};

// A line along which numbers go, in the direction of the forward pass.
struct EncoderWire {
  std::vector<widgets::Point> way;
  Encoder::Which from, to;
  core::Index number = 0;  // of `to`: one that stands in the tile where the line ends
};

class EncoderBoard {
 public:
  EncoderBoard(const widgets::Canvas& canvas, const Encoder::Result& result);

  const std::vector<EncoderTile>& tiles() const { return tiles_; }
  const std::vector<EncoderWire>& wires() const { return wires_; }
  // The box beside the residual path where a section says what it is, and its arrow's height.
  const widgets::Rect& label(Encoder::Section s) const { return labels_[static_cast<std::size_t>(s)]; }
  float row_y(Encoder::Section s) const { return label(s).center().y; }
  float stream_x() const { return stream_x_; }
  const widgets::Rect& detail() const { return detail_; }  // of the lit step
  const widgets::Rect& foot() const { return foot_; }      // legend, and the counter where there is room
  // The tile of a node, or of a weight's first part.
  const EncoderTile& tile(const Encoder::Which& which) const;
  bool narrow() const { return narrow_; }    // labels have room for a word
  bool compact() const { return compact_; }  // labels have room for two lines

 private:
  struct Column;
  struct Row;
  std::vector<Row> rows_of(const Encoder::Result& r) const;
  float width(const widgets::Canvas& canvas, const Column& column, float cell) const;
  void place(const widgets::Canvas& canvas, std::vector<Row>& rows, float left, float right, float top,
             float cell);
  void connect(const Encoder::Result& r);

  std::vector<EncoderTile> tiles_;
  std::vector<EncoderWire> wires_;
  std::array<widgets::Rect, Encoder::kSections> labels_{};
  widgets::Rect detail_{}, foot_{};
  float stream_x_ = 0, right_ = 0;
  float title_ = 0, between_ = 0;  // above a row, and between two
  bool narrow_ = false, compact_ = false;
};

}  // namespace vitrine::labs
