// What the exhibits of "Inside the model" have in common: where we look, what is lit, and all that is drawn.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/labs/inside/pictures.h"
#include "app/widgets/equation.h"
#include "app/widgets/matrix.h"
#include "app/widgets/tiles.h"

namespace vitrine::labs::inside {

enum class Exhibit : std::uint8_t {
  kAttention,
  kRollout,
  kDistance,
  kLens,
  kFilters,
  kPositions,
  kMistakes,
  kNorms
};
inline constexpr std::array<std::string_view, 8> kExhibits{"Attention", "Rollout",   "Distance", "Lens",
                                                           "Filters",   "Positions", "Mistakes", "Norms"};

// What the pointer is on, or a click holds.
struct Spots {
  std::optional<HeadPlace> head;
  std::optional<Index> token;              // whose attention, rollout and lens are shown
  std::optional<Index> key;                // the token that it looks at
  std::optional<Index> label;              // a class
  std::optional<Index> layer;              // of the lens: 0 is before the first block
  std::optional<Index> filter;             // by its place in the filters' order
  std::optional<widgets::Cell> place;      // of a filter's map
  std::optional<widgets::Cell> confusion;  // (class, taken for)
  std::optional<Index> image;              // by its place in the gallery
  std::optional<widgets::Cell> norm;       // (layer, kept step)
  bool operator==(const Spots&) const = default;
};

struct View {
  static constexpr Index kLast = -1;  // a layer: the last one, however many there are

  Exhibit exhibit = Exhibit::kAttention;
  HeadPlace head{kLast, 0};  // the one that is shown large
  bool fit_colors = false;   // weights from 0 to the largest, not to 1
  bool components = false;   // of the filters, instead of them
  Index features = 0;        // of which layer's maps
  Spots hovered, pinned;

  bool operator==(const View&) const = default;
  void describe(core::Fields& f);
  void unpin() { pinned = {}; }
};

// What is lit: under the pointer, else pinned, else what tells most.
struct Focus {
  HeadPlace head;
  std::optional<Index> token;  // none: the first one, and of the lens what is pooled
  Index query = 0;             // the token, or the first one
  Index key = 0;               // pointed at, or the one that the query looks at most in this head
  Index label = 0;             // the class: the right one or, where it is unknown, the likeliest
};
Focus focus_of(const Looked& looked, const View& view);

// Everything that an exhibit draws. The pictures of tokens are null unless the model has some; the others are
// null until they are computed, and may be those of the step before.
struct Scene {
  View view;    // as the frame found it; what the pointer lights in this one shows in the next
  Focus focus;  // of it
  std::shared_ptr<const Looked> looked;
  std::shared_ptr<const HeadPictures> head;
  std::shared_ptr<const TokenPictures> token;
  std::shared_ptr<const WeightPictures> weights;
  std::shared_ptr<const Judgement> judged;
  std::shared_ptr<const Gallery> gallery;
  std::shared_ptr<const NormsNow> norms;
  std::shared_ptr<const NormHistory> history;
  double progress = 0;  // of what is computed for the exhibit, 0 to 1

  const train::Inside& inside() const { return looked->inside; }
  const std::vector<std::string>& classes() const { return looked->dataset->class_names; }
  bool has_tokens() const { return inside().grid.patches() > 0; }
  const PatchGrid& grid() const { return inside().grid; }
  Index depth() const { return inside().attention.size(0); }
  Index heads() const { return inside().attention.size(1); }
  // The probe as it is drawn: [height, width], or coloured [3, height, width].
  const core::Tensor<float>& picture() const {
    return looked->pixels.size(0) == 3 ? looked->pixels : looked->grey;
  }
};

// What a click on an exhibit asks the workbench for.
struct Wish {
  std::optional<Index> probe;  // look at this validation image
  std::optional<Index> step;   // look at this kept step
};

// Exhibits, each into a box; what the pointer does goes to `view`.
void draw_attention(widgets::Canvas& canvas, const widgets::Rect& box, const Scene& scene, View& view);
void draw_rollout(widgets::Canvas& canvas, const widgets::Rect& box, const Scene& scene, View& view);
void draw_distance(widgets::Canvas& canvas, const widgets::Rect& box, const Scene& scene, View& view);
void draw_lens(widgets::Canvas& canvas, const widgets::Rect& box, const Scene& scene, View& view);
void draw_filters(widgets::Canvas& canvas, const widgets::Rect& box, const Scene& scene, View& view);
void draw_positions(widgets::Canvas& canvas, const widgets::Rect& box, const Scene& scene, View& view);
Wish draw_mistakes(widgets::Canvas& canvas, const widgets::Rect& box, const Scene& scene, View& view);
Wish draw_norms(widgets::Canvas& canvas, const widgets::Rect& box, const Scene& scene, View& view);

widgets::Equation explain_attention(const Scene& scene);
widgets::Equation explain_rollout(const Scene& scene);
widgets::Equation explain_distance(const Scene& scene);
widgets::Equation explain_lens(const Scene& scene);
widgets::Equation explain_filters(const Scene& scene);
widgets::Equation explain_positions(const Scene& scene);
widgets::Equation explain_mistakes(const Scene& scene);
widgets::Equation explain_norms(const Scene& scene);

// --- shared by exhibits ---

// The probe with the light that `shares` [tokens] throw on its patches, what is said of it, and a class token
// to point at where there is one; the focus' token and key are outlined.
struct ProbeColumn {
  std::string_view title, caption;
  widgets::Rect box;
  std::span<const float> shares;
  float brightest = 1;
};
void draw_probe(widgets::Canvas& canvas, const ProbeColumn& column, const Scene& scene, View& view);

// A name at the box's top and beside it the longest of some words that fits, from the longest.
void draw_heading(widgets::Canvas& canvas, const widgets::Rect& box, std::string_view name,
                  widgets::Role role, const std::vector<std::string>& beside);
// "the class token", "patch 3"
std::string the_token(const PatchGrid& grid, Index token);
// The numbers of tiles' columns above them and of their rows on the left, where there is room.
void number_tiles(widgets::Canvas& canvas, const widgets::TilesLayout& tiles);

// A sentence in the middle of the box: why there is nothing to see.
void draw_nothing(widgets::Canvas& canvas, const widgets::Rect& box, std::string_view words);
// What is computed is on its way.
void draw_waiting(widgets::Canvas& canvas, const widgets::Rect& box, std::string_view what, double progress);

inline float px(Index n) { return static_cast<float>(n); }

}  // namespace vitrine::labs::inside
