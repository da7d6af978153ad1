// Protocol buffers' wire format, writing only: a message is a string of fields, each a key (number and wire
// type as one varint) and a value. Source: protobuf.dev, "Encoding".
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vitrine::io {

// The bytes of one message, field by field. Field numbers are 1 and above.
class ProtobufMessage {
 public:
  // int32, int64, uint64, bool, enum
  void integer(int field, std::int64_t value) {
    key(field, kVarint);
    varint(static_cast<std::uint64_t>(value));
  }
  void number(int field, double value) {
    key(field, kFixed64);
    fixed(std::bit_cast<std::uint64_t>(value));
  }
  void number(int field, float value) {
    key(field, kFixed32);
    fixed(std::bit_cast<std::uint32_t>(value));
  }
  // string, bytes
  void text(int field, std::string_view value) {
    key(field, kLengthDelimited);
    varint(value.size());
    bytes_ += value;
  }
  void message(int field, const ProtobufMessage& value) { text(field, value.bytes_); }
  // Of a repeated field, packed: the varints one after the other as one value.
  void integers(int field, std::span<const std::int64_t> values) {
    ProtobufMessage packed;
    for (const std::int64_t value : values) packed.varint(static_cast<std::uint64_t>(value));
    message(field, packed);
  }
  const std::string& bytes() const& { return bytes_; }
  std::string bytes() && { return std::move(bytes_); }

 private:
  enum WireType : std::uint64_t { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

  void key(int field, WireType type) { varint(static_cast<std::uint64_t>(field) << 3 | type); }
  // Seven bits a byte, the lowest first; the top bit says that more follow.
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }
  // Little-endian.
  template <class Bits>
  void fixed(Bits bits) {
    for (std::size_t i = 0; i < sizeof(Bits); ++i) bytes_ += static_cast<char>(bits >> (8 * i));
  }

  std::string bytes_;
};

}  // namespace vitrine::io
