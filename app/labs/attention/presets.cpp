// The presets of "Attention by hand". Each opens at the step that it is about.
#include <limits>

#include "app/labs/attention/lab.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;

namespace {

using Params = Attention::Params;
using Phase = Attention::Phase;
using Exhibit = Attention::Exhibit;

constexpr double kHardest = std::numeric_limits<double>::infinity();

Preset<Params> opening_at(std::string name, Params p, Phase phase, Index query, Index key = 0,
                          Exhibit exhibit = Exhibit::kSteps) {
  const int step = Attention::Timeline(p).arrival(phase, query, key);
  return {std::move(name), std::move(p), static_cast<double>(step), static_cast<int>(exhibit)};
}

// One-hot queries look up one-hot keys: the weights are the queries themselves.
Params looked_up(std::initializer_list<double> query) {
  Params p;
  p.query = Tensor<double>({3, 3}, query);
  p.key = Tensor<double>({3, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1});
  p.value = Tensor<double>({3, 1}, {10, 20, 30});
  p.beta = kHardest;
  return p;
}

// Tokens whose scores are all 0, so that the mask alone says what is mixed: equal parts of what is visible.
Params equal_scores(std::initializer_list<double> values, std::initializer_list<std::uint8_t> visible) {
  Params p;
  const auto keys = static_cast<Index>(values.size());
  const Index queries = static_cast<Index>(visible.size()) / keys;
  p.query = Tensor<double>({queries, 1}, 0.0);
  p.key = Tensor<double>({keys, 1}, 0.0);
  p.value = Tensor<double>({keys, 1}, values);
  p.masking = Attention::Masking::kCustom;
  p.custom = sequence::Mask({queries, keys}, visible);
  return p;
}

Params running_mean() {
  Params p = equal_scores({1, 2, 3, 4, 5},
                          {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  p.masking = Attention::Masking::kCausal;
  return p;
}

Params cross() {
  Params p;
  p.source = Attention::Source::kCross;
  p.hidden = Tensor<double>({2, 3}, {1, 0, 1, 0, 1, 0});
  p.w_query = Tensor<double>({2, 3}, {1, 0, 1, 0, 2, 0});
  p.w_key = Tensor<double>({2, 3}, {1, 0, -1, 0, 1, 1});
  p.w_value = Tensor<double>({2, 3}, {4, 0, 2, 0, 3, 1});
  p.scale = Attention::Scale::kRsqrt;
  return p;
}

// Two keys that nearly tie, at a temperature so high that a hundredth decides between them.
Params near_tie() {
  Params p;
  p.query = Tensor<double>({1, 1}, {1.0});
  p.key = Tensor<double>({2, 1}, {1.000, 1.005});
  p.value = Tensor<double>({2, 1}, {10, 20});
  p.beta = 1000;
  p.nudge = 0.01;
  return p;
}

}  // namespace

std::vector<Preset<Params>> Attention::presets() {
  Params by_hand, scaled, causal, hard, soft, made;
  scaled.scale = Scale::kRsqrt;
  causal.masking = Masking::kCausal;
  Params causal_scaled = causal, wrong = causal;
  causal_scaled.scale = Scale::kRsqrt;
  wrong.mask_place = MaskPlace::kAfterSoftmax;
  hard.beta = kHardest;
  soft.beta = 0;
  made.source = Source::kSelf;
  const Params box = equal_scores({1, 2, 3, 4, 5}, {1, 1, 0, 0, 0,  //
                                                    1, 1, 1, 0, 0,  //
                                                    0, 1, 1, 1, 0,  //
                                                    0, 0, 1, 1, 1,  //
                                                    0, 0, 0, 1, 1});
  const Params padded_box = equal_scores({0, 1, 2, 3, 4, 5, 0}, {1, 1, 1, 0, 0, 0, 0,  //
                                                                 0, 1, 1, 1, 0, 0, 0,  //
                                                                 0, 0, 1, 1, 1, 0, 0,  //
                                                                 0, 0, 0, 1, 1, 1, 0,  //
                                                                 0, 0, 0, 0, 1, 1, 1});
  // The last tap of the kernel (1, 2, 3): value t is 3 x[t], and every output copies its right neighbour's.
  const Params tap = equal_scores({3, 6, 9, 12, 15, 0}, {0, 1, 0, 0, 0, 0,  //
                                                         0, 0, 1, 0, 0, 0,  //
                                                         0, 0, 0, 1, 0, 0,  //
                                                         0, 0, 0, 0, 1, 0,  //
                                                         0, 0, 0, 0, 0, 1});
  return {{"By hand", by_hand},
          opening_at("Scaled", scaled, Phase::kScale, 1),
          opening_at("Causal", causal, Phase::kMask, 1),
          opening_at("Causal, scaled", causal_scaled, Phase::kNormalise, 1),
          opening_at("Wrong mask", wrong, Phase::kMix, 1, 0, Exhibit::kMask),
          opening_at("Hard", hard, Phase::kMix, 1, 0, Exhibit::kMix),
          opening_at("Soft", soft, Phase::kMix, 1, 0, Exhibit::kMix),
          opening_at("From H", made, Phase::kMakeQuery, 1),
          opening_at("Cross", cross(), Phase::kMakeKey, 0, 1),
          opening_at("Identity", looked_up({1, 0, 0, 0, 1, 0, 0, 0, 1}), Phase::kMix, 2),
          opening_at("Permutation", looked_up({0, 1, 0, 0, 0, 1, 1, 0, 0}), Phase::kMix, 2),
          opening_at("Running mean", running_mean(), Phase::kMix, 4),
          opening_at("Box of three", box, Phase::kMix, 4),
          opening_at("Box, zero-padded", padded_box, Phase::kMix, 4),
          opening_at("One tap", tap, Phase::kMix, 4, 0, Exhibit::kMix),
          opening_at("A tie, nudged", near_tie(), Phase::kNormalise, 0, 0, Exhibit::kNudge),
          opening_at("Cost of a ViT", by_hand, Phase::kMix, 2, 0, Exhibit::kCost)};
}

}  // namespace vitrine::labs
