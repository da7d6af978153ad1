// What a set-up costs, as facts of the inspector.
#include <algorithm>
#include <cctype>
#include <utility>

#include "app/labs/training/setup.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::grouped;
using core::Index;
using widgets::Controls;
using widgets::Role;

namespace {

// "0.35 s", "44 s", "12 min", "2.1 h"
std::string duration_words(double seconds) {
  constexpr double kMinute = 60, kHour = 3600;
  if (seconds < 90) return core::shown(seconds, 2) + " s";
  if (seconds < 90 * kMinute) return core::shown(seconds / kMinute, 2) + " min";
  return core::labelled(seconds / kHour, 2) + " h";
}

// "640", "3.62 million"
std::string count_words(Index count) {
  if (count < 100'000) return grouped(count);
  if (count < 1'000'000'000) return core::shown(static_cast<double>(count) / 1e6, 3) + " million";
  return core::labelled(static_cast<double>(count) / 1e9, 3) + " billion";
}

std::string megabytes(Index bytes) { return core::labelled(static_cast<double>(bytes) / 1e6, 3) + " MB"; }

// "Attention, 6 of them"; of "layers.2 (conv 5 x 5, stride 1, padding 2)" "Layer 3: conv 5 x 5".
std::string part_words(const train::Part& part) {
  constexpr std::string_view kLayers = "layers.";
  std::string name = part.name;
  if (const std::size_t words = name.find(" ("); name.starts_with(kLayers) && words != name.npos) {
    const auto number =
        static_cast<Index>(*core::parse_number(name.substr(kLayers.size(), name.find(' ') - kLayers.size())));
    const std::size_t end = std::min(name.find(','), name.size() - 1);
    return "Layer " + std::to_string(number + 1) + ": " + name.substr(words + 2, end - words - 2);
  }
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return part.copies > 1 ? name + ", " + std::to_string(part.copies) + " of them" : name;
}

// So many epochs; as long as it is not known there is a word in its place, so that nothing below moves.
std::string time_words(const Priced& priced, Index epochs) {
  if (priced.epoch_s) return duration_words(*priced.epoch_s * static_cast<double>(epochs));
  return priced.of_edit && priced.error.empty() ? "measuring …" : "—";
}

void time_facts(Controls& c, const Priced& priced, Index epochs) {
  const Role role = priced.epoch_s ? Role::kText : Role::kQuiet;
  c.fact("An epoch, this machine", time_words(priced, 1), role);
  c.fact("All " + grouped(epochs) + (epochs == 1 ? " epoch" : " epochs"), time_words(priced, epochs), role);
  c.note(priced.epoch_s ? "Measured: " + priced.measured + "; validation included."
                        : "Measured by real updates of this model on this machine, for a moment.");
}

void memory_facts(Controls& c, const train::MemoryNeeds& memory) {
  const std::pair<std::string, Index> uses[] = {
      {"Weights", memory.weights},
      {"Optimizer's moments", memory.optimizer},
      {"Last good state and the next", memory.states},
      {"Gradients", memory.gradients},
      {"Activations of " + std::to_string(memory.threads) + (memory.threads == 1 ? " thread" : " threads"),
       core::checked_mul(memory.activations, memory.threads)},
      {"A batch's images", memory.batch}};
  const auto total = static_cast<double>(std::max<Index>(1, memory.total()));
  for (const auto& [name, bytes] : uses) c.share(name, megabytes(bytes), static_cast<double>(bytes) / total);
}

}  // namespace

void price_summary(Controls& c, const Priced& priced) {
  const bool known = priced.price && priced.of_edit;
  c.fact("Parameters", known ? grouped(priced.price->parameters) : "—", known ? Role::kText : Role::kQuiet);
  c.fact("An epoch, about", time_words(priced, 1), priced.epoch_s ? Role::kText : Role::kQuiet);
}

void price_facts(Controls& c, const Priced& priced, Index epochs) {
  c.section("Price");
  if (!priced.error.empty()) c.note(priced.error, Role::kTrouble);
  if (!priced.price) return;
  const train::Price& price = *priced.price;
  const Role role = priced.of_edit ? Role::kText : Role::kQuiet;  // an earlier edit's is only a hint
  time_facts(c, priced, epochs);
  c.fact("Steps an epoch", grouped(price.steps_of_epoch), role);
  c.fact("Images: train, validate",
         grouped(price.pictures.train_count) + ", " + grouped(price.pictures.validation_count), role);
  if (price.tokens > 0) c.fact("Tokens an image", grouped(price.tokens), role);
  c.fact("Multiply-adds, forward", count_words(price.multiply_adds), role);
  c.fact("… and to learn from it", count_words(price.trained_multiply_adds), role);
  c.fact("Memory, beside the data", megabytes(price.memory.total()), role);
  c.fact("Parameters", grouped(price.parameters), role);
  if (c.fold("Parameters by part", "Of what each part of the model consists; bars are shares of all"))
    for (const train::Part& part : price.parts)
      c.share(
          part_words(part), grouped(part.parameters),
          static_cast<double>(part.parameters) / static_cast<double>(std::max<Index>(1, price.parameters)));
  if (c.fold("Multiply-adds by part", "Of one image forward; bars are shares of all"))
    for (const train::Part& part : price.parts)
      c.share(part_words(part), count_words(part.multiply_adds),
              static_cast<double>(part.multiply_adds) /
                  static_cast<double>(std::max<Index>(1, price.multiply_adds)));
  if (c.fold("Memory by use", "Beside the data; bars are shares of all")) memory_facts(c, price.memory);
}

}  // namespace vitrine::labs
