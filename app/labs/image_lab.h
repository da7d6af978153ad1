// Image convolution: a kernel slides over a real picture; each place is a sum of products, and the sums are
// the picture on the right.
//   y[i, j] = sum_{u,v} k[u, v] x[S i + d u - p, S j + d v - q]
// Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", section 2.
#pragma once

#include "app/labs/compute_lab.h"
#include "app/widgets/matrix.h"
#include "engine/signal/convolution.h"

namespace vitrine::labs {

class ImageConvolution {
 public:
  static constexpr LabInfo kInfo{"image", "Image convolution",
                                 "A kernel slides over a picture; every place it stops at becomes one pixel.",
                                 "y[i, j] = ∑ k[u, v] x[S i + d u − p, S j + d v − q]",
                                 "Dumoulin, Visin 2016, A guide to convolution arithmetic, section 2"};

  enum class Source { kStillLife, kFashion, kFile };
  enum class Channel { kGrey, kRed, kGreen, kBlue };

  struct Params {
    Source source = Source::kStillLife;
    core::Index item = 0;  // of Fashion-MNIST's test images
    std::string file;      // PNG or JPEG
    Channel channel = Channel::kGrey;
    core::Tensor<double> kernel{{3, 3}, {-1, 0, 1, -2, 0, 2, -1, 0, 1}};  // [Kh, Kw]
    core::Index stride = 1, dilation = 1;
    core::Index top = 0, bottom = 0, left = 0, right = 0;  // padding

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Makes every size and number one that its control allows.
    void fit();
    signal::ConvSpec spec() const {
      return {{stride, dilation, top, bottom}, {stride, dilation, left, right}};
    }
  };

  struct View {
    widgets::Playhead playhead;
    std::optional<widgets::Cell> hovered, pinned;  // an output cell
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(); }
  };

  struct Result {
    Params params;
    core::Tensor<double> input;    // [1, H, W], the chosen channel, 0..1
    core::Tensor<double> weight;   // [1, 1, Kh, Kw]
    core::Tensor<double> output;   // [Ho, Wo]
    core::Tensor<float> picture;   // [H, W], for the screen
    core::Tensor<float> response;  // [Ho, Wo], for the screen
    gpu::Range range;              // of the response
    bool signed_response = false;  // it has numbers below zero
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  Result compute(const Params& params, std::stop_token stop);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static widgets::Equation explain(const Result& result, const View& view);
  static bool open(const std::filesystem::path& path, Params& params);

 private:
  // The picture read last, so that an edit of the kernel does not read it again; used on the job's thread
  // only.
  core::Tensor<float> pixels_;  // [C, H, W]
  std::string pixels_name_;
};

}  // namespace vitrine::labs
