#include "app/labs/heads/links.h"

#include <algorithm>
#include <cmath>

#include "app/widgets/fonts.h"
#include "engine/core/text.h"
#include "engine/core/utf8.h"
#include "engine/sequence/tokens.h"

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

using Result = ManyHeads::Result;
using Focus = ManyHeads::Focus;
using Phase = ManyHeads::Phase;

constexpr Index kFewLinks = 2;                              // a token, where all are drawn, pale
constexpr float kCaptionLines = 1.7f;                       // that are filled of two
constexpr float kPale = 0.4f;                               // what is not lit
constexpr Index kNamedKeys = 3;                             // that a lit token looks at most
constexpr float kGriddedPatch_px = 8;                       // a side from which patches have edges
constexpr float kSmallestName_px = 9.5f;                    // high rows
constexpr float kFaintest = 0.02f, kFaintestOfMany = 0.2f;  // of the strongest: weaker ones are not drawn
constexpr float kLowestChip_px = 3;  // lower ones are one bar, in which only what is lit stands out
constexpr int kPieces = 20;          // of a ribbon

// From the right of one name to the left of another, level at both ends.
void draw_ribbon(Canvas& c, Point from, Point to, float width, float alpha) {
  std::array<Point, kPieces + 1> way;
  for (int i = 0; i <= kPieces; ++i) {
    const float at = static_cast<float>(i) / kPieces;
    way[static_cast<std::size_t>(i)] = {from.x + at * (to.x - from.x),
                                        from.y + widgets::ease(at) * (to.y - from.y)};
  }
  c.polyline(way, {Role::kKernel, alpha}, width);
}

void draw_chip(Canvas& c, const Rect& box, const std::string& word, Role role, float strength, bool lit) {
  const Rect inner = box.h > 5 ? box.inset(1) : box;
  c.fill(inner, {role, 0.1f + 0.7f * (std::isnan(strength) ? 0 : std::min(strength, 1.0f))});
  if (lit) c.stroke(inner, Role::kFocus, 2);
  if (word.empty()) return;
  const TextStyle style{std::min(widgets::kQuietSize_px, box.h * 0.8f), Face::kWords, Role::kText,
                        Align::kCenter, true};
  c.text(box.center(), widgets::elided(c, word, style, box.w - 6), style);
}

// In at most two lines.
void draw_caption(Canvas& c, Point top_left, float width, std::string_view english) {
  const TextStyle style{.size = widgets::kQuietSize_px, .paint = Role::kQuiet, .translated = true};
  const std::string_view words = c.translated(english);
  std::size_t end = words.size();
  while (end != std::string_view::npos && end > 0 && c.text_width(words.substr(0, end), style) > width)
    end = words.rfind(' ', end - 1);
  if (end == std::string_view::npos) end = 0;
  c.text({top_left.x, top_left.y + 9}, words.substr(0, end), style);
  if (end < words.size())
    c.text({top_left.x, top_left.y + 26},
           widgets::elided(c, words.substr(end > 0 ? end + 1 : 0), style, width), style);
}

}  // namespace

std::string written(std::string_view word) {
  std::u32string shown;
  for (const char32_t c : core::code_points(word)) {
    const bool joins = c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x300 && c <= 0x36F);
    if (!joins) shown.push_back(widgets::can_write(c) ? c : U'□');
  }
  return core::utf8(shown);
}

std::string token_name(const Result& r, Index t) {
  if (r.words.empty()) return "patch " + core::grouped(t + 1);
  const std::string word = written(r.words[static_cast<std::size_t>(t)]);
  return r.params.source == ManyHeads::Source::kText ? "“" + word + "”" : word;
}

namespace {

// What is drawn of the links: those of the lit token, and pale the others where they are few enough to be
// told apart.
void draw_all_ribbons(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  const ManyHeads::Head& head = head_of(r, f);
  const Index count = r.tokens();
  const float all = f.of(Phase::kWeights), lit = f.phase == Phase::kEach ? f.progress : all;
  const float left = b.links.x + b.chip_w + 3, right = b.links.right() - b.chip_w - 3;
  const auto ribbon = [&](Index t, Index s, float strongest, float strength, float there) {
    const float weight = head.weights(t, s);
    if (!(weight > (count > ManyHeads::kMostWalked ? kFaintestOfMany : kFaintest) * strongest)) return;
    const float y = b.chip(t, false).center().y, to_y = b.chip(s, true).center().y;
    const float reach = left + there * (right - left);
    draw_ribbon(c, {left, y}, {reach, y + widgets::ease(there) * (to_y - y)},
                1 + weight * std::min(b.chip_h, 18.0f), strength * (0.12f + 0.75f * weight / strongest));
  };
  const auto strongest_of = [&](auto each) {
    float most = 1e-12f;
    for (Index i = 0; i < count; ++i) most = std::max(most, each(i));
    return most;
  };
  if (all <= 0) return;
  if (count <= ManyHeads::kMostWalked && head.links <= kFewLinks * count)
    for (Index t = 0; t < count; ++t)
      for (Index s = 0; s < count; ++s)
        if (head.weights(t, s) > head.link_from) ribbon(t, s, r.most_weight, kPale, all);
  if (f.query) {
    const float most = strongest_of([&](Index s) { return head.weights(*f.query, s); });
    for (Index s = 0; s < count; ++s) ribbon(*f.query, s, most, 1, lit);
  } else if (f.key) {
    const float most = strongest_of([&](Index t) { return head.weights(t, *f.key); });
    for (Index t = 0; t < count; ++t) ribbon(t, *f.key, most, 1, lit);
  }
}

// The words of what is lit where the names are too low to be read: the token's, and those it looks at most,
// as far as they do not cover each other.
void draw_low_names(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  const float zoom = std::max(c.zoom(), 1.0f);
  if (b.chip_h * zoom >= kSmallestName_px || f.of(Phase::kWeights) == 0) return;
  const ManyHeads::Head& head = head_of(r, f);
  const TextStyle style{widgets::kQuietSize_px / zoom, Face::kWords, Role::kText, Align::kCenter, true};
  const float high = style.size * 1.3f;
  std::vector<std::pair<bool, float>> taken;
  const auto name = [&](Index t, bool key) {
    const Rect chip = b.chip(t, key);
    const float y = std::clamp(chip.center().y, b.links.y + high / 2, b.links.bottom() - high / 2);
    for (const auto& [side, at] : taken)
      if (side == key && std::abs(at - y) < high) return;
    taken.emplace_back(key, y);
    const std::string word =
        widgets::elided(c, written(r.words[static_cast<std::size_t>(t)]), style, chip.w - 4);
    const Rect ground{chip.x, y - high / 2, chip.w, high};
    c.fill(ground, Role::kStage);
    c.fill(ground, {key ? Role::kKernel : Role::kInput, 0.25f});
    c.text(ground.center(), word, style);
  };
  if (f.query) name(*f.query, false);
  if (f.key) name(*f.key, true);
  if (f.query && !f.key)
    for (const Index s : most_looked_at(head, *f.query, kNamedKeys)) name(s, true);
}

}  // namespace

std::vector<Index> most_looked_at(const ManyHeads::Head& head, Index query, Index most) {
  std::vector<Index> order(static_cast<std::size_t>(head.weights.size(1)));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
  const auto end = order.begin() + std::min<std::ptrdiff_t>(most, static_cast<std::ptrdiff_t>(order.size()));
  const float* row = &head.weights(query, 0);
  const auto strength = [row](Index s) { return std::isnan(row[s]) ? -1 : row[s]; };
  std::partial_sort(order.begin(), end, order.end(), [&](Index x, Index y) {
    return std::pair(-strength(x), x) < std::pair(-strength(y), y);
  });
  order.erase(end, order.end());
  return order;
}

void draw_ribbons(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  const ManyHeads::Head& head = head_of(r, f);
  const Index count = r.tokens();
  const float there = f.of(Phase::kWeights), smallest = kSmallestName_px / std::max(c.zoom(), 1.0f);
  draw_all_ribbons(c, b, r, f);
  const float scale = count > ManyHeads::kMostWalked ? 1 / r.weight_range().hi : 1;
  const bool low = b.chip_h < kLowestChip_px;
  if (low)
    for (const bool key : {false, true}) {
      const Rect top = b.chip(0, key);
      c.fill({top.x, top.y, top.w, top.h * static_cast<float>(count)},
             {key ? Role::kKernel : Role::kInput, 0.1f});
    }
  for (Index t = 0; t < count; ++t) {
    const std::string word = b.chip_h < smallest ? "" : written(r.words[static_cast<std::size_t>(t)]);
    const float as_query = f.key && !f.query ? scale * head.weights(t, *f.key) : 0;
    const float as_key = f.query ? scale * head.weights(*f.query, t) : 0;
    if (!low || as_query > 0 || f.query == t)
      draw_chip(c, b.chip(t, false), word, Role::kInput, there * as_query, f.query == t);
    if (!low || as_key > 0 || f.key == t)
      draw_chip(c, b.chip(t, true), word, Role::kKernel, there * as_key, f.key == t);
  }
  draw_low_names(c, b, r, f);
}

void draw_patches(Canvas& c, const HeadsBoard& b, const std::shared_ptr<const Result>& result,
                  const Focus& f) {
  const Result& r = *result;
  const ManyHeads::Head& head = head_of(r, f);
  c.heatmap({"heads picture", b.links, &r.picture, gpu::Colormap::kGrey, {0, 1}, result});
  const Index count = r.tokens();
  const float there = f.phase == Phase::kEach ? f.progress : f.of(Phase::kWeights);
  const auto weight = [&](Index s) {
    return static_cast<double>(f.query ? head.weights(*f.query, s) : head.weights(s, *f.key));
  };
  double most = 0;
  for (Index s = 0; s < count; ++s) most = std::max(most, weight(s));
  const gpu::Range range{0, std::max(static_cast<float>(most), 1e-12f)};
  if (there > 0)
    for (Index s = 0; s < count; ++s) {
      const auto color = widgets::value_color(c.theme(), gpu::Colormap::kMagma, range, weight(s));
      c.fill(b.patch(r, s), {color, 0.72f * there});
    }
  const float hair = widgets::hairline(c);
  const Rect first = b.patch(r, 0);
  if (first.w >= kGriddedPatch_px * hair)
    for (Index t = 0; t < count; ++t) c.stroke(b.patch(r, t), {Role::kHairline, 0.5f}, 1);
  c.stroke(b.links, Role::kHairline);
  const auto mark = [&](Index t, Role role) {
    const Rect at = b.patch(r, t).inset(-2 * hair);
    c.stroke(at.inset(-2 * hair), Role::kStage, 3);
    c.stroke(at, role, 2.5f);
  };
  if (f.key) mark(*f.key, f.query ? Role::kKernel : Role::kFocus);
  if (f.query) mark(*f.query, Role::kFocus);
}

namespace {

// As many of the keys as there is room for.
std::string looks_words(const Canvas& c, const Result& r, const ManyHeads::Head& head, Index query,
                        float width) {
  const std::vector<Index> order = most_looked_at(head, query, kNamedKeys);
  const auto weight = [&](Index key) { return head.weights(query, key); };
  if (std::isnan(weight(order[0]))) return token_name(r, query) + " looks nowhere: its weights are NaN";
  const TextStyle style{widgets::kQuietSize_px};
  std::string words = token_name(r, query) + " looks at ";
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i > 0 && !(weight(order[i]) > kFaintest * weight(order[0]))) break;
    const std::string more =
        (i > 0 ? ", " : "") + token_name(r, order[i]) + " (" + core::shown(weight(order[i]), 3) + ")";
    if (i > 0 && c.text_width(words + more, style) > kCaptionLines * width) break;
    words += more;
  }
  return words;
}

}  // namespace

void draw_links_caption(Canvas& c, const HeadsBoard& b, const Result& r, const Focus& f) {
  const ManyHeads::Head& head = head_of(r, f);
  const Point at{b.links.x, b.links.bottom() + 4};
  const float room = c.area().right() - b.links.x - 8;
  std::string words;
  if (f.of(Phase::kWeights) == 0) {
    words = "Who looks at whom appears with the weights";
  } else if (r.tokens() == 1) {
    words = "A single token can only look at itself";
  } else if (f.query && f.key) {
    words = token_name(r, *f.query) + " looks at " + token_name(r, *f.key) + " with " +
            core::shown(head.weights(*f.query, *f.key), 4);
  } else if (f.query) {
    words = looks_words(c, r, head, *f.query, room);
  } else if (f.key) {
    words = token_name(r, *f.key) + " is looked at with " +
            core::shown(head.received[static_cast<std::size_t>(*f.key)], 3) + " on average";
  }
  draw_caption(c, at, room, words);
}

}  // namespace vitrine::labs
