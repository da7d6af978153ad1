// TestHall: all labs without a frame around them.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "app/labs/labs.h"
#include "app/labs/shown_step.h"
#include "app/learn/walk.h"
#include "engine/io/assets.h"

namespace vitrine::learn {

class TestHall final : public Hall {
 public:
  TestHall() {
    for (const auto& lab : all_) infos_.push_back(&lab->info());
  }
  bool select(std::string_view id) override {
    const auto at = std::ranges::find(infos_, id, &labs::LabInfo::id);
    if (at == infos_.end()) return false;
    open_ = static_cast<std::size_t>(at - infos_.begin());
    return true;
  }
  const std::vector<const labs::LabInfo*>& labs() const override { return infos_; }
  labs::Lab& lab() override { return *all_[open_]; }
  widgets::ControlState* controls_of(std::string_view) override { return nullptr; }

  // Until everything is computed and the walk has seen it.
  void settle(Walk& walk) {
    const widgets::Playhead before = lab().playhead();
    lab().settle(before.t);
    lab().playhead() = before;
    for (int i = 0; i < 3; ++i) walk.frame(*this);
  }

 private:
  std::vector<std::unique_ptr<labs::Lab>> all_ = labs::all_labs({});
  std::vector<const labs::LabInfo*> infos_;
  std::size_t open_ = 0;
};

}  // namespace vitrine::learn
