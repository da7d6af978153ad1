#include "app/labs/picture_source.h"

#include <gtest/gtest.h>

#include "engine/io/json_fields.h"

namespace vitrine::labs {
namespace {

PictureSource sheet(core::Index rows, core::Index columns) {
  PictureSource p;
  p.kind = PictureSource::Kind::kDrawing;
  p.drawing_rows = rows;
  p.drawing_columns = columns;
  return p;
}

TEST(PictureSource, ADabIsADiscAndALaterOneLiesOnTop) {
  PictureSource p = sheet(5, 5);
  p.paint(2, 2, 1, 0.5);
  p.paint(2, 3, 0, 1);
  PictureReader reader;
  const core::Tensor<float> expected({1, 5, 5}, {0, 0,    0,    0, 0,  //
                                                 0, 0,    0.5f, 0, 0,  //
                                                 0, 0.5f, 0.5f, 1, 0,  //
                                                 0, 0,    0.5f, 0, 0,  //
                                                 0, 0,    0,    0, 0});
  EXPECT_EQ(reader.read(p), expected);
  p.dabs = {};
  EXPECT_EQ(reader.read(p), core::Tensor<float>(core::Shape{1, 5, 5}));
}

TEST(PictureSource, DabsAtTheEdgeStayInside) {
  PictureSource p = sheet(2, 2);
  p.paint(0, 0, 900, 1);
  p.paint(50, 50, 3, 0);
  PictureReader reader;
  EXPECT_EQ(reader.read(p), core::Tensor<float>(core::Shape({1, 2, 2}), 1.0f));
}

TEST(PictureSource, TheOldestDabMakesRoom) {
  PictureSource p = sheet(1, 2);
  for (core::Index i = 0; i <= PictureSource::kMostDabs; ++i) p.paint(0, i == 0 ? 0 : 1, 0, 1);
  EXPECT_EQ(p.dabs.size(0), PictureSource::kMostDabs);
  PictureReader reader;
  EXPECT_EQ(reader.read(p), core::Tensor<float>({1, 1, 2}, {0, 1}));
}

TEST(PictureSource, AFileOfRubbishIsBroughtIntoRange) {
  PictureSource p;
  io::from_json(R"({"source": "Drawing", "drawing_rows": -3, "drawing_columns": 1000, "item": 99999,
                    "dabs": [["NaN", 1e300, "Infinity", 7]]})",
                p, io::Unknown::kRefuse);
  EXPECT_EQ(p.drawing_rows, 1);
  EXPECT_EQ(p.drawing_columns, PictureSource::kLargestDrawing);
  EXPECT_EQ(p.item, 9'999);
  EXPECT_EQ(p.dabs, core::Tensor<double>({1, 4}, {0, 1e6, 0, 1}));
  PictureSource other;
  io::from_json(R"({"dabs": [[1, 2, 3]]})", other, io::Unknown::kRefuse);
  EXPECT_TRUE(other.dabs.empty()) << "a dab has four numbers";
}

TEST(PictureSource, PlanesOfAColourPicture) {
  const core::Tensor<float> pixels({3, 1, 1}, {1, 0.5f, 0});
  EXPECT_NEAR(plane_of(pixels, Plane::kGrey)[0], 0.299 + 0.587 * 0.5, 1e-6);
  EXPECT_EQ(plane_of(pixels, Plane::kGreen)[0], 0.5f);
  const core::Tensor<float> grey({1, 1, 1}, {0.25f});
  EXPECT_EQ(plane_of(grey, Plane::kBlue)[0], 0.25f);
}

}  // namespace
}  // namespace vitrine::labs
