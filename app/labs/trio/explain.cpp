#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "app/labs/formula.h"
#include "app/labs/trio/lab.h"

namespace vitrine::labs {

using core::Index;
using widgets::Equation;
using widgets::Role;

namespace {

constexpr Index kToldShift_px = 3;  // what a shift costs is said of so many, where nothing is pointed at

}  // namespace

widgets::Role role_of(std::size_t contestant) {
  constexpr Role kRoles[] = {Role::kInput, Role::kKernel, Role::kOutput, Role::kGradient};
  return kRoles[contestant % std::size(kRoles)];
}

std::string words_of(train::PixelShift shift) {
  const auto side = [](Index pixels, const char* negative, const char* positive) {
    return core::grouped(std::abs(pixels)) + (pixels < 0 ? negative : positive);
  };
  const auto [rows, columns] = shift;
  if (rows == 0 && columns == 0) return "not moved";
  std::string words = rows == 0 ? "" : side(rows, " px up", " px down");
  if (columns != 0) words += (words.empty() ? "" : ", ") + side(columns, " px left", " px right");
  return words;
}

// The CNN's first convolution, until something is pointed at.
Trio::Spot Trio::spot() const {
  const Spot lit = view_.hovered ? *view_.hovered : view_.pinned.value_or(Spot{1, 0});
  return lit.contestant < rows_.size() && lit.row < rows_[lit.contestant].size() ? lit : Spot{1, 0};
}

train::PixelShift Trio::shift() const {
  const auto lit = view_.hovered_shift ? view_.hovered_shift : view_.pinned_shift;
  if (!lit) return {};
  const auto within = [&](Index pixels) { return std::clamp(pixels, -params_.reach, params_.reach); };
  return {within(lit->rows), within(lit->columns)};
}

std::vector<Standing> Trio::standings() const {
  std::vector<Standing> all;
  for (std::size_t i = 0; i < contestants_.size(); ++i)
    all.push_back({contestants_[i].name, tracks_[i].validated,
                   shifts_ ? shifts_->by_distance[i] : std::vector<double>{}});
  return all;
}

std::string Trio::words() const {
  const auto [rows, columns] = shift();
  const Index pointed = std::max(std::abs(rows), std::abs(columns));
  const Index reach = shifts_ ? shifts_->question.reach : 0;
  const std::string costs = shift_words(standings(), std::min(pointed > 0 ? pointed : kToldShift_px, reach));
  if (view_.exhibit == Exhibit::kShift && !costs.empty()) return costs;
  const std::string accuracies = accuracy_words(standings());
  if (!accuracies.empty()) return accuracies;
  return snapshot_ && !untouched() ? "Accuracy over the validation images comes at each epoch's end."
                                   : "Nothing is learnt yet. Press play: all see the same batches.";
}

// How many of the moved images each takes for what they are, over how many they are, and the shares.
widgets::Math Trio::shift_formula() const {
  const train::PixelShift at = shift();
  const auto& maps = shifts_->maps;
  Line right, shares, line;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    if (std::max(std::abs(at.rows), std::abs(at.columns)) > maps[i].reach) break;
    const double share = maps[i].at(at);
    const auto images = std::llround(share * static_cast<double>(maps[i].images));
    const std::string comma = i + 1 < maps.size() ? ",  " : "";
    right << widgets::word(contestants_[i].name + " " + core::grouped(images) + comma, role_of(i));
    shares << widgets::word(core::shown(100 * share, 3) + " %" + comma, role_of(i));
  }
  line << widgets::symbol("accuracy", words_of(at), Role::kFocus) << "="
       << widgets::fraction(right.done(), widgets::word(core::grouped(maps[0].images))) << "="
       << shares.done();
  return line.done();
}

Equation Trio::explain() const {
  Equation e;
  e.words = contestants_.empty() ? problem_ : words();
  if (contestants_.empty()) return e;
  if (view_.exhibit == Exhibit::kShift) {
    if (shifts_) e.lines.push_back(shift_formula());
    return e;
  }
  const auto [contestant, row] = spot();
  const LayerRow& lit = rows_[contestant][row];
  Line name;
  name << widgets::word(contestants_[contestant].name + ", " + lit.name + ":  ", role_of(contestant));
  if (lit.parameters == 0) {
    name << "no parameters";
    e.lines.push_back(name.done());
    return e;
  }
  name << lit.parameter_formula;
  if (lit.frozen) name << ", none of which learn";
  e.lines.push_back(name.done());
  if (lit.multiply_adds > 0) e.lines.push_back(lit.work_formula);
  return e;
}

lessons::Symbols Trio::numbers(core::Index) const {
  using lessons::number;
  if (!snapshot_ || snapshot_->runners.size() != contestants_.size()) return {};
  const Index count = std::ssize(contestants_);
  core::Tensor<double> parameters({count}), multiply_adds({count}), images({count}),
      accuracy({count}, std::numeric_limits<double>::quiet_NaN());
  for (Index i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    parameters[i] = static_cast<double>(contestants_[at].size.parameters);
    multiply_adds[i] = static_cast<double>(contestants_[at].size.multiply_adds);
    images[i] = static_cast<double>(snapshot_->runners[at].images);
    if (tracks_[at].validated) accuracy[i] = tracks_[at].validated->accuracy;
  }
  lessons::Symbols all{{"t", number(static_cast<double>(rounds()))},
                       {"round", number(static_cast<double>(rounds()))},
                       {"models", number(static_cast<double>(count))},
                       {"parameters", parameters},
                       {"multiply_adds", multiply_adds},
                       {"images", images},
                       {"validation_accuracy", accuracy},
                       {"running", number(playing())},
                       {"reach", number(static_cast<double>(params_.reach))},
                       {"exhibit", number(static_cast<double>(view_.exhibit))}};
  if (!shifts_) return all;
  const Index distances = shifts_->question.reach + 1;
  core::Tensor<double> shifted({count, distances});
  for (Index i = 0; i < count; ++i)
    std::ranges::copy(shifts_->by_distance[static_cast<std::size_t>(i)], &shifted(i, 0));
  all.emplace("shifted_accuracy", shifted);
  return all;
}

}  // namespace vitrine::labs
