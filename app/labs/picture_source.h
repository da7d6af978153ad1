// PictureSource: which picture a lab looks at, and what was painted on it: a value of an edit like any other.
// PictureReader makes it pixels. Grey is Rec. 601's luma: 0.299 red + 0.587 green + 0.114 blue.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/labs/lab.h"
#include "engine/core/tensor.h"

namespace vitrine::labs {

struct PictureSource {
  enum class Kind { kStillLife, kFashion, kDrawing, kFile };
  static constexpr core::Index kLargestDrawing = 64;
  static constexpr core::Index kMostDabs = 4'096;

  Kind kind = Kind::kStillLife;
  core::Index item = 0;                                 // of Fashion-MNIST's test images
  core::Index drawing_rows = 16, drawing_columns = 16;  // an empty sheet to paint on
  std::string file;                                     // PNG or JPEG
  core::Tensor<double> dabs;  // [n, 4]: a brush put down: row, column, radius in pixels, value 0..1; or empty

  bool operator==(const PictureSource&) const = default;
  void describe(core::Fields& f);
  void fit();
  // One more dab; the oldest makes room beyond kMostDabs.
  void paint(core::Index row, core::Index column, double radius, double value);
};

// "Source" and what belongs to it; "Clear paint" when there is some. Another picture starts unpainted.
void picture_controls(widgets::Controls& controls, PictureSource& picture);
// A file is wanted and none is chosen.
std::optional<Problem> picture_problem(const PictureSource& picture);
inline constexpr std::string_view kPictureEndings[] = {".png", ".jpg", ".jpeg", ".pbm",
                                                       ".pgm", ".ppm", ".pnm"};
// By its ending.
bool is_picture_file(const std::filesystem::path& path);
// A PNG or JPEG file becomes the source; false for any other.
bool open_picture(const std::filesystem::path& path, PictureSource& picture);

// Reads pictures and keeps the last, so that another edit does not read it again. For one thread.
class PictureReader {
 public:
  // [C, H, W], C = 1 or 3, 0..1, as painted. Throws io::FileError, std::invalid_argument.
  const core::Tensor<float>& read(const PictureSource& picture);

 private:
  PictureSource unpainted_, painted_;  // what the pixels were made for
  core::Tensor<float> unpainted_pixels_, painted_pixels_;
};

enum class Plane { kGrey, kRed, kGreen, kBlue };
inline constexpr std::string_view kPlanes[] = {"grey", "red", "green", "blue"};
// One plane of a picture [C, H, W] as [1, H, W]; of a grey picture always that.
core::Tensor<float> plane_of(const core::Tensor<float>& pixels, Plane plane);

}  // namespace vitrine::labs
