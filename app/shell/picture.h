// Pictures of the program without a window: the same frame, drawn off screen.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/shell/surface.h"

namespace vitrine::shell {

struct PictureOptions {
  std::string lab;
  std::string preset;  // a built-in preset's name, or a file with the lab's state; empty: as the lab opens
  std::filesystem::path opened = {};  // a file or folder, as if it were dropped on the lab; empty: none
  std::optional<double> at;  // the playhead's t; otherwise where the lab, its preset or the file opens
  PixelSize size{1280, 800};
  float scale = 1;
  bool light = false;
  bool presenter = false;
  // What stands open beside the lab: a card or a lesson at one of its steps, by id, and perhaps an answer
  // that is given to it. The lab is then theirs.
  std::string card = {}, lesson = {}, answer = {};
  int step = 1;
};

struct Picture {
  PixelSize size;
  std::vector<gpu::Rgba8> pixels;  // the top row first
};

// Draws the whole window with everything computed. Throws SurfaceError without OpenGL, std::invalid_argument
// for an unknown lab, preset, card or step, io::FileError or io::FormatError for a preset's file.
Picture take_picture(const PictureOptions& options);

}  // namespace vitrine::shell
