#include "app/learn/library.h"

#include <algorithm>
#include <utility>

namespace vitrine::learn {

using lessons::Card;
using lessons::Lesson;

namespace {

template <class Kind>
const Kind* find(const std::vector<Kind>& all, std::string_view id) {
  const auto at = std::ranges::find(all, id, &Kind::id);
  return at == all.end() ? nullptr : &*at;
}

template <class Kind>
const Kind& add(std::vector<Kind>& all, Kind one) {
  const std::string id = one.id;
  std::erase_if(all, [&](const Kind& other) { return other.id == id; });
  const auto place = std::ranges::upper_bound(all, one.number, {}, &Kind::number);
  return *all.insert(place, std::move(one));
}

}  // namespace

void Library::add_folder(const std::filesystem::path& folder) {
  auto more_cards = lessons::read_cards(folder);
  auto more_lessons = lessons::read_lessons(folder);
  for (Card& card : more_cards.all) add(cards, std::move(card));
  for (Lesson& lesson : more_lessons.all) add(lessons, std::move(lesson));
  refused.insert(refused.end(), more_cards.refused.begin(), more_cards.refused.end());
  refused.insert(refused.end(), more_lessons.refused.begin(), more_lessons.refused.end());
}

const Card& Library::add_card(const std::filesystem::path& file) {
  return add(cards, lessons::read_card(file));
}
const Lesson& Library::add_lesson(const std::filesystem::path& file) {
  return add(lessons, lessons::read_lesson(file));
}

const Card* Library::card(std::string_view id) const { return find(cards, id); }
const Lesson* Library::lesson(std::string_view id) const { return find(lessons, id); }

}  // namespace vitrine::learn
