#include "engine/io/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace vitrine::io {
namespace {

using testing::HasSubstr;

class Assets : public testing::Test {
 protected:
  ~Assets() override { unsetenv("VITRINE_ASSETS"); }
  static void name_folder(const char* folder) { setenv("VITRINE_ASSETS", folder, 1); }
};

TEST_F(Assets, TheNamedFolderComesFirst) {
  name_folder("/usr/share");
  EXPECT_EQ(asset("fonts"), "/usr/share/fonts");
  EXPECT_TRUE(std::filesystem::exists(asset("shaders/heatmap.frag")));  // found after it
}

TEST_F(Assets, WhatIsMissingIsNamedWithThePlacesSearched) {
  name_folder("/nonexistent");
  try {
    asset("shaders/none.frag");
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("shaders/none.frag"));
    EXPECT_THAT(error.what(), HasSubstr("/nonexistent, "));
    EXPECT_THAT(error.what(), HasSubstr("share/vitrine"));
  }
}

}  // namespace
}  // namespace vitrine::io
