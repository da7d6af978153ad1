#include "engine/train/dataset.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <numeric>

#include "engine/core/stop.h"
#include "engine/io/files.h"
#include "engine/train/idx_folder.h"
#include "tests/engine/io/damage.h"

namespace vitrine::train {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// A folder that goes away with the test.
class Dataset_ : public testing::Test {
 protected:
  Dataset_() : folder_(fs::temp_directory_path() / ("vitrine_dataset_" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~Dataset_() override { fs::remove_all(folder_); }

  // An IDX file of bytes 0, 1, 2, ...
  void write_idx(const std::string& name, std::vector<std::uint32_t> sizes, std::uint8_t modulus) {
    std::string bytes{'\0', '\0', '\x08', static_cast<char>(sizes.size())};
    std::uint32_t count = 1;
    for (const auto size : sizes) {
      for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
      count *= size;
    }
    for (std::uint32_t i = 0; i < count; ++i) bytes += static_cast<char>(i % modulus);
    io::write_file(folder_ / name, bytes);
  }
  void write_all() {
    write_idx("train-images-idx3-ubyte", {20, 6, 4}, 250);
    write_idx("train-labels-idx1-ubyte", {20}, 3);
    write_idx("t10k-images-idx3-ubyte", {8, 6, 4}, 250);
    write_idx("t10k-labels-idx1-ubyte", {8}, 3);
  }
  std::shared_ptr<const Dataset> load(DatasetConfig config) { return load_dataset(config, 0, workers_); }
  DatasetConfig idx() const { return {DatasetKind::kIdx, folder_.string(), 0, 0}; }
  std::string error_of(const DatasetConfig& config) {
    try {
      load(config);
      return "no error";
    } catch (const io::FileError& error) {
      return error.what();
    }
  }

  fs::path folder_;
  core::Workers workers_{1};
};

TEST_F(Dataset_, ReadsAnIdxFolder) {
  EXPECT_FALSE(files_are_there(idx()));
  write_all();
  EXPECT_TRUE(files_are_there(idx()));
  EXPECT_TRUE(files_are_there({DatasetKind::kShapes, "", 0, 0}));
  EXPECT_TRUE(files_are_there({DatasetKind::kFolder, folder_.string(), 0, 0}));
  EXPECT_FALSE(files_are_there({DatasetKind::kFolder, (folder_ / "none").string(), 0, 0}));
  const auto dataset = load(idx());
  EXPECT_EQ(dataset->train.images.shape(), (core::Shape{20, 1, 6, 4}));
  EXPECT_EQ(dataset->validation.count(), 8);
  EXPECT_EQ(dataset->classes, 3);
  EXPECT_EQ(dataset->train.images(0, 0, 5, 3), 23);
  EXPECT_EQ(dataset->train.labels[4], 1);
  EXPECT_EQ(dataset->class_names, (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(dataset->checksum.size(), 24u);
}

TEST_F(Dataset_, NormalisesToMeanZeroAndVarianceOne) {
  write_all();
  const auto dataset = load(idx());
  const Index count = dataset->train.images.count();
  std::vector<float> pixels(static_cast<std::size_t>(count));
  dataset->normalise(dataset->train.images.data(), count, pixels.data());
  const double sum = std::accumulate(pixels.begin(), pixels.end(), 0.0);
  const double squares = std::inner_product(pixels.begin(), pixels.end(), pixels.begin(), 0.0);
  EXPECT_NEAR(sum / static_cast<double>(count), 0, 1e-5);
  EXPECT_NEAR(squares / static_cast<double>(count), 1, 1e-5);
}

TEST_F(Dataset_, LimitsTakeTheFirstAndKeepTheClasses) {
  write_all();
  DatasetConfig config = idx();
  const std::string whole = load(config)->checksum;
  config.train_limit = 2;
  config.validation_limit = 1;
  const auto dataset = load(config);
  EXPECT_EQ(dataset->train.count(), 2);
  EXPECT_EQ(dataset->train.labels.count(), 2);
  EXPECT_EQ(dataset->validation.count(), 1);
  EXPECT_EQ(dataset->classes, 3);
  EXPECT_NE(dataset->checksum, whole);
}

TEST_F(Dataset_, FilesThatDoNotFitAreNamed) {
  EXPECT_THAT(error_of(idx()), HasSubstr("train-images-idx3-ubyte"));
  write_all();
  write_idx("train-labels-idx1-ubyte", {19}, 3);
  EXPECT_THAT(
      error_of(idx()),
      HasSubstr("holds 20 images, but train-labels-idx1-ubyte 19 labels; both must be of one data set"));
  write_all();
  write_idx("t10k-images-idx3-ubyte", {8, 6, 5}, 250);
  EXPECT_THAT(error_of(idx()), HasSubstr("[8, 6, 5] beside training images of [20, 6, 4]"));
}

TEST_F(Dataset_, MissingDataSaysWhatToGet) {
  const DatasetConfig mnist{DatasetKind::kMnist, (folder_ / "nowhere").string(), 0, 0};
  EXPECT_THAT(error_of(mnist), HasSubstr("nowhere"));
  EXPECT_THAT(error_of(mnist), HasSubstr("t10k-labels-idx1-ubyte"));
}

// FNV-1a over 480 + 20 + 192 + 8 bytes, computed by another program.
TEST_F(Dataset_, TheChecksumIsOfImagesAndLabels) {
  write_all();
  EXPECT_EQ(load(idx())->checksum, "fnv1a64:6fcdbcb27343032d");
}

// A variable of the environment, as it was when the test ends.
class Variable {
 public:
  explicit Variable(const char* name) : name_(name) {
    if (const char* value = std::getenv(name)) before_ = value;
  }
  ~Variable() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }
  void operator=(const std::string& value) const { ::setenv(name_, value.c_str(), 1); }
  void unset() const { ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST_F(Dataset_, TheUsersOwnPlaceIsLookedThroughFirst) {
  const Variable data("VITRINE_DATA"), share("XDG_DATA_HOME"), home("HOME");
  data = "/d";
  share = "/x";
  home = "/h";
  using Places = std::vector<fs::path>;
  EXPECT_EQ(own_places(DatasetKind::kMnist), (Places{"/d/mnist", "/x/vitrine/mnist"}));
  data = "";
  share.unset();
  EXPECT_EQ(own_places(DatasetKind::kFashionMnist), (Places{"/h/.local/share/vitrine/fashion-mnist"}));
  home.unset();
  EXPECT_EQ(own_places(DatasetKind::kMnist), Places{});
  EXPECT_EQ(usual_places(DatasetKind::kMnist).front(), "/usr/share/datasets/mnist");

  fs::create_directories(folder_ / "mnist");
  write_all();
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
                           "t10k-labels-idx1-ubyte"})
    fs::rename(folder_ / name, folder_ / "mnist" / name);
  data = folder_.string();
  EXPECT_EQ(load({DatasetKind::kMnist, "", 0, 0})->train.count(), 20);
}

TEST_F(Dataset_, LabelsOutsideTheClassesAreRefused) {
  write_all();
  write_idx("t10k-labels-idx1-ubyte", {8}, 5);
  EXPECT_THAT(error_of(idx()),
              HasSubstr("t10k-labels-idx1-ubyte: label 3 of image 3 is outside the 3 classes, 0 to 2"));
  write_all();
  write_idx("train-labels-idx1-ubyte", {20}, 12);
  DatasetConfig mnist = idx();
  mnist.kind = DatasetKind::kMnist;
  EXPECT_THAT(error_of(mnist),
              HasSubstr("train-labels-idx1-ubyte: label 10 of image 10 is outside the 10 classes, 0 to 9"));
}

TEST_F(Dataset_, SwappedAndEmptyFilesAreNamed) {
  write_idx("train-images-idx3-ubyte", {20}, 3);
  write_idx("train-labels-idx1-ubyte", {20, 6, 4}, 250);
  write_idx("t10k-images-idx3-ubyte", {8}, 3);
  write_idx("t10k-labels-idx1-ubyte", {8, 6, 4}, 250);
  EXPECT_THAT(error_of(idx()), HasSubstr("train-images-idx3-ubyte: holds labels (1 axis), images (3 axes) "
                                         "are expected; were two files swapped?"));
  write_all();
  write_idx("train-images-idx3-ubyte", {20}, 3);
  EXPECT_THAT(error_of(idx()), HasSubstr("train-images-idx3-ubyte: holds labels (1 axis), images"));
  write_all();
  io::write_file(folder_ / "t10k-labels-idx1-ubyte", "");
  EXPECT_THAT(error_of(idx()), HasSubstr("t10k-labels-idx1-ubyte: is cut short"));
  write_all();
  write_idx("train-images-idx3-ubyte", {0, 6, 4}, 3);
  write_idx("train-labels-idx1-ubyte", {0}, 3);
  EXPECT_THAT(error_of(idx()), HasSubstr("train-images-idx3-ubyte: holds no images"));
}

// Cut at every byte, and with every bit turned: each of the four files is refused by its name or read.
TEST_F(Dataset_, DamageIsRefusedInOneLine) {
  write_all();
  for (const std::string name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                 "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}) {
    const std::string whole = io::read_file(folder_ / name);
    const auto load_bytes = [&](const std::string& bytes) {
      io::put_file(folder_ / name, bytes);
      load(idx());
    };
    io::expect_prefixes_refused<io::FileError>(whole, load_bytes);
    // Every bit of the header counts; of the rest those that make a label one of an unknown class.
    const std::size_t header_bytes = name.find("images") == std::string::npos ? 8 : 16;
    const std::string header = whole.substr(0, header_bytes), rest = whole.substr(header_bytes);
    EXPECT_EQ(io::refused_bit_flips<io::FileError>(
                  header, [&](const std::string& bytes) { load_bytes(bytes + rest); }),
              8 * header_bytes)
        << name;
    const std::size_t refused = io::refused_bit_flips<io::FileError>(
        rest, [&](const std::string& bytes) { load_bytes(header + bytes); });
    EXPECT_EQ(refused > 0, name == "t10k-labels-idx1-ubyte") << name;
    io::write_file(folder_ / name, whole);
  }
}

TEST_F(Dataset_, StopsAndTellsHowFarItIs) {
  write_all();
  std::stop_source stop;
  stop.request_stop();
  for (const DatasetKind kind : {DatasetKind::kIdx, DatasetKind::kDigits, DatasetKind::kShapes}) {
    const DatasetConfig config{kind, folder_.string(), 100, 10};
    core::Progress progress;
    load_dataset(config, 0, workers_, {}, &progress);
    EXPECT_NEAR(progress.fraction(), 1, 1e-6);
    EXPECT_THROW(load_dataset(config, 0, workers_, stop.get_token()), core::Stopped);
  }
}

TEST_F(Dataset_, ShapesAreAlwaysThereAndColoured) {
  const auto dataset = load({DatasetKind::kShapes, "", 100, 40});
  EXPECT_EQ(dataset->train.images.shape(), (core::Shape{100, 3, 28, 28}));
  EXPECT_EQ(dataset->classes, 8);
  EXPECT_EQ(dataset->class_names[5], "star");
  EXPECT_EQ(dataset->name, "shapes");
}

TEST_F(Dataset_, DigitsAreAlwaysThere) {
  const auto dataset = load({DatasetKind::kDigits, "", 100, 40});
  EXPECT_EQ(dataset->train.count(), 100);
  EXPECT_EQ(dataset->validation.count(), 40);
  EXPECT_EQ(dataset->classes, 10);
  EXPECT_EQ(dataset->height(), 28);
  EXPECT_EQ(dataset->name, "digits");
}

TEST_F(Dataset_, FashionMnistComesFromItsPackage) {
  if (!fs::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "dataset-fashion-mnist is not installed";
  const auto dataset = load({DatasetKind::kFashionMnist, "", 0, 0});
  EXPECT_EQ(dataset->train.images.shape(), (core::Shape{60'000, 1, 28, 28}));
  EXPECT_EQ(dataset->validation.count(), 10'000);
  EXPECT_EQ(dataset->classes, 10);
  EXPECT_EQ(dataset->class_names[9], "Ankle boot");
  EXPECT_NEAR(dataset->mean, 0.2860, 1e-4);
  EXPECT_NEAR(dataset->deviation, 0.3530, 1e-4);
}

}  // namespace
}  // namespace vitrine::train
