#include "app/shell/autosave.h"

#include <utility>

#include "engine/io/json_fields.h"

namespace vitrine::shell {

Autosave::Autosave(std::function<void(const std::string& text)> write)
    : job_([write = std::move(write)](const Text& asked, std::stop_token, core::Progress&) {
        write(asked.text);
        return Written{};
      }) {}

std::string Autosave::tick(double now_s, App& app) {
  std::string words;
  if (const auto answer = job_.poll({})) {
    if (!answer->error.empty()) ++failures_;
    if (answer->error != told_) words = told_ = answer->error;
  }
  if (now_s >= due_s_) {
    due_s_ = now_s + kEvery_s;
    io::JsonWriter writer;
    app.describe(writer);
    job_.request({writer.text(), failures_});
  }
  return words;
}

}  // namespace vitrine::shell
