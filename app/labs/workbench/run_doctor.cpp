#include "app/labs/workbench/run_doctor.h"

#include <iterator>

namespace vitrine::labs {

using core::Index;

void RunDoctor::add(const train::MetricPoint& point) {
  now_.add(point);
  if (point.split == train::MetricSplit::kTrain)
    earlier_.note(point.step, [&] { return std::optional(now_); });
}

RunDoctor RunDoctor::fork(Index step, const Curves& curves, std::span<const train::Event> events) const {
  RunDoctor next = *this;
  next.earlier_.drop_after(step);
  const auto& kept = next.earlier_.all();
  const Index from = kept.empty() ? 0 : kept.rbegin()->first;
  next.now_ = kept.empty() ? begun_ : kept.rbegin()->second;
  auto event = events.begin();
  const auto tell_changes = [&](Index before) {  // those behind the point of their step
    for (; event != events.end() && event->step < before; ++event)
      if (event->kind == train::EventKind::kChange && event->step >= from) next.now_.add(*event);
  };
  for (const train::MetricPoint& point : curves.points(from, step)) {
    tell_changes(point.step);
    next.now_.add(point);
  }
  tell_changes(step + 1);
  return next;
}

}  // namespace vitrine::labs
