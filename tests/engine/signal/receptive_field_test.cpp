#include "engine/signal/receptive_field.h"

#include <gtest/gtest.h>

#include <vector>

namespace vitrine::signal {
namespace {

using core::ShapeError;

std::vector<ReceptiveLayer> repeated(std::size_t times, const ReceptiveLayer& layer) {
  return std::vector<ReceptiveLayer>(times, layer);
}

TEST(ReceptiveField, StacksOfTheCourse) {
  EXPECT_EQ(receptive_field({}), (ReceptiveField{1, 1}));
  EXPECT_EQ(receptive_field(repeated(2, {.kernel = 3})), (ReceptiveField{5, 1}));
  EXPECT_EQ(receptive_field(repeated(2, {.kernel = 3, .stride = 2})), (ReceptiveField{7, 4}));
  EXPECT_EQ(receptive_field(repeated(5, {.kernel = 3})), (ReceptiveField{11, 1}));
  const ReceptiveLayer stem[] = {
      {.kernel = 7, .stride = 2}, {.kernel = 3, .stride = 2}, {.kernel = 3, .stride = 1}};
  EXPECT_EQ(receptive_field(stem), (ReceptiveField{19, 4}));
}

TEST(ReceptiveField, DilationReachesFurtherWithTheSameKernel) {
  for (core::Index dilation = 1; dilation <= 3; ++dilation)
    EXPECT_EQ(receptive_field(repeated(1, {.kernel = 3, .dilation = dilation})).size, 2 * dilation + 1);
  const ReceptiveLayer wave[] = {{.kernel = 2}, {.kernel = 2, .dilation = 2}, {.kernel = 2, .dilation = 4}};
  EXPECT_EQ(receptive_field(wave).size, 8);
}

// r(l-1) = S_l r_l + (K_l - S_l) from the last layer back to the first says the same.
TEST(ReceptiveField, AgreesWithTheRecurrenceFromTheEnd) {
  const ReceptiveLayer layers[] = {{.kernel = 5, .stride = 3},
                                   {.kernel = 2, .stride = 2},
                                   {.kernel = 4, .stride = 1},
                                   {.kernel = 3, .stride = 5}};
  core::Index backward = 1;
  for (auto layer = std::rbegin(layers); layer != std::rend(layers); ++layer)
    backward = layer->stride * backward + layer->kernel - layer->stride;
  EXPECT_EQ(receptive_field(layers).size, backward);
  EXPECT_EQ(receptive_field(layers).jump, 30);
}

std::string message(const std::vector<ReceptiveLayer>& layers) {
  try {
    receptive_field(layers);
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "";
}

TEST(ReceptiveField, NamesTheLayerThatIsWrong) {
  EXPECT_EQ(message({{.kernel = 3}, {.kernel = 0}}), "layer 2: kernel 0 is smaller than 1");
  EXPECT_EQ(message({{.kernel = 3, .stride = -1}}), "layer 1: stride -1 is smaller than 1");
  EXPECT_EQ(message({{.kernel = 3, .dilation = 0}}), "layer 1: dilation 0 is smaller than 1");
  EXPECT_EQ(message({{.kernel = 5, .dilation = core::Index{1} << 62}}),
            "layer 1: 4611686018427387904 x 4 passes 2^63");
  EXPECT_EQ(message(repeated(64, {.kernel = 2, .stride = 2})).substr(0, 9), "layer 63:");
}

}  // namespace
}  // namespace vitrine::signal
