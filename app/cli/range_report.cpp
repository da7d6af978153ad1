#include "app/cli/range_report.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/table.h"
#include "engine/core/text.h"

namespace vitrine::cli {
namespace {

using nlohmann::ordered_json;
using namespace train;

ordered_json number(const std::optional<double>& value) {
  return value ? ordered_json(*value) : ordered_json();
}

}  // namespace

std::string range_table(const RangeTestResult& result) {
  constexpr double kEvery = 0.25;  // of a power of ten
  constexpr int kDigits = 3;
  Table table({"learning rate", "loss", "smoothed"});
  double next = -INFINITY;
  for (const RangePoint& point : result.points) {
    const double at = std::log10(point.learning_rate);
    const bool last = &point == &result.points.back();
    if (at < next && !last) continue;
    next = at + kEvery;
    table.add({core::shown(point.learning_rate, kDigits), core::shown(point.loss, 4),
               core::shown(point.smoothed, 4)});
  }
  std::string text = table.text();
  if (result.suggested)
    text += "suggested: " + core::shown(*result.suggested, 2) + ", where the loss falls steepest (by " +
            core::shown(-result.slope, kDigits) + " nats for ten times the rate)\n";
  else
    text += "nothing is suggested: the smoothed loss falls by " + core::shown(result.fall, 2) +
            " nats, less than " + core::shown(kLeastFall, 2) + " times its noise of " +
            core::shown(result.noise, 2) + "\n";
  if (result.lowest)
    text += "lowest loss at " + core::shown(*result.lowest, 2) + "; beyond it the loss rises\n";
  if (result.exploded) text += "explodes at " + core::shown(*result.exploded, 2) + ": the test ends there\n";
  return text;
}

std::string range_json(const RangeTestResult& result) {
  ordered_json all;
  all["suggested"] = number(result.suggested);
  all["slope"] = result.slope;
  all["fall"] = result.fall;
  all["noise"] = result.noise;
  all["lowest"] = number(result.lowest);
  all["exploded"] = number(result.exploded);
  all["points"] = ordered_json::array();
  for (const RangePoint& point : result.points)
    all["points"].push_back(
        {{"learning_rate", point.learning_rate}, {"loss", point.loss}, {"smoothed", point.smoothed}});
  return object_text(all);
}

}  // namespace vitrine::cli
