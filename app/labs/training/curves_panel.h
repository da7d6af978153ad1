// CurvesPanel: the curves of a run while it learns, over one x axis of steps, and of other runs beside it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/labs/workbench/curves.h"
#include "app/widgets/controls.h"
#include "app/widgets/plot_view.h"
#include "engine/core/fields.h"
#include "engine/train/events.h"

namespace vitrine::labs {

// How the curves are looked at: part of a lab's View.
struct CurvesView {
  bool logarithmic = false;  // loss and gradient norm
  double smoothing = 0.95;   // the factor of the running mean: about the last 1 / (1 - factor) steps
  bool learning_rate = true, grad_norm = true, speed = false;  // are shown under loss and accuracy
  widgets::PlotView plots;

  void describe(core::Fields& f);
};
void controls(widgets::Controls& c, CurvesView& view);

// One run of the picture.
struct DrawnRun {
  std::int64_t id = 0;
  std::string name = {};        // "Run 2"
  std::string difference = {};  // from the run that is looked at, in words: "learning rate 0.003"
  const Curves* curves = nullptr;
  std::int64_t forked_from = 0;  // another's id; 0: it is no fork
  core::Index forked_at = 0;
  std::vector<widgets::Mark> marks{};  // changes made while it ran, and other events
};

struct CurvesPicture {
  widgets::Rect box;
  std::vector<DrawnRun> runs;         // not empty
  std::size_t looked_at_run = 0;      // on top, from its first ancestor's first step
  core::Index classes = 10;           // K: ln K and 1 / K are drawn and named
  bool approximate = false;           // a quick validation leaves images out
  std::optional<core::Index> step{};  // that is looked at
};

// The step that the hand moves the line of what is looked at to. Changes view.plots only.
std::optional<core::Index> draw(widgets::Canvas& canvas, const CurvesPicture& picture, CurvesView& view);

// A run's events as marks: changes with old and new, divergences. A change in the past takes with it what
// came later.
std::vector<widgets::Mark> marks_of(std::span<const train::Event> events);

}  // namespace vitrine::labs
