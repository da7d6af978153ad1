// The steps of "Attention by hand" on their board: the matrices as far as they have come, what is lit, and
// what is on its way.
#pragma once

#include "app/labs/attention/board.h"

namespace vitrine::labs {

// How much of each number is there: 0 not yet, 1 all of it, between the two it is on its way.
class AttentionProgress {
 public:
  AttentionProgress(const Attention::Result& result, const Attention::Focus& focus)
      : timeline_(result.params), masks_(result.params.masks()), now_(timeline_.at(focus.step)) {
    now_.progress = focus.progress;
  }
  float of(Attention::Phase phase, core::Index query, core::Index key = 0) const;
  // Of a cell as it is drawn.
  float of(Attention::Panel panel, core::Index row, core::Index column) const;
  // The newest step itself, whatever the pointer is on.
  const Attention::Focus& now() const { return now_; }

 private:
  Attention::Timeline timeline_;
  bool masks_;
  Attention::Focus now_;
};

void draw_steps(widgets::Canvas& canvas, const AttentionBoard& board, const Attention::Result& result,
                const AttentionProgress& progress);
// Strong: what becomes. Faint: what it is made of, one step back for the playhead, all the way for the
// pointer.
void draw_lights(widgets::Canvas& canvas, const AttentionBoard& board, const Attention::Result& result,
                 const Attention::Focus& focus);
// Numbers that travel from the cells that made them to the cell that they become.
void draw_flights(widgets::Canvas& canvas, const AttentionBoard& board, const Attention::Result& result,
                  const Attention::Focus& now);

}  // namespace vitrine::labs
