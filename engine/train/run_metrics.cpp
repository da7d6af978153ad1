#include "engine/train/run_metrics.h"

#include <charconv>

#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/train/memory_needs.h"

namespace vitrine::train {
namespace {

constexpr std::string_view kTrain = "train", kValidation = "validation";

// The cells of a line, one after the other.
class Cells {
 public:
  explicit Cells(std::string_view line) : rest_(line) {}

  std::string_view text() {
    if (at_end_) fail();
    const std::size_t comma = rest_.find(',');
    const std::string_view cell = rest_.substr(0, comma);
    at_end_ = comma == std::string_view::npos;
    if (!at_end_) rest_.remove_prefix(comma + 1);
    return cell;
  }
  template <class Number>
  Number number() {
    const std::string_view cell = text();
    Number value{};
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size()) fail();
    return value;
  }
  void end() const {
    if (!at_end_) fail();
  }
  [[noreturn]] static void fail() { throw io::FormatError("holds a line that is no step's"); }

 private:
  std::string_view rest_;
  bool at_end_ = false;
};

}  // namespace

std::string metric_line(const MetricPoint& point) {
  std::string line = std::to_string(point.step) + "," + std::to_string(point.epoch) + ",";
  line += point.split == MetricSplit::kTrain ? kTrain : kValidation;
  for (const double value : {point.loss, point.accuracy, point.learning_rate, point.grad_norm,
                             point.images_per_second, point.seconds})
    line += "," + core::exact(value);
  return line + "\n";
}

MetricPoint metric_from(std::string_view line) {
  Cells cells(line);
  MetricPoint point;
  point.step = cells.number<Index>();
  point.epoch = cells.number<Index>();
  const std::string_view split = cells.text();
  if (split != kTrain && split != kValidation) Cells::fail();
  point.split = split == kTrain ? MetricSplit::kTrain : MetricSplit::kValidation;
  for (double* value : {&point.loss, &point.accuracy, &point.learning_rate, &point.grad_norm,
                        &point.images_per_second, &point.seconds})
    *value = cells.number<double>();
  cells.end();
  return point;
}

std::vector<MetricPoint> read_metrics(const std::filesystem::path& file) {
  const std::string text = io::read_file(file, free_memory_bytes() / 2);
  std::vector<MetricPoint> points;
  try {
    if (!text.starts_with(kMetricColumns)) throw io::FormatError("has not a run's columns");
    std::string_view rest = std::string_view(text).substr(kMetricColumns.size());
    for (std::size_t end = 0; (end = rest.find('\n')) != rest.npos; rest.remove_prefix(end + 1))
      points.push_back(metric_from(rest.substr(0, end)));
    if (!rest.empty()) throw io::FormatError("ends within a line");
  } catch (const io::FormatError& wrong) {
    throw io::FileError(file, wrong.what());
  }
  return points;
}

}  // namespace vitrine::train
