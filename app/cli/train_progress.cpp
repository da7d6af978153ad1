#include "app/cli/train_progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "engine/core/text.h"

namespace vitrine::cli {
namespace {

using namespace train;

std::string images_per_second(const MetricPoint& point) {
  return core::grouped(std::llround(point.images_per_second)) + " images/s";
}

}  // namespace

int terminal_columns(const std::ostream& out) {
  if (&out != &std::cout || !isatty(STDOUT_FILENO)) return 0;
  constexpr int kUsual = 80;
  struct winsize size {};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

TrainProgress::TrainProgress(std::ostream& out, const Trainer& trainer, int columns)
    : out_(out), trainer_(trainer), columns_(columns) {
  const Dataset& data = trainer.dataset();
  out_ << data.name << ": " << core::grouped(data.train.count()) << " images to train on, "
       << core::grouped(data.validation.count()) << " to validate with; "
       << core::grouped(trainer.model().layout().count()) << " parameters\n";
  if (trainer.step() > 0)
    out_ << "goes on after step " << core::grouped(trainer.step()) << ", in epoch " << trainer.epoch() + 1
         << "\n";
  out_ << std::flush;
}

void TrainProgress::show(const MetricPoint& point) {
  if (first_.step == 0) first_ = point;
  if (point.split == MetricSplit::kTrain) {
    loss_ += point.loss;
    ++steps_;
    if (columns_ > 0) bar(point);
  } else {
    epoch(point);
  }
}

void TrainProgress::end() {
  if (on_bar_) out_ << '\n' << std::flush;
  on_bar_ = false;
}

void TrainProgress::bar(const MetricPoint& point) {
  constexpr double kRedraw_s = 0.1;
  if (drawn_s_ >= 0 && point.seconds - drawn_s_ < kRedraw_s) return;
  drawn_s_ = point.seconds;
  constexpr Index kCells = 20;
  const Index epochs = trainer_.config().epochs, of_epoch = trainer_.steps_of_epoch();
  const bool ended = trainer_.epoch() == point.epoch;  // by this point's update
  const Index left = ended ? 0 : trainer_.steps_left_of_epoch();
  const Index filled = kCells * (of_epoch - left) / of_epoch;
  std::string line = "epoch " + std::to_string(point.epoch) + "/" + std::to_string(epochs) + " [" +
                     std::string(static_cast<std::size_t>(filled), '#') +
                     std::string(static_cast<std::size_t>(kCells - filled), '.') + "] loss " +
                     core::shown(mean_loss(), 4) + "  " + images_per_second(point);
  if (const Index since = point.step - first_.step; since > 0) {
    const double seconds_a_step = (point.seconds - first_.seconds) / static_cast<double>(since);
    line += "  " + core::clock_text(seconds_a_step * static_cast<double>(trainer_.steps_left())) + " left";
  }
  out_ << "\r\x1b[K" << line.substr(0, static_cast<std::size_t>(columns_ - 1)) << std::flush;
  on_bar_ = true;
}

void TrainProgress::epoch(const MetricPoint& point) {
  out_ << (columns_ > 0 ? "\r\x1b[K" : "") << "epoch " << point.epoch << "/" << trainer_.config().epochs
       << "  step " << core::grouped(point.step) << "  train loss " << core::shown(mean_loss(), 4)
       << "  validation loss " << core::shown(point.loss, 4) << "  accuracy "
       << core::shown(100 * point.accuracy, 3) << " %  " << images_per_second(point) << "  "
       << core::shown(point.seconds, 4) << " s\n"
       << std::flush;
  on_bar_ = false;
  loss_ = 0;
  steps_ = 0;
}

double TrainProgress::mean_loss() const { return loss_ / static_cast<double>(std::max<Index>(1, steps_)); }

}  // namespace vitrine::cli
