// What a test of the trainer's thread waits for.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>

#include "engine/train/trainer_thread.h"

namespace vitrine::train {

using Snapshot = std::shared_ptr<const TrainSnapshot>;

inline constexpr std::chrono::seconds kPatience{600};  // of a test on a busy machine

// Asks until there is an answer; null when patience ends.
template <class Ask>
auto wait_until(const Ask& ask) -> decltype(ask()) {
  for (const auto until = std::chrono::steady_clock::now() + kPatience;
       std::chrono::steady_clock::now() < until;) {
    if (auto answer = ask()) return answer;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  ADD_FAILURE() << "nothing came";
  return nullptr;
}

// Takes snapshots until one is as wanted.
inline Snapshot wait_for(TrainerThread& trainer, const std::function<bool(const TrainSnapshot&)>& wanted) {
  const auto snapshot = wait_until([&]() -> Snapshot {
    const auto taken = trainer.take_snapshot();
    return taken && wanted(*taken) ? taken : nullptr;
  });
  return snapshot ? snapshot : std::make_shared<TrainSnapshot>();
}

inline Snapshot wait_for(TrainerThread& trainer, TrainStatus status) {
  return wait_for(trainer, [=](const TrainSnapshot& snapshot) { return snapshot.status == status; });
}

// Parked there.
inline Snapshot wait_for(TrainerThread& trainer, TrainStatus status, Index step) {
  return wait_for(trainer, [=](const auto& s) { return s.status == status && s.step == step; });
}

// A step of the run's past.
inline std::shared_ptr<const Recalled> recalled(TrainerThread& trainer, Index step) {
  trainer.send(RecallStep{step});
  const auto answer = wait_until([&]() -> std::shared_ptr<const Recalled> {
    auto taken = trainer.take_recalled();
    return taken && taken->step == step ? taken : nullptr;
  });
  return answer ? answer : std::make_shared<Recalled>(Recalled{step, {}, std::make_shared<TrainerState>()});
}

}  // namespace vitrine::train
