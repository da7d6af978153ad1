#include "engine/train/picture_folder.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "engine/core/stop.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;
using io::FileError;
using testing::ElementsAre;
using testing::HasSubstr;

class PictureFolder : public testing::Test {
 protected:
  // A picture of 2 rows and 3 columns, all of one value.
  void picture(const std::string& name, std::uint8_t value, Index channels = 1, Index rows = 2) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(rows * 3 * channels), value);
    io::write_png(path, rows, 3, channels, bytes);
  }
  void pictures(const std::string& folder, int count, std::uint8_t first) {
    for (int i = 0; i < count; ++i)
      picture(folder + "/" + static_cast<char>('a' + i) + ".png", static_cast<std::uint8_t>(first + i));
  }
  std::shared_ptr<const Dataset> load(Index limit = 0, std::int64_t seed = 0) {
    return load_dataset({DatasetKind::kFolder, folder_.path().string(), limit, 0}, seed, workers_);
  }
  std::string refusal() {
    return io::error_of<FileError>([&] { load(); });
  }
  std::vector<int> labels(const Split& split) {
    return {split.labels.values().begin(), split.labels.values().end()};
  }
  // The value of each one-coloured picture.
  std::vector<int> values(const Split& split) {
    std::vector<int> out;
    for (Index i = 0; i < split.count(); ++i) out.push_back(split.images(i, 0, 1, 2));
    return out;
  }

  io::TemporaryFolder folder_;
  core::Workers workers_{2};
};

TEST_F(PictureFolder, SubFoldersAreClassesInTheOrderOfTheirNames) {
  pictures("train/dog", 2, 10);
  pictures("train/Cat", 3, 20);
  pictures("validation/dog", 1, 30);
  const auto dataset = load();
  EXPECT_EQ(dataset->name, "folder");
  EXPECT_THAT(dataset->class_names, ElementsAre("Cat", "dog"));
  EXPECT_EQ(dataset->train.images.shape(), (core::Shape{5, 1, 2, 3}));
  EXPECT_THAT(labels(dataset->train), ElementsAre(0, 1, 0, 1, 0));
  EXPECT_THAT(values(dataset->train), ElementsAre(20, 10, 21, 11, 22));
  EXPECT_THAT(labels(dataset->validation), ElementsAre(1));
  EXPECT_THAT(values(dataset->validation), ElementsAre(30));
  EXPECT_EQ(dataset->split, "the folder validation validates");
}

TEST_F(PictureFolder, LimitsLeaveTheClassesEven) {
  pictures("train/a", 3, 10);
  pictures("train/b", 3, 20);
  pictures("test/a", 1, 30);
  EXPECT_THAT(labels(load(4)->train), ElementsAre(0, 1, 0, 1));
}

TEST_F(PictureFolder, ATenthOfEveryClassValidatesWhereNoneIsGiven) {
  pictures("a", 20, 10);
  pictures("b", 4, 100);
  const auto dataset = load();
  EXPECT_EQ(dataset->train.count(), 18 + 3);
  EXPECT_EQ(dataset->validation.count(), 2 + 1);
  EXPECT_EQ(dataset->split, "a tenth of every class, drawn from the seed 0, validates");
  auto all = values(dataset->train);
  for (const int value : values(dataset->validation)) all.push_back(value);
  std::sort(all.begin(), all.end());
  for (int i = 0; i < 24; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], i < 20 ? 10 + i : 80 + i);
  EXPECT_EQ(values(load()->validation), values(dataset->validation)) << "the same seed, the same split";
  bool differs = false;
  for (std::int64_t seed = 1; seed < 20; ++seed)
    differs |= values(load(0, seed)->validation) != values(dataset->validation);
  EXPECT_TRUE(differs);
}

TEST_F(PictureFolder, OneColouredPictureMakesAllRgb) {
  pictures("a", 2, 10);
  picture("b/a.png", 50);
  picture("b/b.png", 60, 3);
  const auto dataset = load();
  EXPECT_EQ(dataset->channels(), 3);
  for (Index i = 0; i < 2; ++i)
    for (Index c = 0; c < 3; ++c)
      EXPECT_EQ(dataset->train.images(i, c, 1, 1), dataset->train.images(i, 0, 0, 0));
}

TEST_F(PictureFolder, OtherFilesAndSymbolicLinksAreLeftAlone) {
  pictures("a", 2, 10);
  pictures("b", 2, 20);
  io::write_file(folder_ / "notes.txt", "hello");
  io::write_file(folder_ / "a/notes.txt", "hello");
  io::write_file(folder_ / "a/.hidden.png", "hello");
  fs::create_directories(folder_ / ".git");
  const io::TemporaryFolder elsewhere;
  io::write_file(elsewhere / "secret.png", "not a picture");
  fs::create_symlink(elsewhere / "secret.png", folder_ / "a/link.png");
  fs::create_directory_symlink(elsewhere.path(), folder_ / "c");
  fs::create_directory_symlink(folder_.path(), folder_ / "all");
  fs::create_directory_symlink("..", folder_ / "a/up");
  fs::create_symlink("round.png", folder_ / "a/round.png");
  const auto dataset = load();
  EXPECT_EQ(dataset->train.count() + dataset->validation.count(), 4);
  EXPECT_EQ(dataset->classes, 2);
}

TEST_F(PictureFolder, EachMistakeHasItsLine) {
  const std::string root = folder_.path().string();
  EXPECT_THAT(refusal(), testing::StartsWith(root + ": holds 0 sub-folders"));
  pictures("a", 3, 10);
  EXPECT_THAT(refusal(), HasSubstr("holds 1 sub-folders"));
  fs::create_directories(folder_ / "b");
  EXPECT_EQ(refusal(), root + "/b: holds no PNG or JPEG pictures (symbolic links are not followed)");
  picture("b/a.png", 1);
  EXPECT_THAT(refusal(), testing::StartsWith(root + "/b: holds one picture only"));
  picture("b/b.png", 1, 1, 4);
  EXPECT_THAT(refusal(), testing::MatchesRegex(root + "/b/b.png: is of 3 x 4 pixels, but " + root +
                                               "/./..png of 3 x 2 pixels; all must be of one size"));
  io::write_file(folder_ / "b/b.png", "not a picture");
  EXPECT_EQ(refusal(), root + "/b/b.png: is no PNG, JPEG or PNM picture; replace or remove it");
  EXPECT_THAT(io::error_of<FileError>([&] {
                load_dataset({DatasetKind::kFolder, root + "/none", 0, 0}, 0, workers_);
              }),
              HasSubstr("none: No such file or directory"));
  fs::create_symlink("round", folder_ / "round");
  EXPECT_EQ(io::error_of<FileError>([&] {
              load_dataset({DatasetKind::kFolder, root + "/round", 0, 0}, 0, workers_);
            }),
            root + "/round: Too many levels of symbolic links");
  fs::remove_all(folder_ / "a");
  fs::remove_all(folder_ / "b");
  pictures("train/a", 2, 1);
  pictures("train/b", 2, 1);
  pictures("test/c", 2, 1);
  EXPECT_EQ(refusal(), root + "/test/c: is a class that " + root + "/train does not have");
}

TEST_F(PictureFolder, MoreClassesThanALabelCanTellAreRefused) {
  for (int i = 0; i < 257; ++i) fs::create_directories(folder_ / std::to_string(i));
  EXPECT_THAT(refusal(), HasSubstr("holds 257 sub-folders"));
}

TEST_F(PictureFolder, ADamagedPictureIsNamed) {
  pictures("a", 2, 10);
  pictures("b", 2, 20);
  const fs::path damaged = folder_ / "b/b.png";
  const auto load_bytes = [&](const std::string& bytes) {
    io::put_file(damaged, bytes);
    load();
  };
  const std::string whole = io::read_file(damaged);
  io::expect_prefixes_refused<FileError>(whole, load_bytes);
  EXPECT_THAT(io::error_of<FileError>([&] { load_bytes(whole.substr(0, 50)); }),
              testing::StartsWith(damaged.string() + ": PNG: "));
}

TEST_F(PictureFolder, StopsAndTellsHowFarItIs) {
  pictures("a", 3, 10);
  pictures("b", 3, 20);
  const DatasetConfig config{DatasetKind::kFolder, folder_.path().string(), 0, 0};
  core::Progress progress;
  load_dataset(config, 0, workers_, {}, &progress);
  EXPECT_NEAR(progress.fraction(), 1, 1e-9);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(load_dataset(config, 0, workers_, stop.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::train
