#include "engine/io/field_list.h"

#include <gmock/gmock.h>

#include <array>

#include "engine/io/json_fields.h"

namespace vitrine::io {
namespace {

using core::Fields;
using testing::ElementsAre;

struct Layer {
  std::string kind = "conv";
  std::int64_t filters = 3;
  bool frozen = false;
  void describe(Fields& f) {
    f.field("kind", kind);
    f.field("filters", filters);
    f.field("frozen", frozen);
  }
  bool operator==(const Layer&) const = default;
};

enum class Rule { kSgd, kAdam };
constexpr std::array<std::string_view, 2> kRules = {"sgd", "adam"};

struct Inner {
  Rule rule = Rule::kAdam;
  double rate = 3e-4;
  core::Tensor<double> betas{{2}, {0.9, 0.999}};
  void describe(Fields& f) {
    f.choice("rule", rule, kRules);
    f.field("rate", rate);
    f.field("betas", betas);
  }
  bool operator==(const Inner&) const = default;
};

struct Outer {
  std::string path = "a b";
  Inner inner;
  std::vector<Layer> layers{{}, {"re\"lu", 0, true}};
  std::vector<std::string> values{"1e-3", "adam", "[1, 2]"};
  std::int64_t steps = 7;
  void describe(Fields& f) {
    f.field("path", path);
    f.group("inner", inner);
    f.list("layers", layers);
    f.raw_values("values", values);
    f.field("steps", steps);
  }
  bool operator==(const Outer&) const = default;
};

TEST(FieldList, NamesEveryFieldWithItsKindAndValue) {
  EXPECT_THAT(field_list(Outer{}),
              ElementsAre(FieldInfo{"path", FieldType::kText, "a b", {}},
                          FieldInfo{"inner.rule", FieldType::kChoice, "adam", {"sgd", "adam"}},
                          FieldInfo{"inner.rate", FieldType::kNumber, "3e-04", {}},
                          FieldInfo{"inner.betas", FieldType::kList, "[0.9, 0.999]", {}},
                          FieldInfo{"layers",
                                    FieldType::kList,
                                    "[{\"kind\": \"conv\", \"filters\": 3, \"frozen\": false}, "
                                    "{\"kind\": \"re\\\"lu\", \"filters\": 0, \"frozen\": true}]",
                                    {}},
                          FieldInfo{"values", FieldType::kList, "[\"1e-3\", \"adam\", \"[1, 2]\"]", {}},
                          FieldInfo{"steps", FieldType::kWhole, "7", {}}));
}

TEST(FieldList, ItsValuesCanBeSetAgain) {
  Outer changed;
  changed.path = "";
  changed.inner = {Rule::kSgd, 0.25, {{1}, {0.5}}};
  changed.layers = {{"dense", 1, false}};
  changed.values = {"sgd"};
  changed.steps = -1;
  Outer copy;
  for (const FieldInfo& field : field_list(changed)) set_field(copy, field.path, field.value);
  EXPECT_EQ(copy, changed);
}

TEST(FieldList, RawValuesReadBackFromJson) {
  Outer outer;
  outer.values = {"0.001", "adam", "true", "[0.9, 0.95]", "a \"b\"", "1e-3", "7", "\"quoted\""};
  Outer read;
  from_json(to_json(outer), read, Unknown::kRefuse);
  outer.values[3] = "[0.9,0.95]";  // as short as can be
  outer.values[5] = "0.001";
  EXPECT_EQ(read, outer);
  EXPECT_THROW(from_json("{\"values\": 3}", read, Unknown::kRefuse), FormatError);
  EXPECT_THROW(from_json("{\"values\": [null]}", read, Unknown::kRefuse), FormatError);
  EXPECT_EQ(read, outer);
}

}  // namespace
}  // namespace vitrine::io
