// Lab::code(): what every lab gives as PyTorch code is run by PyTorch, and prints what numbers() has.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <sstream>

#include "app/labs/labs.h"
#include "engine/io/files.h"
#include "engine/io/matrix_text.h"
#include "engine/io/npy.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::labs {
namespace {

namespace fs = std::filesystem;
using lessons::Symbols;
using testing::HasSubstr;

constexpr const char* kPython = "/usr/bin/python3";

// Runs each script as a program of its own, in its own folder.
constexpr const char* kDriver = R"py(
import os, sys, traceback
import torch

for script in sys.argv[1:]:
    print("==", script)
    torch.set_default_dtype(torch.float32)
    os.chdir(os.path.dirname(script))
    sys.argv = [script]
    try:
        exec(compile(open(script).read(), script, "exec"), {"__name__": "__main__"})
    except Exception:
        print("!!", traceback.format_exc().replace("\n", " | "))
)py";

bool has_torch() {
  static const bool kHas =
      std::system((std::string(kPython) + " -c 'import torch' >/dev/null 2>&1").c_str()) == 0;
  return kHas;
}

std::string output_of(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string output;
  std::array<char, 65'536> buffer;
  while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
    output.append(buffer.data(), count);
  ::pclose(pipe);
  return output;
}

// One state of a lab.
struct Shown {
  std::string name;
  Symbols numbers;
  std::string code;
  double tolerance;  // of what is printed, as a part of a tensor's largest magnitude or of 1
};

// Pictures are convolved and pooled in float.
double tolerance_of(const LabInfo& lab, const std::string& preset) {
  const bool in_float =
      lab.id == "image" || lab.id == "heads" || (lab.id == "pooling" && preset.ends_with("picture"));
  return in_float ? 1e-4 : 1e-9;
}

Shown shown(Lab& lab, const std::string& preset) {
  lab.settle(0);
  // The time of learning is training, which takes long and which no script does again.
  if (lab.info().wing != Wing::kLearning) lab.settle(lab.last_step());
  return {std::string(lab.info().id) + ", " + preset, lab.numbers(), lab.code(),
          tolerance_of(lab.info(), preset)};
}

std::vector<Shown> all_of(Lab& lab) {
  std::vector<Shown> all;
  // Those of "Runs and sweeps" begin one.
  const auto presets = lab.info().id == "runs" ? std::vector<std::string>{} : lab.presets();
  if (presets.empty()) return {shown(lab, "as it opens")};
  for (const std::string& preset : presets) {
    EXPECT_TRUE(lab.load_preset(preset));
    all.push_back(shown(lab, preset));
  }
  return all;
}

// Puts a script with the files that it loads into a folder; false where numbers() does not have them all.
bool put(const Shown& state, const fs::path& folder) {
  fs::create_directory(folder);
  io::write_file(folder / "code.py", state.code);
  constexpr std::string_view kLoad = "np.load(\"";
  for (std::size_t at = 0; (at = state.code.find(kLoad, at)) != std::string::npos;) {
    at += kLoad.size();
    const std::string name = state.code.substr(at, state.code.find(".npy", at) - at);
    const auto values = state.numbers.find(name);
    if (values == state.numbers.end()) return false;
    io::write_file(folder / (name + ".npy"), io::encode_npy(values->second));
  }
  return true;
}

bool close(double a, double b, double difference) {
  return a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= difference;
}

void expect_close(const lessons::Value& got, const lessons::Value& expected, double tolerance) {
  ASSERT_EQ(got.shape(), expected.shape());
  double scale = 1;
  for (const double v : expected.values())
    if (std::isfinite(v)) scale = std::max(scale, std::abs(v));
  for (core::Index i = 0; i < got.count(); ++i)
    ASSERT_TRUE(close(got[i], expected[i], tolerance * scale))
        << "number " << i << ": " << got[i] << " and not " << expected[i];
}

// printed: lines "y [[1.0, 2.0]]".
void expect_printed(const Shown& state, const std::string& printed) {
  std::istringstream lines(printed);
  int tensors = 0;
  for (std::string line; std::getline(lines, line); ++tensors) {
    SCOPED_TRACE(line.substr(0, 200));
    const std::size_t space = line.find(' ');
    const std::string name = line.substr(0, space);
    ASSERT_NE(name, "!!") << line;
    const auto expected = state.numbers.find(name);
    ASSERT_NE(expected, state.numbers.end()) << "numbers() has no " << name;
    expect_close(io::parse_matrix(line.substr(space + 1)), expected->second, state.tolerance);
  }
  EXPECT_GT(tensors, 0) << "nothing is printed";
}

// What each script printed, by its path.
std::map<std::string, std::string> run(const fs::path& driver, const std::vector<fs::path>& scripts) {
  std::string command = std::string(kPython) + " '" + driver.string() + "'";
  for (const fs::path& script : scripts) command += " '" + script.string() + "'";
  std::istringstream lines(output_of(command + " 2>&1"));
  std::map<std::string, std::string> printed;
  std::string script;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("== "))
      script = line.substr(3);
    else
      printed[script] += line + "\n";
  return printed;
}

class Code : public testing::TestWithParam<Wing> {};
INSTANTIATE_TEST_SUITE_P(Of, Code, testing::Values(Wing::kConvolution, Wing::kAttention, Wing::kLearning));

TEST_P(Code, PrintsInPyTorchWhatTheLabComputes) {
  for (const auto& lab : all_labs({})) {
    if (lab->info().wing != GetParam()) continue;
    const io::TemporaryFolder folder;
    const std::vector<Shown> states = all_of(*lab);
    std::map<std::string, const Shown*> by_script;
    std::vector<fs::path> scripts;
    for (const Shown& state : states) {
      SCOPED_TRACE(state.name);
      EXPECT_THAT(state.code, HasSubstr("import torch\n"));
      const fs::path own = folder / std::to_string(&state - states.data());
      if (!put(state, own)) continue;
      scripts.push_back(own / "code.py");
      by_script[scripts.back().string()] = &state;
    }
    if (!has_torch()) continue;
    io::write_file(folder / "driver.py", kDriver);
    auto printed = run(folder / "driver.py", scripts);
    for (const auto& [script, state] : by_script) {
      SCOPED_TRACE(state->name);
      expect_printed(*state, printed[script]);
    }
  }
  if (!has_torch()) GTEST_SKIP() << "the scripts are written, but " << kPython << " has no torch to run them";
}

TEST(CodeOfALab, IsEmptyBeforeTheFirstResult) {
  for (const auto& lab : all_labs({})) EXPECT_EQ(lab->code(), "") << lab->info().id;
}

}  // namespace
}  // namespace vitrine::labs
