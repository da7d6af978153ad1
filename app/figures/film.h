// Film: drawings one after the other, and as a file: GIF by giflib; MP4 (H.264) and WebM (VP9) by the program
// ffmpeg where it is installed.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "app/figures/drawing.h"
#include "app/figures/typefaces.h"
#include "engine/core/progress.h"

namespace vitrine::figures {

struct Film {
  std::vector<Drawing> frames;  // at least one, all of one size
  double frames_a_second = 20;
  double scale = 1;  // pixels a unit
};

// A GIF's bytes, one palette for all frames, playing for ever. Of a stopped one nothing can be used. Throws
// std::invalid_argument as painted() does, and where a side has more than 65,535 pixels.
std::string gif(const Film& film, const Typefaces& typefaces, std::stop_token stop, core::Progress& progress);

// Replaces the file as a whole, or leaves it as it was when stopped: false; .mp4 or .webm by its extension.
// Throws io::FileError: no ffmpeg, or what it says went wrong; std::invalid_argument as painted() does.
bool write_video(const std::filesystem::path& file, const Film& film, const Typefaces& typefaces,
                 std::stop_token stop, core::Progress& progress);

}  // namespace vitrine::figures
