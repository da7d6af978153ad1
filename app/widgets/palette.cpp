#include "app/widgets/palette.h"

namespace vitrine::widgets {

PaletteTouch draw_palette(Canvas& c, Point at, std::string_view name, const std::vector<Swatch>& swatches) {
  constexpr float kSide = 18, kGap = 5;
  const TextStyle words{kQuietSize_px, Face::kWords, Role::kQuiet};
  c.text(at, name, words);
  PaletteTouch touch{std::nullopt, at.x + c.text_width(name, words) + 8};
  for (std::size_t i = 0; i < swatches.size(); ++i) {
    const Rect box{touch.right, at.y - kSide / 2, kSide, kSide};
    c.fill(box, swatches[i].color);
    c.stroke(box.inset(0.5f), swatches[i].chosen ? Role::kFocus : Role::kHairline,
             swatches[i].chosen ? 2 : 1);
    c.text(box.center(), swatches[i].label,
           {kQuietSize_px - 2, Face::kNumbers, ink_on(swatches[i].color), Align::kCenter});
    if (swatches[i].dot > 0) c.fill(box.inset(kSide / 2 - swatches[i].dot), Role::kText);
    if (c.touch(swatches[i].id, box).clicked) touch.clicked = i;
    touch.right += kSide + kGap;
  }
  return touch;
}

}  // namespace vitrine::widgets
