#include "app/labs/pasted.h"

#include <utility>

#include "app/widgets/matrix.h"

namespace vitrine::labs {

void PasteInto::field(std::string_view, core::Tensor<double>& value) {
  if (&value != place_) return;
  value = of_rank(std::move(values_), value.rank());
  found_ = true;
}

std::string no_room(const core::Shape& pasted, const core::Shape& grid) {
  return "What was pasted is " + widgets::shape_words(pasted) + ", and this is " +
         widgets::shape_words(grid) + ": set its size first";
}

std::string cut_words(const core::Shape& pasted, const core::Shape& grid) {
  return "What was pasted is " + widgets::shape_words(pasted) + "; of it " + widgets::shape_words(grid) +
         " can stay here";
}

core::Tensor<double> of_rank(core::Tensor<double> values, std::size_t rank) {
  const auto old = values.shape().sizes();
  std::vector<core::Index> sizes(old.begin(), old.end());
  while (sizes.size() < rank) sizes.insert(sizes.begin(), 1);
  while (sizes.size() > rank && sizes.front() == 1) sizes.erase(sizes.begin());
  if (sizes.size() != rank) return values;
  return core::Tensor<double>(core::Shape(sizes), std::as_const(values).values());
}

}  // namespace vitrine::labs
