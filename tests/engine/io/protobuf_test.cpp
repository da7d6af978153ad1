// Messages against the bytes that protobuf.dev's page "Encoding" shows, and of other values by hand.
#include "engine/io/protobuf.h"

#include <gtest/gtest.h>

namespace vitrine::io {
namespace {

TEST(Protobuf, IntegersAreVarints) {
  const struct {
    int field;
    std::int64_t value;
    std::string bytes;
  } rows[] = {
      {1, 150, "\x08\x96\x01"},
      {1, 0, std::string("\x08\0", 2)},
      {1, 127, "\x08\x7F"},
      {1, 128, "\x08\x80\x01"},
      {15, 1, "\x78\x01"},
      {16, 1, "\x80\x01\x01"},
      {1, -2, "\x08\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"},
  };
  for (const auto& [field, value, bytes] : rows) {
    ProtobufMessage message;
    message.integer(field, value);
    EXPECT_EQ(message.bytes(), bytes) << value;
  }
}

TEST(Protobuf, NumbersTextsAndMessages) {
  ProtobufMessage inner;
  inner.integer(1, 150);
  ProtobufMessage message;
  message.text(2, "testing");
  message.message(3, inner);
  message.number(4, 1.0F);
  message.number(5, 1.0);
  EXPECT_EQ(message.bytes(), std::string("\x12\x07"
                                         "testing"
                                         "\x1A\x03\x08\x96\x01"
                                         "\x25\0\0\x80\x3F"
                                         "\x29\0\0\0\0\0\0\xF0\x3F",
                                         9 + 5 + 5 + 9));
}

TEST(Protobuf, RepeatedIntegersArePacked) {
  const std::int64_t values[] = {3, 270, 86942};
  ProtobufMessage message;
  message.integers(6, values);
  message.integers(7, {});
  EXPECT_EQ(message.bytes(), std::string("\x32\x06\x03\x8E\x02\x9E\xA7\x05\x3A\0", 10));
}

}  // namespace
}  // namespace vitrine::io
