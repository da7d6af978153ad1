// The picture of the probe's lab: lit by patch, painted on, and what the last edit moves in every layer.
#include <algorithm>
#include <cmath>

#include "app/labs/probe/lab.h"
#include "app/widgets/matrix.h"
#include "app/widgets/palette.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Align;
using widgets::Color;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

using widgets::kQuietWords;

struct Pen {
  std::string_view id;
  std::array<float, 3> ink;
};
// A grey picture takes the first ones.
constexpr std::array<Pen, 7> kPens{{{"white ink", {1, 1, 1}},
                                    {"grey ink", {0.5f, 0.5f, 0.5f}},
                                    {"black ink", {0, 0, 0}},
                                    {"red ink", {0.9f, 0.15f, 0.1f}},
                                    {"yellow ink", {0.95f, 0.85f, 0.2f}},
                                    {"green ink", {0.15f, 0.65f, 0.25f}},
                                    {"blue ink", {0.15f, 0.35f, 0.85f}}}};
constexpr std::size_t kGreyPens = 3;

Color color_of(const std::array<float, 3>& ink) {
  const auto byte = [](float value) { return static_cast<std::uint8_t>(std::lround(255 * value)); };
  return {byte(ink[0]), byte(ink[1]), byte(ink[2])};
}

}  // namespace

// `below`: so much room is left for what moves.
void ProbeLab::draw_picture(widgets::Canvas& c, const Rect& box, float below) {
  const Tensor<float>& pixels = picture_.pixels();
  const Index rows = pixels.size(1), columns = pixels.size(2);
  const TextStyle title{widgets::kTextSize_px, Face::kStrong, Role::kInput};
  const float beside = box.x + c.text_width("Picture", title) + 10;
  c.text({box.x, box.y + 10}, "Picture", title);
  c.text({beside, box.y + 10}, elided(c, picture_words(), kQuietWords, box.right() - beside), kQuietWords);

  constexpr float kCaption = 24, kPens = 34;
  const Rect room{box.x, box.y + 24, box.w, box.h - 24 - kCaption - kPens - below};
  const bool tiled = rows % aside_->grid.rows == 0 && columns % aside_->grid.columns == 0;
  const Rect picture = fitted_picture(room, tiled ? aside_->grid : PatchGrid{rows, columns, 1});
  c.heatmap(
      {"probe picture", picture, picture_.shown().get(), gpu::Colormap::kGrey, {0, 1}, picture_.shown()});
  c.numbers({"Picture", picture, picture_.shown().get()});

  std::optional<LightScale> light;
  if (view_.pen) {
    view_.hovered_token.reset();
    paint(c, picture);
  } else {
    const widgets::Touch touch = c.touch("probe", picture);
    view_.hovered_token.reset();
    if (touch.hovered && tiled) view_.hovered_token = token_under(aside_->grid, picture, touch.at);
    if (touch.clicked && view_.hovered_token)
      view_.pinned_token = view_.pinned_token == view_.hovered_token ? std::nullopt : view_.hovered_token;
    light = draw_light(c, picture);
  }
  c.text({box.x, picture.bottom() + 13}, elided(c, light_words(), kQuietWords, box.w), kQuietWords);
  const float line = picture.bottom() + kCaption + 16,
              pens = aside_->looked->opened ? box.x : draw_pens(c, {box.x, line});
  if (light) {
    const float right = std::max(picture.right(), std::min(pens + 130, box.right()));
    draw_legend(c, {std::max(pens + 16, right - 150), line}, right, *light);
  }
  if (below > 0) draw_moved(c, {box.x, picture.bottom() + kCaption + kPens, box.w, below});
}

// "image 7 shows Coat · 28 × 28"
std::string ProbeLab::picture_words() const {
  if (aside_->looked->opened)
    return "its middle · " + widgets::shape_words({picture_.pixels().size(1), picture_.pixels().size(2)});
  std::string words =
      picture_.probe().own.empty() ? "image " + core::grouped(picture_.image()) : std::string("edited");
  if (const Index label = aside_->looked->label; label >= 0)
    words += " shows " + class_name(*aside_->looked, label);
  return words + " · " + widgets::shape_words({picture_.pixels().size(1), picture_.pixels().size(2)});
}

std::optional<LightScale> ProbeLab::draw_light(widgets::Canvas& c, const Rect& picture) const {
  const Light light = light_on(*aside_->looked);
  if (light == Light::kOcclusion && aside_->occlusion) {
    // Windows of the edge may be cut off: each stands where it was covered.
    const train::Occlusion& occlusion = *aside_->occlusion;
    const auto& change = occlusion.change;
    std::vector<float> shares(static_cast<std::size_t>(aside_->grid.first_patch));
    float most = 0;
    for (Index i = 0; i < change.size(0); ++i)
      for (Index j = 0; j < change.size(1); ++j) {
        shares.push_back(change(i, j, aside_->target()));
        most = std::max(most, std::abs(shares.back()));
      }
    const float unit =
        picture.w / static_cast<float>(picture_.pixels().size(2)) * static_cast<float>(occlusion.window);
    const Rect windows{picture.x, picture.y, unit * static_cast<float>(change.size(1)),
                       unit * static_cast<float>(change.size(0))};
    PatchLight lit{aside_->grid, shares, most, view_.pinned_token};
    lit.signed_shares = true;
    c.push_clip(picture);
    labs::draw(c, windows, lit);
    c.pop_clip();
    return LightScale{most, true};
  }
  if (!aside_->has_tokens() || light == Light::kNone || light == Light::kOcclusion) return std::nullopt;
  const std::vector<float> lit = shares();
  const float most = *std::max_element(lit.begin(), lit.end());
  labs::draw(c, picture, PatchLight{aside_->grid, lit, most, token()});
  return LightScale{most};
}

std::string ProbeLab::light_words() const {
  if (view_.pen) return "Drag to paint: " + core::shown(2 * view_.radius, 2) + " pixels wide";
  const Looked& looked = *aside_->looked;
  const Light light = light_on(looked);
  const std::string token = token_words(), head = "  ·  layer " + std::to_string(view_.head.layer + 1) +
                                                  "  ·  head " + std::to_string(view_.head.head + 1);
  switch (light) {
    case Light::kTo:
      return "From " + token + head;
    case Light::kFrom:
      return "To " + token + head;
    case Light::kRollout:
      return "Through all layers to " + token;
    case Light::kOcclusion:
      return "Covered, logit " + class_name(looked, aside_->target()) + ": blue falls, orange rises";
    case Light::kNone:
      break;
  }
  return "Point at a patch to see where it looks";
}

void ProbeLab::paint(widgets::Canvas& c, const Rect& picture) {
  const Pen& pen = kPens[std::min(*view_.pen, kPens.size() - 1)];
  const widgets::Brush brush{view_.radius, view_.hardness, pen.ink};
  const widgets::Touch touch = c.grab("probe", picture);
  if (touch.hovered || touch.held)
    widgets::draw_outline(c, picture, picture_.pixels().size(2), touch.at, brush);
  auto painted = hand_.follow(touch, picture, picture_.pixels(), brush);
  if (!painted) return;
  Workbench::Params params = bench().params();
  const Index label = params.probe.own.empty() ? aside_->looked->label : params.probe.label;
  params.probe = drawn(params.probe, painted->pixels, label);
  if (painted->goes_on) picture_.expect(EditedPicture::Change::kMoreOfTheEdit);
  bench().edit(std::move(params), painted->goes_on);
  follow_probe();
}

float ProbeLab::draw_pens(widgets::Canvas& c, Point at) {
  const std::size_t count = picture_.pixels().size(0) == 1 ? kGreyPens : kPens.size();
  std::vector<widgets::Swatch> swatches;
  for (std::size_t i = 0; i < count; ++i)
    swatches.push_back({std::string(kPens[i].id), color_of(kPens[i].ink), "", view_.pen == i});
  const auto touch = widgets::draw_palette(c, at, "Brush", swatches);
  if (touch.clicked) view_.pen = view_.pen == touch.clicked ? std::nullopt : touch.clicked;
  return touch.right;
}

void ProbeLab::draw_moved(widgets::Canvas& c, const Rect& box) const {
  const Aside::Edit* edit = aside_->edit ? &*aside_->edit : nullptr;
  const TextStyle title{widgets::kTextSize_px, Face::kStrong, Role::kOutput};
  const std::string_view name =
      c.text_width("What the edit moves", title) <= box.w ? "What the edit moves" : "Moved";
  c.text({box.x, box.y + 10}, name, title);
  if (!edit) {
    widgets::paragraph(c, {box.x, box.y + 34}, box.w,
                       aside_->looked->opened ? "A picture of an opened model is not painted on."
                                              : "Nothing was edited yet: choose a brush and draw.",
                       kQuietWords);
    return;
  }
  const float beside = box.x + c.text_width(name, title) + 14;
  widgets::legend_line(c, {beside, box.y + 10}, std::min(box.right(), beside + 150), gpu::Colormap::kViridis,
                       {0, 1});
  const auto count = static_cast<float>(edit->layers.size());
  const float gap = 6, width = std::min(64.0f, std::floor((box.w + gap) / count) - gap),
              high = std::min(width, box.h - 24 - 34);
  if (width < 6) return;
  for (std::size_t i = 0; i < edit->layers.size(); ++i) {
    const Aside::Map& map = edit->layers[i];
    const auto rows = static_cast<float>(map.values.size(0)),
               columns = static_cast<float>(map.values.size(1));
    const float cell = std::min(width / columns, high / rows);
    const Rect tile{box.x + static_cast<float>(i) * (width + gap), box.y + 24, cell * columns, cell * rows};
    const std::string id = "moved " + std::to_string(i);
    c.heatmap({id, tile, &map.values, gpu::Colormap::kViridis, {0, 1}, aside_});
    c.numbers({"moved: " + map.name, tile, &map.values});
    TextStyle words{widgets::kQuietSize_px - 2, Face::kWords, Role::kQuiet};
    c.text({tile.x, tile.bottom() + 9}, elided(c, map.name, words, width + gap - 2), words);
    words = {widgets::kQuietSize_px - 2, Face::kNumbers, Role::kText};
    const std::string share = core::shown(100 * map.whole, 2) + " %";
    if (c.text_width(share, words) <= width + gap) c.text({tile.x, tile.bottom() + 23}, share, words);
  }
}

}  // namespace vitrine::labs
