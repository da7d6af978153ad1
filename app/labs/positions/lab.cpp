#include "app/labs/positions/lab.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "app/labs/positions/table.h"
#include "app/labs/resized.h"
#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/core/utf8.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Role;

namespace {

using Kind = Positions::Kind;
using Params = Positions::Params;
using Result = Positions::Result;
using Scene = Positions::Scene;

constexpr std::string_view kSceneIds[] = {"code", "products", "phrase"},
                           kScenes[] = {"one position", "two positions", "a phrase"};
constexpr std::string_view kKindIds[] = {"index", "normalised", "sinusoidal", "learned"},
                           kExhibitIds[] = {"maps", "distances"},
                           kKinds[] = {"Index 1, 2, 3, …", "Normalised t / n", "Sinusoidal", "Learned table"};
constexpr widgets::IntegerRange kLength{1, Positions::kLongest, 16}, kDim{2, Positions::kWidest, 8},
    kStart{0, 1'000'000, 1}, kShortLength{1, Positions::kLongest, 10};
constexpr double kSmallestBase = 1, kLargestBase = 1e6;
constexpr Index kFewPositions = 128;  // whose wave is drawn between them too
constexpr Index kWaveSteps = 16;      // from one position to the next
constexpr std::size_t kMostText_bytes = 240;

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  std::vector<std::string> words;
  for (std::string word; std::ssize(words) < Positions::kMostWords && in >> word;) words.push_back(word);
  return words;
}

// Legible, of at most kMostText_bytes, and itself when that is done again.
std::string one_line(const std::string& text) {
  return std::string(core::cut_text(core::printable(text, std::string::npos), kMostText_bytes));
}

Index sentence_length(const Params& p) {
  return static_cast<Index>(words_of(p.phrase).size() + words_of(p.rest).size());
}

// The codes of the first `length` positions: [length, D].
Tensor<double> encoding_of(const Params& p, Index length, std::stop_token stop) {
  switch (p.kind) {
    case Kind::kIndex:
      return sequence::index_encoding(length).reshaped({length, 1});
    case Kind::kNormalised:
      return sequence::normalized_encoding(length).reshaped({length, 1});
    case Kind::kLearned:
      return p.table.rows;
    case Kind::kSinusoidal:
      break;
  }
  return sequence::sinusoidal_encoding(length, p.dim, p.base, p.start, std::move(stop));
}

// Rows `first` to first + count.
Tensor<double> rows_of(const Tensor<double>& m, Index first, Index count) {
  const Index columns = m.size(1);
  return Tensor<double>({count, columns}, m.values().subspan(static_cast<std::size_t>(first * columns),
                                                             static_cast<std::size_t>(count * columns)));
}

double largest_magnitude(const Tensor<double>& values) {
  double most = 0;
  for (const double v : values.values())
    if (std::isnan(v) || std::abs(v) > most) most = std::abs(v);
  return most;
}

std::vector<Tensor<float>> tiles_of(const Tensor<double>& encoding) {
  std::vector<Tensor<float>> tiles;
  for (Index first = 0; first < encoding.size(0); first += Positions::kTile) {
    const Index count = std::min(Positions::kTile, encoding.size(0) - first);
    Tensor<float> tile(core::Shape{encoding.size(1), count});
    for (Index i = 0; i < tile.size(0); ++i)
      for (Index t = 0; t < count; ++t) tile(i, t) = static_cast<float>(encoding(first + t, i));
    tiles.push_back(std::move(tile));
  }
  return tiles;
}

Result::Counted counted(Kind kind, Index length) {
  Result::Counted c;
  c.code = kind == Kind::kIndex ? sequence::index_encoding(length) : sequence::normalized_encoding(length);
  c.ratio = c.code[length - 1] / c.code[0];
  c.step = length > 1 ? c.code[1] - c.code[0] : 0;
  return c;
}

void add_code(Result& r) {
  const Params& p = r.params;
  const Index positions = r.positions();
  if (r.counted()) {
    r.counts = counted(p.kind, p.length);
    r.short_counts = counted(p.kind, p.short_length);
    return;
  }
  r.tiles = tiles_of(r.encoding);
  if (p.kind != Kind::kSinusoidal || positions < 2 || positions > kFewPositions) return;
  const auto first = static_cast<double>(p.start), last = static_cast<double>(p.start + positions - 1);
  const Index points = (positions - 1) * kWaveSteps + 1;
  for (Index i = 0; i < p.dim; ++i) {
    const std::vector<double> wave = sequence::sinusoidal_wave(first, last, points, i, r.divisors[i / 2]);
    std::vector<widgets::Sample>& samples = r.waves.emplace_back();
    for (std::size_t at = 0; at < wave.size(); ++at)
      samples.push_back({first + static_cast<double>(at) / kWaveSteps, wave[at]});
  }
}

void add_products(Result& r, std::stop_token stop) {
  const bool learned = r.params.kind == Kind::kLearned;
  const Index most = learned ? Positions::kMostTokens : Positions::kMostProducts;
  const Index count = std::min(r.positions(), most);
  r.products = sequence::row_products(rows_of(r.encoding, 0, count), std::move(stop));
  r.product_cells = r.products.cast<float>();
  r.spread = sequence::spread_by_distance(r.products);
  r.largest_spread = largest_magnitude(r.spread);
  if (!r.divisors.empty()) r.terms = sequence::distance_terms(count, r.divisors);
  if (learned) positions_table::add_maps(r);
}

// Word w of the sentence stands at the w-th position, the first patch's in a learned table.
void add_phrase(Result& r) {
  Positions::Phrase& phrase = r.phrase;
  phrase.words = words_of(r.params.phrase);
  phrase.rest = words_of(r.params.rest);
  phrase.range = {0, 0};
  const auto count = static_cast<Index>(phrase.words.size());
  const Index first = r.params.kind == Kind::kLearned ? r.params.table.first_patch : 0;
  for (Index before = 0; before <= std::ssize(phrase.rest); ++before) {
    Positions::Place place;
    place.products = sequence::row_products(rows_of(r.encoding, first + before, count));
    place.difference = place.products;
    if (before > 0)
      for (Index i = 0; i < count * count; ++i) place.difference[i] -= phrase.places[0].products[i];
    else
      place.difference.fill(0);
    place.largest_difference = largest_magnitude(place.difference);
    phrase.range.hi = std::max(phrase.range.hi, widgets::symmetric_range(place.products).hi);
    phrase.places.push_back(std::move(place));
  }
  phrase.range.lo = -phrase.range.hi;
}

}  // namespace

void Positions::View::describe(core::Fields& f) {
  f.group("playhead", playhead);
  f.choice("exhibit", exhibit, kExhibitIds);
}

Positions::Positions(ModelSource model) : model_(std::move(model)), shipped_(positions_table::shipped()) {}

void Positions::Params::describe(core::Fields& f) {
  f.choice("show", scene, kSceneIds);
  f.choice("kind", kind, kKindIds);
  f.field("length", length);
  f.field("dim", dim);
  f.field("base", base);
  f.field("start", start);
  f.field("short_length", short_length);
  f.group("table", table);
  f.field("phrase", phrase);
  f.field("rest", rest);
  fit();
}

void Positions::Params::fit() {
  length = kLength.clamped(length);
  dim = kDim.clamped(dim) / 2 * 2;
  base = std::isfinite(base) ? std::clamp(base, kSmallestBase, kLargestBase) : sequence::kSinusoidalBase;
  start = kStart.clamped(start);
  short_length = kShortLength.clamped(short_length);
  table.fit();
  phrase = one_line(phrase);
  rest = one_line(rest);
}

Index Positions::Result::number(Index row) const {
  switch (params.kind) {
    case Kind::kSinusoidal:
      return params.start + row;
    case Kind::kLearned:
      return row - params.table.first_patch + 1;
    default:
      return row + 1;
  }
}

std::string Positions::Result::name(Index row) const {
  if (params.kind != Kind::kLearned) return "position " + core::grouped(number(row));
  return row < params.table.first_patch ? "the class token" : "patch " + core::grouped(number(row));
}

std::string Positions::Result::place_name(Index row) const {
  const Index patch = row - params.table.first_patch, columns = params.table.columns;
  if (params.kind != Kind::kLearned || patch < 0 || columns == params.table.patches()) return name(row);
  return name(row) + " (row " + std::to_string(patch / columns + 1) + ", column " +
         std::to_string(patch % columns + 1) + ")";
}

std::string Positions::Result::label(Index row) const {
  const bool class_token = params.kind == Kind::kLearned && row < params.table.first_patch;
  return class_token ? "class" : core::grouped(number(row));
}

Index Positions::Result::telling_component() const {
  constexpr double kPeriods = 8;
  Index pair = 0;
  while (pair + 1 < wavelengths.count() && kPeriods * wavelengths[pair] < static_cast<double>(positions()))
    ++pair;
  return 2 * pair;
}

std::vector<Preset<Params>> Positions::presets() {
  Params waves, products, phrase, counted_phrase, index, normalised, long_waves, learned;
  products.scene = Scene::kProducts;
  products.length = 40;
  phrase.scene = counted_phrase.scene = Scene::kPhrase;
  counted_phrase.kind = Kind::kIndex;
  index.kind = Kind::kIndex;
  normalised.kind = Kind::kNormalised;
  index.length = normalised.length = long_waves.length = kLongest;
  long_waves.dim = 64;
  std::vector<Preset<Params>> presets{{"Waves", waves, 15},
                                      {"Distances", products, 39},
                                      {"A phrase moves", phrase, 5},
                                      {"The same by index", counted_phrase, 5},
                                      {"Index, 10,000", index, kLongest - 1},
                                      {"Normalised, 10,000", normalised, 9},
                                      {"Waves, 10,000", long_waves, kLongest - 1}};
  learned.scene = Scene::kProducts;
  learned.kind = Kind::kLearned;
  learned.table = positions_table::shipped();
  constexpr double kMiddlePatch = 25;  // of 7 x 7, behind the class token
  if (!learned.table.rows.empty()) presets.push_back({"Learned by a ViT", learned, kMiddlePatch});
  return presets;
}

void Positions::controls(Params& p, widgets::Controls& c) const {
  c.section("What is seen");
  c.choice(
      "Show", p.scene, kScenes, Scene::kCode,
      "The code of every position; the dot product of every two; a phrase that moves through a sentence");
  c.choice(
      "Encoding", p.kind, kKinds, Kind::kSinusoidal,
      "How a position becomes numbers. A learned table is that of the model in the lab Training, or one that "
      "comes with Vitrine");
  const bool waves = p.kind == Kind::kSinusoidal, learned = p.kind == Kind::kLearned;
  if (learned && p.table.rows.empty()) p.table = shipped_;  // no choice leads nowhere
  if (learned) table_controls(p, c);
  if (waves || p.scene != Scene::kPhrase) {
    if (!learned) c.section("Sequence");
    if (!learned && p.scene != Scene::kPhrase)
      c.integer("Length", p.length, kLength, "n: how many positions there are");
    if (waves) {
      const Index before = p.dim;
      if (c.integer("Dim", p.dim, kDim,
                    "D: how many numbers a position has; a sine and a cosine for each wave") &&
          p.dim % 2 != 0)
        p.dim += p.dim > before ? 1 : -1;
      const widgets::Notch notches[] = {{"1", 1}, {"100", 100}, {"10,000", 10'000}};
      c.real("Base", p.base, {kSmallestBase, kLargestBase, sequence::kSinusoidalBase, 100, true},
             "The waves' lengths go from 2π up to nearly 2π times the base", notches);
      c.integer("Start", p.start, kStart, "The number of the first position");
    } else if (!learned && p.scene == Scene::kCode) {
      c.integer("Short length", p.short_length, kShortLength,
                "The same positions in a sequence of this length");
    }
  }
  if (p.scene == Scene::kProducts && !learned && p.length > kMostProducts)
    c.note("The products of the first " + std::to_string(kMostProducts) + " positions are shown.");
  if (p.scene != Scene::kPhrase) return;
  c.section("Sentence");
  c.text("Phrase", p.phrase, "The words that move; at most 8 are used");
  c.text("Rest", p.rest, "The words that they move through; at most 8 are used");
  p.fit();
}

std::vector<Problem> Positions::validate(const Params& p) {
  if (p.kind == Kind::kLearned && p.table.rows.empty())
    return {
        {"Encoding",
         "There is no learned table: open the lab Training, come back and take the table of its model in the "
         "inspector, or choose another encoding."}};
  if (p.scene != Scene::kPhrase) return {};
  if (words_of(p.phrase).empty()) return {{"Phrase", "There is no phrase to move: type at least one word."}};
  if (p.kind == Kind::kLearned && sentence_length(p) > p.table.rows.size(0) - p.table.first_patch)
    return {{"Phrase", "The sentence has " + std::to_string(sentence_length(p)) +
                           " words, the learned table positions for " +
                           std::to_string(p.table.rows.size(0) - p.table.first_patch) +
                           ": shorten it, or take the table of a model with smaller patches."}};
  return {};
}

Result Positions::compute(const Params& p, std::stop_token stop) {
  Result r;
  r.params = p;
  r.encoding = encoding_of(p, p.scene == Scene::kPhrase ? sentence_length(p) : p.length, stop);
  r.range = p.kind == Kind::kSinusoidal ? gpu::Range{-1, 1} : widgets::symmetric_range(r.encoding);
  if (p.kind == Kind::kSinusoidal) {
    r.divisors = sequence::divisors(p.dim, p.base);
    r.wavelengths = sequence::wavelengths(r.divisors);
  }
  core::throw_if_stopped(stop);
  if (p.scene == Scene::kCode) add_code(r);
  if (p.scene == Scene::kProducts) add_products(r, stop);
  if (p.scene == Scene::kPhrase) add_phrase(r);
  return r;
}

int Positions::last_step(const Result& r) {
  switch (r.params.scene) {
    case Scene::kProducts:
      return static_cast<int>(r.products.size(0)) - 1;
    case Scene::kPhrase:
      return static_cast<int>(r.phrase.places.size()) - 1;
    case Scene::kCode:
      break;
  }
  return static_cast<int>(r.positions()) - 1;
}

Positions::Focus Positions::focus(const Result& r, const View& view, bool reduce_motion) {
  const widgets::Lit lit = widgets::lit_at(view.playhead, reduce_motion);
  Focus f;
  f.step = f.position = std::clamp<Index>(lit.step, 0, last_step(r));
  f.progress = lit.progress;
  f.component = r.telling_component();
  if (r.params.scene == Scene::kProducts) {  // with the next one
    f.other = f.position + 1 < r.products.size(0) ? f.position + 1 : std::max<Index>(f.position - 1, 0);
  } else if (r.params.scene == Scene::kPhrase) {  // of its words the first and the last
    f.position = 0;
    f.other = std::ssize(r.phrase.words) - 1;
  }
  const auto inside = [&](const std::optional<Spot>& spot) {
    if (!spot) return false;
    const auto within = [&](Index rows, Index columns) {
      return spot->cell.row < rows && spot->cell.column < columns;
    };
    switch (r.params.scene) {
      case Scene::kCode:
        return spot->panel == Panel::kCode && within(r.dim(), r.positions());
      case Scene::kProducts:
        return spot->panel == Panel::kProducts && within(r.products.size(0), r.products.size(0));
      case Scene::kPhrase:
        break;
    }
    const Index words = std::ssize(r.phrase.words);
    return spot->panel >= Panel::kFirst && within(words, words);
  };
  const auto spot = inside(view.pinned) ? view.pinned : inside(view.hovered) ? view.hovered : std::nullopt;
  if (!spot) return f;
  f.pointed = true;
  if (r.params.scene == Scene::kCode) {
    f.component = spot->cell.row;
    f.position = spot->cell.column;
  } else {
    f.position = spot->cell.row;
    f.other = spot->cell.column;
  }
  return f;
}

}  // namespace vitrine::labs
