// Library: the cards and lessons there are: the house's, the user's own, and those of files that were opened.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/lessons/card.h"

namespace vitrine::learn {

struct Library {
  std::vector<lessons::Card> cards;      // by number
  std::vector<lessons::Lesson> lessons;  // by number
  std::vector<std::string> refused;      // a line a file that cannot be read

  // All of a folder, behind what is there; of two of one id the later is kept.
  void add_folder(const std::filesystem::path& folder);
  // Throw io::FileError.
  const lessons::Card& add_card(const std::filesystem::path& file);
  const lessons::Lesson& add_lesson(const std::filesystem::path& file);

  // Null: there is none of this id.
  const lessons::Card* card(std::string_view id) const;
  const lessons::Lesson* lesson(std::string_view id) const;
};

}  // namespace vitrine::learn
