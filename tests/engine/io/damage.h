// What can happen to a file on its way: cut anywhere, any bit turned.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>

namespace vitrine::io {

// Replaces a file without waiting for the disk, as a test may that does so a thousand times.
inline void put_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);  // ext4 waits for the disk when a truncated file is closed
  std::ofstream(path, std::ios::binary) << bytes;
}

// Every proper prefix of `whole` makes `decode` throw an E of one line.
template <class E, class Decode>
void expect_prefixes_refused(const std::string& whole, Decode decode) {
  for (std::size_t size = 0; size < whole.size(); ++size) {
    try {
      decode(whole.substr(0, size));
      ADD_FAILURE() << "accepted when cut to " << size << " of " << whole.size() << " bytes";
    } catch (const E& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << size;
    }
  }
}

// With any one bit turned, `decode` either answers or throws an E of one line. Returns how many threw.
template <class E, class Decode>
std::size_t refused_bit_flips(const std::string& whole, Decode decode) {
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    try {
      decode(damaged);
    } catch (const E& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << bit;
      ++refused;
    }
  }
  return refused;
}

}  // namespace vitrine::io
