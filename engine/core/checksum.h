// FNV-1a, 64 bits: hash = (hash xor byte) * prime for every byte. It tells damage, not malice: any one
// changed byte changes it. Source: Fowler, Noll, Vo, "The FNV non-cryptographic hash algorithm".
#pragma once

#include <cstdint>
#include <string_view>

namespace vitrine::core {

class Checksum {
 public:
  void add(std::string_view bytes) {
    for (const char byte : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  }
  std::uint64_t value() const { return hash_; }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace vitrine::core
