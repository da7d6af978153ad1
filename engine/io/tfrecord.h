// TFRecord: a file of records, each with its length and checksums of both, as TensorFlow and TensorBoard read
// them. Sources: tensorflow.org, "TFRecord and tf.train.Example", section "TFRecords format details"; RFC
// 3720, appendix B.4 (CRC-32C).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace vitrine::io {

// CRC-32C (Castagnoli): polynomial 0x1EDC6F41, bits reflected, begun and ended with all ones.
std::uint32_t crc32c(std::string_view bytes);
// As records carry it, so that the checksum of data that hold checksums stays one: turned right by 15 bits,
// plus a constant.
std::uint32_t masked_crc32c(std::string_view bytes);

// length (8 bytes), its masked CRC-32C (4), the data, their masked CRC-32C (4); all little-endian.
std::string tfrecord(std::string_view data);

}  // namespace vitrine::io
