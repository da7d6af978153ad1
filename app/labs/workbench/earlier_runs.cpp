#include "app/labs/workbench/earlier_runs.h"

#include <utility>

namespace vitrine::labs {

EarlierRuns::EarlierRuns(const std::function<void()>& wake)
    : reader_([](const Question& question, std::stop_token,
                 core::Progress&) { return train::way_back(question.folder); },
              wake),
      finder_([](const Shelf& shelf, std::stop_token stop,
                 core::Progress&) { return train::kept_runs(shelf.sessions, shelf.except, stop); },
              wake) {}

void EarlierRuns::read(std::filesystem::path folder) {
  reading_ = true;
  reader_.request({std::move(folder), ++asked_});
}

std::shared_ptr<const EarlierRuns::Answer> EarlierRuns::take() {
  auto answer = reader_.poll({});
  if (!answer || !reading_ || answer->params.number != asked_) return nullptr;
  reading_ = false;
  return answer;
}

std::shared_ptr<const std::vector<train::KeptRun>> EarlierRuns::find(const std::filesystem::path& sessions,
                                                                     const std::filesystem::path& except) {
  finder_.request({sessions, except});
  if (const auto answer = finder_.poll({}); answer && answer->result) found_ = answer->result;
  return found_;
}

}  // namespace vitrine::labs
