#include "engine/io/sha256.h"

#include <gmock/gmock.h>

#include "engine/core/stop.h"
#include "engine/io/files.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

// The examples of FIPS 180-2, appendix B.
TEST(Sha256, AgreesWithThePublishedExamples) {
  const TemporaryFolder folder;
  const auto of = [&](const std::string& text) {
    write_file(folder / "file", text);
    return sha256_of(folder / "file");
  };
  EXPECT_EQ(of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(of(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, NamesWhatCannotBeReadAndStops) {
  const TemporaryFolder folder;
  EXPECT_EQ(error_of<FileError>([&] { sha256_of(folder / "none"); }),
            (folder / "none").string() + ": No such file or directory");
  EXPECT_THAT(error_of<FileError>([&] { sha256_of(folder.path()); }), testing::EndsWith("cannot be read"));
  write_file(folder / "file", "abc");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_THROW(sha256_of(folder / "file", stop.get_token()), core::Stopped);
}

}  // namespace
}  // namespace vitrine::io
