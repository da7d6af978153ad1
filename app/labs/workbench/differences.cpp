#include "app/labs/workbench/differences.h"

#include <algorithm>

#include "engine/core/text.h"

namespace vitrine::labs {
namespace {

struct FieldText {
  std::string path;  // "optimizer.learning_rate"
  std::string value;
};

// Every field of what is described, as it would be shown.
class FieldTexts final : public core::Fields {
 public:
  using core::Fields::field;
  void field(std::string_view name, bool& value) override { add(name, value ? "yes" : "no"); }
  void field(std::string_view name, std::int64_t& value) override { add(name, core::grouped(value)); }
  void field(std::string_view name, double& value) override { add(name, core::labelled(value, 4)); }
  void field(std::string_view name, std::string& value) override { add(name, value); }
  void field(std::string_view name, core::Tensor<double>& value) override {
    std::string words;
    for (const double v : value.values()) words += (words.empty() ? "" : " ") + core::shown(v, 4);
    add(name, words);
  }
  void field(std::string_view name, core::Tensor<std::uint8_t>& value) override {
    add(name, core::grouped(std::ssize(value.values())) + " values");
  }
  void raw_values(std::string_view name, std::vector<std::string>& values) override {
    std::string words;
    for (const auto& value : values) words += (words.empty() ? "" : ", ") + value;
    add(name, words);
  }

  std::vector<FieldText> texts;

 protected:
  void choose(std::string_view name, int& index, std::span<const std::string_view> names) override {
    add(name, std::string(names[static_cast<std::size_t>(index)]));
  }
  bool enter(std::string_view name) override {
    lengths_.push_back(path_.size());
    path_ += std::string(name) + ".";
    return true;
  }
  void leave() override {
    path_.resize(lengths_.back());
    lengths_.pop_back();
  }
  List enter_list(std::string_view name) override {
    enter(name);
    return List::kWrite;
  }
  bool enter_item(std::size_t number, std::size_t count) override {
    return number < count && enter(std::to_string(number + 1));
  }
  void leave_list() override { leave(); }

 private:
  void add(std::string_view name, std::string value) {
    texts.push_back({path_ + std::string(name), std::move(value)});
  }
  std::string path_;
  std::vector<std::size_t> lengths_;
};

std::vector<FieldText> texts_of(train::TrainConfig config) {
  FieldTexts fields;
  config.describe(fields);
  return std::move(fields.texts);
}

const std::string* find(const std::vector<FieldText>& texts, const std::string& path) {
  const auto at = std::ranges::find(texts, path, &FieldText::path);
  return at == texts.end() ? nullptr : &at->value;
}

std::string name_of(std::string path) {
  const std::size_t dot = path.rfind('.');
  const bool alone_unclear = path.ends_with(".kind") || path.find("layers.") != std::string::npos;
  if (dot != std::string::npos && !alone_unclear) path = path.substr(dot + 1);
  std::ranges::replace(path, '_', ' ');
  std::ranges::replace(path, '.', ' ');
  return path;
}

}  // namespace

std::vector<Difference> differences(const train::TrainConfig& before, const train::TrainConfig& after) {
  const auto from = texts_of(before), to = texts_of(after);
  std::vector<Difference> found;
  for (const FieldText& text : from) {
    const std::string* other = find(to, text.path);
    if (!other || *other != text.value)
      found.push_back({name_of(text.path), text.value, other ? *other : "–"});
  }
  for (const FieldText& text : to)
    if (!find(from, text.path)) found.push_back({name_of(text.path), "–", text.value});
  return found;
}

std::string words_of(const std::vector<Difference>& differences) {
  std::string words;
  for (const Difference& d : differences) words += (words.empty() ? "" : ", ") + d.field + " " + d.after;
  return words;
}

}  // namespace vitrine::labs
