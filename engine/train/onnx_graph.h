// OnnxGraph: a computation as ONNX's operators, node by node, and the file that holds it.
// Source: onnx/onnx.proto (IR version 7) and onnx/docs/Operators.md (operator set 13).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/io/protobuf.h"

namespace vitrine::train {

using core::Index;

class OnnxGraph {
 public:
  struct Attribute {
    std::string name;
    std::variant<Index, std::vector<Index>> value;
  };
  // Sizes below 0 are the batch's, which stays open.
  static constexpr Index kBatch = -1;

  // Values, by the name that is returned.
  std::string input(const std::string& name, const std::vector<Index>& sizes, std::string_view words);
  std::string weight(const std::string& name, const core::Tensor<float>& values);
  std::string scalar(const std::string& name, float value);
  std::string integer(const std::string& name, Index value);                        // no axis
  std::string integers(const std::string& name, const std::vector<Index>& values);  // one axis
  std::string node(const char* op, const std::string& name, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {});
  void output(const std::string& name, const std::vector<Index>& sizes);

  // The whole file: a ModelProto of the graph, with metadata by name and value. The graph goes into it.
  std::string file(std::string_view name, std::string_view words,
                   const std::vector<std::pair<std::string, std::string>>& metadata) &&;

 private:
  void tensor(const std::string& name, const core::Shape& shape, int type, std::string_view raw);

  io::ProtobufMessage graph_;
};

}  // namespace vitrine::train
