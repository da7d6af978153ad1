#include "app/labs/training/remarks.h"

#include <algorithm>
#include <cmath>

#include "app/widgets/matrix.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;
using train::Remark;
using train::RemarkKind;
using train::Severity;
using widgets::Align;
using widgets::Canvas;
using widgets::Face;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr float kTitle_px = 28, kHead_px = 26, kChip_px = 22, kLine_px = 19, kGap_px = 6, kIndent_px = 14;
constexpr float kLeastBody_px = 150;    // height of the open card's words; else the heads become chips
constexpr float kLeastNumber_px = 310;  // width of a number with its name and step
using widgets::kQuietWords;

struct Look {
  std::string_view word;
  widgets::Paint paint;
};
Look look_of(Severity severity) {
  if (severity == Severity::kTrouble) return {"trouble", Role::kTrouble};
  if (severity == Severity::kWarning) return {"warning", {Role::kTrouble, 0.55f}};
  return {"note", Role::kQuiet};
}

std::string_view title_of(const Remark& remark) {
  return train::kRemarkTitles[static_cast<std::size_t>(remark.kind)];
}

std::string steps_of(const Remark& remark) {
  if (remark.from == remark.to) return "step " + core::grouped(remark.from);
  return "steps " + core::grouped(remark.from) + " – " + core::grouped(remark.to);
}

class Cards {
 public:
  Cards(Canvas& c, const Rect& box, std::span<const Remark> remarks, RemarksView& view)
      : c_(c), box_(box), remarks_(remarks), view_(view) {}

  std::optional<RemarkTouch> draw() {
    const auto chosen = std::ranges::find(remarks_, view_.open.value_or(remarks_[0].kind), &Remark::kind);
    const std::size_t open =
        chosen == remarks_.end() ? 0 : static_cast<std::size_t>(chosen - remarks_.begin());
    float y = box_.y + kTitle_px;
    if (box_.h - kTitle_px - static_cast<float>(remarks_.size()) * (kHead_px + kGap_px) < kLeastBody_px)
      return draw_chips(open, y);
    // What is below the open card keeps room for its heads.
    for (std::size_t i = 0; i < remarks_.size(); ++i) {
      const float top = y;
      y = draw_head(i, y, i == open);
      if (i == open) {
        const float below = static_cast<float>(remarks_.size() - 1 - i) * (kHead_px + kGap_px);
        y = draw_body(i, y, std::max(y, box_.bottom() - below));
      }
      c_.fill({box_.x, top, 4, y - top}, look_of(remarks_[i].severity).paint);
      y += kGap_px;
    }
    return touched_;
  }

 private:
  // Every remark's name, and below them the open one.
  std::optional<RemarkTouch> draw_chips(std::size_t open, float y) {
    const TextStyle style{widgets::kQuietSize_px, Face::kStrong, Role::kText};
    float x = box_.x;
    for (std::size_t i = 0; i < remarks_.size(); ++i) {
      const std::string title = elided(c_, title_of(remarks_[i]), style, box_.w - 20);
      const float width = c_.text_width(title, style) + 20;
      if (x > box_.x && x + width > box_.right()) {
        x = box_.x;
        y += kChip_px + 4;
      }
      const Rect chip{x, y, width, kChip_px};
      const widgets::Touch touch = c_.touch("remark " + std::string(title_of(remarks_[i])), chip);
      c_.fill(chip, {Role::kPanel, i == open ? 1 : 0.6f});
      c_.fill({chip.x, chip.y, 4, chip.h}, look_of(remarks_[i].severity).paint);
      TextStyle words = style;
      words.paint = touch.hovered ? Role::kFocus : i == open ? Role::kText : Role::kQuiet;
      c_.text({chip.x + 12, chip.center().y}, title, words);
      answer(i, touch);
      x = chip.right() + kGap_px;
    }
    y += kChip_px + kGap_px;
    const Rect line{box_.x, y, box_.w, kChip_px};
    if (remarks_[open].kind == RemarkKind::kSpike) draw_batch_button(open, line);
    c_.text({line.x + kIndent_px, line.center().y},
            std::string(look_of(remarks_[open].severity).word) + " · " + steps_of(remarks_[open]),
            kQuietWords);
    const float end = draw_body(open, line.bottom(), box_.bottom());
    c_.fill({box_.x, line.y, 4, end - line.y}, look_of(remarks_[open].severity).paint);
    return touched_;
  }

  void answer(std::size_t i, const widgets::Touch& touch) {
    if (touch.hovered) touched_ = {i, remarks_[i].from, remarks_[i].to, touch.clicked, false};
    if (!touch.clicked) return;
    view_.open = remarks_[i].kind;
    view_.scrolled = 0;
  }

  float draw_head(std::size_t i, float y, bool open) {
    const Remark& remark = remarks_[i];
    const Look look = look_of(remark.severity);
    const Rect head{box_.x, y, box_.w, kHead_px};
    const bool batch = remark.kind == RemarkKind::kSpike;
    c_.fill(head, {Role::kPanel, open ? 1 : 0.6f});
    const float end = (batch ? draw_batch_button(i, head) : head.right()) - 8;
    const Rect own{head.x, head.y, end - head.x, head.h};
    const widgets::Touch touch = c_.touch("remark " + std::string(title_of(remark)), own);
    const float middle = head.center().y;
    const TextStyle title{widgets::kTextSize_px, Face::kStrong,
                          touch.hovered ? widgets::Paint(Role::kFocus) : widgets::Paint(Role::kText)};
    const std::string where = std::string(look.word) + " · " + steps_of(remark);
    const TextStyle quiet{widgets::kQuietSize_px, Face::kWords, Role::kQuiet, Align::kRight};
    const float room = own.w - kIndent_px, used = c_.text_width(title_of(remark), title) + 12;
    c_.text({own.x + kIndent_px, middle}, elided(c_, title_of(remark), title, room), title);
    if (used + c_.text_width(where, quiet) <= room) c_.text({end, middle}, where, quiet);
    answer(i, touch);
    return head.bottom();
  }

  // Whole lines between y and bottom, the words' and then the numbers'; returns where they end.
  float draw_body(std::size_t i, float y, float bottom) {
    constexpr float kBar_px = 12;
    const Remark& remark = remarks_[i];
    const TextStyle style{.size = widgets::kQuietSize_px + 1, .translated = true};
    const std::string said(c_.translated(remark.words));
    const auto room = std::max<Index>(0, static_cast<Index>((bottom - y - 2 * kGap_px) / kLine_px));
    float width = box_.w - kIndent_px;
    std::vector<std::string> words;
    Index across = 1, lines = 0;
    const auto lay_out = [&] {
      words = widgets::broken(c_, said, style, width);
      across = std::max<Index>(1, static_cast<Index>(width / kLeastNumber_px));
      lines = std::ssize(words) + core::divide_up(std::ssize(remark.numbers), across);
    };
    lay_out();
    y += kGap_px;
    const Index shown = std::min(lines, room);
    if (lines > room) {
      width -= kBar_px;
      lay_out();
      scroll({box_.x, y, box_.w, kLine_px * static_cast<float>(room)}, lines, room);
    }
    const Index first = lines > room ? static_cast<Index>(view_.scrolled) : 0;
    const float left = box_.x + kIndent_px, column = width / static_cast<float>(across);
    for (Index line = 0; line < shown; ++line) {
      const float top = y + kLine_px * static_cast<float>(line);
      const Index word = first + line, number = (word - std::ssize(words)) * across;
      if (word < std::ssize(words)) {
        c_.text({left, top + kLine_px / 2}, words[static_cast<std::size_t>(word)], style);
        continue;
      }
      for (Index n = number; n < std::min(number + across, std::ssize(remark.numbers)); ++n)
        draw_number(i, remark.numbers[static_cast<std::size_t>(n)],
                    {left + column * static_cast<float>(n - number), top, column - 10, kLine_px});
    }
    return y + kLine_px * static_cast<float>(shown) + kGap_px;
  }

  // The bar that says which of the lines are shown, and what the hand does to it.
  void scroll(const Rect& body, Index lines, Index room) {
    constexpr float kWidth_px = 4, kReach_px = 12, kNotch = 2;
    const auto all = static_cast<float>(lines), some = static_cast<float>(room);
    view_.scrolled -= kNotch * c_.steer("remark words", body).wheel;
    const Rect reach{body.right() - kReach_px, body.y, kReach_px, body.h};
    if (const auto hand = c_.grab("remark scroll", reach); hand.held)
      view_.scrolled = (hand.at.y - body.y) / body.h * all - some / 2;
    view_.scrolled = std::clamp(view_.scrolled, 0.0f, all - some);
    const Rect track{body.right() - kWidth_px, body.y, kWidth_px, body.h};
    c_.fill(track, Role::kPanel);
    c_.fill({track.x, track.y + track.h * view_.scrolled / all, track.w, track.h * some / all}, Role::kQuiet);
  }

  // Returns where it begins.
  float draw_batch_button(std::size_t i, const Rect& head) {
    const std::string words = "Show this batch";
    TextStyle style{widgets::kQuietSize_px, Face::kStrong, Role::kInput};
    const float width = c_.text_width(words, style) + 16;
    const Rect button{head.right() - width, head.y, width, head.h};
    const widgets::Touch touch = c_.touch("remark batch", button);
    c_.fill(button, {Role::kInput, 0.12f});
    if (touch.hovered) style.paint = Role::kFocus;
    c_.text({button.x + 8, button.center().y}, words, style);
    if (touch.hovered) touched_ = {i, remarks_[i].from, remarks_[i].from, false, touch.clicked};
    return button.x;
  }

  // name, value, and the step whose point says so.
  void draw_number(std::size_t i, const Remark::Number& number, const Rect& at) {
    const bool placed = number.step > 0;
    const widgets::Touch touch = placed ? c_.touch("remark " + number.name, at) : widgets::Touch{};
    const float middle = at.center().y;
    TextStyle step{widgets::kQuietSize_px - 1, Face::kNumbers, Role::kQuiet, Align::kRight};
    TextStyle value{widgets::kQuietSize_px, Face::kNumbers, Role::kText, Align::kRight};
    if (touch.hovered) step.paint = value.paint = Role::kFocus;
    float steps = 0;  // as wide as the widest
    for (const auto& [name, value_of, of_step] : remarks_[i].numbers)
      if (of_step > 0)
        steps = std::max(steps, c_.text_width("step " + core::grouped(of_step), step) + kIndent_px);
    const std::string shown = core::labelled(number.value, 4);
    if (placed) c_.text({at.right(), middle}, "step " + core::grouped(number.step), step);
    c_.text({at.right() - steps, middle}, shown, value);
    const float room = at.w - steps - c_.text_width(shown, value) - 8;
    c_.text({at.x, middle}, elided(c_, number.name, kQuietWords, room), kQuietWords);
    if (touch.hovered) touched_ = {i, number.step, number.step, touch.clicked, false};
  }

  Canvas& c_;
  const Rect box_;
  const std::span<const Remark> remarks_;
  RemarksView& view_;
  std::optional<RemarkTouch> touched_;
};

}  // namespace

std::optional<RemarkTouch> draw_remarks(Canvas& c, const Rect& box, std::span<const Remark> remarks,
                                        RemarksView& view) {
  const std::string count = remarks.empty()       ? "no evidence of trouble"
                            : remarks.size() == 1 ? "1 remark"
                                                  : std::to_string(remarks.size()) + " remarks, worst first";
  widgets::draw_title(c, {box.x, box.y + 10}, "Loss doctor", Role::kText, count, box.w);
  if (remarks.empty()) return std::nullopt;
  return Cards(c, box, remarks, view).draw();
}

std::vector<widgets::Mark> marks_of(const RemarkTouch& touch, std::span<const Remark> remarks) {
  const std::string name(title_of(remarks[touch.remark]));
  std::vector<widgets::Mark> marks{{name, static_cast<double>(touch.from)}};
  if (touch.to != touch.from) marks.push_back({"until here", static_cast<double>(touch.to)});
  return marks;
}

ShownBatch shown_batch(const train::Recalled& recalled) {
  const train::Batch& batch = *recalled.batch;
  ShownBatch shown;
  shown.step = batch.step;
  const Index count = batch.pixels.size(0), channels = batch.pixels.size(1), height = batch.pixels.size(2),
              width = batch.pixels.size(3);
  for (Index i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const float* first = &batch.probabilities(i, 0);
    const float* likeliest = std::max_element(first, first + batch.probabilities.size(1));
    shown.loss += batch.losses[at] / static_cast<double>(count);
    shown.pictures.push_back(
        {batch.images[at], batch.labels[at], likeliest - first, *likeliest, batch.losses[at],
         drawn_pixels(batch.pixels.data() + i * channels * height * width, channels, height, width)});
  }
  for (const double norm : batch.gradient_norms) shown.grad_norm = std::hypot(shown.grad_norm, norm);
  std::ranges::stable_sort(shown.pictures, std::greater(), &CaptionedPicture::loss);
  return shown;
}

std::optional<CaptionedTouch> draw_batch(Canvas& c, const Rect& box,
                                         const std::shared_ptr<const ShownBatch>& batch,
                                         std::span<const std::string> class_names) {
  CaptionedPictures pictures{.id = "batch picture",
                             .box = {box.x, box.y + 2 * kTitle_px, box.w, box.h - 2 * kTitle_px},
                             .pictures = batch->pictures,
                             .source = batch,
                             .class_names = class_names,
                             .losses = true};
  // Smaller ones where that shows more of them.
  while (pictures.tile > 60 && fitting(pictures) < std::ssize(batch->pictures)) pictures.tile -= 4;
  const Index all = std::ssize(batch->pictures), count = fitting(pictures);
  widgets::draw_title(c, {box.x, box.y + 10}, "Batch of step " + core::grouped(batch->step), Role::kInput,
                      (count < all ? core::grouped(count) + " of " : "") + core::grouped(all) +
                          " pictures, largest loss first",
                      box.w);
  c.text({box.x, box.y + kTitle_px + 6},
         elided(c,
                "before the update: mean loss " + core::shown(batch->loss, 3) + " nats, gradient norm " +
                    core::shown(batch->grad_norm, 3),
                kQuietWords, box.w),
         kQuietWords);
  return draw(c, pictures);
}

}  // namespace vitrine::labs
