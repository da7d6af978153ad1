#include "app/shell/take_along.h"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <utility>

#include "app/shell/app.h"
#include "app/shell/state_file.h"
#include "app/widgets/matrix.h"
#include "engine/core/text.h"

namespace vitrine::shell {
namespace {

using figures::Format;
using figures::Kind;

constexpr int kFramesAtOnce = 2;  // filmed between two of the window's
constexpr double kWritingFrame_s = 0.05;

constexpr std::array<std::string_view, 3> kColours = {"as the window", "dark", "light"};

struct Clip {
  std::string_view name;  // in the menu
  io::MatrixFormat format;
};
constexpr std::array<Clip, 4> kClips = {{{"Copy numbers as NumPy", io::MatrixFormat::kNumPy},
                                         {"Copy numbers as MATLAB", io::MatrixFormat::kMatlab},
                                         {"Copy numbers as CSV", io::MatrixFormat::kCsv},
                                         {"Copy numbers as LaTeX", io::MatrixFormat::kLatex}}};

const Format& format(std::string_view extension) { return figures::format_of("x" + std::string(extension)); }

std::string titled(const std::string& name, const core::Shape& shape) {
  return name + "  " + widgets::shape_words(shape);
}

}  // namespace

TakeAlong::TakeAlong()
    : written_(std::make_shared<std::atomic<int>>(0)),
      job_([written = written_](const Order& order, std::stop_token stop, core::Progress& progress) {
        if (!order.parcel) return Written{};
        if (figures::write(order.file, *order.parcel, figures::Typefaces(), stop, progress))
          *written = order.number;
        return Written{};
      }) {}

const figures::Typefaces& TakeAlong::typefaces() {
  if (!typefaces_) typefaces_ = std::make_unique<figures::Typefaces>();
  return *typefaces_;
}

double TakeAlong::sleep_s() const {
  return filming_ ? 0 : state_ != State::kIdle ? kWritingFrame_s : labs::kForever;
}

double TakeAlong::fraction() const {
  constexpr double kFilming = 0.3;  // of an animation's time, about
  if (filming_) return kFilming * filming_->fraction();
  if (state_ == State::kSettling) return 0;
  const auto under_way = job_.under_way();
  return kFilming + (1 - kFilming) * (under_way ? under_way->fraction : 1);
}

void TakeAlong::controls(widgets::Controls& controls, App& app) {
  if (!controls.fold("Take along", "Figures, animations, numbers, formula and code of this lab as files"))
    return;
  if (busy()) {
    controls.share(file_.filename().string(), core::shown(100 * fraction(), 2) + " %", fraction());
    if (controls.button("Cancel", "Nothing of the file is kept")) cancel(app);
    return;
  }
  std::vector<std::string_view> names;
  std::vector<std::size_t> offered;  // of figures::formats()
  for (std::size_t i = 0; i < figures::formats().size(); ++i) {
    if (figures::formats()[i].kind == Kind::kModel && !app.lab().has_model()) continue;
    names.push_back(figures::formats()[i].words);
    offered.push_back(i);
  }
  auto row = static_cast<std::size_t>(std::ranges::find(offered, chosen_) - offered.begin());
  if (row == offered.size()) row = 0;
  controls.choice(
      "As", row, names, std::size_t{0},
      "Pictures of pixels or vectors, animations (videos need ffmpeg), numbers, formula, code, model");
  chosen_ = offered[row];
  const Format& as = figures::formats()[chosen_];
  const bool drawn = as.kind == Kind::kPicture || as.kind == Kind::kFilm;
  if (drawn) {
    controls.choice("Colours", colours_, kColours, Colours::kWindow, "Light is for paper");
    controls.toggle("Frame", options_.figure.frame, false,
                    "Also the lab's title above the picture and the formula of what is lit below");
    controls.toggle("Transparent", options_.figure.transparent, false,
                    "Without the ground behind the picture");
    if (as.kind == Kind::kFilm || as.extension == ".png")
      controls.real("Scale", options_.scale, {0.25, 8, 1, 0.25, true, "×"},
                    "Pixels a unit of the stage: 2 for a dense display, 4 for print");
  }
  if (as.kind == Kind::kFilm) {
    controls.real("Lasts", options_.film.seconds, {1, 120, 0, 1, true, "s", true},
                  "From the first step to the last; at 0 as long as the play button takes");
    controls.real("Frames", options_.film.frames_a_second, {1, 60, 20, 1, false, "/s"},
                  "More are smoother and make the file larger");
  }
  if (as.kind == Kind::kNumbers) {
    std::vector<std::string> all = names_of_numbers(app);
    if (as.extension != ".npy") all.insert(all.begin(), "*");
    const std::vector<std::string_view> shown(all.begin(), all.end());
    auto at = static_cast<std::size_t>(std::ranges::find(all, options_.numbers) - all.begin());
    if (at == all.size()) at = 0;
    if (!all.empty())
      controls.pick("Which", at, shown, "By the letters of the lab's formulas; * is all of them");
    options_.numbers = all.empty() || all[at] == "*" ? "" : all[at];
  }
  if (as.kind == Kind::kText && controls.button("Copy", "To the clipboard")) copy_text(as, app);
  if (controls.button("Save as…", "Asks for the file's name")) ask_where(as, app);
}

// Also of those that are too large for every frame: all are asked for when the lab's state is another one.
const std::vector<std::string>& TakeAlong::names_of_numbers(App& app) {
  labs::Lab& lab = app.lab();
  const std::size_t small = lab.numbers().size();
  const std::uint64_t digest = look_at_state(lab).digest;
  if (named_.lab == lab.info().id && named_.digest == digest && named_.small == small) return named_.names;
  named_ = {std::string(lab.info().id), digest, small, {}};
  for (const auto& [name, values] : lab.numbers(labs::kAllNumbers)) named_.names.push_back(name);
  return named_.names;
}

void TakeAlong::open_menu(std::optional<Under> under) {
  under_ = std::move(under);
  menu_wanted_ = true;
}

void TakeAlong::copy(const std::string& text, std::string_view words, App& app) const {
  ImGui::SetClipboardText(text.c_str());
  app.say(std::string(words));  // whoever draws it translates it
}

void TakeAlong::copy_text(const Format& format, App& app) const {
  try {
    copy(figures::text_of(app.lab(), format), "It is on the clipboard", app);
  } catch (const std::exception& error) {
    app.say(error.what());
  }
}

void TakeAlong::copy_numbers(const core::Tensor<double>& values, io::MatrixFormat format, App& app) const {
  try {
    copy(io::matrix_text(values, format), "The numbers are on the clipboard", app);
  } catch (const std::exception& error) {
    app.say(error.what());
  }
}

void TakeAlong::draw_menu(const widgets::Screen& screen, App& app) {
  constexpr const char* kMenu = "##take along";
  if (std::exchange(menu_wanted_, false)) ImGui::OpenPopup(kMenu);
  if (!ImGui::BeginPopup(kMenu)) return;
  const auto line = [&](std::string_view words) {
    const bool chosen = ImGui::Selectable(std::string(app.words().of(words)).c_str());
    const ImVec2 low = ImGui::GetItemRectMin(), high = ImGui::GetItemRectMax();
    screen.items.record(words, {low.x, low.y, high.x - low.x, high.y - low.y});
    return chosen;
  };
  const auto clips = [&](const core::Tensor<double>& values) {
    for (const Clip& clip : kClips)
      if (line(clip.name)) copy_numbers(values, clip.format, app);
  };
  if (under_) {
    ImGui::TextDisabled("%s", titled(under_->name, under_->shape).c_str());
    if (under_->values.empty())
      ImGui::TextDisabled(
          "%s", std::string(app.words().of("These are too many numbers for a clipboard; save them as a file"))
                    .c_str());
    else
      clips(under_->values);
    ImGui::Separator();
  } else if (ImGui::BeginMenu(std::string(app.words().of("Copy numbers of")).c_str())) {
    for (const auto& [name, values] : app.lab().numbers()) {
      if (values.count() < 2 || !ImGui::BeginMenu(titled(name, values.shape()).c_str())) continue;
      clips(values);
      ImGui::EndMenu();
    }
    ImGui::EndMenu();
  }
  if (line("Copy formula as LaTeX")) copy_text(format(".tex"), app);
  if (line("Copy PyTorch code")) copy_text(format(".py"), app);
  if (line("Copy state as a line of text")) app.files().copy_line(app);
  ImGui::Separator();
  if (line("Save picture (PNG)")) ask_where(format(".png"), app);
  if (line("Save figure (SVG)")) ask_where(format(".svg"), app);
  if (line("Save figure (PDF)")) ask_where(format(".pdf"), app);
  if (app.lab().last_step() > 0 && line("Save animation (GIF)")) ask_where(format(".gif"), app);
  ImGui::EndPopup();
}

void TakeAlong::ask_where(const Format& format, App& app) {
  const std::string name = app.settings().lab + std::string(format.extension);
  dialog_.ask_to_save((folder_ / name).string(), format.extension);
}

void TakeAlong::begin(const std::filesystem::path& file, App& app) {
  if (busy()) return app.say(std::string(app.words().of("Another file is still being written")));
  file_ = file;
  folder_ = file.parent_path();
  lab_ = app.lab().info().id;
  state_ = State::kSettling;
  begin_settled(app);
}

void TakeAlong::begin_settled(App& app) {
  labs::Lab& lab = app.lab();
  const auto refuse = [&](std::string words) {
    state_ = State::kIdle;
    app.say(std::move(words));
  };
  if (lab.info().id != lab_)
    return refuse(std::string(app.words().of("The lab changed before it was done: nothing was written")));
  try {
    const Format& as = figures::format_of(file_);
    options_.film.scale = options_.scale;
    if (as.kind == Kind::kFilm && app.frozen())
      return refuse(std::string(app.words().of("The answer is frozen: set it free to film the lab")));
    if (const std::string trouble = lab.trouble(); !trouble.empty()) return refuse(trouble);
    if (!lab.settled()) return;  // it goes on with what is shown then
    state_ = State::kIdle;
    if (as.kind != Kind::kFilm) return write(figures::pack(lab, as, options_, typefaces(), app.words()));
    filming_.emplace(lab, figures::film_options(as, options_), options_.figure);
    filmed_digest_ = look_at_state(lab).digest;
    if ((plays_on_ = lab.playing())) lab.toggle_play();
  } catch (const std::exception& error) {
    refuse(error.what());
  }
}

void TakeAlong::film_on(App& app) {
  labs::Lab& lab = app.lab();
  if (lab.info().id != lab_ || app.frozen() || look_at_state(lab).digest != filmed_digest_) {
    stop_filming(app);
    return app.say(std::string(app.words().of("The lab changed while it was filmed: nothing was written")));
  }
  if (lab.playing()) return;  // until it has paused
  try {
    for (int i = 0; i < kFramesAtOnce && !filming_->done(); ++i)
      filming_->take(lab, typefaces(), app.words());
    if (!filming_->done()) return;
    leave(lab);
    write(std::exchange(filming_, std::nullopt).value().film());
  } catch (const std::exception& error) {
    stop_filming(app);
    app.say(error.what());
  }
}

// The lab goes on as it was before it was filmed.
void TakeAlong::leave(labs::Lab& lab) {
  filming_->leave(lab);
  if (std::exchange(plays_on_, false)) lab.toggle_play();
}

void TakeAlong::stop_filming(App& app) {
  if (labs::Lab* lab = app.lab_of(lab_); filming_ && lab != nullptr && !lab->playing()) leave(*lab);
  filming_.reset();
}

void TakeAlong::write(figures::Parcel parcel) {
  job_.request({++orders_, file_, std::make_shared<const figures::Parcel>(std::move(parcel))});
  state_ = State::kWriting;
}

void TakeAlong::take_answer(App& app) {
  const auto answer = job_.poll({});  // which also ends a long run that is not wanted any more
  if (!answer) return;
  const bool written = *written_ == orders_;
  if (state_ == State::kWriting && answer->params.number == orders_) {
    app.say(written ? std::string(app.words().of("Written")) + ": " + file_.string() : answer->error);
    job_.request({});  // frees what was written
    state_ = State::kIdle;
  } else if (state_ == State::kCancelling && answer->params.number == 0) {
    app.say(
        std::string(app.words().of(written ? "It was written already" : "Cancelled: nothing was written")));
    state_ = State::kIdle;
  }
}

void TakeAlong::cancel(App& app) {
  if (filming_ || state_ == State::kSettling) {
    stop_filming(app);
    state_ = State::kIdle;
    app.say(std::string(app.words().of("Cancelled: nothing was written")));
  } else if (state_ == State::kWriting) {
    job_.request({});
    state_ = State::kCancelling;
  }
}

std::string TakeAlong::end(std::chrono::milliseconds patience) {
  constexpr std::chrono::milliseconds kLook(10);
  const bool writing = state_ == State::kWriting;
  for (auto waited = kLook; writing && *written_ != orders_ && job_.busy() && waited < patience;
       waited += kLook)
    job_.poll(kLook);
  const bool lost = filming_ || state_ == State::kSettling || (writing && *written_ != orders_);
  return lost ? file_.string() + " was not finished: nothing of it is kept" : "";
}

void TakeAlong::draw(const widgets::Screen& screen, App& app, const widgets::Rect& stage) {
  options_.figure.width = stage.w;
  options_.figure.height = stage.h;
  options_.figure.light = colours_ == Colours::kWindow ? app.settings().light : colours_ == Colours::kLight;
  draw_menu(screen, app);
  if (const auto chosen = dialog_.draw(screen, {})) begin(chosen->path, app);
  if (state_ == State::kSettling) begin_settled(app);
  if (filming_) film_on(app);
  take_answer(app);
}

}  // namespace vitrine::shell
