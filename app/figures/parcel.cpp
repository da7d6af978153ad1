#include "app/figures/parcel.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "app/figures/painter.h"
#include "app/figures/svg.h"
#include "app/widgets/equation.h"
#include "engine/io/files.h"
#include "engine/io/matrix_text.h"
#include "engine/io/npy.h"

namespace vitrine::figures {
namespace {

std::string names_of(const lessons::Symbols& all) {
  std::string names;
  for (const auto& [name, values] : all) names += (names.empty() ? "" : ", ") + name;
  return names;
}

Film film_of(labs::Lab& lab, const FilmOptions& options, const FigureOptions& figure,
             const Typefaces& typefaces, const widgets::Words& words) {
  Filming filming(lab, options, figure);
  while (!filming.done()) filming.take(lab, typefaces, words);
  filming.leave(lab);
  return std::move(filming).film();
}

std::string model_of(const labs::Lab& lab, const Format& format) {
  std::string bytes = lab.model_file(format.extension);
  if (bytes.empty())
    throw std::invalid_argument("the lab \"" + std::string(lab.info().id) + "\" has no trained model");
  return bytes;
}

std::string formula(const labs::Lab& lab) {
  const widgets::Equation equation = lab.explain();
  std::string words = equation.words.empty() ? std::string(lab.info().title) : equation.words;
  std::ranges::replace(words, '\n', ' ');
  return "% " + words + " (needs amsmath)\n\\begin{gather*}\n" +
         (equation.lines.empty() ? widgets::latex(widgets::word(std::string(lab.info().equation)))
                                 : widgets::latex(equation)) +
         "\n\\end{gather*}\n";
}

// One tensor as it is; several one after the other, each under a line "# name  shape".
std::string csv(const lessons::Symbols& numbers) {
  if (numbers.size() == 1) return io::matrix_text(numbers.begin()->second, io::MatrixFormat::kCsv);
  std::string text;
  for (const auto& [name, values] : numbers) {
    text += (text.empty() ? "# " : "\n# ") + name + "  " + core::to_string(values.shape()) + '\n' +
            io::matrix_text(values, io::MatrixFormat::kCsv);
    if (!text.ends_with('\n')) text += '\n';
  }
  return text;
}

std::string bytes_of(const std::filesystem::path& file, const Parcel& parcel, const Typefaces& typefaces,
                     std::stop_token stop, core::Progress& progress) {
  const std::string_view extension = format_of(file).extension;
  if (const auto* picture = std::get_if<Picture>(&parcel)) {
    if (extension == ".svg") return svg(picture->drawing);
    if (extension == ".pdf") return pdf(picture->drawing, typefaces);
    return png(painted(picture->drawing, typefaces, picture->scale));
  }
  if (const auto* film = std::get_if<Film>(&parcel)) return gif(*film, typefaces, stop, progress);
  if (const auto* numbers = std::get_if<lessons::Symbols>(&parcel))
    return extension == ".npy" ? io::encode_npy(numbers->begin()->second) : csv(*numbers);
  return std::get<std::string>(parcel);
}

}  // namespace

FilmOptions film_options(const Format& format, const PackOptions& options) {
  constexpr double kMostOfGif = 50;  // a second: viewers slow down what is faster
  if (format.extension == ".mp4" && options.figure.transparent)
    throw std::invalid_argument("an MP4 cannot be transparent; a .webm or a .gif can");
  FilmOptions film = options.film;
  if (format.extension == ".gif") film.frames_a_second = std::min(film.frames_a_second, kMostOfGif);
  return film;
}

lessons::Symbols numbers_of(const labs::Lab& lab, const std::string& name) {
  lessons::Symbols all = lab.numbers(labs::kAllNumbers);
  if (all.empty())
    throw std::invalid_argument("the lab \"" + std::string(lab.info().id) + "\" shows no numbers yet");
  if (name.empty()) return all;
  const auto at = all.find(name);
  if (at == all.end())
    throw std::invalid_argument("\"" + name + "\" is none of the lab's numbers: " + names_of(all));
  return {*at};
}

std::string text_of(const labs::Lab& lab, const Format& format) {
  const std::string text = format.extension == ".py" ? lab.code() : formula(lab);
  if (text.empty())
    throw std::invalid_argument("the lab \"" + std::string(lab.info().id) + "\" " +
                                (lab.numbers().empty()
                                     ? "has computed nothing yet"
                                     : "shows nothing that is written as " + std::string(format.words)));
  return text;
}

Parcel pack(labs::Lab& lab, const Format& format, const PackOptions& options, const Typefaces& typefaces,
            const widgets::Words& words) {
  if (const std::string trouble = lab.trouble(); !trouble.empty()) throw std::invalid_argument(trouble);
  switch (format.kind) {
    case Kind::kPicture:
      return Picture{draw_figure(lab, options.figure, typefaces, words), options.scale};
    case Kind::kFilm:
      return film_of(lab, film_options(format, options), options.figure, typefaces, words);
    case Kind::kNumbers: {
      lessons::Symbols numbers = numbers_of(lab, options.numbers);
      if (format.extension == ".npy" && numbers.size() > 1)
        throw std::invalid_argument("a .npy file holds the numbers of one name; which? " + names_of(numbers));
      return numbers;
    }
    case Kind::kModel:
      return model_of(lab, format);
    case Kind::kText:
      return text_of(lab, format);
  }
  return {};
}

bool write(const std::filesystem::path& file, const Parcel& parcel, const Typefaces& typefaces,
           std::stop_token stop, core::Progress& progress) {
  const auto* film = std::get_if<Film>(&parcel);
  if (film != nullptr && format_of(file).extension != ".gif")
    return write_video(file, *film, typefaces, stop, progress);
  const std::string bytes = bytes_of(file, parcel, typefaces, stop, progress);
  if (stop.stop_requested()) return false;
  io::write_file(file, bytes);
  return true;
}

}  // namespace vitrine::figures
