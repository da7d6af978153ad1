#include "engine/train/run_record.h"

#include "engine/core/instruction_set.h"
#include "engine/io/files.h"
#include "engine/io/json_fields.h"

namespace vitrine::train {

void RunFacts::describe(core::Fields& f) {
  f.field("version", version);
  f.field("instruction_set", instruction_set);
  f.field("dataset_checksum", dataset_checksum);
  f.field("mean", mean);
  f.field("deviation", deviation);
  f.field("parameters", parameters);
  f.field("first_step", first_step);
}

void RunRecord::describe(core::Fields& f) {
  config.describe(f);
  f.group("run", run);
}

RunRecord record_of(const Trainer& trainer) {
  const Dataset& dataset = trainer.dataset();
  return {trainer.config(),
          {VITRINE_VERSION, std::string(core::instruction_set()), dataset.checksum, dataset.mean,
           dataset.deviation, trainer.model().layout().count()}};
}

RunRecord read_record(const std::filesystem::path& file) {
  constexpr Index kLimit_bytes = 1 << 20;
  const std::string text = io::read_file(file, kLimit_bytes);
  RunRecord record;
  try {
    io::from_json(text, record, io::Unknown::kRefuse);
  } catch (const io::FormatError& error) {
    throw io::FileError(file, error.what());
  }
  return record;
}

}  // namespace vitrine::train
