// Every file of tests/fuzz/corpus through its reader, which answers or refuses it in one line.
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/io/files.h"
#include "tests/fuzz/readers.h"

namespace vitrine::fuzz {
namespace {

struct Case {
  std::string_view folder;
  Reader reader;
};
constexpr Case kCases[] = {
    {"idx", read_idx},
    {"image", read_image},
    {"json", read_json},
    {"metrics", read_metrics},
    {"matrix_text", read_matrix_text},
    {"npy", read_npy},
    {"npz", read_npz},
    {"safetensors", read_safetensors},
};

TEST(Corpus, EveryFileIsReadOrRefusedInOneLine) {
  for (const auto& [folder, reader] : kCases) {
    int read = 0, refused = 0;
    for (const auto& file :
         std::filesystem::directory_iterator(std::filesystem::path(VITRINE_CORPUS) / folder)) {
      SCOPED_TRACE(file.path().string());
      const std::string bytes = io::read_file(file.path());
      EXPECT_NO_THROW(++(reads(reader, bytes) ? read : refused));
    }
    EXPECT_GT(read, 0) << folder;
    EXPECT_GT(refused, 0) << folder;
  }
}

// The name of a file says what it is; these are the ones that hold something.
TEST(Corpus, ValidFilesAreRead) {
  const std::pair<Reader, std::string_view> valid[] = {
      {read_idx, "idx/images.idx.gz"},
      {read_idx, "idx/labels.idx"},
      {read_image, "image/ascii_bits.pbm"},
      {read_image, "image/grey16.pgm"},
      {read_image, "image/palette_trns.png"},
      {read_json, "json/tree.json"},
      {read_matrix_text, "matrix_text/array.tex"},
      {read_matrix_text, "matrix_text/torch.txt"},
      {read_metrics, "metrics/train.csv"},
      {read_npy, "npy/fortran.npy"},
      {read_npy, "npy/matrix_f4_big.npy"},
      {read_npz, "npz/compressed.npz"},
      {read_npz, "npz/two.npz"},
      {read_safetensors, "safetensors/two_tensors.safetensors"},
  };
  for (const auto& [reader, name] : valid)
    EXPECT_TRUE(reads(reader, io::read_file(std::filesystem::path(VITRINE_CORPUS) / name))) << name;
}

}  // namespace
}  // namespace vitrine::fuzz
