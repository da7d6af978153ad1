#include "app/labs/compute_lab.h"
#include "app/labs/trio/lab.h"
#include "app/widgets/controls.h"

namespace vitrine::labs {

using widgets::Controls;
using widgets::Role;

void Trio::controls(Controls& c) {
  Params params = params_;
  if (const auto pressed = preset_buttons(c, presets())) {
    load_preset(presets()[*pressed]);
    params = params_;
  }
  race_controls(c);
  model_controls(c, params);
  if (!(params == params_)) {
    history_.record(params_, c.editing() && gesture_);
    gesture_ = c.editing();
    set(std::move(params));
  } else if (!c.editing()) {
    gesture_ = false;
  }
}

void Trio::race_controls(Controls& c) {
  c.section("Race");
  const std::string_view actions[] = {playing() ? "Pause" : "Start", "One step", "Reset"};
  if (const auto pressed = c.buttons(actions, "Space starts and pauses, Right does one update of each")) {
    if (*pressed == 0) toggle_play();
    if (*pressed == 1) step(1);
    if (*pressed == 2) reset();
  }
  if (!problem_.empty())
    c.note(problem_, Role::kTrouble);
  else if (race_ && needs_reset())
    c.note("What you changed below is built into a race: Reset begins a new one with it.", Role::kFocus);
  if (snapshot_ && !snapshot_->message.empty()) c.note(snapshot_->message, Role::kTrouble);
  if (snapshot_ && snapshot_->dataset && !snapshot_->dataset->note.empty())
    c.note(snapshot_->dataset->note, Role::kTrouble);
  if (snapshot_)
    for (std::size_t i = 0; i < snapshot_->runners.size(); ++i)
      if (const std::string& trouble = snapshot_->runners[i].trouble; !trouble.empty())
        c.note(contestants_[i].name + " " + trouble, Role::kTrouble);
  if (!answer_error_.empty()) c.note(answer_error_, Role::kTrouble);
}

void Trio::model_controls(Controls& c, Params& params) {
  // The kinds that need no folder of one's own stand first.
  constexpr auto kOffered = std::span(train::kDatasetKinds).first<4>();
  train::ContestConfig& contest = params.contest;
  train::TrainConfig& run = contest.reference;
  c.choice(
      "Turns", contest.turns, train::kTurns, train::Turns::kEqualImages,
      "One after the other; side by side, each with as many images; or each with as many seconds of work");

  c.section("Shift");
  c.integer("Reach", params.reach, {0, Params::kMostReach_px, 4, "px"},
            "Validation images are moved by so many pixels each way, background comes in");
  c.integer("Moved", params.shift_images, {1, Params::kMostShifted, 200, "images"},
            "The first so many validation images are moved; measured whenever the race stands still");
  c.integer("Probe", params.probe, {0, Params::kMostProbe, 0},
            "Number of the validation image that is drawn");

  c.section("Contest: with the next reset");
  c.choice(
      "Equal", contest.equal, train::kEquals, train::Equal::kParameters,
      "CNN and MLP get the widths that give them as many parameters as the ViT, or as many multiply-adds "
      "for an image in training");
  c.toggle("Frozen CNN", contest.frozen, true,
           "A fourth: the CNN whose filters stay as they were drawn; only its head learns");
  c.choice("Data set", run.dataset.kind, kOffered, train::DatasetKind::kDigits,
           "digits and shapes are generated; Fashion-MNIST is a Debian package; `vitrine data fetch mnist` "
           "brings MNIST");
  c.integer("Images", run.dataset.train_limit, {0, 60'000, 6'000}, "To train on; 0 = all");
  c.integer("Validation", run.dataset.validation_limit, {0, 10'000, 1'000}, "Images; 0 = all");
  c.integer("Epochs", run.epochs, {1, 100, 10}, "Passes over the training images");
  c.real("Learning rate", run.optimizer.learning_rate, {1e-6, 10, 2e-3, 1e-4, true},
         "Of all of them; how far one update moves the weights");
  c.integer("Batch size", run.batch_size, {1, 512, 32}, "Images an update learns from");
  c.integer("Seed", run.seed, {0, 1'000'000, 0}, "The same seed gives the same race, bit for bit");

  c.section("The ViT: with the next reset");
  c.integer("Patch size", run.model.patch_size, {1, 28, 7, "px"},
            "A patch is one token; it must divide the picture");
  c.integer("Embed dim", run.model.embed_dim, {2, 512, 32}, "Numbers a token is described by");
  c.integer("Depth", run.model.depth, {1, 24, 3}, "Encoder blocks");
  c.integer("Heads", run.model.heads, {1, 16, 4}, "Of each attention");
  c.integer("Head dim", run.model.head_dim, {0, 128, 8}, "Numbers a head compares; 0 = embed dim / heads");
  c.integer("MLP dim", run.model.mlp_dim, {1, 2048, 64}, "Hidden units of a block's two-layer network");
}

}  // namespace vitrine::labs
