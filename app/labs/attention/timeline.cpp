// What is lit in "Attention by hand": the order of the steps, and where the pointer is.
#include <algorithm>

#include "app/labs/attention/lab.h"

namespace vitrine::labs {

using core::Index;

Attention::Timeline::Timeline(const Params& p)
    : queries_(p.queries()), keys_(p.keys()), made_(p.made()), all_at_once_(p.order == Order::kAll) {
  row_phases_ = {Phase::kScale, Phase::kExp, Phase::kNormalise, Phase::kMix};
  if (p.masks()) row_phases_.insert(row_phases_.begin() + (p.masks_late() ? 3 : 1), Phase::kMask);
}

int Attention::Timeline::prelude() const {
  return !made_ ? 0 : all_at_once_ ? 3 : static_cast<int>(queries_ + 2 * keys_);
}

int Attention::Timeline::count() const {
  const auto tail = static_cast<Index>(row_phases_.size());
  return prelude() + static_cast<int>(all_at_once_ ? 1 + tail : queries_ * (keys_ + tail));
}

Attention::Focus Attention::Timeline::at(int step) const {
  step = std::clamp(step, 0, count() - 1);
  Focus f;
  f.step = step;
  if (step < prelude()) {
    if (all_at_once_) {
      f.phase = static_cast<Phase>(static_cast<int>(Phase::kMakeQuery) + step);
    } else if (step < queries_) {
      f.phase = Phase::kMakeQuery;
      f.query = step;
    } else {
      f.phase = step < queries_ + keys_ ? Phase::kMakeKey : Phase::kMakeValue;
      f.key = (step - queries_) % keys_;
    }
    return f;
  }
  const Index after = step - prelude();
  Index in_row = after + keys_ - 1;  // all at once: the scores are one step
  if (!all_at_once_) {
    const auto per_row = keys_ + static_cast<Index>(row_phases_.size());
    f.query = after / per_row;
    in_row = after % per_row;
    if (in_row < keys_) f.key = in_row;
  }
  if (in_row >= keys_) f.phase = row_phases_[static_cast<std::size_t>(in_row - keys_)];
  return f;
}

int Attention::Timeline::arrival(Phase phase, Index query, Index key) const {
  if (phase <= Phase::kMakeValue) {  // what is typed is there from the start
    if (!made_) return 0;
    if (all_at_once_) return static_cast<int>(phase) - static_cast<int>(Phase::kMakeQuery);
    return static_cast<int>(phase == Phase::kMakeQuery ? query
                            : phase == Phase::kMakeKey ? queries_ + key
                                                       : queries_ + keys_ + key);
  }
  const auto at = std::find(row_phases_.begin(), row_phases_.end(), phase);
  const auto tail = static_cast<Index>(row_phases_.size());
  const Index behind_scores = phase == Phase::kScore ? -1 : std::distance(row_phases_.begin(), at);
  if (all_at_once_) return prelude() + static_cast<int>(1 + behind_scores);
  const Index in_row = phase == Phase::kScore ? key : keys_ + behind_scores;
  return prelude() + static_cast<int>(query * (keys_ + tail) + in_row);
}

namespace {

using Focus = Attention::Focus;
using Panel = Attention::Panel;
using Phase = Attention::Phase;
using Result = Attention::Result;

// What pointing at the cell means; `f` is what the playhead lights.
Focus pointed_at(const Result& r, const Attention::Spot& spot, Focus f) {
  const bool made = r.params.made();
  const auto [row, column] = spot.cell;
  f.pointed = true;
  f.query.reset();
  f.key.reset();
  switch (spot.panel) {
    case Panel::kHidden:
      f.phase = Phase::kMakeQuery;
      f.query = row;
      break;
    case Panel::kMemory:
      f.phase = Phase::kMakeKey;
      f.key = row;
      break;
    case Panel::kQueryWeights:
    case Panel::kKeyWeights:
    case Panel::kValueWeights:
      f.phase = spot.panel == Panel::kQueryWeights ? Phase::kMakeQuery
                : spot.panel == Panel::kKeyWeights ? Phase::kMakeKey
                                                   : Phase::kMakeValue;
      f.component = column;
      break;
    case Panel::kQuery:
      f.phase = made ? Phase::kMakeQuery : Phase::kScore;
      f.query = row;
      if (made) f.component = column;
      break;
    case Panel::kKey:
      f.phase = made ? Phase::kMakeKey : Phase::kScore;
      f.key = column;
      if (made) f.component = row;
      break;
    case Panel::kValue:
      f.phase = made ? Phase::kMakeValue : Phase::kMix;
      f.key = row;
      if (made) f.component = column;
      break;
    case Panel::kOutput:
      f.phase = Phase::kMix;
      f.query = row;
      f.component = column;
      break;
    case Panel::kDots:
    case Panel::kScores:
    case Panel::kExps:
    case Panel::kWeights: {
      const bool hidden = !r.may_see(row, column), late = r.params.masks_late();
      f.phase = spot.panel == Panel::kDots     ? Phase::kScore
                : spot.panel == Panel::kScores ? (hidden && !late ? Phase::kMask : Phase::kScale)
                : spot.panel == Panel::kExps   ? Phase::kExp
                                               : (hidden && late ? Phase::kMask : Phase::kNormalise);
      f.query = row;
      f.key = column;
      break;
    }
    case Panel::kJacobian:
      f.phase = Phase::kNormalise;
      f.query = f.row;
      f.slope = spot.cell;
      break;
  }
  return f;
}

}  // namespace

Focus Attention::focus(const Result& r, const View& view, bool reduce_motion) {
  const Timeline timeline(r.params);
  const widgets::Lit lit = widgets::lit_at(view.playhead, reduce_motion);
  Focus playing = timeline.at(lit.step);
  playing.progress = lit.progress;
  playing.row = playing.query.value_or(0);
  const auto inside = [&](const std::optional<Spot>& s) {
    return s && s->cell.row < r.rows(s->panel) && s->cell.column < r.columns(s->panel);
  };
  const auto spot = inside(view.pinned) ? view.pinned : inside(view.hovered) ? view.hovered : std::nullopt;
  if (!spot) return playing;
  Focus f = pointed_at(r, *spot, playing);
  f.row = f.query.value_or(playing.row);
  if (f.slope) return f;
  // What is pointed at is shown even where the playhead has not been; an input is there already.
  const bool input = f.phase == Phase::kScore ? !f.query || !f.key : !f.query && f.phase == Phase::kMix;
  const bool whole_input = f.phase <= Phase::kMakeValue && !f.component;
  const int arrival = timeline.arrival(f.phase, f.query.value_or(0), f.key.value_or(0));
  if (!input && !whole_input && arrival > playing.step) {
    f.step = arrival;
    f.progress = 1;
  }
  return f;
}

}  // namespace vitrine::labs
