#include "app/labs/heads/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/resized.h"
#include "app/labs/tensor_controls.h"
#include "engine/core/text.h"
#include "engine/core/utf8.h"
#include "engine/sequence/convolution_heads.h"
#include "engine/sequence/tokens.h"

namespace vitrine::labs {

using core::Index;
using core::Shape;
using core::Tensor;
using widgets::Role;

namespace {

constexpr std::string_view kSourceIds[] = {"text", "picture", "signal"};
constexpr std::string_view kWeightsIds[] = {"untrained", "components", "edited", "jobs"};
constexpr std::string_view kPositionsIds[] = {"none", "added", "beside"};
constexpr std::string_view kScaleIds[] = {"rsqrt", "beta"};
constexpr widgets::IntegerRange kPatch{1, 256, 20}, kSeed{1, 1'000'000, 1}, kDim{1, ManyHeads::kMostDim, 32},
    kHeadRange{1, ManyHeads::kMostHeads, 4}, kHeadDim{1, ManyHeads::kMostHeadDim, 8};
constexpr double kSmallestBeta = 0.01;  // above 0, on the slider

// A seven as strokes of a brush on a sheet of 28 x 28 pixels.
PictureSource painted_digit() {
  PictureSource p;
  p.kind = PictureSource::Kind::kDrawing;
  p.drawing_rows = p.drawing_columns = 28;
  for (Index column = 7; column <= 20; ++column) p.paint(6, column, 1.2, 0.9);
  for (Index row = 7; row <= 23; ++row) p.paint(row, 20 - (row - 6) * 9 / 17, 1.2, 1);
  return p;
}

// A ring and a bar on 32 x 64 pixels, each of which is a token.
PictureSource painted_sheet() {
  PictureSource p;
  p.kind = PictureSource::Kind::kDrawing;
  p.drawing_rows = 32;
  p.drawing_columns = 64;
  for (int i = 0; i < 48; ++i) {
    const double angle = i * 0.1309;
    p.paint(static_cast<Index>(std::lround(16 + 11 * std::sin(angle))),
            static_cast<Index>(std::lround(18 + 11 * std::cos(angle))), 1.5, 1);
  }
  for (Index row = 4; row <= 27; ++row) p.paint(row, 48, 2, 0.7);
  return p;
}

}  // namespace

void ManyHeads::Params::describe(core::Fields& f) {
  f.choice("source", source, kSourceIds);
  f.field("text", text);
  f.group("picture", picture);
  f.field("patch_size", patch);
  f.field("signal", signal);
  f.field("taps", taps);
  f.field("embed_dim", embed_dim);
  f.field("heads", heads);
  f.field("head_dim", head_dim);
  f.choice("position_code", positions, kPositionsIds);
  f.choice("weights", weights, kWeightsIds);
  f.field("seed", seed);
  f.field("w_query", edited.query);
  f.field("w_key", edited.key);
  f.field("w_value", edited.value);
  f.field("w_out", edited.out);
  f.choice("scale", scale, kScaleIds);
  f.field("beta", beta);
  f.field("causal", causal);
  fit();
}

void ManyHeads::Params::fit() {
  text = core::cut_text(text, kLongestText);
  picture.fit();
  patch = kPatch.clamped(patch);
  signal = resized(signal, size_within(signal, 0, kLongestSignal, 1), 0.0);
  taps = resized(taps, size_within(taps, 0, kMostTaps, 1), 0.0);
  embed_dim = kDim.clamped(embed_dim);
  heads = kHeadRange.clamped(heads);
  head_dim = kHeadDim.clamped(head_dim);
  seed = kSeed.clamped(seed);
  beta = std::isfinite(beta) ? std::clamp(beta, 0.0, kLargestBeta) : 1;
  if (weights == Weights::kEdited && may_edit()) {
    for (Tensor<double>* w : {&edited.query, &edited.key, &edited.value})
      *w = resized(*w, inner(), embed_dim, 0.0);
    edited.out = resized(edited.out, embed_dim, inner(), 0.0);
  } else {
    edited = {};
  }
}

void ManyHeads::View::describe(core::Fields& f) {
  f.group("playhead", playhead);
  f.field("head", head);
  head = std::clamp<Index>(head, 0, kMostHeads - 1);
}

std::vector<Preset<ManyHeads::Params>> ManyHeads::presets() {
  Params sentence, untrained;
  untrained.weights = Weights::kUntrained;
  untrained.positions = Positions::kAdded;
  Params shapes = untrained, same = untrained, convolution = untrained, digit = untrained, many = untrained;
  shapes.text = "many heads are better";
  shapes.embed_dim = 4;
  shapes.heads = 2;
  shapes.head_dim = 2;
  same.weights = Weights::kComponents;
  same.positions = Positions::kNone;
  convolution.source = Source::kSignal;
  digit.source = Source::kPicture;
  digit.picture = painted_digit();
  digit.patch = 4;
  digit.embed_dim = 16;
  digit.scale = Scale::kBeta;
  many.source = Source::kPicture;
  many.picture = painted_sheet();
  many.patch = 1;
  many.embed_dim = 64;
  many.heads = 8;
  many.scale = Scale::kBeta;
  return {{"Sentence", sentence, static_cast<double>(Phase::kHeads)},
          {"Untrained", untrained, static_cast<double>(Phase::kHeads)},
          {"Shapes", shapes, static_cast<double>(Phase::kConcat)},
          {"Same word", same, static_cast<double>(Phase::kWeights)},
          {"Convolution", convolution, static_cast<double>(Phase::kOut)},
          {"Digit", digit, static_cast<double>(Phase::kHeads)},
          {"2,048 tokens", many, static_cast<double>(Phase::kHeads)}};
}

namespace {

void text_controls(ManyHeads::Params& p, widgets::Controls& c) {
  c.long_text("Text", p.text,
              "Its words are the tokens. The same word has the same embedding wherever it stands");
  const sequence::Words words = sequence::words_of(p.text, ManyHeads::kMostTokens);
  if (words.total > ManyHeads::kMostTokens)
    c.note(core::grouped(words.total) + " words: the first " + core::grouped(ManyHeads::kMostTokens) +
           " are the tokens.");
  else
    c.fact("Tokens T", core::grouped(words.total), Role::kInput);
}

void signal_controls(ManyHeads::Params& p, widgets::Controls& c) {
  Index length = p.signal.count(), taps = p.taps.count();
  c.integer("Length", length, {1, ManyHeads::kLongestSignal, 5}, "L: how many numbers the signal has");
  c.integer("Taps", taps, {1, ManyHeads::kMostTaps, 3}, "K: how many heads, one for each tap of the kernel");
  p.signal = resized(p.signal, length, 0.0);
  p.taps = resized(p.taps, taps, 0.0);
  c.matrix("x", p.signal, Role::kInput, "The signal. Each number is a token that knows its position");
  c.matrix("k", p.taps, Role::kKernel, "The kernel's taps: they are W_O");
  if (std::any_of(p.signal.values().begin(), p.signal.values().end(),
                  [](double v) { return !std::isfinite(v); }))
    c.note(
        "0 · NaN is NaN: one such number makes its token's query and key NaN, so every row of weights and "
        "every output. The convolution x ⋆ k loses only the windows that hold it.",
        Role::kTrouble);
  c.note(
      "Head j looks j − (K−1)/2 positions to the right; W_O weighs what the heads found by the taps. β = " +
      core::shown(sequence::kChoosingScale, 4) + " makes every weight exactly 0 or 1.");
}

void weight_controls(ManyHeads::Params& p, widgets::Controls& c) {
  static constexpr std::string_view kNames[] = {"untrained", "components", "typed", "made by hand"};
  const sequence::MultiHeadWeights before = p.matrices();
  if (c.choice("Weights", p.weights, kNames, ManyHeads::Weights::kJobs,
               "Random numbers of variance 1/D; row r taking component r of a token; as you type them; or so "
               "that every head has a job") &&
      p.weights == ManyHeads::Weights::kEdited && p.may_edit())
    p.edited = {before.query, before.key, before.value, before.out};
  if (p.weights == ManyHeads::Weights::kEdited) {
    p.fit();
    if (!p.may_edit()) return;
    tensor_controls(c, "W_q", p.edited.query, {"row"}, Role::kKernel,
                    "[heads · d, D]: rows of one head together");
    tensor_controls(c, "W_k", p.edited.key, {"row"}, Role::kKernel, "[heads · d, D]");
    tensor_controls(c, "W_v", p.edited.value, {"row"}, Role::kKernel, "[heads · d, D]");
    tensor_controls(c, "W_O", p.edited.out, {"row"}, Role::kKernel, "[D, heads · d]");
    return;
  }
  if (p.weights == ManyHeads::Weights::kUntrained) {
    c.integer("Seed", p.seed, kSeed, "Another seed, other random weights and embeddings");
    c.note("Nobody has trained these weights: the heads differ only by chance.");
  } else if (p.weights == ManyHeads::Weights::kComponents) {
    c.note(
        "Head 1 reads the first d numbers of a token as its query, its key and its value, head 2 the next.");
  } else {
    c.note(
        "Head 1 looks at the token before, head 2 at the same token, head 3 at the token after, head 4 at "
        "all "
        "alike, head 5 two before. Trained nets have such heads too (Clark et al. 2019).");
    if (p.positions == ManyHeads::Positions::kAdded)
      c.note("These heads look for the position beside the word. Added to the word they miss it.");
  }
}

}  // namespace

void ManyHeads::controls(Params& p, widgets::Controls& c) {
  static constexpr std::string_view kSources[] = {"Text", "Picture", "Signal"}, kScales[] = {"1/√d", "β"},
                                    kPositions[] = {"none", "added", "beside"};
  c.section("Tokens");
  c.choice("Tokens", p.source, kSources, Source::kText,
           "The words of a text, the patches of a picture, or the numbers of a signal that is convolved");
  if (p.source == Source::kSignal) {
    signal_controls(p, c);
    p.fit();
    return;
  }
  if (p.source == Source::kText) {
    text_controls(p, c);
  } else {
    picture_controls(c, p.picture);
    c.integer("Patch size", p.patch, kPatch, "P: each patch of P × P pixels is a token");
  }
  c.integer("Embedding D", p.embed_dim, kDim, "How many numbers a token has");
  c.choice(
      "Positions", p.positions, kPositions, Positions::kBeside,
      "A sinusoidal code of its position: added to every token, or beside the word in the second half of "
      "its numbers. Without it no head knows the order");
  c.section("Heads");
  c.integer("Heads", p.heads, kHeadRange, "How many attentions look at the tokens side by side");
  c.integer("Head dim d", p.head_dim, kHeadDim,
            "How many numbers a query, a key and a value of one head have");
  c.fact("Heads × d", core::grouped(p.inner()), Role::kOutput);
  c.note("D need not be a multiple of the heads: W_O brings heads · d back to D.");
  weight_controls(p, c);
  c.section("Scale and mask");
  c.choice("Scale", p.scale, kScales, Scale::kRsqrt, "What the scores are multiplied by before the softmax");
  if (p.scale == Scale::kBeta) {
    const widgets::Notch notches[] = {{"0", 0}, {"1/√d", sequence::rsqrt_scale(p.head_dim)}, {"1", 1}};
    c.real("β", p.beta, {kSmallestBeta, kLargestBeta, 1, 0.1, true, "", true},
           "The inverse temperature. 0: all tokens weigh the same. Large: one takes everything", notches);
  }
  c.toggle("Causal", p.causal, false, "Token t sees only itself and what came before it");
  p.fit();
}

std::vector<Problem> ManyHeads::validate(const Params& p) {
  if (p.source == Source::kPicture) {
    if (const auto problem = picture_problem(p.picture)) return {*problem};
  } else if (p.source == Source::kText) {
    const Index words = sequence::words_of(p.text, kMostTokens).total;
    if (words == 0) return {{"Text", "There is no word to attend to: type at least one."}};
    if (const std::string many = too_many_weights(p.heads, std::min(words, kMostTokens)); !many.empty())
      return {{"Heads", many}};
  }
  if (p.weights == Weights::kEdited && p.source != Source::kSignal && !p.may_edit())
    return {{"Weights", "Typed matrices have at most " + std::to_string(kMostEdited) +
                            " rows and columns, but D is " + std::to_string(p.embed_dim) +
                            " and heads × d is " + std::to_string(p.inner()) +
                            ": make both small enough, or choose other weights."}};
  return {};
}

bool ManyHeads::open(const std::filesystem::path& path, Params& params) {
  if (!open_picture(path, params.picture)) return false;
  params.source = Source::kPicture;
  return true;
}

int ManyHeads::last_step(const Result& r) {
  return kPhases - 1 + (r.tokens() <= kMostWalked ? static_cast<int>(r.tokens()) : 0);
}

float ManyHeads::Focus::of(Phase p) const {
  const int at = static_cast<int>(p);
  return at < step ? 1.0f : at == step ? progress : 0.0f;
}

ManyHeads::Focus ManyHeads::focus(const Result& r, const View& view, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(view.playhead, reduce_motion);
  Focus f;
  f.step = std::clamp(lit.step, 0, last_step(r));
  f.progress = lit.progress;
  f.phase = static_cast<Phase>(std::min(f.step, kPhases));
  f.head = std::min(view.head, static_cast<Index>(r.heads.size()) - 1);
  const Index count = r.tokens();
  const auto inside = [&](const std::optional<Spot>& s) {
    if (!s) return false;
    const Head& h = r.heads[static_cast<std::size_t>(f.head)];
    const Index d = h.query.columns(), dim = r.input.columns();
    const std::pair<Index, Index> sizes[] = {{count, dim},
                                             {d, dim},
                                             {d, dim},
                                             {h.value.columns(), dim},
                                             {count, d},
                                             {count, d},
                                             {count, h.value.columns()},
                                             {count, r.concat.columns()},
                                             {r.w_out.rows(), r.w_out.columns()},
                                             {count, r.output.columns()},
                                             {count, count},
                                             {count, 1},
                                             {count, 1}};
    const auto [rows, columns] = sizes[static_cast<std::size_t>(s->panel)];
    return s->cell.row < rows && s->cell.column < columns;
  };
  f.spot = inside(view.pinned) ? view.pinned : inside(view.hovered) ? view.hovered : std::nullopt;
  const Index told = f.phase == Phase::kEach ? f.step - kPhases : r.telling;
  if (!f.spot) {
    f.query = told;
    return f;
  }
  const auto [row, column] = f.spot->cell;
  switch (f.spot->panel) {
    case Panel::kWeights:
      f.query = row;
      f.key = column;
      break;
    case Panel::kKeyToken:
    case Panel::kKey:
    case Panel::kValue:
      f.key = row;
      break;
    case Panel::kQueryWeights:
    case Panel::kKeyWeights:
    case Panel::kValueWeights:
    case Panel::kOutWeights:
      f.query = told;
      break;
    default:
      f.query = row;
  }
  return f;
}

}  // namespace vitrine::labs
