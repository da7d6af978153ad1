#include "app/labs/workbench/opened_controls.h"

#include <algorithm>

#include "app/widgets/file_browser.h"
#include "app/widgets/matrix.h"
#include "engine/core/text.h"

namespace vitrine::labs {

using core::Index;

namespace {

void model_controls(widgets::Controls& c, const train::OpenedModel& model, OpenedLook::Files& files) {
  const nn::VitSizes& s = model.model->sizes();
  c.fact("Pictures", widgets::shape_words({s.channels, s.height, s.width}));
  c.fact("Blocks", core::grouped(s.depth) + " of " + core::grouped(s.embed_dim));
  c.fact("Classes", core::grouped(s.classes));
  if (!model.note.empty()) c.note(model.note);
  c.choice("Normalisation", files.normalisation, OpenedLook::kNormalisations,
           OpenedLook::Normalising::kRecorded,
           "Mean and deviation of a pixel: what config.json beside the file says, or without one 0.5 and "
           "0.5; 0.5; or ImageNet's, for DeiT");
  const Index inner = s.heads * s.head_dim;
  Index heads = s.heads;
  if (!model.heads_known &&
      c.integer("Heads", heads, {1, inner, s.heads}, "Of every block; they share its queries evenly") &&
      inner % heads == 0)
    files.heads = heads;
}

}  // namespace

void opened_controls(widgets::Controls& c, OpenedLook& opened) {
  static constexpr std::string_view kWeights[] = {".safetensors"}, kText[] = {".txt"};
  c.section("Model from a file");
  OpenedLook::Files files = opened.files();
  std::string weights = files.weights.string(), labels = files.labels.string(), picture;
  widgets::file_control(c, "Weights", weights, kWeights,
                        "A Vision Transformer with timm's names; dropping it on the window does the same");
  if (weights != files.weights.string()) {
    if (weights.empty()) return opened.close();
    return opened.read({.weights = weights});
  }
  if (opened.reading()) c.note("The model is being read.");
  if (!opened.model()) return;
  widgets::file_control(c, "Picture", picture, kPictureEndings,
                        "What the model looks at: its middle, as large as the model wants it");
  if (!picture.empty()) opened.open_part(picture);
  widgets::file_control(c, "Class names", labels, kText, "A line for every class");
  files.labels = labels;
  model_controls(c, *opened.model(), files);
  if (!(files == opened.files())) opened.read(std::move(files));
  constexpr std::string_view kBack[] = {"Back to the run"};
  if (c.buttons(kBack, "The labs look at the model in training again")) opened.close();
}

}  // namespace vitrine::labs
