#include "app/learn/learner.h"

#include <chrono>
#include <cstdlib>
#include <stop_token>
#include <utility>

#include "engine/io/files.h"

namespace vitrine::learn {

namespace fs = std::filesystem;

fs::path data_folder() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value ? value : "");
  };
  fs::path base = variable("XDG_DATA_HOME");
  if (base.empty() && !variable("HOME").empty()) base = variable("HOME") / ".local" / "share";
  return base.empty() ? base : base / "vitrine";
}

Learner::Learner(fs::path file)
    : file_(std::move(file)),
      job_([path = file_](const lessons::Progress& progress, std::stop_token, core::Progress&) {
        lessons::write_progress(path, progress);
        return Written{};
      }) {
  if (file_.empty()) return;
  try {
    progress_ = lessons::read_progress(file_);
  } catch (const io::FileError& wrong) {
    words_ = std::string("Your progress is not kept this time: ") + wrong.what();
    file_.clear();
  }
}

Learner::~Learner() {
  while (job_.busy()) job_.poll(std::chrono::milliseconds(50));
}

void Learner::note(const lessons::Progress& progress) {
  if (progress == progress_) return;
  progress_ = progress;
  if (!file_.empty()) job_.request(progress_);
}

std::string Learner::take_words() {
  if (const auto answer = job_.poll({}); answer && !answer->result)
    words_ = "Your progress cannot be kept: " + answer->error;
  return std::exchange(words_, "");
}

void Learner::write_table(const fs::path& file, const std::vector<lessons::Card>& cards) const {
  io::write_file(file, lessons::progress_csv(progress_, cards));
}

}  // namespace vitrine::learn
