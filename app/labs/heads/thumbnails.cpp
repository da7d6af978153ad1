#include "app/labs/heads/thumbnails.h"

#include <algorithm>

#include "app/labs/heads/flow.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using Focus = ManyHeads::Focus;
using Head = ManyHeads::Head;
using Phase = ManyHeads::Phase;
using Result = ManyHeads::Result;

// How much of "head 1   H 2.18" or "1 before   H 0.441" there is room for: the same above all heads.
struct TitleLength {
  bool name, letter, entropy;
};
constexpr TitleLength kLengths[] = {{true, true, true},
                                    {true, false, true},
                                    {false, true, true},
                                    {false, false, true},
                                    {false, false, false}};

const TextStyle kEntropyStyle{widgets::kQuietSize_px - 1, Face::kNumbers, Role::kQuiet, Align::kRight};
TextStyle name_style(bool large) {
  return {widgets::kQuietSize_px - 1, large ? Face::kStrong : Face::kWords,
          large ? Role::kText : Role::kQuiet};
}

std::string left_title(Index index, const Head& head, const TitleLength& length) {
  const std::string number = std::to_string(index + 1);
  if (!length.name) return number;
  return head.job.empty() ? "head " + number : number + " " + head.job;
}
std::string right_title(const Head& head, const TitleLength& length) {
  return length.entropy ? (length.letter ? "H " : "") + core::shown(head.mean_entropy, 3) : "";
}

TitleLength title_length(const Canvas& c, const Result& r, float width) {
  const auto fits = [&](const TitleLength& length) {
    for (std::size_t h = 0; h < r.heads.size(); ++h)
      if (c.text_width(left_title(static_cast<Index>(h), r.heads[h], length), name_style(true)) + 6 +
              c.text_width(right_title(r.heads[h], length), kEntropyStyle) >
          width)
        return false;
    return true;
  };
  const auto found = std::find_if(std::begin(kLengths), std::end(kLengths), fits);
  return found == std::end(kLengths) ? kLengths[std::size(kLengths) - 1] : *found;
}

// The lit token's row or column.
void draw_lit_token(Canvas& c, const Rect& box, const Result& r, const Focus& f) {
  const float side = box.h / static_cast<float>(r.tokens()), width = std::max(side, 2.0f);
  const auto light = [&](const Rect& at) {
    c.stroke(at, {Role::kStage, 0.6f}, 3);  // on dark weights of a light theme too
    c.stroke(at, Role::kFocus, 1);
  };
  if (f.query)
    light({box.x, box.y + side * static_cast<float>(*f.query), box.w, width});
  else if (f.key)
    light({box.x + side * static_cast<float>(*f.key), box.y, width, box.h});
}

}  // namespace

std::optional<Index> draw_thumbnails(Canvas& c, const HeadsBoard& b,
                                     const std::shared_ptr<const Result>& result, const Focus& f) {
  const Result& r = *result;
  std::optional<Index> clicked;
  widgets::draw_title(c, {b.thumbnails.x, b.thumbnails.y - 12}, "Heads", Role::kText,
                      "H: entropy, at most " + core::shown(r.most_entropy, 3) + " nats",
                      b.map.x - b.row_names.w - b.thumbnails.x - 8);
  const TitleLength length = title_length(c, r, b.thumbnail(0).w);
  for (Index h = 0; h < static_cast<Index>(r.heads.size()); ++h) {
    const Head& head = r.heads[static_cast<std::size_t>(h)];
    const Rect box = b.thumbnail(h);
    const bool large = h == f.head;
    const float there = f.of(large ? Phase::kWeights : Phase::kHeads);
    const std::string id = "heads head " + std::to_string(h + 1);
    c.heatmap({id, box, &head.thumbnail, gpu::Colormap::kMagma, r.weight_range(), result});
    c.numbers({"weights of head " + std::to_string(h + 1), box, &head.weights});
    veil(c, box, there);
    c.text({box.x, box.y - 8}, left_title(h, head, length), name_style(large));
    if (there >= 1) c.text({box.right(), box.y - 8}, right_title(head, length), kEntropyStyle);
    const auto pointer = c.touch(id, box);
    if (pointer.clicked) clicked = h;
    if (large)
      outline(c, box.inset(-1), true);
    else if (pointer.hovered)
      c.stroke(box.inset(-1), {Role::kFocus, 0.5f}, 1.5f);
    if (there > 0) draw_lit_token(c, box, r, f);
  }
  return clicked;
}

}  // namespace vitrine::labs
