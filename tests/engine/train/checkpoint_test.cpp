#include "engine/train/checkpoint.h"

#include <gmock/gmock.h>

#include <cstring>

#include "engine/core/checksum.h"
#include "engine/io/files.h"
#include "tests/engine/io/damage.h"
#include "tests/engine/io/temporary_folder.h"
#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using io::error_of;
using io::FileError;
using io::FormatError;
using testing::HasSubstr;

// Small enough to be damaged at every bit.
Checkpoint small() {
  Checkpoint checkpoint;
  checkpoint.record.config = tiny_config();
  checkpoint.record.config.set({1e-3, 0.1, 2, 0.25, 16});
  checkpoint.record.run = {"1.2.3", "AVX2", "fnv1a64:0123456789abcdef", 0.25, 0.5, 3};
  TrainerState& state = checkpoint.state;
  state = {7, 1, 48, true, checkpoint.record.config.hyper(), 1.0 / 3, 2.5, {}, {}};
  state.values = {1, -2, 3e-40f};
  state.moments = {{0.5f, 0.25f, 0}, {4, 5, 6}, 7};
  return checkpoint;
}

std::string file_of(const Checkpoint& checkpoint) {
  const io::TemporaryFolder folder;
  write_checkpoint(folder / "c", checkpoint);
  return io::read_file(folder / "c");
}

// Its checksum made to fit.
std::string forged(std::string file) {
  core::Checksum checksum;
  checksum.add(std::string_view(file).substr(0, file.size() - 8));
  const std::uint64_t value = checksum.value();
  std::memcpy(file.data() + file.size() - 8, &value, 8);
  return file;
}

std::string reason(const std::string& file) {
  return error_of<FormatError>([&] { decode_checkpoint(file); });
}

TEST(Checkpoint, ReadsBackToTheSameBits) {
  EXPECT_EQ(decode_checkpoint(file_of(small())), small());
  core::Workers workers(1);
  Trainer trainer(tiny_config(), tiny_dataset(tiny_config(), workers), workers);
  for (int i = 0; i < 25; ++i) trainer.advance();
  const Checkpoint checkpoint{record_of(trainer), trainer.state()};
  EXPECT_EQ(checkpoint.state, trainer.state());
  EXPECT_EQ(checkpoint.record.run.dataset_checksum, trainer.dataset().checksum);
  EXPECT_EQ(decode_checkpoint(file_of(checkpoint)), checkpoint);
}

TEST(Checkpoint, CutAnywhereIsRefused) {
  io::expect_prefixes_refused<FormatError>(file_of(small()),
                                           [](const std::string& file) { decode_checkpoint(file); });
}

TEST(Checkpoint, AnyTurnedBitIsRefused) {
  const std::string file = file_of(small());
  EXPECT_EQ(io::refused_bit_flips<FormatError>(file, [](const std::string& bad) { decode_checkpoint(bad); }),
            8 * file.size());
  EXPECT_THAT(reason(file + '\0'), HasSubstr("cut or damaged"));
}

TEST(Checkpoint, SaysWhatIsWrong) {
  const std::string file = file_of(small());
  EXPECT_EQ(reason(""), "is no checkpoint");
  EXPECT_EQ(reason("step,epoch,split,loss,accuracy"), "is no checkpoint");
  EXPECT_EQ(reason(file.substr(0, 20)), "is cut short");
  EXPECT_EQ(reason(file.substr(0, 200)), "is cut or damaged: its checksum does not fit its content");
  std::string newer = file;
  newer[7] = 2;
  EXPECT_EQ(reason(newer), "is a checkpoint of format 2; this program reads format 1");
}

// Sizes are believed only as far as the file goes, also under a checksum that fits.
TEST(Checkpoint, SizesThatLieAreRefused) {
  const std::string file = file_of(small());
  const auto with = [&](const std::string& honest, const std::string& lie) {
    std::string lying = file;
    const auto at = lying.find(honest);
    EXPECT_NE(at, std::string::npos) << honest;
    lying.replace(at, honest.size(), lie);
    const std::uint64_t header = lying.size() - 16 - 8 - 36;
    std::memcpy(lying.data() + 8, &header, 8);
    return forged(lying);
  };
  EXPECT_EQ(reason(with("\"weights\": 3", "\"weights\": 4")),
            "its header says 40 bytes of numbers, it holds 36");
  EXPECT_EQ(reason(with("\"weights\": 3", "\"weights\": -3")), "a size -3 is smaller than 0");
  EXPECT_THAT(reason(with("\"weights\": 3", "\"weights\": 9223372036854775807")), HasSubstr("2^63"));
  EXPECT_THAT(reason(with("\"weights\": 3", "\"weights\": true")), HasSubstr("weights"));
  EXPECT_THAT(reason(with("\"step\"", "\"stop\"")), HasSubstr("stop"));
  std::string long_header = file;
  std::memset(long_header.data() + 8, 0xff, 8);
  EXPECT_EQ(reason(forged(long_header)), "its header says more than the file holds");
}

TEST(Checkpoint, FileErrorsNameThePath) {
  const io::TemporaryFolder folder;
  EXPECT_THAT(error_of<FileError>([&] { read_checkpoint(folder / "none"); }),
              HasSubstr("none: No such file"));
  io::put_file(folder / "bad", "VITRINE");
  EXPECT_THAT(error_of<FileError>([&] { read_checkpoint(folder / "bad"); }), HasSubstr("bad: is cut short"));
  // A terabyte of holes.
  std::filesystem::resize_file(folder / "bad", std::uintmax_t{1} << 40);
  EXPECT_THAT(error_of<FileError>([&] { read_checkpoint(folder / "bad"); }), HasSubstr("the limit is"));
}

}  // namespace
}  // namespace vitrine::train
