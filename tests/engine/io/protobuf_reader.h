// A reader of protobuf's wire format for tests, apart from the writer: a message's fields in their order.
#pragma once

#include <bit>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::io {

// Bytes, taken one after the other.
struct Bytes {
  std::string_view rest;

  std::string_view take(std::uint64_t count) {
    if (count > rest.size()) throw std::runtime_error("ends early");
    const std::string_view taken = rest.substr(0, count);
    rest.remove_prefix(count);
    return taken;
  }
  // Little-endian.
  std::uint64_t fixed(std::size_t count) {
    const std::string_view bytes = take(count);
    std::uint64_t value = 0;
    for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = fixed(1);
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
};

struct Field {
  std::uint64_t number = 0;
  std::uint64_t bits = 0;       // of a varint, 4 or 8 bytes
  std::string_view bytes = {};  // of a text, a message or packed numbers

  float as_float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }
  double as_double() const { return std::bit_cast<double>(bits); }
};

inline std::vector<Field> fields(std::string_view message) {
  std::vector<Field> all;
  for (Bytes b{message}; !b.rest.empty();) {
    const std::uint64_t key = b.varint();
    Field field{key >> 3};
    switch (key & 7) {
      case 0:
        field.bits = b.varint();
        break;
      case 1:
        field.bits = b.fixed(8);
        break;
      case 2:
        field.bytes = b.take(b.varint());
        break;
      case 5:
        field.bits = b.fixed(4);
        break;
      default:
        throw std::runtime_error("no such wire type");
    }
    all.push_back(field);
  }
  return all;
}

// The first field of that number; one without anything where there is none.
inline Field field(std::string_view message, std::uint64_t number) {
  for (const Field& each : fields(message))
    if (each.number == number) return each;
  return {};
}

inline std::vector<std::int64_t> packed(std::string_view bytes) {
  std::vector<std::int64_t> values;
  for (Bytes b{bytes}; !b.rest.empty();) values.push_back(static_cast<std::int64_t>(b.varint()));
  return values;
}

}  // namespace vitrine::io
