#include "app/labs/probe/lab.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "app/labs/compute_lab.h"
#include "app/labs/picture_source.h"
#include "app/labs/workbench/opened_controls.h"
#include "app/widgets/file_browser.h"
#include "engine/core/rng.h"
#include "engine/core/text.h"
#include "engine/io/image.h"
#include "engine/train/mistakes.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Role;

namespace {

constexpr std::string_view kLights[] = {"attends to", "attended by", "rollout", "occlusion", "nothing"};
constexpr widgets::RealRange kRadius{0.5, 12, 1.4, 0.1, false, "px"}, kHardness{0, 1, 0.4, 0.1};
constexpr widgets::IntegerRange kWindow{1, 28, 4, "px"};

struct NamedPreset {
  std::string_view name, preset;
  train::DatasetKind dataset;
};
constexpr NamedPreset kPresets[] = {{"ViT, MNIST", "homework", train::DatasetKind::kMnist},
                                    {"ViT, Fashion-MNIST", "homework", train::DatasetKind::kFashionMnist},
                                    {"ViT, digits", "demo", train::DatasetKind::kDigits},
                                    {"CNN, digits", "cnn", train::DatasetKind::kDigits},
                                    {"MLP, digits", "mlp", train::DatasetKind::kDigits}};

train::TrainConfig config_of(const NamedPreset& preset) {
  train::TrainConfig config = train::preset(preset.preset).value();
  config.dataset.kind = preset.dataset;
  return config;
}

}  // namespace

void ProbeLab::View::describe(core::Fields& f) {
  f.choice("light", light, kLights);
  f.field("layer", head.layer);
  f.field("head", head.head);
  f.field("fit_colors", fit_colors);
  f.field("window", window);
  f.field("radius", radius);
  f.field("hardness", hardness);
  f.choice("fit", fit, train::kFits);
  window = kWindow.clamped(window);
  radius = std::isfinite(radius) ? std::clamp(radius, kRadius.low, kRadius.high) : kRadius.reset;
  hardness = std::isfinite(hardness) ? std::clamp(hardness, kHardness.low, kHardness.high) : kHardness.reset;
}

ProbeLab::ProbeLab(std::shared_ptr<Workbench> bench, const std::function<void()>& wake)
    : LearningLab(std::move(bench)),
      aside_job_([](const AsideQuestion& q, std::stop_token stop,
                    core::Progress&) { return look_aside(q, std::move(stop)); },
                 wake),
      file_job_([](const FileQuestion& q, std::stop_token,
                   core::Progress&) { return train::fitted(io::read_image(q.path).pixels, q.sizes, q.fit); },
                wake),
      mistake_job_(
          [](const MistakeQuestion& q, std::stop_token stop, core::Progress&) {
            const Looked& l = *q.looked;
            return Mistake{train::next_mistake(*l.model, *l.weights, *l.dataset, l.dataset->validation,
                                               q.from, std::move(stop))};
          },
          wake) {}

void ProbeLab::poll(std::chrono::microseconds patience) {
  LearningLab::poll(patience);
  follow_probe();
  if (file_wanted_ && picture_.loaded()) {
    const train::Dataset& data = picture_.dataset();
    file_job_.request({file_, view_.fit, {data.channels(), data.height(), data.width()}, ++files_});
    file_wanted_ = false;
  }
  if (const auto& looked = bench().shown(); looked && !aside_job_.busy()) {
    const Index patch = looked->inside.grid.patch_size, window = patch > 0 ? patch : view_.window;
    aside_job_.request({looked, picture_.before(), light_on(*looked) == Light::kOcclusion ? window : 0});
  }
  if (const auto answer = aside_job_.poll(patience)) {
    aside_error_ = answer->error;
    if (answer->result) aside_ = answer->result;
  }
  take_answers();
  keep_view_inside();
}

void ProbeLab::follow_probe() {
  if (bench().shows_opened()) {
    view_.pen.reset();
    if (const auto& looked = bench().shown(); looked && looked != followed_) {
      picture_.expect(EditedPicture::Change::kAnotherPicture);
      picture_.follow(drawn({}, looked->pixels, -1), looked->dataset);
      followed_ = looked;
    }
    return;
  }
  followed_ = nullptr;
  if (const auto& snapshot = bench().snapshot(); snapshot && snapshot->dataset)
    picture_.follow(bench().params().probe, snapshot->dataset);
}

void ProbeLab::take_answers() {
  if (const auto answer = file_job_.poll({}); answer && answer->params.number == files_) {
    file_error_ = answer->error;
    if (answer->result) {
      Workbench::Params params = bench().params();
      params.probe = drawn(params.probe, *answer->result, -1);
      bench().edit(std::move(params), false);
      picture_.expect(EditedPicture::Change::kAnotherPicture);
      follow_probe();
    }
  }
  if (const auto answer = mistake_job_.poll({}); answer && answer->params.number == mistakes_) {
    if (!answer->result) {
      mistake_words_ = answer->error;
    } else if (const auto& image = answer->result->image) {
      Workbench::Params params = bench().params();
      params.probe = {*image};
      bench().edit(std::move(params), false);
    } else {
      mistake_words_ = "None of the " + core::grouped(answer->params.looked->dataset->validation.count()) +
                       " validation images is taken for another class.";
    }
  }
}

Probe ProbeLab::drawn(const Probe& probe, const Tensor<float>& pixels, Index label) {
  return {probe.image, pixels.cast<double>(), label};
}

void ProbeLab::keep_view_inside() {
  if (!aside_ || !aside_->has_tokens()) return;
  const auto& attention = aside_->looked->inside.attention;
  view_.head = {std::clamp<Index>(view_.head.layer, 0, attention.size(0) - 1),
                std::clamp<Index>(view_.head.head, 0, attention.size(1) - 1)};
}

bool ProbeLab::busy() const {
  return file_wanted_ || file_job_.busy() || mistake_job_.busy() || aside_job_.busy() ||
         (bench().shown() && (!aside_ || aside_->looked != bench().shown()) && aside_error_.empty());
}

void ProbeLab::settle(double t) {
  const auto answered = [&] {
    const bool failed = !bench().snapshot()->dataset;
    for (poll({}); !failed && busy(); poll(std::chrono::milliseconds(2)))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  };
  LearningLab::settle(t);
  answered();
  LearningLab::settle(playhead().t);  // of the picture that a file, or a mistake that was found, has become
  answered();
}

void ProbeLab::ask_for_file() {
  file_error_.clear();
  file_wanted_ = !file_.empty();
}

void ProbeLab::describe(core::Fields& fields) {
  fields.group("view", view_);
  fields.group("model", bench().opened());
}

bool ProbeLab::open(const std::filesystem::path& path) {
  if (bench().opened().open(path) || LearningLab::open(path)) return true;
  if (!is_picture_file(path)) return false;
  file_ = path.string();
  ask_for_file();
  return true;
}

std::vector<std::string> ProbeLab::presets() const {
  std::vector<std::string> names;
  for (const NamedPreset& preset : kPresets) names.emplace_back(preset.name);
  return names;
}

bool ProbeLab::load_preset(std::string_view name) {
  for (const NamedPreset& preset : kPresets) {
    if (preset.name != name) continue;
    bench().adopt({config_of(preset), {}});
    return true;
  }
  return false;
}

void ProbeLab::edit_controls(widgets::Controls& c, Workbench::Params& params) {
  if (const auto pressed = preset_buttons(c, presets())) {
    load_preset(kPresets[*pressed].name);
    params = bench().params();
  }
  if (const auto& snapshot = bench().snapshot()) {
    if (!snapshot->message.empty()) c.note(snapshot->message, Role::kTrouble);
    if (snapshot->dataset && !snapshot->dataset->note.empty())
      c.note(snapshot->dataset->note, Role::kTrouble);
  }
  opened_controls(c, bench().opened());
  if (bench().shows_opened()) return light_controls(c);
  c.section("Picture");
  if (picture_.loaded())
    source_controls(c, params.probe);
  else
    c.note("The pictures are being loaded.");
  const std::string before = file_;
  widgets::file_control(c, "File", file_, kPictureEndings,
                        "A PNG, JPEG or PNM file of yours; dropping it on the window does the same");
  const bool refitted =
      c.choice("Fit", view_.fit, train::kFits, train::Fit::kMnist,
               "How a file becomes as small as the model's pictures. As MNIST: light on "
               "dark, what is drawn 20 of 28 pixels large, its centre of mass in the middle");
  if (file_ != before || refitted) ask_for_file();
  if (!file_error_.empty()) c.note(file_error_, Role::kTrouble);

  c.section("Brush");
  c.note("Choose an ink under the picture and drag on it; Esc puts the brush away.");
  c.real("Radius", view_.radius, kRadius, "Of the brush, in pixels of the picture");
  c.real("Hardness", view_.hardness, kHardness, "The share of the radius that takes all of the ink");

  light_controls(c);
}

void ProbeLab::source_controls(widgets::Controls& c, Probe& probe) {
  const train::Dataset& data = picture_.dataset();
  const Index count = data.validation.count();
  Index image = wrapped(probe.image, count);
  const auto show = [&](Index other) {
    probe = {wrapped(other, count)};
    mistake_words_.clear();
    ++mistakes_;  // what is still looked for is not wanted any more
  };
  if (c.integer("Image", image, {0, count - 1, 0},
                "Number of a validation image; it takes a drawing's place"))
    show(image);
  constexpr std::string_view kMoves[] = {"Previous", "Next", "Random", "Next mistake"};
  if (const auto pressed = c.buttons(kMoves,
                                     "Another validation image; the next mistake is one that the "
                                     "model, as it is now, takes for another class")) {
    if (*pressed == 0) show(image - 1);
    if (*pressed == 1) show(image + 1);
    if (*pressed == 2) {
      const core::Rng rng(0, core::RngStream::kLab);
      show(static_cast<Index>(
          rng.below(static_cast<std::uint64_t>(count), static_cast<std::uint64_t>(++randoms_), 0)));
    }
    if (*pressed == 3 && bench().looked()) {
      mistake_words_.clear();
      mistake_job_.request({bench().looked(), image, ++mistakes_});
    }
  }
  if (!mistake_words_.empty()) c.note(mistake_words_);
  edit_buttons(c, probe);
  if (probe.own.empty()) return;
  std::vector<std::string_view> names{"unknown"};
  for (const std::string& name : data.class_names) names.push_back(name);
  Index label = std::min(probe.label, data.classes - 1) + 1;
  if (c.choice("It shows", label, names, Index{0},
               "What is meant by the drawing: the loss is that of this class"))
    probe.label = label - 1;
}

void ProbeLab::edit_buttons(widgets::Controls& c, Probe& probe) {
  constexpr std::string_view kEdits[] = {"Clear", "Invert", "Original"};
  const auto pressed = c.buttons(kEdits, "An empty sheet; light for dark; the validation image as it was");
  if (!pressed) return;
  Tensor<float> pixels = picture_.pixels();
  if (*pressed == 0) {
    pixels.fill(0);
    probe = drawn(probe, pixels, -1);
  } else if (*pressed == 1) {
    for (float& pixel : pixels.values()) pixel = 1 - pixel;
    probe = drawn(probe, pixels, bench().looked() ? bench().looked()->label : probe.label);
  } else {
    probe = {probe.image};
  }
}

void ProbeLab::light_controls(widgets::Controls& c) {
  const bool tokens = !aside_ || aside_->has_tokens();
  c.section("Light on the picture");
  if (tokens) {
    c.choice(
        "Light", view_.light, kLights, Light::kTo,
        "What the patches are lit by: how much the pointed or pinned one attends to each, or each to it; "
        "the attention of all layers together; what the answer loses when a patch is covered");
    c.toggle("Fit colours", view_.fit_colors, false,
             "Attention from 0 to its largest weight instead of 0 to 1");
    return;
  }
  bool on = view_.light != Light::kNone;
  if (c.toggle("Occlusion", on, true, "What the answer loses when a part of the picture is covered"))
    view_.light = on ? Light::kTo : Light::kNone;
  c.integer("Window", view_.window, kWindow, "The side of the part that is covered");
}

auto ProbeLab::light_on(const Looked& looked) const -> Light {
  const bool attends = !looked.inside.attention.empty();
  return attends || view_.light == Light::kNone ? view_.light : Light::kOcclusion;
}

Index ProbeLab::token() const {
  const Index tokens = aside_->grid.tokens();
  for (const auto& chosen : {view_.hovered_token, view_.pinned_token})
    if (chosen && *chosen < tokens) return *chosen;
  return 0;
}

std::string ProbeLab::token_words() const {
  const Index at = token();
  return (at < aside_->grid.first_patch ? "the " : "") + token_name(aside_->grid, at);
}

std::vector<float> ProbeLab::shares() const {
  const train::Inside& inside = aside_->looked->inside;
  const Index tokens = aside_->grid.tokens(), from = token();
  const auto [layer, head] = view_.head;
  std::vector<float> out(static_cast<std::size_t>(tokens));
  for (Index t = 0; t < tokens; ++t) {
    float& share = out[static_cast<std::size_t>(t)];
    if (view_.light == Light::kFrom)
      share = inside.attention(layer, head, t, from);
    else if (view_.light == Light::kRollout)
      share = inside.rollout(from, t);
    else
      share = inside.attention(layer, head, from, t);
  }
  return out;
}

void ProbeLab::draw(widgets::Canvas& c) {
  const widgets::Rect area = c.area().inset(18);
  const auto* snapshot = bench().snapshot().get();
  const bool failed = snapshot && snapshot->status == train::TrainStatus::kFailed;
  const std::string error = failed                  ? snapshot->message
                            : !aside_error_.empty() ? aside_error_
                                                    : bench().shown_error();
  const bool of_shown = aside_ && (aside_->looked->opened != nullptr) == bench().shows_opened();
  if (!of_shown || !picture_.loaded() || picture_.pixels().shape() != aside_->looked->pixels.shape()) {
    if (error.empty())
      widgets::paragraph(c, {area.x, area.y + area.h / 3}, area.w, "Loading the pictures …",
                         {widgets::kTextSize_px, widgets::Face::kWords, Role::kQuiet});
    else
      draw_error_card(c, "There is nothing to look at", error);
    return;
  }
  const bool tokens = aside_->has_tokens();
  constexpr float kMoved = 104, kAround = 46, kStrip = 104, kLow = 340, kLowest = 290;
  const float strip = tokens && area.h >= kLowest ? kStrip : 0, gap = 28;
  const float upper = area.h - strip;
  const bool low = tokens && upper < kLow;  // then what moves stands beside the heads
  const float under = low ? 0 : kMoved, left = std::floor(std::min(area.w * 0.42f, upper - kAround - under));
  draw_picture(c, {area.x, area.y, left, upper}, under);
  const widgets::Rect right{area.x + left + gap, area.y, area.w - left - gap, upper};
  const auto classes = static_cast<float>(aside_->looked->dataset->classes);
  const float guess = std::floor(std::min(right.h * 0.5f, 26 + 20 * classes + 18));
  draw_guess(c, {right.x, right.y, right.w, guess});
  const widgets::Rect below{right.x, right.y + guess + 12, right.w, right.h - guess - 12};
  if (tokens) {
    const float moved = low ? std::floor(below.w * 0.52f) : 0;
    draw_heads(c, {below.x, below.y, below.w - moved, below.h});
    if (low) draw_moved(c, {below.right() - moved + 12, below.y, moved - 12, below.h});
    if (strip > 0) draw_tokens(c, {area.x, area.bottom() - strip + 10, area.w, strip - 10});
  } else {
    labs::draw(c, below, aside_->looked->layers, aside_->looked);
  }
  if (!error.empty()) draw_error_card(c, "This cannot be looked at", error);
}

}  // namespace vitrine::labs
