// Many heads: several attentions side by side on the same tokens, each through its own rows of W_q, W_k and
// W_v.
//   head_h = softmax(beta Q_h K_h^T + mask) V_h,   Y = concat(head_1, ..., head_n) W_O^T
// Vaswani et al. 2017, "Attention is all you need", section 3.2.2.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "app/labs/compute_lab.h"
#include "app/labs/picture_source.h"
#include "app/widgets/large_matrix.h"
#include "engine/core/workers.h"
#include "engine/lessons/expression.h"
#include "engine/sequence/multi_head.h"

namespace vitrine::labs {

class ManyHeads {
 public:
  static constexpr LabInfo kInfo{
      Wing::kAttention,
      "heads",
      "Many heads",
      "Several heads look at the same tokens, each in its own way; W_O mixes what they found.",
      "Y = concat(head₁, …, headₙ) W_Oᵀ,  headₕ = softmax(β Qₕ Kₕᵀ + mask) Vₕ",
      "Vaswani et al. 2017, Attention is all you need, section 3.2.2"};

  enum class Source : std::uint8_t { kText, kPicture, kSignal };                  // of the tokens
  enum class Weights : std::uint8_t { kUntrained, kComponents, kEdited, kJobs };  // W_q, W_k, W_v, W_O
  enum class Positions : std::uint8_t { kNone, kAdded, kBeside };                 // sinusoidal ones
  enum class Scale : std::uint8_t { kRsqrt, kBeta };                              // 1/sqrt(d), beta

  static constexpr core::Index kMostTokens = 2'048, kMostHeads = 16, kMostHeadDim = 64, kMostDim = 512;
  static constexpr core::Index kMostWeights = core::Index{1} << 25;  // numbers of all heads: 134 MB
  static constexpr core::Index kMostEdited = 8;                      // rows and columns of a matrix to type
  static constexpr core::Index kLongestSignal = 12, kMostTaps = 7;
  static constexpr core::Index kMostWalked = 32;        // tokens that the playhead visits one by one
  static constexpr std::size_t kLongestText = 200'000;  // bytes
  static constexpr double kLargestBeta = 1000;

  // Numbers that are typed where `weights` says so. Each fits Params' sizes.
  struct Matrices {
    core::Tensor<double> query, key, value, out;  // [inner, D] three times, [D, inner]
    bool operator==(const Matrices&) const = default;
  };

  struct Params {
    Source source = Source::kText;
    std::string text = "the cat sat on the mat and the dog sat on the cat";
    PictureSource picture;
    core::Index patch = 20;  // pixels a side
    core::Tensor<double> signal{{5}, {1, 2, 3, 4, 5}};
    core::Tensor<double> taps{{3}, 1.0 / 3};
    core::Index embed_dim = 32, heads = 4, head_dim = 8;
    Positions positions = Positions::kBeside;
    Weights weights = Weights::kJobs;
    core::Index seed = 1;
    Matrices edited;  // empty until they are asked for
    Scale scale = Scale::kRsqrt;
    double beta = 1;  // when scale says so
    bool causal = false;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Keeps every number within its control's range, and the edited matrices at the sizes.
    void fit();
    core::Index inner() const { return heads * head_dim; }
    bool may_edit() const { return source != Source::kSignal && std::max(embed_dim, inner()) <= kMostEdited; }
    // The W_q, W_k, W_v and W_O of a text or a picture.
    sequence::MultiHeadWeights matrices() const;
  };

  // A matrix as numbers and as a texture.
  struct Sheet {
    core::Tensor<double> values;  // [rows, columns]
    core::Tensor<float> shown;
    gpu::Range range{};
    core::Index rows() const { return values.size(0); }
    core::Index columns() const { return values.size(1); }
  };

  struct Head {
    Sheet query, key, value;        // [T, d], [T, d], [T, dv]
    Sheet w_query, w_key, w_value;  // its rows: [d, D], [d, D], [dv, D]
    core::Tensor<float> weights;    // [T, T]
    widgets::MatrixBlocks blocks;   // of them
    core::Tensor<float> thumbnail;  // of them, block means
    Sheet scores;                   // [T, T] before the mask; empty where there are many tokens
    std::vector<double> received;   // [T] the mean weight with which the queries look at a key
    core::Tensor<double> entropy;   // [T]
    double mean_entropy = 0;
    // Weights above this are links: above an even share, and not much below the largest. Of few tokens only.
    float link_from = 0;
    core::Index links = 0;
    std::string job{};                     // "before", "same"; empty where nobody knows
    std::vector<core::Index> strongest{};  // [T] the key that a query looks at most
  };

  struct Result {
    Params params;
    double beta = 1;
    std::vector<std::string> words;  // a name for each token of a text or a signal
    core::Index words_in_text = 0;   // of which the tokens are the first
    core::Tensor<float> picture;     // [H, W] or [3, H, W]; empty unless the tokens are its patches
    core::Index patch_rows = 0, patch_columns = 0;
    Sheet input;  // [T, D]
    std::vector<Head> heads;
    Sheet concat, w_out, output;  // [T, inner], [D, inner], [T, D]
    double most_entropy = 0;      // mean over the rows of ln(visible keys)
    // The colours of weights end here: at the largest one, or at twelve even shares where there are many
    // tokens and a few large weights would leave all others black.
    gpu::Range weight_range() const;
    float most_weight = 0;    // of all heads
    Sheet correlated;         // [L, 1] what the convolution says; empty unless the source is a signal
    bool correlates = true;   // and whether Y is that; not where a NaN spreads further
    core::Index telling = 0;  // the token in which the heads differ most
    std::optional<core::Index> not_finite;  // the first token with a number that is NaN or infinite

    core::Index tokens() const { return input.rows(); }
    bool has_scores() const { return !heads.front().scores.values.empty(); }
    bool may_see(core::Index query, core::Index key) const { return !params.causal || key <= query; }
    core::Index value_dim() const { return heads.front().value.columns(); }
  };

  // Every matrix that can be pointed at.
  enum class Panel : std::uint8_t {
    kInput,
    kQueryWeights,
    kKeyWeights,
    kValueWeights,
    kQuery,
    kKey,
    kValue,
    kConcat,
    kOutWeights,
    kOutput,
    kWeights,     // of the large head: scores first, weights then
    kQueryToken,  // the columns of tokens: (token, 0)
    kKeyToken,
  };
  static constexpr std::size_t kSheets = 10;  // the panels before kWeights

  struct Spot {
    Panel panel = Panel::kInput;
    widgets::Cell cell;
    bool operator==(const Spot&) const = default;
  };

  struct View {
    widgets::Playhead playhead;
    core::Index head = 0;  // the large one
    std::optional<Spot> hovered, pinned;
    void describe(core::Fields& f);
    void unpin() { pinned.reset(); }
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  // Why so many heads of so many tokens are refused; empty when they are not. Throws ShapeError beyond 2^63.
  static std::string too_many_weights(core::Index heads, core::Index tokens);
  Result compute(const Params& params, std::stop_token stop, core::Progress& progress);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // What is shown, by its letters in the formulas.
  static lessons::Symbols numbers(const Result& result, const View& view, core::Index most);
  // PyTorch code that computes the same and prints it under those letters.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path& path, Params& params);

  // What happens in one step of the playhead, in all tokens at once; behind them each token has a step in
  // which its way is lit.
  enum class Phase : std::uint8_t {
    kTokens,
    kProject,
    kScores,
    kWeights,
    kMix,
    kHeads,
    kConcat,
    kOut,
    kEach
  };
  static constexpr int kPhases = 8;  // before kEach

  // What is lit.
  struct Focus {
    Phase phase = Phase::kTokens;
    core::Index head = 0;
    std::optional<Spot> spot;               // by the pointer; else the playhead lights the phase
    std::optional<core::Index> query, key;  // the tokens that it is about; without a spot always a query
    int step = 0;                           // everything up to this step is there ...
    float progress = 1;                     // ... and this much of it
    // How much of a phase is there: 0 .. 1.
    float of(Phase p) const;
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);

 private:
  struct Tokens;
  Tokens tokens_of(const Params& params);

  // Used on the job's thread only.
  PictureReader reader_;
  core::Workers workers_{core::available_threads()};
};

}  // namespace vitrine::labs
