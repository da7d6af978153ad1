// GIF89a: Graphics Interchange Format (CompuServe 1990).
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>

#include "app/figures/film.h"
#include "app/figures/painter.h"

namespace vitrine::figures {
namespace {

constexpr int kColors = 256, kTransparent = 255;  // of the palette; the last one is no colour
constexpr std::size_t kSampledFrames = 8, kMostSampled = 2'000'000;  // frames, pixels of them
constexpr int kLevels = 32;  // a channel of the table from colours to the palette

std::uint8_t channel(std::uint32_t argb, int shift) { return static_cast<std::uint8_t>(argb >> shift); }

// The nearest entry of a palette, for colours of 5 bits a channel.
class Palette {
 public:
  explicit Palette(const std::vector<std::uint32_t>& sample) {
    std::vector<GifByteType> red, green, blue;
    for (const std::uint32_t pixel : sample) {
      red.push_back(channel(pixel, 16));
      green.push_back(channel(pixel, 8));
      blue.push_back(channel(pixel, 0));
    }
    int count = kColors - 1;
    std::vector<GifByteType> unused(sample.size());
    if (GifQuantizeBuffer(static_cast<unsigned>(sample.size()), 1, &count, red.data(), green.data(),
                          blue.data(), unused.data(), colors_.data()) != GIF_OK)
      throw std::runtime_error("a GIF's palette cannot be made");
    for (int r = 0; r < kLevels; ++r)
      for (int g = 0; g < kLevels; ++g)
        for (int b = 0; b < kLevels; ++b)
          nearest_[at(r, g, b)] = nearest(level(r), level(g), level(b), count);
  }
  std::uint8_t index_of(std::uint32_t argb) const {
    if (argb >> 24 < 128) return kTransparent;
    return nearest_[at(channel(argb, 16) >> 3, channel(argb, 8) >> 3, channel(argb, 0) >> 3)];
  }
  const std::array<GifColorType, kColors>& colors() const { return colors_; }

 private:
  static std::size_t at(int r, int g, int b) {
    return static_cast<std::size_t>((r * kLevels + g) * kLevels + b);
  }
  static int level(int i) { return 8 * i + 4; }
  std::uint8_t nearest(int r, int g, int b, int count) const {
    int best = 0, least = std::numeric_limits<int>::max();
    for (int i = 0; i < count; ++i) {
      const GifColorType& c = colors_[static_cast<std::size_t>(i)];
      const int far = (r - c.Red) * (r - c.Red) + (g - c.Green) * (g - c.Green) + (b - c.Blue) * (b - c.Blue);
      if (far >= least) continue;
      least = far;
      best = i;
    }
    return static_cast<std::uint8_t>(best);
  }

  std::array<GifColorType, kColors> colors_{};
  std::array<std::uint8_t, static_cast<std::size_t>(kLevels) * kLevels * kLevels> nearest_{};
};

// Some frames from the film's start to its end.
std::vector<std::uint32_t> sampled(const Film& film, const Typefaces& typefaces) {
  std::vector<std::uint32_t> sample;
  const std::size_t count = std::min(kSampledFrames, film.frames.size());
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t frame = count == 1 ? 0 : i * (film.frames.size() - 1) / (count - 1);
    const Pixels pixels = straight(painted(film.frames[frame], typefaces, film.scale));
    const std::size_t stride = pixels.argb.size() * count / kMostSampled + 1;
    for (std::size_t at = 0; at < pixels.argb.size(); at += stride)
      if (pixels.argb[at] >> 24 >= 128) sample.push_back(pixels.argb[at]);
  }
  if (sample.empty()) sample.push_back(0xFF000000u);
  return sample;
}

struct Box {
  int left, top, width, height;
};

// Where two frames of a film differ; a width of 0: nowhere.
Box difference(const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b, int width,
               int height) {
  int left = width, right = -1, top = height, bottom = -1;
  for (int y = 0; y < height; ++y) {
    const auto row = static_cast<std::ptrdiff_t>(y) * width;
    const auto begin = a.begin() + row, end = begin + width;
    const auto first = std::mismatch(begin, end, b.begin() + row).first;
    if (first == end) continue;
    int last = width - 1;
    while (a[static_cast<std::size_t>(row + last)] == b[static_cast<std::size_t>(row + last)]) --last;
    left = std::min(left, static_cast<int>(first - begin));
    right = std::max(right, last);
    top = std::min(top, y);
    bottom = y;
  }
  return {left, top, std::max(0, right - left + 1), bottom - top + 1};
}

int append(GifFileType* file, const GifByteType* bytes, int count) {
  static_cast<std::string*>(file->UserData)
      ->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  return count;
}

// The file while it is written: a frame is put when the next one that differs says how long it stands.
class Writer {
 public:
  Writer(std::string& bytes, int width, int height, const Palette& palette, bool transparent)
      : width_(width),
        height_(height),
        transparent_(transparent),
        map_(GifMakeMapObject(kColors, palette.colors().data()), GifFreeMapObject) {
    int error = 0;
    file_ = EGifOpen(&bytes, append, &error);
    if (file_ == nullptr || map_ == nullptr) throw std::runtime_error("a GIF cannot be begun");
    EGifSetGifVersion(file_, true);
    check(EGifPutScreenDesc(file_, width, height, 8, 0, map_.get()));
    constexpr std::array<GifByteType, 3> for_ever{1, 0, 0};
    check(EGifPutExtensionLeader(file_, APPLICATION_EXT_FUNC_CODE));
    check(EGifPutExtensionBlock(file_, 11, "NETSCAPE2.0"));
    check(EGifPutExtensionBlock(file_, 3, for_ever.data()));
    check(EGifPutExtensionTrailer(file_));
  }
  ~Writer() {
    if (file_ != nullptr) EGifCloseFile(file_, nullptr);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void add(std::vector<std::uint8_t> indices, int hundredths) {
    Box box{0, 0, width_, height_};
    if (!frame_.empty()) {
      const Box changed = difference(frame_, indices, width_, height_);
      if (changed.width == 0) {
        stands_ += hundredths;
        return;
      }
      put();
      if (!transparent_) box = changed;
    }
    frame_ = std::move(indices);
    box_ = box;
    stands_ = hundredths;
  }
  void finish() {
    put();
    GifFileType* file = std::exchange(file_, nullptr);
    check(EGifCloseFile(file, nullptr));
  }

 private:
  static void check(int status) {
    if (status != GIF_OK) throw std::runtime_error("a GIF cannot be written");
  }
  void put() {
    const GraphicsControlBlock control{transparent_ ? DISPOSE_BACKGROUND : DISPOSE_DO_NOT, false, stands_,
                                       transparent_ ? kTransparent : NO_TRANSPARENT_COLOR};
    std::array<GifByteType, 4> extension{};
    EGifGCBToExtension(&control, extension.data());
    check(EGifPutExtension(file_, GRAPHICS_EXT_FUNC_CODE, extension.size(), extension.data()));
    check(EGifPutImageDesc(file_, box_.left, box_.top, box_.width, box_.height, false, nullptr));
    for (int y = box_.top; y < box_.top + box_.height; ++y)
      check(EGifPutLine(file_, frame_.data() + static_cast<std::ptrdiff_t>(y) * width_ + box_.left,
                        box_.width));
  }

  int width_, height_;
  bool transparent_;
  std::unique_ptr<ColorMapObject, decltype(&GifFreeMapObject)> map_;
  GifFileType* file_ = nullptr;
  std::vector<std::uint8_t> frame_;  // to be put
  Box box_{};
  int stands_ = 0;  // hundredths of a second
};

}  // namespace

std::string gif(const Film& film, const Typefaces& typefaces, std::stop_token stop,
                core::Progress& progress) {
  progress.begin(static_cast<core::Index>(film.frames.size()));
  const Palette palette(sampled(film, typefaces));
  std::string bytes;
  std::unique_ptr<Writer> writer;
  for (std::size_t i = 0; i < film.frames.size() && !stop.stop_requested(); ++i) {
    const Pixels pixels = straight(painted(film.frames[i], typefaces, film.scale));
    if (!writer) {
      if (std::max(pixels.width, pixels.height) > std::numeric_limits<std::uint16_t>::max())
        throw std::invalid_argument("a GIF has at most 65,535 pixels a side");
      writer = std::make_unique<Writer>(bytes, pixels.width, pixels.height, palette, !film.frames[i].ground);
    }
    std::vector<std::uint8_t> indices(pixels.argb.size());
    std::transform(pixels.argb.begin(), pixels.argb.end(), indices.begin(),
                   [&](std::uint32_t pixel) { return palette.index_of(pixel); });
    const auto end = [&](std::size_t frame) {  // in hundredths of a second
      return static_cast<int>(std::lround(100 * static_cast<double>(frame) / film.frames_a_second));
    };
    writer->add(std::move(indices), end(i + 1) - end(i));
    progress.advance();
  }
  if (!stop.stop_requested()) writer->finish();
  return bytes;
}

}  // namespace vitrine::figures
