#include "app/labs/trio/tracks.h"

#include <algorithm>
#include <cmath>

#include "engine/core/text.h"

namespace vitrine::labs {
namespace {

// "12, 25 and 51"
std::string listed(const std::vector<std::string>& words) {
  std::string list;
  for (std::size_t i = 0; i < words.size(); ++i)
    list += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return list;
}

// Those that have ended an epoch, the best first.
void rank(std::vector<Standing>& all) {
  std::erase_if(all, [](const Standing& each) { return !each.validated; });
  std::ranges::stable_sort(all, std::greater{}, [](const Standing& s) { return s.validated->accuracy; });
}

// Nothing where they differ.
std::optional<core::Index> common_epochs(const std::vector<Standing>& ranked) {
  const core::Index first = ranked.front().validated->epoch;
  const auto same = [&](const Standing& s) { return s.validated->epoch == first; };
  return std::ranges::all_of(ranked, same) ? std::optional(first) : std::nullopt;
}

std::string epoch_words(core::Index n) { return core::grouped(n) + (n == 1 ? " epoch" : " epochs"); }

}  // namespace

void Track::add(const train::RacePoint& at) {
  const train::MetricPoint& point = at.point;
  const auto to = [&](Curves& curves, double x) {
    if (point.split == train::MetricSplit::kValidation) {
      curves.validation.append({x, point.accuracy});
    } else {
      curves.loss.append({x, point.loss});
      curves.accuracy.append({x, point.accuracy});
    }
  };
  to(by_images, static_cast<double>(at.images));
  to(by_seconds, point.seconds);
  if (point.split == train::MetricSplit::kValidation) validated = point;
}

std::string accuracy_words(std::vector<Standing> all) {
  rank(all);
  if (all.empty()) return "";
  const auto epochs = common_epochs(all);
  std::vector<std::string> words;
  for (const Standing& s : all)
    words.push_back(s.name + " " + core::shown(100 * s.validated->accuracy, 3) + " %" +
                    (epochs ? "" : " after " + epoch_words(s.validated->epoch)));
  return (epochs ? "After " + epoch_words(*epochs) + ": " : "") + listed(words) + " right in validation.";
}

std::string shift_words(std::vector<Standing> all, core::Index distance) {
  rank(all);
  const auto d = static_cast<std::size_t>(distance);
  const auto measured = [d](const Standing& s) { return d < s.by_distance.size(); };
  if (all.empty() || distance == 0 || !std::ranges::all_of(all, measured)) return "";
  const auto epochs = common_epochs(all);
  std::vector<std::string> words;
  for (const Standing& s : all)
    words.push_back(s.name + " " + core::shown(std::round(100 * (s.by_distance[0] - s.by_distance[d])), 3));
  return (epochs ? "After " + epoch_words(*epochs) + " a" : "A") + " shift of " + core::grouped(distance) +
         " px costs " + listed(words) + " points of accuracy.";
}

}  // namespace vitrine::labs
