// OpenedLook: a model that someone else has trained and saved, and what it makes of a picture of the user's.
// It is read, and computes, on threads of its own. It has no training: no steps, no data set.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "app/labs/picture_source.h"
#include "app/labs/workbench/looked.h"

namespace vitrine::labs {

class OpenedLook {
 public:
  // What is asked for: a file of weights, and how it is to be read.
  enum class Normalising { kRecorded, kHalf, kImagenet };  // kRecorded is kHalf where nothing is
  static constexpr std::string_view kNormalisations[] = {"recorded", "0.5", "ImageNet"};
  struct Files {
    std::filesystem::path weights{};
    std::filesystem::path labels{};  // empty: those beside the weights
    core::Index heads = 0;           // 0: as recorded, or taken
    Normalising normalisation = Normalising::kRecorded;
    bool operator==(const Files&) const = default;
    void describe(core::Fields& fields);
  };

  // `wake` is called from other threads when there is news; it may be empty.
  explicit OpenedLook(const std::function<void()>& wake);

  // A file of weights, by its ending .safetensors; false: another file.
  bool open(const std::filesystem::path& path);
  // Where a model is looked at, by its ending: a picture that it is to look at, a text of its classes' names.
  bool open_part(const std::filesystem::path& path);
  // The files, how they are read, and the picture. Reading them is begun where they are others than before.
  void describe(core::Fields& fields);
  // Another way to read it. What is looked at stays until that is done; when it fails, it stays for good.
  void read(Files files);
  const Files& files() const { return files_; }
  void close();  // the labs look at the run again
  // Takes what arrived, and waits at most `patience` for a look.
  void poll(std::chrono::microseconds patience);

  bool reading() const { return reading_; }
  bool busy() const;
  // Null: none is open.
  const std::shared_ptr<const train::OpenedModel>& model() const { return model_.opened; }
  // Null: none is open, or it has not looked yet.
  const std::shared_ptr<const Looked>& looked() const { return looked_; }
  // Why the last picture cannot be looked at; mostly empty.
  const std::string& error() const { return error_; }
  // Why a file could not be opened, once; mostly empty.
  std::string take_words() { return std::exchange(words_, ""); }

 private:
  // Of one model; the data set has its classes and the sizes of its pictures, and one grey picture.
  struct Model {
    std::int64_t id = 0;  // below 0: no run's
    std::shared_ptr<const train::OpenedModel> opened;
    std::shared_ptr<const train::Dataset> dataset;
  };
  struct ReadQuestion {
    Files files;
    std::int64_t number;  // the same file may have changed
    bool operator==(const ReadQuestion&) const = default;
  };
  struct PictureQuestion {
    Model model;
    PictureSource picture;
    std::int64_t number;
    bool operator==(const PictureQuestion& o) const {
      return model.opened == o.model.opened && picture == o.picture && number == o.number;
    }
  };

  static Model read_model(const ReadQuestion& question);
  Looked look_at(const PictureQuestion& question);

  Files files_, kept_;  // what is asked for; what was read
  PictureSource picture_;
  Model model_;
  std::int64_t reads_ = 0, pictures_ = 0;  // asked for so far
  bool reading_ = false;
  std::shared_ptr<const Looked> looked_;
  std::string error_, words_;
  PictureReader reader_;  // the look's alone
  core::Job<ReadQuestion, Model> read_job_;
  core::Job<PictureQuestion, Looked> look_job_;
};

}  // namespace vitrine::labs
