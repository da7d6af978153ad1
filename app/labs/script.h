// Script: what a lab computes as PyTorch code, to be run as it is: it holds the lab's numbers exactly, and
// prints what is shown, a line each: its name and its values as nested lists.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/core/tensor.h"

namespace vitrine::labs {

class Script {
 public:
  // Begins with the imports, and in double precision, as the labs compute.
  Script();

  // # words
  Script& comment(std::string_view words);
  // x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
  Script& tensor(std::string_view name, const core::Tensor<double>& values);
  Script& tensor(std::string_view name, const core::Tensor<float>& values);
  // One or more lines as they are.
  Script& code(std::string_view lines);
  // print("y", torch.as_tensor(y).tolist()), or of an expression under that name.
  Script& show(std::string_view name) { return show(name, name); }
  Script& show(std::string_view name, std::string_view expression);

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// A number, a tuple of whole numbers and True or False as Python writes them: 0.1, (2, 2), True.
std::string python(double value);
std::string python(core::Index value);
std::string python(bool value);
std::string python(std::span<const core::Index> values);

}  // namespace vitrine::labs
