#include "engine/train/token_maps.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace vitrine::train {

using core::Tensor;

namespace {

void require_tokens(const core::Shape& shape, std::size_t rank, const PatchGrid& grid) {
  if (shape.rank() != rank || shape[rank - 1] != grid.tokens() ||
      (rank == 4 && shape[rank - 2] != grid.tokens()))
    throw core::ShapeError("shape " + to_string(shape) + " is not one of " + std::to_string(grid.tokens()) +
                           " tokens");
}

// Between the centres of two patches so many rows and columns apart, [rows * columns] px.
std::vector<double> distances(const PatchGrid& grid) {
  std::vector<double> px;
  for (Index row = 0; row < grid.rows; ++row)
    for (Index column = 0; column < grid.columns; ++column)
      px.push_back(static_cast<double>(grid.patch_size) * std::hypot(row, column));
  return px;
}

// sum_j a[j] |c[i] - c[j]| / sum_j a[j]; NaN where all weights [patches] are 0.
double mean_distance(const float* weights, Index patch, const PatchGrid& grid,
                     const std::vector<double>& distances) {
  const Index row = patch / grid.columns, column = patch % grid.columns;
  double weighted = 0, sum = 0;
  for (Index r = 0; r < grid.rows; ++r)
    for (Index c = 0; c < grid.columns; ++c) {
      const double weight = weights[r * grid.columns + c];
      weighted +=
          weight *
          distances[static_cast<std::size_t>(std::abs(r - row) * grid.columns + std::abs(c - column))];
      sum += weight;
    }
  return sum == 0 ? std::numeric_limits<double>::quiet_NaN() : weighted / sum;
}

}  // namespace

PatchGrid patch_grid(const nn::VitSizes& sizes) {
  return {sizes.height / sizes.patch_size, sizes.width / sizes.patch_size, sizes.patch_size,
          sizes.embedding().first_patch()};
}

Tensor<float> token_maps(const Tensor<float>& values, const PatchGrid& grid) {
  require_tokens(values.shape(), 3, grid);
  const Index down = values.size(0), across = values.size(1);
  Tensor<float> maps({down * grid.rows, across * grid.columns});
  for (Index d = 0; d < down; ++d)
    for (Index a = 0; a < across; ++a)
      for (Index patch = 0; patch < grid.patches(); ++patch)
        maps(d * grid.rows + patch / grid.columns, a * grid.columns + patch % grid.columns) =
            values(d, a, grid.first_patch + patch);
  return maps;
}

Tensor<float> attention_maps(const Tensor<float>& attention, const PatchGrid& grid, Index query) {
  require_tokens(attention.shape(), 4, grid);
  if (query < 0 || query >= grid.tokens())
    throw std::invalid_argument("query " + std::to_string(query) + " outside the " +
                                std::to_string(grid.tokens()) + " tokens");
  const Index depth = attention.size(0), heads = attention.size(1);
  Tensor<float> rows({depth, heads, grid.tokens()});
  for (Index layer = 0; layer < depth; ++layer)
    for (Index head = 0; head < heads; ++head)
      for (Index key = 0; key < grid.tokens(); ++key)
        rows(layer, head, key) = attention(layer, head, query, key);
  return token_maps(rows, grid);
}

Tensor<double> attention_distances(const Tensor<float>& attention, const PatchGrid& grid) {
  require_tokens(attention.shape(), 4, grid);
  const Index depth = attention.size(0), heads = attention.size(1);
  const std::vector<double> px = distances(grid);
  Tensor<double> mean({depth, heads}, std::numeric_limits<double>::quiet_NaN());
  for (Index layer = 0; layer < depth; ++layer)
    for (Index head = 0; head < heads; ++head) {
      double sum = 0;
      Index looking = 0;
      for (Index patch = 0; patch < grid.patches(); ++patch) {
        const double distance = mean_distance(
            &attention(layer, head, grid.first_patch + patch, grid.first_patch), patch, grid, px);
        if (std::isnan(distance)) continue;
        sum += distance;
        ++looking;
      }
      if (looking > 0) mean(layer, head) = sum / static_cast<double>(looking);
    }
  return mean;
}

}  // namespace vitrine::train
