// Image convolution: filters slide over a real picture; each place of each filter is a sum of products over
// all planes, and the sums are the feature maps.
//   y[f, i, j] = sum_{c,u,v} k[f, c, u, v] x[c, S i + d u - p, S j + d v - q]
// Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", section 2.
#pragma once

#include "app/labs/compute_lab.h"
#include "app/labs/picture_source.h"
#include "app/widgets/large_matrix.h"
#include "engine/core/workers.h"
#include "engine/signal/convolution.h"

namespace vitrine::labs {

class ImageConvolution {
 public:
  static constexpr LabInfo kInfo{Wing::kConvolution,
                                 "image",
                                 "Image convolution",
                                 "A kernel slides over a picture; every place it stops at becomes one pixel.",
                                 "y[f, i, j] = ∑ k[f, c, u, v] x[c, S i + d u − p, S j + d v − q]",
                                 "Dumoulin, Visin 2016, A guide to convolution arithmetic, section 2"};

  enum class Planes { kGrey, kRed, kGreen, kBlue, kRgb };

  struct Params {
    PictureSource picture;
    Planes planes = Planes::kGrey;
    core::Tensor<double> kernels{{1, 1, 3, 3}, {-1, 0, 1, -2, 0, 2, -1, 0, 1}};  // [F, C, Kh, Kw]
    core::Index filter = 0;       // the one whose map is large and taken apart
    core::Index random_seed = 1;  // of the next random kernels
    signal::WindowSpec rows, columns;
    signal::Boundary boundary = signal::Boundary::kZeros;

    bool operator==(const Params&) const = default;
    void describe(core::Fields& f);
    // Keeps every number within its control's range, and the kernels' channels those of the planes.
    void fit();
    signal::ConvSpec spec() const { return {.rows = rows, .columns = columns, .boundary = boundary}; }
    // The padding alone, where it continues the picture.
    signal::ConvSpec continuation() const;
    // The kernel of the shown filter on one channel, [Kh, Kw]; and put back.
    core::Tensor<double> kernel(core::Index channel) const;
    void set_kernel(core::Index channel, const core::Tensor<double>& kernel);
  };

  // What a hand on the stage asked for and edit_on_stage() has not taken yet.
  struct Strokes {
    std::vector<widgets::Cell> dabs;            // pixels of x
    double radius = 0;                          // of each, in pixels
    std::optional<core::Index> kernel_channel;  // one cell of k ...
    widgets::Cell kernel_cell;
    std::optional<core::Index> filter;  // a map that was chosen
    bool goes_on = false;               // of a drag whose beginning was taken before
  };
  struct View {
    widgets::Playhead playhead;
    std::optional<widgets::Cell> hovered, pinned;  // an output cell
    std::optional<double> pen;                     // what a drag on x paints; nothing: it does not
    double pen_radius = 0.015;                     // of the picture's larger side; 0 = one pixel
    std::optional<double> kernel_pen;              // what a drag on k sets
    bool held = false, stroke_under_way = false;   // a pen is down; and something is painted with it
    std::optional<widgets::Point> last_dab;        // of that stroke: column and row
    Strokes strokes;
    void describe(core::Fields& f) { f.group("playhead", playhead); }
    void unpin() { pinned.reset(), pen.reset(), kernel_pen.reset(); }
    // Choosing the chosen value again puts the pen away.
    static void choose(std::optional<double>& pen, double value) {
      pen = pen == value ? std::nullopt : std::optional(value);
    }
  };

  // The picture as it is convolved and as it is shown.
  struct Input {
    core::Tensor<float> planes;  // [C, H, W], 0..1
    core::Tensor<float> shown;   // [H', W'] or [3, H', W'], at no more pixels than a texture may have
    bool with_padding = false;   // shown is the picture with the padding that continues it
  };
  // Small maps to one scale: those with numbers below zero run from -most to most, the others from 0.
  struct Tiles {
    std::vector<core::Tensor<float>> maps;
    std::vector<bool> below_zero;
    float most = 0;
    bool any_below_zero() const;
    gpu::Range range(bool signed_map) const { return {signed_map ? -most : 0, most}; }
  };
  struct Result {
    Params params;
    std::shared_ptr<const Input> input;
    core::Tensor<float> response;  // [Ho, Wo] of the shown filter
    core::Tensor<float> shown;     // the same for the screen
    gpu::Range range;              // of the response
    Tiles maps;                    // of every filter, when there are several
    Tiles parts;                   // of every channel of the shown filter, when there are several
    signal::ConvCounts counts;
    core::Index rows() const { return response.size(0); }
    core::Index columns() const { return response.size(1); }
  };

  static std::vector<Preset<Params>> presets();
  static void controls(Params& params, widgets::Controls& controls);
  static std::vector<Problem> validate(const Params& params);
  Result compute(const Params& params, std::stop_token stop, core::Progress& progress);
  static int last_step(const Result& result);
  static void draw(const std::shared_ptr<const Result>& result, View& view, widgets::Canvas& canvas);
  static StageEdit edit_on_stage(View& view, Params& params);
  static widgets::Equation explain(const Result& result, const View& view);
  // By the formulas' letters and the controls' words, for a lesson to check.
  static lessons::Symbols numbers(const Result& result, const View& view, core::Index most);
  // PyTorch code that prints the same.
  static std::string code(const Result& result, const View& view);
  static bool open(const std::filesystem::path& path, Params& params);

  // The output cell in focus, where its window comes from, and how far it has come.
  struct LitPixel {
    widgets::Cell cell, from;
    float progress;
  };
  static LitPixel lit_pixel(const Result& result, const View& view, bool reduce_motion);

 private:
  // pixels: of params' picture.
  const std::shared_ptr<const Input>& input_of(const Params& params, const core::Tensor<float>& pixels);

  // Used on the job's thread only: an edit of a kernel reads no picture again.
  PictureReader reader_;
  Params input_params_;  // what input_ was made for
  std::shared_ptr<const Input> input_;
  core::Workers workers_{core::available_threads()};
};

}  // namespace vitrine::labs
