// Pasted: a tensor of another shape in the place of one of a lab's: what is pasted into a grid of numbers may
// be larger or smaller than the grid, and the other fields follow by the struct's own rules.
#pragma once

#include <string>
#include <utility>

#include "app/widgets/controls.h"
#include "engine/core/fields.h"

namespace vitrine::labs {

// Visits a struct whose describe() ends in fit(), as a reader does.
class PasteInto final : public core::Fields {
 public:
  PasteInto(const core::Tensor<double>* place, core::Tensor<double> values)
      : place_(place), values_(std::move(values)) {}
  // The struct has a tensor in this place, and it was replaced.
  bool found() const { return found_; }

  void field(std::string_view, bool&) override {}
  void field(std::string_view, std::int64_t&) override {}
  void field(std::string_view, double&) override {}
  void field(std::string_view, std::string&) override {}
  void field(std::string_view, core::Tensor<double>& value) override;
  void field(std::string_view, core::Tensor<std::uint8_t>&) override {}
  void raw_values(std::string_view, std::vector<std::string>&) override {}

 private:
  void choose(std::string_view, int&, std::span<const std::string_view>) override {}
  bool enter(std::string_view) override { return true; }
  void leave() override {}
  List enter_list(std::string_view) override { return List::kAbsent; }
  bool enter_item(std::size_t, std::size_t) override { return false; }
  void leave_list() override {}

  const core::Tensor<double>* place_;
  core::Tensor<double> values_;
  bool found_ = false;
};

// What was pasted does not fit the grid; only a part of it did.
std::string no_room(const core::Shape& pasted, const core::Shape& grid);
std::string cut_words(const core::Shape& pasted, const core::Shape& grid);

// Puts what was pasted into the place of a tensor of `params`, which fits the others to it, and says where
// not all of it could stay.
template <class Params>
void paste(widgets::ControlState::Reshape pasted, Params& params, widgets::Controls& controls) {
  const core::Shape wanted = pasted.values.shape();
  PasteInto into(pasted.place, std::move(pasted.values));
  params.describe(into);
  if (!into.found()) return controls.complain_of(pasted.name, no_room(wanted, pasted.grid));
  if (pasted.place->count() != wanted.count())  // it is there: into has found it
    controls.complain_of(pasted.name, cut_words(wanted, pasted.place->shape()));
}

// The values with dimensions of size 1 put before them or taken away until they have this rank; as they are
// where that cannot be.
core::Tensor<double> of_rank(core::Tensor<double> values, std::size_t rank);

}  // namespace vitrine::labs
