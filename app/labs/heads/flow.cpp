#include "app/labs/heads/flow.h"

#include <algorithm>

#include "app/widgets/equation.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Focus = ManyHeads::Focus;
using Panel = ManyHeads::Panel;
using Phase = ManyHeads::Phase;
using Result = ManyHeads::Result;
using Sheet = ManyHeads::Sheet;

constexpr float kNarrowestNumber_px = 15, kLowestNumber_px = 13;  // of a cell that holds its number
constexpr Index kMostCells = 6'000;                               // drawn one by one
constexpr float kNarrowestLine_px = 6;                            // of a band that is told from its neighbour
constexpr float kNarrowestBand_px = 12;                           // that has the head's number under it

using widgets::kQuietWords;

struct SheetName {
  const char* id;  // of what can be touched
  const char* title;
  Role role;
  const char* letters;  // as numbers() calls it
};
constexpr SheetName kNames[ManyHeads::kSheets] = {
    {"heads X", "X", Role::kInput, "X"},     {"heads Wq", "Wq", Role::kKernel, "Wq"},
    {"heads Wk", "Wk", Role::kKernel, "Wk"}, {"heads Wv", "Wv", Role::kKernel, "Wv"},
    {"heads q", "q", Role::kInput, "Q"},     {"heads k", "k", Role::kKernel, "K"},
    {"heads v", "v", Role::kOutput, "V"},    {"heads concat", "concat", Role::kOutput, "concat"},
    {"heads WO", "WO", Role::kKernel, "Wo"}, {"heads Y", "Y", Role::kOutput, "output"}};

const Sheet& sheet_of(const Result& r, const Focus& f, Panel p) {
  const ManyHeads::Head& h = r.heads[static_cast<std::size_t>(f.head)];
  const Sheet* sheets[] = {&r.input, &h.w_query, &h.w_key,  &h.w_value, &h.query,
                           &h.key,   &h.value,   &r.concat, &r.w_out,   &r.output};
  return *sheets[static_cast<std::size_t>(p)];
}

// When a sheet's numbers appear.
Phase phase_of(Panel p) {
  switch (p) {
    case Panel::kQuery:
    case Panel::kKey:
    case Panel::kValue:
      return Phase::kProject;
    case Panel::kOutput:
      return Phase::kOut;
    default:
      return Phase::kTokens;
  }
}

// Cells with their numbers where there is room for them, else a texture.
void draw_cells(Canvas& c, const std::string& id, const HeadsGrid& g, const Sheet& s,
                const std::shared_ptr<const Result>& source) {
  const float zoom = std::max(c.zoom(), 1.0f);
  const Rect seen = c.visible();
  const auto first = [](float at, float side) { return std::max<Index>(0, static_cast<Index>(at / side)); };
  const Index row = first(seen.y - g.cells.y, g.h), column = first(seen.x - g.cells.x, g.w);
  const Index row_end = std::min(g.rows, first(seen.bottom() - g.cells.y, g.h) + 1),
              column_end = std::min(g.columns, first(seen.right() - g.cells.x, g.w) + 1);
  const bool room = g.w * zoom >= kNarrowestNumber_px && g.h * zoom >= kLowestNumber_px;
  if (!room || (row_end - row) * (column_end - column) > kMostCells) {
    c.heatmap({id, g.cells, &s.shown, gpu::Colormap::kDiverging, s.range, source});
    c.stroke(g.cells, Role::kHairline);
    return;
  }
  const widgets::Shade shade = widgets::mapped(gpu::Colormap::kDiverging, s.range);
  for (Index i = row; i < row_end; ++i)
    for (Index j = column; j < column_end; ++j) widgets::draw_cell(c, g.at(i, j), s.values(i, j), {}, shade);
}

void draw_sheet_title(Canvas& c, const HeadsGrid& g, const SheetName& name) {
  const std::string title = name.title;
  const Point at{g.cells.x, g.cells.y - 11};
  const widgets::Math math = title.size() == 2
                                 ? widgets::symbol(title.substr(0, 1), title.substr(1), name.role)
                                 : widgets::word(title, name.role);
  widgets::typeset(c, at, math, widgets::kTextSize_px);
  const float width = widgets::measure(c, math, widgets::kTextSize_px).width + 7;
  const std::string shape = widgets::shape_words({g.rows, g.columns});
  if (width + c.text_width(shape, kQuietWords) <= std::max(g.cells.w, 22.0f) + 4)
    c.text({at.x + width, at.y}, shape, kQuietWords);
}

void draw_sheet(Canvas& c, const HeadsBoard& b, const std::shared_ptr<const Result>& result, const Focus& f,
                Panel p) {
  const HeadsGrid& g = b[p];
  const Sheet& s = sheet_of(*result, f, p);
  const SheetName& name = kNames[static_cast<std::size_t>(p)];
  draw_sheet_title(c, g, name);
  const bool of_head = p >= Panel::kQueryWeights && p <= Panel::kValue;
  const std::string id = name.id + (of_head ? " " + std::to_string(f.head) : std::string());
  draw_cells(c, id, g, s, result);
  c.numbers({name.letters, g.cells, &s.values});
  if (p != Panel::kConcat) return veil(c, g.cells, f.of(phase_of(p)));
  const Index width = result->value_dim();
  for (Index h = 0; h < static_cast<Index>(result->heads.size()); ++h)
    veil(c, g.band(h * width, width), f.of(h == f.head ? Phase::kMix : Phase::kConcat));
}

// The heads' bands in concat and in W_O.
void draw_bands(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  const Index width = r.value_dim();
  for (const Panel p : {Panel::kConcat, Panel::kOutWeights}) {
    const HeadsGrid& g = b[p];
    for (Index h = 0; h < static_cast<Index>(r.heads.size()); ++h) {
      const Rect band = g.band(h * width, width);
      if (h > 0 && band.w >= kNarrowestLine_px)
        c.line({band.x, band.y}, {band.x, band.bottom()}, Role::kQuiet);
      if (band.w < kNarrowestBand_px) continue;
      const bool large = h == f.head;
      c.text({band.center().x, band.bottom() + 8}, std::to_string(h + 1),
             {widgets::kQuietSize_px - 2, large ? Face::kStrong : Face::kNumbers,
              large ? Role::kText : Role::kQuiet, Align::kCenter});
    }
  }
}

void draw_arrows(Canvas& c, const HeadsBoard& b, const Result& r) {
  const float y = b[Panel::kInput].cells.y + std::min(b[Panel::kInput].cells.h / 2, 40.0f);
  const auto arrow = [&](Panel from, Panel to) {
    const float x = b[from].cells.right() + 3, end = b[to].cells.x - 3;
    widgets::arrow(c, {std::max(x, end - 20), y}, {end, y}, Role::kQuiet, 1.2f);
  };
  arrow(Panel::kInput, Panel::kQueryWeights);
  arrow(Panel::kValueWeights, Panel::kQuery);
  arrow(Panel::kValue, Panel::kConcat);
  arrow(Panel::kConcat, Panel::kOutWeights);
  arrow(Panel::kOutWeights, Panel::kOutput);
  if (r.correlated.values.empty()) return;
  const Rect& right = b.correlated.cells;
  c.text({(b[Panel::kOutput].cells.right() + right.x) / 2, right.y + right.h / 2}, r.correlates ? "=" : "≠",
         {widgets::kTitleSize_px, Face::kWords, r.correlates ? Role::kText : Role::kTrouble, Align::kCenter});
}

void draw_correlated(Canvas& c, const HeadsBoard& b, const std::shared_ptr<const Result>& result) {
  if (result->correlated.values.empty()) return;
  const Rect& cells = b.correlated.cells;
  const TextStyle style{widgets::kTextSize_px, Face::kStrong, Role::kOutput, Align::kCenter};
  c.text({cells.center().x, cells.y - 11}, "x ⋆ k", style);
  draw_cells(c, "heads correlated", b.correlated, result->correlated, result);
  c.numbers({"correlated", cells, &result->correlated.values});
}

}  // namespace

const char* sheet_id(Panel sheet) { return kNames[static_cast<std::size_t>(sheet)].id; }

void veil(Canvas& c, const Rect& r, float there) {
  if (there >= 1) return;
  c.fill(r.inset(-0.5f), {Role::kStage, 1 - there});
  c.stroke(r, Role::kHairline);
}

void outline(Canvas& c, const Rect& r, bool target) {
  if (target) c.stroke(r, Role::kStage, 5);  // so that the light shows on pale cells too
  c.stroke(r.inset(target ? 0 : 0.5f), {Role::kFocus, target ? 1.0f : 0.6f}, target ? 2.5f : 1.5f);
}

void draw_flow(Canvas& c, const HeadsBoard& b, const std::shared_ptr<const Result>& result, const Focus& f) {
  for (std::size_t i = 0; i < ManyHeads::kSheets; ++i) draw_sheet(c, b, result, f, static_cast<Panel>(i));
  draw_correlated(c, b, result);
  draw_bands(c, b, *result, f);
  draw_arrows(c, b, *result);
}

}  // namespace vitrine::labs
