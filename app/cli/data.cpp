#include "app/cli/data.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "app/cli/contact_sheet.h"
#include "app/cli/data_fetch.h"
#include "app/cli/subcommand.h"
#include "engine/core/text.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "engine/train/digits.h"
#include "engine/train/idx_folder.h"
#include "engine/train/shapes.h"
#include "engine/train/trainer.h"

namespace vitrine::cli {
namespace {

namespace fs = std::filesystem;
using core::Index;
using train::DatasetKind;

constexpr const char* kUsage = R"(The data sets that models are trained on.

  vitrine data list                             every kind: where it is, how many images, of what size
  vitrine data fetch mnist                      gets MNIST, or fashion-mnist, from the web
  vitrine data show digits --out digits.png     a contact sheet: a row of pictures a class

  fetch: --to FOLDER      where to put it; otherwise where vitrine looks first
         --mirror URL     asks the server that has the files under this address and no other; may be repeated
  show:  --path FOLDER    where the data set is; needed by idx and folder
         --count N        pictures a row, 12 if not given
         --seed N         which pictures; digits and shapes are drawn from it
         --out FILE.png

fetch goes on where it was cut, and keeps no file that is not the right one to the last bit.
Exit codes: 0 done; 2 what was given is wrong or no server gives it; 130 interrupted.
)";

std::string counts(Index train, Index validation) {
  return core::grouped(train) + " + " + core::grouped(validation) + " images";
}

std::string sizes(Index channels, Index height, Index width, Index classes) {
  return " of " + std::to_string(channels) + " x " + std::to_string(height) + " x " + std::to_string(width) +
         ", " + std::to_string(classes) + " classes";
}

std::string drawn_words(Index channels, Index side, Index classes) {
  return "drawn from the seed: " + counts(train::kDrawnToTrain, train::kDrawnToValidate) +
         sizes(channels, side, side, classes);
}

// Where mnist or fashion-mnist is and what its headers promise.
std::string found_words(DatasetKind kind) {
  const auto places = train::usual_places(kind);
  const auto folder = train::first_with_idx_files(places);
  if (!folder) {
    std::string words = "not found; vitrine data fetch " +
                        std::string(train::kDatasetKinds[static_cast<std::size_t>(kind)]) +
                        " gets it; looked in ";
    for (const auto& place : places)
      words += (&place == &places.front() ? "" : ", ") + core::printable(place.string());
    return words;
  }
  try {
    const auto [train, validation] = train::idx_sizes(*folder);
    return core::printable(folder->string()) + ": " + counts(train[0], validation[0]) +
           sizes(1, train[1], train[2], train::kMnistClasses);
  } catch (const io::FileError& error) {
    return std::string("damaged: ") + error.what();
  }
}

std::string words_of(DatasetKind kind) {
  switch (kind) {
    case DatasetKind::kDigits:
      return drawn_words(1, train::kDigitSide, train::kDigitClasses);
    case DatasetKind::kShapes:
      return drawn_words(3, train::kShapeSide, std::ssize(train::kShapeNames));
    case DatasetKind::kFashionMnist:
    case DatasetKind::kMnist:
      return found_words(kind);
    case DatasetKind::kIdx:
      return "any four IDX files, images and labels to train on and to validate with: dataset.path says "
             "where";
    case DatasetKind::kFolder:
      return "any folder of PNG or JPEG pictures, a sub-folder a class: dataset.path says where";
  }
  throw std::invalid_argument("no such kind of data set");
}

int list(std::ostream& out) {
  for (std::size_t kind = 0; kind < train::kDatasetKinds.size(); ++kind) {
    std::string name(train::kDatasetKinds[kind]);
    name.resize(15, ' ');
    out << name << words_of(static_cast<DatasetKind>(kind)) << '\n';
  }
  return 0;
}

struct Arguments {
  std::string kind;
  std::string to;                    // fetch
  std::vector<std::string> mirrors;  // fetch
  std::string path, out;             // show
  Index count = 12;                  // show
  std::int64_t seed = 0;             // show
};

Arguments parse(std::span<const std::string> args) {
  Arguments a;
  CLI::App app("", "vitrine data");
  app.set_help_flag();
  app.add_subcommand("list");
  CLI::App* fetch = app.add_subcommand("fetch");
  fetch->add_option("kind", a.kind)->required();
  fetch->add_option("--to", a.to);
  fetch->add_option("--mirror", a.mirrors)->allow_extra_args(false);
  CLI::App* show = app.add_subcommand("show");
  show->add_option("kind", a.kind)->required();
  show->add_option("--path", a.path);
  show->add_option("--out", a.out)->required();
  show->add_option("--count", a.count);
  show->add_option("--seed", a.seed);
  app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  return a;
}

int fetch_command(const Arguments& a, std::ostream& out, std::ostream& err) {
  RemoteSet set = remote_set(a.kind);
  if (!a.mirrors.empty()) set.mirrors = a.mirrors;
  const auto own = train::own_places(set.kind);
  if (a.to.empty() && own.empty())
    throw std::invalid_argument("there is no home folder; --to FOLDER says where to put it");
  return fetch(set, a.to.empty() ? own.front() : fs::path(a.to), out, err);
}

DatasetKind kind_named(const std::string& name) {
  const auto at = std::find(train::kDatasetKinds.begin(), train::kDatasetKinds.end(), name);
  if (at == train::kDatasetKinds.end())
    throw std::invalid_argument("no kind \"" + name + "\"; vitrine data list names them");
  return static_cast<DatasetKind>(at - train::kDatasetKinds.begin());
}

int show_command(const Arguments& a, std::ostream& out) {
  const DatasetKind kind = kind_named(a.kind);
  if (a.path.empty() && train::needs_path(kind))
    throw std::invalid_argument("show " + a.kind + " needs --path FOLDER");
  core::Workers workers(train::threads_for({}, 0));
  const auto dataset = train::load_dataset({kind, a.path, 0, 0}, a.seed, workers);
  const Sheet sheet = contact_sheet(*dataset, a.count, static_cast<std::uint64_t>(a.seed));
  io::write_png(a.out, sheet.height, sheet.width, 3, sheet.rgb);
  out << core::printable(a.out) << ": " << a.kind << ", "
      << counts(dataset->train.count(), dataset->validation.count())
      << sizes(dataset->channels(), dataset->height(), dataset->width(), dataset->classes) << "; "
      << dataset->split << '\n';
  return 0;
}

}  // namespace

int data_command(std::span<const std::string> args, std::ostream& out, std::ostream& err) {
  const std::string verb = args.empty() ? "" : args.front();
  const auto asks = [](const std::string& arg) { return arg == "--help" || arg == "-h"; };
  if (std::any_of(args.begin(), args.end(), asks)) {
    out << kUsage;
    return 0;
  }
  return subcommand("data", err, [&] {
    if (verb != "list" && verb != "fetch" && verb != "show")
      throw std::invalid_argument("needs list, fetch or show (vitrine data --help)");
    const Arguments a = parse(args);
    if (verb == "list") return list(out);
    if (verb == "fetch") return fetch_command(a, out, err);
    return show_command(a, out);
  });
}

}  // namespace vitrine::cli
