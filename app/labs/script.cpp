#include "app/labs/script.h"

#include <cmath>

#include "engine/core/text.h"

namespace vitrine::labs {
namespace {

// values[at ..] as the nested lists of dimension `axis` and those behind it.
void append(std::string& text, const core::Tensor<double>& values, std::size_t axis, core::Index& at) {
  if (axis == values.rank()) {
    text += python(values[at++]);
    return;
  }
  text += '[';
  for (core::Index i = 0; i < values.size(axis); ++i) {
    if (i > 0) text += ", ";
    append(text, values, axis + 1, at);
  }
  text += ']';
}

}  // namespace

Script::Script()
    : text_(
          "import torch\n"
          "import torch.nn.functional as F\n\n"
          "torch.set_default_dtype(torch.float64)\n\n") {}

Script& Script::comment(std::string_view words) { return code("# " + std::string(words)); }

Script& Script::tensor(std::string_view name, const core::Tensor<double>& values) {
  text_ += std::string(name) + " = torch.tensor(";
  core::Index at = 0;
  append(text_, values, 0, at);
  text_ += ")\n";
  return *this;
}

Script& Script::tensor(std::string_view name, const core::Tensor<float>& values) {
  return tensor(name, values.cast<double>());
}

Script& Script::code(std::string_view lines) {
  text_ += lines;
  if (!lines.ends_with('\n')) text_ += '\n';
  return *this;
}

Script& Script::show(std::string_view name, std::string_view expression) {
  return code("print(\"" + std::string(name) + "\", torch.as_tensor(" + std::string(expression) +
              ").tolist())");
}

std::string python(double value) {
  if (std::isnan(value)) return "float(\"nan\")";
  if (std::isinf(value)) return value < 0 ? "float(\"-inf\")" : "float(\"inf\")";
  std::string text = core::exact(value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string python(core::Index value) { return std::to_string(value); }
std::string python(bool value) { return value ? "True" : "False"; }

std::string python(std::span<const core::Index> values) {
  std::string text = "(";
  for (std::size_t i = 0; i < values.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(values[i]);
  return text + (values.size() == 1 ? ",)" : ")");
}

}  // namespace vitrine::labs
