#include "app/cli/eval.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/cli/train.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "engine/io/safetensors.h"
#include "tests/cli/subcommand.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

Answer run(const std::vector<std::string>& args) { return answer_of(eval_command, args); }

void expect_refused(const std::vector<std::string>& args, const std::string& reason) {
  expect_refusal(run(args), "vitrine: eval: ", reason);
}

// The folder of a run of a few steps.
class EvalCommand : public testing::Test {
 protected:
  EvalCommand() {
    std::vector<std::string> args{"--preset", "demo", "--out", path()};
    for (const char* change :
         {"dataset.train_limit=300", "dataset.validation_limit=150", "model.patch_size=14",
          "model.embed_dim=16", "model.depth=1", "epochs=2", "threads=1"})
      args.insert(args.end(), {"--set", change});
    std::ostringstream out, err;
    EXPECT_EQ(train_command(args, out, err), 0) << err.str();
  }
  std::string path() const { return (folder_ / "run").string(); }
  std::string read(const std::string& name) const { return io::read_file(folder_ / "run" / name); }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / "run" / name, std::ios::binary) << text;
  }
  // The run's configuration with one field replaced.
  void set(const std::string& pointer, const json& value) const {
    json config = json::parse(read("config.json"));
    config[json::json_pointer(pointer)] = value;
    write("config.json", config.dump());
  }

  io::TemporaryFolder folder_;
};

TEST_F(EvalCommand, GivesTheRunsLastValidation) {
  const auto [code, out, err] = run({path(), "--json"});
  EXPECT_EQ(code, 0);
  EXPECT_EQ(err, "");
  const json report = json::parse(out);
  EXPECT_EQ(report["images"], 150);
  EXPECT_EQ(report["dataset"], "digits");
  EXPECT_EQ(report["same_data"], true);
  EXPECT_EQ(report["dataset_checksum"], json::parse(read("config.json"))["run"]["dataset_checksum"]);
  std::istringstream metrics(read("metrics.csv"));
  std::string last;
  for (std::string line; std::getline(metrics, line);) last = line;
  // step, epoch, split, loss, accuracy
  EXPECT_THAT(last, StartsWith("20,2,validation," + report["loss"].dump() + "," + report["accuracy"].dump()));
}

TEST_F(EvalCommand, ItsNumbersAgreeWithEachOther) {
  const json report = json::parse(run({path(), "--json", "--worst", "150"}).out);
  const auto confusion = report["confusion"].get<std::vector<std::vector<int>>>();
  ASSERT_EQ(confusion.size(), 10u);
  int correct = 0;
  for (std::size_t i = 0; i < 10; ++i) {
    correct += confusion[i][i];
    int taken = 0;
    for (const auto& row : confusion) taken += row[i];
    EXPECT_DOUBLE_EQ(report["recall"][i], confusion[i][i] / 15.0);
    if (taken)
      EXPECT_DOUBLE_EQ(report["precision"][i], static_cast<double>(confusion[i][i]) / taken);
    else
      EXPECT_TRUE(report["precision"][i].is_null());
  }
  EXPECT_EQ(report["accuracy"], correct / 150.0);
  const json& worst = report["worst"];
  ASSERT_EQ(static_cast<int>(worst.size()), 150 - correct);
  for (std::size_t i = 0; i < worst.size(); ++i) {
    EXPECT_NE(worst[i]["label"], worst[i]["prediction"]);
    EXPECT_GT(worst[i]["probability"], 0);
    if (i > 0) {
      EXPECT_LE(worst[i]["loss"], worst[i - 1]["loss"]);
    }
  }
}

TEST_F(EvalCommand, PrintsTables) {
  const auto [code, out, err] = run({path(), "--worst", "3", "--threads", "2"});
  EXPECT_EQ(code, 0);
  EXPECT_THAT(out, StartsWith(path() + ": 150 validation images of digits\naccuracy "));
  for (const char* part : {"\nclass  images  precision", "\nis \\ taken for ", "\nworst mistake "})
    EXPECT_THAT(out, HasSubstr(part));
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 2 + 1 + 11 + 1 + 11 + 1 + 4);
}

TEST_F(EvalCommand, WritesItsFindingsAndThePicturesOfTheWorst) {
  const fs::path to = folder_ / "findings";
  ASSERT_EQ(run({path(), "--worst", "4", "--out", to.string()}).code, 0);
  EXPECT_EQ(io::read_file(to / "evaluation.json"), run({path(), "--worst", "4", "--json"}).out);
  const auto picture = io::read_image(to / "worst.png");
  EXPECT_EQ(picture.pixels.size(0), 3);
  EXPECT_EQ(picture.pixels.size(1), 2 * (12 + 56 + 4 + 24));
  ASSERT_EQ(run({path(), "--worst", "0", "--out", to.string()}).code, 0);
  EXPECT_FALSE(fs::exists(to / "worst.png"));  // never the pictures of another evaluation
  io::write_file(folder_ / "file", "");
  expect_refused({path(), "--out", (folder_ / "file/x").string()}, "file/x: cannot be made");
}

// Ten classes of two plain pictures each, in a folder; returns what --data takes.
std::string plain_pictures(const fs::path& folder, core::Index channels) {
  for (const char* split : {"train", "validation"})
    for (int number = 0; number < 10; ++number) {
      const fs::path of = folder / split / ("class" + std::to_string(number));
      fs::create_directories(of);
      const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(28 * 28 * channels),
                                            static_cast<std::uint8_t>(25 * number));
      io::write_png(of / "a.png", 28, 28, channels, bytes);
    }
  return "folder:" + folder.string();
}

TEST_F(EvalCommand, TakesOtherDataAndSaysSo) {
  const auto [code, out, err] = run({path(), "--data", plain_pictures(folder_ / "grey", 1)});
  EXPECT_EQ(code, 0) << err;
  EXPECT_THAT(out, HasSubstr("10 validation images of folder\nThese are not the data"));
  EXPECT_THAT(out, HasSubstr("\nclass9 "));
  EXPECT_THAT(run({path(), "--data", "folder:" + (folder_ / "grey").string(), "--json"}).out,
              HasSubstr("\"same_data\": false,"));
  expect_refused(
      {path(), "--data", plain_pictures(folder_ / "coloured", 3)},
      "run/weights.safetensors: patch_embed.proj.weight: has shape [16, 1, 14, 14], the model's is "
      "[16, 3, 14, 14]");
  expect_refused({path(), "--data", "cats"}, "--data cats: no such data; there are digits, shapes");
  expect_refused({path(), "--data", "idx"}, "idx:FOLDER");
  expect_refused({path(), "--data", "folder:/nonexistent"}, "/nonexistent");
}

TEST_F(EvalCommand, RefusesArguments) {
  expect_refused({}, "needs the folder of a run");
  expect_refused({path(), "--worst", "many"}, "--worst");
  expect_refused({path(), "--worst", "-1"}, "--worst");
  expect_refused({path(), "--threads", "0"}, "--threads");
  expect_refused({path(), "--nonsense"}, "--nonsense");
  expect_refused({path(), "--data", "folder"}, "--data folder:FOLDER");
  expect_refused({(folder_ / "none").string()}, "none/config.json: No such file or directory");
  EXPECT_EQ(run({"--help"}).code, 0);
}

TEST_F(EvalCommand, RefusesADamagedRecord) {
  const std::string whole = read("config.json");
  for (std::size_t bytes = 0; bytes + 2 < whole.size(); bytes += 97) {
    write("config.json", whole.substr(0, bytes));
    expect_refused({path()}, "run/config.json: ");
  }
  write("config.json", whole);
  set("/run/deviation", 0);
  expect_refused({path()}, "run/config.json: run.deviation 0: must be above 0 and finite");
  set("/run/deviation", "NaN");
  expect_refused({path()}, "run/config.json: run.deviation nan: must be above 0 and finite");
  write("config.json", whole);
  set("/run/mean", "Infinity");
  expect_refused({path()}, "run/config.json: run.mean inf: must be finite");
  write("config.json", whole);
  set("/model/heads", 0);
  expect_refused({path()}, "run/config.json: model.heads 0: must lie between 1 and 1024");
  write("config.json", "{\"epochs\": 3}");
  expect_refused({path()}, "run/config.json: run: missing; this is a configuration, not a run's record");
}

TEST_F(EvalCommand, RefusesDamagedWeights) {
  const fs::path weights = folder_ / "run/weights.safetensors";
  const std::string whole = read("weights.safetensors");
  for (std::size_t bytes = 0; bytes < whole.size(); bytes += 3001) {
    write("weights.safetensors", whole.substr(0, bytes));
    expect_refused({path()}, "run/weights.safetensors: ");
  }
  write("weights.safetensors", whole);
  set("/model/embed_dim", 24);
  expect_refused({path()},
                 "run/weights.safetensors: cls_token: has shape [1, 1, 16], the model's is [1, 1, 24]");
  set("/model/embed_dim", 16);
  EXPECT_EQ(run({path()}).code, 0);
  auto tensors = io::read_safetensors(weights);
  tensors.front().values[0] = std::numeric_limits<float>::quiet_NaN();
  io::write_safetensors(weights, tensors);
  expect_refused({path()}, "run/weights.safetensors: cls_token: holds a number that is not finite");
  fs::remove(weights);
  expect_refused({path()}, "run/weights.safetensors: No such file or directory");
}

// Weights may be finite and what they make of an image not.
TEST_F(EvalCommand, SaysALossThatIsNoNumber) {
  const fs::path weights = folder_ / "run/weights.safetensors";
  auto tensors = io::read_safetensors(weights);
  for (auto& [name, values] : tensors)
    for (core::Index i = 0; name == "head.weight" && i < values.count(); ++i) values[i] = 3e38f;
  io::write_safetensors(weights, tensors);
  const auto [code, out, err] = run({path()});
  EXPECT_EQ(code, 0) << err;
  EXPECT_THAT(out, HasSubstr("loss NaN"));
  EXPECT_TRUE(json::parse(run({path(), "--json"}).out)["loss"].is_null());
}

}  // namespace
}  // namespace vitrine::cli
