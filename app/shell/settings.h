// Settings: how the user wants the window, whatever lab is open. Saved with the session.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/core/fields.h"

namespace vitrine::shell {

inline constexpr double kPresenterScale = 1.6;
inline constexpr double kSmallestText = 0.8, kLargestText = 2;
inline constexpr std::size_t kMostRecent = 10;

struct Settings {
  std::string lab;  // the open lab's id
  bool light = false;
  double text_scale = 1;  // times the display's DPI scale
  bool rail = true, inspector = true, explain = true;
  bool presenter = false;
  bool reduce_motion = false;
  std::string language = "en";      // the code of a file in assets/words; "en" has none
  std::vector<std::string> recent;  // files that were opened and saved, the last one first

  bool operator==(const Settings&) const = default;
  void describe(core::Fields& f) {
    f.field("lab", lab);
    f.field("light", light);
    f.field("text_scale", text_scale);
    f.field("rail", rail);
    f.field("inspector", inspector);
    f.field("explain", explain);
    f.field("presenter", presenter);
    f.field("reduce_motion", reduce_motion);
    f.field("language", language);
    f.raw_values("recent", recent);
    text_scale = std::isfinite(text_scale) ? std::clamp(text_scale, kSmallestText, kLargestText) : 1;
    if (recent.size() > kMostRecent) recent.resize(kMostRecent);
  }
};

}  // namespace vitrine::shell
