#include "app/shell/key_focus.h"

#include <imgui.h>

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <utility>

namespace vitrine::shell {

using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::Use;
using What = KeyFocus::Order::What;

namespace {

constexpr float kGap = 2, kRing = 2, kRim = 1;   // around what has the keyboard, at scale 1
constexpr float kMark = 5;                       // half of the cross where the pointer is
constexpr float kStep_px = 8, kFarStep_px = 32;  // of the pointer inside a shape
constexpr float kWide_px = 60, kLong_px = 200;   // a shape that is pointed into; a row of cells
constexpr float kMargin = 40;                    // around what is scrolled to
constexpr int kOpeningFrames = 24, kScrollFrames = 3, kScrollTries = 4;
constexpr std::size_t kMostPut = 16;

// As ImGui keeps it.
Point whole(Point p) { return {std::floor(p.x), std::floor(p.y)}; }

Point way_of(What what) {
  return what == What::kLeft    ? Point{-1, 0}
         : what == What::kRight ? Point{1, 0}
         : what == What::kUp    ? Point{0, -1}
                                : Point{0, 1};
}

// A control's menu is that of its name, which stands beside it.
Rect menu_of(const widgets::Items& items, const Stop& stop, Point otherwise) {
  const std::string control = stop.name.substr(0, stop.name.find_first_of("=["));
  return items.find("name of " + control).value_or(Rect{otherwise.x, otherwise.y, 0, 0});
}

// Something with cells or a plot in it, in which the pointer goes on along this way before it leaves.
bool pointed_into(const Rect& r, bool sideways, float scale) {
  return (sideways ? r.w : r.h) > kLong_px * scale || (r.w > kWide_px * scale && r.h > kWide_px * scale);
}

}  // namespace

void KeyFocus::type(std::string text) {
  helping_ = false;
  opening_ = kOpeningFrames;
  typed_ = std::move(text);
  then_.reset();
  point(pointer_px());
  inputs_.push_back(KeyInput{Key::kLeftCtrl, true});
  click(0);
  inputs_.push_back(KeyInput{Key::kLeftCtrl, false});
}

void KeyFocus::follow(const widgets::Items& items, std::span<const Region> regions, float scale) {
  scale_ = scale;
  if (!shown_ && !order_) {
    scroll_wait_ = 0;
    return;
  }
  const std::vector<Stop> stops = stops_of(items, regions);
  find_again(stops);
  menu_px_ = menu_of(items, at_, pointer_px());
  if (scroll_wait_ > 0) --scroll_wait_;
  if (const std::optional<Order> order = std::exchange(order_, std::nullopt); order && !list_open_)
    carry_out(*order, stops);
  if (!shown_ || !found_ || list_open_ || text_open_ || opening_ > 0) return;
  if (!at_.seen) return keep_in_view(regions);
  if (helping_ || clicks_ > 0 || button_down_) return;
  const bool out_of_it =
      put_.empty() || (!at_.place_px.contains(put_.back()) && !same_place(put_.back(), whole(pointer_px())));
  if (point_due_ || out_of_it) point(pointer_px());
}

void KeyFocus::find_again(std::span<const Stop> stops) {
  found_ = false;
  if (name_.empty()) return;
  const Stop* stop = find(stops, name_);
  if (!stop) {
    stop = nearest(stops, at_.place_px, at_.region);
    part_ = {0.5f, 0.5f};
    scroll_tries_ = kScrollTries;
  }
  if (!stop) return;
  at_ = *stop;
  name_ = at_.name;
  if (at_.shape) shape_ = name_;
  found_ = true;
}

void KeyFocus::carry_out(const Order& order, std::span<const Stop> stops) {
  helping_ = order.what == What::kHelp;
  switch (order.what) {
    case What::kNext:
    case What::kPrevious:
    case What::kNextRegion:
    case What::kPreviousRegion:
      return move(order, stops);
    default:
      break;
  }
  if (!found_ || !shown_) return;
  if (!at_.seen && scroll_tries_ > 0) {
    order_ = order;  // when it is there
    return;
  }
  if (!at_.seen) return;
  if (order.what == What::kHelp) return point(menu_px_.center());
  if (order.what == What::kPress || order.what == What::kMenu) return press(order);
  if (at_.shape) return go_on_from_shape(order, stops);
  point(pointer_px());
  ++notches_;
  inputs_.push_back(ScrollInput{{0, order.what == What::kUp ? 1.0f : -1.0f}});
}

void KeyFocus::move(const Order& order, std::span<const Stop> stops) {
  if (order.leave_text) {
    // A click beside everything; Enter could answer a question.
    leave();
    click(0);
    text_open_ = false;
    if (!shown_)  // a hand opened it
      for (const Stop& stop : stops)
        if ((stop.use == Use::kText || stop.use == Use::kNumber) && stop.place_px.contains(clicked_)) {
          at_ = stop;
          found_ = true;
          shown_ = true;
        }
  }
  const std::vector<std::size_t> order_of_tab = tab_order(stops, shape_);
  if (order_of_tab.empty()) return;
  const auto is_here = [&](std::size_t i) {
    return found_ &&
           (stops[i].name == at_.name || (at_.shape && stops[i].shape && stops[i].region == at_.region));
  };
  const auto here = std::ranges::find_if(order_of_tab, is_here);
  const auto count = static_cast<std::ptrdiff_t>(order_of_tab.size());
  const bool by_region = order.what == What::kNextRegion || order.what == What::kPreviousRegion;
  const bool on = order.what == What::kNext || order.what == What::kNextRegion;
  if (here == order_of_tab.end()) return go_to(stops[on ? order_of_tab.front() : order_of_tab.back()]);
  if (!shown_) {
    shown_ = true;  // it comes back where it was
    point_due_ = true;
    scroll_tries_ = kScrollTries;
    return;
  }
  const auto at = [&](std::ptrdiff_t i) -> const Stop& {
    return stops[order_of_tab[static_cast<std::size_t>((i % count + count) % count)]];
  };
  const std::ptrdiff_t now = here - order_of_tab.begin();
  if (!by_region) return go_to(at(now + (on ? 1 : -1)));
  std::ptrdiff_t to = now;
  for (std::ptrdiff_t i = 0; i < count && at(to).region == at_.region; ++i) to += on ? 1 : -1;
  if (!on)  // its first stop
    for (std::ptrdiff_t i = 0; i < count && at(to - 1).region == at(to).region; ++i) --to;
  go_to(at(to));
}

void KeyFocus::press(const Order& order) {
  // The key is let go first: held, it would also end what it begins.
  inputs_.push_back(KeyInput{Key::kEnter, false});
  inputs_.push_back(KeyInput{Key::kKeypadEnter, false});
  if (order.what == What::kMenu) {
    point(menu_px_.center());
    return click(1);
  }
  if (at_.use == Use::kNumber) return type("");
  point(pointer_px());
  click(0);
}

void KeyFocus::go_on_from_shape(const Order& order, std::span<const Stop> stops) {
  const Point way = way_of(order.what), now = pointer_px();
  const Rect& r = at_.place_px;
  const bool inside = pointed_into(r, way.x != 0, scale_);
  if (inside) {
    const float step = (order.far ? kFarStep_px : kStep_px) * scale_;
    const Point next{std::clamp(now.x + way.x * step, r.x + 1, r.right() - 1),
                     std::clamp(now.y + way.y * step, r.y + 1, r.bottom() - 1)};
    if (std::hypot(next.x - now.x, next.y - now.y) > 0.5f) {
      part_ = {(next.x - r.x) / r.w, (next.y - r.y) / r.h};
      point_due_ = true;
      return;
    }
  }
  const Rect from = inside ? Rect{now.x, now.y, 0, 0} : r;
  const Stop* next = next_shape(stops, at_, from, way);
  if (!next) return;
  go_to(*next);
  // In at the side that it came to.
  const Rect& to = at_.place_px;
  const auto in = [](float p, float low, float size) {
    const float edge = std::min(size / 2, kStep_px / 2);
    return (std::clamp(p, low + edge, low + size - edge) - low) / size;
  };
  if (pointed_into(to, true, scale_)) part_.x = in(now.x, to.x, to.w);
  if (pointed_into(to, false, scale_)) part_.y = in(now.y, to.y, to.h);
}

void KeyFocus::go_to(const Stop& stop) {
  at_ = stop;
  name_ = stop.name;
  if (stop.shape) shape_ = name_;
  shown_ = found_ = true;
  part_ = {0.5f, 0.5f};
  point_due_ = true;
  scroll_tries_ = kScrollTries;
}

Point KeyFocus::pointer_px() const {
  return {at_.place_px.x + part_.x * at_.place_px.w, at_.place_px.y + part_.y * at_.place_px.h};
}

void KeyFocus::point(Point there) {
  const Point p = whole(there);
  point_due_ = false;
  inputs_.push_back(PointerInput{{p.x, p.y}});
  put(p);
}

void KeyFocus::leave() {
  inputs_.push_back(PointerLeft{});
  put({-FLT_MAX, -FLT_MAX});
}

void KeyFocus::put(Point p) {
  put_.push_back(p);
  if (put_.size() > kMostPut) put_.pop_front();
}

void KeyFocus::click(int button) {
  ++clicks_;
  inputs_.push_back(ButtonInput{button, true});
  inputs_.push_back(ButtonInput{button, false});
}

void KeyFocus::keep_in_view(std::span<const Region> regions) {
  if (at_.region >= regions.size() || scroll_wait_ > 0 || scroll_tries_ == 0) return;
  --scroll_tries_;
  scroll_wait_ = kScrollFrames;
  scrolled_panel_px_ = regions[at_.region].place_px;
  const Rect &item = at_.place_px, &panel = scrolled_panel_px_;
  const float margin = std::clamp((panel.h - item.h) / 2, 0.0f, kMargin * scale_);
  scroll_px_ =
      item.y < panel.y + margin ? item.y - panel.y - margin : item.bottom() - panel.bottom() + margin;
}

float KeyFocus::take_scroll(const Rect& panel) {
  const bool meant = same_place({panel.x, panel.y}, {scrolled_panel_px_.x, scrolled_panel_px_.y});
  return meant ? std::exchange(scroll_px_, 0.0f) : 0;
}

std::optional<Rect> KeyFocus::ring_px() const {
  if (!shown_ || !found_ || list_open_) return {};
  return at_.place_px.inset(-(kGap + kRing / 2) * scale_);
}

void KeyFocus::draw(const widgets::Theme& theme) const {
  const std::optional<Rect> ring = ring_px();
  if (!ring) return;
  const auto packed = [](widgets::Color c) { return IM_COL32(c.r, c.g, c.b, c.a); };
  const widgets::Color color = theme[Role::kFocus], rim = widgets::ink_on(color);
  ImDrawList* list = ImGui::GetForegroundDrawList();
  const Point p = pointer_px();
  const float s = scale_;
  // The rim first, wider; then the ring on it.
  for (const auto& [ink, width] : {std::pair(rim, kRing + 2 * kRim), std::pair(color, kRing)}) {
    list->AddRect({ring->x, ring->y}, {ring->right(), ring->bottom()}, packed(ink), 0, 0, width * s);
    if (!at_.shape || !(pointed_into(at_.place_px, true, s) || pointed_into(at_.place_px, false, s)))
      continue;
    list->AddLine({p.x - kMark * s, p.y}, {p.x + kMark * s, p.y}, packed(ink), width * s / 2);
    list->AddLine({p.x, p.y - kMark * s}, {p.x, p.y + kMark * s}, packed(ink), width * s / 2);
  }
}

}  // namespace vitrine::shell
