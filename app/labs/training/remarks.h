// Remarks: what the loss doctor says of a run, as cards, worst first, each followed back to its numbers; and
// the pictures that one update learnt from.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/labs/captioned_pictures.h"
#include "app/widgets/plot.h"
#include "engine/train/doctor.h"
#include "engine/train/timeline.h"

namespace vitrine::labs {

// Part of a lab's View.
struct RemarksView {
  std::optional<train::RemarkKind> open;  // whose words are shown; else the worst one's
  float scrolled = 0;                     // lines of them above the first that is shown
};

// What the hand is on.
struct RemarkTouch {
  std::size_t remark = 0;        // by its place
  core::Index from = 0, to = 0;  // the steps to light: the remark's, or that of one of its numbers
  bool clicked = false;          // look at step `to`
  bool batch = false;            // of a spike: show the pictures of step `from`
};

// A click on a card opens it. The wheel, or a drag on the bar beside them, scrolls words that do not fit.
std::optional<RemarkTouch> draw_remarks(widgets::Canvas& canvas, const widgets::Rect& box,
                                        std::span<const train::Remark> remarks, RemarksView& view);
// What is lit on the curves: a mark at the step, or at both ends.
std::vector<widgets::Mark> marks_of(const RemarkTouch& touch, std::span<const train::Remark> remarks);

// One update's pictures, the largest loss first.
struct ShownBatch {
  core::Index step = 0;
  double loss = 0;       // mean, nats
  double grad_norm = 0;  // of the update, before clipping
  std::vector<CaptionedPicture> pictures;
};
// Of a step that has a batch.
ShownBatch shown_batch(const train::Recalled& recalled);
// The picture under the pointer.
std::optional<CaptionedTouch> draw_batch(widgets::Canvas& canvas, const widgets::Rect& box,
                                         const std::shared_ptr<const ShownBatch>& batch,
                                         std::span<const std::string> class_names);

}  // namespace vitrine::labs
