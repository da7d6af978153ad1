#include "engine/train/checkpoint.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "engine/core/checksum.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"
#include "engine/train/memory_needs.h"

namespace vitrine::train {
namespace {

using core::checked_add;
using core::checked_mul;
using io::FormatError;
static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "VITRINE";
constexpr char kFormat = 1;
constexpr std::size_t kWord_bytes = sizeof(std::uint64_t);

using Parts = std::array<core::AlignedVector<float>*, 3>;
using Sizes = std::array<Index, 3>;

// A state's numbers, in the file's order.
Parts parts_of(TrainerState& state) { return {&state.values, &state.moments.first, &state.moments.second}; }

// All but the numbers.
void describe(core::Fields& f, Checkpoint& checkpoint, Sizes& sizes) {
  auto& [record, state] = checkpoint;
  record.describe(f);
  f.field("step", state.step);
  f.field("epoch", state.epoch);
  f.field("position", state.position);
  f.field("validating", state.validating);
  f.field("learning_rate", state.learning_rate);
  f.field("seconds", state.seconds);
  f.field("updates", state.moments.updates);
  f.field("weights", sizes[0]);
  f.field("first_moments", sizes[1]);
  f.field("second_moments", sizes[2]);
}

std::string word(std::uint64_t value) {
  std::string bytes(kWord_bytes, '\0');
  std::memcpy(bytes.data(), &value, kWord_bytes);
  return bytes;
}

// Takes pieces off the front of `bytes`.
std::string_view take(std::string_view& bytes, std::uint64_t count) {
  if (count > bytes.size()) throw FormatError("its header says more than the file holds");
  const std::string_view piece = bytes.substr(0, static_cast<std::size_t>(count));
  bytes.remove_prefix(piece.size());
  return piece;
}

std::uint64_t take_word(std::string_view& bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, take(bytes, kWord_bytes).data(), kWord_bytes);
  return value;
}

std::string_view bytes_of(const core::AlignedVector<float>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

Index bytes_of_numbers(const Sizes& sizes) {
  try {
    Index bytes = 0;
    for (const Index size : sizes) {
      core::require_at_least(0, "a size", size);
      bytes = checked_add(bytes, checked_mul(size, sizeof(float)));
    }
    return bytes;
  } catch (const core::ShapeError& error) {
    throw FormatError(error.what());
  }
}

std::uint64_t checksum_of(std::initializer_list<std::string_view> pieces) {
  core::Checksum checksum;
  for (const std::string_view piece : pieces) checksum.add(piece);
  return checksum.value();
}

// The header's text and the numbers behind it, out of a whole file that is sound.
std::string_view checked_body(std::string_view file) {
  if (!file.starts_with(kMagic)) throw FormatError("is no checkpoint");
  if (file.size() < 3 * kWord_bytes) throw FormatError("is cut short");
  if (const char format = file[kMagic.size()]; format != kFormat)
    throw FormatError("is a checkpoint of format " + std::to_string(format) + "; this program reads format " +
                      std::to_string(kFormat));
  std::string_view last = file.substr(file.size() - kWord_bytes);
  file.remove_suffix(kWord_bytes);
  if (checksum_of({file}) != take_word(last))
    throw FormatError("is cut or damaged: its checksum does not fit its content");
  return file.substr(kWord_bytes);
}

}  // namespace

Checkpoint decode_checkpoint(std::string_view bytes) {
  std::string_view rest = checked_body(bytes);
  Checkpoint checkpoint;
  Sizes sizes{};
  io::JsonReader header(take(rest, take_word(rest)), io::Unknown::kRefuse);
  describe(header, checkpoint, sizes);
  header.finish();
  if (bytes_of_numbers(sizes) != std::ssize(rest))
    throw FormatError("its header says " + std::to_string(bytes_of_numbers(sizes)) +
                      " bytes of numbers, it holds " + std::to_string(rest.size()));
  checkpoint.state.hyper = checkpoint.record.config.hyper();
  const Parts parts = parts_of(checkpoint.state);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    parts[i]->resize(static_cast<std::size_t>(sizes[i]));
    const std::string_view piece = take(rest, bytes_of(*parts[i]).size());
    std::copy(piece.begin(), piece.end(), reinterpret_cast<char*>(parts[i]->data()));
  }
  return checkpoint;
}

void write_checkpoint(const std::filesystem::path& path, Checkpoint checkpoint) {
  const Parts parts = parts_of(checkpoint.state);
  Sizes sizes{};
  std::transform(parts.begin(), parts.end(), sizes.begin(),
                 [](const auto* part) { return std::ssize(*part); });
  io::JsonWriter writer;
  describe(writer, checkpoint, sizes);
  const std::string header = writer.text();

  const std::string begin = std::string(kMagic) + kFormat + word(header.size()) + header;
  const std::string_view values = bytes_of(*parts[0]), first = bytes_of(*parts[1]),
                         second = bytes_of(*parts[2]);
  io::write_file(path, {begin, values, first, second, word(checksum_of({begin, values, first, second}))});
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  constexpr Index kCopies = 2;  // the file's bytes and the numbers out of them
  try {
    return decode_checkpoint(io::read_file(path, free_memory_bytes() / 2 / kCopies));
  } catch (const FormatError& error) {
    throw io::FileError(path, error.what());
  }
}

}  // namespace vitrine::train
