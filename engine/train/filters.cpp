#include "engine/train/filters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <string>

#include "engine/core/orthogonal_rows.h"

namespace vitrine::train {

using core::Shape;
using core::Tensor;

namespace {

double squared_length(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return sum;
}

// What a filter that is a row of [F, inputs] is multiplied with: the output of the layer before its own.
Shape input_of(const nn::Model<float>& model, const std::string& parameter) {
  const std::vector<nn::LayerFacts> layers = model.layers();
  const auto own = std::ranges::find_if(
      layers, [&](const nn::LayerFacts& layer) { return parameter.starts_with(layer.name + "."); });
  const auto& [channels, height, width] = model.image();
  return own == layers.begin() ? Shape{channels, height, width} : std::prev(own)->output;
}

// The picture's numbers, each the heavier the nearer it is to the top left, summed.
double top_left(std::span<const double> picture, Index rows, Index columns) {
  double sum = 0;
  for (std::size_t i = 0; i < picture.size(); ++i) {
    const auto place = static_cast<Index>(i) % (rows * columns);
    const double down = static_cast<double>(place / columns) / static_cast<double>(rows),
                 along = static_cast<double>(place % columns) / static_cast<double>(columns);
    sum += picture[i] * std::exp(-2 * (down + along));
  }
  return sum;
}

// [F, numbers of a filter], without the mean over the filters.
Tensor<double> centred(const Tensor<float>& pictures) {
  const Index count = pictures.size(0), numbers = pictures.count() / count;
  Tensor<double> rows({count, numbers});
  for (Index i = 0; i < numbers; ++i) {
    double mean = 0;
    for (Index f = 0; f < count; ++f) mean += static_cast<double>(pictures[f * numbers + i]);
    mean /= static_cast<double>(count);
    for (Index f = 0; f < count; ++f) rows(f, i) = static_cast<double>(pictures[f * numbers + i]) - mean;
  }
  return rows;
}

}  // namespace

Filters first_filters(const nn::Model<float>& model, const nn::Weights<float>& weights) {
  const auto& infos = model.layout().infos();
  const auto& info = *std::ranges::find_if(
      infos, [](const nn::ParameterInfo& each) { return each.name.ends_with(".weight"); });
  const Tensor<float> values = nn::parameter<float>(info, weights.values);
  const Index count = values.size(0), numbers = values.count() / count;
  const Shape picture = info.shape.rank() == 4 ? Shape{info.shape[1], info.shape[2], info.shape[3]}
                                               : input_of(model, info.name);

  std::vector<double> norms;
  for (Index f = 0; f < count; ++f) {
    const std::vector<double> filter(&values[f * numbers], &values[f * numbers] + numbers);
    norms.push_back(std::sqrt(squared_length(filter)));
  }
  Filters filters{info.name, Tensor<float>({count, picture[0], picture[1], picture[2]}), {}, {}};
  filters.numbers.resize(static_cast<std::size_t>(count));
  std::iota(filters.numbers.begin(), filters.numbers.end(), Index{0});
  std::ranges::stable_sort(filters.numbers, std::greater(), [&](Index f) {
    const double norm = norms[static_cast<std::size_t>(f)];
    return std::isnan(norm) ? std::numeric_limits<double>::infinity() : norm;
  });
  for (Index i = 0; i < count; ++i) {
    const Index f = filters.numbers[static_cast<std::size_t>(i)];
    filters.norms.push_back(norms[static_cast<std::size_t>(f)]);
    std::copy_n(&values[f * numbers], numbers, &filters.pictures[i * numbers]);
  }
  return filters;
}

Components principal_components(const Filters& filters, Index most) {
  const Shape& shape = filters.pictures.shape();
  Tensor<double> rows = centred(filters.pictures);
  core::turn_rows_apart(rows);
  const Index count = rows.size(0), numbers = rows.size(1);
  const auto row = [&](Index f) {
    return rows.values().subspan(static_cast<std::size_t>(f * numbers), static_cast<std::size_t>(numbers));
  };
  std::vector<double> variances;
  for (Index f = 0; f < count; ++f) variances.push_back(squared_length(row(f)));
  const double all = std::accumulate(variances.begin(), variances.end(), 0.0);
  const auto variance = [&](Index f) { return variances[static_cast<std::size_t>(f)]; };
  std::vector<Index> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), Index{0});
  constexpr double kRounding = 1e-20;  // of the whole: a direction that the filters do not have
  std::erase_if(order, [&](Index f) { return !(variance(f) > kRounding * all); });
  std::ranges::stable_sort(order, std::greater(), variance);
  order.resize(std::min(order.size(), static_cast<std::size_t>(most)));

  const auto kept = static_cast<Index>(order.size());
  Components components{Tensor<float>({kept, shape[1], shape[2], shape[3]}), {}};
  for (Index i = 0; i < kept; ++i) {
    const Index f = order[static_cast<std::size_t>(i)];
    components.shares.push_back(variance(f) / all);
    const double length = std::sqrt(variance(f)), sign = top_left(row(f), shape[2], shape[3]) < 0 ? -1 : 1;
    for (Index n = 0; n < numbers; ++n)
      components.pictures[i * numbers + n] = static_cast<float>(sign * rows(f, n) / length);
  }
  return components;
}

Tensor<float> patch_answers(const Filters& filters, const Tensor<float>& bias, const Tensor<float>& image) {
  const Shape& shape = filters.pictures.shape();
  const Index count = shape[0], channels = shape[1], height = shape[2], width = shape[3];
  if (image.rank() != 3 || image.size(0) != channels || image.size(1) % height != 0 ||
      image.size(2) % width != 0)
    throw core::ShapeError("filters " + to_string(shape) + " do not tile a picture " +
                           to_string(image.shape()));
  Tensor<float> answers({count, image.size(1) / height, image.size(2) / width});
  for (Index f = 0; f < count; ++f)
    for (Index i = 0; i < answers.size(1); ++i)
      for (Index j = 0; j < answers.size(2); ++j) {
        double sum = static_cast<double>(bias[filters.numbers[static_cast<std::size_t>(f)]]);
        for (Index c = 0; c < channels; ++c)
          for (Index y = 0; y < height; ++y)
            for (Index x = 0; x < width; ++x)
              sum += static_cast<double>(filters.pictures(f, c, y, x)) *
                     static_cast<double>(image(c, i * height + y, j * width + x));
        answers(f, i, j) = static_cast<float>(sum);
      }
  return answers;
}

}  // namespace vitrine::train
