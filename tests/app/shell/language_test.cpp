// Languages as files: what is read, what is refused and how that is said.
#include "app/shell/language.h"

#include <gmock/gmock.h>

#include "app/labs/labs.h"
#include "engine/io/files.h"
#include "engine/io/json_text.h"
#include "tests/app/app_driver.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::shell {
namespace {

using testing::HasSubstr;

struct LanguageFiles : testing::Test {
  void write(const std::string& text, const std::string& code = "xx") {
    io::write_file(folder / (code + ".json"), text);
  }
  // Why the file is refused: one line with its name; "" if it is not.
  std::string refusal(const std::string& text) {
    write(text);
    const std::string words = io::error_of<io::FileError>([&] { read_language("xx", folder.path()); });
    if (!words.empty()) {
      EXPECT_THAT(words, HasSubstr("xx.json"));
      EXPECT_EQ(words.find('\n'), words.npos);
    }
    return words;
  }
  static std::string with(const std::string& words) {
    return R"({"language": "Xisch", "words": )" + words + "}";
  }
  io::TemporaryFolder folder;
};

TEST_F(LanguageFiles, AreReadAndListed) {
  write(R"({"language": "Deutsch", "words": {"Stride": "Schrittweite", "Later": "", "# of #": "#2: #1"}})",
        "de");
  write(with("{}"), "aa");
  write("{", "zz");
  write("no language", "not a code");
  const Language german = read_language("de", folder.path());
  EXPECT_EQ(german.code, "de");
  EXPECT_EQ(german.name, "Deutsch");
  EXPECT_EQ(german.words, (widgets::Words::Table{{"Stride", "Schrittweite"}, {"# of #", "#2: #1"}}))
      << "what is empty is not translated yet";
  std::vector<std::string> names;
  for (const Language& language : read_languages(folder.path())) names.push_back(language.name);
  EXPECT_THAT(names, testing::ElementsAre("English", "Xisch", "Deutsch", "zz")) << "a damaged one too";
}

TEST_F(LanguageFiles, EnglishHasNoFile) {
  write(with(R"({"Stride": "x"})"), "en");
  EXPECT_EQ(read_languages(folder.path()).size(), 1u);
  EXPECT_TRUE(read_language("en", folder.path()).words.empty());
  EXPECT_EQ(read_languages({}).size(), 1u);
  EXPECT_EQ(read_languages(folder / "nothing").size(), 1u);
}

TEST_F(LanguageFiles, DamagedOnesAreRefused) {
  EXPECT_THAT(refusal(""), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(R"({"language": "X", )"), HasSubstr("line 1"));
  EXPECT_THAT(refusal("{\"language\": \"\xff\", \"words\": {}}"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal(with(R"({"a": "b", "a": "c"})")), HasSubstr("twice"));
  EXPECT_THAT(refusal(std::string(10'000, '[')), HasSubstr("nested deeper"));
  EXPECT_THAT(refusal(with(std::string(10'000, '{'))), testing::Not(testing::IsEmpty()));
}

TEST_F(LanguageFiles, OfWrongTypesAreRefused) {
  EXPECT_THAT(refusal("[]"), HasSubstr("a language is an object"));
  EXPECT_THAT(refusal("null"), HasSubstr("a language is an object"));
  EXPECT_THAT(refusal(R"({"words": {}})"), HasSubstr("no \"language\""));
  EXPECT_THAT(refusal(R"({"language": "X"})"), HasSubstr("no \"words\""));
  EXPECT_THAT(refusal(R"({"language": 3, "words": {}})"), HasSubstr("3"));
  EXPECT_THAT(refusal(R"({"language": "", "words": {}})"), HasSubstr("1 to 60"));
  EXPECT_THAT(refusal(R"({"language": ")" + std::string(61, 'x') + R"(", "words": {}})"),
              HasSubstr("1 to 60"));
  EXPECT_THAT(refusal(with("[]")), HasSubstr("words: an object is expected"));
  EXPECT_THAT(refusal(with(R"({"Stride": 3})")), HasSubstr("\"Stride\" is 3"));
  EXPECT_THAT(refusal(with(R"({"Stride": null})")), HasSubstr("\"Stride\" is null"));
  EXPECT_THAT(refusal(R"({"language": "X", "words": {}, "word": {}})"), HasSubstr("\"word\""));
}

TEST_F(LanguageFiles, EveryNumberHasItsPlace) {
  EXPECT_EQ(refusal(with(R"({"# of #": "# von #"})")), "");
  EXPECT_EQ(refusal(with(R"({"# of #": "#2 von #1, #2"})")), "");
  EXPECT_THAT(refusal(with(R"({"# of #": "# von # und #"})")), HasSubstr("\"# of #\""));
  EXPECT_THAT(refusal(with(R"({"step #": "Schritt #2"})")), HasSubstr("asks for number 2"));
  EXPECT_THAT(refusal(with(R"({"step #": "Schritt"})")), HasSubstr("leaves out"));
  EXPECT_THAT(refusal(with(R"({"step": "Schritt #"})")), HasSubstr("\"step\" has 0 numbers"));
}

TEST_F(LanguageFiles, LargeOnesAreRefused) {
  const std::string start = with("{}");
  const auto padded = [&](core::Index bytes) {
    return start + std::string(static_cast<std::size_t>(bytes) - start.size(), ' ');
  };
  EXPECT_EQ(refusal(padded(kLanguageLimit_bytes)), "");
  EXPECT_NE(refusal(padded(kLanguageLimit_bytes + 1)), "");
}

TEST_F(LanguageFiles, AMissingOneAndACodeThatIsNoneAreRefused) {
  for (const char* code : {"yy", "", "../xx", "xx/yy", "xx.json", "."})
    EXPECT_NE(io::error_of<io::FileError>([&] { read_language(code, folder.path()); }), "") << code;
}

TEST(Languages, GermanIsThere) {
  const Language german = read_language("de");
  EXPECT_EQ(german.name, "Deutsch");
  EXPECT_FALSE(german.words.empty());
}

TEST(Languages, AreChosenInTheInspector) {
  AppDriver d(labs::all_labs({}));
  EXPECT_EQ(d.app().words().of("Theme"), "Theme");
  d.app().settings().language = "de";
  d.frames(2);
  EXPECT_NE(d.app().words().of("Theme"), "Theme");
  EXPECT_TRUE(d.app().items().find("Theme")) << "what it is called by is the same in every language";
  d.app().settings().language = "en";
  d.frames(2);
  EXPECT_EQ(d.app().words().of("Theme"), "Theme");
}

TEST(Languages, AMissingOneIsSaidAndEnglishSpoken) {
  AppDriver d(labs::all_labs({}));
  d.app().settings().language = "no-such-language";
  d.frames(2);
  EXPECT_THAT(d.app().message(), HasSubstr("no-such-language"));
  EXPECT_EQ(d.app().settings().language, "en");
  EXPECT_EQ(d.app().words().of("Theme"), "Theme");
}

}  // namespace
}  // namespace vitrine::shell
