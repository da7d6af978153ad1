// SHA-256 of a file: whether it is the one that is meant, to the last bit.
// Source: NIST FIPS 180-4, section 6.2.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>

namespace vitrine::io {

// 64 hexadecimal digits. Throws FileError; core::Stopped soon after a stop is requested.
std::string sha256_of(const std::filesystem::path& file, std::stop_token stop = {});

}  // namespace vitrine::io
