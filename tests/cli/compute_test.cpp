// Requests, arguments and lists of `vitrine compute`, whatever the operation.
#include <filesystem>

#include "engine/io/safetensors.h"
#include "engine/nn/vit.h"
#include "engine/train/state_dict.h"
#include "tests/cli/answers.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli {
namespace {

TEST(Compute, NumbersReadBackExactly) {
  const json result =
      computed(R"({"op": "conv", "input": [0.1, 1e-320, 1.7976931348623157e308], "weight": [1]})");
  EXPECT_EQ(result["output"], json::parse("[0.1, 1e-320, 1.7976931348623157e308]"));
}

TEST(Compute, AnArrayOfRequestsGivesAnArrayOfResults) {
  const json results =
      computed(R"([{"op": "softmax", "input": [1]}, {"op": "conv", "input": [2], "weight": [3]}])");
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0]["output"], json({1}));
  EXPECT_EQ(results[1]["output"], json({6}));
  EXPECT_EQ(computed("[]"), json::array());
}

TEST(Compute, EachMistakeIsOneLineAndNothingElse) {
  const Bad cases[] = {
      {R"([{"op": "softmax", "input": [1]}, {"op": "conv", "input": [1,2,3], "weight": [1,1,1,1,1]}])",
       "[1] conv: kernel 5 does not fit input 3 with padding 0"},
      {R"({"input": [1]})", "op: is missing (vitrine compute --list names them)"},
      {"3", "a request is an object, not 3"},
      {"[3]", "[0] a request is an object, not 3"},
      {R"({"op": "softmax"})", "softmax: input: is missing"},
      {R"({"op": "softmax", "input": 3})", "softmax: input: a list is expected, not 3"},
      {R"({"op": "softmax", "input": []})", "softmax: input: shape [0] has an empty axis"},
      {R"({"op": "softmax", "input": [[],[]]})", "softmax: input: shape [2, 0] has an empty axis"},
      {R"({"op": "softmax", "input": [1,"NaN"]})", "softmax: input: [1]: a number is expected, not \"NaN\""},
      {R"({"op": "softmax", "input": [1,true]})", "softmax: input: [1]: a number is expected, not true"},
      {R"({"op": "softmax", "input": [1], "op": "conv"})",
       "standard input: the key \"op\" occurs twice in one object"},
  };
  expect_refused(cases);
}

TEST(Compute, AnUnknownOperationIsAnsweredWithTheKnownOnes) {
  const Answer done = run({"-"}, R"({"op": "convv"})");
  EXPECT_EQ(done.code, 2);
  EXPECT_THAT(done.err, testing::StartsWith("vitrine: op: \"convv\" is not one of conv, conv_backward, "));
  EXPECT_THAT(run({"-"}, R"({"op": 3})").err, testing::StartsWith("vitrine: op: 3 is not one of conv, "));
  EXPECT_THAT(done.err, testing::HasSubstr(", attention, multi_head_attention, "));
}

TEST(Compute, ArgumentsAndFiles) {
  EXPECT_EQ(
      run({}).err,
      "vitrine: compute: one request file is expected, or - for standard input (vitrine compute --help)\n");
  EXPECT_EQ(run({"a", "b"}).code, 2);
  EXPECT_EQ(run({"--fast"}).err, "vitrine: compute: unknown option --fast (vitrine compute --help)\n");
  EXPECT_EQ(run({"/none/request.json"}).err, "vitrine: /none/request.json: No such file or directory\n");
  EXPECT_THAT(run({"-"}, "{\"op\": }").err,
              testing::StartsWith("vitrine: standard input: not JSON at line 1, column 8"));
  EXPECT_THAT(run({"-"}, "[\xA1").err, testing::EndsWith("'[\\xa1'\n"));
  EXPECT_THAT(run({"-"}, "").err, testing::StartsWith("vitrine: standard input: not JSON"));
}

// The working folder while it lives: the examples' files are in it.
class ExampleFolder {
 public:
  ExampleFolder() {
    const nn::Vit<float> vit({1, 4, 4, 2, 4, 1, 1, 4, 8, 3});
    io::write_safetensors(folder_ / "weights.safetensors",
                          train::state_dict(vit.layout(), nn::Weights<float>::initial(vit.layout(), 0)));
    std::filesystem::current_path(folder_.path());
  }
  ~ExampleFolder() { std::filesystem::current_path(before_); }

 private:
  io::TemporaryFolder folder_;
  std::filesystem::path before_ = std::filesystem::current_path();
};

TEST(Compute, ListAndHelpNameEveryOperationAndTheirExamplesRun) {
  const ExampleFolder folder;
  const Answer list = run({"--list"}), help = run({"--help"});
  EXPECT_EQ(list.code, 0);
  EXPECT_EQ(help.code, 0);
  std::istringstream lines(list.out);
  std::vector<std::string> names;
  for (std::string line; std::getline(lines, line);) names.push_back(line.substr(0, line.find(' ')));
  EXPECT_THAT(names, testing::IsSupersetOf({"conv", "conv_shape", "toeplitz", "locally_connected", "pool",
                                            "attention", "softmax"}));

  std::size_t examples = 0;
  std::istringstream help_lines(help.out);
  for (std::string line; std::getline(help_lines, line);) {
    if (!line.starts_with("  {")) continue;
    ASSERT_LT(examples, names.size());
    EXPECT_EQ(json::parse(line)["op"], names[examples++]);
    EXPECT_FALSE(computed(line).empty());
  }
  EXPECT_EQ(examples, names.size());
}

TEST(Compute, HelpSaysWhichFieldsARequestCannotDoWithout) {
  const ExampleFolder folder;
  std::istringstream lines(run({"--help"}).out);
  std::string fields;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  fields: ")) fields = line.substr(10);
    if (!line.starts_with("  {")) continue;
    std::istringstream words(fields);
    for (std::string field; words >> field;) {
      json request = json::parse(line);
      const bool optional = field.front() == '[';
      const std::string name = optional ? field.substr(1, field.size() - 2) : field;
      if (optional && !request.contains(name)) continue;
      ASSERT_EQ(request.erase(name), 1u) << name;
      const Answer without = run({"-"}, request.dump());
      if (!optional) {
        EXPECT_THAT(without.err, testing::HasSubstr(name + ": is missing")) << line;
      }
      EXPECT_TRUE(!optional || without.code == 0 || name == "dim" || name == "stride") << without.err;
    }
  }
}

}  // namespace
}  // namespace vitrine::cli
