#include "engine/io/json_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io::json_fields_test {
namespace {

using core::Fields;
using core::Tensor;

enum class Kind { kSgd, kAdam };
constexpr std::array<std::string_view, 2> kKinds = {"sgd", "adam"};

struct Optimizer {
  Kind kind = Kind::kSgd;
  double learning_rate = 0.1;
  Tensor<double> betas{{2}, {0.9, 0.999}};
  void describe(Fields& f) {
    f.choice("kind", kind, kKinds);
    f.field("learning_rate", learning_rate);
    f.field("betas", betas);
  }
  bool operator==(const Optimizer&) const = default;
};

struct Config {
  std::string path = "a \"quoted\"\nline";
  std::int64_t epochs = 10;
  bool shuffle = true;
  Tensor<std::uint8_t> mask{{2, 2}, {1, 0, 1, 1}};
  Optimizer optimizer;
  void describe(Fields& f) {
    f.field("path", path);
    f.field("epochs", epochs);
    f.field("shuffle", shuffle);
    f.field("mask", mask);
    f.group("optimizer", optimizer);
  }
  bool operator==(const Config&) const = default;
};

TEST(Json, WritesEveryFieldInOrder) {
  EXPECT_EQ(to_json(Config{}), R"({
  "path": "a \"quoted\"\nline",
  "epochs": 10,
  "shuffle": true,
  "mask": [[true, false], [true, true]],
  "optimizer": {
    "kind": "sgd",
    "learning_rate": 0.1,
    "betas": [0.9, 0.999]
  }
}
)");
}

struct Layer {
  std::string kind = "plain";
  std::int64_t width = 3;
  void describe(Fields& f) {
    f.field("kind", kind);
    f.field("width", width);
  }
  bool operator==(const Layer&) const = default;
};

struct Stack {
  std::vector<Layer> layers{{"first", 1}, {"second", 2}};
  bool last = true;
  void describe(Fields& f) {
    f.list("layers", layers);
    f.field("last", last);
  }
  bool operator==(const Stack&) const = default;
};

TEST(Json, ListsOfStructsAreWrittenAndReadBack) {
  EXPECT_EQ(to_json(Stack{{{"a", 1}}, true}), R"({
  "layers": [
    {
      "kind": "a",
      "width": 1
    }
  ],
  "last": true
}
)");
  for (const std::size_t count : {0u, 1u, 5u}) {
    Stack stack{std::vector<Layer>(count, {"some", 7}), false}, back;
    from_json(to_json(stack), back, Unknown::kRefuse);
    EXPECT_EQ(back, stack);
  }
}

TEST(Json, AListReplacesAllAndItsItemsBeginAnew) {
  Stack stack;
  from_json(R"({"last": false})", stack, Unknown::kRefuse);
  EXPECT_EQ(stack, (Stack{{{"first", 1}, {"second", 2}}, false}));
  from_json(R"({"layers": [{"width": 5}]})", stack, Unknown::kRefuse);
  EXPECT_EQ(stack, (Stack{{{"plain", 5}}, false}));
  set_field(stack, "layers", R"([{"kind": "x"}, {}])");
  EXPECT_EQ(stack, (Stack{{{"x", 3}, {"plain", 3}}, false}));
}

TEST(Json, WhatIsWrongInAListIsNamedWithItsNumber) {
  const auto refusal = [](const std::string& text) {
    Stack stack;
    return error_of<FormatError>([&] { from_json(text, stack, Unknown::kRefuse); });
  };
  EXPECT_EQ(refusal(R"({"layers": 3})"), "layers: a list is expected, not 3");
  EXPECT_EQ(refusal(R"({"layers": [{}, 4]})"), "layers[1]: an object is expected, not 4");
  EXPECT_EQ(refusal(R"({"layers": [{}, {"depth": 1}]})"),
            "layers[1].depth: unknown field (there are: kind, width)");
  EXPECT_THAT(refusal(R"({"layers": [{"width": "w"}]})"), testing::StartsWith("layers[0].width: "));
  Stack stack;
  EXPECT_THROW(set_field(stack, "layers.width", "3"), FormatError);
  EXPECT_THROW(set_field(stack, "layers", "3"), FormatError);
}

TEST(Json, ReadsBackTheSameBits) {
  Config config;
  config.epochs = std::numeric_limits<std::int64_t>::min();
  config.optimizer.kind = Kind::kAdam;
  config.optimizer.learning_rate = std::numeric_limits<double>::denorm_min();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  config.optimizer.betas =
      Tensor<double>({2, 5}, {0.1, -0.0, std::nan(""), kInfinity, -kInfinity, 1e22, 1.7976931348623157e308,
                              1.0 / 3, 9007199254740994.0, 4e-320});
  Config back;
  EXPECT_TRUE(from_json(to_json(config), back, Unknown::kRefuse).empty());
  EXPECT_EQ(back, config);
}

TEST(Json, AbsentFieldsKeepTheirValues) {
  Config config;
  config.optimizer.learning_rate = 7;
  from_json(R"({"epochs": 3.0, "optimizer": {"kind": "adam"}})", config, Unknown::kRefuse);
  EXPECT_EQ(config.epochs, 3);
  EXPECT_EQ(config.optimizer.kind, Kind::kAdam);
  EXPECT_EQ(config.optimizer.learning_rate, 7);
}

struct BadText {
  std::string_view text, error;
};

TEST(Json, SaysWhatIsWrongAndWhereAndTouchesNothing) {
  const BadText cases[] = {
      {R"({"epochs": 2, "optimizer": {"learning_rat": 1}})",
       "optimizer.learning_rat: unknown field (there are: kind, learning_rate, betas)"},
      {R"({"epoch": 2})", "epoch: unknown field (there are: path, epochs, shuffle, mask, optimizer)"},
      {R"({"epochs": "2"})", "epochs: a whole number is expected, not \"2\""},
      {R"({"epochs": 2.5})", "epochs: a whole number is expected, not 2.5"},
      {R"({"epochs": 9223372036854775808})",
       "epochs: 9223372036854775808 is beyond a 64-bit integer's range"},
      {R"({"epochs": 1e30})", "epochs: 1e+30 is beyond a 64-bit integer's exact range"},
      {R"({"epochs": null})", "epochs: a whole number is expected, not null"},
      {R"({"shuffle": 1})", "shuffle: true or false is expected, not 1"},
      {R"({"path": ["a"]})", "path: text is expected, not a list"},
      {R"({"optimizer": 3})", "optimizer: an object is expected, not 3"},
      {R"({"optimizer": {"kind": "adamm"}})", "optimizer.kind: \"adamm\" is not one of sgd, adam"},
      {R"({"optimizer": {"learning_rate": "nan"}})",
       "optimizer.learning_rate: a number is expected, not \"nan\""},
      {R"({"optimizer": {"betas": [[1, 2], [3]]}})",
       "optimizer.betas: ragged: [1] holds 1 values, the lists before it hold 2"},
      {R"({"optimizer": {"betas": [[1], 2]}})", "optimizer.betas: ragged: [1] is 2, a list is expected"},
      {R"({"optimizer": {"betas": [[1, [2]]]}})",
       "optimizer.betas: [0][1]: a number is expected, not a list"},
      {R"({"mask": [[true, 2]]})", "mask: [0][1]: true or false is expected, not 2"},
      {R"({"epochs": 1, "epochs": 2})", "the key \"epochs\" occurs twice in one object"},
      {R"([1, 2])", "an object is expected, not a list"},
  };
  for (const auto& [text, error] : cases) {
    Config config;
    EXPECT_EQ(error_of<FormatError>([&] { from_json(text, config, Unknown::kRefuse); }), error);
    EXPECT_EQ(config, Config{}) << text;
  }
}

TEST(Json, MalformedTextIsPlacedByLineAndColumn) {
  Config config;
  const auto error = [&](const std::string& text) {
    return error_of<FormatError>([&] { from_json(text, config, Unknown::kRefuse); });
  };
  EXPECT_THAT(error("{\n  \"epochs\": ,\n}"), testing::StartsWith("not JSON at line 2, column 13: "));
  EXPECT_THAT(error(""), testing::StartsWith("not JSON at line 1, column 1: "));
  EXPECT_THAT(error("{} x"), testing::StartsWith("not JSON at line 1, column 4: "));
  EXPECT_THAT(error(R"({"epochs": NaN})"), testing::StartsWith("not JSON at line 1"));
  EXPECT_THAT(error(R"({"epochs": 1e999})"), testing::StartsWith("not JSON at line 1"));
  EXPECT_EQ(error(std::string(100000, '[')), "JSON nested deeper than 64 levels");
}

TEST(Json, TruncatedAnywhereIsRefused) {
  const std::string whole = to_json(Config{});
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {  // the closing brace and the newline may go
    Config config;
    EXPECT_NE(error_of<FormatError>([&] { from_json(whole.substr(0, size), config, Unknown::kRefuse); }), "")
        << size;
  }
}

TEST(Json, LenientReadingCollectsUnknownFields) {
  Config config;
  const auto left_over =
      from_json(R"({"new": {"deep": 1}, "epochs": 4, "optimizer": {"amsgrad": true, "learning_rate": 2}})",
                config, Unknown::kCollect);
  EXPECT_THAT(left_over, testing::UnorderedElementsAre("new", "optimizer.amsgrad"));
  EXPECT_EQ(config.epochs, 4);
  EXPECT_EQ(config.optimizer.learning_rate, 2);
}

TEST(Json, SetsOneFieldFromRawText) {
  Config config;
  set_field(config, "optimizer.learning_rate", "3e-4");
  set_field(config, "optimizer.kind", "adam");
  set_field(config, "optimizer.betas", "[0.5, 0.25]");
  set_field(config, "path", "123");
  set_field(config, "shuffle", "false");
  set_field(config, "epochs", "2");
  EXPECT_EQ(config.optimizer.learning_rate, 3e-4);
  EXPECT_EQ(config.optimizer.kind, Kind::kAdam);
  EXPECT_EQ(config.optimizer.betas, Tensor<double>({2}, {0.5, 0.25}));
  EXPECT_EQ(config.path, "123");
  EXPECT_FALSE(config.shuffle);
  EXPECT_EQ(config.epochs, 2);
}

TEST(Json, RefusesToSetWhatIsNotThere) {
  const auto error = [](std::string_view path, std::string_view text) {
    Config config;
    const std::string line = error_of<FormatError>([&] { set_field(config, path, text); });
    EXPECT_EQ(config, Config{});
    return line;
  };
  EXPECT_EQ(error("optimizer.rate", "1"),
            "optimizer.rate: unknown field (there are: kind, learning_rate, betas)");
  EXPECT_EQ(error("optimizer", "1"), "optimizer: an object is expected, not \"1\"");
  EXPECT_EQ(error("epochs.x", "1"), "epochs: a whole number is expected, not an object");
  EXPECT_EQ(error("optimizer.kind", "rmsprop"), "optimizer.kind: \"rmsprop\" is not one of sgd, adam");
  EXPECT_EQ(error("epochs", "two"), "epochs: a whole number is expected, not \"two\"");
  EXPECT_THAT(error("", "1"), testing::StartsWith(": unknown field"));
}

}  // namespace
}  // namespace vitrine::io::json_fields_test
