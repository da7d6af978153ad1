#include "app/labs/attention/board.h"

#include <algorithm>
#include <cmath>

namespace vitrine::labs {

using core::Index;
using widgets::Canvas;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Shade;
using widgets::TextStyle;

namespace {

using Panel = Attention::Panel;
using Result = Attention::Result;

constexpr float kLargestCell = 104, kSmallestCell = 6;
constexpr float kSmallestBeside = 20;  // of a cell's height, beside an exhibit
constexpr float kSmallestAlone = 15;   // of a cell's height, to show its number
constexpr float kTitle = 24;           // above the cells of a band
constexpr float kUnder = 34;           // below them: a legend, or the names of the columns
constexpr float kUnderMaking = 22;     // below the band that makes Q, K and V: what a matrix makes
constexpr float kChannel = 30;         // from the scores to exp
constexpr float kMakingGap = 4;        // from the band that makes them to the scores
constexpr float kLastLine = 26;        // at the bottom: the entropy
constexpr float kMargin = 30;          // left and right: the names of rows, and the line from band to band
constexpr float kSumGap = 0.25f;       // between exp and its sums, in cells

constexpr gpu::Range kUnit{0, 1};  // of the weights, always

using widgets::kQuietWords;
const TextStyle kBelowStyle{widgets::kQuietSize_px - 2, Face::kStrong};

TextStyle name_style(Role role) { return {widgets::kTextSize_px, Face::kStrong, role}; }

float name_width(const Canvas& c, const PanelName& name) {
  const float plain = c.text_width(name.title, name_style(name.role));
  return name.below.empty()
             ? plain
             : plain + c.text_width(name.below, kBelowStyle) + c.text_width("ᵀ", name_style(name.role)) + 1;
}

bool has_legend(Panel p) { return p == Panel::kDots || p == Panel::kScores || p == Panel::kWeights; }
bool makes(Panel p) { return p <= Panel::kValueWeights; }

}  // namespace

widgets::Cell AttentionBoard::Grid::under(Point p) const {
  const auto index = [](float offset, float side, Index n) {
    return std::clamp<Index>(static_cast<Index>(offset / side), 0, n - 1);
  };
  return {index(p.y - cells.y, h, rows), index(p.x - cells.x, w, columns)};
}

PanelName name_of(const Result& r, Panel p) {
  switch (p) {
    case Panel::kHidden:
      return {"attention H", "H", Role::kInput};
    case Panel::kMemory:
      return {"attention M", "M", Role::kInput};
    case Panel::kQueryWeights:
      return {"attention W_q", "W", Role::kKernel, "q"};
    case Panel::kKeyWeights:
      return {"attention W_k", "W", Role::kKernel, "k"};
    case Panel::kValueWeights:
      return {"attention W_v", "W", Role::kKernel, "v"};
    case Panel::kQuery:
      return {"attention Q", "Q", Role::kInput};
    case Panel::kKey:
      return {"attention K", "Kᵀ", Role::kKernel};
    case Panel::kDots:
      return {"attention scores", "Scores E"};
    case Panel::kScores:
      return {"attention scaled", r.params.masks() && !r.params.masks_late() ? "Masked S" : "Scaled S"};
    case Panel::kExps:
      return {"attention exp", "Exp X"};
    case Panel::kWeights:
      return {"attention weights", "Weights α"};
    case Panel::kValue:
      return {"attention V", "V", Role::kOutput};
    case Panel::kOutput:
      return {"attention output", "Output", Role::kOutput};
    case Panel::kJacobian:
      break;
  }
  return {"attention jacobian", "∂α/∂e", Role::kGradient};
}

Shade shade_of(const Result& r, Panel p) {
  switch (p) {
    case Panel::kDots:
    case Panel::kScores: {
      const gpu::Range range = widgets::symmetric_range(r.values_of(p));
      return widgets::mapped(gpu::Colormap::kDiverging, range.hi > 1e-9f ? range : gpu::Range{-1, 1});
    }
    case Panel::kExps:
    case Panel::kWeights:
      return widgets::mapped(gpu::Colormap::kMagma, kUnit);
    default:
      return widgets::tinted(name_of(r, p).role, r.values_of(p));
  }
}

void draw_name(Canvas& c, Point at, const PanelName& name, std::string_view shape) {
  if (name.below.empty()) {
    widgets::draw_title(c, at, name.title, name.role, shape);
    return;
  }
  TextStyle style = name_style(name.role), below = kBelowStyle;
  below.paint = name.role;
  c.text(at, name.title, style);
  at.x += c.text_width(name.title, style);
  c.text({at.x, at.y + 4}, name.below, below);
  at.x += c.text_width(name.below, below) + 1;
  c.text(at, "ᵀ", style);
  c.text({at.x + c.text_width("ᵀ", style) + 8, at.y}, shape, kQuietWords);
}

float AttentionBoard::gap_after(Panel p) const {
  const bool beside_next = p == Panel::kKeyWeights || (p == Panel::kQueryWeights && !cross_);
  return p == Panel::kValueWeights || p == Panel::kScores || p == Panel::kOutput ? 0
         : beside_next                                                           ? gap_ * 0.7f
                                                                                 : gap_;
}

// Titles and legends are above and below the operators, so they may reach into the gap behind the cells.
float AttentionBoard::slot_width(Panel p, float cell) const {
  const auto panel = static_cast<std::size_t>(p);
  const float cells = cell * static_cast<float>(grids_[panel].columns), title = title_widths_[panel];
  if (p == Panel::kExps) return std::max(cells, title - cell * 0.7f + 14) + cell * kSumGap + cell;
  // The names of the rows that follow, v1 or m1, may stand as high as the title.
  const auto taller = [&](Panel next) { return (*this)[next].rows > (*this)[p].rows; };
  const bool names_follow = (p == Panel::kWeights && taller(Panel::kValue)) ||
                            (p == Panel::kQueryWeights && cross_ && taller(Panel::kMemory));
  const float behind = gap_after(p) == 0 ? 20 : gap_after(p) - (names_follow ? 32 : 14);
  return std::max(cells, std::max(title, has_legend(p) ? kNarrowestLegend : 0) - behind);
}

float AttentionBoard::band_width(const Band& band, float cell) const {
  float width = 0;
  for (const Panel p : band) width += slot_width(p, cell) + gap_after(p);
  return width;
}

float AttentionBoard::rows_of(const Band& band) const {
  Index most = 0;
  for (const Panel p : band) most = std::max(most, (*this)[p].rows);
  return static_cast<float>(most);
}

// Everything but the cells.
float AttentionBoard::fixed_height() const {
  float height = 16 + kLastLine;
  for (const Band& band : bands_) {
    height += kTitle + (makes(band.front()) ? kUnderMaking + kMakingGap : kUnder);
    if (band.front() == Panel::kQuery && &band != &bands_.back()) height += kChannel;
  }
  return height;
}

float AttentionBoard::fitting_height(const Rect& area) const {
  float rows = 0;
  for (const Band& band : bands_) rows += rows_of(band);
  return (area.h - fixed_height()) / rows;
}

void AttentionBoard::place_band(const Band& band, const Rect& area, float top, float height) {
  const float cell = (*this)[band.front()].w;
  float x = area.x + (area.w - band_width(band, cell)) / 2;
  for (const Panel p : band) {
    Grid& g = grid(p);
    g.shown = true;
    const float w = g.w * static_cast<float>(g.columns), h = g.h * static_cast<float>(g.rows);
    g.cells = {std::floor(x), std::floor(top + (height - h) / 2), w, h};
    x += slot_width(p, cell);
    if (p == Panel::kExps) sums_x_ = std::floor(x - cell);
    x += gap_after(p);
  }
}

std::vector<AttentionBoard::Band> AttentionBoard::bands_of(const Result& r) const {
  std::vector<Band> bands;
  if (r.params.made() && cross_)
    bands.push_back(
        {Panel::kHidden, Panel::kQueryWeights, Panel::kMemory, Panel::kKeyWeights, Panel::kValueWeights});
  else if (r.params.made())
    bands.push_back({Panel::kHidden, Panel::kQueryWeights, Panel::kKeyWeights, Panel::kValueWeights});
  bands.push_back({Panel::kQuery, Panel::kKey, Panel::kDots, Panel::kScores});
  bands.push_back({Panel::kExps, Panel::kWeights, Panel::kValue, Panel::kOutput});
  return bands;
}

// By the first panel of each.
std::vector<Panel> AttentionBoard::nearest_first(Attention::Phase phase, bool late_mask) {
  using Phase = Attention::Phase;
  constexpr Panel kMaking = Panel::kHidden, kScoring = Panel::kQuery, kMixing = Panel::kExps;
  switch (phase) {
    case Phase::kMakeQuery:
    case Phase::kMakeKey:
      return {kMaking, kScoring, kMixing};
    case Phase::kMakeValue:
      return {kMaking, kMixing, kScoring};
    case Phase::kScore:
    case Phase::kScale:
      return {kScoring, kMixing, kMaking};
    case Phase::kMask:
      if (!late_mask) return {kScoring, kMixing, kMaking};
      break;
    default:
      break;
  }
  return {kMixing, kScoring, kMaking};
}

void AttentionBoard::choose_bands(const Result& r, const Rect& area, bool beside, Attention::Phase playing) {
  bands_ = bands_of(r);
  std::vector<Panel> order = nearest_first(playing, r.params.masks_late());
  const std::size_t least = beside ? 0 : 1;
  while (bands_.size() > least && fitting_height(area) < (beside ? kSmallestBeside : kSmallestAlone)) {
    std::erase_if(bands_, [&](const Band& band) { return band.front() == order.back(); });
    order.pop_back();
  }
}

AttentionBoard::AttentionBoard(const Canvas& canvas, const Result& r, const Rect& area, bool beside,
                               Attention::Phase playing)
    : cross_(r.params.source == Attention::Source::kCross) {
  gap_ = std::clamp(area.w * 0.06f, 44.0f, 100.0f);
  for (std::size_t i = 0; i < Attention::kPanels; ++i) {
    const auto p = static_cast<Panel>(i);
    grids_[i].rows = r.rows(p);
    grids_[i].columns = r.columns(p);
    title_widths_[i] =
        name_width(canvas, name_of(r, p)) + 8 +
        canvas.text_width(widgets::shape_words({grids_[i].rows, grids_[i].columns}), kQuietWords);
  }
  choose_bands(r, area, beside, playing);

  float w = kLargestCell;
  const auto too_wide = [&] {
    return std::any_of(bands_.begin(), bands_.end(),
                       [&](const Band& band) { return band_width(band, w) > area.w - 2 * kMargin; });
  };
  while (w > kSmallestCell && too_wide()) w -= 1;
  const float h = std::max(kSmallestCell, std::floor(std::min(w, fitting_height(area))));
  w = std::min(w, std::floor(h * 1.4f));
  float all_rows = 0;
  for (const Band& band : bands_) all_rows += rows_of(band);
  for (Grid& g : grids_) {
    g.w = w;
    g.h = h;
  }
  const float spare = std::max(0.0f, area.h - fixed_height() - h * all_rows),
              widening = bands_.size() > 1 ? std::min(spare * 0.25f, 44.0f) : 0;
  float top = area.y + 8 + (spare - widening) / 2;
  for (const Band& band : bands_) {
    const float height = h * rows_of(band);
    place_band(band, area, top + kTitle, height);
    bottom_ = top + kTitle + height + (makes(band.front()) ? kUnderMaking : kUnder);
    top = bottom_ + (makes(band.front()) ? kMakingGap : kChannel + widening);
    channel_y_ = band.front() == Panel::kQuery ? std::floor((bottom_ + top) / 2) + 0.5f : channel_y_;
  }
}

}  // namespace vitrine::labs
