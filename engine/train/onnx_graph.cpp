#include "engine/train/onnx_graph.h"

#include <bit>

namespace vitrine::train {
namespace {

using io::ProtobufMessage;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

// Numbers of onnx.proto's fields.
enum ModelField { kIrVersion = 1, kProducerName = 2, kGraph = 7, kOpsetImport = 8, kMetadata = 14 };
enum OpsetField { kOpsetDomain = 1, kOpsetVersion = 2 };
enum GraphField {
  kGraphNode = 1,
  kGraphName = 2,
  kGraphInitializer = 5,
  kGraphWords = 10,
  kGraphInput = 11,
  kGraphOutput = 12
};
enum NodeField { kNodeInput = 1, kNodeOutput = 2, kNodeName = 3, kNodeOp = 4, kNodeAttribute = 5 };
enum AttributeField {
  kAttributeName = 1,
  kAttributeInteger = 3,
  kAttributeIntegers = 8,
  kAttributeType = 20
};
enum AttributeType { kInteger = 2, kIntegers = 7 };
enum TensorField { kTensorSizes = 1, kTensorType = 2, kTensorName = 8, kTensorRaw = 9 };
enum NumberType { kFloat = 1, kInt64 = 7 };
enum ValueField { kValueName = 1, kValueType = 2, kValueWords = 3 };
enum TypeField { kTensorTypeOf = 1, kElementType = 1, kTypeShape = 2, kShapeAxis = 1 };
enum AxisField { kAxisSize = 1, kAxisName = 2 };
enum EntryField { kEntryKey = 1, kEntryValue = 2 };

constexpr Index kIrVersionUsed = 7, kOpsetUsed = 13;

ProtobufMessage value_of(const std::string& name, const std::vector<Index>& sizes, std::string_view words) {
  ProtobufMessage shape;
  for (const Index size : sizes) {
    ProtobufMessage axis;
    if (size == OnnxGraph::kBatch)
      axis.text(kAxisName, "N");
    else
      axis.integer(kAxisSize, size);
    shape.message(kShapeAxis, axis);
  }
  ProtobufMessage tensor, type, value;
  tensor.integer(kElementType, kFloat);
  tensor.message(kTypeShape, shape);
  type.message(kTensorTypeOf, tensor);
  value.text(kValueName, name);
  value.message(kValueType, type);
  if (!words.empty()) value.text(kValueWords, words);
  return value;
}

ProtobufMessage message_of(const OnnxGraph::Attribute& attribute) {
  ProtobufMessage message;
  message.text(kAttributeName, attribute.name);
  if (const auto* one = std::get_if<Index>(&attribute.value)) {
    message.integer(kAttributeInteger, *one);
    message.integer(kAttributeType, kInteger);
  } else {
    message.integers(kAttributeIntegers, std::get<std::vector<Index>>(attribute.value));
    message.integer(kAttributeType, kIntegers);
  }
  return message;
}

template <class T>
std::string_view raw_bytes(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

std::string OnnxGraph::input(const std::string& name, const std::vector<Index>& sizes,
                             std::string_view words) {
  graph_.message(kGraphInput, value_of(name, sizes, words));
  return name;
}

void OnnxGraph::output(const std::string& name, const std::vector<Index>& sizes) {
  graph_.message(kGraphOutput, value_of(name, sizes, ""));
}

void OnnxGraph::tensor(const std::string& name, const core::Shape& shape, int type, std::string_view raw) {
  ProtobufMessage tensor;
  tensor.integers(kTensorSizes, shape.sizes());
  tensor.integer(kTensorType, type);
  tensor.text(kTensorName, name);
  tensor.text(kTensorRaw, raw);
  graph_.message(kGraphInitializer, tensor);
}

std::string OnnxGraph::weight(const std::string& name, const core::Tensor<float>& values) {
  tensor(name, values.shape(), kFloat, raw_bytes(values.values()));
  return name;
}

std::string OnnxGraph::scalar(const std::string& name, float value) {
  return weight(name, core::Tensor<float>(core::Shape{}, {value}));
}

std::string OnnxGraph::integer(const std::string& name, Index value) {
  tensor(name, {}, kInt64, raw_bytes(std::span<const Index>(&value, 1)));
  return name;
}

std::string OnnxGraph::integers(const std::string& name, const std::vector<Index>& values) {
  tensor(name, {std::ssize(values)}, kInt64, raw_bytes(std::span<const Index>(values)));
  return name;
}

std::string OnnxGraph::node(const char* op, const std::string& name, const std::vector<std::string>& inputs,
                            const std::vector<Attribute>& attributes) {
  ProtobufMessage node;
  for (const std::string& each : inputs) node.text(kNodeInput, each);
  node.text(kNodeOutput, name);
  node.text(kNodeName, name);
  node.text(kNodeOp, op);
  for (const Attribute& each : attributes) node.message(kNodeAttribute, message_of(each));
  graph_.message(kGraphNode, node);
  return name;
}

std::string OnnxGraph::file(std::string_view name, std::string_view words,
                            const std::vector<std::pair<std::string, std::string>>& metadata) && {
  ProtobufMessage graph = std::move(graph_), opset, model;
  graph.text(kGraphName, name);
  graph.text(kGraphWords, words);
  opset.text(kOpsetDomain, "");
  opset.integer(kOpsetVersion, kOpsetUsed);
  model.integer(kIrVersion, kIrVersionUsed);
  model.text(kProducerName, "Vitrine");
  model.message(kGraph, graph);
  model.message(kOpsetImport, opset);
  for (const auto& [key, value] : metadata) {
    ProtobufMessage entry;
    entry.text(kEntryKey, key);
    entry.text(kEntryValue, value);
    model.message(kMetadata, entry);
  }
  return std::move(model).bytes();
}

}  // namespace vitrine::train
