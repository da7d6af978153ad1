#include "app/shell/rail.h"

#include <imgui.h>

#include <algorithm>
#include <string>

#include "app/shell/icons.h"

namespace vitrine::shell {

using widgets::Face;
using widgets::ImGuiCanvas;
using widgets::Paint;
using widgets::Rect;
using widgets::Role;
using widgets::Screen;
using widgets::TextStyle;

namespace {

constexpr float kMarkHeight = 60, kKeysHeight = 34, kFootHeight = 64, kMargin = 18;
constexpr float kSmallestRow = 25, kLargestRow = 36;
constexpr float kHeading = 0.9f;  // of a row

// Where each row of the list is, from the list's top; a wing's first row has a heading above it.
struct Row {
  float y;
  bool heading;
};
struct List {
  std::vector<Row> rows;
  float row_height, height;
};
List list_of(const std::vector<const labs::LabInfo*>& labs, float available) {
  List list{{}, 0, 0};
  const auto heads_wing = [&](std::size_t i) { return i == 0 || labs[i]->wing != labs[i - 1]->wing; };
  float rows = 0;
  for (std::size_t i = 0; i < labs.size(); ++i) rows += heads_wing(i) ? 1 + kHeading : 1;
  list.row_height = std::clamp(available / rows, kSmallestRow, kLargestRow);
  for (std::size_t i = 0; i < labs.size(); ++i) {
    if (heads_wing(i)) list.height += kHeading * list.row_height;
    list.rows.push_back({list.height, heads_wing(i)});
    list.height += list.row_height;
  }
  return list;
}

std::string name_of_row(const labs::LabInfo& lab) { return "lab " + std::string(lab.id); }

// An invisible button over a part of the rail; true when pressed.
bool pressed(const Screen& screen, const Rect& place_px, const Rect& part, const std::string& name) {
  const Rect px{place_px.x + part.x * screen.scale, place_px.y + part.y * screen.scale, part.w * screen.scale,
                part.h * screen.scale};
  ImGui::SetCursorScreenPos({px.x, px.y});
  const bool pressed = ImGui::InvisibleButton(name.c_str(), {px.w, px.h});
  screen.items.record(name, px);
  return pressed;
}

}  // namespace

Rail::Pressed Rail::draw(const Screen& screen, const Rect& place_px,
                         const std::vector<const labs::LabInfo*>& labs, std::size_t open,
                         std::string_view focused) {
  Pressed result;
  ImGuiCanvas c(screen, ImGui::GetWindowDrawList(), place_px, true);
  const Rect area = c.area();
  c.fill(area, Role::kPanel);
  draw_mark(c, {kMargin, 20, 22, 22}, Role::kText);
  c.text({50, 31}, "Vitrine", {widgets::kExplainSize_px, Face::kStrong});

  const Rect window{0, kMarkHeight, area.w, std::max(0.0f, area.h - kMarkHeight - kFootHeight)};
  const List list = list_of(labs, window.h);
  const float most = std::max(0.0f, list.height - window.h);
  if (ImGui::IsWindowHovered() && place_px.contains({ImGui::GetIO().MousePos.x, ImGui::GetIO().MousePos.y}))
    scroll_ -= ImGui::GetIO().MouseWheel * 2 * list.row_height;
  if (shown_ != open) {
    const float y = list.rows[open].y;
    scroll_ = std::min(std::max(scroll_, y + list.row_height - window.h), y - kHeading * list.row_height);
    shown_ = open;
  }
  if (focused_ != focused) {
    focused_ = focused;
    const auto row =
        std::ranges::find_if(labs, [&](const auto* lab) { return focused_ == name_of_row(*lab); });
    if (row != labs.end()) {
      const auto i = static_cast<std::size_t>(row - labs.begin());
      const float low = list.rows[i > 0 ? i - 1 : 0].y - kHeading * list.row_height,
                  high = list.rows[std::min(i + 1, labs.size() - 1)].y + list.row_height;
      scroll_ = std::min(std::max(scroll_, high - window.h), low);
    }
  }
  scroll_ = std::clamp(scroll_, 0.0f, most);

  c.push_clip(window);
  for (std::size_t i = 0; i < labs.size(); ++i) {
    const Rect row{0, window.y + list.rows[i].y - scroll_, area.w, list.row_height};
    if (list.rows[i].heading)
      c.text({kMargin, row.y - kHeading * row.h / 2 + 2}, labs::name_of(labs[i]->wing),
             {widgets::kQuietSize_px - 1, Face::kStrong, Role::kQuiet});
    const Rect seen{0, std::max(row.y, window.y), row.w,
                    std::min(row.bottom(), window.bottom()) - std::max(row.y, window.y)};
    if (seen.h < 2) continue;
    if (pressed(screen, place_px, seen, name_of_row(*labs[i]))) result.lab = i;
    const bool is_open = i == open;
    if (is_open) c.fill({row.x, row.y, 3, row.h}, Role::kText);
    if (is_open || ImGui::IsItemHovered()) c.fill(row, {Role::kText, is_open ? 0.08f : 0.04f});
    const TextStyle style{widgets::kTextSize_px, is_open ? Face::kStrong : Face::kWords,
                          is_open ? Role::kText : Role::kQuiet};
    c.text({kMargin, row.center().y}, widgets::elided(c, labs[i]->title, style, area.w - kMargin - 8), style);
  }
  c.pop_clip();

  const Rect learn{0, area.h - kFootHeight, area.w, kFootHeight - kKeysHeight};
  result.learn = pressed(screen, place_px, learn, "learn");
  c.text({kMargin, learn.center().y}, "L  lessons, exercises",
         {widgets::kQuietSize_px, Face::kWords, ImGui::IsItemHovered() ? Role::kText : Role::kQuiet});
  const Rect keys{0, area.h - kKeysHeight, area.w, kKeysHeight - 2};
  result.all_keys = pressed(screen, place_px, keys, "all keys");
  c.text({kMargin, keys.center().y}, "?  all keys",
         {widgets::kQuietSize_px, Face::kWords, ImGui::IsItemHovered() ? Role::kText : Role::kQuiet});
  return result;
}

}  // namespace vitrine::shell
