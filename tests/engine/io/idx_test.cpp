#include "engine/io/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zlib.h>

#include <thread>

#include "engine/core/stop.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

using core::Shape;
using core::Tensor;
using testing::HasSubstr;

std::string idx(int type, std::vector<std::uint32_t> sizes, const std::string& numbers) {
  std::string file{'\0', '\0', static_cast<char>(type), static_cast<char>(sizes.size())};
  for (const std::uint32_t size : sizes)
    for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(size >> shift);
  return file + numbers;
}

std::string gzipped(const std::string& plain) {
  z_stream zlib{};
  deflateInit2(&zlib, Z_BEST_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string file(deflateBound(&zlib, plain.size()), '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  zlib.avail_in = static_cast<uInt>(plain.size());
  zlib.next_out = reinterpret_cast<Bytef*>(file.data());
  zlib.avail_out = static_cast<uInt>(file.size());
  deflate(&zlib, Z_FINISH);
  file.resize(zlib.total_out);
  deflateEnd(&zlib);
  return file;
}

class Idx : public testing::Test {
 protected:
  Tensor<std::uint8_t> images(const std::string& bytes, core::Index limit = kFileLimit_bytes) {
    put_file(file_, bytes);
    return read_idx_images(file_, {limit});
  }
  Tensor<std::uint8_t> labels(const std::string& bytes) {
    write_file(file_, bytes);
    return read_idx_labels(file_);
  }
  std::string image_error(const std::string& bytes, core::Index limit = kFileLimit_bytes) {
    const std::string line = error_of<FileError>([&] { images(bytes, limit); });
    EXPECT_THAT(line, testing::StartsWith(file_.string() + ": "));
    return line.substr(std::min(line.size(), file_.string().size() + 2));
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "data-idx";
  const std::string small_ = idx(8, {2, 2, 3}, "abcdefghijkl");
};

TEST_F(Idx, ReadsImagesAndLabelsPlainAndCompressed) {
  for (const std::string& file : {small_, gzipped(small_)}) {
    const Tensor<std::uint8_t> read = images(file);
    ASSERT_EQ(read.shape(), (Shape{2, 2, 3}));
    EXPECT_EQ(read(0, 0, 0), 'a');
    EXPECT_EQ(read(1, 1, 2), 'l');
  }
  EXPECT_EQ(labels(idx(8, {3}, "\x01\x02\x03")), Tensor<std::uint8_t>({3}, {1, 2, 3}));
  EXPECT_EQ(labels(gzipped(idx(8, {3}, "\x01\x02\x03"))), Tensor<std::uint8_t>({3}, {1, 2, 3}));
}

TEST_F(Idx, CutAnywhereIsRefused) {
  expect_prefixes_refused<FileError>(small_, [&](const std::string& bytes) { images(bytes); });
  expect_prefixes_refused<FileError>(gzipped(small_), [&](const std::string& bytes) { images(bytes); });
}

TEST_F(Idx, TurnedBitsNeverCrash) {
  const std::string zipped = gzipped(small_);
  EXPECT_GT(refused_bit_flips<FileError>(small_, [&](const std::string& bytes) { images(bytes); }), 100u);
  // gzip's checksum covers everything but its own header's time, system and flags.
  EXPECT_GT(refused_bit_flips<FileError>(zipped, [&](const std::string& bytes) { images(bytes); }),
            8 * zipped.size() * 3 / 4);
}

TEST_F(Idx, EachMistakeHasItsLine) {
  EXPECT_EQ(image_error(idx(8, {12}, "abcdefghijkl")),
            "holds labels (1 axis), images (3 axes) are expected; were two files swapped?");
  EXPECT_EQ(
      error_of<FileError>([&] { labels(small_); }),
      file_.string() + ": holds images (3 axes), labels (1 axis) are expected; were two files swapped?");
  EXPECT_EQ(image_error(idx(13, {2, 2, 3}, "abcd")),
            "holds numbers of IDX type 13, bytes (type 8) are expected");
  EXPECT_EQ(image_error("hello world"), "is not an IDX file (compressed by gzip or not)");
  EXPECT_EQ(image_error(""), "is cut short; get the file again");
  EXPECT_EQ(image_error(small_ + "xy"), "holds 2 bytes too many; get the file again");
  EXPECT_EQ(image_error(gzipped(small_ + "xy")), "holds more than its header says; get the file again");
  EXPECT_EQ(image_error(gzipped(small_) + "xy"),
            "holds 2 bytes after the compressed data; get the file again");
  EXPECT_EQ(image_error(gzipped(small_.substr(0, 20))),
            "holds less than its header says; get the file again");
}

TEST_F(Idx, LyingSizesAndBombsCostNothing) {
  EXPECT_EQ(image_error(idx(8, {60000, 28, 28}, "abc")),
            "is cut short: its header promises [60000, 28, 28] numbers; get the file again");
  EXPECT_THAT(image_error(idx(8, {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, "abc")), HasSubstr("passes 2^63"));
  EXPECT_THAT(image_error(idx(8, {70000, 200, 200}, "abc")), HasSubstr("the limit is 2147483648"));
  const std::string bomb = gzipped(idx(8, {1000, 100, 100}, std::string(10'000'000, '\0')));
  EXPECT_LT(bomb.size(), 20000u);
  EXPECT_EQ(image_error(bomb, 1'000'000), "holds [1000, 100, 100] numbers, the limit is 1000000");
  EXPECT_EQ(image_error(gzipped(idx(8, {1, 1, 1}, std::string(10'000'000, '\0')))),
            "holds more than its header says; get the file again");
}

TEST_F(Idx, UnreadableFilesAreNamed) {
  EXPECT_EQ(error_of<FileError>([&] { read_idx_images(folder_ / "none"); }),
            (folder_ / "none").string() + ": No such file or directory");
  EXPECT_THAT(error_of<FileError>([&] { read_idx_images(folder_.path()); }), HasSubstr("directory"));
  std::filesystem::create_symlink("loop", folder_ / "loop");
  EXPECT_EQ(error_of<FileError>([&] { read_idx_images(folder_ / "loop"); }),
            (folder_ / "loop").string() + ": Too many levels of symbolic links");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);  // would be waited for
  EXPECT_THAT(error_of<FileError>([&] { read_idx_images(folder_ / "pipe"); }),
              testing::StartsWith((folder_ / "pipe").string() + ": "));
}

TEST_F(Idx, TellsHowFarItIs) {
  write_file(file_, gzipped(idx(8, {3, 1000, 1000}, std::string(3'000'000, 'x'))));
  core::Progress progress;
  progress.stage_until(0.5);
  read_idx_images(file_, {kFileLimit_bytes, {}, &progress});
  EXPECT_NEAR(progress.fraction(), 0.5, 1e-9);
}

TEST_F(Idx, StopsInTheMiddleOfUnpacking) {
  write_file(file_, gzipped(idx(8, {50, 1000, 1000}, std::string(50'000'000, '\0'))));
  for (int attempt = 0; attempt < 100; ++attempt) {  // a busy machine may stop it too late
    core::Progress progress;
    std::stop_source source;
    std::jthread stops([&] {
      while (progress.fraction() < 0.1) std::this_thread::yield();
      source.request_stop();
    });
    const auto read = [&] { read_idx_images(file_, {kFileLimit_bytes, source.get_token(), &progress}); };
    if (error_of<core::Stopped>(read) == "stopped") {
      EXPECT_LT(progress.fraction(), 1);
      return;
    }
  }
  ADD_FAILURE() << "read to its end each time";
}

}  // namespace
}  // namespace vitrine::io
