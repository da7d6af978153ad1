#include "app/labs/inside/pictures.h"

#include <algorithm>
#include <cmath>

#include "engine/core/workers.h"
#include "engine/nn/rollout.h"
#include "engine/nn/vit.h"
#include "engine/sequence/positions.h"
#include "engine/sequence/softmax.h"

namespace vitrine::labs::inside {

using core::Tensor;

namespace {

// Matrix i of [N, rows, columns].
Tensor<float> matrix_of(const Tensor<float>& all, Index i) {
  const Index rows = all.size(all.rank() - 2), columns = all.size(all.rank() - 1), count = rows * columns;
  return {{rows, columns},
          all.values().subspan(static_cast<std::size_t>(i * count), static_cast<std::size_t>(count))};
}

Tensor<float> even_attention(Index tokens) {
  return Tensor<float>(core::Shape{1, 1, tokens, tokens}, 1.0f / static_cast<float>(tokens));
}

std::optional<Tensor<float>> parameter_of(const Looked& looked, const std::string& name) {
  const auto& infos = looked.model->layout().infos();
  const auto at = std::ranges::find(infos, name, &nn::ParameterInfo::name);
  if (at == infos.end()) return std::nullopt;
  return nn::parameter<float>(*at, looked.weights->values);
}

// The maps [F, ...] of the filters, in their order and each with rows and columns.
Tensor<float> in_order(const Tensor<float>& maps, const std::vector<Index>& numbers) {
  const Index count = maps.size(0), rows = maps.rank() == 3 ? maps.size(1) : 1,
              columns = maps.rank() == 3 ? maps.size(2) : 1, each = rows * columns;
  Tensor<float> out({count, rows, columns});
  for (Index f = 0; f < count; ++f)
    std::copy_n(&maps[(numbers.empty() ? f : numbers[static_cast<std::size_t>(f)]) * each], each,
                &out[f * each]);
  return out;
}

void add_features(WeightPictures& p, const std::string& layer, const Tensor<float>& maps) {
  p.features.push_back({layer, mosaic_of(maps.reshaped({maps.size(0), 1, maps.size(1), maps.size(2)}))});
}

void add_activations(const Looked& looked, WeightPictures& p) {
  for (const auto& [name, values] : looked.inside.activations) {
    if (name == "logits") continue;
    const bool of_filters = p.features.empty() && values.size(0) == p.filters.pictures.size(0);
    add_features(p, name, in_order(values, of_filters ? p.filters.numbers : std::vector<Index>{}));
  }
}

void add_positions(const Looked& looked, WeightPictures& p) {
  const auto table = parameter_of(looked, "pos_embed");
  if (!table) return;
  const PatchGrid& grid = looked.inside.grid;
  const Tensor<double> rows = table->reshaped({table->size(1), table->size(2)}).cast<double>();
  p.products = sequence::row_products(rows);
  p.cosines = sequence::cosines(p.products);
  const Tensor<double> lengths = sequence::row_lengths(p.products);
  p.lengths.assign(lengths.values().begin(), lengths.values().end());
  Tensor<float> maps({grid.rows, grid.columns, grid.tokens()});
  for (Index patch = 0; patch < grid.patches(); ++patch)
    for (Index token = 0; token < grid.tokens(); ++token)
      maps[patch * grid.tokens() + token] = static_cast<float>(p.cosines(grid.first_patch + patch, token));
  p.cosine_tiles = train::token_maps(maps, grid);
  for (Index token = 0; token < grid.tokens(); ++token) {
    Tensor<float> map({grid.rows, grid.columns});
    for (Index patch = 0; patch < grid.patches(); ++patch)
      map[patch] = static_cast<float>(p.cosines(token, grid.first_patch + patch));
    p.cosine_maps.push_back(std::move(map));
  }
}

}  // namespace

HeadPictures head_pictures(const Looked& looked, HeadPlace head) {
  const train::Inside& in = looked.inside;
  const Index depth = in.attention.size(0), heads = in.attention.size(1);
  HeadPictures p{matrix_of(in.attention, head.layer * heads + head.head),
                 matrix_of(in.rollouts, head.layer),
                 {},
                 {},
                 train::attention_distances(even_attention(in.grid.tokens()), in.grid)[0],
                 0};
  for (Index layer = 0; layer < depth; ++layer) {
    const double x = static_cast<double>(layer + 1);
    double sum = 0;
    for (Index h = 0; h < heads; ++h) {
      const double px = in.attention_distance(layer, h);
      p.distances.push_back({x, px});
      sum += px;
      if (px > p.greatest_distance) p.greatest_distance = px;
    }
    p.mean_distances.push_back({x, sum / static_cast<double>(heads)});
  }
  return p;
}

TokenPictures token_pictures(const Looked& looked, HeadPlace head, std::optional<Index> token, Index label) {
  const train::Inside& in = looked.inside;
  const Index tokens = in.grid.tokens(), depth = in.attention.size(0), classes = in.lens.size(2),
              query = token.value_or(0);
  Tensor<float> rollouts({1, depth, tokens}), lens({1, depth + 1, tokens});
  for (Index layer = 0; layer < depth; ++layer)
    for (Index key = 0; key < tokens; ++key) rollouts(0, layer, key) = in.rollouts(layer, query, key);
  Tensor<double> by_class({classes, depth + 1});
  for (Index layer = 0; layer <= depth; ++layer) {
    for (Index t = 0; t < tokens; ++t) lens(0, layer, t) = in.lens_probabilities(layer, t, label);
    for (Index v = 0; v < classes; ++v)
      by_class(v, layer) = static_cast<double>(token ? in.lens_probabilities(layer, query, v)
                                                     : in.lens_pooled_probabilities(layer, v));
  }
  TokenPictures p;
  p.attention = train::attention_maps(in.attention, in.grid, query);
  p.rollouts = train::token_maps(rollouts, in.grid);
  p.lens = train::token_maps(lens, in.grid);
  p.classes = std::move(by_class);
  p.scores = train::attention_scores(dynamic_cast<const nn::Vit<float>&>(*looked.model), *looked.weights, in,
                                     head.layer, head.head, query);
  p.exps.resize(p.scores.size());
  std::vector<double> weights(p.scores.size());
  p.exp_sum = sequence::softmax_row(p.scores, 1, {}, p.exps, weights);
  p.greatest = *std::ranges::max_element(p.scores);
  const Tensor<float> mixed = nn::mixed_with_residual(in.attention, head.layer);
  p.mixed.assign(&mixed(query, 0), &mixed(query, 0) + tokens);
  return p;
}

Mosaic mosaic_of(const Tensor<float>& pictures) {
  const Index count = pictures.size(0), channels = pictures.size(1), rows = pictures.size(2),
              columns = pictures.size(3), planes = channels == 3 ? 3 : 1;
  Index across = 1;
  while (across * across < count) ++across;
  Mosaic m{{}, across, count, rows, columns, 0, {}};
  m.values = planes == 3 ? Tensor<float>({planes, across * rows, across * columns})
                         : Tensor<float>({across * rows, across * columns});
  for (Index i = 0; i < count; ++i) {
    Tensor<float>& own =
        m.single.emplace_back(planes == 3 ? core::Shape{planes, rows, columns} : core::Shape{rows, columns});
    for (Index plane = 0; plane < planes; ++plane)
      for (Index r = 0; r < rows; ++r)
        for (Index c = 0; c < columns; ++c) {
          const float value = pictures(i, plane, r, c);
          const Index row = i / across * rows + r, column = i % across * columns + c;
          m.values[(plane * across * rows + row) * across * columns + column] = value;
          own[(plane * rows + r) * columns + c] = value;
          if (std::isfinite(value)) m.largest = std::max(m.largest, std::abs(value));
        }
  }
  return m;
}

WeightPictures weight_pictures(const Looked& looked) {
  WeightPictures p;
  p.run_id = looked.run_id;
  p.filters = train::first_filters(*looked.model, *looked.weights);
  p.filter_tiles = mosaic_of(p.filters.pictures);
  const std::string layer = p.filters.name.substr(0, p.filters.name.rfind('.'));
  const Tensor<float> bias = parameter_of(looked, layer + ".bias").value();
  for (const Index f : p.filters.numbers) p.bias.push_back(bias[f]);
  if (looked.inside.grid.patches() == 0) {
    add_activations(looked, p);
    return p;
  }
  constexpr Index kMostComponents = 36;
  p.components = train::principal_components(p.filters, kMostComponents);
  if (!p.components.shares.empty()) p.component_tiles = mosaic_of(p.components.pictures);
  add_features(p, layer, train::patch_answers(p.filters, bias, looked.normalised(looked.pixels)));
  add_positions(looked, p);
  return p;
}

Judgement judge(const Looked& looked, std::stop_token stop, core::Progress& progress) {
  core::Workers alone(1);  // the others train
  Judgement j{looked.run_id, looked.step, looked.dataset, {}, {}, {}, {}};
  j.evaluation = train::evaluate(*looked.model, *looked.weights, *looked.dataset, looked.dataset->validation,
                                 alone, stop, &progress);
  j.scores = j.evaluation.scores();
  const Tensor<Index>& counts = j.evaluation.confusion;
  j.confusion = Tensor<float>(counts.shape());
  Index most = -1;
  for (Index of = 0; of < counts.size(0); ++of)
    for (Index taken = 0; taken < counts.size(1); ++taken) {
      const Index images = j.scores[static_cast<std::size_t>(of)].images;
      if (images > 0)
        j.confusion(of, taken) = static_cast<float>(counts(of, taken)) / static_cast<float>(images);
      if (of == taken || counts(of, taken) <= most) continue;
      most = counts(of, taken);
      j.most_confused = {of, taken};
    }
  return j;
}

Gallery gallery(const Judgement& j, std::optional<widgets::Cell> cell) {
  const train::Split& split = j.dataset->validation;
  std::vector<Index> numbers =
      cell ? j.evaluation.taken_for(split, cell->row, cell->column) : j.evaluation.worst(split.count());
  Gallery g{{}, std::ssize(numbers)};
  numbers.resize(std::min(numbers.size(), static_cast<std::size_t>(kMostImages)));
  const Index channels = j.dataset->channels(), height = j.dataset->height(), width = j.dataset->width(),
              count = channels * height * width;
  for (const Index number : numbers) {
    const nn::ImageLoss& seen = j.evaluation.images[static_cast<std::size_t>(number)];
    g.images.push_back({number, split.labels[number], seen.prediction, seen.probability, seen.loss,
                        drawn_pixels(split.images.data() + number * count, channels, height, width)});
  }
  return g;
}

NormsNow norms_now(const Looked& looked) {
  const train::Inside& in = looked.inside;
  return {train::layer_norms(*looked.model, in.weight_norms),
          train::layer_norms(*looked.model, in.gradient_norms)};
}

}  // namespace vitrine::labs::inside
