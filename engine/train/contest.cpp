#include "engine/train/contest.h"

#include <stdexcept>

#include "engine/train/models.h"

namespace vitrine::train {

void ContestConfig::describe(core::Fields& f) {
  f.group("reference", reference);
  f.choice("equal", equal, kEquals);
  f.choice("turns", turns, kTurns);
  f.field("frozen", frozen);
}

std::vector<Contestant> contestants(const ContestConfig& config, const nn::ImageSizes& image, Index classes) {
  const ModelConfig& vit = config.reference.model;
  if (vit.kind != ModelKind::kVit) throw std::invalid_argument("model.kind: a contest's reference is a vit");
  const Index target = size_of(vit, image, classes).of(config.equal);
  std::vector<Contestant> all;
  const auto add = [&](std::string name, const ModelConfig& model) {
    const ModelSize size = size_of(model, image, classes);
    const double off = static_cast<double>(size.of(config.equal)) / static_cast<double>(target) - 1;
    all.push_back({std::move(name), model, size, off, make_model<float>(model, image, classes)->layers()});
  };
  const auto matched = [&](ModelKind kind) {
    return match(ModelConfig::of(kind), target, config.equal, image, classes).model;
  };
  add("ViT", vit);
  add("CNN", matched(ModelKind::kCnn));
  add("MLP", matched(ModelKind::kMlp));
  if (config.frozen) add("Frozen CNN", frozen(all[1].model));
  return all;
}

RaceConfig race_of(const ContestConfig& config, const std::vector<Contestant>& contestants) {
  RaceConfig race{{}, config.turns};
  for (const Contestant& contestant : contestants) {
    race.runners.push_back(config.reference);
    race.runners.back().model = contestant.model;
  }
  return race;
}

}  // namespace vitrine::train
