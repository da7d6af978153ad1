#include "app/labs/runs/elsewhere.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include "app/widgets/file_browser.h"
#include "engine/core/stop.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/train/foreign_runs.h"
#include "engine/train/run_folder.h"

namespace vitrine::labs::runs {
namespace {

namespace fs = std::filesystem;
using train::MetricPoint;
using train::MetricSplit;

const std::vector<ElsewhereRun> kNone;  // is shown

// A number as a run of one's own could have it: beyond float there is none.
double measured(double value) {
  constexpr double kMost = std::numeric_limits<float>::max();
  return std::abs(value) <= kMost ? value : std::numeric_limits<double>::quiet_NaN();
}

// The points of a split, in the file's order.
void add_split(ElsewhereRun& run, const std::vector<MetricPoint>& points, MetricSplit split) {
  constexpr double kMost_s = 1e12;  // more is no time
  for (MetricPoint point : points) {
    if (point.split != split) continue;
    for (double* value :
         {&point.loss, &point.accuracy, &point.learning_rate, &point.grad_norm, &point.images_per_second})
      *value = measured(*value);
    run.curves.add(point);
    run.steps = std::max(run.steps, point.step);
    if (point.seconds > run.seconds.value_or(0) && point.seconds <= kMost_s) run.seconds = point.seconds;
  }
}

ElsewhereRun shown_run(const train::ForeignRun& found) {
  constexpr std::size_t kName_bytes = 40;
  ElsewhereRun run;
  run.name = core::printable(found.name, kName_bytes);
  // The validation last: an update replaces all that is at its step, and a table may say it first.
  add_split(run, found.points, MetricSplit::kTrain);
  add_split(run, found.points, MetricSplit::kValidation);
  return run;
}

train::ForeignRun one_run(const fs::path& file, const std::stop_token& stop) {
  const bool is_named_by_folder = file.filename() == train::kMetricsFile && file.has_parent_path();
  return {(is_named_by_folder ? file.parent_path().filename() : file.stem()).string(),
          train::read_foreign_metrics(file, stop)};
}

}  // namespace

Elsewhere::Elsewhere(const std::function<void()>& wake)
    : reader_([](const Question& question, std::stop_token stop,
                 core::Progress&) { return read(question.place, stop); },
              wake) {}

Elsewhere::Tables Elsewhere::read(const fs::path& place, const std::stop_token& stop) {
  std::error_code none;
  train::ForeignRuns found;
  if (fs::is_directory(place, none))  // one that is a run is named after itself, with no slash at its end
    found = train::foreign_runs(place.has_filename() ? place : place.parent_path(), stop);
  else if (fs::is_regular_file(place, none))
    found.runs.push_back(one_run(place, stop));
  else
    throw io::FileError(place, "there is neither a folder nor a file of this name");
  Tables tables{{}, std::move(found.refused)};
  for (train::ForeignRun& run : found.runs) {
    core::throw_if_stopped(stop);
    tables.runs.push_back(shown_run(std::exchange(run, {})));
  }
  return tables;
}

void Elsewhere::show(const std::string& place) {
  place_ = place;
  answer_ = nullptr;
  reading_ = !place.empty();
  if (reading_) reader_.request({place, ++asked_});
}

void Elsewhere::poll() {
  auto answer = reader_.poll({});
  if (!answer || !reading_ || answer->params.number != asked_) return;
  reading_ = false;
  answer_ = std::move(answer);
}

const std::vector<ElsewhereRun>& Elsewhere::runs() const {
  return answer_ && answer_->result ? answer_->result->runs : kNone;
}

std::vector<std::string> Elsewhere::complaints() const {
  constexpr std::size_t kMost = 3;
  if (!answer_) return {};
  if (!answer_->result) return {answer_->error};
  const Tables& tables = *answer_->result;
  if (tables.runs.empty() && tables.refused.empty())
    return {"No run is here: a folder has them as NAME/metrics.csv or NAME.csv."};
  std::vector<std::string> lines = tables.refused;
  if (lines.size() > kMost) {
    const auto more = static_cast<core::Index>(lines.size() - kMost);
    lines.resize(kMost);
    lines.push_back("and " + core::grouped(more) + " more");
  }
  return lines;
}

void elsewhere_controls(widgets::Controls& c, const Elsewhere& elsewhere, std::string& place) {
  static constexpr std::string_view kEndings[] = {".csv"};
  c.section("Runs from elsewhere");
  widgets::file_control(c, "Folder or table", place, kEndings,
                        "Of another program: NAME/metrics.csv or NAME.csv with the columns step and loss; "
                        "dropping it on the window does the same");
  if (elsewhere.reading()) c.note("The runs are being read.");
  for (const std::string& line : elsewhere.complaints()) c.note(line, widgets::Role::kTrouble);
  if (!elsewhere.runs().empty())
    c.note("Only curves: without its weights no run can be looked into or go on here.");
  constexpr std::string_view kForget[] = {"Forget"};
  if (!place.empty() && c.buttons(kForget, "Takes these runs away; their files stay as they are"))
    place.clear();
}

}  // namespace vitrine::labs::runs
