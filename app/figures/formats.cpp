#include "app/figures/formats.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "engine/core/text.h"
#include "engine/io/files.h"

namespace vitrine::figures {
namespace {

constexpr std::array<Format, 12> kFormats = {{
    {".png", "Picture (PNG)", Kind::kPicture},
    {".svg", "Figure (SVG)", Kind::kPicture},
    {".pdf", "Figure (PDF)", Kind::kPicture},
    {".gif", "Animation (GIF)", Kind::kFilm},
    {".mp4", "Video (MP4)", Kind::kFilm},
    {".webm", "Video (WebM)", Kind::kFilm},
    {".csv", "Numbers (CSV)", Kind::kNumbers},
    {".npy", "Numbers (NumPy)", Kind::kNumbers},
    {".onnx", "Model (ONNX)", Kind::kModel},
    {".safetensors", "Weights", Kind::kModel},
    {".tex", "Formula (LaTeX)", Kind::kText},
    {".py", "PyTorch code", Kind::kText},
}};

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format& format_of(const std::filesystem::path& file) {
  const std::string extension = io::ending_of(file);
  const auto at = std::ranges::find(kFormats, extension, &Format::extension);
  if (at != kFormats.end()) return *at;
  std::string known;
  for (const Format& format : kFormats) known += (known.empty() ? "" : " ") + std::string(format.extension);
  throw std::invalid_argument("\"" + core::printable(file.filename().string(), 80) +
                              "\" does not say by its extension what it is to be: " + known);
}

}  // namespace vitrine::figures
