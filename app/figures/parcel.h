// Parcel: what is taken out of a lab, as values: packed where the lab is, written as a file on any thread.
#pragma once

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <variant>

#include "app/figures/figure.h"
#include "app/figures/filming.h"
#include "app/figures/formats.h"
#include "engine/core/progress.h"

namespace vitrine::figures {

struct PackOptions {
  FigureOptions figure;
  FilmOptions film;
  double scale = 1;     // pixels a unit of a PNG
  std::string numbers;  // which of the lab's; empty: all
};

struct Picture {
  Drawing drawing;
  double scale;
};
using Parcel = std::variant<Picture, Film, lessons::Symbols, std::string>;

// The lab as it stands, settled. Of a film the playhead goes from its start to its end and back to where it
// was; the lab settles at every frame. Throws std::invalid_argument: numbers of that name are not there,
// several where the format holds one, nothing to take out, and what Filming throws.
Parcel pack(labs::Lab& lab, const Format& format, const PackOptions& options, const Typefaces& typefaces,
            const widgets::Words& words);

// Replaces the file as a whole, or leaves it as it was when stopped: false. Throws io::FileError and what
// painted() throws.
bool write(const std::filesystem::path& file, const Parcel& parcel, const Typefaces& typefaces,
           std::stop_token stop, core::Progress& progress);

// As pack() films in this format. Throws std::invalid_argument where that cannot be.
FilmOptions film_options(const Format& format, const PackOptions& options);

// As pack() takes them: the tensors under this name, or all of them; the formula of what is lit as LaTeX
// (amsmath), or the lab's code. Throw std::invalid_argument where there is nothing.
lessons::Symbols numbers_of(const labs::Lab& lab, const std::string& name);
std::string text_of(const labs::Lab& lab, const Format& format);

}  // namespace vitrine::figures
