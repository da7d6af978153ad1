#include "engine/io/sha256.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <memory>

#include "engine/core/stop.h"
#include "engine/io/descriptor.h"

namespace vitrine::io {

std::string sha256_of(const std::filesystem::path& file, std::stop_token stop) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw_errno(file, errno);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::array<char, 1 << 16> piece;
  while (good && in) {
    core::throw_if_stopped(stop);
    in.read(piece.data(), piece.size());
    good = EVP_DigestUpdate(context.get(), piece.data(), static_cast<std::size_t>(in.gcount())) == 1;
  }
  if (in.bad()) throw FileError(file, "cannot be read");
  std::array<unsigned char, 32> digest;
  if (!good || EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1)
    throw FileError(file, "OpenSSL computes no SHA-256 here");
  std::string text;
  for (const unsigned byte : digest)
    for (const unsigned half : {byte >> 4, byte & 15}) text += "0123456789abcdef"[half];
  return text;
}

}  // namespace vitrine::io
