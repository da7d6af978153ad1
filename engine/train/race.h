// Race: several runs on the same data, advanced piece by piece on the same threads, without a thread of its
// own. Each has the bits that it would have alone, whoever's turn comes when; one that diverges is out and
// the others go on.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/train/trainer.h"

namespace vitrine::train {

// Whose turn it is: the first that is not over; the one that has learnt from the fewest images; the one that
// has worked for the shortest time. Of equals the first.
enum class Turns { kInTurn, kEqualImages, kEqualTime };
inline constexpr std::array<std::string_view, 3> kTurns{"in turn", "equal images", "equal time"};

struct RacePoint {
  std::int64_t race_id = 0;
  std::size_t runner = 0;
  Index images = 0;  // that it has learnt from
  MetricPoint point;
};

class Race {
 public:
  // Throws as Trainer, with the runner's number.
  Race(const std::vector<TrainConfig>& runners, Turns turns, const std::shared_ptr<const Dataset>& dataset,
       core::Workers& workers);

  // The next piece of work of the runner whose turn it is. Nothing when the piece ended without a point.
  std::optional<RacePoint> advance();
  bool done() const { return !next(); }
  void set(Turns turns) { turns_ = turns; }
  Turns turns() const { return turns_; }

  std::size_t count() const { return runners_.size(); }
  // Updates until each that goes on has had its turn; where they do not go side by side, one.
  Index updates_a_round() const;
  const Trainer& trainer(std::size_t runner) const { return *runners_[runner].trainer; }
  // Why a runner is out, one line; empty: it is not.
  const std::string& trouble(std::size_t runner) const { return runners_[runner].trouble; }
  bool over(std::size_t runner) const { return runners_[runner].over(); }
  std::optional<std::size_t> next() const;  // whose turn it is; nothing: all are over

 private:
  struct Runner {
    std::unique_ptr<Trainer> trainer;
    std::string trouble;

    bool over() const { return trainer->done() || !trouble.empty(); }
  };

  std::vector<Runner> runners_;
  Turns turns_;
};

}  // namespace vitrine::train
