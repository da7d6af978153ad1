// Aside: what the probe's lab shows beside a look: what the last edit has moved, and what each part of
// the picture does for the answer, laid out to be drawn.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/labs/probe_picture.h"
#include "app/labs/workbench/looked.h"
#include "engine/train/moved.h"
#include "engine/train/occlusion.h"

namespace vitrine::labs {

struct AsideQuestion {
  std::shared_ptr<const Looked> looked;
  core::Tensor<float> before;  // [C, H, W], the pixels before the last edit; empty: there was none
  core::Index window = 0;      // px, of the occlusion; 0: not asked for
  bool operator==(const AsideQuestion&) const = default;
};

// Immutable; all of it at the look's weights.
struct Aside {
  std::shared_ptr<const Looked> looked;
  PatchGrid grid;  // the tokens of a ViT; of another model the windows of an occlusion

  // One layer as a picture: its places from 0, and how far they go.
  struct Map {
    std::string name;            // "after block 3"
    core::Tensor<float> values;  // [rows, columns]
    double whole = 0;            // of Moved::Layer
  };
  struct Edit {
    std::vector<float> probabilities;  // [classes], before it
    std::vector<float> moved;          // [classes], of the logits: after - before
    std::vector<Map> layers;           // how far each place has moved
  };
  std::optional<Edit> edit;
  std::optional<train::Occlusion> occlusion;

  // Of a ViT: its patches in the tokens' order, [P, tokens * P], or of colours [3, P, tokens * P].
  core::Tensor<float> sequence;

  bool has_tokens() const { return !looked->inside.attention.empty(); }
  // The class that is spoken of: the right one, or where it is unknown the likeliest.
  core::Index target() const;
  core::Index guess() const;
};

// Throws core::Stopped.
Aside look_aside(const AsideQuestion& question, std::stop_token stop);

// The class's name; "unknown" for -1.
std::string class_name(const Looked& looked, core::Index label);

}  // namespace vitrine::labs
