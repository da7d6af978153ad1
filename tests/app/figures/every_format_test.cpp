// Every lab as every kind of file.
#include <gif_lib.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <map>

#include "app/figures/parcel.h"
#include "app/labs/labs.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "engine/io/matrix_text.h"
#include "engine/io/npy.h"
#include "engine/io/safetensors.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::figures {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr float kWidth = 800, kHeight = 500;
constexpr double kScale = 0.5, kSeconds = 0.3, kFps = 10;

int frames_of_gif(const std::string& bytes) {
  std::string_view rest = bytes;
  int error = 0;
  GifFileType* file = DGifOpen(
      &rest,
      [](GifFileType* from, GifByteType* to, int count) {
        auto& left = *static_cast<std::string_view*>(from->UserData);
        const auto n = std::min(left.size(), static_cast<std::size_t>(count));
        std::copy_n(left.begin(), n, to);
        left.remove_prefix(n);
        return static_cast<int>(n);
      },
      &error);
  if (file == nullptr) return -1;
  const int frames = DGifSlurp(file) == GIF_OK ? file->ImageCount : -1;
  DGifCloseFile(file, &error);
  return frames;
}

class EveryFormat : public testing::TestWithParam<std::string> {
 protected:
  EveryFormat() : labs_(labs::all_labs({})) {
    lab_ = std::ranges::find_if(labs_, [](const auto& l) { return l->info().id == GetParam(); })->get();
    lab_->settle(0);
    options_.figure.width = kWidth;
    options_.figure.height = kHeight;
    options_.film = {kSeconds, kFps, kScale};
  }
  // The file's bytes.
  std::string exported(const std::string& extension) {
    const auto file = folder_ / ("lab" + extension);
    core::Progress progress;
    write(file, pack(*lab_, format_of(file), options_, typefaces_, english_), typefaces_, {}, progress);
    return io::read_file(file);
  }

  const io::TemporaryFolder folder_;
  const Typefaces typefaces_;
  const widgets::Words english_;
  std::vector<std::unique_ptr<labs::Lab>> labs_;
  labs::Lab* lab_;
  PackOptions options_;
};

using Check = std::function<void(const std::string& bytes)>;

template <class Matcher>
Check says(Matcher matcher) {
  return [matcher](const std::string& bytes) { EXPECT_THAT(bytes, matcher); };
}

TEST_P(EveryFormat, CanBeTakenOut) {
  const std::map<std::string_view, Check> checks = {
      {".png",
       [](const std::string& bytes) {
         EXPECT_EQ(io::decode_image(bytes).pixels.shape(), (core::Shape{3, 500, 800}));
       }},
      {".svg", says(HasSubstr("</text>"))},
      {".pdf", says(HasSubstr("/Font"))},
      {".gif", [](const std::string& bytes) { EXPECT_GE(frames_of_gif(bytes), 1); }},
      {".mp4", says(HasSubstr("ftyp"))},
      {".webm", says(StartsWith("\x1A\x45\xDF\xA3"))},
      {".csv", says(HasSubstr("# t  "))},
      {".npy", says(StartsWith("\x93NUMPY"))},
      {".onnx", says(HasSubstr("logits"))},
      {".safetensors", [](const std::string& bytes) { EXPECT_GT(io::decode_safetensors(bytes).size(), 1u); }},
      {".tex", says(HasSubstr("\\begin{gather*}"))},
      {".py", says(HasSubstr("import torch\n"))},
  };
  ASSERT_EQ(checks.size(), formats().size());
  const bool has_ffmpeg = std::system("command -v ffmpeg > /dev/null 2>&1") == 0;
  for (const Format& format : formats()) {
    SCOPED_TRACE(format.extension);
    options_.numbers = format.extension == ".npy" ? "t" : "";
    if (format.kind == Kind::kModel && !lab_->has_model())
      EXPECT_THROW(exported(std::string(format.extension)), std::invalid_argument);
    else if (format.words.find("ffmpeg") != std::string_view::npos && !has_ffmpeg)
      EXPECT_THROW(exported(std::string(format.extension)), io::FileError);
    else
      checks.at(format.extension)(exported(std::string(format.extension)));
  }
}

TEST_P(EveryFormat, ItsNumbersReadBackExactly) {
  const lessons::Symbols numbers = lab_->numbers();
  ASSERT_FALSE(numbers.empty());
  for (const auto& [name, values] : numbers) {
    SCOPED_TRACE(name);
    options_.numbers = name;
    EXPECT_EQ(io::decode_npy(exported(".npy")), values);
    const auto text = exported(".csv");
    if (values.rank() > 2 || values.empty()) continue;
    const auto read = io::parse_matrix(text);
    ASSERT_EQ(read.count(), values.count());
    for (core::Index i = 0; i < values.count(); ++i)
      EXPECT_TRUE(read[i] == values[i] || (read[i] != read[i] && values[i] != values[i])) << i;
  }
  options_.numbers = "no such";
  EXPECT_THROW(exported(".csv"), std::invalid_argument);
}

std::vector<std::string> all_ids() {
  std::vector<std::string> ids;
  for (const auto& lab : labs::all_labs({})) ids.emplace_back(lab->info().id);
  return ids;
}
std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
}
INSTANTIATE_TEST_SUITE_P(All, EveryFormat, testing::ValuesIn(all_ids()), test_name);

TEST(Formats, AnExtensionThatIsNoneNamesThoseThereAre) {
  EXPECT_EQ(format_of("a.SVG").extension, ".svg");
  try {
    format_of("picture.bmp");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr(".png .svg .pdf .gif"));
  }
}

TEST(Formats, OfSettingsThatCannotBeComputedThereIsNone) {
  const io::TemporaryFolder folder;
  const auto labs = labs::all_labs({});
  labs::Lab& image = *labs[0];
  io::write_file(folder / "cut.png", "\x89PNG\r\n\x1a\n");
  ASSERT_TRUE(image.open(folder / "cut.png"));
  image.settle(0);
  for (const char* extension : {".svg", ".csv", ".py"}) {
    try {
      pack(image, format_of(std::string("a") + extension), {}, Typefaces(), {});
      FAIL() << extension;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), HasSubstr("cut.png"));
    }
  }
}

// More numbers than every frame may copy.
TEST(Formats, NumbersOfALargePictureAreAllThere) {
  constexpr core::Index kRows = 300, kColumns = 400;
  const io::TemporaryFolder folder;
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(kRows * kColumns * 3), 51);
  io::write_png(folder / "large.png", kRows, kColumns, 3, bytes);
  auto labs = labs::all_labs({});
  labs::Lab& lab = **std::ranges::find_if(labs, [](const auto& l) { return l->info().id == "image"; });
  ASSERT_TRUE(lab.open(folder / "large.png"));
  lab.settle(0);
  EXPECT_FALSE(lab.numbers().contains("x"));
  const lessons::Symbols x = numbers_of(lab, "x");
  EXPECT_EQ(x.at("x").count(), kRows * kColumns) << "in grey";
  EXPECT_FLOAT_EQ(static_cast<float>(x.at("x")[7]), 0.2F);
}

TEST(Film, IsLeftAsItWasWhenItIsStopped) {
  const io::TemporaryFolder folder;
  const auto labs = labs::all_labs({});
  const Typefaces typefaces;
  PackOptions options;
  options.film = {kSeconds, kFps, kScale};
  std::stop_source stopped;
  stopped.request_stop();
  for (const std::string name : {"a.gif", "a.mp4"}) {
    const auto file = folder / name;
    io::write_file(file, "old");
    core::Progress progress;
    labs[1]->settle(0);
    write(file, pack(*labs[1], format_of(file), options, typefaces, {}), typefaces, stopped.get_token(),
          progress);
    EXPECT_EQ(io::read_file(file), "old");
  }
}

}  // namespace
}  // namespace vitrine::figures
