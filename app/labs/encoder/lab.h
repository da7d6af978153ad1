// Encoder block: one pre-norm block of a Transformer with small editable weights, every tensor between x and
// y, and backwards the gradient of one output number with respect to each of them.
//   x' = x + drop(attention(norm1(x))),  y = x' + drop(W2 drop(act(W1 norm2(x') + b1)) + b2)
// Dosovitskiy et al. 2020, "An image is worth 16x16 words", equations 2 and 3.
#pragma once

#include <array>
#include <cmath>

#include "app/labs/compute_lab.h"
#include "app/widgets/matrix.h"
#include "app/widgets/plot.h"
#include "engine/lessons/expression.h"
#include "engine/sequence/encoder_block.h"

namespace vitrine::labs {

struct Encoder {
  static constexpr LabInfo kInfo{
      Wing::kAttention,
      "encoder",
      "Encoder block",
      "Tokens meet in the attention; everything else does the same to each of them.",
      "x′ = x + attention(norm(x)),  y = x′ + MLP(norm(x′))",
      "Dosovitskiy et al. 2020, An image is worth 16×16 words, equations 2 and 3"};

  using Node = sequence::EncoderNode;
  using Weight = sequence::EncoderWeight;
  enum class Direction : std::uint8_t { kForward, kBackward };

  // The greatest of each that the inspector offers.
  struct Limits {
    static constexpr core::Index kTokens = 8, kEmbedDim = 8, kHeads = 4, kInner = 8, kMlpDim = 16;
    static constexpr core::Index kCounted = 1'000'000, kSeed = 999;
    static constexpr double kSmallestEps = 1e-12, kLargestEps = 1, kRate = 0.9;
  };

  struct Params {
    Direction direction = Direction::kForward;
    core::Tensor<double> input{{3, 4}};  // [T, D]
    sequence::EncoderWeights weights;    // of the shapes that sizes() needs
    sequence::EncoderSpec spec{.heads = 2};
    core::Index output_token = 0, output_component = 0;  // of the y whose gradient is shown
    // Of the block whose parameters are only counted.
    sequence::EncoderSizes counted{
        .tokens = 1, .embed_dim = 512, .heads = 8, .head_dim = 64, .mlp_dim = 2048};

    Params();  // by hand: weights with one digit behind the point
    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Keeps every number within its control's range and the shapes agreeing with each other.
    void fit();
    sequence::EncoderSizes sizes() const;
    // Other sizes; what fits is kept, what is new is as Params() would draw it.
    void resize(const sequence::EncoderSizes& sizes);
    bool drops() const { return spec.dropout.rate > 0; }
    bool backward() const { return direction == Direction::kBackward; }
  };

  // A tensor of the block: a node or a weight.
  struct Which {
    bool weight = false;
    std::uint8_t index = 0;
    Which() = default;
    Which(Node node) : index(static_cast<std::uint8_t>(node)) {}
    Which(Weight w) : weight(true), index(static_cast<std::uint8_t>(w)) {}
    bool is(Node node) const { return *this == Which(node); }
    bool is(Weight w) const { return *this == Which(w); }
    bool operator==(const Which&) const = default;
  };
  // One number of it, by its flat index.
  struct Spot {
    Which which;
    core::Index cell = 0;
    bool operator==(const Spot&) const = default;
  };
  // What one step of the playhead makes: a tensor, or one of its parts (a head; queries, keys or values).
  struct Step {
    Which which;
    core::Index part = 0;
    bool operator==(const Step&) const = default;
  };

  struct View {
    widgets::Playhead playhead;
    std::optional<Spot> hovered, pinned;  // what the pointer lights, before the playhead's
    std::optional<widgets::Cell> target;  // and which number of the lit tensor
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  // The block's four parts, in reading order.
  enum class Section : std::uint8_t { kNorm1, kAttention, kNorm2, kMlp };
  static constexpr std::size_t kSections = 4;
  struct Parameters {
    std::array<core::Index, kSections> of{};
    core::Index total = 0;
    core::Index operator[](Section s) const { return of[static_cast<std::size_t>(s)]; }
  };

  struct Result {
    Params params;
    sequence::EncoderBlock block;
    std::vector<Step> steps;
    Parameters drawn, counted;
    core::Tensor<double> slopes;                   // act'(u) [T, M]
    std::vector<widgets::Sample> curve;            // the activation
    sequence::EncoderGradients gradients, checks;  // backward only; checks by finite differences
    gpu::Range nodes_range, weights_range;         // of all gradients of nodes, and of weights
    double largest_error = 0;                      // of all gradients; NaN where one is
    std::optional<core::Index> bend;  // backward with ReLU: the hidden number next to 0, if it is near enough
                                      // for a finite difference to step over the bend

    const core::Tensor<double>& values(const Which& w) const {
      return w.weight ? params.weights.all[w.index] : block.nodes.all[w.index];
    }
    const core::Tensor<double>& gradient(const Which& w) const { return of(gradients, w); }
    const core::Tensor<double>& check(const Which& w) const { return of(checks, w); }
    // How far a gradient is from its finite difference, and whether that is more than rounding.
    double error(const Spot& spot) const {
      return std::abs(gradient(spot.which)[spot.cell] - check(spot.which)[spot.cell]);
    }
    bool is_suspicious(const Spot& spot) const;
    // The part of a tensor that a number of it belongs to, and the step that makes it; -1 for none: a weight
    // going forwards.
    core::Index part_of(const Spot& spot) const;
    int step_of(const Spot& spot) const;
    bool has(const Spot& spot) const;

   private:
    static const core::Tensor<double>& of(const sequence::EncoderGradients& g, const Which& w) {
      return w.weight ? g.weights.all[w.index] : g.nodes.all[w.index];
    }
  };

  static Parameters parameters_of(const sequence::EncoderSizes& sizes);
  // The order in which the tensors appear: x first, or going back the chosen number of y first.
  static std::vector<Step> steps_of(const Params& params);

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params&) { return {}; }
  static Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result) { return static_cast<int>(result.steps.size()) - 1; }
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  // What is shown, by its letters in the formulas.
  static lessons::Symbols numbers(const Result& result, const View& view);
  // PyTorch code that computes the same and prints it under those letters.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path&, Params&) { return false; }

  // What is lit: a step's tensor and one of its numbers.
  struct Focus {
    Step step;
    core::Index cell = 0;  // flat
    int reached = 0;       // steps that are done or on their way, by the playhead
    float progress = 1;    // of the step `reached`
    bool pointed = false;  // by the pointer, not by the playhead
    std::optional<Spot> spot;
  };
  static Focus focus(const Result& result, const View& view, bool reduce_motion);
};

}  // namespace vitrine::labs
