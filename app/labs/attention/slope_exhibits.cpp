// The exhibits "Nudge" and "Jacobian": how the weights of the lit row answer to its scores.
//   d a[i] / d e[j] = beta (a[i] [i = j] - a[i] a[j]);  a key nudged by eps moves its score by eps q
#include <algorithm>
#include <cmath>

#include "app/labs/attention/exhibits.h"
#include "engine/core/text.h"

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

using Result = Attention::Result;

constexpr float kRowName = 74, kLine = 20;
constexpr float kWordsGap = 30;  // between the Jacobian and what it says

// Beside a Jacobian of this width.
float words_width(const Rect& box, float cells) { return std::min(380.0f, box.w - cells - 40 - kWordsGap); }

using widgets::kQuietWords;

// A named row of them.
void number_row(Canvas& c, const Rect& line, std::string_view name, std::span<const double> numbers,
                const widgets::Shade* shade, std::optional<std::size_t> lit) {
  c.text({line.x, line.center().y}, name, kQuietWords);
  const float cell = std::min((line.w - kRowName) / static_cast<float>(numbers.size()), 78.0f);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Rect at{line.x + kRowName + cell * static_cast<float>(i), line.y, cell, line.h};
    number_cell(c, at, numbers[i], shade, 3);
    if (lit == i) c.stroke(at.inset(1), Role::kFocus, 2);
  }
}

// What the nudge does at some temperatures, small ones and large ones.
void draw_table(Canvas& c, const Rect& box, const Result& r, Index t) {
  const auto& table = r.nudges[static_cast<std::size_t>(t)].table;
  const auto key = static_cast<std::size_t>(r.params.nudged_key);
  std::vector<double> betas, changes, slopes;
  for (const sequence::Nudge& n : table) {
    betas.push_back(n.beta);
    changes.push_back(n.change[key]);
    slopes.push_back(n.predicted[key]);
  }
  number_row(c, {box.x, box.y, box.w, kLine}, "β", betas, nullptr, {});
  number_row(c, {box.x, box.y + kLine, box.w, kLine}, "change", changes, nullptr, {});
  number_row(c, {box.x, box.y + 2 * kLine, box.w, kLine}, "slope · Δ", slopes, nullptr, {});
}

void draw_here(Canvas& c, const Rect& box, const Result& r, Index t) {
  const sequence::Nudge& n = r.nudges[static_cast<std::size_t>(t)].here;
  const auto key = static_cast<std::size_t>(r.params.nudged_key);
  const widgets::Shade weights = widgets::mapped(gpu::Colormap::kMagma, {0, 1});
  const auto change = core::Tensor<double>({static_cast<Index>(n.change.size())}, n.change);
  const widgets::Shade gradient = widgets::tinted(Role::kGradient, change);
  const auto line = [&](int i) { return Rect{box.x, box.y + kLine * static_cast<float>(i), box.w, kLine}; };
  number_row(c, line(0), "α", n.before, &weights, key);
  number_row(c, line(1), "α nudged", n.after, &weights, key);
  number_row(c, line(2), "change", n.change, &gradient, key);
  number_row(c, line(3), "slope · Δ", n.predicted, &gradient, key);
}

// The nudged weight's change against the temperature, and where the slope alone would put it.
void draw_curve(Canvas& c, const Rect& box, const Result& r, Index t) {
  const Attention::NudgeStudy& study = r.nudges[static_cast<std::size_t>(t)];
  widgets::PlotPicture plot{
      .id = "attention nudge plot",
      .title = "Change",
      .x_title = "β",
      .box = box,
      .curves = {{.name = "slope · Δ", .role = Role::kQuiet, .samples = study.predicted, .silent = true},
                 {.name = "exact",
                  .role = Role::kGradient,
                  .samples = study.change,
                  .width = 2.5f,
                  .silent = true}},
      .x_axis = widgets::XAxis::kDecades};
  if (r.beta >= Attention::kSmallestBeta && std::isfinite(r.beta)) plot.marks.push_back({"this β", r.beta});
  const auto still = [](const widgets::Sample& s) { return s.y == 0; };
  if (std::all_of(study.change.begin(), study.change.end(), still)) plot.y_range = {-1, 1};
  widgets::draw(c, plot);
}

}  // namespace

void number_cell(Canvas& c, const Rect& at, double value, const widgets::Shade* shade, int digits) {
  constexpr float kSmallest = 8;
  TextStyle style{widgets::kQuietSize_px - 1, Face::kNumbers, Role::kText, Align::kCenter};
  if (shade && std::isfinite(value)) {
    const widgets::Color ground = shade->of(c.theme(), value);
    c.fill(at, ground);
    style.paint = widgets::ink_on(ground);
  } else if (!std::isfinite(value)) {
    style.paint = Role::kTrouble;
  }
  c.stroke(at.inset(0.5f), Role::kHairline);
  std::string number = widgets::fitted(c, value, style, at.w - 4, digits);
  for (; number.empty() && style.size > kSmallest; style.size -= 1)  // rather small than not at all
    number = widgets::fitted(c, value, style, at.w - 4, digits);
  c.text(at.center(), number, style);
}

void draw_nudge(Canvas& c, const Rect& box, const Result& r, const Attention::Focus& f) {
  const Index t = f.row;
  const std::string query = std::to_string(t + 1), key = std::to_string(r.params.nudged_key + 1);
  const sequence::Nudge& n = r.nudges[static_cast<std::size_t>(t)].here;
  const float left = std::min(box.w * 0.55f, kRowName + 78 * 5), right = std::min(box.w - left - 20, 520.0f);
  const float x = box.x + (box.w - left - 20 - right) / 2;
  widgets::draw_title(c, {x, box.y + 9}, "Key " + key + " nudged", Role::kKernel,
                      "by ε = " + core::shown(r.params.nudge, 3), left);
  c.text({x, box.y + 28},
         "moves query " + query + "'s score by Δ = " + core::shown(n.step, 3) +
             ";  β = " + core::shown(r.beta, 4),
         kQuietWords);
  draw_here(c, {x, box.y + 40, left, 0}, r, t);
  c.text({x, box.y + 40 + 4 * kLine + 14}, "key " + key + " at other β;  slope = β α (1 − α)", kQuietWords);
  draw_table(c, {x, box.y + 40 + 4 * kLine + 26, left, 0}, r, t);
  draw_curve(c, {x + left + 20, box.y, right, box.h}, r, t);
}

AttentionBoard::Grid jacobian_grid(const Rect& box, const Result& r) {
  constexpr float kHeader = 42, kSide = 40, kWidest = 72, kHighest = 58;
  const auto keys = static_cast<float>(r.keys());
  AttentionBoard::Grid g{.shown = true, .cells = {}, .rows = r.keys(), .columns = r.keys()};
  g.w = std::floor(std::min(kWidest, box.w * 0.38f / keys));
  g.h = std::floor(std::min({kHighest, g.w, (box.h - kHeader) / keys}));
  g.w = std::min(g.w, 2.2f * g.h);
  const float words = words_width(box, g.w * keys);
  g.cells = {std::floor(box.x + kSide + (box.w - g.w * keys - kSide - kWordsGap - words) / 2),
             box.y + kHeader, g.w * keys, g.h * keys};
  return g;
}

namespace {

// How far the formula is from what finite differences say.
std::string check_words(const Result& r, Index t) {
  if (r.checks.empty()) return "At infinity a weight jumps or stays: there is no finite difference.";
  return "Finite differences differ by at most " +
         core::shown(r.check_errors[static_cast<std::size_t>(t)], 1) + ".";
}

}  // namespace

void draw_jacobian(Canvas& c, const Rect& box, const Result& r, const Attention::Focus& f) {
  const Index t = f.row;
  const std::string query = std::to_string(t + 1);
  const core::Tensor<double>& jacobian = r.jacobians[static_cast<std::size_t>(t)];
  const AttentionBoard::Grid m = jacobian_grid(box, r);
  const widgets::Shade shade = widgets::tinted(Role::kGradient, jacobian);
  widgets::draw_title(c, {m.cells.x, box.y + 9}, "∂α/∂e of query " + query, Role::kGradient,
                      widgets::shape_words(jacobian.shape()));
  c.numbers({"Jacobian of query " + query, m.cells, &jacobian});
  const auto label = [&](Point at, const char* letter, Index i) {
    const widgets::Math name = widgets::symbol(letter, query + std::to_string(i + 1), Role::kText);
    widgets::typeset(c, {at.x - widgets::measure(c, name, 12).width / 2, at.y}, name, 12);
  };
  for (Index i = 0; i < m.rows; ++i) {
    label({m.cells.x - 20, m.at(i, 0).center().y}, "α", i);
    label({m.at(0, i).center().x, m.cells.y - 12}, "e", i);
    for (Index j = 0; j < m.columns; ++j) number_cell(c, m.at(i, j), jacobian(i, j), &shade, 4);
  }
  if (f.slope) c.stroke(m.at(f.slope->row, f.slope->column).inset(1), Role::kFocus, 2);
  const Rect words{m.cells.right() + kWordsGap, box.y, words_width(box, m.cells.w), box.h};
  const TextStyle style{widgets::kQuietSize_px, Face::kWords, Role::kText};
  float y = words.y + 2;
  for (const std::string& sentence :
       {std::string(
            "β (diag(α) − α αᵀ): what a score that rises by a little does to every weight of its row."),
        std::string(
            "Diagonal, β α (1 − α): no gradient for a key that nobody looks at or that has everything. "
            "Beside it, −β α α: what one gains the others lose."),
        "β = " + core::shown(r.beta, 4) + ". Rows: weights; columns: scores. " + check_words(r, t)})
    y += widgets::paragraph(c, {words.x, y}, words.w, sentence, style) + 8;
}

}  // namespace vitrine::labs
