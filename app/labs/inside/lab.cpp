#include "app/labs/inside/lab.h"

#include <algorithm>
#include <cmath>

#include "app/labs/compute_lab.h"
#include "app/labs/training/run_numbers.h"
#include "app/labs/workbench/opened_controls.h"
#include "app/widgets/tabs.h"
#include "engine/core/text.h"
#include "engine/train/models.h"

namespace vitrine::labs {

using core::Index;
using inside::Exhibit;
using inside::Spots;
using widgets::Canvas;
using widgets::Face;
using widgets::Point;
using widgets::Rect;
using widgets::Role;
using widgets::TextStyle;

namespace {

constexpr double kBusyFrame_s = 0.05;
constexpr std::size_t kMostJudged = 64;  // steps whose evaluation is remembered: a third of a megabyte each
constexpr float kTabsHeight = 28;

// The exhibits' names, on a second line those for which the first has no room. Returns where they end.
float draw_exhibit_tabs(Canvas& c, const Rect& area, Exhibit& exhibit, const std::string& beside) {
  const TextStyle style{widgets::kQuietSize_px};
  constexpr float kAround = 21, kClosest = 9;  // a word, as draw_tabs sets it
  std::size_t first = 0;
  float y = area.y + 12;
  while (first < inside::kExhibits.size()) {
    std::size_t end = first;
    float x = 0, least = 0;
    for (; end < inside::kExhibits.size(); ++end) {
      const float word = c.text_width(inside::kExhibits[end], style);
      least += word + kClosest;
      if (least > area.w && end > first) break;
      x += word + kAround;
    }
    const std::span names(&inside::kExhibits[first], end - first);
    const auto clicked = widgets::draw_tabs(c, {area.x, y}, "inside", names,
                                            static_cast<std::size_t>(exhibit) - first, area.w);
    if (clicked) exhibit = static_cast<Exhibit>(first + *clicked);
    if (end == inside::kExhibits.size() && x + c.text_width(beside, style) + 12 <= area.w)
      c.text({area.right(), y}, beside,
             {widgets::kQuietSize_px, Face::kWords, Role::kQuiet, widgets::Align::kRight});
    first = end;
    y += kTabsHeight;
  }
  return y + 4 - 12;
}

}  // namespace

bool InsideModel::OfStep::operator==(const OfStep& o) const {
  return looked->run_id == o.looked->run_id && looked->step == o.looked->step;
}

bool InsideModel::OfRun::operator==(const OfRun& o) const {
  return std::ranges::equal(kept, o.kept, {}, &train::KeptStep::values, &train::KeptStep::values);
}

InsideModel::InsideModel(std::shared_ptr<Workbench> bench, const std::function<void()>& wake)
    : LearningLab(std::move(bench)),
      weights_job_([](const OfLook& of, std::stop_token,
                      core::Progress&) { return inside::weight_pictures(*of.looked); },
                   wake),
      judge_job_([](const OfStep& of, std::stop_token stop,
                    core::Progress& progress) { return inside::judge(*of.looked, stop, progress); },
                 wake),
      history_job_([this](const OfRun& of, std::stop_token, core::Progress&) { return history(of); }, wake) {}

inside::NormHistory InsideModel::history(const OfRun& of) {
  const nn::Model<float>& model = *of.looked->model;
  StepNorms known;
  inside::NormHistory h{.run_id = of.looked->run_id, .layers = {}, .steps = {}, .norms = {}, .shares = {}};
  std::vector<std::vector<train::NormOfLayer>> columns;
  for (const train::KeptStep& kept : of.kept) {
    const auto before = step_norms_.find(kept.values);
    const auto& norms = known[kept.values] =
        before != step_norms_.end() ? before->second : train::tensor_norms(model.layout(), *kept.values);
    h.steps.push_back(kept.step);
    columns.push_back(train::layer_norms(model, norms));
  }
  step_norms_ = std::move(known);
  for (const auto& [layer, norm] : columns.front()) h.layers.push_back(layer);
  const Index rows = std::ssize(h.layers), steps = std::ssize(h.steps);
  h.norms = core::Tensor<double>({rows, steps});
  h.shares = core::Tensor<float>({rows, steps});
  for (Index row = 0; row < rows; ++row) {
    double largest = 0;
    for (Index i = 0; i < steps; ++i) {
      h.norms(row, i) = columns[static_cast<std::size_t>(i)][static_cast<std::size_t>(row)].norm;
      largest = std::max(largest, h.norms(row, i));
    }
    for (Index i = 0; i < steps; ++i)
      h.shares(row, i) = largest > 0 ? static_cast<float>(h.norms(row, i) / largest) : 0.0f;
  }
  return h;
}

void InsideModel::poll(std::chrono::microseconds patience) {
  LearningLab::poll(patience);
  if (!bench().shown()) return;
  ask(bench().shown());
  if (auto answer = weights_job_.poll({}); answer && answer->result) weights_ = answer->result;
  if (auto answer = history_job_.poll({}); answer && answer->result) history_ = answer->result;
  if (auto answer = judge_job_.poll({}); answer && answer->result) {
    if (judged_.size() >= kMostJudged) judged_.erase(judged_.begin());
    judged_[{answer->result->run_id, answer->result->step}] = newest_judged_ = answer->result;
  }
}

// While it trains, one after the other: none is dropped for the next step's.
void InsideModel::ask(const std::shared_ptr<const Looked>& looked) {
  const bool hurry = !bench().playing();
  const auto progress = [&](const auto& job) {
    const auto waiting = job.under_way();
    progress_ = waiting ? waiting->fraction : 1;
  };
  switch (view_.exhibit) {
    case Exhibit::kFilters:
    case Exhibit::kPositions:
      if (hurry || !weights_job_.busy()) weights_job_.request({looked});
      return progress(weights_job_);
    case Exhibit::kMistakes: {
      if (looked->opened) return;
      const auto known = judged_.find({looked->run_id, looked->step});
      if (known != judged_.end())
        newest_judged_ = known->second;
      else if (hurry || !judge_job_.busy())
        judge_job_.request({looked});
      return progress(judge_job_);
    }
    case Exhibit::kNorms: {
      const auto& snapshot = bench().snapshot();
      const bool same = snapshot && snapshot->run_id == looked->run_id && !snapshot->past.kept.empty();
      if (same && (hurry || !history_job_.busy())) history_job_.request({looked, snapshot->past.kept});
      return progress(history_job_);
    }
    case Exhibit::kAttention:
    case Exhibit::kRollout:
    case Exhibit::kDistance:
    case Exhibit::kLens:
      break;
  }
}

void InsideModel::arrange() {
  scene_.view = view_;
  scene_.looked = bench().shown();
  scene_.progress = progress_;
  const auto& looked = scene_.looked;
  // What is of another run may be of another model.
  const auto of_run = [&](const auto& pictures) {
    return pictures && pictures->run_id == looked->run_id ? pictures : nullptr;
  };
  scene_.weights = of_run(weights_);
  scene_.history = of_run(history_);
  scene_.judged = newest_judged_ && newest_judged_->dataset == looked->dataset ? newest_judged_ : nullptr;
  const inside::Focus& f = scene_.focus = inside::focus_of(*looked, view_);
  const Arranged wanted{looked, f.head, f.token, f.label};
  if (!(arranged_ == wanted)) {
    if (arranged_.looked != looked)
      scene_.norms = std::make_shared<const inside::NormsNow>(inside::norms_now(*looked));
    if (!scene_.has_tokens()) {
      scene_.head = nullptr;
      scene_.token = nullptr;
    } else {
      if (arranged_.looked != looked || !(arranged_.head == f.head))
        scene_.head = std::make_shared<const inside::HeadPictures>(inside::head_pictures(*looked, f.head));
      scene_.token = std::make_shared<const inside::TokenPictures>(
          inside::token_pictures(*looked, f.head, f.token, f.label));
    }
    arranged_ = wanted;
  }
  const auto hung = std::pair(scene_.judged, view_.pinned.confusion);
  if (scene_.judged && hung != hung_) {
    scene_.gallery = std::make_shared<const inside::Gallery>(inside::gallery(*hung.first, hung.second));
    hung_ = hung;
  }
}

void InsideModel::draw(Canvas& c) {
  const Rect area = c.area().inset(18);
  if (!bench().shown()) return inside::draw_nothing(c, area, waiting_words());
  arrange();
  view_.hovered = {};
  const float top = draw_exhibit_tabs(c, area, view_.exhibit, step_words());
  const Rect box{area.x, top + 8, area.w, area.bottom() - top - 8};
  inside::Wish wish;
  switch (scene_.view.exhibit) {
    case Exhibit::kAttention:
      inside::draw_attention(c, box, scene_, view_);
      break;
    case Exhibit::kRollout:
      inside::draw_rollout(c, box, scene_, view_);
      break;
    case Exhibit::kDistance:
      inside::draw_distance(c, box, scene_, view_);
      break;
    case Exhibit::kLens:
      inside::draw_lens(c, box, scene_, view_);
      break;
    case Exhibit::kFilters:
      inside::draw_filters(c, box, scene_, view_);
      break;
    case Exhibit::kPositions:
      inside::draw_positions(c, box, scene_, view_);
      break;
    case Exhibit::kMistakes:
      if (scene_.looked->opened)
        inside::draw_nothing(c, box,
                             "Mistakes are counted on a data set; a model that was opened from a file comes "
                             "without one.");
      else
        wish = inside::draw_mistakes(c, box, scene_, view_);
      break;
    case Exhibit::kNorms:
      wish = inside::draw_norms(c, box, scene_, view_);
      break;
  }
  lit_anew_ = !(view_ == scene_.view);
  if (wish.step) bench().look_at(*wish.step);
  if (wish.probe) {
    Workbench::Params params = bench().params();
    params.probe = {*wish.probe, {}};
    bench().edit(std::move(params), false);
  }
  if (!bench().shown_error().empty()) draw_error_card(c, "This cannot be looked at", bench().shown_error());
}

std::string InsideModel::waiting_words() const {
  if (!bench().shows_opened()) return nothing_words();
  return bench().shown_error().empty() ? "The model looks at the picture …" : bench().shown_error();
}

std::string InsideModel::step_words() const {
  if (const auto& opened = scene_.looked->opened)
    return core::printable(opened->path.filename().string(), 40) + ", opened from a file";
  const auto& snapshot = bench().snapshot();
  const std::string step = "step " + core::grouped(scene_.looked->step);
  if (!snapshot || snapshot->run_id != scene_.looked->run_id) return step;
  return step + " of " + core::grouped(snapshot->past.newest) +
         (scene_.looked->step == snapshot->past.newest ? ", the newest" : ", a kept one");
}

widgets::Equation InsideModel::explain() const {
  if (!scene_.looked || !scene_.norms) return {{}, waiting_words()};
  switch (scene_.view.exhibit) {
    case Exhibit::kAttention:
      return inside::explain_attention(scene_);
    case Exhibit::kRollout:
      return inside::explain_rollout(scene_);
    case Exhibit::kDistance:
      return inside::explain_distance(scene_);
    case Exhibit::kLens:
      return inside::explain_lens(scene_);
    case Exhibit::kFilters:
      return inside::explain_filters(scene_);
    case Exhibit::kPositions:
      return inside::explain_positions(scene_);
    case Exhibit::kMistakes:
      return scene_.looked->opened ? widgets::Equation{} : inside::explain_mistakes(scene_);
    case Exhibit::kNorms:
      break;
  }
  return inside::explain_norms(scene_);
}

double InsideModel::sleep_s() const {
  if (lit_anew_) return 0;
  const bool busy = weights_job_.busy() || judge_job_.busy() || history_job_.busy();
  return std::min(LearningLab::sleep_s(), busy ? kBusyFrame_s : kForever);
}

void InsideModel::describe(core::Fields& fields) {
  Workbench::Params params = bench().params();
  fields.group("params", params);
  fields.group("view", view_);
  fields.group("model", bench().opened());
  if (!(params == bench().params())) bench().adopt(std::move(params));
}

std::vector<std::string> InsideModel::presets() const {
  return {inside::kExhibits.begin(), inside::kExhibits.end()};
}

bool InsideModel::load_preset(std::string_view name) {
  const auto found = std::ranges::find(inside::kExhibits, name);
  if (found == inside::kExhibits.end()) return false;
  view_.exhibit = static_cast<Exhibit>(found - inside::kExhibits.begin());
  return true;
}

void InsideModel::settle(double t) {
  LearningLab::settle(t);
  do poll(std::chrono::milliseconds(5));
  while (weights_job_.busy() || judge_job_.busy() || history_job_.busy());
  poll({});
}

void InsideModel::edit_controls(widgets::Controls& c, Workbench::Params& params) {
  opened_controls(c, bench().opened());
  if (bench().shows_opened())
    shown_facts(c);
  else
    run_controls(c, params);
  head_controls(c);
}

void InsideModel::run_controls(widgets::Controls& c, Workbench::Params& params) {
  const train::TrainSnapshot* s = bench().snapshot().get();
  c.section("Step that is looked at");
  if (s && scene_.looked && !scene_.looked->opened) {
    c.fact("Step", core::grouped(scene_.looked->step) + " of " + core::grouped(s->past.newest),
           Role::kOutput);
    c.fact("Kept steps", core::grouped(std::ssize(s->past.kept)));
    const std::string_view walk[] = {"Earlier", "Later", "Newest"};
    if (const auto pressed = c.buttons(walk, "From one kept step to the next; Left and Right do the same")) {
      if (*pressed == 0) bench().step(-1);
      if (*pressed == 1 && !bench().live()) bench().step(1);
      if (*pressed == 2) bench().look_at(bench().last_step());
    }
    c.note("Drag the playhead to scrub training time: everything is shown as it was at that kept step.");
  }
  if (s && !s->message.empty()) c.note(s->message, Role::kTrouble);

  const Index images = s && s->dataset ? s->dataset->validation.count() : 10'000;
  c.section("Picture that is looked at");
  c.integer("Probe", params.probe.image, {0, images - 1, 0}, "Number of a validation image");
  shown_facts(c);
}

void InsideModel::shown_facts(widgets::Controls& c) {
  if (!scene_.looked) return;
  const Looked& looked = *scene_.looked;
  const auto& names = looked.dataset->class_names;
  const auto& p = looked.inside.probabilities;
  const auto best = std::ranges::max_element(p) - p.begin();
  if (!looked.opened)
    c.fact("It is", looked.label < 0 ? "unknown" : names[static_cast<std::size_t>(looked.label)]);
  c.fact("The model says",
         names[static_cast<std::size_t>(best)] + ", " +
             core::shown(std::round(1000 * static_cast<double>(p[static_cast<std::size_t>(best)])) / 10, 3) +
             " %",
         looked.opened || best == looked.label ? Role::kOutput : Role::kTrouble);
}

void InsideModel::head_controls(widgets::Controls& c) {
  if (!scene_.looked || !scene_.has_tokens()) return;
  c.section("Head that is shown large");
  inside::View chosen;
  chosen.head = view_.head;
  const HeadPlace place = inside::focus_of(*scene_.looked, chosen).head;
  Index layer = place.layer + 1, head = place.head + 1;
  if (c.integer("Layer", layer, {1, scene_.depth(), scene_.depth()}, "Encoder block"))
    view_.head.layer = layer - 1;
  if (c.integer("Head", head, {1, scene_.heads(), 1}, "Of that layer")) view_.head.head = head - 1;
  c.toggle("Fit colours", view_.fit_colors, false,
           "Attention and rollout from 0 to their largest share instead of 0 to 1");
}

lessons::Symbols InsideModel::numbers(core::Index) const {
  const auto& looked = bench().shown();
  lessons::Symbols all = bench().shows_opened() ? lessons::Symbols() : run_numbers(bench());
  if (!looked || (all.empty() && !looked->opened)) return all;
  const inside::Focus f = inside::focus_of(*looked, view_);
  all.merge(look_numbers(*looked));
  all.insert_or_assign("exhibit", lessons::number(static_cast<double>(view_.exhibit)));
  if (looked->inside.attention.empty()) return all;
  all.insert({{"layer", lessons::number(static_cast<double>(f.head.layer + 1))},
              {"head", lessons::number(static_cast<double>(f.head.head + 1))},
              {"token", lessons::number(static_cast<double>(f.query + 1))},
              {"key", lessons::number(static_cast<double>(f.key + 1))},
              {"weight", lessons::number(static_cast<double>(
                             looked->inside.attention(f.head.layer, f.head.head, f.query, f.key)))},
              {"distances", looked->inside.attention_distance}});
  return all;
}

}  // namespace vitrine::labs
