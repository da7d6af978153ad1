// Each format by the ending of its name.
#include "app/cli/export_run.h"

#include <gmock/gmock.h>

#include <sstream>

#include "app/cli/train.h"
#include "engine/io/files.h"
#include "engine/io/safetensors.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

// The folder of a run of a few steps.
class ExportRun : public testing::Test {
 protected:
  ExportRun() : run_(folder_ / "run") {
    std::vector<std::string> args{"--preset", "demo", "--out", run_.string()};
    for (const char* change :
         {"dataset.train_limit=64", "dataset.validation_limit=32", "model.kind=mlp", "epochs=1", "threads=1"})
      args.insert(args.end(), {"--set", change});
    std::ostringstream out, err;
    EXPECT_EQ(train_command(args, out, err), 0) << err.str();
  }
  std::string exported(const std::string& name) const {
    export_run(run_, folder_ / name);
    return io::read_file(folder_ / name);
  }

  io::TemporaryFolder folder_;
  fs::path run_;
};

TEST_F(ExportRun, TheEndingChooses) {
  EXPECT_THAT(exported("a.onnx"), HasSubstr("layers.0.weight"));
  EXPECT_THAT(exported("a.py"), HasSubstr("class Model(nn.Module)"));
  EXPECT_EQ(exported("a.csv"), io::read_file(run_ / "metrics.csv"));
  EXPECT_EQ(io::decode_safetensors(exported("a.safetensors")).size(), 4u);
  EXPECT_THAT(exported("a.tfevents"), HasSubstr("brain.Event:2"));
  EXPECT_EQ(io::error_of<std::invalid_argument>([&] { export_run(run_, folder_ / "a.pkl"); }),
            (folder_ / "a.pkl").string() +
                ": no such format; a run becomes .onnx, .py, .csv, .safetensors, .tfevents or a folder for "
                "TensorBoard");
}

TEST_F(ExportRun, AFolderGetsAnEventFileOfTheUsualName) {
  for (const char* name : {"logs", "logs"}) {
    export_run(run_, folder_ / name);
    const fs::path file = fs::directory_iterator(folder_ / name)->path();
    EXPECT_THAT(file.filename().string(), StartsWith("events.out.tfevents."));
    EXPECT_EQ(file.extension(), ".vitrine");
    EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / name), fs::directory_iterator()), 1);
  }
}

TEST_F(ExportRun, WhatCannotBeReadIsNamedAndNothingIsWritten) {
  for (const char* ending : {".onnx", ".py", ".csv", ".safetensors", ".tfevents"}) {
    const fs::path out = folder_ / ("none" + std::string(ending));
    EXPECT_THAT(io::error_of<io::FileError>([&] { export_run(folder_ / "nowhere", out); }),
                HasSubstr("nowhere"))
        << ending;
    EXPECT_FALSE(fs::exists(out));
  }
  io::write_file(run_ / "weights.safetensors", "damaged");
  EXPECT_THROW(export_run(run_, folder_ / "a.onnx"), io::FileError);
}

}  // namespace
}  // namespace vitrine::cli
