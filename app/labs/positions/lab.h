// Positions: a row of numbers for each place in a sequence, and what is left of it in dot products.
//   PE(t, 2i) = sin(t / base^(2i/D)), PE(t, 2i+1) = cos(t / base^(2i/D))
//   PE(t).PE(t+k) = sum_i cos(k / base^(2i/D)): of the distance only
// Vaswani et al. 2017, "Attention is all you need", section 3.5; the maps of a learned table: Dosovitskiy et
// al. 2020, "An image is worth 16x16 words", figure 7.
#pragma once

#include <functional>

#include "app/labs/compute_lab.h"
#include "app/widgets/matrix.h"
#include "app/widgets/plot.h"
#include "engine/lessons/expression.h"
#include "engine/sequence/positions.h"
#include "engine/train/trainer_thread.h"

namespace vitrine::labs {

class Positions {
 public:
  static constexpr LabInfo kInfo{Wing::kAttention,
                                 "positions",
                                 "Positions",
                                 "Where a token stands, as numbers: counted, as waves, or learned.",
                                 "PE(t, 2i) = sin(t / base^(2i/D)),  PE(t, 2i+1) = cos(t / base^(2i/D))",
                                 "Vaswani et al. 2017, Attention is all you need, section 3.5"};

  enum class Kind : std::uint8_t { kIndex, kNormalised, kSinusoidal, kLearned };
  enum class Scene : std::uint8_t { kCode, kProducts, kPhrase };

  // The positions that a model has learned, taken from a run.
  struct Table {
    core::Tensor<double> rows;    // [T, D]; without numbers until one is taken
    core::Index first_patch = 0;  // row of the first patch: 1 behind a class token
    core::Index columns = 1;      // patches in a row of the picture; they fill whole rows
    core::Index step = 0;         // of the run, when it was taken
    std::string data;             // what it was trained on
    core::Index patches() const { return rows.empty() ? 0 : rows.size(0) - first_patch; }
    bool operator==(const Table&) const = default;
    void describe(core::Fields& f);
    void fit();
  };

  static constexpr core::Index kLongest = 10'000;        // positions
  static constexpr core::Index kWidest = 128;            // D of waves
  static constexpr core::Index kLargestTable = 1 << 16;  // numbers
  static constexpr core::Index kMostProducts = 256;      // positions whose products are shown
  static constexpr core::Index kMostTokens = 1'025;      // the same of a learned table: 32 x 32 and a class
  static constexpr core::Index kMostWords = 8;           // of the phrase, and of the rest

  struct Params {
    Scene scene = Scene::kCode;
    Kind kind = Kind::kSinusoidal;
    core::Index length = 16;
    core::Index dim = 8;                      // D of waves, even
    double base = sequence::kSinusoidalBase;  // of waves
    core::Index start = 1;                    // the first position of waves
    core::Index short_length = 10;            // of the sequence that counted ones are compared with
    Table table;                              // of Kind::kLearned
    std::string phrase = "we swam in the lake", rest = "every morning of last June";

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    void fit();
    core::Index positions() const { return kind == Kind::kLearned ? table.rows.size(0) : length; }
  };

  // How the products of a learned table are shown: each patch's as a map over the picture, or as the others'.
  enum class Exhibit : std::uint8_t { kMaps, kDistances };
  enum class Panel : std::uint8_t { kCode, kProducts, kFirst, kHere, kDifference };
  struct Spot {
    Panel panel = Panel::kCode;
    widgets::Cell cell;  // of kCode: (component, position); of the others: two positions
    bool operator==(const Spot&) const = default;
  };
  struct View {
    widgets::Playhead playhead;
    std::optional<Spot> hovered, pinned;  // what the pointer lights, before the playhead's
    Exhibit exhibit = Exhibit::kMaps;
    void describe(core::Fields& f);
    void unpin() { pinned.reset(); }
  };

  // The phrase behind so many words of the rest.
  struct Place {
    core::Tensor<double> products;    // [n, n] of the phrase's positions there
    core::Tensor<double> difference;  // to those of the first place
    double largest_difference = 0;    // NaN where one is
  };
  struct Phrase {
    std::vector<std::string> words, rest;
    std::vector<Place> places;  // rest.size() + 1
    gpu::Range range;           // of the products at all places
  };
  struct Result {
    Params params;
    core::Tensor<double> encoding;               // [T, D]; of a phrase's sentence, its words
    gpu::Range range;                            // of its numbers
    core::Tensor<double> divisors, wavelengths;  // [D/2] of waves
    // Of Scene::kCode.
    std::vector<core::Tensor<float>> tiles;           // the encoding transposed, [D, at most kTile positions]
    std::vector<std::vector<widgets::Sample>> waves;  // of each component, where there are few positions
    struct Counted {
      core::Tensor<double> code;  // [n]
      double ratio = 1;           // the last position's to the first's
      double step = 0;            // from one position to the next
    } counts, short_counts;       // of counted positions: the sequence, and the one it is compared with
    // Of Scene::kProducts, [P, P] with P = at most kMostProducts positions, kMostTokens of a learned table.
    core::Tensor<double> products;
    core::Tensor<float> product_cells;
    core::Tensor<double> spread;  // [P] by distance
    double largest_spread = 0;    // NaN where one is
    core::Tensor<double> terms;   // [P, D/2] of waves: the cosines of each distance
    // Of a learned table, over the picture's rows and columns of patches.
    core::Tensor<double> lengths, cosines;  // [P], [P, P]: of each token's row, and of every two
    std::vector<core::Tensor<float>> maps;  // [P][rows, columns] each token's cosines with the patches
    core::Tensor<float> all_maps;  // [rows * rows, columns * columns] the patches' maps, side by side
    // Of Scene::kPhrase.
    Phrase phrase;

    core::Index positions() const { return encoding.size(0); }
    core::Index dim() const { return encoding.size(1); }
    bool counted() const { return params.kind == Kind::kIndex || params.kind == Kind::kNormalised; }
    bool has_maps() const { return !maps.empty(); }
    // The number of a row's position: what waves and counts begin at, or the token.
    core::Index number(core::Index row) const;
    // The sine that shows some few periods along all positions: what is lit where nothing is pointed at.
    core::Index telling_component() const;
    // "position 7", "patch 3", "the class token"
    std::string name(core::Index row) const;
    // "position 7", "patch 24 (row 4, column 3)"
    std::string place_name(core::Index row) const;
    // "7", "class"
    std::string label(core::Index row) const;
  };
  static constexpr core::Index kTile = 4096;

  // Where the newest snapshot of the model being trained is asked for; null where there is none.
  using ModelSource = std::function<std::shared_ptr<const train::TrainSnapshot>()>;
  explicit Positions(ModelSource model = {});

  static std::vector<Preset<Params>> presets();
  void controls(Params& params, widgets::Controls& controls) const;
  static std::vector<Problem> validate(const Params& params);
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // What is shown, by its letters in the formulas.
  static lessons::Symbols numbers(const Result& result, const View& view, core::Index most);
  // PyTorch code that computes the same and prints it under those letters.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }

  // What is lit: a position (of a phrase: how many words stand before it), and what the pointer adds.
  struct Focus {
    core::Index step = 0;  // of the playhead: everything up to it is there
    float progress = 1;    // of that step
    core::Index position = 0;
    core::Index component = 0;  // of a code
    core::Index other = 0;      // the second position of a product
    bool pointed = false;
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);

 private:
  void table_controls(Params& params, widgets::Controls& controls) const;

  ModelSource model_;    // the window's thread alone
  const Table shipped_;  // comes with the program
};

}  // namespace vitrine::labs
