// The formulas of every lab as LaTeX.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "app/figures/parcel.h"
#include "app/labs/labs.h"
#include "app/widgets/equation.h"
#include "engine/io/files.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::figures {
namespace {

using testing::HasSubstr;
using testing::Not;

// A document with what every preset of every lab says at its start, its middle and its end.
std::string all_formulas() {
  std::string text =
      "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage[T1]{fontenc}\n"
      "\\usepackage{amsmath,amssymb}\n\\begin{document}\n";
  for (const auto& lab : labs::all_labs({})) {
    std::vector<std::string> presets = lab->presets();
    if (presets.empty()) presets.emplace_back();
    for (const std::string& preset : presets) {
      if (!preset.empty()) lab->load_preset(preset);
      lab->settle(0);
      for (const double share : {0.0, 0.5, 1.0}) {
        lab->settle(share * lab->last_step());
        if (lab->explain().lines.empty()) continue;
        text += "% " + std::string(lab->info().id) + ", " + preset + '\n' +
                text_of(*lab, format_of("formula.tex"));
      }
    }
  }
  return text + "\\end{document}\n";
}

TEST(Formula, OfEveryLabCompiles) {
  const std::string text = all_formulas();
  EXPECT_THAT(text, Not(HasSubstr("\\text{?}"))) << "a sign has no LaTeX";
  if (std::system("command -v pdflatex > /dev/null 2>&1") != 0) GTEST_SKIP() << "pdflatex is missing";
  const io::TemporaryFolder folder;
  io::write_file(folder / "all.tex", text);
  const std::string command = "cd " + folder.path().string() +
                              " && pdflatex -interaction=nonstopmode -halt-on-error all.tex > log 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << io::read_file(folder / "log").substr(0, 20'000);
  EXPECT_TRUE(std::filesystem::exists(folder / "all.pdf"));
}

}  // namespace
}  // namespace vitrine::figures
