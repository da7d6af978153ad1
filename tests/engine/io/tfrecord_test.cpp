// CRC-32C against published values, and a record's frame byte by byte.
#include "engine/io/tfrecord.h"

#include <gtest/gtest.h>

#include <numeric>

namespace vitrine::io {
namespace {

TEST(TfRecord, Crc32cIsThatOfRfc3720) {
  std::string ascending(32, '\0'), descending;
  std::iota(ascending.begin(), ascending.end(), '\0');
  descending.assign(ascending.rbegin(), ascending.rend());
  // An iSCSI command: appendix B.4's last example.
  std::string command(48, '\0');
  command[0] = 0x01;
  command[1] = static_cast<char>(0xC0);
  command[16] = 0x14;
  command[22] = 0x04;
  command[27] = 0x14;
  command[31] = 0x18;
  command[32] = 0x28;
  command[40] = 0x02;
  const struct {
    std::string bytes;
    std::uint32_t crc;
  } rows[] = {{std::string(32, '\0'), 0x8A9136AAu},
              {std::string(32, '\xFF'), 0x62A8AB43u},
              {ascending, 0x46DD794Eu},
              {descending, 0x113FDB5Cu},
              {command, 0xD9963A56u},
              {"123456789", 0xE3069283u},
              {"", 0u}};
  for (const auto& [bytes, crc] : rows) EXPECT_EQ(crc32c(bytes), crc) << bytes.size() << " bytes";
}

TEST(TfRecord, TheMaskTurnsAndAdds) {
  const std::uint32_t crc = crc32c("123456789");
  EXPECT_EQ(masked_crc32c("123456789"), ((crc >> 15) | (crc << 17)) + 0xA282EAD8u);
}

TEST(TfRecord, AFrameIsLengthChecksumDataChecksum) {
  const std::string data("a\0b", 3), record = tfrecord(data);
  ASSERT_EQ(record.size(), 8 + 4 + 3 + 4u);
  EXPECT_EQ(record.substr(0, 8), std::string("\3\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(record.substr(12, 3), data);
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(record[at + i]);
    return value;
  };
  EXPECT_EQ(number(8), masked_crc32c(record.substr(0, 8)));
  EXPECT_EQ(number(15), masked_crc32c(data));
  EXPECT_EQ(tfrecord("").size(), 16u);
}

}  // namespace
}  // namespace vitrine::io
