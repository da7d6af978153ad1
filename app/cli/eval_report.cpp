#include "app/cli/eval_report.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "app/cli/table.h"
#include "engine/core/text.h"
#include "engine/core/utf8.h"

namespace vitrine::cli {
namespace {

using train::Index;

// "96.20 %"
std::string percent(double share) {
  if (std::isnan(share)) return "-";
  char text[32];
  const auto end =
      std::to_chars(std::begin(text), std::end(text), 100 * share, std::chars_format::fixed, 2).ptr;
  return std::string(text, end) + " %";
}

std::string class_name(const train::Dataset& dataset, Index number) {
  constexpr std::size_t kLimit_bytes = 24;
  return core::printable(dataset.class_names[static_cast<std::size_t>(number)], kLimit_bytes);
}

std::string classes_table(const EvalReport& report) {
  Table table({"class", "images", "precision", "recall"});
  const auto scores = report.evaluation.scores();
  for (Index i = 0; i < report.dataset.classes; ++i) {
    const auto& [precision, recall, images] = scores[static_cast<std::size_t>(i)];
    table.add({class_name(report.dataset, i), core::grouped(images), percent(precision), percent(recall)});
  }
  return table.text();
}

std::string confusion_table(const EvalReport& report) {
  const Index classes = report.dataset.classes;
  if (classes > kTableClasses)
    return "The confusions of " + std::to_string(classes) + " classes are in the JSON.\n";
  std::vector<std::string> titles{"is \\ taken for"};
  for (Index i = 0; i < classes; ++i) titles.push_back(class_name(report.dataset, i));
  Table table(titles);
  for (Index of = 0; of < classes; ++of) {
    std::vector<std::string> row{class_name(report.dataset, of)};
    for (Index as = 0; as < classes; ++as) {
      const Index images = report.evaluation.confusion(of, as);
      row.push_back(images ? core::grouped(images) : ".");
    }
    table.add(row);
  }
  return table.text();
}

std::string mistakes_table(const EvalReport& report) {
  const auto worst = report.evaluation.worst(report.worst);
  if (worst.empty()) return "";
  Table table({"worst mistake", "is", "taken for", "with", "loss"});
  for (const Index image : worst) {
    const auto& found = report.evaluation.images[static_cast<std::size_t>(image)];
    table.add({"image " + std::to_string(image),
               class_name(report.dataset, report.dataset.validation.labels[image]),
               class_name(report.dataset, found.prediction), percent(found.probability),
               core::shown(found.loss, 4)});
  }
  return "\n" + table.text();
}

}  // namespace

std::string table_of(const EvalReport& report) {
  const auto& [run, same_data, worst, dataset, evaluation] = report;
  std::string text = core::printable(run) + ": " + core::grouped(dataset.validation.count()) +
                     " validation images of " + dataset.name + "\n";
  if (!same_data) text += "These are not the data that the run was trained with.\n";
  const Index mistakes = std::ranges::count(evaluation.images, false, &nn::ImageLoss::correct);
  text += "accuracy " + percent(evaluation.accuracy) + " (" + core::grouped(mistakes) + " mistakes), loss " +
          core::shown(evaluation.loss, 5) + "\n\n";
  return text + classes_table(report) + "\n" + confusion_table(report) + mistakes_table(report);
}

std::string json_of(const EvalReport& report) {
  using json = nlohmann::ordered_json;
  const auto& [run, same_data, worst_count, dataset, evaluation] = report;
  json confusion = json::array(), precision = json::array(), recall = json::array(), worst = json::array();
  for (Index of = 0; of < dataset.classes; ++of) {
    const auto row = evaluation.confusion.values().subspan(static_cast<std::size_t>(of * dataset.classes),
                                                           static_cast<std::size_t>(dataset.classes));
    confusion.push_back(std::vector<Index>(row.begin(), row.end()));
  }
  for (const auto& scores : evaluation.scores()) {
    precision.push_back(scores.precision);
    recall.push_back(scores.recall);
  }
  for (const Index image : evaluation.worst(worst_count)) {
    const auto& found = evaluation.images[static_cast<std::size_t>(image)];
    worst.push_back({{"image", image},
                     {"label", dataset.validation.labels[image]},
                     {"prediction", found.prediction},
                     {"probability", found.probability},
                     {"loss", found.loss}});
  }
  return object_text({{"run", run},
                      {"dataset", dataset.name},
                      {"dataset_checksum", dataset.checksum},
                      {"same_data", same_data},
                      {"images", dataset.validation.count()},
                      {"classes", dataset.class_names},
                      {"accuracy", evaluation.accuracy},
                      {"loss", evaluation.loss},
                      {"precision", precision},
                      {"recall", recall},
                      {"confusion", confusion},
                      {"worst", worst}});
}

}  // namespace vitrine::cli
