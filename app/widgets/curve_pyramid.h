// CurvePyramid: the samples of a curve that grows, x ascending, and of each 8, each 64, each 512 ... of them
// where the least and the greatest lie. So n samples are drawn in any interval of x, no spike lost, in
// O(columns log n). After the min-max pyramids of waveform displays. A curve that grows for hours stays
// within a bound: of its older samples, in blocks, only the least and the greatest are kept, still no spike
// lost.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace vitrine::widgets {

struct Sample {
  double x, y;
  bool operator==(const Sample&) const = default;
};

struct Interval {
  double low, high;
  bool operator==(const Interval&) const = default;
};

class CurvePyramid {
 public:
  static constexpr std::size_t kMost = 65'536;    // samples that are kept
  static constexpr std::size_t kNewest = 16'384;  // of these, so many at the end are never thinned

  CurvePyramid() = default;
  // Throws as append.
  explicit CurvePyramid(std::span<const Sample> samples);

  // y may be NaN or infinite. O(1) amortised. With kMost samples thins the older ones first, evenly: of
  // blocks of equally many the least and the greatest stay, or the first that is not finite in the least's
  // place. Curves of the same x that are appended to in turn stay of equal size. Throws std::invalid_argument
  // when x is not finite or below the last sample's.
  void append(const Sample& next);
  // Drops the samples at x and after it.
  void truncate(double x);

  std::size_t size() const { return ys_.size(); }
  bool empty() const { return ys_.empty(); }
  std::size_t thinned() const { return thinned_; }  // so many first ones stand for more than themselves
  Sample operator[](std::size_t i) const;           // O(log n)
  Sample front() const { return (*this)[0]; }
  Sample back() const { return (*this)[size() - 1]; }

  // The number of samples before x: the first that is not has this index. O(log n).
  std::size_t count_before(double x) const;
  // The sample whose x is nearest; of two equally near the later one.
  std::optional<Sample> nearest(double x) const;
  // Of the samples in x the least and the greatest finite y, with `positive` of those above 0.
  std::optional<Interval> y_range(Interval x, bool positive = false) const;
  // What is to be drawn of the interval x cut into columns, by ascending x: of each column the least and the
  // greatest finite y and the first that is not finite, and the samples next to the interval on both sides.
  // All samples where they are no more than two a column.
  std::vector<Sample> decimated(Interval x, int columns) const;

 private:
  // Equally spaced samples, as steps are: number first + i lies at x + i * stride.
  struct Stretch {
    std::size_t first;
    double x, stride;
  };
  // Of some samples: the numbers of the least and the greatest finite y, of the least positive one, and of
  // the first y that is not finite.
  struct Extremes {
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    std::uint32_t least = kNone, greatest = kNone, least_positive = kNone, broken = kNone;
  };

  void thin();
  void append_x(double x);
  Extremes of_sample(std::size_t i) const;
  Extremes merged(const Extremes& earlier, const Extremes& later) const;
  Extremes extremes(std::size_t first, std::size_t end) const;

  std::vector<Stretch> stretches_;
  std::vector<double> ys_;
  std::vector<std::vector<Extremes>> levels_;  // [k][i]: of samples 8^(k+1) i and the 8^(k+1) - 1 after it
  std::size_t thinned_ = 0, block_ = 4;        // two of the thinned ones stand for so many samples
};

}  // namespace vitrine::widgets
