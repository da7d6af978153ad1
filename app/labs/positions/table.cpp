#include "app/labs/positions/table.h"

#include <algorithm>
#include <stdexcept>

#include "engine/core/text.h"
#include "engine/io/assets.h"
#include "engine/io/safetensors.h"

namespace vitrine::labs {

using core::Index;
using core::Tensor;
using widgets::Role;

namespace {

constexpr std::size_t kMostName_bytes = 60;

}  // namespace

void Positions::Table::describe(core::Fields& f) {
  f.field("rows", rows);
  f.field("first_patch", first_patch);
  f.field("columns", columns);
  f.field("step", step);
  f.field("data", data);
}

void Positions::Table::fit() {
  if (rows.rank() != 2 || rows.empty() || rows.count() > kLargestTable || rows.size(0) > kLongest) *this = {};
  first_patch = std::clamp<Index>(first_patch, 0, 1);
  step = std::max<Index>(step, 0);
  if (columns < 1 || patches() % columns != 0) columns = std::max<Index>(patches(), 1);
  data = core::printable(data, kMostName_bytes);
}

void Positions::table_controls(Params& p, widgets::Controls& c) const {
  c.section("Learned table");
  const auto model = model_ ? model_() : nullptr;
  const Tensor<float>* rows = model ? &model->model.position_table : nullptr;
  if (!model || model->model.tokens == 0) {
    c.note("No model is being trained: the lab Training has one as soon as it is opened.");
  } else if (rows->empty()) {
    c.note("The model being trained learns no positions: its setting is another.", Role::kFocus);
  } else if (rows->count() > kLargestTable) {
    c.note("The table of the model being trained, " + widgets::shape_words(rows->shape()) +
               ", is larger than the " + core::grouped(kLargestTable) + " numbers that can be kept.",
           Role::kFocus);
  } else if (c.button("Take the table at step " + core::grouped(model->step),
                      "Copies the positions that the model being trained has learned so far")) {
    p.table = positions_table::taken(*model);
  }
  if (!shipped_.rows.empty() && !(p.table == shipped_) &&
      c.button("Take the one that comes with Vitrine",
               "A small ViT's, trained on " + shipped_.data + " for a minute"))
    p.table = shipped_;
  if (p.table.rows.empty()) return;
  if (!p.table.data.empty()) c.fact("Trained on", p.table.data);
  c.fact("Taken at step", core::grouped(p.table.step));
  c.fact("Tokens × D", widgets::shape_words(p.table.rows.shape()));
}

}  // namespace vitrine::labs

namespace vitrine::labs::positions_table {

Positions::Table shipped() {
  constexpr Index kColumns = 7, kSteps = 11'250;
  try {
    const auto tensors = io::read_safetensors(io::asset("assets/positions/fashion-mnist.safetensors"));
    if (tensors.empty()) return {};
    Positions::Table table{tensors.front().values.cast<double>(), 1, kColumns, kSteps, "fashion-mnist"};
    table.fit();
    return table;
  } catch (const std::runtime_error&) {  // the lab does without
    return {};
  }
}

Positions::Table taken(const train::TrainSnapshot& s) {
  const Index patch = std::max<Index>(s.config.model.patch_size, 1);
  Positions::Table table{s.model.position_table.cast<double>(), s.model.first_patch,
                         s.dataset->width() / patch, s.step, s.dataset->name};
  table.fit();
  return table;
}

void add_maps(Positions::Result& r) {
  const Positions::Table& table = r.params.table;
  const Index tokens = r.products.size(0), patches = table.patches(), first = table.first_patch;
  if (tokens < r.positions() || patches < 1) return;  // not every patch is there
  r.lengths = sequence::row_lengths(r.products);
  r.cosines = sequence::cosines(r.products);
  const Index columns = table.columns, rows = patches / columns;
  for (Index t = 0; t < tokens; ++t) {
    Tensor<float>& map = r.maps.emplace_back(core::Shape{rows, columns});
    for (Index patch = 0; patch < patches; ++patch)
      map[patch] = static_cast<float>(r.cosines(t, first + patch));
  }
  r.all_maps = Tensor<float>(core::Shape{rows * rows, columns * columns});
  for (Index a = 0; a < patches; ++a)
    for (Index b = 0; b < patches; ++b)
      r.all_maps(a / columns * rows + b / columns, a % columns * columns + b % columns) =
          r.maps[static_cast<std::size_t>(first + a)][b];
}

}  // namespace vitrine::labs::positions_table
