#include "engine/sequence/tokens.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vitrine::sequence {
namespace {

using core::Tensor;
using List = std::vector<std::string>;

TEST(Tokens, WordsStandBetweenBlanks) {
  const Words w = words_of("  the cat\tsat\n on\u00A0the\u3000mat. ", 100);
  EXPECT_EQ(w.words, (List{"the", "cat", "sat", "on", "the", "mat."}));
  EXPECT_EQ(w.total, 6);
  EXPECT_EQ(words_of(" \n ", 100).total, 0);
}

TEST(Tokens, WordsBeyondTheMostAreCounted) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "word ";
  const Words w = words_of(text, 2'048);
  EXPECT_EQ(w.words.size(), 2'048u);
  EXPECT_EQ(w.total, 10'000);
}

TEST(Tokens, WhatIsNoUtf8IsReplacedByteByByte) {
  // A lone continuation, an overlong slash, a surrogate, a cut character.
  EXPECT_EQ(words_of("a\x80 \xC0\xAF \xED\xA0\x80 z\xE2\x82", 9).words,
            (List{"a\uFFFD", "\uFFFD\uFFFD", "\uFFFD\uFFFD\uFFFD", "z\uFFFD\uFFFD"}));
}

TEST(Tokens, TheSameWordHasTheSameRowEverywhere) {
  const Tensor<double> x = word_embeddings({"the", "cat", "the"}, 4, 1), y = word_embeddings({"the"}, 6, 1);
  for (Index i = 0; i < 4; ++i) {
    EXPECT_EQ(x(0, i), x(2, i));
    EXPECT_EQ(x(0, i), y(0, i)) << "a wider row begins alike";
    EXPECT_NE(x(0, i), x(1, i));
  }
  EXPECT_NE(word_embeddings({"the"}, 4, 2)(0, 0), x(0, 0)) << "another seed";
}

TEST(Tokens, PatchesGoRightThenDown) {
  Tensor<float> picture({2, 4, 5});
  for (Index i = 0; i < picture.count(); ++i) picture[i] = static_cast<float>(i);
  const Tensor<double> x = patches_of(picture, 2);
  EXPECT_EQ(x, Tensor<double>({4, 8}, {0,  1,  5,  6,  20, 21, 25, 26, 2,  3,  7,  8,  22, 23, 27, 28,
                                       10, 11, 15, 16, 30, 31, 35, 36, 12, 13, 17, 18, 32, 33, 37, 38}));
  EXPECT_THROW(patches_of(picture, 5), core::ShapeError);
  EXPECT_THROW(patches_of(picture, 0), core::ShapeError);
}

TEST(Tokens, UntrainedMatricesKeepTheSizeOfTheirInput) {
  const Tensor<double> w = untrained_matrix(100, 400, 3, 0);
  double squares = 0;
  for (const double v : w.values()) squares += v * v;
  EXPECT_NEAR(squares / 100, 1, 0.05);
  EXPECT_NE(untrained_matrix(100, 400, 3, 1)[0], w[0]);
  EXPECT_EQ(components(3, 2), Tensor<double>({3, 2}, {1, 0, 0, 1, 1, 0}));
}

}  // namespace
}  // namespace vitrine::sequence
