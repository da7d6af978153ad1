// The table of a language: what is looked up, and where its numbers go.
#include "app/widgets/words.h"

#include <gmock/gmock.h>

namespace vitrine::widgets {
namespace {

using testing::ElementsAre;

TEST(Words, WhatHasNoEntryStaysAsItIs) {
  Words words(Words::Table{{"Stride", "Schrittweite"}});
  EXPECT_EQ(words.of("Stride"), "Schrittweite");
  EXPECT_EQ(words.of("Kernel"), "Kernel");
  EXPECT_EQ(words.of("stride"), "stride");
  EXPECT_EQ(words.of(""), "");
  EXPECT_EQ(Words().of("Stride"), "Stride");
}

TEST(Words, NumbersGoToTheirPlaces) {
  Words words(Words::Table{{"step # / #", "Schritt # / #"}, {"# of # heads", "von #2 Köpfen #1"}});
  EXPECT_EQ(words.of("step 3 / 7"), "Schritt 3 / 7");
  EXPECT_EQ(words.of("step 12,000 / 60,000"), "Schritt 12,000 / 60,000");
  EXPECT_EQ(words.of("2 of 8 heads"), "von 8 Köpfen 2");
  EXPECT_EQ(words.of("two of 8 heads"), "two of 8 heads");
}

TEST(Words, AnEntryWithTheNumberItselfComesFirst) {
  Words words(Words::Table{{"# inputs", "# Eingaben"}, {"1 inputs", "1 Eingabe"}});
  EXPECT_EQ(words.of("1 inputs"), "1 Eingabe");
  EXPECT_EQ(words.of("2 inputs"), "2 Eingaben");
}

TEST(Words, TheFormsOfNumbers) {
  EXPECT_EQ(without_numbers("loss 0.25"), "loss #");
  EXPECT_EQ(without_numbers("loss −0.25, then 3"), "loss #, then #");
  EXPECT_EQ(without_numbers("rate 3e−5 now"), "rate # now");
  EXPECT_EQ(without_numbers("rate 1.5e12"), "rate #");
  EXPECT_EQ(without_numbers("5 × 5 kernel"), "# × # kernel");
  EXPECT_EQ(without_numbers("step 3."), "step #.") << "a full stop is none of the number's";
  EXPECT_EQ(without_numbers("3 epochs"), "# epochs") << "an e is not an exponent";
  EXPECT_EQ(without_numbers("5e"), "#e");
}

TEST(Words, DigitsOfANameAreNoNumber) {
  EXPECT_EQ(without_numbers("W2 of layer 3"), "W2 of layer #");
  EXPECT_EQ(without_numbers("F11"), "F11");
  EXPECT_EQ(without_numbers("Ctrl+1 to 9"), "Ctrl+# to #");
}

TEST(Words, PlacesThatATranslationTakes) {
  EXPECT_THAT(number_places("von # bis #"), ElementsAre(0u, 1u));
  EXPECT_THAT(number_places("von #2 bis #1"), ElementsAre(1u, 0u));
  EXPECT_THAT(number_places("#"), ElementsAre(0u));
  EXPECT_THAT(number_places("keine"), ElementsAre());
}

TEST(Words, MissingWordsAreCollectedOnceAndWithoutNumbers) {
  Words words(Words::Table{{"Stride", "Schrittweite"}});
  words.of("Padding");
  EXPECT_TRUE(words.missing().empty()) << "nobody asked for it";
  words.collect_missing(true);
  for (const char* said : {"Stride", "Padding", "step 3", "step 4", "x₁ + 2", "W2", "Paddi…"}) words.of(said);
  EXPECT_THAT(words.missing(), ElementsAre("Padding", "step #"));
  words.of(words.of("Stride"));
  EXPECT_EQ(words.missing().size(), 2u) << "what was translated is not asked for again";
}

TEST(Words, AnotherLanguageIsSpokenAtOnce) {
  Words words;
  words.speak({{"Stride", "Schrittweite"}});
  EXPECT_EQ(words.of("Stride"), "Schrittweite");
  words.speak({});
  EXPECT_EQ(words.of("Stride"), "Stride");
}

TEST(Words, ForgetsWhatWasSaidBeforeItIsTooMuch) {
  Words words(Words::Table{{"sample #", "Beispiel #"}});
  for (int i = 0; i < 20'000; ++i) {
    words.begin_frame();
    const std::string number = std::to_string(i);
    ASSERT_EQ(words.of("sample " + number), "Beispiel " + number);
  }
}

}  // namespace
}  // namespace vitrine::widgets
