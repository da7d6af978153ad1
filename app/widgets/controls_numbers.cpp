// The inspector's controls for numbers: dragged, stepped, typed, slid, one or a grid of them.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "app/widgets/controls.h"
#include "app/widgets/matrix.h"
#include "engine/core/text.h"

namespace vitrine::widgets {
namespace {

constexpr float kShapeWidth = 60;
constexpr float kPixelsPerStep = 8;  // of a drag
constexpr double kEndPart =
    0.06;  // of a logarithmic slider that ends in 0 or infinity: from there to its range
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How many digits of a number are worth showing: all of a whole one.
int digits(bool whole) { return whole ? 15 : 6; }

std::string range_words(double low, double high, int digits) {
  if (high >= 1e15) return low <= -1e15 ? "any number" : "at least " + core::shown(low, digits);
  return "from " + core::shown(low, digits) + " to " + core::shown(high, digits);
}

// Equal, or both not a number.
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

double lowest(const RealRange& range) { return range.or_zero ? 0 : range.low; }

// The wheel belongs to the number under the pointer and then does not scroll the inspector; but a number that
// came under a resting pointer because the inspector was scrolled lets it pass.
int taken_wheel(const ControlState& state) {
  ImGuiIO& io = ImGui::GetIO();
  if (io.MousePos.x == state.scrolled_at.x && io.MousePos.y == state.scrolled_at.y) return 0;
  const int steps = io.MouseWheel > 0 ? 1 : io.MouseWheel < 0 ? -1 : 0;
  io.MouseWheel = 0;
  return steps;
}

}  // namespace

bool Controls::type_number(const std::string& id, double& value, const NumberField& field, const Rect& box) {
  ImGui::SetCursorScreenPos({box.x, box.y});
  ImGui::SetNextItemWidth(box.w);
  const float pad_y = std::max(0.0f, (box.h - ImGui::GetFontSize()) / 2);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, {px(4), pad_y});
  if (state_.just_opened) ImGui::SetKeyboardFocusHere();
  const bool entered =
      ImGui::InputText(("##type " + id).c_str(), &state_.buffer,
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  ImGui::PopStyleVar();
  const bool left = !state_.just_opened && ImGui::IsItemDeactivated();
  state_.just_opened = false;
  if (!entered && !left) return false;
  state_.typing.clear();
  if (!entered && !ImGui::IsItemDeactivatedAfterEdit()) return false;  // Esc, or nothing was typed
  return enter_number(id, value, field);
}

bool Controls::NumberField::holds(double value) const {
  return (value >= low && value <= high) || (or_infinity && value == kInfinity);
}

bool Controls::enter_number(const std::string& id, double& value, const NumberField& field) {
  const auto typed = core::parse_number(state_.buffer);
  const bool free = field.high >= 1e15 && field.low <= -1e15;
  const auto own = [&](const std::string& words) { return std::string(in_language(words)); };
  const std::size_t cell = std::min(id.find('['), id.size());  // of a grid
  const std::string name = own(id.substr(0, cell)) + id.substr(cell) + ": ",
                    stays = own("; it stays " + core::shown(value, digits(field.whole)));
  if (!typed || (!free && !std::isfinite(*typed) && !field.holds(*typed))) {
    state_.complaints[id] = {
        name + "\"" + core::printable(state_.buffer, 40) + "\" " + own("is not a number") + stays, value};
    return false;
  }
  if (!free && (!field.holds(*typed) || (field.whole && *typed != std::floor(*typed)))) {
    state_.complaints[id] = {
        name +
            own(core::shown(*typed, 6) + " is not " + (field.whole ? "a whole number " : "") +
                range_words(field.low, field.high, digits(field.whole)) +
                (field.or_infinity ? ", or inf" : "")) +
            stays,
        value};
    return false;
  }
  const bool changed = !same(value, *typed);
  value = *typed;
  return changed;
}

bool Controls::number(const std::string& id, double& value, const NumberField& field, const Rect& box,
                      Role role) {
  screen_.items.record(id, box, Use::kNumber);
  if (const auto at = state_.complaints.find(id);
      at != state_.complaints.end() && !same(at->second.kept, value))
    state_.complaints.erase(at);
  if (state_.typing == id) return type_number(id, value, field, box);
  invisible("##number " + id, box);
  const bool hovered = ImGui::IsItemHovered(), active = ImGui::IsItemActive();
  const ImGuiIO& io = ImGui::GetIO();
  const double before = value;
  if (hovered || active) ImGui::SetMouseCursor(ImGuiMouseCursor_ResizeEW);
  if (hovered && (ImGui::IsMouseDoubleClicked(0) || (io.KeyCtrl && ImGui::IsMouseClicked(0)))) {
    state_.typing = id;
    state_.buffer = core::exact(value);
    state_.just_opened = true;
    state_.complaints.clear();
    return false;
  }
  const bool endless = field.or_infinity && value == kInfinity;
  const double base = std::isfinite(value) ? value : endless ? field.high + field.step : 0;
  const auto moved = [&](double steps) {
    // Land on whole steps, so that 0.1 three times is 0.3.
    const double next = std::round((base + steps * field.step) / field.step) * field.step;
    value = field.or_infinity && next > field.high ? kInfinity : std::clamp(next, field.low, field.high);
  };
  if (ImGui::IsItemActivated()) {
    state_.scrub_remainder = 0;  // how the pointer came here is not part of the drag
  } else if (active && io.MouseDelta.x != 0) {
    state_.scrub_remainder += io.MouseDelta.x / px(kPixelsPerStep);
    const double whole = std::trunc(state_.scrub_remainder);
    state_.scrub_remainder -= whole;
    if (whole != 0) moved(whole);
  }
  if (hovered)
    if (const int steps = taken_wheel(state_); steps != 0) moved(steps);
  if (value != before) state_.complaints.clear();

  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  const Rect r{box.x / s, box.y / s, box.w / s, box.h / s};
  const Color ground =
      gpu::mixed(screen_.theme[Role::kPanel], screen_.theme[Role::kText], hovered || active ? 0.16f : 0.08f);
  c.fill(r, ground);
  if (role != Role::kText) c.fill({r.x, r.bottom() - 2, r.w, 2}, role);
  TextStyle style{std::min(kTextSize_px, r.h * 0.58f), Face::kNumbers,
                  std::isfinite(value) || endless ? Role::kText : Role::kTrouble, Align::kCenter};
  std::string words = fitted(c, value, style, r.w - 4, digits(field.whole));
  if (words.empty()) {  // a narrow cell of a long vector
    style.size = std::min(style.size, kQuietSize_px - 2);
    words = fitted(c, value, style, r.w - 2, digits(field.whole));
  }
  if (words.empty()) words = "…";
  c.text(r.center(), words, style);
  return value != before;
}

bool Controls::integer(std::string_view name, core::Index& value, const IntegerRange& range,
                       std::string_view help) {
  const Gate gate(*this, name);
  if (!gate.shown()) return false;
  const Rect box = begin_row(name, range.unit, help);
  const std::string id(name);
  const NumberField field{static_cast<double>(range.low), static_cast<double>(range.high), 1, true};
  double v = static_cast<double>(value);
  // − [ number ] +
  const float side = box.h;
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  const auto nudge = [&](const char* sign, float x, int by) {
    const Rect r{x, box.y, side, box.h};
    const bool pressed = invisible("##" + std::string(sign) + id, r);
    const bool can = by < 0 ? v > field.low : v < field.high;
    c.fill({r.x / s, r.y / s, r.w / s, r.h / s},
           gpu::mixed(screen_.theme[Role::kPanel], screen_.theme[Role::kText],
                      ImGui::IsItemHovered() && can ? 0.16f : 0.04f));
    c.text({(r.x + side / 2) / s, (r.y + side / 2) / s},
           by < 0 && !screen_.fonts.ascii_only ? "−"
           : by < 0                            ? "-"
                                               : "+",
           {kTextSize_px, Face::kNumbers, can ? Role::kText : Role::kHairline, Align::kCenter});
    screen_.items.record(id + (by < 0 ? " less" : " more"), r, Use::kPlace);
    if (pressed && can) v += by;
  };
  nudge("less ", box.x, -1);
  nudge("more ", box.right() - side, 1);
  number(id, v, field, {box.x + side + px(2), box.y, box.w - 2 * side - px(4), box.h}, Role::kText);
  if (end_row(name, box, v != static_cast<double>(range.reset))) v = static_cast<double>(range.reset);
  const bool changed = static_cast<core::Index>(v) != value;
  value = static_cast<core::Index>(v);
  return changed;
}

bool Controls::slider(std::string_view name, double& value, const RealRange& range,
                      std::span<const Notch> notches, float width) {
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float s = screen_.scale, knob = px(7), height = px(notches.empty() ? 20.0f : 40.0f);
  const Rect r{at.x, at.y, width, px(20)};
  const double zero_part = range.logarithmic && range.or_zero ? kEndPart : 0,
               inside = 1 - zero_part - (range.logarithmic && range.or_infinity ? kEndPart : 0);
  const auto to_unit = [&](double v) {
    if (!range.logarithmic) return (v - range.low) / (range.high - range.low);
    if (zero_part > 0 && v < range.low) return 0.0;
    if (v == kInfinity) return 1.0;
    return zero_part +
           inside * std::log(std::max(v, range.low) / range.low) / std::log(range.high / range.low);
  };
  const auto from_unit = [&](double u) {
    if (!range.logarithmic) return range.low + u * (range.high - range.low);
    if (u < zero_part / 2) return 0.0;
    if (u > (zero_part + inside + 1) / 2) return kInfinity;
    return range.low * std::pow(range.high / range.low, std::clamp((u - zero_part) / inside, 0.0, 1.0));
  };
  const auto x_of = [&](double v) {
    return r.x + knob + (r.w - 2 * knob) * static_cast<float>(std::clamp(to_unit(v), 0.0, 1.0));
  };
  const double before = value;
  invisible("##slide " + std::string(name), r);
  screen_.items.record("slide " + std::string(name), r, Use::kPlace);
  if (ImGui::IsItemActive()) {
    const double unit = std::clamp<double>((ImGui::GetIO().MousePos.x - r.x - knob) / (r.w - 2 * knob), 0, 1);
    // Three digits are what a hand can mean; a notch within reach of it is meant exactly.
    const double there = from_unit(unit);
    value = there == kInfinity
                ? there
                : std::clamp(*core::parse_number(core::shown(there, 3)), lowest(range), range.high);
    for (const Notch& notch : notches)
      if (std::abs(x_of(notch.value) - ImGui::GetIO().MousePos.x) < px(6)) value = notch.value;
  }
  ImGuiCanvas c = canvas();
  const float y = (r.y + r.h / 2) / s;
  c.line({(r.x + knob) / s, y}, {(r.right() - knob) / s, y}, Role::kHairline, 3);
  c.line({(r.x + knob) / s, y}, {x_of(value) / s, y}, Role::kQuiet, 3);
  TextStyle label{kQuietSize_px - 1, Face::kWords, Role::kQuiet, Align::kCenter};
  for (std::size_t i = 0; i < notches.size(); ++i) {
    const Notch& notch = notches[i];
    const float notch_x = x_of(notch.value) / s;
    c.line({notch_x, y - 6}, {notch_x, y + 6}, Role::kQuiet, 1.5f);
    // Names of neighbours (in ascending order) give way to each other.
    const auto overlap = [&](std::size_t left, std::size_t right) {
      const float needed =
          (c.text_width(notches[left].name, label) + c.text_width(notches[right].name, label)) / 2 + 6;
      return std::max(0.0f, needed - (x_of(notches[right].value) - x_of(notches[left].value)) / s);
    };
    float text_x = notch_x;
    if (i > 0) text_x += overlap(i - 1, i) / 2;
    if (i + 1 < notches.size()) text_x -= overlap(i, i + 1) / 2;
    label.paint = value == notch.value ? Role::kText : Role::kQuiet;
    c.text({text_x, y + 16}, notch.name, label);
  }
  const float x = x_of(value) / s;
  c.fill({x - 5, y - 8, 10, 16},
         ImGui::IsItemActive() || ImGui::IsItemHovered() ? Role::kText : Role::kQuiet);
  ImGui::SetCursorScreenPos({at.x, at.y + height});
  return value != before;
}

bool Controls::real(std::string_view name, double& value, const RealRange& range, std::string_view help,
                    std::span<const Notch> notches) {
  const Gate gate(*this, name);
  if (!gate.shown()) return false;
  const Rect box = begin_row(name, range.unit, help);
  const std::string id(name);
  const double before = value;
  number(id, value,
         {.low = lowest(range),
          .high = range.high,
          .step = range.step,
          .whole = false,
          .or_infinity = range.or_infinity},
         box, Role::kText);
  if (end_row(name, box, value != range.reset)) value = range.reset;
  slider(name, value, range, notches, width_px_ - px(kResetWidth));
  return value != before;
}

Point Controls::begin_grid(std::string_view name, const core::Shape& shape, Role role,
                           std::string_view help) {
  begin_row(name, "", help, 22, width_px_ / screen_.scale - kShapeWidth);
  const ImVec2 at = ImGui::GetCursorScreenPos();
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  c.text({(at.x + width_px_) / s - 4, at.y / s + 11}, shape_words(shape),
         {kQuietSize_px, Face::kNumbers, role, Align::kRight});
  ImGui::Dummy({width_px_, px(24)});
  const ImVec2 top = ImGui::GetCursorScreenPos();
  return {top.x, top.y};
}

bool Controls::matrix(std::string_view name, core::Tensor<double>& values, Role role, std::string_view help) {
  const Gate gate(*this, name);
  if (!gate.shown()) return false;
  const auto& shape = values.shape();
  const core::Index rows = shape.rank() == 2 ? shape[0] : 1, columns = shape[shape.rank() - 1];
  const Point top = begin_grid(name, shape, role, help);
  // A long vector is folded; a matrix keeps its rows.
  const core::Index across = rows == 1 ? std::min<core::Index>(columns, 10) : columns;
  const float gap = px(2),
              side = std::min(px(52), (width_px_ - px(4) + gap) / static_cast<float>(across)) - gap;
  const float height = std::min(px(26), std::max(px(18), side));
  bool changed = false;
  for (core::Index i = 0; i < values.count(); ++i) {
    const core::Index r = i / across, column = i % across;
    const Rect box{top.x + (side + gap) * static_cast<float>(column),
                   top.y + (height + gap) * static_cast<float>(r), side, height};
    const std::string id =
        std::string(name) + "[" +
        (rows == 1 ? std::to_string(i + 1)
                   : std::to_string(i / columns + 1) + "," + std::to_string(i % columns + 1)) +
        "]";
    changed |= number(id, values[i], {-1e15, 1e15, 0.1, false}, box, role);
  }
  const core::Index lines = (values.count() + across - 1) / across;
  const Rect grid{top.x, top.y, width_px_, (height + gap) * static_cast<float>(lines)};
  changed |= take_paste(name, grid, values);
  ImGui::SetCursorScreenPos({top.x, grid.bottom()});
  ImGui::Dummy({width_px_, px(kRowGap)});
  complaint(name);
  const std::string prefix = std::string(name) + "[";
  for (const auto& [id, complaint] : state_.complaints)
    if (id.starts_with(prefix)) complain(complaint.words);
  return changed;
}

void Controls::complain_of(std::string_view name, std::string words) {
  state_.complaints[std::string(name)] = {std::move(words), 0};
}

namespace {

// The sizes that say something: a row or a column is a vector.
std::vector<core::Index> without_ones(const core::Shape& shape) {
  std::vector<core::Index> sizes(shape.sizes().begin(), shape.sizes().end());
  std::erase(sizes, 1);
  return sizes;
}

}  // namespace

bool Controls::take_paste(std::string_view name, const Rect& grid_px, core::Tensor<double>& values) {
  if (state_.first_grid.empty()) state_.first_grid = name;
  const auto mine = std::find_if(state_.pastes.begin(), state_.pastes.end(), [&](const auto& paste) {
    return paste.name.empty() ? grid_px.contains(state_.pasted_at) : paste.name == name;
  });
  if (mine == state_.pastes.end()) return false;
  core::Tensor<double> pasted = std::move(mine->values);
  state_.pastes.erase(mine);
  state_.complaints.erase(std::string(name));
  if (without_ones(pasted.shape()) != without_ones(values.shape())) {
    state_.reshapes.push_back({std::string(name), &values, values.shape(), std::move(pasted)});
    return false;
  }
  std::ranges::copy(pasted.values(), values.data());
  return true;
}

bool Controls::mask(std::string_view name, core::Tensor<std::uint8_t>& cells, std::string_view help) {
  const Gate gate(*this, name);
  if (!gate.shown()) return false;
  const core::Index rows = cells.size(0), columns = cells.size(1);
  const Point top = begin_grid(name, cells.shape(), Role::kText, help);
  const float gap = px(2),
              side = std::min(px(26), (width_px_ - px(4) + gap) / static_cast<float>(columns) - gap);
  const float s = screen_.scale;
  ImGuiCanvas c = canvas();
  bool changed = false;
  for (core::Index i = 0; i < cells.count(); ++i) {
    const core::Index row = i / columns, column = i % columns;
    const Rect box{top.x + (side + gap) * static_cast<float>(column),
                   top.y + (side + gap) * static_cast<float>(row), side, side};
    const std::string id =
        std::string(name) + "[" + std::to_string(row + 1) + "," + std::to_string(column + 1) + "]";
    if (invisible("##mask " + id, box)) {
      cells[i] = cells[i] == 0 ? 1 : 0;
      changed = true;
    }
    screen_.items.record(id, box);
    const Rect r{box.x / s, box.y / s, box.w / s, box.h / s};
    const float lift = (cells[i] != 0 ? 0.28f : 0.02f) + (ImGui::IsItemHovered() ? 0.1f : 0);
    c.fill(r, gpu::mixed(screen_.theme[Role::kPanel], screen_.theme[Role::kText], lift));
    c.stroke(r.inset(0.5f), Role::kHairline);
    if (cells[i] == 0) {
      c.line({r.x + 6, r.y + 6}, {r.right() - 6, r.bottom() - 6}, Role::kQuiet, 1.5f);
      c.line({r.right() - 6, r.y + 6}, {r.x + 6, r.bottom() - 6}, Role::kQuiet, 1.5f);
    }
  }
  ImGui::SetCursorScreenPos({top.x, top.y + (side + gap) * static_cast<float>(rows)});
  ImGui::Dummy({width_px_, px(kRowGap)});
  complaint(name);
  return changed;
}

}  // namespace vitrine::widgets
